"""An agent works while there is work: started, started again when it died, stopped when asked."""

from __future__ import annotations

import logging
import sys
from collections import deque
from collections.abc import Callable

from ..client.agent.launch import AgentProcess, start_agent
from ..client.home import Home
from ..client.settings import Account
from ..client.store import Database, LeaseTable

log = logging.getLogger(__name__)

_LOOK_SECONDS = 1.0
_START_SECONDS = 2.0
_RESTARTS = 5
_RESTART_WINDOW = 300.0
_KEEPS_STOPPING = (
    "The background helper keeps stopping: see agent.log in the add-on's data folder, then restart Blender"
)


class AgentWatch:
    """The agent of this Blender. Nothing here waits, except ``close`` when it stops the agent."""

    def __init__(
        self, home: Home, database: Database, converter: tuple[str, ...], wishes: Callable[[], tuple[bool, int]]
    ) -> None:
        """``wishes`` tells, at each start of an agent, whether it outlives us and how many bytes a result may have."""
        self.home = home
        self._leases = LeaseTable(database)
        self._converter = converter
        self._wishes = wishes
        self._process: AgentProcess | None = None
        self._account: Account | None = None
        self._wanted_before = False
        self._looked_at = float("-inf")
        self._started_at = float("-inf")
        self._restarts: deque[float] = deque()

    @property
    def process(self) -> AgentProcess | None:
        """The agent that this Blender started, if any; it may have ended."""
        return self._process

    def watch(self, account: Account, wanted: bool, now: float) -> str:
        """Start an agent when there is work and none is at it; return a notice for the artist, or nothing.

        ``now`` is ``time.monotonic()``.
        """
        if account != self._account:
            self._let_go()
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
        self._looked_at = now
        self._wanted_before = True
        if self._is_running() or now - self._started_at < _START_SECONDS:
            return notice
        lease = self._leases.holder(account.account_id)
        if lease is not None and lease.is_fresh(now):
            return notice
        if notice and not begins:
            return notice
        if not begins:
            self._restarts.append(now)
        self._start(account, now)
        return notice

    def rest(self) -> None:
        """Start nothing; what runs is told by the store whether it may go online."""
        self._wanted_before = False

    def hang_up(self) -> None:
        """Let the agent finish or stop as it was told at its start."""
        self._let_go()

    def close(self, *, stop: bool) -> None:
        """End the agent now, or only hang up, so that it finishes the paid work and then leaves."""
        if self._process is not None and stop and self._is_running():
            self._process.stop()
        self._let_go()

    def _notice(self, now: float) -> str:
        while self._restarts and now - self._restarts[0] > _RESTART_WINDOW:
            self._restarts.popleft()
        return _KEEPS_STOPPING if len(self._restarts) >= _RESTARTS else ""

    def _is_running(self) -> bool:
        return self._process is not None and self._process.exit_code() is None

    def _let_go(self) -> None:
        if self._process is not None:
            self._process.hang_up()
        self._process = None

    def _start(self, account: Account, now: float) -> None:
        self._let_go()
        self._started_at = now
        outlive, max_bytes = self._wishes()
        try:
            self._process = start_agent(
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
