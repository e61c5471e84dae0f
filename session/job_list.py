# SPDX-License-Identifier: GPL-3.0-or-later
"""Copy jobs into ``WindowManager.tripo``, a few rows at a time, redrawn only on change."""

from __future__ import annotations

import bisect
import time
from pathlib import Path
from typing import TYPE_CHECKING

import bpy

from ..client.account import SANDBOX_ACCOUNT
from ..client.jobs.geometry import read_box
from ..client.jobs.placement import Placement, longest_side
from ..client.jobs.states import Status
from ..client.local_time import time_text
from ..properties.window import window_state
from ..widgets.redraw import redraw_sidebars
from . import delivered_models
from .thumbnails import Thumbnails

if TYPE_CHECKING:
    from ..client.store import Balance, Job
    from ..properties.window import TripoJob, TripoWindowState

_SECONDS_PER_APPLY = 60.0 if bpy.app.background else 0.002
_MONEY = ("spent_today", "spent_this_month", "balance", "balance_at", "balance_pending", "balance_problem")
_SLOW_SECONDS = 1.0
"""How often the clocks of the list move on, and it is looked which models are still in a scene."""
_AGE_SECONDS = 30
"""Steps in which the age of the balance is shown anew."""
_TAB = "Tripo"
_FOUND_BY = frozenset({"name", "status"})
"""What the list is searched and filtered by."""


