# SPDX-License-Identifier: GPL-3.0-or-later
"""Which notice a job gets for what has happened to it; those of the converter are in ``converter/notices.py``."""

from __future__ import annotations

import math

from .. import errors
from ..jobs.notices import JobNotice
from ..notices import Notice, notice
from ..service import exceptions
from ..service.notices import ServiceNotice
from ..service.responses import reason_in_words


def waiting(seconds: float) -> Notice:
    """Return why nothing is sent for now."""
    return notice(JobNotice.RATE_LIMIT, seconds=max(1, math.ceil(seconds)))


def remaining(seconds: float) -> Notice:
    """Return how long a running job may still take."""
    if seconds < 120:
        return notice(JobNotice.REMAINING, seconds=max(5, round(seconds / 5) * 5))
    return notice(JobNotice.REMAINING_MINUTES, minutes=round(seconds / 60))


def downloading(done: int, whole: int | None) -> Notice:
    """Return how far a download is; both in bytes."""
    here = round(done / 2**20, 1)
    if whole is None:
        return notice(JobNotice.DOWNLOADED, done=here)
    return notice(JobNotice.DOWNLOADED_OF, done=here, whole=round(whole / 2**20, 1))


def uploading(done: int, whole: int) -> Notice:
    """Return how far the upload of a model is; both in bytes."""
    return notice(JobNotice.UPLOADING, done=round(done / 2**20), whole=round(whole / 2**20))


def again(error: errors.TripoError) -> Notice:
    """Return what to say while a look at a paid task is tried again."""
    if isinstance(error, exceptions.ServiceError) and 300 <= error.status < 400:
        return notice(JobNotice.NOT_THE_SERVICE)
    if isinstance(error, exceptions.KeyRefused | exceptions.RateLimited | exceptions.NotSent | exceptions.NoAnswer):
        return error.notice
    if isinstance(error, exceptions.UnreadableAnswer):
        return notice(JobNotice.UNREADABLE)
    if isinstance(error, exceptions.NotFound):
        return notice(JobNotice.UNKNOWN_NOW)
    if isinstance(error, exceptions.Forbidden):
        return notice(JobNotice.FORBIDDEN_NOW)
    return notice(JobNotice.ASKING_AGAIN, cause=error.notice)


def given_up(error: errors.TripoError) -> Notice:
    """Return what to say when a paid task cannot be asked about any more; retrying it is free."""
    if isinstance(error, exceptions.Forbidden):
        return notice(JobNotice.OTHER_ACCOUNT)
    if isinstance(error, exceptions.NotFound):
        return notice(JobNotice.UNKNOWN)
    if isinstance(error, exceptions.RequestRefused):
        return notice(JobNotice.GIVEN_UP, cause=error.notice)
    return error.notice


def not_accepted(error: errors.TripoError) -> Notice:
    """Return what to say when a request was not accepted."""
    if isinstance(error, errors.InvalidRequest) and error.problems:
        return error.problems[0].notice
    return notice(JobNotice.UNKNOWN_REQUEST) if isinstance(error, exceptions.NotFound) else error.notice


def failed_at_service(reason: str) -> Notice:
    """Return what to say when the service gave up on a task; ``reason`` is in its words."""
    said = notice(ServiceNotice.ASIDE, words=reason_in_words(reason)) if reason else None
    return notice(JobNotice.FAILED_AT_SERVICE, said=said)
