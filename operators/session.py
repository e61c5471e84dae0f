"""The session of this Blender: opened on first need, closed when the extension goes.

Importing this module costs nothing: SQLite, the client and all that follows jobs are imported when they are needed.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from ..client.settings import HOME_VARIABLE
from ..preferences import get_agent_wishes
from .trouble import log

if TYPE_CHECKING:
    from .connection import Session

_PARTS = (
    "decimal",
    "sqlite3",
    "uuid",
    "logging",
    ".client.pictures",
    ".client.request",
    ".client.home",
    ".client.store",
    ".client.store.ledger",
    ".client.store.press",
    ".client.store.sessions",
    ".client.pace",
    ".client.agent.launch",
    ".client.placement",
    ".operators.agent_watch",
    ".operators.thumbnails",
    ".operators.mirror",
    ".operators.reading",
    ".operators.targets",
    ".operators.connection",
    ".operators.placement_reading",
    ".operators.target_box",
    ".operators.delivery.asset",
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
    from .stepwise import import_next

    return import_next(_PARTS)


def get() -> Session:
    """Return the session, opened on first use; raises StoreUnavailable."""
    global _session, _root
    if _session is not None and os.environ.get(HOME_VARIABLE) != _root:
        close(stop_agent=False)
    if _session is None:
        _root = os.environ.get(HOME_VARIABLE)
        from ..client.store import JobTable, open_database
        from ..client.store.sessions import BlenderSession
        from .agent_watch import AgentWatch
        from .connection import PATIENCE_SECONDS, Session
        from .places import converter_command, home
        from .store_watch import tune

        place = home()
        database = open_database(place, durable=False, busy_seconds=PATIENCE_SECONDS)
        tune(database)
        _session = Session(
            database,
            JobTable(database),
            AgentWatch(place, database, converter_command(), get_agent_wishes),
            BlenderSession(database),
        )
    return _session


def list_jobs() -> None:
    """Show the jobs of earlier sessions where no timer will: in a Blender without a window. Never raises.

    Nothing is opened, and nothing imported that opens it, where there is no store.
    """
    from .places import store_exists

    try:
        if store_exists():
            get().list_jobs()
    except Exception as error:
        log(__name__).warning("the jobs of earlier sessions cannot be listed: %s", error)


def close(*, stop_agent: bool) -> None:
    """Close the session, if there is one."""
    global _session
    if _session is not None:
        _session.close(stop_agent=stop_agent)
        _session = None
