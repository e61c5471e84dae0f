# SPDX-License-Identifier: GPL-3.0-or-later
"""What the agent notes on a job while it works on it; nothing here has to survive it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from ..notices import Notice
from ..service.result_files import asset_name
from ..service.retry import Step, Streak
from .polling.forecast import Observation

LONGEST_TRAIL = 40
"""Observations kept per job."""


@dataclass
class JobNotes:
    """Notes on one job; times are monotonic seconds."""

    began: float = 0.0
    """When it was submitted, as far as this can be told."""
    seen: float = 0.0
    """When this agent first saw it."""
    busy: Step | None = None
    """The step that a thread is working on, if any."""
    attempts: int = 0
    """Errors in a row of the present step, not counting requests that the rate limit turned away."""
    turned_away: int = 0
    """Requests in a row that the rate limit turned away."""
    kind: str = ""
    """The kind of the last answer if it was not the wanted one; empty after a good one."""
    streak: Streak = field(default_factory=Streak)
    """How often in a row, and for how long, that kind has come."""
    not_before: float = 0.0
    """When the next try is due."""
    link: str = ""
    """The signed address of the result to fetch, kept in memory only."""
    assets: tuple[str, ...] = ()
    """All addresses that the service offered at the last look, the best first, kept in memory only."""
    turn: int = 0
    """Which of the assets is tried: the next one when one cannot be fetched for a while."""
    refused_assets: set[str] = field(default_factory=set[str])
    """Names of assets (see `asset_name`) that came and are of no use."""
    wrong_bytes: dict[str, Streak] = field(default_factory=dict[str, Streak])
    """Bytes that are no model, by their SHA-256, as they came again and again."""
    refused_bytes: dict[str, Notice] = field(default_factory=dict[str, Notice])
    """Why a file could not be made ready, by its SHA-256: if the same bytes come again, they are refused for that
    reason."""
    thumbnail: str = ""
    """The address of the service's own thumbnail, kept in memory only; empty when it has none."""
    dead_links: int = 0
    """How many addresses have been found dead."""
    finishes_at: float | None = None
    """When the service is expected to be finished, once it has said anything."""
    fetched: tuple[int, int | None] = (0, None)
    """Bytes sent or downloaded so far and the whole size, written by the thread that does it."""
    not_saved: Notice | None = None
    """Why the result could not be saved where the artist wants it, if so."""
    is_held: bool = False
    """Whether it waits for its model, or for the job that makes it: nothing is sent meanwhile."""
    said: str = ""
    """The last words about waiting or downloading, and when."""
    said_at: float = 0.0
    observations: list[Observation] = field(default_factory=list[Observation])

    @property
    def is_in_trouble(self) -> bool:
        """Whether the last try of the present step failed."""
        return self.attempts > 0 or bool(self.kind)

    def observe(self, at: float, progress: int) -> None:
        """Remember an answer that said "not finished"."""
        self.observations.append(Observation(at, float(progress)))
        del self.observations[:-LONGEST_TRAIL]

    def met(self, kind: str, now: float, longest_gap: float) -> Streak:
        """Note an answer of an unwanted kind; return the streak of that kind."""
        if kind != self.kind:
            self.kind, self.streak = kind, Streak()
        self.streak.add(now, longest_gap)
        return self.streak

    def offer(self, assets: Sequence[str]) -> None:
        """Take over what the service offers, and choose what to fetch of it."""
        self.assets = tuple(assets)
        self.choose()

    def choose(self) -> bool:
        """Choose the address whose turn it is; return whether there is one that was not found useless."""
        good = [url for url in self.assets if asset_name(url) not in self.refused_assets]
        self.link = good[self.turn % len(good)] if good else ""
        return bool(good)

    def refuse(self) -> bool:
        """Give up the asset that was fetched last; return whether there is another one."""
        if self.link:
            self.refused_assets.add(asset_name(self.link))
        self.turn = 0
        return self.choose()

    def succeeded(self) -> None:
        """Forget the errors of a step that went well."""
        self.attempts = self.turned_away = 0
        self.kind, self.streak = "", Streak()
        self.not_before = 0.0
