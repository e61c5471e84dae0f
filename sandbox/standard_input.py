# SPDX-License-Identifier: GPL-3.0-or-later
"""Waiting for standard input on Windows, where a thread must not wait inside a read.

A read that waits holds up everybody who asks anything about the same pipe. A DLL that is loaded asks what standard
input is, and holds the loader's lock meanwhile: no thread can import anything then.
"""

from __future__ import annotations

import sys
import time

LOOK_SECONDS = 0.1


def wait_for_bytes(descriptor: int) -> None:
    """Return when a read of a pipe brings bytes or its end without waiting; at once where a read may wait."""
    if sys.platform != "win32":
        return
    import ctypes
    import msvcrt
    from ctypes import wintypes

    peek = ctypes.WinDLL("kernel32").PeekNamedPipe
    peek.argtypes = (wintypes.HANDLE, ctypes.c_void_p, wintypes.DWORD, *[ctypes.c_void_p] * 3)
    handle = wintypes.HANDLE(msvcrt.get_osfhandle(descriptor))
    available = wintypes.DWORD()
    while peek(handle, None, 0, None, ctypes.byref(available), None) and not available.value:
        time.sleep(LOOK_SECONDS)
