# SPDX-License-Identifier: GPL-3.0-or-later
"""Pages that come in the place of what was asked for: of object stores, portals and content networks."""

from __future__ import annotations

from .messages import Response

LOGIN = "https://login.portal.example/?next=%2F"
PORTAL = b"<!DOCTYPE html><html><head><title>Sign in</title></head><body><h1>Welcome</h1></body></html>"


def xml_error(status: int, code: str, message: str, headers: tuple[tuple[str, str], ...] = ()) -> Response:
    """An error as an object store words it."""
    error = f"<Error><Code>{code}</Code><Message>{message}</Message></Error>"
    text = f'<?xml version="1.0" encoding="UTF-8"?>\n{error}'
    return Response(status, text.encode(), "application/xml", headers)


def page_of(name: str) -> Response:
    """What comes once instead of a model (see `answer_shapes.PAGES`)."""
    match name:
        case "portal":
            return Response(200, PORTAL, "text/html; charset=utf-8")
        case "slow_down":
            return xml_error(503, "SlowDown", "Please reduce your request rate.")
        case "denied":
            return xml_error(403, "AccessDenied", "Access Denied")
        case "error_200":
            return xml_error(200, "InternalError", "We encountered an internal error. Please try again.")
        case _:
            return Response.json(200, {"success": False, "errors": [{"code": 10001, "message": "Unavailable"}]})
