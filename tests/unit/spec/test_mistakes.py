"""What is wrong is said with its place and the key's path, all of it at once."""

from __future__ import annotations

import pytest

from hubtui.errors import StackError
from hubtui.stacks.spec.interpolate import MissingVariables
from hubtui.stacks.spec.load import load_stack
from hubtui.stacks.spec.mistakes import LIMIT, Mistakes
from hubtui.stacks.spec.resolve.config import resolve

from .conftest import Folder

DID_YOU = "Did you mean published?"
WRONG = """\
services:
  web:
    imag: x
    ports: ["80:x", {target: 80, publishd: 1}]
    cap_add: ALL
  db:
    image: 3
    depends_on: [nobody]
volums: {}
"""


def test_all_of_them_with_line_column_and_path(folder: Folder) -> None:
    folder.write(WRONG)
    with pytest.raises(Mistakes) as caught:
        resolve(folder.path, environ={})
    said = [(m.line, m.column, str(m).split(": ", 1)[1], m.hint) for m in caught.value.mistakes]
    assert said == [
        (3, 5, "services.web.imag is no key that Compose knows (image is)", "Did you mean image?"),
        (4, 13, "services.web.ports[0] must be a port such as 8080:80 or 127.0.0.1:8080:80/udp, not '80:x'", ""),
        (
            4,
            34,
            "services.web.ports[1].publishd is no key that Compose knows (published is)",
            "Did you mean published?",
        ),
        (5, 5, "services.web.cap_add must be a list, not a string", ""),
        (7, 5, "services.db.image must be a string, not the number 3", "Put it in quotes."),
        (
            8,
            18,
            "service 'db' depends on 'nobody', which is not a service of this file",
            "The other services: web",
        ),
        (9, 1, "volums is no key that Compose knows (volumes is)", "Did you mean volumes?"),
    ]


def test_what_is_named_and_is_nowhere_is_said_with_the_rest(folder: Folder) -> None:
    folder.write(
        "services:\n  web:\n    imag: x\n    networks: [front, default]\n    volumes: ['data:/d', './x:/y']\n"
        "    secrets: [token]\nvolums: {data: {}}\n"
    )
    with pytest.raises(Mistakes) as caught:
        resolve(folder.path, environ={})
    said = [str(m).split(": ", 1)[1] for m in caught.value.mistakes]
    assert "services.web refers to undefined network 'front'" in said
    assert "services.web refers to undefined secret 'token'" in said
    assert not [one for one in said if "'data'" in one], "it is only declared below a word that is misspelt"
    assert len(said) == 4


def test_a_job_gets_one_sentence(folder: Folder) -> None:
    folder.write(WRONG)
    with pytest.raises(StackError) as caught:
        load_stack(folder.path, environ={})
    message = caught.value.message
    assert message.startswith(f"7 mistakes in compose.yaml, the first: {folder.file}:3:5: services.web.imag is no key")
    assert (caught.value.file, caught.value.line, caught.value.column) == (str(folder.file), 3, 5)


def test_one_is_said_as_it_is(folder: Folder) -> None:
    folder.write("services:\n  web: {image: x, tty: maybe}\n")
    with pytest.raises(StackError, match=r"compose\.yaml:2:19: services\.web\.tty must be") as caught:
        load_stack(folder.path, environ={})
    assert not isinstance(caught.value, Mistakes)


def test_what_does_not_fit_together_comes_together(folder: Folder) -> None:
    folder.write(
        "services:\n"
        "  a: {image: x, networks: [n], secrets: [s], depends_on: [c]}\n"
        "  b: {image: x, network_mode: host, networks: [m]}\n"
        "networks: {m: }\n"
    )
    with pytest.raises(Mistakes) as caught:
        resolve(folder.path, environ={})
    assert [str(m).split(": ", 1)[1] for m in caught.value.mistakes] == [
        "services.a refers to undefined network 'n'",
        "services.a refers to undefined secret 's'",
        "service 'a' depends on 'c', which is not a service of this file",
        "services.b has network_mode and networks, of which only one can count",
    ]


def test_they_are_bounded(folder: Folder) -> None:
    folder.write("services:\n" + "".join(f"  s{n}: {{image: x, wrong{n}: 1}}\n" for n in range(LIMIT + 10)))
    with pytest.raises(Mistakes, match=f"more than {LIMIT} mistakes in compose.yaml") as caught:
        resolve(folder.path, environ={})
    assert len(caught.value.mistakes) == LIMIT


def test_keys_written_twice_are_all_named(folder: Folder) -> None:
    folder.write("services:\n  web:\n    image: x\n    image: y\n    tty: true\n    tty: false\n")
    with pytest.raises(Mistakes) as caught:
        resolve(folder.path, environ={})
    assert [m.line for m in caught.value.mistakes] == [4, 6]


def test_a_merged_file_is_blamed_itself(folder: Folder) -> None:
    folder.write("services: {web: {image: x}}\n")
    folder.write("services:\n  web:\n    tty: maybe\n", "compose.override.yaml")
    with pytest.raises(StackError, match=r"compose\.override\.yaml:3:5: services\.web\.tty"):
        load_stack(folder.path, environ={})


def test_variables_that_are_not_set_are_named_beside_the_mistakes(folder: Folder) -> None:
    """But not what only such a variable left empty."""
    web, db = "imag: x\n    image: y\n    mem_limit: ${M:?}", "image: z\n    cpus: ${M:?}"
    folder.write(f"services:\n  web:\n    {web}\n  db:\n    {db}\n")
    for read in (resolve, load_stack):
        with pytest.raises(Mistakes) as caught:
            read(folder.path, environ={})
        assert [(m.line, m.message.split("(")[0]) for m in caught.value.mistakes] == [
            (3, f"{folder.file}:3:5: services.web.imag is no key that Compose knows "),
            (5, "a required variable is not set: M "),
        ]
    folder.write("services:\n  web:\n    image: y\n    mem_limit: ${M:?}\n")
    with pytest.raises(MissingVariables):
        load_stack(folder.path, environ={})
