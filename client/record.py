"""Frozen values with named fields, for what Blender loads at its start.

Defining a named tuple compiles code for every field, and a dataclass more than that: with some twenty of them a good
part of the start goes there. A record is defined for nothing; making one takes a little longer.
"""

from __future__ import annotations

from typing import Any, dataclass_transform


@dataclass_transform(frozen_default=True)
class Record:
    """Base of a frozen value; the fields are its class's own annotations, in order, with their defaults.

    Equal when class and fields are. A class made of it is not derived from again.
    """

    def __init__(self, *values: Any, **named: Any) -> None:
        fields = type(self).__annotations__
        given = dict(zip(fields, values, strict=False)) | named
        lacking = [name for name in fields if name not in given and not hasattr(type(self), name)]
        if lacking or len(given) != len(values) + len(named) or not given.keys() <= fields.keys():
            raise TypeError(f"{type(self).__name__} takes {', '.join(fields)}")
        self.__dict__.update(given)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(name)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Record) and type(other) is type(self) and self._values() == other._values()

    def __hash__(self) -> int:
        return hash((type(self), self._values()))

    def __repr__(self) -> str:
        pairs = zip(type(self).__annotations__, self._values(), strict=True)
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in pairs)})"

    def _values(self) -> tuple[object, ...]:
        return tuple(getattr(self, name) for name in type(self).__annotations__)
