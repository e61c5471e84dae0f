"""The second half of the fault matrix: what this machine may do wrong. Disk, store, clocks, name server, the switch.

The last test prints the table.
"""

from __future__ import annotations

import contextlib
import os
import re
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from client.pictures import ImageSource
from client.request import GenerationRequest
from client.schema import Kind
from client.states import ENDED, LIVE, Status
from client.store import Job, JobTable, NewJob, open_database
from sandbox import Sandbox
from support.agents import FAST, SMALL, LocalAgent, World, until
from support.agents import world as make_world
from support.plain_words import complaint

TABLE: list[tuple[str, Status, Status, str]] = []


def note(fault: str, shown: Job, ended: Job) -> None:
    """A line for the table, whose sentence must be a good one."""
    assert not complaint(shown.message), shown.message
    assert not complaint(ended.message), ended.message
    TABLE.append((fault, shown.status, ended.status, shown.message))


def shows(world: World, job_id: str, says: str) -> Job:
    def there() -> Job | None:
        job = world.job(job_id)
        return job if re.search(says, job.message) else None

    return until(there, f"the job says {says!r}, not {world.job(job_id).message!r}", 10)


@contextlib.contextmanager
def mounted(place: Path, size: str) -> Iterator[Callable[[str], None]]:
    """A file system of its own, and a function to change its options; skips where nothing can be mounted."""
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("mounting needs Linux and root")
    place.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size},mode=700", "tmpfs", place], capture_output=True)
    if done.returncode:
        pytest.skip(f"nothing can be mounted here: {done.stderr.decode().strip()}")
    try:
        yield lambda options: subprocess.run(["mount", "-o", f"remount,{options}", place], check=True) and None
    finally:
        subprocess.run(["umount", "-l", place], check=True)


# Disk


def test_a_small_disk_is_seen_before_it_is_full(tmp_path: Path) -> None:
    with mounted(tmp_path / "home", "60m") as remount, make_world(tmp_path) as world:
        job_id = world.submitted()
        agent = world.run()
        shown = shows(world, job_id, r"needs 64 MB and the disk has \d+ MB left: free some space")
        assert list(world.home.downloads.glob("*.part")) == []
        remount("size=200m")
        note("disk too small for the result", shown, world.ends(job_id))
        assert world.job(job_id).status is Status.READY
        agent.join()


