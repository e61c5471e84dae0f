"""What the agent's worker threads report to its main loop: one typed message per piece of work."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from ..answers import TaskStatus
from ..download import Downloaded
from ..errors import TripoError


@dataclass(frozen=True)
class WasSubmitted:
    """A submit was accepted."""

    job_id: str
    task_id: str


@dataclass(frozen=True)
class WasPolled:
    """A status call was answered; ``at`` is the monotonic time of the answer."""

    job_id: str
    status: TaskStatus
    at: float


@dataclass(frozen=True)
class WasBalanced:
    """The balance was told."""

    credits: Decimal


@dataclass(frozen=True)
class WasFetched:
    """A result is on the disk."""

    job_id: str
    result: Downloaded
    suffix: str


@dataclass(frozen=True)
class WasConverted:
    """A result was made ready for Blender. ``blend`` is relative to the home folder; empty when no converter could
    be started, in which case ``note`` says so."""

    job_id: str
    blend: str
    note: str


@dataclass(frozen=True)
class Failed:
    """A piece of work failed. ``step`` is submit, status, balance, download or convert."""

    step: str
    job_id: str
    error: TripoError


Message = WasSubmitted | WasPolled | WasBalanced | WasFetched | WasConverted | Failed
