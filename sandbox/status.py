# SPDX-License-Identifier: GPL-3.0-or-later
"""What a look at a task is answered."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .answer_shapes import SHAPES, shape_of_file
from .service import Service
from .tasks import Task


def status_answer(service: Service, task: Task, signed: Callable[[str], str]) -> dict[str, Any]:
    """The JSON value; `signed` gives the address of one of the task's files."""
    now = service.clock.now()
    status, manner = task.status(now), task.manner
    reason = task.fail_reason if status == "FAILED" else None
    results: list[dict[str, Any]] = []
    if status == "FINISHED" and service.expired(task):
        reason = "The results have expired: they are kept for 24 hours"
    elif status == "FINISHED" and task.is_late():
        results = [] if manner.late_as == "empty" else [{"asset": None, "asset_type": "3D_MODEL", "metadata": None}]
    elif status == "FINISHED":
        wanted = service.settings.result_shape
        by_name = SHAPES[manner.shape if wanted == "any" or task.is_reported_so else wanted]
        results = (shape_of_file(task.result_name) if task.result_name else by_name).signed_results(signed)
    answer = {
        "status": manner.word(status),
        "progress": task.progress(now),
        "failure_reason": reason,
        "results": results,
    }
    if not manner.with_progress:
        del answer["progress"]
    return answer
