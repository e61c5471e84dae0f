# SPDX-License-Identifier: GPL-3.0-or-later
"""Capture views in a window, one a step: it is held for no longer than a view takes."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from bpy.types import Context, Event, Operator

from ...client.errors import TripoError
from ...session.operator_return import OperatorReturn
from ...translations.translate import tell
from ..base import report_problem

if TYPE_CHECKING:
    from ..blockout.views import OwnViews
    from .studio import Shots

_PAUSE = 0.1
"""Seconds between two views: the window is drawn and hears Esc."""


class ViewByView(Operator):
    """An operator that captures views, then does with them what it is for."""

    stopped = ""
    """What is reported when Esc has ended it."""

    def begin(self, context: Context, work: Shots | OwnViews) -> OperatorReturn:
        """Capture views from now on."""
        self._work, self._told = work, ""
        self._timer = context.window_manager.event_timer_add(_PAUSE, window=context.window)
        context.window_manager.modal_handler_add(self)
        self._show_progress(context)
        return {"RUNNING_MODAL"}

    def modal(self, context: Context, event: Event) -> OperatorReturn:
        """Capture the next view; between two of them Esc ends it, and all is as before."""
        if event.type == "ESC" and event.value == "PRESS":
            self.cancel(context)
            self.report({"INFO"}, tell(self.stopped))
            return {"CANCELLED"}
        if event.type != "TIMER":
            return {"PASS_THROUGH"} if self._work.is_in_background else {"RUNNING_MODAL"}
        if time.monotonic() - self._rested_at < _PAUSE / 2:
            return {"PASS_THROUGH"}  # somebody else's timer: the window is drawn first
        ends = True
        try:
            ends = self._work.take_next(context) and self.may_finish()
            if ends:
                return self.finish(context)
            self._show_progress(context)
            return {"PASS_THROUGH"}
        except TripoError as error:
            return report_problem(self, error)
        finally:
            if ends:
                self.cancel(context)

    def may_finish(self) -> bool:
        """Whether what was captured can be used now."""
        return True

    def finish(self, context: Context) -> OperatorReturn:
        """Use what was captured; raises TripoError."""
        raise NotImplementedError

    def cancel(self, context: Context) -> None:
        """Give everything back; Blender calls this too, when the window closes or a file is loaded."""
        self._work.discard()
        context.window_manager.event_timer_remove(self._timer)
        if context.workspace is not None:
            context.workspace.status_text_set(None)

    def _show_progress(self, context: Context) -> None:
        """Say at the bottom of the window what is captured, and note when that was said."""
        self._rested_at = time.monotonic()
        told = tell(self._work.shown)
        if told != self._told and context.workspace is not None:
            context.workspace.status_text_set(told)
            self._told = told
