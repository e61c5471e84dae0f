"""Times of the artist's clock: in their zone, and on days that are not twenty-four hours long."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest

from client.local_time import exact_time_text, first_of_month, midnight, time_text

pytestmark = pytest.mark.skipif(not hasattr(time, "tzset"), reason="Windows takes no time zone from the environment")

BERLIN = "CET-1CEST,M3.5.0,M10.5.0/3"
"""The rule itself, for machines without a database of zones."""
NOON = 1_774_778_400.0
"""2026-03-29 12:00 in Berlin, where summer time began that night."""
HOUR = 3600.0

Travel = Callable[[str], None]


@pytest.fixture
def travel(monkeypatch: pytest.MonkeyPatch) -> Iterator[Travel]:
    """Set the clock's zone."""

    def to(zone: str) -> None:
        monkeypatch.setenv("TZ", zone)
        time.tzset()

    yield to
    monkeypatch.undo()
    time.tzset()


def test_a_time_is_told_in_the_artists_zone(travel: Travel) -> None:
    told: list[tuple[str, str]] = []
    for zone in ("UTC", BERLIN, "IST-5:30", "NST3:30"):
        travel(zone)
        told.append((time_text(NOON + 7), exact_time_text(NOON + 7)))
    assert told == [
        ("2026-03-29 10:00", "2026-03-29 10:00:07 +0000"),
        ("2026-03-29 12:00", "2026-03-29 12:00:07 +0200"),
        ("2026-03-29 15:30", "2026-03-29 15:30:07 +0530"),
        ("2026-03-29 06:30", "2026-03-29 06:30:07 -0330"),
    ]


def test_days_and_months_begin_where_the_artist_is(travel: Travel) -> None:
    travel(BERLIN)
    assert midnight(NOON) == NOON - 11 * HOUR, "an hour of that night does not exist"
    assert midnight(midnight(NOON)) == midnight(NOON)
    assert midnight(midnight(NOON) - 1) == midnight(NOON) - 24 * HOUR
    assert time_text(first_of_month(NOON)) == "2026-03-01 00:00"
    assert first_of_month(first_of_month(NOON) - 1) == first_of_month(NOON) - 28 * 24 * HOUR
