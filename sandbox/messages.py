# SPDX-License-Identifier: GPL-3.0-or-later
"""Requests, responses, and how a response goes over the wire."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

DeliveryKind = Literal["normal", "reset", "hang", "trickle", "cut", "extra"]


@dataclass(frozen=True)
class Request:
    """One request, wholly read. `path` has no query string; header names are lower case."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict[str, str])
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    body: bytes = b""


@dataclass(frozen=True)
class Delivery:
    """How the bytes leave. `seconds` bounds a hang or is the pause between two trickled pieces.

    `amount` is the part of the body that is sent (cut), the bytes per piece (trickle) or the surplus bytes
    (extra).
    """

    kind: DeliveryKind = "normal"
    seconds: float = 0.0
    amount: float = 0.0


@dataclass(frozen=True)
class Response:
    """One answer. `declared_length` overrides Content-Length, for answers that lie about it."""

    status: int
    body: bytes = b""
    content_type: str = "application/json"
    headers: tuple[tuple[str, str], ...] = ()
    delivery: Delivery = Delivery()
    declared_length: int | None = None

    @classmethod
    def json(cls, status: int, value: Any, headers: tuple[tuple[str, str], ...] = ()) -> Response:
        return cls(status, json.dumps(value).encode(), "application/json", headers)

    def header(self, name: str) -> str | None:
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)
