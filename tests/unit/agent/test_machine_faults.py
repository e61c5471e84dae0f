"""The second half of the fault matrix: what this machine may do wrong. Disk, store, clocks, name server, the switch.

The last test prints the table.
"""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from client.jobs.images import ImageSource
from client.jobs.request import GenerationRequest
from client.jobs.states import Status
from client.schema import Kind
from client.store import NewJob
from sandbox import Sandbox
from support.agent_lab.agents import FAST, SMALL, LocalAgent, World, until
from support.agent_lab.agents import world as make_world
from support.agent_lab.fault_table import mounted, note, show_table, shows

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

    monkeypatch.setattr("client.files.disk.os.fsync", full_disk)
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
    monkeypatch.setattr("client.agent.converter.queue.free_bytes", lambda _folder: room[0])
    job_id = world.submitted()
    agent = world.run(timings=replace(FAST, disk_delay=0.5))
    shown = shows(world, job_id, "disk is full: free some space, and the conversion")
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
    assert re.search(r"expired on \d{4}-\d\d-\d\d \d\d:\d\d: generate it again", str(ended.notice))
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

    monkeypatch.setattr(
        "urllib3.util.connection.socket.getaddrinfo"
        if "name" in fault
        else "urllib3.util.connection.socket.socket.connect",
        no_way,
    )
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
    agent.agent.requests.hurry()
    seen = agent.agent.live_jobs.live
    until(
        lambda: len(agent.agent.live_jobs.live) > len(seen) or agent.agent.live_jobs.live is not seen,
        "it was looked at",
    )
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
    world.sandbox.set(variety="quick")  # and no page in the model's place
    world.sandbox.add_fault("asset", "slow")
    job_id = world.submitted()
    agent = world.run(timings=replace(FAST, slow_window=60.0))
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


def test_a_image_that_is_gone(world: World) -> None:
    request = GenerationRequest(Kind.IMAGE, images=(ImageSource("image", path="gone.png"),))
    job_id = world.jobs.insert(NewJob(world.account.account_id, request))
    agent = world.run()
    ended = world.ends(job_id)
    note("image removed before it is sent", ended, ended)
    assert ended.status is Status.FAILED and "choose another file" in str(ended.notice) and world.submissions == 0
    agent.join()


def test_a_result_above_the_size_limit(world: World) -> None:
    job_id = world.submitted(face_limit=None)
    agent = world.run(max_bytes=100_000)
    ended = world.ends(job_id)
    note("result above the size limit", ended, ended)
    assert ended.status is Status.FAILED and "larger than" in str(ended.notice)
    agent.join()
    assert world.leftovers() == []


def test_a_loopback_address_from_a_service_elsewhere_is_not_fetched(world: World, running_sandbox: Sandbox) -> None:
    from client.errors import ResultRefused
    from client.service.download import download

    assert SMALL
    with pytest.raises(ResultRefused, match="not https"):
        download(running_sandbox.storage_url + "/a", world.home.downloads / "a", world.home.root / "b", loopback=False)


def test_the_table_of_this_machine(print_table: Callable[[str], None]) -> None:
    print_table(show_table("fault of this machine"))
