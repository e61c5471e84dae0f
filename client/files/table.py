# SPDX-License-Identifier: GPL-3.0-or-later
"""Write tables that spreadsheets read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path


def write_table(path: Path, head: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write a CSV file that spreadsheets read as UTF-8; raises OSError."""
    import csv

    with path.open("w", newline="", encoding="utf-8-sig") as stream:
        table = csv.writer(stream)
        table.writerow(head)
        table.writerows(rows)


def spreadsheet_text(text: str) -> str:
    """Return a text that a spreadsheet does not take for a formula: such a one begins with an apostrophe."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@") else text
