"""What dead agents leave behind, removed by the next one: folders of converters, downloads nobody waits for."""

from __future__ import annotations

import contextlib
import logging
import shutil
import time

from ..home import Home, inside
from ..states import LIVE
from ..store import Database, JobTable

log = logging.getLogger(__name__)

SILENT_SECONDS = 60.0


def sweep(home: Home, database: Database, account_id: str, agent: str) -> None:
    """Remove leftovers; what belongs to a living agent (of another account) or a live job stays.

    Raises sqlite3.Error; what cannot be removed is left for the next time.
    """
    living = {agent} | _living_agents(database)
    for folder in inside(home.scratch):
        if folder.name.partition("-")[0] not in living:
            log.info("removing the temporary folder %s", folder.name)
            shutil.rmtree(folder, ignore_errors=True)
    owners = {job.job_id: job.account_id for job in JobTable(database).in_states(LIVE)}
    for file in inside(home.downloads):
        owner = owners.get(file.name.partition(".")[0])
        # A complete file nobody has looked at is fetched again; another account's agent may be looking at its own.
        if owner is None or (owner == account_id and file.suffix == ".whole"):
            with contextlib.suppress(OSError):
                file.unlink()


def _living_agents(database: Database) -> set[str]:
    """Return the agents that hold a lease; one that is silent for a moment must find its folder again."""
    now = time.monotonic()
    rows = database.connection.execute("SELECT agent, beat_at FROM lease")
    return {row["agent"] for row in rows if 0.0 <= now - row["beat_at"] < SILENT_SECONDS}
