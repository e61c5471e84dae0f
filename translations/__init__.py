"""The texts in other languages: catalogues in gettext's format, and how sentences with values find theirs."""

from __future__ import annotations
