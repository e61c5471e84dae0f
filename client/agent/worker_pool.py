# SPDX-License-Identifier: GPL-3.0-or-later
"""Run tasks that wait on a few threads."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable


class WorkerPool:
    """Runs pieces of work that never raise. Its threads end with the process: what must not be cut off is waited for
    by whoever handed it out."""

    def __init__(self, name: str, threads: int) -> None:
        self._work: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._free = threads
        for number in range(threads):
            threading.Thread(target=self._run, name=f"{name}-{number}", daemon=True).start()

    @property
    def has_room(self) -> bool:
        """Whether a piece handed over now begins at once."""
        return self._free > 0

    def start(self, work: Callable[[], None]) -> None:
        """Run a piece on one of the threads."""
        with self._lock:
            self._free -= 1
        self._work.put(work)

    def _run(self) -> None:
        while True:
            work = self._work.get()
            try:
                work()
            finally:
                with self._lock:
                    self._free += 1
