"""A pytest plug-in for Windows (`-p support.machine.windows`): words of POSIX that the tests use, said there.

`SIGKILL`, `SIGSTOP` and `SIGCONT` end, suspend and resume a process, signal 0 asks whether it is there, and
`/proc/<pid>` exists while it runs. What Windows has no word for at all is left out, with the reason.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import Any

import pytest

LEFT_OUT = {
    "mode": "Windows has no POSIX modes",
}

if sys.platform == "win32":
    import ctypes
    from ctypes import wintypes

    _kernel = ctypes.WinDLL("kernel32", use_last_error=True)
    _nt = ctypes.WinDLL("ntdll")
    _kernel.OpenProcess.restype = wintypes.HANDLE
    _kernel.OpenProcess.argtypes = (wintypes.DWORD, wintypes.BOOL, wintypes.DWORD)
    _kernel.TerminateProcess.argtypes = (wintypes.HANDLE, ctypes.c_uint)
    _kernel.WaitForSingleObject.argtypes = (wintypes.HANDLE, wintypes.DWORD)
    for _function in (_kernel.CloseHandle, _nt.NtSuspendProcess, _nt.NtResumeProcess):
        _function.argtypes = (wintypes.HANDLE,)
    _SYNCHRONIZE, _EVERYTHING, _STILL_WAITING = 0x100000, 0x1FFFFF, 0x102
    _WORDS = {"SIGKILL": 9, "SIGSTOP": 19, "SIGCONT": 18}

    def is_running(pid: int) -> bool:
        """Whether there is such a process."""
        handle = _kernel.OpenProcess(_SYNCHRONIZE, False, pid)
        if not handle:
            return False
        running = _kernel.WaitForSingleObject(handle, 0) == _STILL_WAITING
        _kernel.CloseHandle(handle)
        return running

    def kill(pid: int, number: int) -> None:
        """`os.kill` as tests know it; raises ProcessLookupError."""
        if number == 0:
            if not is_running(pid):
                raise ProcessLookupError(pid)
            return
        handle = _kernel.OpenProcess(_EVERYTHING, False, pid)
        if not handle:
            raise ProcessLookupError(pid)
        if number == _WORDS["SIGSTOP"]:
            _nt.NtSuspendProcess(handle)
        elif number == _WORDS["SIGCONT"]:
            _nt.NtResumeProcess(handle)
        else:
            _kernel.TerminateProcess(handle, 1)
        _kernel.CloseHandle(handle)

    _exists = Path.exists

    def exists(self: Path, *arguments: Any, **named: Any) -> bool:
        """`Path.exists` that knows `/proc/<pid>`."""
        parts = self.parts
        if len(parts) == 3 and parts[1] == "proc" and parts[2].isdigit():
            return is_running(int(parts[2]))
        return _exists(self, *arguments, **named)

    for _name, _number in _WORDS.items():
        setattr(signal, _name, _number)
    os.kill = kill
    Path.exists = exists  # type: ignore[method-assign]


def pytest_configure() -> None:
    """Processes cannot be found by what is in their command line or their environment: tests look at ids."""
    from . import processes

    if sys.platform == "win32":
        processes.mentioning = lambda texts, *, environment=True: []


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave out what is about a thing that Windows does not have."""
    for item in items:
        for word, reason in LEFT_OUT.items():
            if word in item.name.split("[")[0].split("_"):
                item.add_marker(pytest.mark.skip(reason=reason))
