"""The rate budget, measured where it counts: in the service's own journal.

One test lasts a real minute.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from client.jobs.states import ENDED, Status
from client.notices import read
from support.agent_lab.agents import FAST, World, until
from support.agent_lab.agents import world as make_world
from support.checks.plain_words import complaint

LIMIT = 6
MINUTE = 60.0


@dataclass
class Minute:
    """Twelve jobs, six requests a minute, and an agent that is killed again and again."""

    requests: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    busiest: int = 0
    kills: int = 0
    submissions: int = 0
    jobs: int = 12
    said: list[str] = field(default_factory=list[str])

    def play(self, world: World) -> None:
        jobs = [world.press() for _ in range(self.jobs)]
        began = time.monotonic()

        def asked() -> int:
            return len([entry for entry in world.sandbox.state["requests"] if entry["origin"] == "api"])

        # A kill between writing a request down and sending it costs one of the budget: never the other way round.
        for wanted in (1, 2, 3):
            agent = world.start()
            until(lambda count=wanted: asked() >= count, f"request {wanted}")
            world.kill(agent)
            self.kills += 1
        agent = world.start()
        until(
            lambda: any(str(world.job(job_id).notice).startswith("Rate limit") for job_id in jobs), "a job says why", 20
        )
        self.said = [str(world.job(job_id).notice) for job_id in jobs]
        # Killed once more just before the first request of the next window.
        until(lambda: time.monotonic() - began > MINUTE - 8.0, "the minute is nearly over")
        world.kill(agent)
        self.kills += 1
        agent = world.start()
        seen = asked()
        until(lambda: asked() > seen, "the next window opens")
        until(lambda: time.monotonic() - began > MINUTE + 4.0, "some of it is seen")
        agent.leave()
        world.leaves(agent)
        self.requests = world.sandbox.state["requests"]
        self.busiest = world.sandbox.state["busiest_minute"]["account-1"]
        self.submissions = world.submissions


def busiest(times: list[float], window: float) -> int:
    """The most requests in any window: each one is the last of a window."""
    return max(sum(1 for other in times if at - window < other <= at) for at in times)


def test_retry_after_is_honoured_to_the_second(world: World) -> None:
    world.sandbox.add_fault("submit", "http_429", retry_after=2)
    job_id = world.press()
    world.run().join()
    assert world.job(job_id).status is Status.READY
    first, second = [entry["monotonic"] for entry in world.sandbox.state["requests"] if entry["kind"] == "submit"]
    assert second - first >= 2.0


def test_a_429_stops_everything_of_that_key(world: World) -> None:
    """Not only the request it answers: the others would be refused too."""
    world.sandbox.add_fault("status", "http_429", retry_after=2)
    jobs = [world.submitted() for _ in range(3)]
    world.sandbox.service.journal.clear()
    world.run().join()
    asked = [entry["monotonic"] for entry in world.sandbox.state["requests"] if entry["kind"] == "status"]
    assert [world.job(job_id).status for job_id in jobs] == [Status.READY] * 3, [world.job(job_id) for job_id in jobs]
    # Those that were on their way when the answer came are no matter; the next one waits.
    late = [at for at in asked if at > asked[0] + 1.0]
    assert late and min(late) >= asked[0] + 2.0


@pytest.mark.parametrize("limit", [2, 3])
def test_a_small_window_is_kept_by_agents_in_turn(tmp_path: Path, limit: int) -> None:
    """The same budget with a window of 1 s, so that many pass: agents come and go, the service's journal decides."""
    with make_world(tmp_path, limit=limit) as world:
        jobs = [world.press() for _ in range(2)]
        while not all(world.job(job_id).status in ENDED for job_id in jobs):
            agent = world.run(window=1.0, timings=replace(FAST, converter_ahead=0.0))
            seen = len(world.sandbox.state["requests"])
            until(
                lambda seen=seen: (
                    len(world.sandbox.state["requests"]) >= seen + 2
                    or all(world.job(job_id).status in ENDED for job_id in jobs)
                ),
                "it goes on",
            )
            agent.stop()
        times = [entry["monotonic"] for entry in world.sandbox.state["requests"] if entry["origin"] == "api"]
        assert len(times) >= 4 and busiest(times, 1.0) <= limit
        assert all(world.job(job_id).status is Status.READY for job_id in jobs)


def test_the_balance_is_asked_for_and_found_at_the_older_address(world: World) -> None:
    world.sandbox.set(wallet_path="/user/wallet/")
    try:
        world.balances.ask(world.account.account_id)
        world.run().join()
        balance = world.balances.read(world.account.account_id)
        assert balance.credits is not None and not balance.pending and balance.problem == ""
    finally:
        world.sandbox.set(wallet_path="/account/user/wallet/")


@pytest.mark.parametrize(
    ("fault", "says"),
    [("http_401", "API key"), ("http_500", "try again later"), ("reset_before", "internet"), ("garbage", "answer")],
)
def test_a_balance_that_cannot_be_told(world: World, fault: str, says: str) -> None:
    options: dict[str, Any] = {"message": "Something is wrong"} if "http" in fault else {}
    world.sandbox.add_fault("wallet", fault, **options)
    world.balances.ask(world.account.account_id)
    world.run().join()
    balance = world.balances.read(world.account.account_id)
    assert balance.credits is None and not balance.pending
    assert says in str(read(balance.problem))


def test_a_refused_balance_is_asked_for_again(world: World) -> None:
    world.sandbox.add_fault("wallet", "http_429", retry_after=1)
    world.balances.ask(world.account.account_id)
    world.run().join()
    assert world.balances.read(world.account.account_id).credits is not None


def test_never_more_than_allowed_in_any_minute(tmp_path: Path) -> None:
    minute = Minute()
    with make_world(tmp_path, limit=LIMIT) as world:
        minute.play(world)
    times = [entry["monotonic"] for entry in minute.requests if entry["origin"] == "api"]
    assert minute.kills == 4
    assert minute.busiest <= LIMIT and busiest(times, MINUTE) <= LIMIT
    assert max(times) - min(times) > MINUTE - 5.0 and len(times) >= 4, "the next window was used too"
    waiting = [text for text in minute.said if text.startswith("Rate limit")]
    says = r"Rate limit reached: the next request goes out in \d+ s"
    assert waiting and all(re.fullmatch(says, text) for text in waiting)
    assert not any(complaint(text) for text in minute.said)
    kinds = [entry["kind"] for entry in minute.requests if entry["origin"] == "api"]
    assert minute.submissions == kinds.count("submit") - minute_unanswered(minute)


def minute_unanswered(minute: Minute) -> int:
    """Submits that the service saw and did not accept (none: every kill came between requests)."""
    return sum(1 for entry in minute.requests if entry["kind"] == "submit" and entry["status"] not in (200, 201))
