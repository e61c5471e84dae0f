# SPDX-License-Identifier: GPL-3.0-or-later
"""Keep an agent running while there is work; restart it when it died or hangs."""

from __future__ import annotations

import logging
import sys
from collections import deque
from collections.abc import Callable
from pathlib import Path

from ..client import machine_clock
from ..client.account import Account
from ..client.agent.launch import AgentProcess, start_agent
from ..client.notices import N_
from ..client.paths import Home
from ..client.store import AgentLease, Database, LeaseTable, is_busy, is_database_error

log = logging.getLogger(__name__)

_LOOK_SECONDS = 1.0
_START_SECONDS = 2.0
_HUNG_SECONDS = 6.0
"""How long our agent's lease may be stale, by our own observation, before the agent counts as hung."""
_UP_SECONDS = 60.0
"""How long it may take until it has its lease for the first time: scanners look at every file it loads."""
_END_SECONDS = 5.0
"""How long a hung agent that was asked to leave has for it."""
_GAP_SECONDS = 4.0
"""When we did not look for so long, we slept or were busy ourselves, and the agent may have slept, too."""
_RESTARTS = 5
_RESTART_WINDOW = 300.0
_KEEPS_STOPPING = N_(
    "The background helper keeps stopping: see agent.log in the add-on's data folder, then restart Blender"
)
_MOVED = N_(
    "Blender's program files were moved or updated while it was running: save your work and start Blender again"
)


class AgentSupervisor:
    """The agent of this Blender. Nothing here waits."""

    def __init__(
        self, home: Home, database: Database, converter: tuple[str, ...], options: Callable[[], tuple[bool, int]]
    ) -> None:
        """``options`` tells, at each start of an agent, whether it outlives us and how many bytes a result may have."""
        self.home = home
        self._leases = LeaseTable(database)
        self._converter = converter
        self._options = options
        self.process: AgentProcess | None = None
        """The agent that this Blender started, if any; it may have ended."""
        self._account: Account | None = None
        self._wanted_before = False
        self._looked_at = float("-inf")
        self._started_at = float("-inf")
        self._restarts: deque[float] = deque()
        self._silent_since: float | None = None
        self._told_to_leave_at: float | None = None
        self._moved = False

    def watch(self, account: Account, wanted: bool, now: float) -> str:
        """Start an agent when there is work and none is at it; return a notice for the artist, or nothing.

        ``now`` is ``time.monotonic()``.
        """
        if account != self._account:
            self.hang_up()
            self._account = account
            self._restarts.clear()
        if not wanted:
            self._is_running()  # an agent that has left by itself is not kept as a zombie
            self._wanted_before = False
            return ""
        notice = self._notice(now)
        begins = not self._wanted_before
        if not begins and now - self._looked_at < _LOOK_SECONDS:
            return notice
        gap, self._looked_at = now - self._looked_at, now
        self._wanted_before = True
        lease = self._leases.holder(account.account_id)
        if self._is_running():
            self._end_if_hung(account, lease, now, gap)
            return notice
        if now - self._started_at < _START_SECONDS:
            return notice
        if lease is not None and _is_fresh(lease, now) and not self._is_of_the_dead(lease):
            return notice
        if notice and not begins:
            return notice
        if lease is not None and self._is_of_the_dead(lease):
            self._leases.release(account.account_id, lease.agent)  # else it counts as alive for seconds
        if not begins:
            self._restarts.append(now)
        self._start(account, now)
        return notice

    def pause(self) -> None:
        """Start nothing; what runs is told by the store whether it may go online."""
        self._wanted_before = False

    def hang_up(self) -> None:
        """Let the agent finish or stop as it was told at its start."""
        if self.process is not None:
            self.process.hang_up()
        self.process = None

    def close(self, *, stop: bool) -> None:
        """Tell the agent to leave, or only hang up, so that it finishes the paid work and then leaves.

        An agent that leaves waits for nothing but the answer to a request that costs credits.
        """
        if self.process is not None and stop:
            self.process.leave()
        self.hang_up()

    def _notice(self, now: float) -> str:
        if self._moved:
            return _MOVED
        while self._restarts and now - self._restarts[0] > _RESTART_WINDOW:
            self._restarts.popleft()
        return _KEEPS_STOPPING if len(self._restarts) >= _RESTARTS else ""

    def _is_running(self) -> bool:
        return self.process is not None and self.process.exit_code() is None

    def _is_of_the_dead(self, lease: AgentLease) -> bool:
        """Whether a lease belongs to the agent that we have seen die."""
        return self.process is not None and not self._is_running() and lease.pid == self.process.pid

    def _end_if_hung(self, account: Account, lease: AgentLease | None, now: float, gap: float) -> None:
        """End our agent when it runs and does not beat: asked first, which wakes a stopped one up, then killed."""
        assert self.process is not None
        if self._told_to_leave_at is not None:
            if now - self._told_to_leave_at > _END_SECONDS and not _is_fresh(lease, now):
                log.warning("the agent %s hangs: it is killed", self.process.pid)
                self.process.kill()
            return
        if gap > _GAP_SECONDS or _is_fresh(lease, now):
            self._silent_since = None
            return
        if self._silent_since is None:
            self._silent_since = now
        was_up = lease is not None and lease.pid == self.process.pid
        if now - self._silent_since < (_HUNG_SECONDS if was_up else _UP_SECONDS):
            return
        if lease is None or self._can_release(account, lease):
            log.warning("the agent %s does not answer: it is told to leave", self.process.pid)
            self._told_to_leave_at = now
            self.process.leave()

    def _can_release(self, account: Account, lease: AgentLease) -> bool:
        """Give a silent agent's lease back. Where the store cannot be written (a full disk) the agent waits for the
        same, with what it has to write; one that was stopped in the middle of a write keeps everybody waiting."""
        try:
            self._leases.release(account.account_id, lease.agent)
        except Exception as error:
            if not is_database_error(error):
                raise
            return is_busy(error)
        return True

    def _start(self, account: Account, now: float) -> None:
        self.hang_up()
        self._silent_since = self._told_to_leave_at = None
        self._started_at = now
        self._moved = False
        outlive, max_bytes = self._options()
        try:
            self.process = start_agent(
                self.home,
                account,
                python=sys.executable,
                converter=self._converter,
                outlive=outlive,
                max_result_bytes=max_bytes,
            )
        except OSError as error:
            log.error("the agent cannot be started: %s", error)
            self._restarts.append(now)
            self._moved = not Path(sys.executable).exists()


def _is_fresh(lease: AgentLease | None, now: float) -> bool:
    return lease is not None and lease.is_fresh(now - machine_clock.lead())
