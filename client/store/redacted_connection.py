# SPDX-License-Identifier: GPL-3.0-or-later
"""Keep secrets out of every row of every table."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from typing import Any, cast

from ..notices import Code, Notice, notice
from ..redact import redact

_SPOKEN = frozenset({"message", "error", "name", "problem"})
"""Columns for people to read: what the service or a library said may be quoted in them."""


class DiscreetConnection(sqlite3.Connection):
    """Replaces known secrets in every text that a statement is given, whatever column it is for."""

    secrets: frozenset[str] = frozenset()

    def execute(self, sql: str, parameters: Any = (), /) -> sqlite3.Cursor:
        """Execute a statement; its texts hold no secret then."""
        return super().execute(sql, self._without(parameters))

    def executemany(self, sql: str, parameters: Iterable[Any], /) -> sqlite3.Cursor:
        """Execute a statement several times, likewise."""
        return super().executemany(sql, map(self._without, parameters))

    def redacted(self, column: str, value: Any) -> Any:
        """Return a column's value: a notice, or its code, as text; words for people without tokens and queries too.

        A request keeps them: the service needs the whole address of an image.
        """
        if isinstance(value, Notice | Code):
            return notice(value).clean(lambda words: redact(words, *self.secrets)).to_text()
        return redact(value, *self.secrets) if column in _SPOKEN and isinstance(value, str) else value

    def _without(self, parameters: Any) -> Any:
        if not self.secrets or not parameters:
            return parameters
        if isinstance(parameters, Mapping):
            named = cast(Mapping[str, Any], parameters)
            return {name: self._clean(value) for name, value in named.items()}
        return tuple(map(self._clean, parameters))

    def _clean(self, value: Any) -> Any:
        if isinstance(value, str):
            for secret in self.secrets:
                value = value.replace(secret, "[key]")
        return value
