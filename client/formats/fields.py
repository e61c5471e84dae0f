"""Typed reading of untrusted JSON: every wrong type, range or index raises UnsafeFile, nothing else."""

from __future__ import annotations

import json
from typing import cast

from .errors import contradicts, damaged, too_large
from .model import Limits

HUGE = 1 << 48


def _no_constant(_: str) -> object:
    raise ValueError("NaN and Infinity are no JSON")


def parse_object(text: bytes, limits: Limits) -> Fields:
    """Parse a JSON object, bounded in size, number of values and depth; raises UnsafeFile."""
    if len(text) > limits.json_bytes:
        raise too_large("bytes in its description", limits.json_bytes)
    if sum(text.count(mark) for mark in (b"[", b"{", b",")) > limits.json_values:
        raise too_large("entries in its description", limits.json_values)
    try:
        value: object = json.loads(text.decode("utf-8"), parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise damaged("its description cannot be read") from error
    if not isinstance(value, dict):
        raise damaged("its description is missing")
    _check_depth(cast("dict[str, object]", value), limits.json_depth)
    return Fields(cast("dict[str, object]", value), "the description")


def _check_depth(value: object, limit: int) -> None:
    level = [value]
    for _ in range(limit):
        below: list[object] = []
        for item in level:
            if isinstance(item, dict):
                below.extend(cast("dict[str, object]", item).values())
            elif isinstance(item, list):
                below.extend(cast("list[object]", item))
        if not below:
            return
        level = below
    raise damaged("its description is nested too deeply")


class Fields:
    """A JSON object and what it is called in messages."""

    __slots__ = ("values", "where")

    def __init__(self, values: dict[str, object], where: str) -> None:
        self.values = values
        self.where = where

    def has(self, key: str) -> bool:
        """Whether the key is there, null counting as absent."""
        return self.values.get(key) is not None

    def whole(self, key: str, default: int | None = None, low: int = 0, high: int = HUGE) -> int:
        """A whole number from `low` to `high`; without `default` it must be there."""
        value = self.values.get(key)
        if value is None and default is not None:
            return default
        # A bool is an int to Python, but not to an importer.
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            raise contradicts(f"{self.where} has no valid {key}")
        return value

    def index(self, key: str, count: int) -> int:
        """An index into a list of `count` members, which must be there."""
        return self.whole(key, high=count - 1)

    def optional_index(self, key: str, count: int) -> int | None:
        """An index into a list of `count` members, or None."""
        return self.index(key, count) if self.has(key) else None

    def text(self, key: str) -> str | None:
        """A string, or None."""
        value = self.values.get(key)
        if value is not None and not isinstance(value, str):
            raise contradicts(f"{self.where} has no valid {key}")
        return value

    def child(self, key: str) -> Fields | None:
        """An object, or None."""
        value = self.values.get(key)
        if value is None:
            return None
        if not isinstance(value, dict):
            raise contradicts(f"{self.where} has no valid {key}")
        return Fields(cast("dict[str, object]", value), f"{self.where}, {key}")

    def extension(self, *names: str) -> Fields | None:
        """The first of the named extensions of this object, or None."""
        extensions = self.child("extensions")
        if extensions is None:
            return None
        return next((found for name in names if (found := extensions.child(name)) is not None), None)

    def children(self, key: str, singular: str, limit: int) -> list[Fields]:
        """A list of at most `limit` objects, called `singular` 0, 1, …; empty if absent."""
        result: list[Fields] = []
        for number, value in enumerate(self._list(key, limit)):
            if not isinstance(value, dict):
                raise contradicts(f"{singular} {number} is not described")
            result.append(Fields(cast("dict[str, object]", value), f"{singular} {number}"))
        return result

    def indices(self, key: str, count: int, limit: int) -> list[int]:
        """A list of at most `limit` indices into a list of `count` members; empty if absent."""
        result: list[int] = []
        for value in self._list(key, limit):
            if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < count:
                raise contradicts(f"{self.where} refers to something that is not there ({key})")
            result.append(value)
        return result

    def texts(self, key: str, limit: int) -> tuple[str, ...]:
        """A list of at most `limit` strings; empty if absent."""
        values = self._list(key, limit)
        result = tuple(value for value in values if isinstance(value, str))
        if len(result) != len(values):
            raise contradicts(f"{self.where} has no valid {key}")
        return result

    def index_map(self, count: int) -> dict[str, int]:
        """All values of this object as indices into a list of `count` members."""
        return {key: self.index(key, count) for key in self.values}

    def _list(self, key: str, limit: int) -> list[object]:
        value = self.values.get(key)
        if value is None:
            return []
        if not isinstance(value, list):
            raise contradicts(f"{self.where} has no valid {key}")
        items = cast("list[object]", value)
        if len(items) > limit:
            raise too_large("entries in its description", limit)
        return items
