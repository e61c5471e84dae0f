"""Finding and ending the processes that a test has started, by what they were started with. Linux only."""

from __future__ import annotations

import contextlib
import math
import os
import signal
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

_ASK_AGAIN_SECONDS = 2.0


@dataclass(frozen=True)
class Found:
    """A process: its id and its command line with spaces."""

    pid: int
    command: str


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:  # gone meanwhile, or another user's
        return b""


def _is_zombie(folder: Path) -> bool:
    return _read(folder / "stat").rpartition(b")")[2].split()[:1] in ([b"Z"], [b"X"], [])


def mentioning(texts: Iterable[str], *, environment: bool = True) -> list[Found]:
    """Living processes whose command line (or environment) has one of the texts in it; never our callers."""
    wanted = [text.encode() for text in texts if text]
    mine = ancestors()
    found: list[Found] = []
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit() or int(folder.name) in mine:
            continue
        command = _read(folder / "cmdline")
        where = command + _read(folder / "environ") if environment else command
        if any(text in where for text in wanted) and not _is_zombie(folder):
            text = command.replace(b"\0", b" ").decode(errors="replace").strip()
            found.append(Found(int(folder.name), text))
    return found


def ancestors() -> set[int]:
    """This process and those that started it."""
    pids: set[int] = set()
    pid = os.getpid()
    while pid > 1 and pid not in pids:
        pids.add(pid)
        fields = _read(Path(f"/proc/{pid}/stat")).rpartition(b")")[2].split()
        pid = int(fields[1]) if len(fields) > 1 else 0
    return pids


def wait_gone(texts: Iterable[str], seconds: float) -> list[Found]:
    """Wait until no process mentions the texts; what is left after `seconds`, at best nothing."""
    texts = list(texts)
    deadline = time.monotonic() + seconds
    while (left := mentioning(texts)) and time.monotonic() < deadline:
        time.sleep(0.05)
    return left


def end(texts: Iterable[str], seconds: float = 60.0) -> list[Found]:
    """Ask the processes that mention the texts to stop, then kill; those that had to be killed.

    What is asked is whether they end, not how soon: ``seconds`` is there for those that hang. They are asked again and
    again, and looked for until none has been seen three times: a process that was just started shows neither its
    arguments nor its environment for a moment, and is not there yet to take a signal.
    """
    texts, asked, calm = list(texts), dict[int, float](), 0
    deadline = time.monotonic() + seconds
    while calm < 3:
        living, now = mentioning(texts), time.monotonic()
        if now > deadline:
            _kill(living)
            wait_gone(texts, 5.0)
            return living
        calm = 0 if living else calm + 1
        for process in living:
            if now - asked.get(process.pid, -math.inf) >= _ASK_AGAIN_SECONDS:
                asked[process.pid] = now
                _signal(process, signal.SIGTERM)
        time.sleep(0.05)
    return []


def _kill(processes: Iterable[Found]) -> None:
    for process in processes:
        if process.command.endswith("client/agent"):  # it writes where its threads are (agent.stderr.log)
            _signal(process, signal.SIGUSR1)
            time.sleep(0.5)
        _signal(process, signal.SIGKILL)


def _signal(process: Found, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(process.pid, number)
