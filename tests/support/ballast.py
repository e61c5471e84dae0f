"""Memory for what is measured next, which a virtual machine's host would otherwise have to find first.

A hypervisor may take back what its guest does not use. Touching such a page costs some 16 µs where 0.7 µs is usual
(measured here: 22,000 pages of one delivery in 370 ms, and in 41 ms a minute later), which times the host and hits
whoever comes first. A process holds touched memory and leaves just before the work in question: its pages are the next
ones the kernel gives out.
"""

from __future__ import annotations

import subprocess
import sys
import time

_HOLD = """
import mmap, sys
held = mmap.mmap(-1, int(sys.argv[1]) << 20)
for page in range(0, len(held), mmap.PAGESIZE):
    held[page] = 1
print(flush=True)
sys.stdin.read()
"""


class Ballast:
    """Memory held until ``drop``; more than either side of a comparison asks for."""

    def __init__(self, mebibytes: int = 768) -> None:
        command = [sys.executable, "-I", "-S", "-c", _HOLD, str(mebibytes)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.seconds = 0.0
        """How long dropping it took."""

    def drop(self) -> None:
        """Let go and wait until it is gone; again for nothing."""
        process = self._process
        if process.stdin is None or process.stdin.closed or process.stdout is None:
            return
        began = time.perf_counter()
        process.stdout.read(1)  # it holds what it is to hold
        process.stdin.close()
        process.wait()
        process.stdout.close()
        self.seconds = time.perf_counter() - began
