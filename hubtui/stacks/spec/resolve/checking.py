"""Whether a merged stack is what Compose's schema allows, and its shape."""

from __future__ import annotations

from typing import Any

from hubtui.stacks.spec.project import Project
from hubtui.stacks.spec.resolve.consistency import check_names
from hubtui.stacks.spec.resolve.resource_keys import STACK
from hubtui.stacks.spec.resolve.shaping import Shaper, table

_STACK = table(STACK)


def shape_stack(project: Project, *, extensions: bool = False) -> dict[str, Any]:
    """The stack in the shape in which Compose prints it, with nothing added yet. Mistakes go to `project.wrong`.

    `extensions` keeps the `x-` keys within services and resources.
    """
    shaper = Shaper(project.document, project.variables, project.wrong, extensions)
    shape = dict(_STACK.shape(shaper, project.document.tree))
    if project.wrong:
        check_names(project)
    return shape