def test_a_disk_that_is_full_in_the_middle(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    full = True

    def full_disk(descriptor: int) -> None:
        if full:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr("client.download.os.fsync", full_disk)
    job_id = world.submitted()
    agent = world.run()
    shown = shows(world, job_id, "disk is full: free some space")
    full = False
    note("disk full in the middle", shown, world.ends(job_id))
    assert world.job(job_id).status is Status.READY
    agent.join()


def test_a_conversion_on_a_full_disk_is_tried_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.converter.plan("refuse")
    room = [0]
    monkeypatch.setattr("client.agent.conversion.free_bytes", lambda _folder: room[0])
    job_id = world.submitted()
    agent = world.run(pace=replace(FAST, disk_delay=0.5))
    shown = shows(world, job_id, "disk is full: free some space, the conversion")
    assert shown.status is Status.CONVERTING
    room[0] = 1 << 40
    note("disk full during the conversion", shown, world.ends(job_id))
    assert world.job(job_id).status is Status.READY
    agent.join()


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    with make_world(tmp_path) as world, mounted(world.home.downloads, "200m") as remount:
        remount("ro")
        job_id = world.submitted()
        agent = world.run()
        shown = shows(world, job_id, "cannot be written.*: make sure that the add-on's folder can be written")
        remount("rw")
        note("read-only folder", shown, world.ends(job_id))
        assert world.job(job_id).status is Status.READY
        agent.join()


def test_a_store_on_a_full_disk_loses_no_answer(tmp_path: Path) -> None:
    """The service has taken the credits and the answer cannot be written: it is kept until it can."""
    with mounted(tmp_path / "home", "150m"), make_world(tmp_path) as world:
        world.sandbox.add_fault("submit", "slow", amount=8, seconds=0.05)
        job_id = world.press()
        agent = world.run()
        until(lambda: world.submissions, "the service has taken it")
        filler = world.home.root / "filler"
        with contextlib.suppress(OSError), filler.open("wb") as stream:
            while True:
                stream.write(bytes(1 << 16))
        until(lambda: agent.agent._trouble_since is not None, "the store cannot be written")
        assert agent.thread.is_alive()
        shown = world.job(job_id)
        assert shown.status is Status.SUBMITTING
        filler.unlink()
        ended = world.ends(job_id)
        assert ended.status is Status.READY and world.submissions == 1
        note("store on a full disk", shown, ended)
        agent.join()


# The store


def test_a_locked_store_is_waited_for(world: World) -> None:
    other = sqlite3.connect(world.home.database, isolation_level=None)
    job_id = world.press()
    agent = world.run()
    until(lambda: world.submissions, "the service has taken it")
    other.execute("PRAGMA busy_timeout = 5000")
    other.execute("BEGIN IMMEDIATE")
    until(lambda: agent.agent._trouble_since is not None, "the agent meets the lock")
    assert agent.thread.is_alive()
    shown = world.job(job_id)
    other.execute("ROLLBACK")
    other.close()
    ended = world.ends(job_id)
    note("locked store", shown, ended)
    assert ended.status is Status.READY and world.submissions == 1
    agent.join()


def damage(world: World, index: str = "job_by_status") -> None:
    """Break one page of the store, as a broken disk does, and make every connection read it again."""
    connection = world.database.connection
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    page = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (index,)).fetchone()[0]
    size = connection.execute("PRAGMA page_size").fetchone()[0]
    with world.home.database.open("r+b") as stream:
        stream.seek((page - 1) * size)
        stream.write(bytes(size))
    world.database.set_setting("any", str(time.monotonic()))


def wreck(world: World) -> None:
    """Overwrite the store in place, as a sync program does."""
    for suffix in ("", "-wal"):
        file = world.home.database.with_name(world.home.database.name + suffix)
        with file.open("r+b") as stream:
            size = stream.seek(0, 2)
            stream.seek(0)
            stream.write(os.urandom(max(size, 4096)))


def reopened(world: World) -> None:
    """As Blender does with an error from its store."""
    world.database.close()
    world.database = open_database(world.home, durable=False, busy_seconds=5.0)
    world.jobs = JobTable(world.database)


def test_a_store_that_breaks_while_it_is_used(lone_world: World) -> None:
    world = lone_world
    world.sandbox.set(seconds=1000.0)
    paid = world.press()
    agent = world.run(window=1.0)
    world.reaches(paid, Status.QUEUED)
    damage(world)
    until(lambda: list(world.home.root.glob("jobs.damaged-*")), "the damaged store is set aside")
    until(lambda: not agent.agent._has_new_store and agent.agent.database.is_in_place(), "the agent has a new one")
    reopened(world)
    shown = world.reaches(paid, Status.QUEUED)
    assert shown.task_id == world.sandbox.state["submissions"][0]["task_id"]
    world.sandbox.finish()
    ended = world.ends(paid)
    note("store damaged while in use", shown, ended)
    assert ended.status is Status.READY and world.submissions == 1
    agent.join()


def test_a_request_on_its_way_survives_the_loss_of_the_store(lone_world: World) -> None:
    world = lone_world
    world.sandbox.add_fault("submit", "slow", amount=4, seconds=0.05)
    job_id = world.press()
    agent = world.run(window=1.0)
    until(lambda: world.submissions, "the service has taken it")
    wreck(world)
    reopened(world)  # another process finds it damaged and starts a new one: the agent follows
    assert list(world.home.root.glob("jobs.damaged-*"))
    shown = world.reaches(job_id, *LIVE)
    ended = world.ends(job_id)
    note("store overwritten while in use", shown, ended)
    assert ended.status is Status.READY and world.submissions == 1
    agent.join()


