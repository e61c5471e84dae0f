# SPDX-License-Identifier: GPL-3.0-or-later
"""Wrap text to the width of a region: Blender's labels are one line."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import blf
from bpy.types import Context, UILayout

from ..client.notices import Notice
from ..translations.translate import tell

if TYPE_CHECKING:
    from bpy.stub_internal.rna_enums import IconItems

_MARGIN = 66
"""Pixels, at an interface scale of 1, taken by the panel's border and the tabs beside it."""
_BORDER = 40
"""Pixels taken by the borders of a dialog and of a field in it, likewise."""
_ICON = 22
"""Pixels taken by an icon, likewise."""
_UI_FONT = 0
_NARROW = 240
"""Region width, in pixels at an interface scale of 1, below which labels have to be shorter."""


def is_narrow(context: Context) -> bool:
    """Whether the region is too narrow for what usually fits in a line."""
    return context.region.width < _NARROW * context.preferences.system.ui_scale


def draw_preview(layout: UILayout, context: Context, text: str, *, taken: int, most: int, always: bool = False) -> None:
    """Draw the beginning of a text in up to ``most`` lines where a field cuts it, or ``always``, else nothing.

    ``taken`` is the width, in pixels at an interface scale of 1, of the buttons beside the field.
    """
    scale = context.preferences.system.ui_scale
    width = context.region.width - _MARGIN * scale
    _draw_cut(layout, context, text, None if always else int(width - taken * scale), int(width), most)


def draw_lines(
    layout: UILayout, context: Context, text: str, *, width: int, most: int = 12, always: bool = False
) -> None:
    """Draw the same in a dialog, which is ``width`` pixels wide at an interface scale of 1."""
    inside = int((width - _BORDER) * context.preferences.system.ui_scale)
    _draw_cut(layout, context, text, None if always else inside, inside, most)


def _draw_cut(layout: UILayout, context: Context, text: str, field: int | None, width: int, most: int) -> None:
    """Draw the lines of a text that does not fit a field, None for one that shows another text; widths in pixels."""
    points = context.preferences.ui_styles[0].widget.points * context.preferences.system.ui_scale
    if field is not None and len(wrap(text, field, points)) < 2:
        return
    lines = wrap(text, width, points)
    column = layout.column(align=True)
    column.active = False
    column.scale_y = 0.8
    for number, line in enumerate(lines[:most]):
        is_cut = number == most - 1 and len(lines) > most
        column.label(text=f"{line[:-1]}…" if is_cut else line, translate=False)


def shorten(text: str, most: int) -> str:
    """Return a text of one line with at most so many characters, cut after a word, with "…" where it is cut."""
    text = " ".join(text.split())
    if len(text) <= most:
        return text
    whole = text[:most].rpartition(" ")[0]
    return f"{whole if len(whole) > most // 2 else text[: most - 1]}…"


def draw_wrapped(
    layout: UILayout,
    context: Context,
    text: str | Notice,
    *,
    icon: IconItems = "NONE",
    inset: int = 0,
    dim: bool = False,
    translate: bool = True,
) -> None:
    """Draw a text of any length in as many lines as it needs; the icon stands before the first.

    What is ours is shown in the interface's language (see `tell`); a name or a prompt is not to be.
    ``inset`` is further width, in pixels at an interface scale of 1, that the surrounding boxes take.
    """
    preferences = context.preferences
    scale = preferences.system.ui_scale
    points = preferences.ui_styles[0].widget.points * scale
    taken = _MARGIN + inset + (0 if icon == "NONE" else _ICON)
    column = layout.column(align=True)
    if dim:
        column.active = False
    column.scale_y = 0.8
    shown = tell(text) if translate else str(text)
    for number, line in enumerate(wrap(shown, int(context.region.width - taken * scale), points)):
        column.label(text=line, icon=icon if number == 0 or icon == "NONE" else "BLANK1", translate=False)


@lru_cache(maxsize=256)
def wrap(text: str, width: int, points: float) -> tuple[str, ...]:
    """Return the lines of a text in the interface font, none wider than ``width`` pixels.

    Lines break at spaces, and in Chinese and Japanese between characters, but never before a closing mark. A single
    word that is too wide is broken; at least one character stands on a line.
    """
    from ..translations.linebreaks import words

    blf.size(_UI_FONT, points)
    lines: list[str] = []
    for paragraph in text.splitlines():
        line = ""
        for gap, word in words(paragraph):
            longer = f"{line}{gap}{word}" if line else word
            if _fits(longer, width):
                line = longer
                continue
            if line:
                lines.append(line)
            *full, line = _pieces(word, width)
            lines.extend(full)
        lines.append(line)
    return tuple(lines)


def _fits(text: str, width: int) -> bool:
    return blf.dimensions(_UI_FONT, text)[0] <= width


def _pieces(word: str, width: int) -> list[str]:
    pieces = [""]
    for character in word:
        if pieces[-1] and not _fits(pieces[-1] + character, width):
            pieces.append("")
        pieces[-1] += character
    return pieces
