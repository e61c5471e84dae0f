# SPDX-License-Identifier: GPL-3.0-or-later
"""Tick while there are jobs: a modal operator on a window timer, restarted by a persistent timer.

Blender saves no backup while a modal operator runs, so ours runs for a few seconds, ends, and is started again a moment
later. It dies with its window and when a file is loaded; the pulse, a persistent timer, does not. Neither keeps any
state: what there is to do is in the store.
"""

from __future__ import annotations

import contextlib
import time
from typing import Any, ClassVar, cast

import bpy
from bpy.types import Context, Event, Operator

from ..client.errors import StoreUnavailable
from ..client.notices import Notice
from ..properties.window import window_state
from ..translations import translate
from ..translations.translate import tell
from ..widgets.redraw import redraw_sidebars
from . import current
from .log import log
from .operator_return import OperatorReturn
from .paths import store_exists

TICK_SECONDS = 0.25
RUN_SECONDS = 4.0
GAP_SECONDS = 0.1
IDLE_SECONDS = 2.0
UNAVAILABLE_SECONDS = 20.0
_DEAD_SECONDS = 1.5


class _Turn:
    """Which run of the modal operator counts. An older one that turns up again ends itself."""

    number = 0
    alive: ClassVar[set[int]] = set()
    """Runs that have begun and not ended."""
    ticked_at = float("-inf")
    ended_at = float("-inf")


class TRIPO_OT_follow_jobs(Operator):
    """Follow the running jobs for a few seconds"""

    bl_idname = "tripo.follow_jobs"
    bl_label = "Follow Tripo Jobs"
    bl_options = {"INTERNAL"}

    def invoke(self, context: Context, _event: Event) -> OperatorReturn:
        """Begin a run in the present window."""
        _Turn.number += 1
        self._number = _Turn.number
        self._ends_at = time.monotonic() + RUN_SECONDS
        self._timer = context.window_manager.event_timer_add(TICK_SECONDS, window=context.window)
        context.window_manager.modal_handler_add(self)
        _Turn.ticked_at = time.monotonic()
        _Turn.alive.add(self._number)
        return {"RUNNING_MODAL"}

    def modal(self, context: Context, event: Event) -> OperatorReturn:
        """Tick on the timer, pass every event on, end when the time is up or nothing is left to do."""
        if event.type != "TIMER":
            return {"PASS_THROUGH"}
        now = time.monotonic()
        if self._number == _Turn.number and now - _Turn.ticked_at < TICK_SECONDS / 2:
            return {"PASS_THROUGH"}  # somebody else's timer
        if self._number == _Turn.number and current.is_open():
            _Turn.ticked_at = now
            session = current.session()
            session.tick()
            told = self._report_arrivals(session.file.deliveries.arrived)
            if not told and now < self._ends_at and session.is_busy:
                return {"PASS_THROUGH"}
        self.cancel(context)
        return {"FINISHED", "PASS_THROUGH"}

    def _report_arrivals(self, arrived: list[Notice]) -> bool:
        """Report what has arrived; Blender shows that, without a pop-up, when the operator ends."""
        for said in arrived:
            self.report({"INFO"}, tell(said))
        told = bool(arrived)
        arrived.clear()
        return told

    def cancel(self, context: Context) -> None:
        """Let go of the timer; Blender calls this too, when the window closes or a file is loaded."""
        if self._timer is not None:
            context.window_manager.event_timer_remove(self._timer)
            self._timer = None
        _Turn.alive.discard(self._number)
        if self._number == _Turn.number:
            _Turn.number += 1
            _Turn.ended_at = time.monotonic()


def _is_followed(now: float) -> bool:
    """Whether a run of the modal operator is alive, judged by its ticks."""
    return _Turn.ended_at < _Turn.ticked_at and now - _Turn.ticked_at < _DEAD_SECONDS


def pulse() -> float:
    """Start the modal operator when there is work and none runs; tick here when there is no window for it."""
    try:
        if translate.refresh():
            redraw_sidebars()
        return _pulse()
    except StoreUnavailable as error:
        window_state().notice = error.notice.to_text()
        return UNAVAILABLE_SECONDS
    except Exception:
        log(__name__).exception("the pulse failed")
        return UNAVAILABLE_SECONDS


def _pulse() -> float:
    if not current.is_open():
        if not store_exists():
            return IDLE_SECONDS
        if current.load():
            return GAP_SECONDS
        from .sandbox_jobs import cancel_abandoned

        cancel_abandoned(current.session())
        return GAP_SECONDS
    session = current.session()
    if not session.is_refreshed:
        session.refresh()
        return GAP_SECONDS
    now = time.monotonic()
    if _is_followed(now):
        return TICK_SECONDS
    if now - _Turn.ended_at < GAP_SECONDS:
        return GAP_SECONDS
    if not session.is_busy:
        session.tick()
        if not session.is_busy:
            return IDLE_SECONDS
    if not _start_modal():
        session.tick()
    return TICK_SECONDS


def _start_modal() -> bool:
    for window in bpy.data.window_managers[0].windows:
        with bpy.context.temp_override(window=window):
            if cast(Any, bpy.ops).tripo.follow_jobs("INVOKE_DEFAULT") == {"RUNNING_MODAL"}:
                return True
    return False


def start() -> None:
    """Look after the jobs soon: a button was pressed."""
    if bpy.app.background:
        return
    if bpy.app.timers.is_registered(pulse):
        bpy.app.timers.unregister(pulse)
    bpy.app.timers.register(pulse, first_interval=GAP_SECONDS, persistent=True)


_register, _unregister = bpy.utils.register_classes_factory((TRIPO_OT_follow_jobs,))


def _leave() -> float | None:
    """Unregister the operator once its last run has ended.

    Blender leaves a dead entry among a window's modal operators when the class of a running one goes away, and
    crashes when another modal operator is started before the next event (4.3.2).
    """
    if _Turn.alive:
        return TICK_SECONDS
    with contextlib.suppress(RuntimeError):  # a newer copy of this module has replaced the class
        _unregister()
    return None


def register() -> None:
    """Register the operator and the pulse, which first beats after Blender has started."""
    if bpy.app.timers.is_registered(_leave):
        bpy.app.timers.unregister(_leave)
    else:
        _register()
    if not bpy.app.background:
        bpy.app.timers.register(pulse, first_interval=1.0, persistent=True)


def unregister() -> None:
    """End the pulse and the operator; a run that is still going on ends first, at its next tick."""
    if bpy.app.timers.is_registered(pulse):
        bpy.app.timers.unregister(pulse)
    _Turn.number += 1
    _Turn.ended_at = time.monotonic()
    if _Turn.alive:
        bpy.app.timers.register(_leave, first_interval=TICK_SECONDS, persistent=True)
    else:
        _unregister()
