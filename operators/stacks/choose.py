# SPDX-License-Identifier: GPL-3.0-or-later
"""Choose between the variations of one press, or the looks of an object, and keep one."""

import contextlib
from typing import TYPE_CHECKING, Any

import bpy
from bpy.props import IntProperty, StringProperty
from bpy.types import Context

from ...client.errors import TripoError
from ...client.notices import N_
from ...properties.window import window_state
from ...session import current, timer
from ...session.delivered_models import LOOKS, PRESS
from ...session.operator_return import OperatorReturn
from ...translations.translate import tell
from ..base import OfJob, call, may_run, reporting

if TYPE_CHECKING:
    from ...session.session import Session
    from ...session.stacks import Stack
    from ...session.variations import Variations

_NONE = N_("No job of the list is one of several variations: generate some with one press")


class OnStack(OfJob):
    """An operator on variations, or on the looks of an object; by default on those of the active object, else on those
    of the active job."""

    object: StringProperty(
        name="Object", description="An object with several looks, by its name", options={"SKIP_SAVE", "HIDDEN"}
    )
    if TYPE_CHECKING:  # made by tools/property_types.py
        object: str

    @classmethod
    def poll(cls, context: Context) -> bool:
        """Whether there are any."""
        return may_run(cls, "" if _has_any(context) else _NONE)

    @reporting
    def execute(self, context: Context) -> OperatorReturn:
        """Do it, or report why not."""
        session = current.session()
        result = self.change(context, self.find(context, session))
        session.file.job_list.refresh_models()
        timer.start()
        session.tick(deliver=False)
        return result or {"FINISHED"}

    def find(self, context: Context, session: "Session") -> "Stack":
        """Return what to work on; raises TripoError."""
        from ...session import stacks

        return stacks.find(context, session, job_id=self.job_id, object=self.object)

    def change(self, context: Context, stack: Any) -> OperatorReturn | None:
        """Do the work; return what ``execute`` returns, None for FINISHED. Raises TripoError."""
        raise NotImplementedError


class InPlace(OnStack):
    """An operator that takes objects out of the scene or brings others in, so that no mode may hold them."""

    @classmethod
    def poll(cls, context: Context) -> bool:
        """Whether there are any, and no mode holds an object."""
        reason = "" if context.mode == "OBJECT" else N_("Go to Object Mode first")
        return bool(super().poll(context)) and may_run(cls, reason)


class TRIPO_OT_solo_variant(OnStack):
    """Show this variation and hide the others; press again to show all of them side by side"""

    bl_idname = "tripo.solo_variant"
    bl_label = "Solo Variation"
    bl_options = {"UNDO"}

    def find(self, context: Context, session: "Session") -> "Variations":
        """Return the variations, whatever looks the active object has; raises TripoError."""
        from ...session import stacks

        return stacks.variations_of(context, session, self.job_id)

    def change(self, context: Context, stack: "Variations") -> None:
        """Hide the others and frame this one, or show them all."""
        if stack.solo(stack.asked) and not bpy.app.background:  # they stand side by side: it may be out of sight
            with contextlib.suppress(TripoError):  # no view shows this scene
                call("frame_job", **stack.key)


class TRIPO_OT_set_variant(InPlace):
    """Show another variation, or another look of a textured object, in place of the one that is shown"""

    bl_idname = "tripo.set_variant"
    bl_label = "Next Variation"
    bl_options = {"UNDO"}

    look: IntProperty(
        name="Look", description="Number of the look; 0 is the original one", min=-1, default=-1, options={"SKIP_SAVE"}
    )
    step: IntProperty(
        name="Step",
        description="How many places to move on from the one that is shown, back if negative; 0 shows the given job's,"
        " or the next one",
        options={"SKIP_SAVE"},
    )
    if TYPE_CHECKING:  # made by tools/property_types.py
        look: int
        step: int

    def find(self, context: Context, session: "Session") -> "Stack":
        """Return what to work on, looks where a look is asked for; raises TripoError."""
        from ...session import stacks

        return super().find(context, session) if self.look < 0 else stacks.looks_of(context, self.object)

    def change(self, context: Context, stack: "Stack") -> None:
        """Show it."""
        from ...session import stacks

        if self.look >= 0:
            stack.show(self.look)
        elif self.job_id and not self.step:
            stack.show(stack.asked)
        else:
            stacks.show_next(stack, self.step or 1)


class TRIPO_OT_keep_variant(InPlace):
    """Keep this variation, or the look that is shown: the others leave the scene with all their data. Variations stay in the list, for another import"""  # noqa: E501

    bl_idname = "tripo.keep_variant"
    bl_label = "Keep Only This Variation"
    bl_options = {"UNDO"}

    def change(self, context: Context, stack: "Stack") -> OperatorReturn | None:
        """Remove the others."""
        if stack.keep():
            return None
        self.report({"INFO"}, tell(N_("No other variation is in this scene")))
        return {"CANCELLED"}


def _has_any(context: Context) -> bool:
    """Look first where the panels' buttons do: at the active job and the active object."""
    state, one = window_state(), context.active_object
    active = state.jobs[state.active_job] if state.active_job < len(state.jobs) else None
    if (active is not None and active.press) or (one is not None and LOOKS in one):
        return True
    if any(job.press for job in state.jobs) or any(PRESS in one for one in bpy.data.collections):
        return True
    return any(LOOKS in one for one in context.scene.objects)


register, unregister = bpy.utils.register_classes_factory(
    (TRIPO_OT_solo_variant, TRIPO_OT_set_variant, TRIPO_OT_keep_variant)
)
