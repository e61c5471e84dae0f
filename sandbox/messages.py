# SPDX-License-Identifier: GPL-3.0-or-later
"""Requests, responses, and how a response goes over the wire."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

DeliveryKind = Literal[
    "normal", "reset", "hang", "trickle", "cut", "extra", "drip_head", "endless_head", "endless_body", "flood"
]


@dataclass(frozen=True)
class Request:
    """One request, wholly read. `path` has no query string; header names are lower case. A form with files lies in
    `spool`, and `body` is its beginning.
    """

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict[str, str])
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    body: bytes = b""
    spool: Path | None = None


@dataclass(frozen=True)
class Delivery:
    """How the bytes leave. `seconds` bounds what does not end by itself, or is the pause between two pieces.

    `amount` is the part of the body that is sent (cut), the bytes per piece (trickle, drip_head) or the surplus
    bytes (extra). `endless_head`, `endless_body` and `flood` (of interim answers) go on until the client leaves.
    """

    kind: DeliveryKind = "normal"
    seconds: float = 0.0
    amount: float = 0.0


@dataclass(frozen=True)
class Response:
    """One answer.

    `declared_length` overrides Content-Length, for answers that lie about it. `interim` are the 1xx answers sent
    before. `raw` is what is sent instead of everything else, byte for byte. `closes` ends the connection. A `fixed`
    body is not compressed or written otherwise on its way out.
    """

    status: int
    body: bytes = b""
    content_type: str = "application/json"
    headers: tuple[tuple[str, str], ...] = ()
    delivery: Delivery = Delivery()
    declared_length: int | None = None
    version: str = "HTTP/1.1"
    interim: tuple[int, ...] = ()
    chunked: bool = False
    lower_case: bool = False
    closes: bool = False
    raw: bytes | None = None
    fixed: bool = False

    @classmethod
    def json(cls, status: int, value: Any, headers: tuple[tuple[str, str], ...] = ()) -> Response:
        return cls(status, json.dumps(value).encode(), "application/json", headers)

    def header(self, name: str) -> str | None:
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)

    def with_headers(self, *headers: tuple[str, str]) -> Response:
        """The same with further headers, each in the place of one of that name."""
        named = {name.lower() for name, _ in headers}
        return replace(self, headers=(*(item for item in self.headers if item[0].lower() not in named), *headers))

    @property
    def is_bare(self) -> bool:
        """Whether it can have no body at all (RFC 9110, section 6.4.1)."""
        return self.status < 200 or self.status in (204, 304)
