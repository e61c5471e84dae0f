"""The pipe from the Blender that started the agent: its configuration, the word to leave, and its end.

Standard input is read nowhere else: how a thread may wait for it differs between systems.
"""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Callable

LEAVE = b"leave\n"
"""What the starter writes when the agent is to end as soon as nothing paid is under way."""
_LONGEST_LINE = 65536


class StarterPipe:
    """Standard input, read without a buffer: first one line, then by a thread until it ends."""

    def __init__(self) -> None:
        self._gone = threading.Event()

    @property
    def is_gone(self) -> bool:
        """Whether the starter has ended or hung up: the pipe closes then."""
        return self._gone.is_set()

    def read_line(self) -> bytes:
        """Return the next line, or what there is of it; waits. What follows it is left for ``watch``."""
        data = bytearray()
        while not data.endswith(b"\n"):
            byte = os.read(0, 1)
            if not byte or len(data) > _LONGEST_LINE:
                break
            data += byte
        return bytes(data)

    def watch(self, leave: Callable[[], None]) -> None:
        """Call ``leave`` when the starter says so, from a thread; from now on ``is_gone`` tells of its end."""

        def read() -> None:
            with contextlib.suppress(OSError, ValueError):
                while line := self.read_line():
                    if line == LEAVE:
                        leave()
            self._gone.set()

        threading.Thread(target=read, name="starter", daemon=True).start()