def test_a_store_that_is_removed_while_it_is_used(lone_world: World) -> None:
    world = lone_world
    world.sandbox.set(seconds=1000.0)
    job_id = world.press()
    agent = world.run()
    world.reaches(job_id, Status.QUEUED)
    for file in world.home.root.glob("jobs.sqlite3*"):
        file.unlink()
    until(lambda: world.home.database.exists(), "there is a new one")
    reopened(world)
    world.sandbox.finish()
    shown = world.reaches(job_id, *LIVE, *ENDED)
    ended = world.ends(job_id)
    note("store removed while in use", shown, ended)
    assert ended.status is Status.READY and world.submissions == 1
    agent.join()


def test_a_store_found_damaged_gives_up_its_paid_jobs_only(world: World) -> None:
    """An inner page is broken: the next agent sets the store aside and takes over what was paid."""
    paid, unpaid = world.submitted(), world.press()
    for number in range(200):
        world.jobs.update(unpaid, Status.PREPARED, message=f"{number} " + "x" * 4000)
    damage(world, "job_by_creation")
    world.database.close()
    agent = world.run(window=1.0)
    assert list(world.home.root.glob("jobs.damaged-*"))
    reopened(world)
    assert world.jobs.get(unpaid) is None, "it might be sent once more: it stays in the store that was set aside"
    shown = world.job(paid)
    ended = world.ends(paid)
    note("store found damaged", shown, ended)
    assert ended.status is Status.READY
    agent.join()


# Clocks


@pytest.mark.parametrize("jump", [365 * 86400.0, -365 * 86400.0], ids=["a year on", "a year back"])
def test_a_clock_that_jumps(lone_world: World, monkeypatch: pytest.MonkeyPatch, jump: float) -> None:
    """Nothing expires, waits or is asked more often because the wall clock was set: only the display reads it."""
    world = lone_world
    world.sandbox.set(seconds=1000.0)
    job_id = world.press()
    agent = world.run()
    world.reaches(job_id, Status.QUEUED)
    real = time.time
    monkeypatch.setattr(time, "time", lambda: real() + jump)
    world.sandbox.advance(500)
    shown = world.reaches(job_id, Status.RUNNING)
    world.sandbox.add_fault("asset", "http_403")
    world.sandbox.add_fault("asset", "cut")
    world.sandbox.finish()
    ended = world.ends(job_id)
    note(f"wall clock jumps by {jump / 86400:+.0f} days", shown, ended)
    assert ended.status is Status.READY and world.submissions == 1
    agent.join()


def test_an_expired_result_says_when_and_keeps_its_request(lone_world: World) -> None:
    world = lone_world
    job_id = world.submitted()
    world.sandbox.advance(25 * 3600)
    agent = world.run()
    ended = world.ends(job_id)
    assert ended.status is Status.EXPIRED
    assert re.search(r"expired at the service on \d{4}-\d\d-\d\d \d\d:\d\d: generate it again", ended.message)
    assert GenerationRequest.from_json(ended.request).parameters["prompt"] == "a mug" and ended.task_id
    note("result expired", ended, ended)
    agent.join()


# The network of this machine, and the switch


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("name server fails", socket.gaierror(-2, "Name or service not known")),
        ("connection refused", ConnectionRefusedError(111, "Connection refused")),
        ("no route", OSError(101, "Network is unreachable")),
    ],
)
def test_a_service_that_cannot_be_reached(
    world: World, monkeypatch: pytest.MonkeyPatch, fault: str, error: OSError
) -> None:
    def no_way(*_arguments: object, **_options: object) -> socket.socket:
        raise error

    monkeypatch.setattr("urllib3.util.connection.socket.getaddrinfo" if "name" in fault else
                        "urllib3.util.connection.socket.socket.connect", no_way)
    unsent = world.press()
    agent = world.run()
    shown = shows(world, unsent, "cannot be reached: check the internet connection")
    assert shown.status is Status.PREPARED and shown.error == "NOT_SENT"
    monkeypatch.undo()
    ended = world.ends(unsent)
    note(fault, shown, ended)
    assert ended.status is Status.READY and world.submissions == 1
    agent.join()


