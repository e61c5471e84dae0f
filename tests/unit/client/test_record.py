"""Records behave as frozen named values; a wrong field is told at once."""

from __future__ import annotations

from typing import Any, cast

import pytest

from client.record import Record


class Spot(Record):
    x: int
    y: int = 2

    @property
    def total(self) -> int:
        return self.x + self.y


class Other(Record):
    x: int
    y: int = 2


def test_fields_are_given_in_order_or_by_name_and_have_defaults() -> None:
    assert (Spot(1).x, Spot(1).y, Spot(1, 5).y, Spot(y=7, x=1).y) == (1, 2, 5, 7)
    assert Spot(1, 5).total == 6


def test_equal_when_class_and_fields_are() -> None:
    assert Spot(1) == Spot(1, 2) and hash(Spot(1)) == hash(Spot(1, 2))
    assert Spot(1) != Spot(1, 3)
    assert Spot(1) != Other(1)
    assert repr(Spot(1)) == "Spot(x=1, y=2)"


@pytest.mark.parametrize(("values", "named"), [((), {}), ((1, 2, 3), {}), ((1,), {"x": 1}), ((1,), {"z": 1})], ids=str)
def test_wrong_fields_are_refused(values: tuple[int, ...], named: dict[str, int]) -> None:
    with pytest.raises(TypeError, match="Spot takes x, y"):
        cast(Any, Spot)(*values, **named)


def test_is_frozen() -> None:
    with pytest.raises(AttributeError):
        cast(Any, Spot(1)).x = 3
