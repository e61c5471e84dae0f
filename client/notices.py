# SPDX-License-Identifier: GPL-3.0-or-later
"""What an artist is told, as data: a code and its values. The words are made where they are shown.

The words of each code stand in the tables of the rooms (`Code`), in English and marked with `N_` for the catalogues.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from functools import lru_cache, reduce
from types import MappingProxyType
from typing import NamedTuple, TypeAlias, cast

Translate: TypeAlias = Callable[[str], str]
Value: TypeAlias = "str | float | Notice | Sequence[Notice] | None"
"""A text is from outside and shown as it is; a notice within another is shown without its advice; None is nothing."""
_NONE: Mapping[str, Value] = MappingProxyType({})


def N_(text: str) -> str:
    """Mark an English text for the catalogues; it is translated where it is shown."""
    return text


TEXT = "text"
"""The code of a notice whose words are its own: they are the value of this name, and may name the other values."""
_WITH_ADVICE = N_("{cause}: {advice}")
_LIST = N_("{first}; {rest}")


_CODES: dict[str, Code] = {}
"""Those of the tables that are loaded; `client.stored_notices` loads all."""


class Code(Enum):
    """A table of codes. Each has its words, with named values in braces, and what to do about it, if anything.

    The store keeps the names: they never change.
    """

    def __init__(self, words: str, advice: str = "") -> None:
        self.words = words
        self.advice = advice
        self.code = f"{type(self).__name__.removesuffix('Notice').lower()}.{self._name_.lower()}"
        _CODES[self.code] = self


class Notice(NamedTuple):
    """What happened: a code and the values of its words."""

    code: str
    values: Mapping[str, Value] = _NONE

    def __str__(self) -> str:
        """Return it in English, for logs."""
        return render(self)

    def to_text(self) -> str:
        """Return it as `read` takes it: JSON, or the words alone where there is nothing else."""
        if self.code == TEXT and len(self.values) == 1:
            return str(self.values[TEXT])
        return json.dumps(self, ensure_ascii=False)

    def tells(self, *codes: Code) -> bool:
        """Whether it says one of these things, alone or among others."""
        if self.code in {one.code for one in codes}:
            return True
        inside = [
            one for value in self.values.values() for one in (value if isinstance(value, list | tuple) else [value])
        ]
        return any(isinstance(one, Notice) and one.tells(*codes) for one in inside)

    def clean(self, clean: Callable[[str], str]) -> Notice:
        """Return it with every text in it cleaned."""
        return Notice(self.code, {name: _cleaned(value, clean) for name, value in self.values.items()})


def text(words: str, /, **values: Value) -> Notice:
    """Return a notice with words of its own, which name its values if there are any."""
    return Notice(TEXT, {TEXT: words, **_given(values)})


def notice(code: Code | str | Notice, /, **values: Value) -> Notice:
    """Return the notice of a code, or of words of its own; a notice is returned as it is."""
    if isinstance(code, Notice):
        return code
    return Notice(code.code, _given(values)) if isinstance(code, Code) else text(code, **values)


def _given(values: Mapping[str, Value]) -> dict[str, Value]:
    return {name: value for name, value in values.items() if value is not None}


@lru_cache(maxsize=512)  # the panel reads the same ones in every draw
def read(stored: str) -> Notice:
    """Return what `Notice.to_text` wrote. Never raises: anything else is words that are shown as they are.

    The agent of an earlier version writes plain sentences.
    """
    try:
        found = _read(json.loads(stored))
    except (ValueError, RecursionError):
        found = None
    return found if isinstance(found, Notice) else text(stored)


def render(shown: Notice, translate: Translate = str, *, advice: bool = True) -> str:
    """Return a notice in words. ``translate`` gets each English text and returns it in the reader's language."""
    values = {name: _words_of(value, translate) for name, value in shown.values.items()}
    code = _CODES.get(shown.code)
    if code is None:
        words = translate(str(values.pop(TEXT, shown.code)))
        return _filled(words, values) if values else words
    words = _filled(translate(code.words), values)
    if not (advice and code.advice):
        return words
    return translate(_WITH_ADVICE).format(cause=words, advice=_filled(translate(code.advice), values))


def _filled(words: str, values: Mapping[str, str | float]) -> str:
    """Return words with their values, nothing for those that are not there; as they are when these do not fit."""
    try:
        return words.format_map(defaultdict(str, values))
    except (LookupError, ValueError, TypeError, AttributeError):
        return words


def _words_of(value: Value, translate: Translate) -> str | float:
    if value is None:
        return ""
    if isinstance(value, Notice):
        return render(value, translate, advice=False)
    if isinstance(value, str | int | float):
        return value
    parts = [render(one, translate, advice=False) for one in value]
    return reduce(lambda first, rest: translate(_LIST).format(first=first, rest=rest), parts) if parts else ""


def _cleaned(value: Value, clean: Callable[[str], str]) -> Value:
    if isinstance(value, Notice):
        return value.clean(clean)
    if isinstance(value, str):
        return clean(value)
    return value if value is None or isinstance(value, int | float) else [one.clean(clean) for one in value]


def _read(found: object) -> Value | None:
    """Return a notice, a list of them or a plain value, as JSON has them; None for anything else."""
    if isinstance(found, str | int | float):
        return found
    if not isinstance(found, list):
        return None
    parts = cast(list[object], found)
    if len(parts) == 2 and isinstance(parts[0], str) and isinstance(parts[1], dict):
        named = {name: _read(value) for name, value in cast(dict[str, object], parts[1]).items()}
        return Notice(parts[0], {name: value for name, value in named.items() if value is not None})
    return [one for one in map(_read, parts) if isinstance(one, Notice)]
