# SPDX-License-Identifier: GPL-3.0-or-later
"""What this Blender does between two ticks: read the store, watch the agent, deliver, show.

Nothing here keeps a pointer into Blender's data; jobs and scenes are known by name.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Generator, Sequence
from typing import TYPE_CHECKING

import bpy

from ..client.account import CACHE_LIMIT_SETTING, SHELF_SETTING
from ..client.errors import InvalidSetting, StoreUnavailable, TripoError
from ..client.jobs.request import validate
from ..client.notices import N_, Notice
from ..client.store import BalanceTable, NewJob, is_busy, is_database_error
from ..client.store.press import WrittenSet, write_press, write_set
from ..properties.account import account_problem, get_account, may_go_online, online_problem
from ..properties.preferences import get_cache_limit, get_limits
from ..properties.window import window_state
from .claims import Claims
from .file_state import FileState
from .log import log
from .orphaned_jobs import note_orphans
from .scene_tokens import remove_tokens
from .store_guard import StoreGuard

if TYPE_CHECKING:
    from ..client.account import Account
    from ..client.jobs.request import GenerationRequest
    from ..client.paths import Home
    from ..client.store import Database, Job, JobTable
    from ..client.store.blender_sessions import BlenderSession
    from .agent_supervisor import AgentSupervisor

PATIENCE_SECONDS = 5.0 if bpy.app.background else 0.25
"""How long a press of a button, or a script, may wait for another process's write; a tick never waits and tries again.
"""

_SLOW_SECONDS = 1.0


class Session:
    """One connection to the store and what follows from it. Made by `current.session`, used by the main thread."""

    def __init__(self, database: Database, jobs: JobTable, agent: AgentSupervisor, in_store: BlenderSession) -> None:
        self.database = database
        self.jobs = jobs
        self.agent = agent
        self.claims = Claims(database)
        self.file = FileState(agent.home, database, self.claims)
        self.store = StoreGuard(agent.home, database)
        self._in_store = in_store
        self.problem = ""
        """Why nothing goes on at present, as text that `tell` takes, or nothing."""
        self._account_problem = ""
        self._online: bool | None = None
        self._cache_limit = -1
        self._storage_revision: str | None = None
        self._is_patient = False

    # -- Reading ----------------------------------------------------------------------------------

    @property
    def is_busy(self) -> bool:
        """Whether anything is under way that a tick could move."""
        reader = self.file.reader
        return bool(reader.live or reader.awaits_balance or reader.is_behind or self.file.deliveries.is_busy)

    @property
    def awaits_balance(self) -> bool:
        """Whether the balance was asked for and is not yet known."""
        return self.file.reader.awaits_balance

    def touch(self) -> None:
        """Read the store at the next tick even if no other process wrote."""
        self.file.reader.touch()

    def list_jobs(self) -> None:
        """Show the jobs of the store now, for a script that reads the list before anything ticks: all live and ready
        ones and as much of the history as a window shows. Starts no agent. Raises sqlite3.Error."""
        while self.file.reader.has_rows:
            self.file.reader.read()
            self.file.job_list.show_waiting()

    # -- One step ---------------------------------------------------------------------------------

    def tick(self, *, deliver: bool = True) -> None:
        """Do a few milliseconds of what is due. Never raises, never waits, delivers at most one model."""
        try:
            if news := self.store.reopen():
                self._start_over(news)
            file, now = self.file, time.monotonic()
            if now - file.refreshed_at >= _SLOW_SECONDS:
                self._refresh(now)
            if self.claims.write():
                file.reader.touch()
            reads_all = file.reader.is_new and not bpy.app.background
            file.reader.read()
            self._watch_agent(now)
            if reads_all:
                return  # hundreds of rows: the next tick begins to show them
            if deliver:
                file.deliveries.deliver_one()
            file.job_list.apply()
            file.pending_models.apply(file.scenes)
        except Exception as error:
            self._handle_failure(error)

    @property
    def is_refreshed(self) -> bool:
        """Whether what changes rarely has been read since this file was loaded."""
        return self.file.refreshed_at > 0.0

    def refresh(self) -> None:
        """Do what the first tick would do before it reads the jobs, so that neither takes long. Never raises."""
        try:
            self._refresh(time.monotonic())
            self._write_online(may_go_online())
        except Exception as error:
            self._handle_failure(error)

    def deliver(self, job: Job, scene: bpy.types.Scene) -> Notice | None:
        """Put a finished job's model into a scene now; return why it could not be done, if so."""
        return self.file.deliveries.deliver(job, scene)

    def _refresh(self, now: float) -> None:
        """Read what changes rarely: the preferences, the scenes of this file, agents of other accounts."""
        self.file.refreshed_at = now
        self.file.scenes.refresh()
        account, self._account_problem = None, ""
        try:
            account = get_account(bpy.context)
        except InvalidSetting as error:
            self._account_problem = error.notice.to_text()
        self.file.reader.use(account)
        self.file.assets.finish(self.home)
        note_orphans(self.file.reader, self.database, now)
        limit = get_cache_limit()
        if limit != self._cache_limit:
            self.database.set_setting(CACHE_LIMIT_SETTING, str(limit))
            self._cache_limit = limit
        if not self.is_busy:
            self._show_storage()

    def _show_storage(self) -> None:
        """Show where the models are kept and what they take, if that may have changed."""
        revision = self.database.setting("revision") or ""
        if revision == self._storage_revision:
            return
        from ..client.store.result_cache import kept_bytes, size_text

        state = window_state()
        state.folder, state.storage_used = str(self.home.root), size_text(kept_bytes(self.database))
        self._storage_revision = revision

    def _watch_agent(self, now: float) -> None:
        reader, account = self.file.reader, self.file.reader.account
        offline = online_problem()
        self._write_online(may_go_online())
        problem = offline or self._account_problem
        if account is None or problem:
            self.agent.pause()
            self._show_problem(problem if reader.live else "")
            return
        wanted = reader.awaits_balance or account.account_id in reader.live.values()
        self._show_problem(self.agent.watch(account, wanted, now))

    def _show_problem(self, problem: str) -> None:
        """Show why nothing goes on, or else what has happened to the store."""
        self.problem = problem
        self.file.job_list.set_notice(problem or self.file.news or self.file.reader.money_note)

    def _write_online(self, online: bool) -> None:
        """Tell the agents whether this Blender may go online; another one's leave is its own."""
        if online != self._online:
            self._in_store.write(may_go_online=online)
            self._online = online

    def _start_over(self, news: str) -> None:
        """Show another store's jobs."""
        self._replace_file(news)
        self._online = None  # this store was not told
        self._cache_limit = -1
        self._storage_revision = None

    def _handle_failure(self, error: Exception) -> None:
        """Handle a failed tick: replace a damaged store, show why there is none, log any other error once in a row."""
        try:
            if is_busy(error):
                return  # the next tick tries again
            if news := self.store.replace(error):
                self._start_over(news)
                return
        except Exception as worse:
            error = worse
        if isinstance(error, TripoError):
            self._show_problem(error.notice.to_text())
        text = f"{type(error).__name__}: {error}"
        if text != self._trouble:
            self._trouble = text
            log(__name__).error("a tick failed", exc_info=error)

    _trouble = ""

    # -- What buttons ask for ---------------------------------------------------------------------

    @property
    def home(self) -> Home:
        """The root of store and cache."""
        return self.agent.home

    @contextlib.contextmanager
    def patient(self) -> Generator[JobTable]:
        """Let an operator wait a moment for another process; raises StoreUnavailable after that. Within itself it does
        nothing."""
        if self._is_patient:
            yield self.jobs
            return
        try:
            if news := self.store.reopen(PATIENCE_SECONDS):
                self._start_over(news)
            self.database.connection.execute(f"PRAGMA busy_timeout = {int(PATIENCE_SECONDS * 1000)}")
            self._is_patient = True
            try:
                yield self.jobs
            finally:
                self._is_patient = False
                self.database.connection.execute("PRAGMA busy_timeout = 0")
                self.touch()
        except Exception as error:
            if not is_database_error(error):
                raise
            if news := self.store.replace(error):
                self._start_over(news)
                raise StoreUnavailable(N_("The job list was damaged and a new one was started: try again")) from error
            words = N_("The job list is busy or cannot be written ({reason}): try again")
            raise StoreUnavailable(words, reason=str(error)) from error

    def submit(self, account: Account, request: GenerationRequest, placement: str, target: str) -> str:
        """Write a checked request as a new job, see that an agent works it, and return its ``job_id``.

        Raises InvalidRequest, InvalidSetting when the daily cap forbids it, or StoreUnavailable; then nothing was
        written and nothing is sent.
        """
        return self.submit_all(account, [NewJob(account.account_id, request, placement, target)])[0]

    def submit_all(self, account: Account, new: Sequence[NewJob]) -> list[str]:
        """Do the same for several jobs of one press: all are written, or none."""
        for one in new:
            validate(one.request)
        self.file.news = ""
        self.database.add_secret(account.api_key)
        limits = get_limits(bpy.context)
        with self.patient():
            # The balance is shown beside the button; the agent asks last, when there is nothing better to do.
            job_ids = write_press(self.database, new, limits, ask_balance=not bpy.app.background)
        self._follow(account, job_ids)
        return job_ids

    def submit_set(self, account: Account, new: Sequence[NewJob], is_wanted: Callable[[NewJob], bool]) -> WrittenSet:
        """Do the same for a set, as many as the daily cap allows, without those that are not wanted any more."""
        for one in new:
            validate(one.request)
        self.file.news = ""
        self.database.add_secret(account.api_key)
        limits = get_limits(bpy.context)
        with self.patient():
            written = write_set(self.database, new, limits, is_wanted, ask_balance=not bpy.app.background)
        self._follow(account, [job_id for job_id in written.job_ids if job_id])
        return written

    def transfer(self, account: Account, new: NewJob) -> str:
        """Write a job that bakes a look onto objects, see that an agent works it, and return its ``job_id``.

        Nothing is sent to the service. Raises StoreUnavailable; then nothing was written.
        """
        from ..client.store.press import write_transfer

        self.file.news = ""
        with self.patient():
            job_id = write_transfer(self.database, new)
        self._follow(account, [job_id])
        return job_id

    def _follow(self, account: Account, job_ids: Sequence[str]) -> None:
        """See that an agent works jobs that are written. Never raises: they will be sent, whatever goes wrong here."""
        try:
            self.file.reader.live.update(dict.fromkeys(job_ids, account.account_id))
            self.file.reader.use(account)
            self.agent.watch(account, True, time.monotonic())
        except Exception as error:
            self._handle_failure(error)

    def shelve(self) -> None:
        """Have the models of all jobs put on the shelf. Raises StoreUnavailable."""
        with self.patient():
            self.database.set_setting(SHELF_SETTING, "on")
        self.refresh_shelf()

    def refresh_shelf(self) -> None:
        """Have what was renamed or pinned put on the shelf anew, as far as models are wanted there, by an agent where
        there is an account for one. Raises StoreUnavailable."""
        with self.patient():
            is_wanted = self.database.setting(SHELF_SETTING)
        if is_wanted and not account_problem(bpy.context):
            self._follow(get_account(bpy.context), ())

    def ask_balance(self, account: Account) -> None:
        """Ask for the balance; the answer comes through the store. Raises StoreUnavailable."""
        with self.patient():
            BalanceTable(self.database).ask(account.account_id)
        self._follow(account, ())
        self.file.reader.awaits_balance = True

    def file_loaded(self, *, is_startup: bool) -> None:
        """Begin with the file that was loaded."""
        if is_startup:
            remove_tokens()
        self._replace_file()

    def _replace_file(self, news: str = "") -> None:
        self.file.close()
        self.file = FileState(self.home, self.database, self.claims, news)
        self.file.scenes.refresh()

    def close(self, *, stop_agent: bool) -> None:
        """Let go of the store and of the agent: told to leave when asked, else left to finish its work."""
        with contextlib.suppress(Exception):  # then the claim ends with this Blender, and the model is offered again
            self.claims.write()
        self.agent.close(stop=stop_agent)
        self._in_store.end()
        self.file.close()
        self.database.close()
