# SPDX-License-Identifier: GPL-3.0-or-later
"""What a fault is: a row of the table, an order in the queue, and what it may look at when it strikes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal

from ..messages import Response
from ..service import Service
from ..tasks import Task

Stage = Literal["before", "after", "effect", "way"]
BEFORE: Stage = "before"
AFTER: Stage = "after"
EFFECT: Stage = "effect"
WAY: Stage = "way"


class Expect(StrEnum):
    """How a job should end that meets a fault once, in a service that is well from then on."""

    READY = "READY"
    UNCERTAIN = "UNCERTAIN"
    FAILED = "FAILED"


@dataclass
class Fault:
    """One queued fault; `times` is how many requests it still strikes, `mode` what one of the way does.

    With `about` it strikes only requests about a task whose prompt holds this text.
    """

    on: str
    name: str
    times: int = 1
    options: dict[str, Any] = field(default_factory=dict[str, Any])
    stage: Stage = BEFORE
    mode: str = ""
    about: str = ""


@dataclass(frozen=True)
class Scene:
    """What a fault may look at: the service, the task asked about, the honest answer and the honest asset, if any."""

    service: Service
    task: Task | None = None
    honest: Response | None = None
    asset: bytes = b""


Spoil = Callable[[Fault, Scene], Response]
Effect = Callable[[Fault, Scene], None]


@dataclass(frozen=True)
class Row:
    """One fault.

    `stage` says when it strikes (see `queue`); `does` is made by one of the mechanisms, and is the name of a mode for
    stage `way`. `expect` has an entry for each kind of request where striking makes a test: how the job ends. `says`
    explains it in one line. `options` are given when nothing else is.
    """

    name: str
    stage: Stage
    does: Spoil | Effect | str
    expect: Mapping[str, Expect]
    says: str
    options: Mapping[str, Any] = field(default_factory=dict[str, Any])
    refunds: bool = False

    def is_charged(self, on: str) -> bool:
        """Whether the service has the credits of the job at the end."""
        if on != "submit":
            return not self.refunds
        return self.stage == AFTER or self.expect[on] is Expect.READY


READY, UNCERTAIN, FAILED = Expect.READY, Expect.UNCERTAIN, Expect.FAILED
_LATER = {"status": READY, "wallet": READY}

UNDERSTOOD = {"submit": READY, **_LATER}
"""An answer out of the ordinary that says everything."""
UNREAD = {"submit": UNCERTAIN, **_LATER}
"""An answer that nobody can read, after the service has done its work."""
REFUSED = {"submit": FAILED, **_LATER}
"""An answer that says: not accepted."""
LOOK = {"status": READY}
LOST = {"status": FAILED}
BALANCE = {"wallet": READY}
STORED = {"asset": READY}
EVERYWHERE = {**UNDERSTOOD, **STORED}
EVERYWHERE_UNREAD = {**UNREAD, **STORED}

NOT_ACCEPTED = frozenset({301, 302, 307, 308, 400, 401, 402, 403, 404, 405, 413, 415, 422})
"""Statuses that say for certain that nothing was accepted; 429 says so too, and that it may be sent again."""


def expect_status(status: int) -> dict[str, Expect]:
    """What an answer with this status, and no task id in it, leads to."""
    if status == 429:
        return UNDERSTOOD
    return REFUSED if status in NOT_ACCEPTED else UNREAD
