"""Memory limits of the converter where the system has none of Linux's: the code paths, as far as Linux can run them."""

from __future__ import annotations

import ctypes
import os
import shutil
import sys
from typing import Any

import pytest

from client.agent.converter import process
from client.agent.converter.memory_watch import MemoryWatch, resident_bytes
from client.jobs.states import Status
from converter import limits
from support.agent_lab.agents import FAST, World

needs_ps = pytest.mark.skipif(shutil.which("ps") is None, reason="there is no ps")


@needs_ps
def test_the_size_of_a_process() -> None:
    assert 1 << 20 < resident_bytes(os.getpid()) < 1 << 40
    assert MemoryWatch("darwin", limit=1 << 20).is_too_large(os.getpid())
    assert not MemoryWatch("darwin", limit=1 << 50).is_too_large(os.getpid())
    assert not MemoryWatch("darwin").is_too_large(2**22 + 1), "no such process"


def test_elsewhere_nobody_looks() -> None:
    for platform in ("linux", "win32"):
        assert not MemoryWatch(platform, limit=1).is_too_large(os.getpid())


@needs_ps
def test_a_converter_that_grows_too_large_is_ended(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "MemoryWatch", lambda: MemoryWatch("darwin", limit=1))
    monkeypatch.setattr(process, "LOOK_SECONDS", 0.05)
    world.converter.plan(*["hang"] * 8)  # whatever bytes come: a good answer could be faster than the look
    job_id = world.submitted()
    world.run(timings=FAST).join()
    assert world.job(job_id).status is Status.FAILED
    assert "it took too much memory" in (world.home.quarantine / f"{job_id}.log").read_text()


class Kernel32:
    """The part of the Windows API that is asked, with a machine of 8 GiB."""

    def __init__(self, *, refuses: str = "") -> None:
        self.limit = 0
        self.assigned: list[Any] = []
        self.CreateJobObjectW = self._function("CreateJobObjectW", refuses, lambda *_: 77)
        self.GetCurrentProcess = self._function("", refuses, lambda: 5)
        self.SetInformationJobObject = self._function("SetInformationJobObject", refuses, self._set)
        self.AssignProcessToJobObject = self._function("AssignProcessToJobObject", refuses, self._assign)

    @staticmethod
    def _function(name: str, refuses: str, act: Any) -> Any:
        """A callable that takes a `restype`."""

        def call(*arguments: Any) -> Any:
            return 0 if name and name == refuses else act(*arguments)

        return call

    def GlobalMemoryStatusEx(self, status: Any) -> int:
        status._obj.physical = 8 << 30
        return 1

    def _set(self, job: Any, kind: int, found: Any, size: Any) -> int:
        assert (job.value, kind, size.value) == (77, 9, ctypes.sizeof(found._obj))
        assert (found._obj.flags, found._obj.priority) == (0x120, 0x4000)
        self.limit = found._obj.process_memory
        return 1

    def _assign(self, job: Any, process: Any) -> int:
        self.assigned.append((job.value, process.value))
        return 1


def test_a_job_object_on_windows() -> None:
    kernel32 = Kernel32()
    limits.limit_job(limits.windows_memory(kernel32), kernel32)
    assert kernel32.limit == 6 << 30 and kernel32.assigned == [(77, 5)]


@pytest.mark.skipif(sys.maxsize < 1 << 32, reason="the sizes are those of 64 bits")
def test_the_structures_have_the_sizes_of_the_windows_api() -> None:
    assert ctypes.sizeof(limits._JobLimits) == 144
    assert ctypes.sizeof(limits._MemoryStatus) == 64


@pytest.mark.parametrize("name", ["CreateJobObjectW", "SetInformationJobObject", "AssignProcessToJobObject"])
def test_a_refused_limit_is_an_error(name: str) -> None:
    with pytest.raises(OSError, match="refused"):
        limits.limit_job(1 << 30, Kernel32(refuses=name))
