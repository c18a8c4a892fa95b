"""`secrets` and `configs` of a service: which file it gets, where, and whose it is."""

from __future__ import annotations

import textwrap

import pytest

from hubtui.errors import StackError
from hubtui.stacks.spec.model import FileGrant

from .conftest import Folder

DECLARED = "\nsecrets: {key: {file: ./key}}\nconfigs: {conf: {content: x}}\n"


def web(body: str) -> str:
    """A file whose only service has this body, which begins in line 4, and what it can refer to."""
    return "services:\n  web:\n    image: x\n" + textwrap.indent(body, "    ") + DECLARED


@pytest.mark.parametrize(
    ("written", "grant"),
    [
        ("key", FileGrant("key", "/run/secrets/key")),
        ("{source: key}", FileGrant("key", "/run/secrets/key")),
        ("{source: key, target: tls/key.pem}", FileGrant("key", "/run/secrets/tls/key.pem")),
        ("{source: key, target: /etc/tls/key.pem}", FileGrant("key", "/etc/tls/key.pem")),
        (
            "{source: key, uid: '103', gid: '104', mode: 0440}",
            FileGrant("key", "/run/secrets/key", "103", "104", 0o440),
        ),
        ("{source: key, mode: '0440'}", FileGrant("key", "/run/secrets/key", mode=0o440)),
        ("{source: key, mode: 0o400}", FileGrant("key", "/run/secrets/key", mode=0o400)),
        ("{source: key, mode: 256}", FileGrant("key", "/run/secrets/key", mode=0o400)),
    ],
)
def test_a_secret_is_below_run_secrets_unless_it_says_where(folder: Folder, written: str, grant: FileGrant) -> None:
    service = folder.load(web(f"secrets:\n  - {written}")).services["web"]
    assert (service.secrets, service.configs) == ((grant,), ())


@pytest.mark.parametrize(
    ("written", "grant"),
    [
        ("conf", FileGrant("conf", "/conf")),
        ("{source: conf, target: etc/app.conf}", FileGrant("conf", "/etc/app.conf")),
        (
            "{source: conf, target: /etc/app.conf, uid: '5', mode: 0444}",
            FileGrant("conf", "/etc/app.conf", "5", mode=0o444),
        ),
    ],
)
def test_a_config_is_below_the_root_unless_it_says_where(folder: Folder, written: str, grant: FileGrant) -> None:
    service = folder.load(web(f"configs:\n  - {written}")).services["web"]
    assert (service.configs, service.secrets) == ((grant,), ())


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("secrets: key", "4: secrets must be a list, not a string"),
        ("secrets: {key: 1}", "4: secrets must be a list, not a mapping"),
        ("secrets:\n  - key\n  - [key]", "6: secrets[1] must be a string, not a list"),
        ("secrets:\n  - target: x", "5: secrets[0] has no source"),
        ("secrets:\n  - {source: key, target: ../../..}", "5: secrets[0] must mount at an absolute path"),
        ("secrets:\n  - {source: key, target: [x]}", "5: secrets[0].target must be a string, not a list"),
        ("secrets:\n  - {source: key, uid: {a: 1}}", "5: secrets[0].uid must be a string, not a mapping"),
        ("secrets:\n  - {source: key, mode: rw}", "5: secrets[0].mode must be permissions such as 0440"),
        ("secrets:\n  - {source: key, mode: '0888'}", "5: secrets[0].mode must be permissions such as 04"),
        ("secrets:\n  - {source: key, mode: 99999}", "5: secrets[0].mode must be permissions such as 0440"),
        ("secrets:\n  - {source: key, mode: true}", "5: secrets[0].mode must be permissions such as 0440"),
    ],
)
def test_errors_say_where_and_what(folder: Folder, body: str, message: str) -> None:
    assert folder.error(web(body)).replace("services.web.", "").startswith(f"compose.yaml:{message}")


@pytest.mark.parametrize(
    ("body", "what", "key"),
    [
        ("secrets: [conf]", "secret 'conf'", "secrets"),
        ("configs: [{source: key}]", "config 'key'", "configs"),
        ("build: {context: ., secrets: [conf]}", "build secret 'conf'", "secrets"),
    ],
)
def test_one_that_is_not_declared_is_told_where_to_be(folder: Folder, body: str, what: str, key: str) -> None:
    with pytest.raises(StackError, match=rf"compose\.yaml:4:\d+: .* refers to undefined {what}") as caught:
        folder.load(web(body))
    assert caught.value.hint == f"Declare it at the top level, below `{key}:`."