def offline_and_back(world: World, job_id: str, agent: LocalAgent, state: Status) -> None:
    world.go_online(False)
    shown = shows(world, job_id, "Online access is switched off.*: switch it on")
    assert shown.status is state
    count = len(world.sandbox.state["requests"])
    until(lambda: not agent.agent.results.is_downloading, "running downloads stop")
    world.sandbox.faults.clear()
    world.press()  # would be sent at once
    agent.agent.asking.hurry()
    seen = agent.agent.board.live
    until(lambda: len(agent.agent.board.live) > len(seen) or agent.agent.board.live is not seen, "it was looked at")
    assert len(world.sandbox.state["requests"]) == count, "nothing is asked while offline"
    world.go_online(True)
    ended = world.ends(job_id)
    note(f"offline while {state}", shown, ended)
    assert ended.status is Status.READY
    agent.stop()


def test_offline_before_the_request_is_sent(world: World) -> None:
    world.go_online(False)
    job_id = world.press()
    offline_and_back(world, job_id, world.run(), Status.PREPARED)


def test_offline_in_the_middle_of_a_download(world: World) -> None:
    world.sandbox.add_fault("asset", "slow")
    job_id = world.submitted()
    agent = world.run(pace=replace(FAST, slow_window=60.0))
    part = world.home.downloads / f"{job_id}.part"
    until(lambda: part.exists() and part.stat().st_size > 50, "some bytes are there")
    offline_and_back(world, job_id, agent, Status.DOWNLOADING)
    fetched = [entry["status"] for entry in world.sandbox.state["requests"] if entry["kind"] == "asset"]
    assert fetched[:2] == [200, 206], "it goes on where it stopped"


# Requests that cannot be sent


def test_a_request_that_cannot_be_read(world: World) -> None:
    job_id = world.press()
    world.database.connection.execute("UPDATE job SET request = '{' WHERE job_id = ?", (job_id,))
    agent = world.run()
    ended = world.ends(job_id)
    note("damaged request in the store", ended, ended)
    assert ended.status is Status.FAILED and world.submissions == 0
    agent.join()


def test_a_picture_that_is_gone(world: World) -> None:
    request = GenerationRequest(Kind.IMAGE, images=(ImageSource("image", path="gone.png"),))
    job_id = world.jobs.insert(NewJob(world.account.account_id, request))
    agent = world.run()
    ended = world.ends(job_id)
    note("picture removed before it is sent", ended, ended)
    assert ended.status is Status.FAILED and "choose another file" in ended.message and world.submissions == 0
    agent.join()


def test_a_result_above_the_size_limit(world: World) -> None:
    job_id = world.submitted(face_limit=None)
    agent = world.run(max_bytes=100_000)
    ended = world.ends(job_id)
    note("result above the size limit", ended, ended)
    assert ended.status is Status.FAILED and "larger than" in ended.message
    assert world.leftovers() == []
    agent.join()


def test_a_loopback_address_from_a_service_elsewhere_is_not_fetched(world: World, running_sandbox: Sandbox) -> None:
    from client.download import download
    from client.errors import ResultRefused

    assert SMALL
    with pytest.raises(ResultRefused, match="not https"):
        download(running_sandbox.storage_url + "/a", world.home.downloads / "a", world.home.root / "b", loopback=False)


def test_the_table_of_this_machine(capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        print(f"\n{'fault':36} {'state':12} {'ends':9} sentence")
        for fault, shown, ended, sentence in TABLE:
            print(f"{fault:36} {shown:12} {ended:9} {sentence}")
