# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a process of this machine is alive."""

from __future__ import annotations

import os
import sys

_SYNCHRONIZE = 0x00100000
_STILL_WAITING = 0x102


def is_running(pid: int) -> bool:
    """Whether a process is alive, as far as can be told; one that we may not look at counts as alive."""
    if sys.platform == "win32":  # where os.kill would end it
        import ctypes

        kernel = ctypes.windll.kernel32
        handle = kernel.OpenProcess(_SYNCHRONIZE, False, pid)
        if not handle:
            return kernel.GetLastError() == 5  # ERROR_ACCESS_DENIED
        try:
            return kernel.WaitForSingleObject(handle, 0) == _STILL_WAITING
        finally:
            kernel.CloseHandle(handle)
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
