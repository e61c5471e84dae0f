# SPDX-License-Identifier: GPL-3.0-or-later
"""Translate the interface into the artist's language.

Blender translates by itself what it finds in a catalogue: names, descriptions, literals in a layout, reports. What has
values, and what the store or another part of the extension tells, goes through ``tell`` where it is shown.

A catalogue is read when its language is chosen, so that an English start pays for none of this.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

import bpy

from ..client.notices import Notice, Value, read, text

CATALOGUES = ("zh_HANS", "ja_JP")
"""Locales, by Blender's names, that have a file beside this one."""

_CONTEXTS = ("*", "Operator")
"""Blender looks for an operator's name under the second one and for everything else under the first."""


class _State:
    """The catalogue in use, or none for English and all languages that have none."""

    locale = ""
    messages: Mapping[str, str] = {}


def tell(said: str | Notice, /, **values: Value) -> str:
    """Return in the language of the interface, or in English where no translation is known, what has to be said.

    ``said`` is a notice, the text of one (see `client.notices.read`), or an English text and the values that it names.
    """
    if isinstance(said, Notice):
        return _rendered(said)
    return _rendered(text(said, **values)) if values else _told(said, _is_translated())


@lru_cache(maxsize=1024)
def _told(said: str, _is_translated: bool) -> str:
    return _rendered(read(said))


def _rendered(said: Notice) -> str:
    from ..client.stored_notices import render  # Blender's start needs none of the words

    return render(said, _translated)


def _translated(english: str) -> str:
    return _State.messages.get(english, english) if _is_translated() else english


def _is_translated() -> bool:
    return bool(_State.messages) and bpy.context.preferences.view.use_translate_interface


def refresh() -> bool:
    """Take over a change of Blender's language; whether there was one."""
    spoken = bpy.app.translations.locale
    locale = catalogue_for(spoken)
    if locale == _State.locale:
        return False
    unregister()
    if locale:
        from .catalogue import read

        messages = read(Path(__file__).parent / f"{locale}.po")
        _State.locale, _State.messages = locale, messages
        entries = {(context, message): text for message, text in messages.items() for context in _CONTEXTS}
        bpy.app.translations.register(__name__, {spoken: entries})  # type: ignore[arg-type]
    return True


def catalogue_for(locale: str) -> str:
    """Return the catalogue that serves a locale of Blender, or an empty string."""
    return next((one for one in CATALOGUES if locale == one or locale == one.partition("_")[0]), "")


def unregister() -> None:
    """Take the catalogue back."""
    if _State.locale:
        bpy.app.translations.unregister(__name__)
    _State.locale, _State.messages = "", {}
    _told.cache_clear()


def register() -> None:
    """Load the catalogue of Blender's language, if there is one."""
    refresh()
