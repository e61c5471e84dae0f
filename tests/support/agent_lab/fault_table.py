"""What the tests of this machine's faults share: the table they fill, and disks of their own."""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import sys
from collections.abc import Callable, Generator
from pathlib import Path

import pytest

from client.jobs.states import Status
from client.store import Job
from support.agent_lab.agents import World, until
from support.checks.plain_words import complaint

TABLE: list[tuple[str, Status, Status, str]] = []


def note(fault: str, shown: Job, ended: Job) -> None:
    """A line for the table, whose sentence must be a good one."""
    assert not complaint(str(shown.notice)), str(shown.notice)
    assert not complaint(str(ended.notice)), str(ended.notice)
    TABLE.append((fault, shown.status, ended.status, str(shown.notice)))


def shows(world: World, job_id: str, says: str) -> Job:
    def there() -> Job | None:
        job = world.job(job_id)
        return job if re.search(says, str(job.notice)) else None

    return until(there, f"the job says {says!r}, not {str(world.job(job_id).notice)!r}")


@contextlib.contextmanager
def mounted(place: Path, size: str) -> Generator[Callable[[str], None]]:
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


def show_table(title: str) -> str:
    """Everything noted so far, as lines; the table begins anew."""
    lines = [f"{title:36} {'state':12} {'ends':9} sentence"]
    lines += [f"{fault:36} {shown:12} {ended:9} {sentence}" for fault, shown, ended, sentence in TABLE]
    TABLE.clear()
    return "\n" + "\n".join(lines)
