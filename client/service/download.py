# SPDX-License-Identifier: GPL-3.0-or-later
"""Download a result to a ``.part`` file, resume it, publish it by one rename.

The address is signed and on another host: it gets no key, and its query goes into no log. Redirects are followed by
hand, to ``https`` only (``http`` only from one loopback address to another).
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from urllib.parse import urlsplit

import requests
from requests.auth import AuthBase

from .. import errors, machine_clock
from ..files import disk
from ..notices import notice
from ..paths import open_private
from ..timings import DEFAULT_MAX_BYTES, DEFAULT_TIMINGS, Timings
from . import exceptions
from .connection_errors import BROKEN, why_not_connected
from .content_encoding import decoded, is_encoded
from .notices import ServiceNotice, aside
from .response_body import encoded_pieces
from .responses import is_safe_url
from .result_files import resolved
from .transport import Session

CHUNK_BYTES = 1 << 18
MAX_REDIRECTS = 5
_NO_SPACE = frozenset({errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)})


@dataclass(frozen=True)
class Downloaded:
    """A complete file and what was seen of it."""

    path: Path
    size: int
    sha256: str


class _NoKey(AuthBase):
    """Keeps ``requests`` from adding anything from ``.netrc`` to a request to the storage host."""

    def __call__(self, r: requests.PreparedRequest) -> requests.PreparedRequest:
        return r


Progress = Callable[[int, int | None], None]
"""Told the bytes so far and the whole size (None while unknown), at the start and for every piece that comes;
an exception from it ends the download."""


def download(
    url: str,
    part: Path,
    target: Path,
    *,
    progress: Progress = lambda _done, _whole: None,
    max_bytes: int = DEFAULT_MAX_BYTES,
    timings: Timings = DEFAULT_TIMINGS,
    loopback: bool = True,
    session_factory: Callable[[], Session] = Session,
) -> Downloaded:
    """Fetch ``url`` into ``target``, by way of ``part``, which is kept for the next try when the connection breaks.

    Without ``loopback`` even the first address must be ``https``. Raises DownloadFailed (try again), LinkExpired (get
    a fresh address), ResultRefused, DiskFull.
    """
    try:
        part.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with session_factory() as session:
            _Transfer(session, part, progress, max_bytes, timings).run(url, loopback)
        size, digest = part.stat().st_size, _sha256(part)
        disk.move(part, target)
        disk.remove(_tag_path(part), missing_ok=True)
    except OSError as error:
        raise _disk_error(error) from error
    return Downloaded(target, size, digest)


def discard(part: Path) -> None:
    """Remove an unfinished download."""
    for path in (part, _tag_path(part)):
        disk.remove(path, missing_ok=True)


@dataclass(frozen=True)
class _Transfer:
    """One try. OSError from ``run`` is trouble with the disk; trouble with the network has been translated."""

    session: Session
    part: Path
    progress: Progress
    max_bytes: int
    timings: Timings

    def run(self, url: str, loopback: bool) -> None:
        """Leave the complete file in ``part``, or raise."""
        start, etag = _resume_point(self.part)
        headers = {"Accept-Encoding": "identity"}
        if start:
            headers |= {"Range": f"bytes={start}-", "If-Range": etag}
        with self._get(url, headers, loopback) as response:
            status = response.status_code
            if status == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE and start:
                if response.headers.get("Content-Range") == f"bytes */{start}":
                    return  # nothing is missing: an earlier agent ended between the last byte and the rename
                discard(self.part)
                raise exceptions.DownloadFailed(ServiceNotice.FILE_CHANGED)
            if status in (401, 403, 404, 410):
                raise exceptions.LinkExpired(ServiceNotice.LINK_EXPIRED)
            if status not in (200, 206):
                raise exceptions.DownloadFailed(ServiceNotice.STORAGE_ERROR, status=status)
            length = _content_length(response)
            whole = length
            if status == 206 and is_encoded(response.headers.get("Content-Encoding")):
                discard(self.part)
                raise exceptions.DownloadFailed(ServiceNotice.WRONG_PART)
            if status == 206:
                whole = self._whole_of_range(response, start, length)
            else:
                # The old bytes go before the new tag comes: a tag must never vouch for bytes of another file.
                start = 0
                discard(self.part)
            self._check_size(whole or start)
            _check_space(self.part, length or 0)
            _remember_etag(self.part, response)
            self._write(response, start, whole)

    def _get(self, url: str, headers: dict[str, str], loopback: bool) -> requests.Response:
        """Return the answer to follow; what a redirect leads to may be the login page of a hotel or an office, so
        only the service's own address is refused for good."""
        for hop in range(MAX_REDIRECTS):
            if not is_safe_url(url) or (not loopback and urlsplit(url).scheme != "https"):
                if hop:
                    raise exceptions.DownloadFailed(ServiceNotice.LOGIN_PAGE)
                raise errors.ResultRefused(ServiceNotice.NOT_HTTPS)
            loopback = urlsplit(url).scheme != "https"
            timings, watch = self.timings, self.session.watch
            watch.start(opening=timings.opening, silence=timings.silence, answer=timings.silence)
            try:
                response = self.session.get(
                    url,
                    headers=headers,
                    auth=_NoKey(),
                    timeout=(timings.connect, timings.silence),
                    stream=True,
                    allow_redirects=False,
                )
            except BROKEN as error:
                if watch.began:
                    raise exceptions.DownloadFailed(ServiceNotice.BROKE_OFF) from error
                raise _not_reached(error) from error
            if not response.is_redirect:
                if hop and _is_page(response):
                    response.close()
                    raise exceptions.DownloadFailed(ServiceNotice.LOGIN_PAGE)
                watch.pause()
                return response
            response.close()
            url = resolved(response.headers["Location"], url)
        raise exceptions.DownloadFailed(ServiceNotice.REDIRECTS)

    def _write(self, response: requests.Response, start: int, whole: int | None) -> None:
        done = start
        began = window_began = time.monotonic()
        in_window = 0
        with open(self.part, "r+b" if start else "wb", opener=open_private) as stream:
            stream.seek(start)
            stream.truncate()
            self.progress(done, whole)
            for piece in self._pieces(response):
                # Before the write: who may no longer go on must not touch the file, which others may be writing.
                self.progress(done + len(piece), whole)
                stream.write(piece)
                stream.flush()  # so that nothing that came is lost when we are killed
                done += len(piece)
                in_window += len(piece)
                self._check_size(done)
                now = time.monotonic()
                if now - began > self.timings.longest_connection:
                    raise exceptions.DownloadFailed(ServiceNotice.TOO_LONG)
                if now - window_began > self.timings.slow_window:
                    if in_window < self.timings.slow_bytes:
                        raise exceptions.DownloadFailed(ServiceNotice.TOO_SLOW)
                    window_began, in_window = now, 0
            stream.flush()
            disk.keep(stream.fileno())
        if whole is not None and done != whole:
            raise exceptions.DownloadFailed(ServiceNotice.BROKE_OFF)
        if done == 0:
            raise exceptions.DownloadFailed(ServiceNotice.EMPTY_FILE)

    def _pieces(self, response: requests.Response) -> Iterator[bytes]:
        """Yield what comes, decoded, with the network's errors told apart from the disk's."""
        limit = max(self.timings.slow_window, self.timings.silence)

        def encoded() -> Iterator[bytes]:
            watch = self.session.watch
            watch.extend(limit)
            for piece in encoded_pieces(response, watch, CHUNK_BYTES):
                watch.pause()  # a slow disk is not the storage's fault
                yield piece
                watch.extend(limit)

        try:
            yield from decoded(encoded(), response.headers.get("Content-Encoding"))
        except BROKEN as error:
            raise exceptions.DownloadFailed(ServiceNotice.BROKE_OFF) from error

    def _whole_of_range(self, response: requests.Response, start: int, length: int | None) -> int | None:
        """Return the size of the whole file, which a range need not reach; None while unknown."""
        match = re.fullmatch(r"bytes (\d+)-(\d+)/(\d+|\*)", response.headers.get("Content-Range", ""))
        if match is None or int(match[1]) != start:
            discard(self.part)
            raise exceptions.DownloadFailed(ServiceNotice.WRONG_PART)
        if match[3] != "*":
            return int(match[3])
        return None if length is None else start + length

    def _check_size(self, size: int) -> None:
        if size > self.max_bytes:
            raise errors.ResultRefused(ServiceNotice.TOO_LARGE, limit=self.max_bytes / 2**20)


