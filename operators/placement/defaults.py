# SPDX-License-Identifier: GPL-3.0-or-later
"""Make a scene's placement the default, or follow the default again."""

from __future__ import annotations

import bpy
from bpy.types import Context, Operator

from ...client.jobs.placement_choices import POINT
from ...client.notices import N_
from ...properties.placement_defaults import default_placement, forget_own, has_own
from ...properties.placement_fields import FIELDS
from ...properties.scene import settings_of
from ...session.operator_return import OperatorReturn
from ..base import may_run


class _OwnPlacement(Operator):
    """Mixin: greyed out while the scene has no choice of its own."""

    @classmethod
    def poll(cls, context: Context) -> bool:
        """Whether anything differs from the preferences."""
        differs = context.scene is not None and has_own(settings_of(context.scene).placement)
        return may_run(cls, "" if differs else N_("This scene follows the default of the preferences already"))


class TRIPO_OT_save_placement(_OwnPlacement):
    """Make this scene's placement the default for scenes that have no choice of their own"""

    bl_idname = "tripo.save_placement"
    bl_label = "Save Placement as Default"
    bl_options = set()

    def execute(self, context: Context) -> OperatorReturn:
        """Write it to the preferences. A picked point belongs to one scene and is left out."""
        mine, default = settings_of(context.scene).placement, default_placement()
        for name in FIELDS:
            value = getattr(mine, name)
            if value != POINT:
                setattr(default, name, value)
        context.preferences.is_dirty = True
        self.report({"INFO"}, "Placement saved as the default")
        return {"FINISHED"}


class TRIPO_OT_reset_placement(_OwnPlacement):
    """Let this scene follow the default placement of the preferences again"""

    bl_idname = "tripo.reset_placement"
    bl_label = "Reset Placement to Default"
    bl_options = set()

    def execute(self, context: Context) -> OperatorReturn:
        """Forget what was chosen in this scene, in an undo step."""
        from ...session.undo import push_undo

        forget_own(settings_of(context.scene).placement)
        push_undo(self.bl_label)
        return {"FINISHED"}


register, unregister = bpy.utils.register_classes_factory((TRIPO_OT_save_placement, TRIPO_OT_reset_placement))
