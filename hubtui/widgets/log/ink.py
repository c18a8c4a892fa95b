"""The colours of log lines on the theme's ground: hubtui's own by name, a program's by its SGR, all readable."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from rich.color import Color as RichColor
from rich.color import ColorType
from rich.style import Style as RichStyle
from textual.color import BLACK, WHITE, Color
from textual.style import Style

from hubtui.logs.levels import Level
from hubtui.logs.sgr import Colour, Ink
from hubtui.widgets.plain import DIM

Look = str | Ink
"""How characters look: a style in words ("bold $text-error"), or what a program asked for."""

LEVELS: dict[Level, str] = {
    Level.TRACE: DIM,
    Level.DEBUG: "$text-secondary",
    Level.INFO: "$text-success",
    Level.WARNING: "bold $text-warning",
    Level.ERROR: "bold $text-error",
    Level.FATAL: "bold reverse $text-error",
}
LEAST = 2.5  # contrast (WCAG 2, relative luminance) below which text takes another colour

# Six of the terminal's own colours say something, and every theme has a word for most of them.
_THEMED = {1: "$text-error", 2: "$text-success", 3: "$text-warning", 4: "$text-primary"}
_OWN: tuple[tuple[int, int, int], ...] = (
    *((0, 0, 0), (205, 49, 49), (13, 188, 121), (229, 229, 16), (36, 114, 200), (188, 63, 188), (17, 168, 205)),
    *((229, 229, 229), (102, 102, 102), (241, 76, 76), (35, 209, 139), (245, 245, 67), (59, 142, 234)),
    *((214, 112, 214), (41, 184, 219), (255, 255, 255)),
)
_KEPT = 4096  # styles of one palette
_STEPS = (0, 95, 135, 175, 215, 255)  # of xterm's cube of colours


class Palette:
    """Styles for one ground: `base` is the visual style of the widget (or of a row under the cursor). `variables`: the
    theme's, needed only outside an app; `dark`: whether it is a dark one."""

    def __init__(self, base: Style, variables: Mapping[str, str] | None = None, *, dark: bool = True) -> None:
        self._base, self._variables, self._dark = base, dict(variables or {}), dark
        self._native = any(c is not None and c.ansi is not None for c in (base.background, base.foreground))
        self._styles: dict[tuple[Look, bool], RichStyle] = {}
        self.plain = base.rich_style

    def style(self, look: Look, *, hit: bool = False) -> RichStyle:
        """The style of characters that look so; `hit`: a search found them."""
        found = self._styles.get((look, hit))
        if found is None:
            found = self._resolve(look)
            if hit:
                found += self._hit()
            if len(self._styles) >= _KEPT:  # a program may give each character a colour of its own
                self._styles.clear()
            self._styles[look, hit] = found
        return found

    def _resolve(self, look: Look) -> RichStyle:
        if isinstance(look, str):
            return (self._base + Style.parse(look, self._variables)).rich_style if look else self.plain
        fg, bg = self._native_pair(look) if self._native else self._readable_pair(look)
        return self.plain + RichStyle(
            color=fg,
            bgcolor=bg,
            bold=look.bold or None,
            dim=look.dim or None,
            italic=look.italic or None,
            underline=look.underline or None,
            strike=look.strike or None,
            reverse=look.reverse or None,
        )

    def _hit(self) -> RichStyle:
        if self._native:
            return RichStyle(reverse=True, bold=True, dim=False)
        ground = self._parsed("$warning") or WHITE
        text = WHITE if contrast(WHITE, ground) > contrast(BLACK, ground) else BLACK
        return RichStyle(color=text.rich_color, bgcolor=ground.rich_color, bold=True, dim=False, reverse=False)

    def _native_pair(self, ink: Ink) -> tuple[RichColor | None, RichColor | None]:
        """In a theme of the terminal's own colours, these stay what they are; text in the colour of the ground is in
        the colour of other text."""
        hidden = ((0,) if self._dark else (7, 15)) if ink.bg is None and not ink.reverse else ()
        return None if ink.fg in hidden else _native(ink.fg), _native(ink.bg)

    def _readable_pair(self, ink: Ink) -> tuple[RichColor | None, RichColor | None]:
        behind = None if ink.bg is None else _true(ink.bg)
        ground = behind or self._base.background or BLACK
        text = self._base.foreground or WHITE
        if ink.fg is not None:
            text = self._text(ink.fg) if behind is None else _true(ink.fg)
        return readable(text, ground).rich_color, None if behind is None else behind.rich_color

    def _text(self, colour: Colour) -> Color:
        """On the theme's own ground: its own words for red, green, yellow and blue; black and white are its text."""
        if isinstance(colour, tuple) or colour > 15:
            return _true(colour)
        if colour in (0, 8):
            return (self._base + Style.parse(DIM, self._variables)).foreground or WHITE
        if colour in (7, 15):
            return self._base.foreground or WHITE
        return self._parsed(_THEMED.get(colour % 8, "")) or _true(colour)

    def _parsed(self, name: str) -> Color | None:
        return Style.parse(name, self._variables).foreground if name else None


def readable(text: Color, ground: Color) -> Color:
    """`text`, or what is near it and can be read on `ground`."""
    text = ground + text
    if contrast(text, ground) >= LEAST:
        return text
    far = WHITE if contrast(WHITE, ground) > contrast(BLACK, ground) else BLACK
    nearer = (text.blend(far, step / 5) for step in range(1, 5))
    return next((colour for colour in nearer if contrast(colour, ground) >= LEAST), far)


def contrast(one: Color, other: Color) -> float:
    """1 (the same) to 21 (black on white), by the formula of WCAG 2."""
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: Color) -> float:
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colour.normalized)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@lru_cache(maxsize=1024)
def _true(colour: Colour) -> Color:
    """xterm's palette: 16 colours, a cube of six steps a side, 24 greys."""
    if isinstance(colour, tuple):
        return Color(*colour)
    if colour < 16:
        return Color(*_OWN[colour])
    if colour >= 232:
        grey = 8 + 10 * (colour - 232)
        return Color(grey, grey, grey)
    red, rest = divmod(colour - 16, 36)
    green, blue = divmod(rest, 6)
    return Color(_STEPS[red], _STEPS[green], _STEPS[blue])


@lru_cache(maxsize=1024)
def _native(colour: Colour | None) -> RichColor | None:
    if colour is None:
        return None
    if isinstance(colour, tuple):
        return RichColor.from_rgb(*colour)
    return RichColor(f"color({colour})", ColorType.STANDARD if colour < 16 else ColorType.EIGHT_BIT, number=colour)
