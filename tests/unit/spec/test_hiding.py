"""What is wrong with a file is said without the secrets that variables filled in."""

from __future__ import annotations

import pytest

from hubtui.errors import StackError
from hubtui.stacks.spec.load import load_stack
from hubtui.stacks.spec.mistakes import Mistakes
from hubtui.stacks.spec.resolve.config import resolve

from .conftest import Folder

SECRET = "sup3r'secret-value"
GIVEN = {"API_TOKEN": SECRET}


@pytest.mark.parametrize(
    "body",
    [
        "ports: ['${API_TOKEN}:80']",
        "env_file: ${API_TOKEN}.env",
        "stop_signal: ${API_TOKEN}",
        "mem_limit: ${API_TOKEN}",
        "restart: ${API_TOKEN}",
        "depends_on: ['${API_TOKEN}']",
        "volumes: ['data:${API_TOKEN}']",
        "healthcheck: {test: [CMD, 'true'], interval: 'some 17 characters${API_TOKEN}'}",  # is cut in the middle of it
    ],
)
def test_no_mistake_quotes_a_secret(folder: Folder, body: str) -> None:
    said = folder.service_error(body, GIVEN)
    assert "••••••" in said
    assert "sup3r" not in said


def test_nor_does_any_of_several(folder: Folder) -> None:
    folder.write("services: {web: {image: x, mem_limit: '${API_TOKEN}', cap_add: x, ports: ['${API_TOKEN}']}}")
    for read in (load_stack, resolve):
        with pytest.raises(Mistakes) as caught:
            read(folder.path, environ=GIVEN)
        for one in (caught.value, *caught.value.mistakes):
            assert "sup3r" not in f"{one} {one.message}"


def test_nor_the_name_that_is_made_of_one(folder: Folder) -> None:
    folder.write("name: '${API_TOKEN}'\nservices: {web: {image: x}}")
    with pytest.raises(StackError) as caught:
        load_stack(folder.path, environ={"API_TOKEN": "!!!!!!!!!!"})
    assert "name is '••••••', of which" in str(caught.value)


def test_what_is_no_secret_is_quoted(folder: Folder) -> None:
    assert "not 'sup3rb'" in folder.service_error("mem_limit: ${SIZE}", {"SIZE": "sup3rb", **GIVEN})
