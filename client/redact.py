"""The one place that takes secrets out of text before it is written or shown."""

from __future__ import annotations

import logging
import re
from urllib.parse import urlsplit, urlunsplit

_QUERY = re.compile(r"(https?://[^\s\"'<>?#]+)[?#][^\s\"'<>]*")
_BEARER = re.compile(r"(?i)\b(bearer|authorization:?)\s+\S+")


def redact(text: str, *secrets: str) -> str:
    """Return the text without the given secrets, without bearer tokens, and without the query part of addresses."""
    for secret in secrets:
        if secret:
            text = text.replace(secret, "[key]")
    return _QUERY.sub(r"\1?[…]", _BEARER.sub(r"\1 [key]", text))


def without_query(url: str) -> str:
    """Return an address without its query and fragment, for logs."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc, parts.path, "", ""))


class RedactingFormatter(logging.Formatter):
    """Formats log records, tracebacks included, without secrets."""

    def __init__(self, fmt: str, *secrets: str) -> None:
        super().__init__(fmt)
        self._secrets = secrets

    def format(self, record: logging.LogRecord) -> str:
        """Return the redacted line."""
        return redact(super().format(record), *self._secrets)
