# SPDX-License-Identifier: GPL-3.0-or-later
"""Find the jobs that the list shows, by words of their names and by their states."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from ..client.jobs.states import ENDED, LIVE, WITH_MODEL, Status

if TYPE_CHECKING:
    from ..properties.window import TripoJob, TripoWindowState

FILTERS: Mapping[str, frozenset[str]] = {
    "RUNNING": frozenset(LIVE),
    "READY": frozenset({Status.READY}),
    "DONE": frozenset({Status.IMPORTED}),
    "TROUBLE": ENDED - WITH_MODEL,
}
"""The states behind each choice of ``WindowManager.tripo.show`` but "All"."""


class _Found(NamedTuple):
    """The answer to a search, kept until the list or the question changes."""

    question: tuple[object, ...]
    flags: list[int]


_ALL = _Found((), [])
_found = _ALL


def search(state: TripoWindowState, text: str, flag: int) -> list[int]:
    """Return ``flag`` for each job that ``state.show`` lets through and whose name holds all the words, 0 for the
    others; an empty list when all are shown."""
    global _found
    words = text.lower().split()
    if state.show == "ALL" and not words:
        _found = _ALL
        return _found.flags
    question = (state.revision, len(state.jobs), state.show, text, flag)
    if question != _found.question:
        states = FILTERS.get(state.show)
        _found = _Found(question, [flag if _fits(job, states, words) else 0 for job in state.jobs])
    return _found.flags


def _fits(job: TripoJob, states: frozenset[str] | None, words: list[str]) -> bool:
    if states is not None and job.status not in states:
        return False
    name = job.name.lower() if words else ""
    return all(word in name for word in words)


def is_shown(state: TripoWindowState, index: int) -> bool:
    """Whether the list, as it was drawn last, shows a job."""
    return len(_found.flags) != len(state.jobs) or bool(_found.flags[index])
