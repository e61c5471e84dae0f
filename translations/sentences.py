# SPDX-License-Identifier: GPL-3.0-or-later
"""Find the translation of a sentence that holds values. Knows no Blender."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import NamedTuple

_FIELD = re.compile(r"\{(\d+)\}")
_COLON = re.compile(": |\uff1a")
_SEVERAL = re.compile(r"[:;] ")
_ASIDE = re.compile(r" \((.+)\)")
ASIDE = " ({0})"
"""The message for an aside, which is put into the middle of a sentence."""
LIST = "{0}; {1}"
"""The message for several phrases in a row."""


class Pattern(NamedTuple):
    """An English sentence with numbered fields: the literals around them, and the translation."""

    literals: tuple[str, ...]
    translation: str

    def values(self, sentence: str) -> list[str] | None:
        """Return what stands in the fields, or None when the sentence was not made from this pattern."""
        first, *between, last = self.literals
        at, end = len(first), len(sentence) - len(last)
        if at > end or not sentence.startswith(first) or not sentence.endswith(last):
            return None
        found: list[str] = []
        for literal in between:
            next_at = sentence.find(literal, at, end)
            if next_at < 0:
                return None
            found.append(sentence[at:next_at])
            at = next_at + len(literal)
        found.append(sentence[at:end])
        # Such a field is the name of something: what is said before the last of several phrases belongs to none.
        is_name = not first and (*between, last)[0].startswith(" ")
        return None if is_name and _SEVERAL.search(found[0]) else found


def fields(message: str) -> list[str]:
    """Return the numbers of a message's fields, in the order in which they stand."""
    return _FIELD.findall(message)


class Sentences:
    """A catalogue to look sentences up in."""

    def __init__(self, messages: Mapping[str, str]) -> None:
        self._messages = messages
        self._aside = messages.get(ASIDE, ASIDE)
        self._list = messages.get(LIST, LIST)

    @cached_property
    def _patterns(self) -> list[Pattern]:
        return _patterns(self._messages)

    @cached_property
    def _causes(self) -> Mapping[str, str]:
        return dict(_without_advice(self._messages))

    @cached_property
    def _cause_patterns(self) -> list[Pattern]:
        return _patterns(self._causes)

    def tell(self, sentence: str) -> str:
        """Return the translation, or the sentence itself where none is known."""
        if not any(character.isalpha() for character in sentence):
            return sentence
        if aside := _ASIDE.fullmatch(sentence):
            return _FIELD.sub(lambda _field: self.tell(aside[1]), self._aside)
        found = self._messages.get(sentence)
        if found is None:
            found = self._in_parts(sentence)
        if found is None:
            found = self._find(sentence, self._messages, self._patterns)
        if found is None and not sentence.endswith("."):  # sentences lose their full stop when they are put together
            found = self._find(f"{sentence}.", self._messages, self._patterns)
            found = None if found is None else found.rstrip(".。")
        if found is None:
            found = self._find(sentence, self._causes, self._cause_patterns)
        if found is None and "; " in sentence:
            parts = sentence.split("; ")
            told = [self.tell(part) for part in parts]
            if all(one != part for one, part in zip(told, parts, strict=True)):
                found = _FIELD.sub("", self._list).join(told)
        return sentence if found is None else found

    def _find(self, sentence: str, messages: Mapping[str, str], patterns: list[Pattern]) -> str | None:
        known = messages.get(sentence)
        if known is not None:
            return known
        for pattern in patterns:
            values = pattern.values(sentence)
            if values is not None:
                told = [self.tell(value) for value in values]
                return _FIELD.sub(lambda field, told=told: told[int(field[1])], pattern.translation)
        return None

    def _in_parts(self, sentence: str) -> str | None:
        """Return the translation of known phrases in a row, each with or without an aside at its end."""
        told: list[str] = []
        for part in sentence.split("; "):
            phrase, opening, rest = part.partition(" (")
            known = self._messages.get(phrase)
            if known is None or (opening and not rest.endswith(")")):
                return None
            told.append(f"{known}{self.tell(f'{opening}{rest}')}")
        return _FIELD.sub("", self._list).join(told)


def _patterns(messages: Mapping[str, str]) -> list[Pattern]:
    """Return the messages with fields, those with the most literal text first: they say the most."""
    found = [
        Pattern(tuple(_FIELD.split(message)[::2]), translation)
        for message, translation in messages.items()
        if _FIELD.search(message) and message not in (ASIDE, LIST)
    ]
    return sorted(found, key=lambda pattern: -sum(map(len, pattern.literals)))


def _without_advice(messages: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield what happened without what to do: the agent puts something else after the last colon."""
    for message, translation in messages.items():
        cause, told = _before_last_colon(message), _before_last_colon(translation)
        says = any(letter.isalpha() for letter in _FIELD.sub("", cause))
        if says and told and sorted(fields(cause)) == sorted(fields(told)):
            yield cause, told


def _before_last_colon(text: str) -> str:
    *_, last = (None, *_COLON.finditer(text))
    return text[: last.start()] if last else ""
