# SPDX-License-Identifier: GPL-3.0-or-later
"""Errors of the service and the envelopes they may come in.

The four upper-case codes are in the API reference; the lower-case ones are on the credit balance page. The service
is built on Django REST, so its errors are worded that way (`django`); every other shape a client may have to read
can be chosen (setting `envelope`).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from .messages import Response


class ApiError(Exception):
    """A refusal: HTTP status, code word, a sentence, and extra headers."""

    def __init__(self, status: int, code: str, message: str, headers: tuple[tuple[str, str], ...] = ()) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.headers = headers


def validation_failed(message: str) -> ApiError:
    return ApiError(400, "VALIDATION_FAILED", message)


def _django(status: int, code: str, message: str) -> Any:
    """As Django REST words it: by field for a 400, else under `detail`."""
    if status == 402:
        return {"code": code, "detail": message}
    if status not in (400, 422):
        return {"detail": message}
    named = _FIELD.fullmatch(message)
    if named is None or named.group(1) is None:
        return {"non_field_errors": [message]}
    said = named.group(2)
    return {named.group(1): [said[:1].upper() + said[1:].rstrip(".") + "."]}


_FIELD = re.compile(r"([a-z][a-z0-9_]*)(?:\[\d+\])?(?:\.\w+)?: (.*)", re.DOTALL)

ENVELOPES: dict[str, Callable[[int, str, str], Any]] = {
    "django": _django,
    "error_object": lambda status, code, message: {"error": {"code": code, "message": message}},
    "error_string": lambda status, code, message: {"error": code, "message": message},
    "code": lambda status, code, message: {"code": code, "message": message},
    "error_code": lambda status, code, message: {"error_code": code, "detail": message},
    "detail": lambda status, code, message: {"detail": code},
    "detail_text": lambda status, code, message: {"code": code, "detail": message},
    "text": lambda status, code, message: f"{code}: {message}",
}


def error_response(
    envelope: str, status: int, code: str, message: str, headers: tuple[tuple[str, str], ...] = ()
) -> Response:
    """The error in the chosen envelope (`text` is plain text, the rest JSON)."""
    value = ENVELOPES[envelope](status, code, message)
    if isinstance(value, str):
        return Response(status, value.encode(), "text/plain; charset=utf-8", headers)
    return Response.json(status, value, headers)
