"""Variables in values."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hubtui.errors import StackError
from hubtui.stacks.spec.document import Document
from hubtui.stacks.spec.interpolate import Findings, MissingVariables, TemplateError, interpolate, substitute
from hubtui.stacks.spec.marks import Mark, Table

from .conftest import Folder

ENV = {"A": "a", "B": "b", "EMPTY": "", "D": "$A"}


@pytest.mark.parametrize(
    ("template", "result"),
    [
        ("plain", "plain"),
        ("$A", "a"),
        ("${A}", "a"),
        ("x$A-y", "xa-y"),
        ("$A$B", "ab"),
        ("$$A", "$A"),
        ("$$$A", "$a"),
        ("$${A}", "${A}"),
        ("$NONE", ""),
        ("${NONE}", ""),
        ("${NONE:-x}", "x"),
        ("${NONE-x}", "x"),
        ("${EMPTY:-x}", "x"),
        ("${EMPTY-x}", ""),
        ("${A:-x}", "a"),
        ("${A-x}", "a"),
        ("${A:+x}", "x"),
        ("${EMPTY:+x}", ""),
        ("${EMPTY+x}", "x"),
        ("${NONE+x}", ""),
        ("${A:?no}", "a"),
        ("${EMPTY?no}", ""),
        ("${NONE:-${EMPTY:-$B}}", "b"),
        ("${NONE:-a b/c:d?e-f+g}", "a b/c:d?e-f+g"),
        ("${NONE:-}", ""),
        ("${NONE:-$$x}", "$x"),
        ("${NONE:-{}}", "{}"),
        ("${A:-${NONE:?unused}}", "a"),
        ("${NONE:+${NONE:?unused}}", ""),
        ("http://${A}:${B:-1}/$D", "http://a:b/$A"),
        ("}{", "}{"),
        ("$", "$"),
        ("cost 5$, $1", "cost 5$, $1"),
    ],
)
def test_forms(template: str, result: str) -> None:
    findings = Findings()
    assert substitute(template, ENV.get, findings) == result
    assert not findings.missing


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("${1}", "'${1' is not a variable"),
        ("${}", "'${}' is not a variable"),
        ("${A", "'${A' does not end as a variable should, with }"),
        ("${A:-x", "'${A' does not end as a variable should, with }"),
        ("${A/x/y}", "'${A' does not end as a variable should, with }"),
        ("${A:-" * 40 + "}" * 40, "variables are nested deeper than 32 levels"),
    ],
)
def test_what_is_no_variable(template: str, message: str) -> None:
    with pytest.raises(TemplateError) as caught:
        substitute(template, ENV.get)
    assert str(caught.value) == message


def test_only_values_never_keys() -> None:
    document = Document(Path("/f"), {"$A": ["$A", 1, None, {"${B}": "${B}"}]})
    interpolate(document, ENV, Findings())
    assert document.tree == {"$A": ["a", 1, None, {"${B}": "b"}]}


def test_all_missing_variables_are_named_at_once(folder: Folder) -> None:
    folder.write("WEB=${FROM_ENV?not here}\n", ".env")
    with pytest.raises(MissingVariables) as caught:
        folder.load(
            """\
            services:
              web:
                image: x:${TAG:?set a tag}
                environment:
                  P: ${PASSWORD?}
                  Q: ${PASSWORD:?again}
            """,
            {"TAG": ""},
        )
    text = str(caught.value).replace(f"{folder.path}/", "")
    assert text == (
        "required variables are not set: FROM_ENV (.env:1: not here), TAG (compose.yaml:3: set a tag), "
        "PASSWORD (compose.yaml:5)"
    )
    assert [m.name for m in caught.value.missing] == ["FROM_ENV", "TAG", "PASSWORD"]
    assert str(folder.path / ".env") in caught.value.hint


def test_one_missing_variable_in_an_env_file(folder: Folder) -> None:
    folder.write("A=1\nB=${NONE:?say it}\n", "web.env")
    message = folder.service_error("env_file: web.env")
    assert message == "a required variable is not set: NONE (web.env:2: say it)"


def test_a_stray_dollar_has_its_line_and_a_way_out(folder: Folder) -> None:
    with pytest.raises(StackError) as caught:
        folder.service("environment:\n  A: b\n  P: secret${1}word\n")
    assert str(caught.value) == f"{folder.file}:6:7: services.web.environment.P: '${{1' is not a variable"
    assert "$$" in caught.value.hint


def test_an_unset_variable_is_empty_and_said(folder: Folder) -> None:
    stack = folder.load("services:\n  web:\n    image: x$TAG\n")
    assert stack.services["web"].image == "x"
    assert stack.warnings == (f"{folder.file}:3: the variable TAG is not set and counts as empty",)


def test_bombs_of_variables_end(folder: Folder) -> None:
    lines = ["A0=" + "x" * 1000] + [f"A{i}=" + f"$A{i - 1}" * 10 for i in range(1, 12)]
    folder.write("\n".join(lines), ".env")
    assert folder.error("services: {a: {image: $A11}}") == (
        ".env:5: the variables of this stack unfold to far too much text"
    )


@settings(max_examples=500, deadline=None)
@given(st.text(alphabet="$${}AB:-?+ x", max_size=40), st.dictionaries(st.sampled_from("AB"), st.text(max_size=4)))
def test_anything_is_replaced_or_refused(template: str, variables: dict[str, str]) -> None:
    tree = Table(None)
    tree.put("a", template, Mark("/f", 7, 3))
    document = Document(Path("/f"), tree)
    try:
        interpolate(document, variables, Findings())
        assert isinstance(document.tree["a"], str)
    except StackError as caught:
        assert str(caught).startswith("/f:7:3: ")


@given(st.text(max_size=50))
def test_doubling_dollars_keeps_any_text(text: str) -> None:
    assert substitute(text.replace("$", "$$"), lambda _: None) == text
