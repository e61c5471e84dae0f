# SPDX-License-Identifier: GPL-3.0-or-later
"""End a converter together with its agent on Windows, by a job object.

Elsewhere it sees to that itself (`converter.limits.end_with_parent`).
"""

from __future__ import annotations

import contextlib
import logging
import subprocess
import sys

log = logging.getLogger(__name__)

_KILL_ON_JOB_CLOSE = 0x2000
_EXTENDED_LIMITS = 9
"""``JobObjectExtendedLimitInformation``, with the layout of ``JOBOBJECT_EXTENDED_LIMIT_INFORMATION``."""


class JobObject:
    """Holds a process, and what it starts, until it is closed or we are gone. Does nothing but on Windows."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._job: int | None = None
        if sys.platform == "win32":
            try:
                self._job = _hold(process)
            except OSError as error:  # an agent that is itself in a job that allows none inside
                log.warning("the converter may outlive this agent: %s", error)

    def close(self) -> None:
        """End what is still held."""
        job, self._job = self._job, None
        if job is not None and sys.platform == "win32":
            import ctypes
            from ctypes import wintypes

            with contextlib.suppress(OSError):
                ctypes.windll.kernel32.CloseHandle(wintypes.HANDLE(job))


if sys.platform == "win32":
    import ctypes
    from ctypes import wintypes

    class _ExtendedLimits(ctypes.Structure):
        _fields_ = (
            ("times", ctypes.c_int64 * 2),
            ("flags", wintypes.DWORD),
            ("working_set", ctypes.c_size_t * 2),
            ("processes", wintypes.DWORD),
            ("affinity", ctypes.c_size_t),
            ("priority", wintypes.DWORD * 2),
            ("counters", ctypes.c_uint64 * 6),
            ("memory", ctypes.c_size_t * 4),
        )

    def _hold(process: subprocess.Popen[str]) -> int:
        kernel = ctypes.WinDLL("kernel32", use_last_error=True)
        kernel.CreateJobObjectW.restype = wintypes.HANDLE
        kernel.CreateJobObjectW.argtypes = (ctypes.c_void_p, ctypes.c_void_p)
        kernel.SetInformationJobObject.argtypes = (wintypes.HANDLE, ctypes.c_int, ctypes.c_void_p, wintypes.DWORD)
        kernel.AssignProcessToJobObject.argtypes = (wintypes.HANDLE, wintypes.HANDLE)
        kernel.CloseHandle.argtypes = (wintypes.HANDLE,)
        job = kernel.CreateJobObjectW(None, None)
        if not job:
            raise ctypes.WinError(ctypes.get_last_error())
        limits = _ExtendedLimits(flags=_KILL_ON_JOB_CLOSE)
        handle = int(process._handle)  # type: ignore[attr-defined]  # CPython's own, on Windows
        if not (
            kernel.SetInformationJobObject(job, _EXTENDED_LIMITS, ctypes.byref(limits), ctypes.sizeof(limits))
            and kernel.AssignProcessToJobObject(job, handle)
        ):
            error = ctypes.WinError(ctypes.get_last_error())
            kernel.CloseHandle(job)
            raise error
        return int(job)
