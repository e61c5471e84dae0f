# SPDX-License-Identifier: GPL-3.0-or-later
"""Limit memory, processors and time of this process, without an agent too.

- Memory: an allocation beyond `memory_limit` fails, which ends an import with an error or this process with a crash: on
  Linux by a limit on its address space, on Windows by a job object. If memory runs out all the same, Linux ends this
  process first. macOS enforces no such limit: there the agent watches the process's size
  (`client.agent.converter.memory_watch`).
- Processors: where they are short the artist's Blender goes first; a thumbnail keeps every one of them busy.
- Time: a process that hangs in an importer after its agent was killed ends itself: on Linux at once, elsewhere when
  the order's time is up.
"""

from __future__ import annotations

import ctypes
import faulthandler
import os
import signal
import sys
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

_PR_SET_PDEATHSIG = 1
"""``prctl(2)``: the signal that this process gets when its parent ends."""
GIB = 1 << 30
OWN_BYTES = 4 * GIB
"""Address space of Blender without a model."""
BYTES_PER_THREAD = 192 << 20
"""Address space that stacks and allocators reserve for each thread."""


_NICENESS = 5
"""``nice(2)``: a third of what a process of normal priority gets beside it (sched(7): 1.25 for each step)."""


def memory_limit(physical: int, threads: int) -> int:
    """Return how much address space a conversion may take: three quarters of the machine's memory, and overhead."""
    return physical * 3 // 4 + OWN_BYTES + threads * BYTES_PER_THREAD


def apply() -> None:
    """Set the limits of this process, and have crashes explained in the log."""
    faulthandler.enable()
    with suppress(ImportError, OSError, AttributeError):
        end_with_parent()
    with suppress(ImportError, OSError, ValueError, AttributeError):
        if sys.platform == "win32":
            limit_job(physical_memory(), ctypes.windll.kernel32)
        else:
            _limit_memory()
    if sys.platform != "win32":
        os.nice(_NICENESS)
    # Linux: let this process go first when the machine has no memory left, not the artist's Blender.
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("800")


def end_with_parent() -> None:
    """On Linux, have the system kill this process when the thread that started it ends, whatever it hangs in.

    Elsewhere nothing of the kind works inside an importer: it holds Python's lock, so no thread of ours would run.
    """
    if sys.platform != "linux":
        return
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def physical_memory() -> int:
    """Return the machine's memory in bytes; raises OSError."""
    if sys.platform == "win32":
        return windows_memory(ctypes.windll.kernel32)
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def _limit_memory() -> None:
    import resource

    if sys.platform != "linux":
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    wanted = memory_limit(physical_memory(), os.cpu_count() or 1)
    stricter = [limit for limit in (soft, hard) if limit != resource.RLIM_INFINITY]
    resource.setrlimit(resource.RLIMIT_AS, (min([wanted, *stricter]), hard))


class _MemoryStatus(ctypes.Structure):
    """MEMORYSTATUSEX of the Windows API."""

    _fields_ = (
        ("length", ctypes.c_uint32),
        ("load", ctypes.c_uint32),
        ("physical", ctypes.c_uint64),
        ("others", ctypes.c_uint64 * 6),
    )


class _JobLimits(ctypes.Structure):
    """JOBOBJECT_EXTENDED_LIMIT_INFORMATION of the Windows API."""

    _fields_ = (
        ("process_time", ctypes.c_int64),
        ("job_time", ctypes.c_int64),
        ("flags", ctypes.c_uint32),
        ("working_set_min", ctypes.c_size_t),
        ("working_set_max", ctypes.c_size_t),
        ("processes", ctypes.c_uint32),
        ("affinity", ctypes.c_size_t),
        ("priority", ctypes.c_uint32),
        ("scheduling", ctypes.c_uint32),
        ("io", ctypes.c_uint64 * 6),
        ("process_memory", ctypes.c_size_t),
        ("job_memory", ctypes.c_size_t),
        ("process_peak", ctypes.c_size_t),
        ("job_peak", ctypes.c_size_t),
    )


_EXTENDED_LIMITS = 9
_LIMIT_PRIORITY_CLASS = 0x20
_LIMIT_PROCESS_MEMORY = 0x100
_BELOW_NORMAL = 0x4000


def windows_memory(kernel32: Any) -> int:
    """Return the machine's memory in bytes; raises OSError."""
    status = _MemoryStatus(length=ctypes.sizeof(_MemoryStatus))
    if not kernel32.GlobalMemoryStatusEx(ctypes.byref(status)):
        raise OSError("the memory cannot be told")
    return status.physical


def limit_job(physical: int, kernel32: Any) -> None:
    """Put this process into a job object that bounds what it may allocate and lowers its priority; raises OSError.

    The job lives as long as its handle, which is never closed. Jobs may be nested since Windows 8.
    """
    kernel32.CreateJobObjectW.restype = ctypes.c_void_p
    kernel32.GetCurrentProcess.restype = ctypes.c_void_p
    job = ctypes.c_void_p(kernel32.CreateJobObjectW(None, None))
    limits = _JobLimits(
        flags=_LIMIT_PROCESS_MEMORY | _LIMIT_PRIORITY_CLASS, process_memory=physical * 3 // 4, priority=_BELOW_NORMAL
    )
    size = ctypes.c_uint32(ctypes.sizeof(limits))
    if not (
        job
        and kernel32.SetInformationJobObject(job, _EXTENDED_LIMITS, ctypes.byref(limits), size)
        and kernel32.AssignProcessToJobObject(job, ctypes.c_void_p(kernel32.GetCurrentProcess()))
    ):
        raise OSError("the memory limit was refused")


@contextmanager
def time_limit(seconds: float) -> Generator[None]:
    """End this process, saying where it hung, when the block takes longer; works inside native code too."""
    faulthandler.dump_traceback_later(seconds, exit=True)
    try:
        yield
    finally:
        faulthandler.cancel_dump_traceback_later()
