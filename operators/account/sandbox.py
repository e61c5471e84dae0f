# SPDX-License-Identifier: GPL-3.0-or-later
"""Try the Sandbox, and leave it."""

from __future__ import annotations

import bpy
from bpy.types import Context, Operator

from ...client.notices import N_
from ...properties import sandbox_mode
from ...session import current, timer
from ...session.operator_return import OperatorReturn
from ...translations.translate import tell
from ...widgets.redraw import redraw_sidebars
from ..base import may_run, reporting


class TRIPO_OT_try_sandbox(Operator):
    """Work with the offline stand-in that ships with the add-on: no key, no credits, made-up models"""

    bl_idname = "tripo.try_sandbox"
    bl_label = "Try the Sandbox"
    bl_options = set()

    @classmethod
    def poll(cls, _context: Context) -> bool:
        """Whether there is anything to start."""
        mode, words = sandbox_mode.current(), N_("The Sandbox is already on: press Exit in the panel to leave it")
        return may_run(cls, words if mode.is_on and not mode.problem else "")

    def execute(self, _context: Context) -> OperatorReturn:
        """Start it; without a window also wait until it answers."""
        from ...session import sandbox_process

        problem = sandbox_process.enter(patiently=bpy.app.background)
        if problem:
            self.report({"ERROR"}, tell(problem))
            return {"CANCELLED"}
        return {"FINISHED"}


class TRIPO_OT_leave_sandbox(Operator):
    """Stop the Sandbox and go back to your own account; models that were made stay"""

    bl_idname = "tripo.leave_sandbox"
    bl_label = "Exit Sandbox"
    bl_options = set()

    @classmethod
    def poll(cls, _context: Context) -> bool:
        """Whether there is anything to leave."""
        return may_run(cls, "" if sandbox_mode.current().is_on else N_("The Sandbox is not on"))

    @reporting
    def execute(self, _context: Context) -> OperatorReturn:
        """Leave; jobs that are under way end as cancelled."""
        from ...session import sandbox_process
        from ...session.sandbox_jobs import cancel_unfinished

        if current.is_open():
            cancel_unfinished(current.session())
        sandbox_process.leave(patiently=bpy.app.background)
        if not bpy.app.background:
            timer.start()
            redraw_sidebars()
        return {"FINISHED"}


register, _unregister = bpy.utils.register_classes_factory((TRIPO_OT_try_sandbox, TRIPO_OT_leave_sandbox))


def unregister() -> None:
    """End the Sandbox and unregister the operators."""
    from ...session import sandbox_process

    sandbox_process.close()
    _unregister()
