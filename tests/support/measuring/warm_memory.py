"""Memory that is ready for use, on a virtual machine whose host takes back what is free.

With free page reporting (Linux: Documentation/mm/free_page_reporting.rst) a guest hands its free blocks of 2 MiB and
more back to the host within seconds. The next to touch such a page waits for the host: some 11 µs instead of 0.7 µs,
so that one delivery of 22,000 pages took 370 ms and the next 41 ms. That times the host, and hits whoever comes first.
"""

from __future__ import annotations

import mmap
from collections.abc import Generator
from contextlib import contextmanager

_KEPT_APART = 16 * mmap.PAGESIZE


@contextmanager
def warm_memory(mebibytes: int = 3072) -> Generator[None]:
    """Have that much free memory with its pages in place: more than all processes of a comparison use at a time.

    A page of each sixteen stays in use, so that the others never make up a block that would be handed back; and small
    blocks are what the kernel gives out first.
    """
    with mmap.mmap(-1, mebibytes << 20, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS) as held:
        for page in range(0, len(held), mmap.PAGESIZE):
            held[page] = 1
        for start in range(0, len(held), _KEPT_APART):
            held.madvise(mmap.MADV_DONTNEED, start + mmap.PAGESIZE, _KEPT_APART - mmap.PAGESIZE)
        yield
