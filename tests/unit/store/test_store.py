"""The store: transitions that happen once, change tracking, damage, privacy, lease, rate budget."""

from __future__ import annotations

import sqlite3
import stat
import sys
import time
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from client import machine_clock
from client.errors import StoreUnavailable
from client.jobs.states import IllegalTransition, Status
from client.notices import text
from client.paths import Home
from client.store import BalanceTable, Database, JobTable, LeaseTable, open_database
from client.store.lease import STALE_SECONDS, living_agents
from client.store.ledger import Ledger, Outcome
from client.store.rate_budget import RateTable
from support.agent_lab.new_jobs import NEW


def test_a_transition_happens_once(jobs: JobTable) -> None:
    job_id = jobs.insert(NEW)
    assert jobs.transition(job_id, Status.PREPARED, Status.SUBMITTING, message="Sending")
    assert not jobs.transition(job_id, Status.PREPARED, Status.SUBMITTING)
    job = jobs.get(job_id)
    assert job is not None
    assert (job.status, job.message, job.credits, job.name) == (Status.SUBMITTING, "Sending", 40, "a sword")


def test_an_illegal_transition_raises_and_writes_nothing(jobs: JobTable) -> None:
    job_id = jobs.insert(NEW)
    before = jobs.get(job_id)
    with pytest.raises(IllegalTransition):
        jobs.transition(job_id, Status.PREPARED, Status.READY)
    assert jobs.get(job_id) == before


def test_unknown_columns_are_refused(jobs: JobTable) -> None:
    with pytest.raises(ValueError, match="nonsense"):
        jobs.update(jobs.insert(NEW), Status.PREPARED, nonsense=1)


def test_changes_are_seen_in_order_and_by_other_connections(home: Home, database: Database, jobs: JobTable) -> None:
    other = open_database(home, durable=False, busy_seconds=1)
    try:
        seen = other.data_version()
        first, second = jobs.insert(NEW), jobs.insert(NEW)
        assert other.data_version() != seen
        revision = JobTable(other).changed_since(0)[-1].revision
        jobs.update(first, Status.PREPARED, message="changed")
        assert [job.job_id for job in JobTable(other).changed_since(revision)] == [first]
        assert [job.job_id for job in JobTable(other).recent(10)] == [second, first]
    finally:
        other.close()


def test_a_hidden_job_leaves_the_list_and_stays_in_the_ledger(database: Database, jobs: JobTable) -> None:
    job = jobs.get(jobs.insert(NEW))
    assert job is not None
    Ledger(database).record_charge(job, Outcome.CHARGED, "task")
    Ledger(database).record_charge(job, Outcome.REFUNDED, "task")
    jobs.hide(job.job_id)
    assert jobs.recent(10) == []
    assert jobs.changed_since(job.revision)[0].hidden
    assert [entry.credits for entry in Ledger(database).entries()] == [40, -40]


def test_a_renamed_job_is_a_change_in_any_state_and_keeps_no_secret(database: Database, jobs: JobTable) -> None:
    database.add_secret("a-secret-key")
    job = jobs.get(jobs.insert(NEW, status=Status.FAILED))
    assert job is not None
    jobs.set_name(job.job_id, "a shield, a-secret-key")
    (changed,) = jobs.changed_since(job.revision)
    assert changed.name.startswith("a shield, ") and "a-secret-key" not in changed.name
    assert changed.status is Status.FAILED


def test_variations_of_a_press_are_found_in_their_order(jobs: JobTable) -> None:
    one, two, three = (jobs.insert(replace(NEW, press="press")) for _ in range(3))
    other = jobs.get(jobs.insert(NEW))
    jobs.hide(two)
    job = jobs.get(three)
    assert job is not None and other is not None
    assert [found.job_id for found in jobs.variations(job.press)] == [one, three]
    assert jobs.variations(other.press) == [], "a model alone is no variation"


def test_a_damaged_store_is_set_aside_and_a_new_one_started(home: Home) -> None:
    home.prepare()
    home.database.write_bytes(b"this is not a database" * 1000)
    opened = open_database(home, durable=True, busy_seconds=1)
    assert JobTable(opened).recent(1) == []
    opened.close()
    aside = list(home.root.glob("jobs.damaged-*.sqlite3"))
    assert len(aside) == 1
    assert aside[0].read_bytes().startswith(b"this is not a database")


def test_a_store_of_a_newer_version_is_left_alone(home: Home, database: Database) -> None:
    database.connection.execute("PRAGMA user_version = 99")
    with pytest.raises(StoreUnavailable, match="newer version"):
        open_database(home, durable=True, busy_seconds=1)
    assert not list(home.root.glob("*.damaged-*"))


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX modes")
def test_files_are_private(home: Home, jobs: JobTable) -> None:
    jobs.insert(NEW)
    assert stat.S_IMODE(home.root.stat().st_mode) == 0o700
    for path in home.root.rglob("*"):
        assert not stat.S_IMODE(path.stat().st_mode) & 0o077, path