def _disk_error(error: OSError) -> errors.TripoError:
    if error.errno in _NO_SPACE:
        return exceptions.DiskFull(ServiceNotice.DISK_FULL)
    return exceptions.DownloadFailed(ServiceNotice.NOT_WRITTEN, reason=aside(error.strerror))


def _resume_point(part: Path) -> tuple[int, str]:
    """Return how many bytes are there and the strong ETag they belong to; 0 when they cannot be continued."""
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError, AttributeError):
        tag = json.loads(_tag_path(part).read_text("utf-8"))
        size = part.stat().st_size
        if size and tag["etag"] and abs(tag["boot"] - _boot_time()) < 60.0:
            return size, str(tag["etag"])
    return 0, ""


def _remember_etag(part: Path, response: requests.Response) -> None:
    etag = response.headers.get("ETag", "")
    # RFC 9110: only a strong validator may be used with If-Range. It stands for the bytes as they were sent: a part
    # that was decoded on the way has others.
    can_continue = etag.startswith('"') and not is_encoded(response.headers.get("Content-Encoding"))
    strong = etag if can_continue else ""
    with open(_tag_path(part), "w", encoding="utf-8", opener=open_private) as stream:
        json.dump({"etag": strong, "boot": _boot_time()}, stream)


def _boot_time() -> float:
    """Return about when the machine was started. After a power cut a file may have its length without its bytes, so
    a part from before the last start is not continued (nor, which does no harm, one from before a clock change)."""
    return time.time() - machine_clock.now()


def _tag_path(part: Path) -> Path:
    return part.with_name(part.name + ".etag")


def _content_length(response: requests.Response) -> int | None:
    """Return how many bytes the file has or the range brings; None while that is unknown, as it is of a file that is
    sent compressed."""
    text = response.headers.get("Content-Length", "")
    is_known = text.isdecimal() and not is_encoded(response.headers.get("Content-Encoding"))
    return int(text) if is_known else None


def _is_page(response: requests.Response) -> bool:
    return response.headers.get("Content-Type", "").lower().startswith("text/html")


def _not_reached(error: Exception) -> exceptions.DownloadFailed:
    """Return why the storage could not be asked; the service cannot be asked for the same reasons."""
    return exceptions.DownloadFailed(ServiceNotice.CANNOT_BEGIN, cause=notice(why_not_connected(error)))


def _check_space(part: Path, needed: int) -> None:
    free = disk.free_bytes(part.parent)
    if free < needed + disk.SPARE_DISK_BYTES:
        needed += disk.SPARE_DISK_BYTES
        raise exceptions.DiskFull(ServiceNotice.DISK_SHORT, needed=needed / 2**20, free=free / 2**20)


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
