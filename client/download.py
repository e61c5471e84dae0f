"""Fetching a result: to a ``.part`` file, resumed when possible, published by one rename.

The address is signed and on another host: it gets no key, and its query goes into no log. Redirects are followed by
hand, to ``https`` only (``http`` on loopback).
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from urllib.parse import urljoin

import requests
from requests.auth import AuthBase

from . import errors
from .answers import is_safe_url
from .api import SessionFactory, new_session
from .home import open_private

CHUNK_BYTES = 1 << 18
DEFAULT_MAX_BYTES = 2 * 1024**3
SPARE_DISK_BYTES = 64 * 1024**2
MAX_REDIRECTS = 5
TIMEOUTS = (10.0, 30.0)


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
"""Told the bytes so far and the whole size (None while unknown); an exception from it ends the download."""


def download(
    url: str,
    part: Path,
    target: Path,
    *,
    progress: Progress = lambda _done, _whole: None,
    max_bytes: int = DEFAULT_MAX_BYTES,
    session_factory: SessionFactory = new_session,
) -> Downloaded:
    """Fetch ``url`` into ``target``, by way of ``part``, which is kept for the next try when the connection breaks.

    Raises NotSent, DownloadFailed (try again), LinkExpired (get a fresh address), ResultRefused, DiskFull.
    """
    try:
        _fetch(url, part, progress, max_bytes, session_factory)
        size, digest = part.stat().st_size, _sha256(part)
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.replace(part, target)
        _tag_path(part).unlink(missing_ok=True)
    except OSError as error:
        if isinstance(error, requests.RequestException):
            raise errors.DownloadFailed(
                "The download broke off: it goes on by itself when the connection is back"
            ) from error
        if error.errno == 28:  # ENOSPC
            raise errors.DiskFull("The disk is full: free some space, the download then goes on") from error
        raise errors.DownloadFailed(
            f"The result cannot be written ({error.strerror}): check that the add-on's folder can be written"
        ) from error
    return Downloaded(target, size, digest)


def discard(part: Path) -> None:
    """Remove an unfinished download."""
    part.unlink(missing_ok=True)
    _tag_path(part).unlink(missing_ok=True)


def _fetch(url: str, part: Path, progress: Progress, max_bytes: int, session_factory: SessionFactory) -> None:
    start, etag = _resume_point(part)
    headers = {"Accept-Encoding": "identity"}
    if start:
        headers |= {"Range": f"bytes={start}-", "If-Range": etag}
    with session_factory() as session, _get(session, url, headers) as response:
        status = response.status_code
        if status == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE and start:
            discard(part)
            raise errors.DownloadFailed("The download has to start again: the file on the server changed")
        if status in (401, 403, 404, 410):
            raise errors.LinkExpired("The link to the result no longer works: asking the service for a new one")
        if status not in (200, 206):
            raise errors.DownloadFailed(f"The storage answers with status {status}: trying again later")
        if status == 206:
            _check_range(response, start, part)
        else:
            start = 0
        length = _content_length(response)
        whole = None if length is None else start + length
        _check_size(whole or start, max_bytes)
        _check_space(part, length or 0)
        _remember_etag(part, response)
        _write(response, part, start, whole, progress, max_bytes)


def _get(session: requests.Session, url: str, headers: dict[str, str]) -> requests.Response:
    for _hop in range(MAX_REDIRECTS):
        if not is_safe_url(url):
            raise errors.ResultRefused("The result is offered at an address that is not https: it was not fetched")
        response = session.get(
            url, headers=headers, auth=_NoKey(), timeout=TIMEOUTS, stream=True, allow_redirects=False
        )
        if not response.is_redirect:
            return response
        response.close()
        url = urljoin(url, response.headers["Location"])
    raise errors.DownloadFailed("The storage sends the download in circles: trying again later")


def _write(
    response: requests.Response, part: Path, start: int, whole: int | None, progress: Progress, max_bytes: int
) -> None:
    done = start
    with open(part, "r+b" if start else "wb", opener=open_private) as stream:
        stream.seek(start)
        stream.truncate()
        for chunk in response.iter_content(CHUNK_BYTES):
            stream.write(chunk)
            done += len(chunk)
            _check_size(done, max_bytes)
            progress(done, whole)
        stream.flush()
        os.fsync(stream.fileno())
    if whole is not None and done != whole:
        raise errors.DownloadFailed("The download broke off: it goes on by itself when the connection is back")
    if done == 0:
        raise errors.DownloadFailed("The storage sent an empty file: trying again later")


def _resume_point(part: Path) -> tuple[int, str]:
    """Return how many bytes are there and the strong ETag they belong to; 0 when they cannot be continued."""
    with contextlib.suppress(OSError, ValueError):
        etag = json.loads(_tag_path(part).read_text("utf-8"))
        size = part.stat().st_size
        if size and isinstance(etag, str) and etag:
            return size, etag
    return 0, ""


def _remember_etag(part: Path, response: requests.Response) -> None:
    etag = response.headers.get("ETag", "")
    strong = etag if etag.startswith('"') else ""  # RFC 9110: only a strong validator may be used with If-Range
    with open(_tag_path(part), "w", encoding="utf-8", opener=open_private) as stream:
        json.dump(strong, stream)


def _tag_path(part: Path) -> Path:
    return part.with_name(part.name + ".etag")


def _check_range(response: requests.Response, start: int, part: Path) -> None:
    unit, _, rest = response.headers.get("Content-Range", "").partition(" ")
    if unit != "bytes" or not rest.startswith(f"{start}-"):
        discard(part)
        raise errors.DownloadFailed("The storage sent another part of the file than asked: starting again")


def _content_length(response: requests.Response) -> int | None:
    text = response.headers.get("Content-Length", "")
    return int(text) if text.isdecimal() and "Content-Encoding" not in response.headers else None


def _check_size(size: int, max_bytes: int) -> None:
    if size > max_bytes:
        raise errors.ResultRefused(
            f"The result is larger than {max_bytes / 2**20:,.0f} MB: raise the limit in the preferences to fetch it"
        )


def _check_space(part: Path, needed: int) -> None:
    free = shutil.disk_usage(part.parent).free
    if free < needed + SPARE_DISK_BYTES:
        raise errors.DiskFull(
            f"The result needs {needed / 2**20:,.0f} MB and the disk has {free / 2**20:,.0f} MB left:"
            " free some space, the download then goes on"
        )


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
