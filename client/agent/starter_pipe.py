# SPDX-License-Identifier: GPL-3.0-or-later
"""Read the pipe from the Blender that started the agent: configuration, the word to leave, its end.

Standard input is read nowhere else: how a thread may wait for it differs between systems.
"""

from __future__ import annotations

import contextlib
import os
import sys
import threading
import time
from collections.abc import Callable

LEAVE = b"leave\n"
"""What the starter writes when the agent is to end as soon as nothing paid is under way."""
LOOK_SECONDS = 0.1
"""How often to check the pipe, where a thread must not wait inside a read."""
_LONGEST_LINE = 65536


class StarterPipe:
    """Standard input, read without a buffer: first one line, then by a thread until it ends."""

    def __init__(self, wait: Callable[[], None] | None = None) -> None:
        """``wait`` returns when a read would not wait (there is something to read, or the end)."""
        self._gone = threading.Event()
        self._wait = wait or (wait_for_pipe if sys.platform == "win32" else lambda: None)

    @property
    def is_gone(self) -> bool:
        """Whether the starter has ended or hung up: the pipe closes then."""
        return self._gone.is_set()

    def read_line(self) -> bytes:
        """Return the next line, or what there is of it; waits. What follows it is left for ``watch``."""
        data = bytearray()
        while not data.endswith(b"\n"):
            self._wait()
            byte = os.read(0, 1)
            if not byte or len(data) > _LONGEST_LINE:
                break
            data += byte
        return bytes(data)

    def watch(self, leave: Callable[[], None]) -> None:
        """Call ``leave`` when the starter says so, from a thread; from now on ``is_gone`` says whether it has ended."""

        def read() -> None:
            with contextlib.suppress(OSError, ValueError):
                while line := self.read_line():
                    if line == LEAVE:
                        leave()
            self._gone.set()

        threading.Thread(target=read, name="starter", daemon=True).start()


def wait_for_pipe() -> None:
    """Wait, on Windows, until a read would return at once; raises OSError.

    The pipe is not held meanwhile: whoever waits inside a read of it holds up everybody who asks anything about it.

    A DLL that is loaded asks what standard input is, and holds the loader's lock meanwhile: nothing is imported then.
    """
    while not can_read(0):
        time.sleep(LOOK_SECONDS)


def can_read(descriptor: int) -> bool:
    """Whether a read on Windows would return at once: with bytes, or with the end. Raises OSError."""
    if sys.platform != "win32":
        raise OSError("only Windows tells it so")
    import ctypes
    import msvcrt
    from ctypes import wintypes

    kernel = ctypes.WinDLL("kernel32", use_last_error=True)
    peek = kernel.PeekNamedPipe
    peek.argtypes = (wintypes.HANDLE, ctypes.c_void_p, wintypes.DWORD, *[ctypes.c_void_p] * 3)
    available = wintypes.DWORD()
    if peek(msvcrt.get_osfhandle(descriptor), None, 0, None, ctypes.byref(available), None):
        return available.value > 0
    return True  # the end of a pipe (ERROR_BROKEN_PIPE), or none at all: the read tells
