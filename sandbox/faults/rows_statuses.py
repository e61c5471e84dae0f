# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults of statuses: each kind, with each kind of body it may come with."""

from __future__ import annotations

from ..foreign_pages import LOGIN, PORTAL
from .kinds import AFTER, BEFORE, READY, STORED, UNDERSTOOD, UNREAD, Row, expect_status
from .mechanisms import django, redirect, rejson, reply, restatus

_HTML = "text/html; charset=utf-8"
_DJANGO = {
    400: "face_limit: ensure this value is less than or equal to 20000",
    401: "Authentication credentials were not provided.",
    402: "Not enough credits. Purchase more credits.",
    403: "You do not have permission to perform this action.",
    404: "No PublicAPIGenerationRequest matches the given query.",
    405: 'Method "GET" not allowed.',
    406: "Could not satisfy the request Accept header.",
    409: "A request with this content is being processed.",
    413: "Request body exceeded settings.DATA_UPLOAD_MAX_MEMORY_SIZE.",
    415: 'Unsupported media type "text/plain" in request.',
    422: "prompt: this field may not be blank",
    429: "Request was throttled. Expected available in 1 second.",
    500: "A server error occurred.",
    503: "Service temporarily unavailable, try again later.",
}
_CLOUDFLARE = {
    520: "Web server is returning an unknown error",
    521: "Web server is down",
    522: "Connection timed out",
    523: "Origin is unreachable",
    524: "A timeout occurred",
    525: "SSL handshake failed",
    526: "Invalid SSL certificate",
    527: "Railgun error",
    530: "Origin DNS error",
}
_NGINX = (400, 403, 404, 405, 408, 413, 414, 429, 494, 497, 499, 500, 502, 503, 504)
_PLAIN = (401, 402, 404, 421, 425, 428, 451, 501, 505, 507, 508, 529, 598)
_EMPTY = (300, 303, 304, 305, 400, 403, 404, 410, 417, 418, 423, 424, 426, 429, 431, 500, 502, 503, 510)
_ELSEWHERE = (301, 302, 303, 307, 308)
_WITH_ID = (201, 202, 203, 206, 207, 299, 302, 400, 403, 404, 409, 429, 500, 502, 504)


def _page(status: int, words: str, maker: str) -> str:
    title = f"<title>{status} {words}</title>"
    return f"<html><head>{title}</head><body><center><h1>{status} {words}</h1></center><hr>{maker}</body></html>"


STATUSES = (
    *(
        Row(f"django_{status}", BEFORE, django(status, words, "insufficient_credits" if status == 402 else ""),
            expect_status(status), f"{status} in the words of Django REST")
        for status, words in _DJANGO.items()
    ),
    *(
        Row(f"nginx_{status}", BEFORE, reply(status, _page(status, "Error", "nginx/1.27.3"), _HTML),
            expect_status(status), f"{status} with a page of nginx")
        for status in _NGINX
    ),
    *(
        Row(f"cloudflare_{status}", BEFORE, reply(status, _page(status, words, "cloudflare"), _HTML),
            expect_status(status) | STORED, f"{status} with a page of the content network: {words.lower()}")
        for status, words in _CLOUDFLARE.items()
    ),
    Row("cloudflare_1020", BEFORE, reply(403, "error code: 1020", "text/plain"), expect_status(403) | STORED,
        "403 and a number of the content network: blocked by a rule"),
    Row("cloudflare_challenge", BEFORE, reply(403, _page(403, "Just a moment...", "cloudflare"), _HTML,
        ("cf-mitigated", "challenge")), expect_status(403), "403 that wants a browser to solve a puzzle"),
    *(
        Row(f"plain_{status}", BEFORE, reply(status, f"status {status}\n", "text/plain"), expect_status(status),
            f"{status} with a line of text")
        for status in _PLAIN
    ),
    *(
        Row(f"empty_{status}", BEFORE, reply(status, b"", "text/plain"), expect_status(status),
            f"{status} without a body")
        for status in _EMPTY
    ),
    *(
        Row(f"elsewhere_{status}", BEFORE, redirect("http://localhost:9/elsewhere", status), expect_status(status),
            f"{status} to another host")
        for status in _ELSEWHERE
    ),
    Row("redirect_nowhere", BEFORE, reply(302, b"", "text/html"), UNREAD, "302 that does not say where"),
    # A task id in hand wins over the status it came with.
    *(
        Row(f"id_with_{status}", AFTER, restatus(status), {"submit": READY}, f"{status} with the task id in the answer")
        for status in _WITH_ID
    ),
    Row("id_in_error", AFTER, rejson(lambda value: {"detail": "Could not write the log", "request": value}, 500),
        {"submit": READY}, "500 whose words hold the task id further in"),
    Row("no_content_204", AFTER, restatus(204, body=b""), UNREAD, "204: accepted, and nothing is said"),
    Row("reset_content_205", AFTER, restatus(205, body=b""), UNREAD, "205 without a body"),
    # Portals and firms in between
    Row("portal_200", BEFORE, reply(200, PORTAL, _HTML), UNREAD | STORED, "200 and the page of a portal"),
    Row("portal_302", BEFORE, redirect(LOGIN), expect_status(302) | STORED, "302 to the login page of a portal"),
    Row("portal_303", BEFORE, redirect(LOGIN, 303), expect_status(303) | STORED, "303 to the login page of a portal"),
    Row("portal_307", BEFORE, redirect(LOGIN, 307), expect_status(307) | STORED, "307 to the login page of a portal"),
    Row("portal_511", BEFORE, reply(511, PORTAL, _HTML), UNREAD | STORED, "511: log in to the network first"),
    Row("filter_403", BEFORE, reply(403, _page(403, "Blocked by policy", "Web Filter"), _HTML), expect_status(403)
        | STORED, "403 and the page of a firm's filter"),
    Row("proxy_407", BEFORE, reply(407, b"", "text/html", ("Proxy-Authenticate", "Basic")), UNREAD | STORED,
        "407 from the address of the service itself"),
    # Waiting
    Row("throttled_header", BEFORE, reply(429, b'{"detail": "Request was throttled."}', "application/json",
        ("Retry-After", "1")), UNDERSTOOD, "429 whose header says one second"),
    Row("throttled_long", BEFORE, django(429, "Request was throttled. Expected available in 86400 seconds."),
        {"submit": READY}, "429 until tomorrow"),
    Row("throttled_odd", BEFORE, reply(429, b"{}", "application/json", ("Retry-After", "soon")), UNDERSTOOD,
        "429 whose header is no number"),
    Row("unavailable_after", BEFORE, reply(503, b"{}", "application/json", ("Retry-After", "1")), UNREAD | STORED,
        "503 with Retry-After"),
)  # fmt: skip
