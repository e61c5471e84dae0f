# SPDX-License-Identifier: GPL-3.0-or-later
"""Flip through variations, or through the looks of an object, in the viewport."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import bpy
from bpy.types import Context, Event

from ...client.errors import TripoError
from ...client.notices import N_
from ...session import current
from ...session.operator_return import OperatorReturn
from ...translations.translate import tell
from ..base import call, report_problem, reporting
from ..navigation import NAVIGATION
from .choose import InPlace

if TYPE_CHECKING:
    from ...session.stacks import Stack

_STEPS = {
    **dict.fromkeys(("WHEELDOWNMOUSE", "DOWN_ARROW", "RIGHT_ARROW"), 1),
    **dict.fromkeys(("WHEELUPMOUSE", "UP_ARROW", "LEFT_ARROW"), -1),
}
_BEAT, _IDLE = 1.0, 30.0
"""Seconds between two looks at the clock, and seconds without a flip after which it ends by itself: while it runs,
Blender does not autosave."""


class TRIPO_OT_flip_variants(InPlace):
    """Flip through the variations, or the looks of a textured object, in place with the mouse wheel or arrow keys"""

    bl_idname = "tripo.flip_variants"
    bl_label = "Flip Variations"
    bl_options = set()  # no flag: each flip is an undo step of its own, and a model may arrive meanwhile

    def change(self, context: Context, stack: Stack) -> None:
        """Show the next one, once: without a window there is nothing to watch."""
        from ...session import stacks

        stacks.show_next(stack)

    @reporting
    def invoke(self, context: Context, event: Event) -> OperatorReturn:
        """Begin to watch; nothing of the scene changes before the first flip."""
        stack = self.find(context, current.session())
        if len(stack.names) < 2:
            raise TripoError(N_("No other variation is in this scene"))
        self._key, self._first, self._was_in_place = dict(stack.key), stack.shown, stack.is_in_place
        self._flipped_at = time.monotonic()
        self._timer = context.window_manager.event_timer_add(_BEAT, window=context.window)
        context.window_manager.modal_handler_add(self)
        _show_keys(context, stack)
        return {"RUNNING_MODAL"}

    def modal(self, context: Context, event: Event) -> OperatorReturn:
        """Flip until a click, Enter or Esc, or until nothing has come for a while."""
        step = _STEPS.get(event.type, 0)
        if event.type == "TIMER" and time.monotonic() - self._flipped_at >= _IDLE:
            return self._end(context, {"FINISHED"})
        if event.value != "PRESS" or (event.type in NAVIGATION and not step):
            return {"PASS_THROUGH"}
        if event.type in {"LEFTMOUSE", "RET", "NUMPAD_ENTER"}:
            return self._end(context, {"FINISHED"})
        is_over = event.type in {"ESC", "RIGHTMOUSE"}
        try:
            if is_over:
                self._go_back(context)
            elif step:
                self._flip(context, step)
        except TripoError as error:  # they are gone, or a mode holds one
            report_problem(self, error)
            is_over = True
        return self._end(context, {"CANCELLED"}) if is_over else {"RUNNING_MODAL"}

    def cancel(self, context: Context) -> None:
        """Give everything back; Blender calls this too, when the window closes or a file is loaded."""
        context.window_manager.event_timer_remove(self._timer)
        if context.workspace is not None:
            context.workspace.status_text_set(None)

    def _end(self, context: Context, result: OperatorReturn) -> OperatorReturn:
        self.cancel(context)
        return result

    def _stack(self, context: Context) -> Stack:
        from ...session import stacks

        return stacks.find(context, current.session(), **self._key)

    def _flip(self, context: Context, step: int) -> None:
        call("set_variant", "EXEC_DEFAULT", True, step=step, **self._key)
        self._flipped_at = time.monotonic()
        _show_keys(context, self._stack(context))

    def _go_back(self, context: Context) -> None:
        """Show the first one again, among the others if it was among them."""
        step = self._first - self._stack(context).shown
        if step and self._first >= 0:
            call("set_variant", "EXEC_DEFAULT", True, step=step, **self._key)
        if not self._was_in_place and self._stack(context).is_in_place:
            call("solo_variant", "EXEC_DEFAULT", True, **self._key)


def _show_keys(context: Context, stack: Stack) -> None:
    """Say at the bottom of the window which one is shown, and which keys there are."""
    number, names = stack.shown, stack.names
    words = (
        *((f"{number + 1}/{len(names)}  {names[number]}",) if number >= 0 else ()),
        tell(N_("Wheel, Arrow Keys: Flip")),
        tell(N_("Enter: Done")),
        tell(N_("Esc: Cancel")),
    )
    context.workspace.status_text_set("    ".join(words))


register, unregister = bpy.utils.register_classes_factory((TRIPO_OT_flip_variants,))
