"""Only literals may reach a place where Textual reads markup: a name like `[/bin/sh]` would end the app.

Content goes in, made by `widgets/plain.py`; `notify` is called with markup=False; widgets that take a str are not used.
"""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import hubtui

ROOT = Path(hubtui.__file__).parent
FILES = sorted([ROOT / "app.py", *ROOT.glob("screens/**/*.py"), *ROOT.glob("widgets/**/*.py")])
READS_MARKUP = {
    "Static",
    "Label",
    "Button",
    "OptionList",
    "Collapsible",
    "Select",
    "Tabs",
    "TabbedContent",
    "DataTable",
}
READS_MARKUP |= {"Tree", "RichLog", "Markdown", "Tooltip"}
TITLES = {"border_title", "border_subtitle", "tooltip"}


def called(node: ast.Call) -> str:
    function = node.func
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def says_false(node: ast.Call, name: str) -> bool:
    return any(k.arg == name and isinstance(k.value, ast.Constant) and k.value.value is False for k in node.keywords)


def faults(tree: ast.AST) -> list[str]:
    """What breaks the rule, with its line."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = called(node)
            if name in READS_MARKUP:
                found.append(f"{node.lineno}: {name} reads markup; use Plain")
            elif name == "notify" and not says_false(node, "markup"):
                found.append(f"{node.lineno}: notify without markup=False")
            elif name in ("from_markup", "from_rich_text", "escape", "from_ansi"):
                found.append(f"{node.lineno}: {name}")
            elif name == "Plain" and node.args and not _is_content(node.args[0]):
                found.append(f"{node.lineno}: Plain takes Content")
            elif name == "Content" and node.args and not isinstance(node.args[0], ast.Constant):
                found.append(f"{node.lineno}: Content of foreign text: use plain()")
        if isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Attribute) and target.attr in TITLES and not _is_content(node.value):
                    found.append(f"{node.lineno}: {target.attr} takes Content")
    return found


def _is_content(node: ast.expr) -> bool:
    return not isinstance(node, (ast.Constant, ast.JoinedStr, ast.BinOp))


@pytest.mark.parametrize("file", FILES, ids=lambda f: f"{f.parent.name}/{f.name}")
def test_no_markup(file: Path) -> None:
    assert faults(ast.parse(file.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize(
    "code",
    [
        "Static(name)",
        "Label(f'{name}')",
        "self.notify(name)",
        "self.notify(name, markup=True)",
        "Content.from_markup(name)",
        "Plain(f'{name}')",
        "self.border_title = f'{name}'",
        "Content(name)",
    ],
)
def test_the_rule_finds_what_it_is_for(code: str) -> None:
    assert faults(ast.parse(code))


def test_threads_touch_no_widget() -> None:
    """The thread side of the workers knows of Textual only messages and the worker that it is."""
    allowed = {("textual.worker", "get_current_worker"), ("textual.message", "Message")}
    for file in ROOT.glob("workers/**/*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("textual"):
                assert {(node.module, a.name) for a in node.names} <= allowed, f"{file.name}:{node.lineno}"
            if isinstance(node, ast.Import):
                assert not any(a.name.startswith("textual") for a in node.names), f"{file.name}:{node.lineno}"
