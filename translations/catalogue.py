# SPDX-License-Identifier: GPL-3.0-or-later
"""Read a catalogue in gettext's PO format. Knows no Blender."""

from __future__ import annotations

import json
from pathlib import Path


def read(path: Path) -> dict[str, str]:
    """Return the translated messages of a file; raises ValueError on what is not PO, and OSError.

    Untranslated, fuzzy and obsolete entries are left out, as gettext does.
    """
    messages: dict[str, str] = {}
    entry: dict[str, str] = {}
    field, fuzzy, was_fuzzy = "", False, False
    for number, line in enumerate([*path.read_text(encoding="utf-8").splitlines(), "msgid"], 1):
        text = line.strip()
        if text.startswith("#"):
            fuzzy = fuzzy or (text.startswith("#,") and "fuzzy" in text)
        elif text.startswith("msgid"):
            if entry.get("msgid") and entry.get("msgstr") and not was_fuzzy:
                messages[entry["msgid"]] = entry["msgstr"]
            entry, field, was_fuzzy, fuzzy = {"msgid": _string(text[5:])}, "msgid", fuzzy, False
        elif text.startswith("msgstr") and field:
            field = "msgstr"
            entry[field] = _string(text[6:])
        elif text.startswith('"') and field:
            entry[field] += _string(text)
        elif text:
            raise ValueError(f"{path.name}, line {number}: not understood")
    return messages


def _string(text: str) -> str:
    """Return what a quoted string stands for: the escapes that gettext writes are JSON's, too."""
    text = text.strip()
    return str(json.loads(text)) if "\\" in text else text[1:-1]