def test_a_folder_that_cannot_be_made_is_a_sentence(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    with pytest.raises(StoreUnavailable, match="check that the folder"):
        open_database(Home(blocked / "home"), durable=True, busy_seconds=1)


def test_one_agent_holds_the_lease(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    leases = LeaseTable(database)
    assert leases.acquire("account", "one", 1)
    assert leases.acquire("account", "one", 1)
    assert not leases.acquire("account", "two", 2)
    assert leases.acquire("another account", "two", 2)
    now = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now + 4.5)
    assert leases.acquire("account", "two", 2), "a silent agent's lease is taken over"
    assert not leases.acquire("account", "one", 1)
    leases.release("account", "one")
    holder = leases.holder("account")
    assert holder is not None and holder.agent == "two"


@pytest.mark.parametrize(
    ("ahead", "is_alive"), [(-STALE_SECONDS - 0.1, False), (-1.0, True), (0.1, True), (60.0, False)]
)
def test_a_beat_that_came_while_one_looked_is_fresh(database: Database, ahead: float, is_alive: bool) -> None:
    leases, now = LeaseTable(database), machine_clock.now()
    assert leases.acquire("account", "other", 1)
    database.connection.execute("UPDATE lease SET beat_at = ?", (now + ahead,))
    holder = leases.holder("account")
    assert holder is not None and holder.is_fresh(now) is is_alive
    assert living_agents(database.connection) == ({"other"} if is_alive else set())


def test_a_lease_from_before_a_reboot_is_stale(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    leases = LeaseTable(database)
    leases.acquire("account", "one", 1)
    monkeypatch.setattr(time, "monotonic", lambda: 5.0)
    assert leases.acquire("account", "two", 2)


class Clock:
    """A monotonic clock set by hand."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 1000.0
        monkeypatch.setattr(time, "monotonic", lambda: self.now)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def test_the_budget_is_a_sliding_window(database: Database, clock: Clock) -> None:
    rate = RateTable(database, "account", 3)
    for _ in range(3):
        stamp = rate.reserve("submit")
        assert stamp is not None
        rate.complete(stamp)
        clock.now += 10
    assert rate.reserve("status") is None
    assert rate.budget(clock.now).next_slot(clock.now) == pytest.approx(1060.0)
    clock.now = 1060.01
    assert rate.reserve("status") is not None
    assert rate.reserve("status") is None


def test_a_request_in_flight_counts_as_made_now(database: Database, clock: Clock) -> None:
    rate = RateTable(database, "account", 1)
    stamp = rate.reserve("submit")
    assert stamp is not None
    clock.now += 61
    assert rate.reserve("status") is None, "its answer has not come: the service may count it this very moment"
    rate.complete(stamp)
    clock.now += 59
    assert rate.reserve("status") is None
    clock.now += 2
    assert rate.reserve("status") is not None


def test_a_restart_cannot_overdraw_the_budget(home: Home, database: Database, clock: Clock) -> None:
    for _ in range(3):
        assert RateTable(database, "account", 3).reserve("submit") is not None
    other = open_database(home, durable=True, busy_seconds=1)
    rate = RateTable(other, "account", 3)
    rate.complete_abandoned()
    assert rate.reserve("status") is None
    clock.now = 7.0  # a reboot: the clock starts again, the stamps are from "the future"
    rate.complete_abandoned()
    assert rate.reserve("status") is None
    clock.now = 61.0
    assert rate.reserve("status") is not None
    other.close()


def test_a_429_blocks_and_without_retry_after_lowers_the_limit(database: Database, clock: Clock) -> None:
    rate = RateTable(database, "account", 3)
    rate.refused(24.0, 5.0)
    assert rate.budget(clock.now).next_slot(clock.now) == pytest.approx(clock.now + 24.0)
    assert rate.budget(clock.now).limit == 3
    clock.now += 25
    rate.refused(None, 5.0)
    assert rate.budget(clock.now).limit == 2
    clock.now += 200
    assert rate.budget(clock.now).limit == 3


def test_balances(database: Database) -> None:
    balances = BalanceTable(database)
    assert balances.read("account").credits is None
    balances.ask("account")
    assert balances.read("account").pending
    balances.answer("account", Decimal("150.00"))
    known = balances.read("account")
    assert known.credits == 150 and not known.pending and known.at is not None
    balances.ask("account")
    balances.fail("account", text("No connection"))
    assert balances.read("account").credits == 150
    assert balances.read("account").problem == "No connection"


def test_a_failed_transaction_leaves_nothing(database: Database, jobs: JobTable) -> None:
    job_id = jobs.insert(NEW)
    with pytest.raises(sqlite3.OperationalError), database.transaction() as connection:
        connection.execute("UPDATE job SET message = 'half' WHERE job_id = ?", (job_id,))
        connection.execute("UPDATE nonsense SET a = 1")
    job = jobs.get(job_id)
    assert job is not None and job.message == ""
