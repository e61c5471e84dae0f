# SPDX-License-Identifier: GPL-3.0-or-later
"""Remove what dead agents left behind, and models that will not be sent again."""

from __future__ import annotations

import logging
import time

from ..files.own_files import agent_of_scratch, job_of_download, remove_file, remove_scratch
from ..files.unneeded_files import remove_sent_models
from ..jobs.states import LIVE
from ..paths import Home, inside
from ..store import Database, JobTable
from ..store.lease import living_agents

log = logging.getLogger(__name__)

SILENT_SECONDS = 60.0
"""An agent that is silent for less must find its folder again."""


def sweep(home: Home, database: Database, account_id: str, agent: str) -> None:
    """Remove leftovers; what belongs to a living agent (of another account) or a live job stays.

    Raises sqlite3.Error; what cannot be removed is left for the next time.
    """
    living = {agent} | living_agents(database.connection, SILENT_SECONDS)
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
