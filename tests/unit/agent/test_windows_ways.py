"""What an agent does otherwise on Windows, as far as it can be tried everywhere."""

from __future__ import annotations

import logging
import os
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from client.agent.launch import AgentProcess
from client.agent.shared_log import SharedLog
from client.agent.starter_pipe import LEAVE, StarterPipe
from client.jobs.states import Status
from support.agent_lab.agents import FAST, World, until


def test_a_thread_is_never_inside_a_read_that_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    read_end, write_end = os.pipe()
    may_read = threading.Semaphore(0)
    inside: list[int] = []
    real = os.read

    def read(_descriptor: int, count: int) -> bytes:
        inside.append(count)
        return real(read_end, count)

    monkeypatch.setattr("client.agent.starter_pipe.os.read", read)
    told: list[bool] = []

    def wait() -> None:
        may_read.acquire()

    pipe = StarterPipe(wait)
    pipe.watch(lambda: told.append(True))
    assert not inside, "it read before it was told that there is something"
    os.write(write_end, LEAVE)
    may_read.release(len(LEAVE))
    until(lambda: told, "the word is heard")
    assert len(inside) == len(LEAVE) and not pipe.is_gone
    os.close(write_end)
    may_read.release()
    until(lambda: pipe.is_gone, "the end is seen")
    os.close(read_end)


def test_leaving_is_said_over_the_pipe_where_a_signal_would_kill(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[bytes] = []

    class Stream:
        def write(self, data: bytes) -> None:
            said.append(data)

        def flush(self) -> None:
            raise OSError(22, "Invalid argument")  # what Windows calls a broken pipe

        def close(self) -> None:
            raise OSError(22, "Invalid argument")

    class Process:
        stdin = Stream()

        def poll(self) -> None:
            return None

        def terminate(self) -> None:
            pytest.fail("it was ended at once")

    monkeypatch.setattr("client.agent.launch.sys.platform", "win32")
    AgentProcess(Process()).leave()  # type: ignore[arg-type]
    assert said == [LEAVE]


def lines(folder: Path) -> list[str]:
    return [line for file in sorted(folder.glob("agent.log*"), reverse=True) for line in file.read_text().splitlines()]


def test_a_log_that_another_agent_has_open_loses_no_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = SharedLog(tmp_path / "agent.log", maxBytes=100, backupCount=2, encoding="utf-8")
    real = os.rename

    def rename(source: str, target: str) -> None:
        if str(source).endswith("agent.log"):
            raise PermissionError(13, "held")
        real(source, target)

    monkeypatch.setattr(os, "rename", rename)
    with (tmp_path / "agent.log").open("a") as other:
        for number in range(9):
            log.emit(logging.makeLogRecord({"msg": f"{number}" * 30}))
            other.write("")
    assert lines(tmp_path)[-7:] == [f"{number}" * 30 for number in range(2, 9)]
    assert all(file.stat().st_size <= 100 for file in tmp_path.iterdir()), "it grows no further"
    log.close()


def test_a_log_whose_old_file_is_being_read_loses_no_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_paths: str) -> None:
        raise PermissionError(13, "held")

    monkeypatch.setattr(os, "rename", refuse)
    monkeypatch.setattr(os, "remove", refuse)
    monkeypatch.setattr("client.agent.shared_log.shutil.copyfile", refuse)
    log = SharedLog(tmp_path / "agent.log", maxBytes=100, backupCount=2, encoding="utf-8")
    for number in range(9):
        log.emit(logging.makeLogRecord({"msg": f"{number}" * 30}))
    assert lines(tmp_path) == [f"{number}" * 30 for number in range(9)]
    log.close()


def test_no_converter_is_kept_while_the_storage_cannot_be_reached(lone_world: World) -> None:
    world = lone_world
    job_id = world.press()
    timings = replace(FAST, first_delay=30.0, longest_delay=60.0, idle_exit=60.0, converter_idle=5.0)
    world.sandbox.add_fault("asset", "http_503", times=1000)
    agent = world.run(timings=timings)
    try:
        world.reaches(job_id, Status.DOWNLOADING)
        until(lambda: world.converter.events("start"), "it is warmed up for the first try")
        until(lambda: not os.path.exists(f"/proc/{world.converter.pid}"), "it rests while there is nothing to convert")
        assert world.job(job_id).status is Status.DOWNLOADING
        assert len(world.converter.events("start")) == 1
    finally:
        agent.stop()


def test_a_sound_result_that_a_scanner_does_not_let_go_is_no_failure(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def held(*_paths: object) -> None:
        error = PermissionError(13, "held")
        error.winerror = 32  # type: ignore[attr-defined]  # as Windows sets it
        raise error

    monkeypatch.setattr("client.agent.converter.process.move", held)
    job_id = world.press()
    agent = world.run()
    try:
        until(lambda: world.job(job_id).error == "FILE_HELD", "it is told who is to blame")
        monkeypatch.undo()
        assert world.ends(job_id).status is Status.READY
    finally:
        agent.stop()
