# SPDX-License-Identifier: GPL-3.0-or-later
"""The errors of requests, downloads and conversions.

Blender sees them only through what the store says of a job.
"""

from __future__ import annotations

from ..errors import ErrorCode, TripoError
from ..notices import Code, Notice, Value


class NotSent(TripoError):
    """The request certainly did not reach the service; sending it again is safe."""

    code = ErrorCode.NOT_SENT


class NoAnswer(TripoError):
    """The request was sent and no usable answer came: it may have been accepted."""

    code = ErrorCode.NO_ANSWER


class ServiceError(TripoError):
    """The service answered with an error status."""

    code = ErrorCode.SERVICE_ERROR

    def __init__(self, said: Code | str | Notice, /, *, status: int, **values: Value) -> None:
        super().__init__(said, status=status, **values)
        self.status = status


class RequestRefused(ServiceError):
    """The service refused the request (400 and other 4xx); nothing was charged."""

    code = ErrorCode.REQUEST_REFUSED


class KeyRefused(ServiceError):
    """The service does not accept the API key (401, and a 403 that says so)."""

    code = ErrorCode.KEY_REFUSED


class Forbidden(ServiceError):
    """The key is accepted, but not for this (403): asked about a task, it is another account's or mistyped (C)."""

    code = ErrorCode.FORBIDDEN


class NotEnoughCredits(ServiceError):
    """The balance of the account's API wallet does not cover the price (402)."""

    code = ErrorCode.NOT_ENOUGH_CREDITS


class NotFound(ServiceError):
    """The service does not know the task (404, 410)."""

    code = ErrorCode.NOT_FOUND


class RateLimited(ServiceError):
    """Too many requests (429); ``retry_after`` in seconds where the service says so."""

    code = ErrorCode.RATE_LIMITED

    def __init__(self, said: Code | str | Notice, /, *, status: int, retry_after: float | None) -> None:
        super().__init__(said, status=status)
        self.retry_after = retry_after


class ServiceDown(ServiceError):
    """The service has a problem of its own (5xx)."""

    code = ErrorCode.SERVICE_DOWN


class UnreadableAnswer(TripoError):
    """A success status with a body that is not what the API documents."""

    code = ErrorCode.UNREADABLE_ANSWER


class DownloadFailed(TripoError):
    """The result could not be fetched this time; trying again is safe and free."""

    code = ErrorCode.DOWNLOAD_FAILED


class LinkExpired(DownloadFailed):
    """The signed address of the result no longer works; a new status call gives a fresh one."""

    code = ErrorCode.LINK_EXPIRED


class WrongBytes(DownloadFailed):
    """What came from the storage is no model, or not all of one.

    ``sha256`` names the bytes; ``is_model`` tells that they are a whole model file, which is refused for what is in it.
    """

    code = ErrorCode.WRONG_BYTES

    def __init__(self, said: Code | str | Notice, /, *, sha256: str, is_model: bool) -> None:
        super().__init__(said)
        self.sha256 = sha256
        self.is_model = is_model


class DiskFull(TripoError):
    """There is not enough space for the result."""

    code = ErrorCode.DISK_FULL


class NoConverter(TripoError):
    """No background Blender can be started to prepare the result; the file is kept."""

    code = ErrorCode.NO_CONVERTER


class FileHeld(DiskFull):
    """Another program does not let go of a file: waited for as for space."""

    code = ErrorCode.FILE_HELD
