# SPDX-License-Identifier: GPL-3.0-or-later
"""What Django, nginx and a content network make of an answer on its way out (setting `variety`).

The same seed, kind of request and number of the answer always lead to the same: a run can be repeated.
"""

from __future__ import annotations

import gzip
import json
import random
import threading
import zlib
from collections import Counter
from dataclasses import replace
from typing import Any, cast

from .journal import Entry
from .messages import Request, Response
from .settings import Settings

_DJANGO = (
    ("Allow", "GET, HEAD, OPTIONS"),
    ("X-Frame-Options", "DENY"),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "same-origin"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
)
_COOKIES = (
    ("Set-Cookie", "__cf_bm=Xq3.9k_2-1764409200-1.0.1.1; path=/; HttpOnly; SameSite=None"),
    ("Set-Cookie", "csrftoken=W0pZ3; expires=Sun, 28 Nov 2027 09:00:00 GMT; Max-Age=31449600; Path=/; SameSite=Lax"),
)
_INTERIM: tuple[tuple[int, ...], ...] = ((103,), (100,), (102,), (102, 103), (103, 100))
_BOM = b"\xef\xbb\xbf"


class Edge:
    """Dresses the answers of one sandbox."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._seen: Counter[str] = Counter()

    def reset(self) -> None:
        """Count answers from the first one."""
        with self._lock:
            self._seen.clear()

    def dress(self, request: Request, response: Response, entry: Entry) -> Response:
        """The answer as it really arrives; what a fault has made of one keeps its body and its delivery."""
        if self._settings.variety == "plain" or response.raw is not None:
            return response
        kind = f"{entry.origin}/{entry.kind}"
        with self._lock:
            number = self._seen[kind]
            self._seen[kind] += 1
        chance = random.Random(f"{self._settings.variety_seed}/{kind}/{number}")
        dressed = self._headers(response, entry, chance)
        if dressed.delivery.kind == "normal" and response.version == "HTTP/1.1":
            dressed = replace(dressed, interim=response.interim or self._interim(chance))
            if not response.fixed:
                dressed = self._body(request, dressed, chance)
        entry.manner = " ".join(word for word in (entry.manner, describe(dressed)) if word)
        return dressed

    def _headers(self, response: Response, entry: Entry, chance: random.Random) -> Response:
        ray = f"{chance.getrandbits(64):016x}-FRA"
        headers: list[tuple[str, str]] = [("Server", chance.choice(("cloudflare", "nginx", "nginx/1.27.3")))]
        headers += [("CF-RAY", ray), ("CF-Cache-Status", "DYNAMIC"), ("alt-svc", 'h3=":443"; ma=86400')]
        if entry.origin == "api":
            headers.append(("Vary", chance.choice(("Accept-Encoding", "Accept, Cookie, origin, Accept-Encoding"))))
            headers += _DJANGO if response.header("Allow") is None else _DJANGO[1:]
        else:
            headers.append(("x-amz-request-id", f"{chance.getrandbits(64):016X}"))
        if chance.random() < 0.6:
            headers += _COOKIES
        closes = chance.random() < 0.25
        if not closes and chance.random() < 0.5:
            headers.append(("Connection", "keep-alive"))
        own = {name.lower() for name, _ in response.headers}
        return replace(
            response,
            headers=(*response.headers, *(item for item in headers if item[0].lower() not in own)),
            lower_case=response.lower_case or chance.random() < 0.5,
            closes=response.closes or closes,
        )

    def _interim(self, chance: random.Random) -> tuple[int, ...]:
        return chance.choice(_INTERIM) if chance.random() < 0.3 else ()

    def _body(self, request: Request, response: Response, chance: random.Random) -> Response:
        body = response.body
        if response.is_bare or not body or response.status == 206:
            return response
        text = response.content_type.startswith(("application/json", "text/", "application/xml"))
        if response.content_type == "application/json":
            body = _rewritten(body, chance)
            if chance.random() < 0.2:
                response = replace(response, content_type="application/json; charset=utf-8")
        response = replace(response, body=body, chunked=chance.random() < (0.5 if text else 0.2))
        return compressed(request, response, chance) if text else response


def _rewritten(body: bytes, chance: random.Random) -> bytes:
    """The same JSON value: as Django REST writes it or with spaces, names in another order, perhaps with a BOM."""
    try:
        value: Any = json.loads(body)
    except ValueError:
        return body
    if isinstance(value, dict):
        fields = cast(dict[str, Any], value)
        names = list(fields)
        chance.shuffle(names)
        value = {name: fields[name] for name in names}
    separators = chance.choice(((",", ":"), (", ", ": ")))
    written = json.dumps(value, ensure_ascii=False, separators=separators).encode()
    return _BOM + written if chance.random() < 0.15 else written


def compressed(request: Request, response: Response, chance: random.Random) -> Response:
    """In one of the encodings that the client offers and that this one knows; as it is without an offer."""
    offered = {item.split(";")[0].strip().lower() for item in request.headers.get("accept-encoding", "").split(",")}
    known = [name for name in ("gzip", "gzip", "deflate") if name in offered]
    if not known:
        return response
    coding = chance.choice(known)
    body = gzip.compress(response.body, 6, mtime=0) if coding == "gzip" else zlib.compress(response.body)
    return replace(response, body=body).with_headers(("Content-Encoding", coding))


def describe(response: Response) -> str:
    """How an answer goes out, in words, for whoever reads the log of a failed test."""
    words = [str(status) for status in response.interim]
    words += [response.header("Content-Encoding") or "", "chunked" if response.chunked else ""]
    words += ["lower-case" if response.lower_case else "", "closes" if response.closes else ""]
    words.append("bom" if response.body.startswith(_BOM) else "")
    return " ".join(word for word in words if word)
