"""Finding the translation of a sentence that holds values, by the pattern it was made from. Knows no Blender."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cached_property
from typing import NamedTuple

_FIELD = re.compile(r"\{(\d+)\}")


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
        return [*found, sentence[at:end]]


def fields(message: str) -> list[str]:
    """Return the numbers of a message's fields, in the order in which they stand."""
    return _FIELD.findall(message)


class Sentences:
    """A catalogue to look sentences up in."""

    def __init__(self, messages: Mapping[str, str]) -> None:
        self._messages = messages

    @cached_property
    def _patterns(self) -> list[Pattern]:
        """The messages with fields, those with the most literal text first: they say the most."""
        found = [
            Pattern(tuple(_FIELD.split(message)[::2]), translation)
            for message, translation in self._messages.items()
            if _FIELD.search(message)
        ]
        return sorted(found, key=lambda pattern: -sum(map(len, pattern.literals)))

    def tell(self, sentence: str) -> str:
        """Return the translation, or the sentence itself where none is known."""
        if not any(character.isalpha() for character in sentence):
            return sentence
        found = self._find(sentence)
        if found is None and not sentence.endswith("."):  # sentences lose their full stop when they are put together
            found = self._find(f"{sentence}.")
            found = None if found is None else found.rstrip(".。")
        return sentence if found is None else found

    def _find(self, sentence: str) -> str | None:
        known = self._messages.get(sentence)
        if known is not None:
            return known
        for pattern in self._patterns:
            values = pattern.values(sentence)
            if values is not None:
                told = [self.tell(value) for value in values]
                return _FIELD.sub(lambda field, told=told: told[int(field[1])], pattern.translation)
        return None
