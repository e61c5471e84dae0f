"""What every way out of an uncertain request, and every recovered task, writes into the ledger: each of them once."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from client.agent.job_notes import JobNotes
from client.agent.messages import Failed, WasPolled, WasSubmitted
from client.agent.transitions import JobTransitions
from client.jobs.spending_limits import Limits
from client.jobs.states import Status
from client.notices import text
from client.paths import Home
from client.service import exceptions
from client.service.responses import TaskState, TaskStatus
from client.service.retry import Step
from client.store import Database, Job, JobTable, press
from client.store.ledger import Ledger, Outcome
from client.timings import Timings
from support.agent_lab.new_jobs import NEW

PRICE = 40
DAY = 24 * 3600.0
CLEARED: dict[str, str | None] = {"task_id": None, "message": "", "error": ""}


class Money:
    """One job and what happens to it: each method is one thing that a person or the service does."""

    def __init__(self, home: Home, database: Database) -> None:
        self.database = database
        self.jobs = JobTable(database)
        self.ledger = Ledger(database)
        self.transitions = JobTransitions(self.jobs, self.ledger, home, Timings())
        self.job_id = self.jobs.insert(NEW)

    @property
    def job(self) -> Job:
        found = self.jobs.get(self.job_id)
        assert found is not None
        return found

    def lines(self) -> list[tuple[str, str, int]]:
        return [(entry.outcome, entry.task_id, entry.credits) for entry in self.ledger.entries()]

    def spent(self, since: float = 0.0) -> int:
        return self.ledger.spent_since(NEW.account_id, since)

    def send(self) -> None:
        assert self.jobs.transition(self.job_id, Status.PREPARED, Status.SUBMITTING)

    def no_answer(self) -> None:
        self.fail(exceptions.NoAnswer("No answer: wait"))

    def refused(self) -> None:
        self.fail(exceptions.RequestRefused("Refused: change it", status=400))

    def fail(self, error: exceptions.NoAnswer | exceptions.RequestRefused) -> None:
        with self.database.transaction():
            self.transitions.failed(self.job, Failed(Step.SUBMIT, self.job_id, error), JobNotes())

    def agent_dies(self) -> None:
        with self.database.transaction():
            self.transitions.cut_off(self.job)

    def answer(self, task_id: str = "task") -> None:
        with self.database.transaction():
            self.transitions.submitted(self.job, WasSubmitted(self.job_id, task_id))

    def enter_task_id(self) -> None:
        press.write_recovered(self.database, self.job, "task", {"message": "", "error": ""})

    def adopt(self) -> None:
        self.job_id = press.write_adopted(self.database, NEW, "task")

    def send_again(self) -> None:
        press.write_retry(self.database, self.job, Status.PREPARED, Limits(), CLEARED)

    def cancel(self) -> None:
        press.write_cancelled(self.database, self.job, text("Cancelled"))

    def remove(self) -> None:
        press.write_removed(self.database, self.job, text("Cancelled"))

    def finish(self) -> None:
        self.poll(TaskState.FINISHED, "https://storage.example/a.glb")

    def fail_at_service(self) -> None:
        self.poll(TaskState.FAILED)

    def poll(self, state: TaskState, url: str = "") -> None:
        message = WasPolled(self.job_id, TaskStatus(state, 40, "", (url,) if url else (), ""), time.monotonic())
        with self.database.transaction():
            self.transitions.polled(self.job, message, JobNotes(seen=time.monotonic()), ())


@pytest.fixture
def money(home: Home, database: Database) -> Money:
    return Money(home, database)


CHARGED = ("charged", "task", PRICE)
REFUNDED = ("refunded", "task", -PRICE)
UNCLEAR = ("unclear", "", PRICE)
ASSUMED = ("assumed", "", PRICE)
M = Money
Move = Callable[[Money], None]


@dataclass(frozen=True)
class Way:
    """What happens to a job, what the ledger says after that, and what counts as spent."""

    name: str
    steps: tuple[Move, ...]
    lines: tuple[tuple[str, str, int], ...]
    spent: int

    @property
    def is_charged_at_first(self) -> bool:
        return M.answer in self.steps[:2]


NO_ANSWER = (M.send, M.no_answer)
WAYS = [
    Way("waiting", (), (), PRICE),
    Way("sent", (M.send,), (), PRICE),
    Way("accepted", (M.send, M.answer), (CHARGED,), PRICE),
    Way("refused", (M.send, M.refused), (), 0),
    Way("no answer", NO_ANSWER, (UNCLEAR,), PRICE),
    Way("the agent died", (M.send, M.agent_dies), (UNCLEAR,), PRICE),
    Way("late answer", (*NO_ANSWER, M.answer), (CHARGED,), PRICE),
    Way("task id entered", (*NO_ANSWER, M.enter_task_id), (CHARGED,), PRICE),
    Way("task id entered after the agent died", (M.send, M.agent_dies, M.enter_task_id), (CHARGED,), PRICE),
    Way("task id entered and the late answer", (*NO_ANSWER, M.enter_task_id, M.answer), (CHARGED,), PRICE),
    Way("sent again", (*NO_ANSWER, M.send_again), (ASSUMED,), 2 * PRICE),
    Way("sent again and accepted", (*NO_ANSWER, M.send_again, M.send, M.answer), (ASSUMED, CHARGED), 2 * PRICE),
    Way("sent again and refused", (*NO_ANSWER, M.send_again, M.send, M.refused), (ASSUMED,), PRICE),
    Way("sent again, no answer", (*NO_ANSWER, M.send_again, *NO_ANSWER), (ASSUMED, UNCLEAR), 2 * PRICE),
    Way("sent again, first answer before", (*NO_ANSWER, M.send_again, M.answer), (CHARGED,), PRICE),
    Way(
        "sent again, both answers",
        (*NO_ANSWER, M.send_again, M.send, M.answer, lambda money: money.answer("other")),
        (("charged", "other", PRICE), CHARGED),
        2 * PRICE,
    ),
    Way("forgotten", (*NO_ANSWER, M.cancel), (ASSUMED,), PRICE),
    Way("forgotten and the late answer", (*NO_ANSWER, M.cancel, M.answer), (CHARGED,), PRICE),
    Way("removed", (*NO_ANSWER, M.remove), (ASSUMED,), PRICE),
    Way("cancelled before it was sent", (M.cancel,), (), 0),
    Way("cancelled on its way", (M.send, M.cancel), (UNCLEAR,), PRICE),
    Way("cancelled on its way and accepted", (M.send, M.cancel, M.answer), (CHARGED,), PRICE),
    Way("cancelled on its way and refused", (M.send, M.cancel, M.refused), (), 0),
    Way("cancelled on its way, no answer", (M.send, M.cancel, M.no_answer), (UNCLEAR,), PRICE),
    Way("cancelled while it runs", (M.send, M.answer, M.cancel), (CHARGED,), PRICE),
    Way("model found", (*NO_ANSWER, M.enter_task_id, M.finish), (CHARGED,), PRICE),
    Way("finished", (M.send, M.answer, M.finish), (CHARGED,), PRICE),
    Way("failed at the service", (M.send, M.answer, M.fail_at_service), (CHARGED, REFUNDED), 0),
    Way("recovered, failed there", (*NO_ANSWER, M.enter_task_id, M.fail_at_service), (CHARGED, REFUNDED), 0),
    Way(
        "failed at the service, sent again",
        (M.send, M.answer, M.fail_at_service, M.send_again, M.send, lambda money: money.answer("other")),
        (CHARGED, REFUNDED, ("charged", "other", PRICE)),
        PRICE,
    ),
    Way("unknown task", (M.cancel, M.adopt), (("charged", "task", 0),), 0),
    Way("unknown task finished", (M.cancel, M.adopt, M.finish), (("charged", "task", 0),), 0),
    Way("removed, then recovered", (M.send, M.answer, M.cancel, M.remove, M.adopt), (CHARGED,), PRICE),
    Way(
        "removed, recovered, failed there",
        (M.send, M.answer, M.cancel, M.remove, M.adopt, M.fail_at_service),
        (CHARGED, REFUNDED),
        0,
    ),
]


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.name)
def test_each_way_settles_what_was_charged(money: Money, way: Way) -> None:
    for step in way.steps:
        step(money)
    assert tuple(money.lines()) == way.lines
    assert money.spent() == way.spent


@pytest.mark.parametrize("way", [way for way in WAYS if way.steps], ids=lambda way: way.name)
def test_settling_again_changes_nothing(money: Money, way: Way) -> None:
    for step in way.steps:
        step(money)
    for outcome, task_id, _credits in money.lines():
        if outcome != Outcome.ASSUMED:
            assert not money.ledger.record_charge(money.job, Outcome(outcome), task_id)
    assert tuple(money.lines()) == way.lines
    for _ in range(2):
        money.ledger.record_charge(money.job, Outcome.ASSUMED)
        assert sum(credits for _, _, credits in money.lines()) == sum(credits for _, _, credits in way.lines)


def test_a_job_that_was_never_charged_gives_nothing_back(money: Money) -> None:
    assert not money.ledger.record_charge(money.job, Outcome.REFUNDED, "task")
    assert not money.ledger.record_charge(money.job, Outcome.REFUNDED, "")
    assert money.lines() == []


def test_what_an_earlier_version_left_uncertain_counts_and_can_be_settled(money: Money) -> None:
    """An agent of version 1 moves the job and writes no line."""
    money.send()
    money.jobs.transition(money.job_id, Status.SUBMITTING, Status.UNCERTAIN)
    assert (money.lines(), money.spent()) == ([], PRICE)
    money.cancel()
    assert (money.lines(), money.spent()) == ([ASSUMED], PRICE)


def test_what_waits_counts_however_old_it_is(money: Money, database: Database) -> None:
    database.connection.execute("UPDATE job SET created_at = created_at - ?", (3 * DAY,))
    assert money.spent(time.time() - DAY) == PRICE


def test_an_unclear_request_counts_on_the_day_it_was_sent(money: Money, database: Database) -> None:
    money.send()
    money.no_answer()
    database.connection.execute("UPDATE ledger SET at = at - ?", (3 * DAY,))
    money.enter_task_id()
    assert money.spent(time.time() - DAY) == 0 and money.spent(time.time() - 4 * DAY) == PRICE


def test_what_an_earlier_day_paid_and_this_one_gave_back_frees_nothing_of_the_cap(
    money: Money, database: Database
) -> None:
    money.send()
    money.answer()
    database.connection.execute("UPDATE ledger SET at = at - ?", (3 * DAY,))
    money.fail_at_service()
    assert money.lines() == [CHARGED, REFUNDED]
    assert money.spent(time.time() - DAY) == 0 and money.spent(time.time() - 4 * DAY) == 0


@pytest.mark.parametrize("amount", ["1e400", "9" * 4000, 10**18, "text", b"\xff", float("inf")])
def test_absurd_amounts_never_stop_the_sum(money: Money, database: Database, amount: object) -> None:
    money.send()
    money.answer()
    database.connection.execute("UPDATE ledger SET credits = ?", (amount,))
    assert abs(money.spent()) < 2**31
