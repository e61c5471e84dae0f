# SPDX-License-Identifier: GPL-3.0-or-later
"""Errors of the service and the envelopes they may come in.

The four upper-case codes are in the API reference; the lower-case ones are on the credit balance page. The
envelope is not documented, so every shape a client may have to read can be chosen (setting `envelope`).
"""

from __future__ import annotations

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


ENVELOPES: dict[str, Callable[[str, str], Any]] = {
    "error_object": lambda code, message: {"error": {"code": code, "message": message}},
    "error_string": lambda code, message: {"error": code, "message": message},
    "code": lambda code, message: {"code": code, "message": message},
    "error_code": lambda code, message: {"error_code": code, "detail": message},
    "detail": lambda code, message: {"detail": code},
    "detail_text": lambda code, message: {"code": code, "detail": message},
    "text": lambda code, message: f"{code}: {message}",
}


def error_response(
    envelope: str, status: int, code: str, message: str, headers: tuple[tuple[str, str], ...] = ()
) -> Response:
    """The error in the chosen envelope (`text` is plain text, the rest JSON)."""
    value = ENVELOPES[envelope](code, message)
    if isinstance(value, str):
        return Response(status, value.encode(), "text/plain; charset=utf-8", headers)
    return Response.json(status, value, headers)
