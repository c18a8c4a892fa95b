"""What the clean dialog says of each thing."""

from __future__ import annotations

import pytest

from hubtui.stacks.engines.compose.leftovers import Leftover
from hubtui.widgets.leftover_rows import leftover_note, leftover_row

VOLUME = Leftover("volume", "shop_data", "shop_data", 2048)
BUILT = Leftover("built", "shop-web:latest", "shop-web:latest", 5 << 20, "built for web", service="web")


def test_a_row_says_what_goes_its_size_and_why() -> None:
    assert " ".join(leftover_row(BUILT, (), 72).plain.split()) == "[x] image shop-web:latest 5 M built for web"
    assert leftover_row(VOLUME, (), 72).plain.startswith("[ ] volume")
    assert leftover_row(VOLUME, ("volumes",), 72).plain.startswith("[x] volume")


def test_what_it_costs_is_said() -> None:
    assert "48 s" in leftover_note(BUILT, (), 48.0, 72).plain
    assert "stays, unless" in leftover_note(VOLUME, (), None, 72).plain
    assert "cannot be had back" in leftover_note(VOLUME, ("volumes",), None, 72).plain


def test_what_others_use_is_never_marked() -> None:
    used = Leftover("volume", "shop_data", "shop_data", 0, kept="used by containers of others")
    assert leftover_row(used, ("volumes",), 72).plain.startswith("[ ]")
    assert "used by containers of others" in leftover_note(used, ("volumes",), None, 72).plain


@pytest.mark.parametrize("width", [20, 40, 72, 120])
def test_no_name_breaks_the_columns(width: int) -> None:
    strange = Leftover("volume", "数据\x1b[2J" * 20, "x", None)
    assert leftover_row(strange, (), width).cell_length <= width
    assert "\x1b" not in leftover_row(strange, (), width).plain
