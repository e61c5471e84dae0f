# SPDX-License-Identifier: GPL-3.0-or-later
"""Turn the service's error answers into exceptions with a sentence for the artist.

The envelope is not documented. The service is built on Django REST framework, whose answers name the fields that are
wrong (``{"face_limit": ["Ensure …"]}``) or say ``{"detail": …}`` (C, I); other pages of it show codes under ``error``.
Code and text are looked for in all these places; else the first line of the body is quoted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, cast

from ..account import foreign_key
from ..notices import Notice, notice
from ..redact import redact
from . import exceptions
from .notices import ServiceNotice, aside
from .responses import fields_of

_LONGEST_QUOTE = 200
_LONGEST_WAIT = 3600.0
_DEEPEST = 5
_CODES = ("code", "error_code", "error", "detail", "type")
_TEXTS = ("message", "detail", "error_description", "msg", "title", "error", "reason")
_NO_FIELDS = frozenset({*_CODES, *_TEXTS, "status", "status_code", "statusCode", "success", "request_id", "timestamp"})
_DETAILS = ("errors", "details", "detail", "fields")
"""Where the fields of a refused request stand, when not at the top."""
_GENERAL = frozenset({"non_field_errors", "__all__", "nonFieldErrors", "general", *_DETAILS})
"""Names of what concerns no single field."""
_NEXT_SENTENCE = re.compile(r"[.!] +(?=[A-Z])")
_SECONDS = re.compile(r"(?i)\b(?:in|after|available|wait)\D{0,20}(\d+(?:\.\d+)?)\s*(h|m(?!s)|s|$)")
_UNITS = {"h": 3600.0, "m": 60.0}
_ABOUT_KEY = re.compile(r"(?i)api.?key|credential|authenticat|invalid.?token|unauthori[sz]ed|revoked")


def error_from(
    status: int, document: object, text: str, retry_after: str | None, *secrets: str
) -> exceptions.ServiceError:
    """Return the error for an answer with a status of 400 or more (or a redirect), as a sentence to act on.

    ``secrets`` are kept out of it; the first one is the API key.
    """
    code, said = _envelope(document)
    if not said and not _is_structure(document):
        said = _line(text)
    said = _bounded(redact(said, *secrets))
    quoted = aside(_NEXT_SENTENCE.sub("; ", said), ServiceNotice.SAYS)
    if status == 401 or (status == 403 and _ABOUT_KEY.search(f"{code} {said}")):
        return exceptions.KeyRefused(_about_key(f"{code} {said}", *secrets[:1]), status=status)
    if status == 402:
        return exceptions.NotEnoughCredits(ServiceNotice.NO_CREDITS, status=status, said=quoted)
    if status == 403:
        return exceptions.Forbidden(ServiceNotice.FORBIDDEN, status=status, said=quoted)
    if status in (404, 410):
        return exceptions.NotFound(ServiceNotice.NOT_FOUND, status=status, said=quoted)
    if status == 429:
        wait = _wait_from(retry_after, document, said)
        return exceptions.RateLimited(ServiceNotice.RATE_LIMITED, status=status, retry_after=wait)
    if status >= 500:
        return exceptions.ServiceDown(ServiceNotice.UNAVAILABLE, status=status, said=quoted)
    if 300 <= status < 400:
        return exceptions.RequestRefused(ServiceNotice.ELSEWHERE, status=status)
    return exceptions.RequestRefused(ServiceNotice.REFUSED, status=status, said=quoted)


def read_retry_after(value: str | None) -> float | None:
    """Return a Retry-After header in seconds from now (seconds or an HTTP date; RFC 9110), at most an hour."""
    if not value:
        return None
    try:
        seconds = float(value)
    except ValueError:
        try:
            moment = parsedate_to_datetime(value)
        except (ValueError, TypeError, OverflowError):
            return None
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        seconds = (moment - datetime.now(UTC)).total_seconds()
    return min(max(seconds, 0.0), _LONGEST_WAIT) if seconds == seconds else None


def _wait_from(header: str | None, document: object, said: str) -> float | None:
    """Return the seconds to wait: of the header, a field of the body, or its words ("available in 47 seconds")."""
    seconds = read_retry_after(header)
    if seconds is not None:
        return seconds
    fields = fields_of(document)
    for holder in (fields, fields_of(fields.get("error"))):
        value = holder.get("retry_after")
        if isinstance(value, str | int | float) and not isinstance(value, bool):
            seconds = read_retry_after(str(value))
            if seconds is not None:
                return seconds
    match = _SECONDS.search(said)
    return min(float(match[1]) * _UNITS.get(match[2].lower(), 1.0), _LONGEST_WAIT) if match else None


def _about_key(said: str, key: str = "") -> Notice:
    other = foreign_key(key)
    if other is not None:
        return notice(ServiceNotice.KEY_FOREIGN, owner=other)
    words = said.lower()
    if "expired" in words:
        return notice(ServiceNotice.KEY_EXPIRED)
    return notice(ServiceNotice.KEY_REVOKED if "revoked" in words else ServiceNotice.KEY_REFUSED)


def _envelope(document: object) -> tuple[str, str]:
    """Return the error code and the text of an answer, empty where there is none."""
    if isinstance(document, list):
        return "", _problems(cast(object, document))
    fields = fields_of(document)
    inner = fields_of(fields.get("error"))
    code = next((word for word in _words(_CODES, inner, fields) if " " not in word), "")
    said = next((line for word in _words(_TEXTS, fields, inner) if word != code and (line := _line(word))), "")
    listed = _problems(fields, inner)
    if listed:
        said = f"{said.rstrip('.: ')}: {listed}" if said else listed
    return code[:64], said


def _words(names: tuple[str, ...], *holders: Mapping[str, Any]) -> Iterator[str]:
    for holder in holders:
        for name in names:
            word = holder.get(name)
            if isinstance(word, str) and word.strip():
                yield word.strip()


def _problems(*holders: object) -> str:
    """Return what is wrong with which field of a request: ``face_limit: Ensure …; prompt: This field …``."""
    found: list[str] = []
    for holder in holders:
        if isinstance(holder, list):
            found += _listed(cast(object, holder), "", 0)
            continue
        for name, value in fields_of(holder).items():
            if name in _DETAILS and not isinstance(value, str):
                found += _listed(value, "", 0)
            elif name not in _NO_FIELDS and _is_structure(value):
                found += _listed(value, "" if name in _GENERAL else name, 0)
    return "; ".join(dict.fromkeys(found))


def _listed(value: object, name: str, depth: int) -> Iterator[str]:
    if depth > _DEEPEST:
        return
    if isinstance(value, str):
        line = _line(value).rstrip(". ").replace(". ", ", ")
        if line:
            yield f"{name}: {line}" if name else line
    elif isinstance(value, list):
        for item in cast(list[object], value):
            yield from _listed(item, name, depth + 1)
    elif isinstance(value, dict):
        fields = fields_of(cast(object, value))
        place: object = fields.get("loc", fields.get("field"))
        said: object = fields.get("msg", fields.get("message"))
        if isinstance(said, str) and place is not None:
            # As FastAPI and others list them: where, and what is wrong there.
            steps = cast(list[object], place) if isinstance(place, list) else [place]
            where = " ".join(str(step) for step in steps if step not in ("body", "query"))
            yield from _listed(said, where, depth + 1)
            return
        for key, item in fields.items():
            yield from _listed(item, name if key in _GENERAL else f"{name} {key}".strip(), depth + 1)


def _is_structure(value: object) -> bool:
    return isinstance(value, dict | list)


def _bounded(text: str) -> str:
    """Return a quote of bearable length, without a full stop."""
    if len(text) > _LONGEST_QUOTE:
        text = text[:_LONGEST_QUOTE].rpartition(" ")[0] or text[:_LONGEST_QUOTE]
    return text.rstrip("., ;:")


def _line(text: str) -> str:
    """Return the first line of a text; nothing of a web page."""
    stripped = text.strip()
    if not stripped or stripped.startswith("<"):
        return ""
    return "".join(c if c.isprintable() else " " for c in stripped.splitlines()[0])
