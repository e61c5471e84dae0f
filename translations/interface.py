# SPDX-License-Identifier: GPL-3.0-or-later
"""Translate the interface into the artist's language.

Blender translates by itself what it finds in a catalogue: names, descriptions, literals in a layout, reports. What is
put together at run time, here by an f-string or by the agent, which writes English into the store, goes through
``tell`` where it is shown.

A catalogue is read when its language is chosen, so that an English start pays for none of this.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import bpy

if TYPE_CHECKING:
    from .sentences import Sentences

CATALOGUES = ("zh_HANS", "ja_JP")
"""Locales, by Blender's names, that have a file beside this one."""

_CONTEXTS = ("*", "Operator")
"""Blender looks for an operator's name under the second one and for everything else under the first."""


class _State:
    """The catalogue in use, or none for English and all languages that have none."""

    locale = ""
    sentences: Sentences | None = None


def tell(sentence: str) -> str:
    """Return an English sentence in the language of the interface, or as it is where no translation is known.

    Sentences with values in them are found by their pattern, and values that are sentences are translated too.
    """
    if _State.sentences is None or not bpy.context.preferences.view.use_translate_interface:
        return sentence
    return _told(sentence)


@lru_cache(maxsize=1024)
def _told(sentence: str) -> str:
    return _State.sentences.tell(sentence) if _State.sentences is not None else sentence


def refresh() -> bool:
    """Take over a change of Blender's language; whether there was one."""
    spoken = bpy.app.translations.locale
    locale = catalogue_for(spoken)
    if locale == _State.locale:
        return False
    _leave()
    if locale:
        from .catalogue import read
        from .sentences import Sentences

        messages = read(Path(__file__).parent / f"{locale}.po")
        _State.locale, _State.sentences = locale, Sentences(messages)
        entries = {(context, message): text for message, text in messages.items() for context in _CONTEXTS}
        bpy.app.translations.register(__name__, {spoken: entries})  # type: ignore[arg-type]
    return True


def catalogue_for(locale: str) -> str:
    """Return the catalogue that serves a locale of Blender, or an empty string."""
    return next((one for one in CATALOGUES if locale == one or locale == one.partition("_")[0]), "")


def _leave() -> None:
    if _State.locale:
        bpy.app.translations.unregister(__name__)
    _State.locale, _State.sentences = "", None
    _told.cache_clear()


def register() -> None:
    """Load the catalogue of Blender's language, if there is one."""
    refresh()


def unregister() -> None:
    """Take the catalogue back."""
    _leave()
