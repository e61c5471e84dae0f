# SPDX-License-Identifier: GPL-3.0-or-later
"""Compare the variations of one press, and keep one of them."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

import bpy
from bpy.types import Context

from ...client.errors import TripoError
from ...client.notices import N_
from ...properties.window import window_state
from ...session.delivered_models import PROPERTY, owner_of
from ...session.operator_return import OperatorReturn
from ...translations.translate import tell
from .actions import OnJob

if TYPE_CHECKING:
    from ...client.store import Job
    from ...session.session import Session

_NONE = N_("No job of the list is one of several variations: generate some with one press")


class _OnVariation(OnJob):
    """An operator on one of several variations; without a ``job_id`` on the one that is active."""

    @classmethod
    def poll(cls, context: Context) -> bool:
        """Whether there are variations; looks at the active job first, which is that of the panel's buttons."""
        state = window_state()
        active = state.jobs[state.active_job] if state.active_job < len(state.jobs) else None
        if (active is not None and active.press) or any(job.press for job in state.jobs):
            return True
        cls.poll_message_set(tell(_NONE))
        return False

    def execute(self, context: Context) -> OperatorReturn:
        """Do it, or report why not."""
        self.job_id = self.job_id or _active_job(context)
        return super().execute(context)


class TRIPO_OT_solo_variant(_OnVariation):
    """Show this variation and hide the others in the viewport; once more, and all are shown again"""

    bl_idname = "tripo.solo_variant"
    bl_label = "Solo Variation"
    bl_options = {"UNDO"}

    def change(self, context: Context, session: Session, job: Job) -> None:
        """Hide the others and frame this one, or show them all."""
        from ...session.variations import solo

        is_alone = solo(context, job, _group(session, job))
        if is_alone and not bpy.app.background:  # they stand side by side: the next one may be out of sight
            operators: Any = bpy.ops
            with contextlib.suppress(RuntimeError):  # no view shows this scene
                operators.tripo.frame_job(job_id=job.job_id)
        session.file.job_list.refresh_models()


class TRIPO_OT_keep_variant(_OnVariation):
    """Keep this variation: the others leave the scene with all their data, and stay in the list for another import"""

    bl_idname = "tripo.keep_variant"
    bl_label = "Keep Only This Variation"
    bl_options = {"UNDO"}

    @classmethod
    def poll(cls, context: Context) -> bool:
        """Whether there are variations, and no mode holds an object."""
        if not super().poll(context):
            return False
        if context.mode != "OBJECT":
            cls.poll_message_set(tell(N_("Go to Object Mode first")))
            return False
        return True

    def change(self, context: Context, session: Session, job: Job) -> OperatorReturn | None:
        """Remove the models of the others."""
        from ...session.variations import keep

        if not keep(context, session, job, _group(session, job)):
            self.report({"INFO"}, tell(N_("No other variation is in this scene")))
            return {"CANCELLED"}
        session.file.job_list.refresh_models()
        return None


def _active_job(context: Context) -> str:
    """Return the job of the active object's model, else the one that is active in the list."""
    owner = owner_of(context)
    state = window_state()
    if owner is not None:
        return str(owner[PROPERTY])
    return state.jobs[state.active_job].job_id if state.active_job < len(state.jobs) else ""


def _group(session: Session, job: Job) -> list[Job]:
    """Return all variations of a job's press; raises TripoError."""
    with session.patient() as jobs:
        group = jobs.variations(job)
    if len(group) < 2:
        raise TripoError(N_("'{name}' is not one of several variations"), name=job.name)
    return group


register, unregister = bpy.utils.register_classes_factory((TRIPO_OT_solo_variant, TRIPO_OT_keep_variant))
