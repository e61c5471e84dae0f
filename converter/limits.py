"""What this process may use. The agent ends it when it is idle or takes too long; these hold without an agent too.

- Memory: on Linux an allocation beyond `memory_limit` fails, which ends an import with an error or this process with a
  crash, and if memory runs out all the same the system ends this process first. macOS does not enforce the limit and
  Windows has none: there the limits of `client.formats` on what a file may unpack to have to do.
- Time: a process that hangs in an importer after its agent was killed ends itself: on Linux at once, elsewhere when
  the order's time is up.
"""

from __future__ import annotations

import faulthandler
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_PR_SET_PDEATHSIG = 1
"""``prctl(2)``: the signal that this process gets when its parent ends."""
GIB = 1 << 30
OWN_BYTES = 4 * GIB
"""Address space of Blender without a model."""
BYTES_PER_THREAD = 192 << 20
"""Address space that stacks and allocators reserve for each thread."""


def memory_limit(physical: int, threads: int) -> int:
    """Return how much address space a conversion may take: three quarters of the machine's memory, and overhead."""
    return physical * 3 // 4 + OWN_BYTES + threads * BYTES_PER_THREAD


def apply() -> None:
    """Set the limits of this process, and have crashes explained in the log."""
    faulthandler.enable()
    with suppress(ImportError, OSError, AttributeError):
        end_with_parent()
    with suppress(ImportError, OSError, ValueError, AttributeError):
        _limit_memory()
    # Linux: let this process go first when the machine has no memory left, not the artist's Blender.
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("800")


def end_with_parent() -> None:
    """On Linux, have the system kill this process when the thread that started it ends, whatever it hangs in.

    Elsewhere nothing of the kind works inside an importer: it holds Python's lock, so no thread of ours would run.
    """
    if sys.platform != "linux":
        return
    import ctypes

    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def _limit_memory() -> None:
    import resource

    if sys.platform != "linux":
        return
    physical = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    wanted = memory_limit(physical, os.cpu_count() or 1)
    stricter = [limit for limit in (soft, hard) if limit != resource.RLIM_INFINITY]
    resource.setrlimit(resource.RLIMIT_AS, (min([wanted, *stricter]), hard))


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """End this process, saying where it hung, when the block takes longer; works inside native code too."""
    faulthandler.dump_traceback_later(seconds, exit=True)
    try:
        yield
    finally:
        faulthandler.cancel_dump_traceback_later()
