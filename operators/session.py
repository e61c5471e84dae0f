"""What this Blender knows and does between two ticks: the store, its mirror, the agent, the deliveries.

Importing this module costs nothing: SQLite and the client are imported when the session is first needed.
Nothing here keeps a pointer into Blender's data; jobs and scenes are known by name.
"""

from __future__ import annotations

import contextlib
import math
import os
import sys
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import bpy

from .. import __package__ as base_package
from ..client.errors import InvalidSetting, TripoError
from ..client.settings import HOME_VARIABLE, ONLINE_SETTING
from ..client.states import LIVE, Status
from ..preferences import get_account, get_agent_wishes, online_problem
from .mirror import Mirror
from .places import converter_command, home
from .scenes import SceneNames
from .trouble import log

if TYPE_CHECKING:
    from ..client.home import Home
    from ..client.request import GenerationRequest
    from ..client.settings import Account
    from ..client.store import Database, Job, JobTable
    from .agent_watch import AgentWatch

PATIENCE_SECONDS = 0.25
"""How long a press of a button may wait for another process's write; a tick never waits and tries again."""

_CHANGES_PER_READ = 50
_SLOW_SECONDS = 1.0
_HISTORY = 500
_HISTORY_PAGE = 50


class Session:
    """One connection to the store and what follows from it. Made by ``get``, used by the main thread."""

    def __init__(self, database: Database, jobs: JobTable, agent: AgentWatch) -> None:
        self.database = database
        self.jobs = jobs
        self.agent = agent
        self.mirror = Mirror()
        self.scenes = SceneNames()
        self.account: Account | None = None
        self.live: dict[str, str] = {}
        """Account of every live job, by job id."""
        self.ready: dict[str, str] = {}
        """Target of every job that waits for its delivery, by job id."""
        self.refused: set[str] = set()
        """Jobs whose delivery failed here; they are not tried again by themselves."""
        self._to_give_back: dict[str, str] = {}
        """Claimed jobs whose delivery failed, with the reason, until the store has taken them back."""
        self.awaits_balance = False
        self._revision = -1
        self._seen = -1
        self._unread = True
        self._history_before = math.inf
        self._history_left = 0
        self._slow_at = 0.0
        self._account_problem = ""
        self._online: bool | None = None

    # -- Reading ----------------------------------------------------------------------------------

    @property
    def is_busy(self) -> bool:
        """Whether anything is under way that a tick could move."""
        return bool(
            self.live
            or self.awaits_balance
            or self._unread
            or self._history_left
            or self._to_give_back
            or self.mirror.is_behind
            or self.deliverable()
        )

    def deliverable(self) -> list[str]:
        """Return the ids of finished jobs that a scene of this file asked for, oldest first."""
        return [
            job_id for job_id, target in self.ready.items() if job_id not in self.refused and self.scenes.has(target)
        ]

    def read(self) -> None:
        """Take over what the store says, a bounded amount at a time; raises sqlite3.Error."""
        if self._revision < 0:
            self._read_first()
        self._read_history()
        version = self.database.data_version()
        if version == self._seen and not self._unread:
            return
        changed = self.jobs.changed_since(self._revision, _CHANGES_PER_READ)
        for job in changed:
            self._take(job)
            self.mirror.put(job)
            self._revision = job.revision
        self._read_money()
        self._unread = len(changed) == _CHANGES_PER_READ
        if not self._unread:
            self._seen = version

    def _read_first(self) -> None:
        """Begin with what matters; the history follows in pages."""
        revision = int(self.database.setting("revision") or 0)
        for job in self.jobs.in_states(LIVE | {Status.READY}):
            self._take(job)
            self.mirror.put(job)
        self._history_before = math.inf
        self._history_left = _HISTORY
        self._revision = revision

    def _read_history(self) -> None:
        """Show the next page of the newest jobs, once the last one is on the screen."""
        if self._history_left <= 0 or self.mirror.is_behind:
            return
        page = self.jobs.recent(min(_HISTORY_PAGE, self._history_left), self._history_before)
        for job in page:
            self.mirror.put(job)
        self._history_left = self._history_left - len(page) if len(page) == _HISTORY_PAGE else 0
        if page:
            self._history_before = page[-1].created_at

    def _take(self, job: Job) -> None:
        self.live.pop(job.job_id, None)
        self.ready.pop(job.job_id, None)
        if job.hidden:
            return
        if job.status in LIVE:
            self.live[job.job_id] = job.account_id
        elif job.status is Status.READY and job.target:
            self.ready[job.job_id] = job.target

    def _read_money(self) -> None:
        from ..client.store import BalanceTable
        from ..client.store.ledger import Ledger
        from .spending import midnight

        if self.account is None:
            return
        mine = self.account.account_id
        balance = BalanceTable(self.database).read(mine)
        self.awaits_balance = balance.pending
        self.mirror.set_money(balance, Ledger(self.database).spent_since(mine, midnight(time.time())))

    def touch(self) -> None:
        """Read the store at the next tick even if no other process wrote: SQLite does not tell own writes."""
        self._unread = True

    # -- One step ---------------------------------------------------------------------------------

    def tick(self, *, deliver: bool = True) -> None:
        """Do a few milliseconds of what is due. Never raises, never waits, delivers at most one model."""
        try:
            now = time.monotonic()
            if now - self._slow_at >= _SLOW_SECONDS:
                self._slow_at = now
                self._look_around()
            self._give_back()
            self.read()
            self._watch_agent(now)
            if deliver:
                self._deliver_one()
            self.mirror.apply(self.scenes)
        except Exception as error:
            self._note_trouble(error)

    def _look_around(self) -> None:
        """Notice what changes rarely: the preferences and the scenes of this file."""
        self.scenes.refresh()
        account, self._account_problem = None, ""
        try:
            account = get_account(bpy.context)
        except InvalidSetting as error:
            self._account_problem = error.user_message
        self._use(account)

    def _use(self, account: Account | None) -> None:
        if account != self.account:
            self.account = account
            self.mirror.clear_money()
            self._read_money()

    def _watch_agent(self, now: float) -> None:
        offline = online_problem()
        self._tell_online(not offline)
        problem = offline or self._account_problem
        if self.account is None or problem:
            self.agent.rest()
            self.mirror.set_notice(problem if self.live else "")
            return
        mine = self.account.account_id
        wanted = self.awaits_balance or mine in self.live.values()
        self.mirror.set_notice(self.agent.watch(self.account, wanted, now))

    def _tell_online(self, online: bool) -> None:
        """Tell the agent when Blender's leave to go online is taken back, or given again."""
        if self._online is None and not online:
            return  # another Blender may have that leave
        if online != self._online:
            self.database.set_setting(ONLINE_SETTING, "1" if online else "0")
            self._online = online

    def _deliver_one(self) -> None:
        from . import delivery

        for job_id in self.deliverable():
            waits_for = delivery.waits_for()
            if waits_for:
                self.mirror.set_note(job_id, waits_for)
                continue
            job = self.jobs.get(job_id)
            scene = self.scenes.find(self.ready[job_id])
            if job is None or scene is None:
                continue
            waits_for = delivery.waits_for_mode(self.home, job)
            if waits_for:
                self.mirror.set_note(job_id, waits_for)
                continue
            self.deliver(job, scene)
            return

    def deliver(self, job: Job, scene: bpy.types.Scene, *, cursor: Any = None) -> str:
        """Claim a finished job and put its model into a scene; return why it could not be done, or nothing.

        The claim is one compare-and-set in the store, so that of two Blenders only one delivers.
        """
        from . import delivery

        if not self.jobs.transition(job.job_id, Status.READY, Status.IMPORTED, message=""):
            self.touch()
            return "The job was imported or changed by another Blender at the same moment"
        self.ready.pop(job.job_id, None)
        self.touch()
        self.mirror.set_note(job.job_id, "")
        try:
            delivery.deliver(self.home, job, scene, cursor)
        except Exception as error:
            reason = error.user_message if isinstance(error, TripoError) else f"The model cannot be imported ({error})"
            log(__name__).warning("delivery of %s failed", job.job_id, exc_info=not isinstance(error, TripoError))
            self.refused.add(job.job_id)
            self._to_give_back[job.job_id] = reason
            self._give_back()
            return reason
        self.refused.discard(job.job_id)
        return ""

    def _give_back(self) -> None:
        """Undo the claim of what could not be delivered; raises sqlite3.Error, and is tried again then."""
        for job_id, reason in list(self._to_give_back.items()):
            self.jobs.transition(job_id, Status.IMPORTED, Status.READY, message=reason)
            del self._to_give_back[job_id]

    def _note_trouble(self, error: Exception) -> None:
        """Log a failed tick, once per kind of trouble; a busy store is no trouble."""
        from ..client.store import is_database_error

        text = f"{type(error).__name__}: {error}"
        if is_database_error(error) and "locked" in text:
            return
        if text != self._trouble:
            self._trouble = text
            log(__name__).exception("a tick failed")

    _trouble = ""

    # -- What buttons ask for ---------------------------------------------------------------------

    @property
    def home(self) -> Home:
        """The root of store and cache."""
        return self.agent.home

    @contextlib.contextmanager
    def patient(self) -> Iterator[JobTable]:
        """Let an operator's writes wait a moment for another process; raises StoreUnavailable after that."""
        from ..client.errors import StoreUnavailable
        from ..client.store import is_database_error

        connection = self.database.connection
        connection.execute(f"PRAGMA busy_timeout = {int(PATIENCE_SECONDS * 1000)}")
        try:
            yield self.jobs
        except Exception as error:
            if is_database_error(error):
                raise StoreUnavailable(f"The job list is busy or cannot be written ({error}): try again") from error
            raise
        finally:
            connection.execute("PRAGMA busy_timeout = 0")
            self.touch()

    def submit(self, account: Account, request: GenerationRequest, placement: str, target: str) -> str:
        """Write a checked request as a new job, see that an agent works it, and return its ``job_id``.

        Raises InvalidRequest or StoreUnavailable; then nothing was written and nothing is sent.
        """
        from ..client.request import validate
        from ..client.store import BalanceTable, NewJob

        validate(request)
        with self.patient() as jobs:
            job_id = jobs.insert(NewJob(account.account_id, request, placement, target))
            if not bpy.app.background:  # shown beside the button; the agent asks last, when there is nothing better
                BalanceTable(self.database).ask(account.account_id)
        self._use(account)
        self.live[job_id] = account.account_id
        self.agent.watch(account, True, time.monotonic())
        return job_id

    def ask_balance(self, account: Account) -> None:
        """Ask for the balance; the answer comes through the store. Raises StoreUnavailable."""
        from ..client.store import BalanceTable

        with self.patient():
            BalanceTable(self.database).ask(account.account_id)
        self._use(account)
        self.awaits_balance = True
        self.agent.watch(account, True, time.monotonic())

    def file_loaded(self, *, is_startup: bool) -> None:
        """Forget what belonged to the previous file."""
        self.scenes.forget(is_startup=is_startup)
        self.refused.clear()
        self.mirror.rebuild()
        self._revision = -1
        self._slow_at = 0.0

    def close(self, *, stop_agent: bool) -> None:
        """Let go of the store and of the agent: stopped when asked, else left to finish its work."""
        self.agent.close(stop=stop_agent)
        self.mirror.clear()
        self.database.close()


