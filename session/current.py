# SPDX-License-Identifier: GPL-3.0-or-later
"""The session of this Blender: opened on first need, closed when the extension goes.

Importing this module costs nothing: SQLite, the client and all that follows jobs are imported when they are needed.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from ..client.account import HOME_VARIABLE
from ..properties.preferences import get_agent_options
from .log import log
from .paths import converter_command, earlier_home, home, store_exists, use_own_folder

if TYPE_CHECKING:
    from ..client.paths import Home
    from ..client.store import Database
    from .session import Session

_PARTS = (
    "decimal",
    "sqlite3",
    "uuid",
    "logging",
    ".client.jobs.images",
    ".client.jobs.request",
    ".client.paths",
    ".client.store",
    ".client.store.ledger",
    ".client.store.result_cache",
    ".client.store.press",
    ".client.store.blender_sessions",
    ".client.store.claims",
    ".client.timings",
    ".client.agent.launch",
    ".client.jobs.placement",
    ".session.agent_supervisor",
    ".session.thumbnails",
    ".session.job_list",
    ".session.store_reader",
    ".session.claims",
    ".session.delivery.asset",
    ".session.pending_models",
    ".session.delivery_queue",
    ".session.file_state",
    ".session.session",
    ".properties.placement_values",
    ".session.overlay",
    ".session.sandbox_process",
)
"""What a session needs, each after what it needs itself."""

_session: Session | None = None
_root: str | None = None
"""The environment's word on the folder, as of the opening of the session."""


def is_open() -> bool:
    """Whether there is a session; never makes one."""
    return _session is not None


def load() -> bool:
    """Import the next part of what a session needs, without making one; whether there was anything to import.

    That takes some milliseconds in all, and so does opening the store: the pulse does one thing at a beat.
    """
    from .import_in_steps import import_next

    return import_next(_PARTS)


def session() -> Session:
    """Return the session, opened on first use; raises StoreUnavailable."""
    global _session, _root
    if _session is not None and os.environ.get(HOME_VARIABLE) != _root:
        close(stop_agent=False)
    if _session is None:
        _root = os.environ.get(HOME_VARIABLE)
        from ..client.store import JobTable
        from ..client.store.blender_sessions import BlenderSession
        from .agent_supervisor import AgentSupervisor
        from .session import PATIENCE_SECONDS, Session
        from .store_guard import tune

        place, database = _open(PATIENCE_SECONDS)
        tune(database)
        _session = Session(
            database,
            JobTable(database),
            AgentSupervisor(place, database, converter_command(), get_agent_options),
            BlenderSession(database),
        )
    return _session


def list_jobs() -> None:
    """Show the jobs of earlier sessions where no timer will: in a Blender without a window. Never raises.

    Nothing is opened, and nothing imported that opens it, where there is no store.
    """
    try:
        if store_exists():
            session().list_jobs()
    except Exception as error:
        log(__name__).warning("the jobs of earlier sessions cannot be listed: %s", error)


def _open(busy_seconds: float) -> tuple[Home, Database]:
    """Open the store, with what this Blender version kept elsewhere; raises StoreUnavailable."""
    from ..client.store import open_database

    use_own_folder(False)
    place = home()
    database = open_database(place, durable=False, busy_seconds=busy_seconds)
    earlier = earlier_home()
    if earlier is not None:
        from ..client.store.earlier_version import move_earlier_store

        try:
            moved = move_earlier_store(earlier, place, database)
        except BaseException:
            database.close()
            raise
        if not moved:
            database.close()
            use_own_folder(True)
            place = home()
            database = open_database(place, durable=False, busy_seconds=busy_seconds)
    return place, database


def close(*, stop_agent: bool) -> None:
    """Close the session, if there is one."""
    global _session
    if _session is not None:
        _session.close(stop_agent=stop_agent)
        _session = None
