# SPDX-License-Identifier: GPL-3.0-or-later
"""Mark a delivered model as an asset."""

from typing import TYPE_CHECKING

import bpy
from bpy.types import Context, Operator

from ...client.notices import N_
from ...session import current
from ...session.delivered_models import PROPERTY
from ...session.operator_return import OperatorReturn
from ...session.paths import home
from ..base import job_id_property

_NOT_HERE = N_("This model is not in this file: import it first")
_NOT_OURS = N_("Choose a model that was made with Tripo: its collection, or one of its objects")


class TRIPO_OT_mark_asset(Operator):
    """Mark this model as an asset of the file, with tags, catalog and image"""

    bl_idname = "tripo.mark_asset"
    bl_label = "Mark as Asset"
    bl_options = {"REGISTER", "UNDO"}

    job_id: job_id_property(description="The job whose model is meant; empty for the active one")
    if TYPE_CHECKING:  # made by tools/property_types.py
        job_id: str

    def execute(self, context: Context) -> OperatorReturn:
        """Mark it, or report that no model is meant."""
        from ...session.delivery import asset

        owners = asset.owners_of(self.job_id) if self.job_id else _active(context)
        if not owners:
            self.report({"ERROR"}, _NOT_HERE if self.job_id else _NOT_OURS)
            return {"CANCELLED"}
        unfinished = current.session().file.assets if current.is_open() else asset.UnfinishedAssets()
        for owner in owners:
            asset.mark(owner, home(), unfinished)
        return {"FINISHED"}


def _active(context: Context) -> list[bpy.types.Collection | bpy.types.Object]:
    """Return the collection of a model that the active object lies in, else the object itself or the one it hangs on;
    without such an object the active collection."""
    found: list[bpy.types.Collection | bpy.types.Object] = []
    one = context.active_object
    while one is not None:
        found = [*one.users_collection, *found, one]
        one = one.parent
    ours = [one for one in (*found, context.collection) if one is not None and one.get(PROPERTY)]
    return [one for one in ours if isinstance(one, bpy.types.Collection)][:1] or ours[:1]


register, unregister = bpy.utils.register_classes_factory((TRIPO_OT_mark_asset,))
