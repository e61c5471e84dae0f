# SPDX-License-Identifier: GPL-3.0-or-later
"""Remove what dead agents left behind, and models that will not be sent again."""

from __future__ import annotations

import logging
import time

from .. import machine_clock
from ..files.own_files import agent_of_scratch, job_of_download, remove_file, remove_scratch
from ..files.unneeded_files import remove_sent_models
from ..jobs.states import LIVE
from ..paths import Home, inside
from ..store import Database, JobTable

log = logging.getLogger(__name__)

SILENT_SECONDS = 60.0


def sweep(home: Home, database: Database, account_id: str, agent: str) -> None:
    """Remove leftovers; what belongs to a living agent (of another account) or a live job stays.

    Raises sqlite3.Error; what cannot be removed is left for the next time.
    """
    living = {agent} | _living_agents(database)
    # A folder that is a link may be shared with another store, whose agents and jobs we do not know.
    for folder in [] if home.scratch.is_symlink() else inside(home.scratch):
        owner = agent_of_scratch(folder.name)
        if owner and owner not in living:
            log.info("removing the temporary folder %s", folder.name)
            remove_scratch(folder)
    owners = {job.job_id: job.account_id for job in JobTable(database).in_states(LIVE)}
    for file in inside(home.downloads):
        job_id = job_of_download(file.name)
        owner = owners.get(job_id)
        # A complete file nobody has looked at is fetched again; another account's agent may be looking at its own.
        is_left = owner is None or (owner == account_id and file.suffix == ".whole")
        if job_id and is_left and not (home.downloads.is_symlink() and JobTable(database).get(job_id) is None):
            remove_file(file)
    remove_sent_models(home, database, time.time())


def _living_agents(database: Database) -> set[str]:
    """Return the agents that hold a lease; one that is silent for a moment must find its folder again."""
    now = machine_clock.now()
    rows = database.connection.execute("SELECT agent, beat_at FROM lease")
    return {row["agent"] for row in rows if 0.0 <= now - row["beat_at"] < SILENT_SECONDS}
