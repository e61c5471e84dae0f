# SPDX-License-Identifier: GPL-3.0-or-later
"""Bake the look of a textured model onto the object that it stands beside."""

from typing import TYPE_CHECKING, Any

import bpy
from bpy.props import StringProperty
from bpy.types import Context

from ...client.errors import TripoError
from ...client.notices import N_, text
from ...client.schema import Kind
from ...properties.account import get_account
from ...session import current
from ...session.operator_return import OperatorReturn
from ..base import NeedsService, check_online, check_receives, follow, reporting

if TYPE_CHECKING:
    from ...session.delivery.result_beside import Beside
    from ...session.session import Session


class TRIPO_OT_transfer_texture(NeedsService):
    """Bake the look of the textured model beside this object onto the object itself, in the background and for free"""

    bl_idname = "tripo.transfer_texture"
    bl_label = "Transfer Texture"
    bl_options = set()

    object: StringProperty(
        name="Object",
        description="The object or the textured model beside it, by its name; empty for the active one",
        options={"SKIP_SAVE", "HIDDEN"},
    )
    if TYPE_CHECKING:  # made by tools/property_types.py
        object: str

    def invoke(self, context: Context, _event: bpy.types.Event) -> OperatorReturn:
        """Treat a double click as one press."""
        from ..double_press import once

        active = context.active_object
        what = (self.bl_idname, context.scene.name, self.object or (active.name if active else ""))
        return once(what, lambda: self.execute(context))

    @reporting
    def execute(self, context: Context) -> OperatorReturn:
        """Have it baked; without a window also wait for the end and deliver."""
        check_online()
        check_receives(context.scene)
        there = _beside(context, self.object.strip())
        session = current.session()
        job_id = _press(context, session, there)
        said = text(N_("The look is baked in the background: it comes by itself"))
        return follow(self, context, session, [job_id], said)


def _beside(context: Context, name: str) -> "Beside":
    """Return what is to be baked; raises TripoError."""
    from ...session.delivery import assign_materials, result_beside

    obj = context.scene.objects.get(name) if name else context.active_object
    there = None if obj is None else result_beside.find(obj, context.scene)
    if there is None:
        raise TripoError(N_("There is no textured model beside this object: choose an object that has one"))
    if not there.is_whole or not there.objects:
        raise TripoError(N_("The object that was textured is no longer in this scene"))
    problem = assign_materials.problem_of(there.objects)
    if problem:
        raise TripoError(problem)
    return there


def _press(context: Context, session: "Session", there: "Beside") -> str:
    """Write the objects, then the job; what was written is removed when that fails."""
    from ...client.jobs.request import GenerationRequest
    from ...client.store import NewJob
    from ...properties.placement_values import original_of, placement_of
    from ..images import sources
    from .selection import write_objects

    account = get_account(context)
    shown: list[Any] = [one for one in there.collection.all_objects if isinstance(one.data, bpy.types.Mesh)]
    if not shown:
        raise TripoError(N_("The textured model beside the object has no surface: press Import on its job"))
    placement = placement_of(context.scene)._replace(placeholder=None, original=original_of(there.objects))
    source = write_objects(context, [*there.objects, *shown], session.home)
    try:
        request = GenerationRequest(Kind.TEXTURE_MODEL, None, model=source)
        target = "" if bpy.app.background else session.file.scenes.claim(context.scene)
        new = NewJob(account.account_id, request, placement.to_json(), target, there.collection.name)
        return session.transfer(account, new)
    except TripoError:
        sources.discard([str(session.home.root / source.blend)], session)
        raise


register, unregister = bpy.utils.register_classes_factory((TRIPO_OT_transfer_texture,))
