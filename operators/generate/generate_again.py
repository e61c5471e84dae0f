# SPDX-License-Identifier: GPL-3.0-or-later
"""Generate again with a job's settings, or load them into the panel."""

from typing import TYPE_CHECKING

import bpy
from bpy.types import Context, Event, Operator

from ...client.errors import InvalidSetting
from ...client.notices import N_, text
from ...properties.account import get_account
from ...properties.scene import settings_of
from ...session import current
from ...session.operator_return import OperatorReturn
from ..account import spending
from ..base import NeedsService, check_online, check_receives, follow, job_id_property, reporting

if TYPE_CHECKING:
    from ...client.account import Account
    from ...session.session import Session
    from .source_job import Past


class TRIPO_OT_generate_again(NeedsService):
    """Make another model with the settings and images of this one, which costs credits again"""

    bl_idname = "tripo.generate_again"
    bl_label = "Generate Again with These Settings"
    bl_options = set()

    job_id: job_id_property(description="The job to repeat; when empty, the one that made the selected model")
    if TYPE_CHECKING:  # made by tools/property_types.py
        job_id: str

    def invoke(self, context: Context, event: Event) -> OperatorReturn:
        """Say what it costs and ask."""
        from ..double_press import once

        return once((self.bl_idname, self.job_id), lambda: self._ask(context, event))

    @reporting
    def _ask(self, context: Context, event: Event) -> OperatorReturn:
        from ..mesh.again import open_dialog
        from .source_job import check_again, read_past

        if bpy.app.background:
            return self.execute(context)
        past = read_past(context, self.job_id)
        if past.request.model is not None:
            open_dialog(context, past.request, past.request.model, past.job)
            return {"FINISHED"}
        check_again(past.request)
        check_receives(context.scene)
        price = past.request.price.total
        judgement = spending.check_press(context, current.session(), get_account(context).account_id, price)
        if judgement.refusal:
            raise InvalidSetting(judgement.refusal)
        question = text(N_("{title}: this makes another model with the same settings"), title=past.request.title)
        return spending.confirm(self, context, event, price, (question, *judgement.questions))

    @reporting
    def execute(self, context: Context) -> OperatorReturn:
        """Submit; without a window also wait for the end and deliver."""
        from .source_job import check_again, read_past

        check_online()
        check_receives(context.scene)
        session = current.session()
        past = read_past(context, self.job_id)
        check_again(past.request)
        job_id = self._submit(context, session, past, get_account(context))
        return follow(self, context, session, [job_id])

    def _submit(self, context: Context, session: "Session", past: "Past", account: "Account") -> str:
        from ...client.jobs.placement import Placement

        cursor = context.scene.cursor.location
        placement = Placement.from_json(past.job.placement if past.job else "{}")._replace(
            cursor=(cursor.x, cursor.y, cursor.z), placeholder=None, copies=(), saved=""
        )
        target = "" if bpy.app.background else session.file.scenes.claim(context.scene)
        return session.submit(account, past.request, placement.to_json(), target)


class TRIPO_OT_use_settings(Operator):
    """Copy the settings of this job into the panel, which costs nothing"""

    bl_idname = "tripo.use_settings"
    bl_label = "Use These Settings"
    bl_options = {"UNDO"}

    job_id: job_id_property(
        description="The job whose settings are copied; when empty, the one that made the selected model"
    )
    if TYPE_CHECKING:  # made by tools/property_types.py
        job_id: str

    @reporting
    def execute(self, context: Context) -> OperatorReturn:
        """Fill ``Scene.tripo``."""
        from .source_job import fill, read_past

        fill(settings_of(context.scene), read_past(context, self.job_id).request)
        self.report({"INFO"}, "The panel shows the settings of this model")
        return {"FINISHED"}


classes = (TRIPO_OT_generate_again, TRIPO_OT_use_settings)
register, unregister = bpy.utils.register_classes_factory(classes)
