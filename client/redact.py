# SPDX-License-Identifier: GPL-3.0-or-later
"""Remove secrets from text before it is written or shown."""

from __future__ import annotations

import logging
import re

_QUERY = re.compile(r"(https?://[^\s\"'<>?#]+)[?#][^\s\"'<>]*")
_BARE_QUERY = re.compile(r"(?<=[\w/.-])\?[\w.%~+-]+=[^\s\"'<>)]*")
"""The query of an address whose host stands elsewhere, as in the messages of urllib3."""
_LOGIN = re.compile(r"(?i)(https?://)[^\s/@\"'<>]+@")
_BEARER = re.compile(
    r"(?i)\b((?:proxy-)?authorization\b[\"']?\s*[:=]?\s*[\"']?|bearer\s+)(?:bearer\s+|basic\s+)?[^\s\"',}]+"
)


_HEAD = 12
"""This many leading characters give a secret away: a sentence may have been cut in the middle of it."""


def _without(text: str, secret: str) -> str:
    """Return the text without a secret, and without its beginning where it was cut off."""
    head, rest = secret[:_HEAD], secret[_HEAD:]
    first, *others = text.split(head)
    for other in others:
        same = 0
        while same < min(len(rest), len(other)) and other[same] == rest[same]:
            same += 1
        first += "[key]" + other[same:]
    return first


def redact(text: str, *secrets: str) -> str:
    """Return the text without the given secrets, bearer tokens, and the log-in and query parts of addresses."""
    for secret in filter(None, secrets):
        text = _without(text, secret)
    text = _LOGIN.sub(r"\1[login]@", _BEARER.sub(r"\1[key]", text))
    return _BARE_QUERY.sub("?[…]", _QUERY.sub(r"\1?[…]", text))


class RedactingFormatter(logging.Formatter):
    """Formats log records, tracebacks included, without secrets."""

    def __init__(self, fmt: str, *secrets: str) -> None:
        super().__init__(fmt)
        self._secrets = secrets

    def format(self, record: logging.LogRecord) -> str:
        """Return the redacted line."""
        return redact(super().format(record), *self._secrets)
