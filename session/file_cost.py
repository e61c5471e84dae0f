# SPDX-License-Identifier: GPL-3.0-or-later
"""Read what the models in the open file cost, from what their delivery wrote on them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import chain
from typing import Any, NamedTuple

import bpy

from .delivered_models import LOOKS

_LARGEST = 10**9
"""A file may say anything: a larger number is not taken for a price."""


class PaidTask(NamedTuple):
    """One task of the service: ``name`` is that of what came first of it, ``date`` is ISO 8601 in UTC."""

    task_id: str
    job_id: str
    name: str
    kind: str
    date: str
    credits: int


def tasks_in_file() -> list[PaidTask]:
    """Return the tasks that made what is in this file, oldest first, each once however often it was copied or
    imported. What is linked from other files belongs to those."""
    found: dict[str, PaidTask] = {}
    for name, facts in _facts():
        task = _read(name, facts)
        if task is not None:
            found.setdefault(task.task_id or task.job_id, task)
    return sorted(found.values(), key=lambda task: (task.date, task.name))


def _facts() -> Iterator[tuple[str, Any]]:
    for owner in chain(bpy.data.collections, bpy.data.objects):
        if owner.library is not None or not owner.users:
            continue
        yield owner.name, owner
        kept: Any = owner.get(LOOKS)
        for look in kept.values() if hasattr(kept, "values") else ():
            if hasattr(look, "get") and hasattr(look.get("facts"), "get"):
                yield str(look.get("name", "")), look["facts"]


def _read(name: str, facts: Any) -> PaidTask | None:
    texts = {one: str(facts.get(f"tripo_{one}", "")) for one in ("task_id", "job_id", "date", "request")}
    credits = facts.get("tripo_credits", 0)
    if not (texts["task_id"] or texts["job_id"]):
        return None
    if not isinstance(credits, int) or not 0 <= credits < _LARGEST:
        credits = 0
    return PaidTask(texts["task_id"], texts["job_id"], name, _kind(texts["request"]), texts["date"], credits)


def _kind(request: str) -> str:
    try:
        return str(json.loads(request)["kind"])
    except (ValueError, KeyError, TypeError):
        return ""
