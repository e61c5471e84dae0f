# SPDX-License-Identifier: GPL-3.0-or-later
"""Hold everything that belongs to the open file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .delivery.asset import UnfinishedAssets
from .delivery_queue import DeliveryQueue
from .job_list import JobListSync
from .pending_models import PendingModels
from .scene_tokens import SceneTokens
from .store_reader import StoreReader

if TYPE_CHECKING:
    from ..client.paths import Home
    from ..client.store import Database
    from .claims import Claims


class FileState:
    """The scenes of the open file, what it shows of the store, and what it waits for.

    File ▸ Open replaces it as a whole, and so does another store: nothing in it is ever reset.
    """

    def __init__(self, home: Home, database: Database, claims: Claims, news: str = "") -> None:
        self.scenes = SceneTokens()
        self.assets = UnfinishedAssets()
        self.pending_models = PendingModels()
        self.job_list = JobListSync(home.root)
        self.reader = StoreReader(database, self.job_list, self.pending_models)
        self.deliveries = DeliveryQueue(home, self.reader, self.scenes, self.assets, claims)
        self.news = news
        """What has happened to the store, in a sentence for the artist."""
        self.refreshed_at = 0.0
        """When what changes rarely was last read (monotonic); 0 before the first time."""

    def close(self) -> None:
        """Empty the list and draw no box any more."""
        self.job_list.close()
        self.pending_models.close()
