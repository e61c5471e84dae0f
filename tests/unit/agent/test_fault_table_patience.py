"""Patience, money and balances: trouble after trouble, waits that the service orders, and odd side information.

A paid job goes on through any of it; a press is paid once. The last test prints the table.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from client.jobs.states import Status
from sandbox.faults import ROWS
from support.agent_lab.agents import World, until
from support.agent_lab.agents import world as make_world
from support.agent_lab.fault_cells import CALM, Ended, is_throttle, listen, look, sentence_of
from support.checks.plain_words import complaint

PATIENT = replace(CALM, about_task=600.0, about_key=600.0, same_bytes=600.0)
ENDED: dict[str, Ended] = {}


@dataclass(frozen=True)
class Cell:
    """Faults that one job meets in this order."""

    name: str
    on: str
    faults: tuple[str, ...]


MIXED = [
    Cell("a 4xx after unrelated trouble", "status", ("django_500", "reset_before", "nginx_502", "django_404")),
    Cell(
        "each 4xx once", "status", ("django_400", "django_401", "django_403", "django_404", "django_422", "empty_410")
    ),
    Cell("404 twenty times", "status", ("django_404",) * 20),
    Cell("403 twenty times", "status", ("django_403",) * 20),
    Cell("the key refused twenty times", "status", ("django_401",) * 20),
    Cell("a portal thirty times", "status", ("portal_302", "portal_200", "portal_511") * 10),
    Cell("a filter twenty times", "status", ("filter_403",) * 20),
    Cell(
        "no model for twenty looks", "status", ("empty_results", "null_results", "missing_results", "results_odd") * 5
    ),
    Cell("unreadable twenty times", "status", ("garbage", "html", "gzip_truncated", "half_json") * 5),
    Cell("expired by its word five times", "status", ("word_expired",) * 5),
    Cell("words that nobody knows", "status", ("unknown_status", "word_queued", "word_done", "progress_nan")),
    Cell("dead links ten times", "asset", ("http_403", "http_404", "expire_urls") * 3),
    Cell("other pages each time", "asset", ("page_portal", "page_denied", "page_slow_down", "content_random") * 3),
    Cell("the same page ten times", "asset", ("page_portal",) * 10),
    Cell("cut ten times", "asset", ("cut",) * 10),
    Cell("wrong ranges after a cut", "asset", ("cut", "wrong_range", "cut", "part_odd", "cut", "range_refused")),
    Cell("short and compressed in turn", "asset", ("object_short", "gzip_object_unsaid", "object_empty") * 3),
    Cell("led astray ten times", "asset", ("to_login", "to_http", "to_nowhere", "to_itself", "to_file") * 2),
    Cell("everything at the storage", "asset", ("http_500", "huge", "gzip_bomb", "reset_after", "close_after")),
]
THROTTLES = [
    Cell(f"{on} {name}", on, (name,))
    for name, row in ROWS.items()
    if is_throttle(row) and name != "throttled_long" and row.stage != "way"
    for on in row.expect
    if on in ("submit", "status")
]
BALANCES = [Cell(name, "wallet", (name,)) for name, row in ROWS.items() if set(row.expect) == {"wallet"}]


@pytest.fixture(autouse=True)
def without_images(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody looks at them here, and they take long to draw."""
    monkeypatch.setattr("sandbox.tasks.build_thumbnail", lambda _recipe: b"\x89PNG\r\n\x1a\n")


def meet(world: World, cell: Cell) -> Ended:
    listen(world)
    for fault in cell.faults:
        world.sandbox.add_fault(cell.on, fault)
    if cell.on == "wallet":
        world.balances.ask(world.account.account_id)
    job_id = world.press()
    agent = world.run(timings=PATIENT)
    agent.join(90.0)
    assert world.sandbox.state["faults"] == [], "all were met"
    return look(world, world.sandbox.state, job_id, "")


@pytest.mark.parametrize("cell", [*MIXED, *THROTTLES, *BALANCES], ids=lambda cell: cell.name)
def test_a_paid_job_goes_on_through_it(world: World, cell: Cell) -> None:
    ended = ENDED[cell.name] = meet(world, cell)
    assert ended.job.status is Status.READY, f"{ended.job.status}, {ended.job.error}: {ended.said}"
    for sentence in ended.said:
        assert not complaint(sentence), f"{complaint(sentence)}: {sentence!r}"
    assert ended.submissions == 1 and ended.ledger == {"charged": ended.job.credits}
    assert ended.key_leaks == 0 and not ended.leftovers


def test_a_throttle_until_tomorrow_keeps_the_press(tmp_path: Path) -> None:
    with make_world(tmp_path) as world:
        world.sandbox.add_fault("submit", "throttled_long")
        job_id = world.press()
        agent = world.run()
        until(lambda: "Rate limit" in str(world.job(job_id).notice), "it says that it waits")
        assert world.job(job_id).status is Status.PREPARED and world.submissions == 0
        assert not complaint(str(world.job(job_id).notice))
        agent.stop()


def test_the_table(print_table: Callable[[str], None]) -> None:
    lines = [f"{name:40} {ended.job.status:10} {sentence_of(ended)}" for name, ended in ENDED.items()]
    tally = Counter(ended.job.status for ended in ENDED.values())
    lines.append(f"{tally.total()} cells: " + ", ".join(f"{number} {word}" for word, number in tally.most_common()))
    ENDED.clear()
    print_table("\n".join(["", f"{'patience, money, balances':40} {'ends':10} sentence", *lines]))