class JobListSync:
    """Rows that wait to be shown, and where the shown ones are. Keeps job ids, never RNA pointers."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._waiting: dict[str, Job] = {}
        self._order: list[tuple[float, int, str]] = []
        """Sort keys of the shown rows in the collection's order, newest first."""
        self._keys: dict[str, tuple[float, int, str]] = {}
        self._messages: dict[str, str] = {}
        self._notes: dict[str, str] = {}
        self._thumbnails = Thumbnails()
        self._counting: set[str] = set()
        """Running jobs whose end is forecast."""
        self._models: dict[str, bool] = {}
        """Jobs whose models are in a scene on show, and whether Solo hides them."""
        self._slow_at = 0.0
        self._balance_age = 0
        self._changed = False

    @property
    def is_behind(self) -> bool:
        """Whether rows wait to be shown."""
        return bool(self._waiting)

    @property
    def awaits_thumbnails(self) -> bool:
        """Whether thumbnails wait to be loaded."""
        return self._thumbnails.is_behind

    def put(self, job: Job) -> None:
        """Show a job at the next opportunity."""
        self._waiting[job.job_id] = job

    def set_note(self, job_id: str, note: str) -> None:
        """Show a message of this Blender instead of the job's own; an empty one takes it back."""
        if self._notes.get(job_id, "") == note:
            return
        self._notes[job_id] = note
        if not note:
            del self._notes[job_id]
        row = self._row(job_id)
        if row is not None:
            self._set(row, "notice", note or self._messages.get(job_id, ""))

    def set_notice(self, notice: str) -> None:
        """Show a message that concerns all jobs."""
        self._set(window_state(), "notice", notice)

    def set_money(self, balance: Balance, spent_today: int, spent_this_month: int) -> None:
        """Show what is known of the balance, and the credits spent since midnight and since the first of the month."""
        state = window_state()
        self._set(state, "spent_today", spent_today)
        self._set(state, "spent_this_month", spent_this_month)
        self._set(state, "balance", "" if balance.credits is None else f"{balance.credits.normalize():f}")
        self._set(state, "balance_at", int(balance.at or 0))
        self._set(state, "balance_pending", balance.pending)
        self._set(state, "balance_problem", balance.problem)

    def clear_money(self) -> None:
        """Forget the balance and the spending: they belonged to another account."""
        state = window_state()
        for name in _MONEY:
            state.property_unset(name)
        self._changed = True

    def close(self) -> None:
        """Empty what is shown."""
        self._thumbnails.close()
        state = window_state()
        state.jobs.clear()
        state.active_job = 0
        state.revision += 1
        self.clear_money()
        state.notice = ""

    def show_waiting(self) -> None:
        """Show all waiting rows at once, where nobody watches a window."""
        while self._waiting:
            self._show(self._waiting.pop(next(iter(self._waiting))))

    def apply(self) -> None:
        """Show some of the waiting rows, and redraw the sidebars if anything visible changed."""
        end = time.perf_counter() + _SECONDS_PER_APPLY
        while self._waiting and time.perf_counter() < end:
            job_id = next(iter(self._waiting))
            self._show(self._waiting.pop(job_id))
        self._show_thumbnails()
        now = time.monotonic()
        clocks_move = False
        if now - self._slow_at >= _SLOW_SECONDS:
            self._slow_at = now
            self.refresh_models()
            clocks_move = bool(self._counting) | self._balance_ages()
        if self._changed or clocks_move:
            redraw_sidebars(only_tab=None if self._changed else _TAB)
            self._changed = False

    def _balance_ages(self) -> bool:
        """Whether the balance is so much older that its age may read otherwise."""
        at = window_state().balance_at
        age = int(time.time() - at) // _AGE_SECONDS if at else 0
        is_older, self._balance_age = age != self._balance_age, age
        return is_older

    def refresh_models(self) -> None:
        """Notice which jobs' models are in the scenes on show."""
        found = delivered_models.job_ids_on_show()
        for job_id, _ in found.items() ^ self._models.items():
            row = self._row(job_id)
            if row is not None:
                self._set(row, "model_here", job_id in found)
                self._set(row, "solo_hidden", found.get(job_id, False))
        self._models = found

    def _show_thumbnails(self) -> None:
        if not self._thumbnails.is_behind and not self._keys:
            return
        state = window_state()
        chosen = state.jobs[state.active_job].job_id if state.active_job < len(state.jobs) else ""
        for job_id, icon in self._thumbnails.step(chosen).items():
            row = self._row(job_id)
            if row is not None:
                self._set(row, "thumbnail", icon)

    def _show(self, job: Job) -> None:
        if job.hidden:
            self._remove(job.job_id)
            return
        if job.status is not Status.READY:
            self._notes.pop(job.job_id, None)
        row = self._row(job.job_id) or self._add(job)
        self._messages[job.job_id] = job.message
        values: dict[str, str | int | bool] = {
            "task_id": job.task_id or "",
            "name": job.name,
            "kind": job.kind,
            "status": job.status.value,
            "progress": max(0, min(100, job.progress)),
            "notice": self._notes.get(job.job_id) or job.message,
            "error": job.error,
            "credits": 0 if job.account_id == SANDBOX_ACCOUNT else job.credits,
            "created_at": time_text(job.created_at),
            "finished_at": time_text(job.finished_at) if job.finished_at else "",
            "finishes_at": int(job.finishes_at or 0) if job.status is Status.RUNNING else 0,
            "press": job.press,
            "model_here": job.job_id in self._models,
            "solo_hidden": self._models.get(job.job_id, False),
            "request": job.request,
            "file": str(self._root / job.file) if job.file else "",
            "size": f"{job.size / 2**20:,.1f} MB" if job.size else "",
            "faces": job.faces,
            "full_faces": job.full_faces,
            "length": _length(job),
            "seconds": round(job.finished_at - job.submitted_at) if job.finished_at and job.submitted_at else 0,
            "sha256": job.sha256,
            "pinned": bool(job.pinned),
            "shelf": job.shelf,
            "thumbnail": self._thumbnails.put(
                self._keys[job.job_id], self._root / job.thumbnail if job.thumbnail else None
            ),
        }
        (self._counting.add if values["finishes_at"] else self._counting.discard)(job.job_id)
        for name, value in values.items():
            self._set(row, name, value)

    def _row(self, job_id: str) -> TripoJob | None:
        key = self._keys.get(job_id)
        if key is None:
            return None
        rows, index = window_state().jobs, bisect.bisect_left(self._order, key)
        return rows[index] if index < len(rows) else None

    def _add(self, job: Job) -> TripoJob:
        state = window_state()
        key = (-job.created_at, -job.row, job.job_id)
        index = bisect.bisect_left(self._order, key)
        state.jobs.add().job_id = job.job_id
        last = len(state.jobs) - 1
        if index < last:
            state.jobs.move(last, index)
            # The selection stays on its job, except on the newest: the next press of Generate takes that.
            if state.active_job > 0 and index <= state.active_job:
                state.active_job += 1
        self._order.insert(index, key)
        self._keys[job.job_id] = key
        state.revision += 1
        self._changed = True
        return state.jobs[index]

    def _remove(self, job_id: str) -> None:
        key = self._keys.pop(job_id, None)
        if key is None:
            return
        state = window_state()
        index = bisect.bisect_left(self._order, key)
        state.jobs.remove(index)
        if state.active_job > index or state.active_job >= len(state.jobs):
            state.active_job = max(0, state.active_job - 1)
        del self._order[index]
        for memory in (self._messages, self._notes):
            memory.pop(job_id, None)
        self._counting.discard(job_id)
        self._thumbnails.put(key, None)
        state.revision += 1
        self._changed = True

    def _set(self, group: TripoJob | TripoWindowState, name: str, value: object) -> None:
        if getattr(group, name) != value:
            setattr(group, name, value)
            if name in _FOUND_BY:
                window_state().revision += 1
            self._changed = True


def _length(job: Job) -> str:
    """Return the metres of a model's longest side in the scene, as text; nothing while they are unknown."""
    box = read_box(job.bounds)
    return f"{longest_side(Placement.from_json(job.placement), box):.6g}" if box is not None else ""
