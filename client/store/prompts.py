# SPDX-License-Identifier: GPL-3.0-or-later
"""Read the prompts of earlier jobs, and keep which of them have a star."""

from __future__ import annotations

import json
from typing import NamedTuple, cast

from ..schema import TEXT
from .database import Database

STARS_SETTING = "starred_prompts"
"""Store setting: the prompts with a star as a JSON list, the newest star first."""
_JOBS = 2000
"""How many jobs are looked through for their prompts."""


class StoredPrompt(NamedTuple):
    """A prompt of the history."""

    text: str
    is_starred: bool


def stored_prompts(database: Database, limit: int) -> list[StoredPrompt]:
    """Return every prompt with a star, then the newest others, each once; raises sqlite3.Error.

    Jobs that were taken off the list are looked at too.
    """
    stars = _stars(database)
    found = dict.fromkeys(stars, True)
    rows = database.connection.execute(
        "SELECT request FROM job WHERE kind = ? ORDER BY created_at DESC, rowid DESC LIMIT ?", (TEXT.value, _JOBS)
    )
    for (request,) in rows:
        if len(found) >= limit + len(stars):
            break
        if prompt := _prompt_of(request):
            found.setdefault(prompt, False)
    return [StoredPrompt(text, starred) for text, starred in found.items()]


def set_star(database: Database, prompt: str, starred: bool) -> None:
    """Give a prompt a star, or take it away; raises sqlite3.Error."""
    with database.transaction():
        others = [one for one in _stars(database) if one != prompt]
        database.set_setting(STARS_SETTING, json.dumps([prompt, *others] if starred else others, ensure_ascii=False))


def _stars(database: Database) -> list[str]:
    try:
        stars = json.loads(database.setting(STARS_SETTING) or "[]")
    except ValueError:
        return []
    if not isinstance(stars, list):
        return []
    return [one for one in cast(list[object], stars) if isinstance(one, str) and one.strip()]


def _prompt_of(request: str) -> str:
    """Return the prompt of a stored request, empty when it cannot be read."""
    try:
        prompt = json.loads(request)["parameters"]["prompt"]
    except (ValueError, KeyError, TypeError):
        return ""
    return prompt.strip() if isinstance(prompt, str) else ""