_session: Session | None = None
_root: str | None = None
"""The environment's word on the folder, as of the opening of the session."""


def is_open() -> bool:
    """Whether there is a session; never makes one."""
    return _session is not None


def load() -> bool:
    """Import what a session needs, without making one; whether there was anything to import.

    That takes some milliseconds, and so does opening the store: the pulse does one at a beat.
    """
    if f"{base_package}.operators.agent_watch" in sys.modules:
        return False
    from ..client import store  # noqa: F401
    from . import agent_watch, delivery  # noqa: F401

    return True


def get() -> Session:
    """Return the session, opened on first use; raises StoreUnavailable."""
    global _session, _root
    if _session is not None and os.environ.get(HOME_VARIABLE) != _root:
        close(stop_agent=False)
    if _session is None:
        _root = os.environ.get(HOME_VARIABLE)
        load()
        from ..client.store import JobTable, open_database
        from .agent_watch import AgentWatch

        place = home()
        database = open_database(place, durable=False, busy_seconds=PATIENCE_SECONDS)
        # The agent merges the write-ahead log into the file: that waits for the disk, which ours must not.
        database.connection.execute("PRAGMA wal_autocheckpoint = 0")
        database.connection.execute("PRAGMA busy_timeout = 0")
        _session = Session(
            database, JobTable(database), AgentWatch(place, database, converter_command(), get_agent_wishes)
        )
    return _session


def close(*, stop_agent: bool) -> None:
    """Close the session, if there is one."""
    global _session
    if _session is not None:
        _session.close(stop_agent=stop_agent)
        _session = None
