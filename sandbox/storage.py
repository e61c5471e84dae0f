# SPDX-License-Identifier: GPL-3.0-or-later
"""The storage origin: signed, expiring asset URLs with ranges, as an object store serves them.

A request that carries an Authorization header is refused (and stands in the log): the key belongs to the
API's origin alone.
"""

from __future__ import annotations

import hashlib
import re
from email.utils import formatdate

from .answer_shapes import FILES
from .faults import Faults, Scene, affect, spoil
from .foreign_pages import page_of, xml_error
from .journal import Entry
from .messages import Request, Response
from .service import Service
from .tasks import Task

_ASSET = re.compile(r"/assets/([0-9a-f-]{36})/([a-z]+\.[a-z0-9]{3,4})")
_RANGE = re.compile(r"bytes=(\d*)-(\d*)")


class Storage:
    """Answers GET and HEAD for assets."""

    def __init__(self, service: Service, faults: Faults) -> None:
        self._service = service
        self._faults = faults

    def handle(self, request: Request, entry: Entry) -> Response:
        match = _ASSET.fullmatch(request.path)
        if match is not None and match.group(2) not in FILES:
            match = None
        task = self._service.task(match.group(1)) if match else None
        name = match.group(2) if match else ""
        entry.kind = "other" if match is None else "thumbnail" if name.endswith(".png") else "asset"
        if task is not None:
            entry.account = task.account.label

        if entry.authorization:
            return xml_error(400, "InvalidArgument", "Only one auth mechanism allowed")
        fault = self._faults.pop(entry.kind, task.prompt if task else b"")
        if fault is not None:
            entry.fault = fault.name
            if fault.stage == "before":
                return spoil(fault, Scene(self._service, task))
            if fault.stage == "effect":
                affect(fault, Scene(self._service, task))
        response = self._answer(request, task, name)
        if fault is None and entry.kind == "asset" and task is not None and response.status in (200, 206):
            page = task.takes_page()
            if page:
                entry.manner = f"{page} for once"
                return page_of(page)
        if fault is not None and fault.stage == "after":
            if response.status >= 400 or task is None:
                self._faults.put_back(fault)
                entry.fault = None
            else:
                return spoil(fault, Scene(self._service, task, response, task.asset(name)))
        return response

    def _answer(self, request: Request, task: Task | None, name: str) -> Response:
        if request.method not in ("GET", "HEAD"):
            return xml_error(405, "MethodNotAllowed", "Use GET", (("Allow", "GET, HEAD"),))
        if task is None or task.status(self._service.clock.now()) != "FINISHED":
            return xml_error(404, "NoSuchKey", "The specified key does not exist.")
        if self._service.expired(task):
            return xml_error(410, "Gone", "The result was kept for 24 hours and is deleted.")
        if not self._service.signature_holds(task, name, request.query):
            return xml_error(403, "AccessDenied", "Request has expired")
        return ranged(task.asset(name), FILES[name], task.ends, request)


def ranged(data: bytes, content_type: str, modified: float, request: Request) -> Response:
    """200, 206 or 416 for one representation (RFC 9110, sections 13 and 14). Several ranges at once get the
    whole.
    """
    etag = f'"{hashlib.sha256(data).hexdigest()[:32]}"'
    date = formatdate(int(modified), usegmt=True)
    headers = (("ETag", etag), ("Last-Modified", date), ("Accept-Ranges", "bytes"))
    if request.headers.get("if-none-match") in (etag, "*"):
        return Response(304, b"", content_type, headers)
    whole = Response(200, data, content_type, headers)
    match = _RANGE.fullmatch(request.headers.get("range", "").replace(" ", ""))
    if match is None or match.group(1) == match.group(2) == "":
        return whole
    if request.headers.get("if-range", etag) not in (etag, date):
        return whole
    first, last = match.groups()
    if first == "":
        start, end = max(0, len(data) - int(last)), len(data) - 1
    else:
        start, end = int(first), min(int(last), len(data) - 1) if last else len(data) - 1
        if last and int(last) < int(first):
            return whole
    if start >= len(data) or start > end:
        return Response(416, b"", content_type, (*headers, ("Content-Range", f"bytes */{len(data)}")))
    content_range = ("Content-Range", f"bytes {start}-{end}/{len(data)}")
    return Response(206, data[start : end + 1], content_type, (*headers, content_range))
