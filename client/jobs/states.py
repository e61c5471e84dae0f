# SPDX-License-Identifier: GPL-3.0-or-later
"""The states of a job, and which may follow which."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum


class Status(StrEnum):
    """The state of a job."""

    PREPARED = "PREPARED"
    SUBMITTING = "SUBMITTING"
    UNCERTAIN = "UNCERTAIN"
    QUEUED = "QUEUED"
    RUNNING = "RUNNING"
    DOWNLOADING = "DOWNLOADING"
    CONVERTING = "CONVERTING"
    READY = "READY"
    IMPORTED = "IMPORTED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"
    EXPIRED = "EXPIRED"


WITH_MODEL = frozenset({Status.READY, Status.IMPORTED})
"""States of a job whose model was made ready; its files may have left the cache since."""
WITHOUT_MODEL = frozenset({Status.FAILED, Status.CANCELLED, Status.EXPIRED})
"""States of a job that ended without a model."""
TROUBLE = frozenset({Status.FAILED, Status.EXPIRED, Status.UNCERTAIN})
"""States that ended badly or may have."""
_IN_HAND = frozenset({Status.CONVERTING, Status.READY})
"""Where any ended job may go, for free, when its model is on the disk."""

TRANSITIONS: Mapping[Status, frozenset[Status]] = {
    Status.PREPARED: frozenset({Status.SUBMITTING, Status.FAILED, Status.CANCELLED}),
    # Back to PREPARED only when the request certainly did not reach the service, or was turned away by its rate limit.
    Status.SUBMITTING: frozenset({Status.QUEUED, Status.UNCERTAIN, Status.PREPARED, Status.FAILED, Status.CANCELLED}),
    # Only a person leaves UNCERTAIN: with the task id, by sending again, or by forgetting it. The one exception
    # is the answer itself, arriving late.
    Status.UNCERTAIN: frozenset({Status.QUEUED, Status.PREPARED, Status.FAILED, Status.CANCELLED}) | _IN_HAND,
    Status.QUEUED: frozenset({Status.RUNNING, Status.DOWNLOADING}) | WITHOUT_MODEL,
    Status.RUNNING: frozenset({Status.DOWNLOADING}) | WITHOUT_MODEL,
    Status.DOWNLOADING: frozenset({Status.CONVERTING, Status.QUEUED}) | WITHOUT_MODEL,
    Status.CONVERTING: frozenset({Status.READY, Status.DOWNLOADING, Status.FAILED, Status.CANCELLED}),
    # A result can be fetched or converted again when its file was cleared from the cache.
    Status.READY: frozenset({Status.IMPORTED, Status.CONVERTING, Status.QUEUED, Status.FAILED, Status.CANCELLED}),
    Status.IMPORTED: frozenset({Status.READY, Status.CONVERTING, Status.QUEUED, Status.FAILED}),
    # A job that failed here after it was paid is taken up again without paying; one that was never accepted
    # may be sent for the first time.
    Status.FAILED: frozenset({Status.QUEUED, Status.PREPARED}) | _IN_HAND,
    # To PREPARED only what was never sent because the job that makes its model had ended without one.
    Status.CANCELLED: frozenset({Status.QUEUED, Status.PREPARED}) | _IN_HAND,
    Status.EXPIRED: frozenset({Status.QUEUED}) | _IN_HAND,
}

LIVE = frozenset(
    {
        Status.PREPARED,
        Status.SUBMITTING,
        Status.QUEUED,
        Status.RUNNING,
        Status.DOWNLOADING,
        Status.CONVERTING,
    }
)
"""States in which the agent has work to do."""

ENDED = WITH_MODEL | WITHOUT_MODEL | {Status.UNCERTAIN}
"""States in which nothing happens until a person acts."""

CAN_GO_ON = LIVE | WITH_MODEL
"""States of a job whose result another one may work on, now or when it is there."""


def sql_names(states: Iterable[Status]) -> str:
    """Return states as a list for an SQL statement."""
    return ", ".join(f"'{state.value}'" for state in sorted(states))


class IllegalTransition(Exception):
    """A state change that the table does not allow: an error in the program."""


def check(before: Status, after: Status) -> None:
    """Raise IllegalTransition unless ``after`` may follow ``before``."""
    if after not in TRANSITIONS[before]:
        raise IllegalTransition(f"{before} cannot be followed by {after}")
