# SPDX-License-Identifier: GPL-3.0-or-later
"""Split a model into its parts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import bpy

from ...client.notices import N_
from ...client.schema import Kind
from ...properties.preferences import get_preferences
from .tool import MeshTool, tool_annotations

if TYPE_CHECKING:
    from ...client.jobs.placement import Placement
    from ...client.jobs.request import GenerationRequest
    from ...session.session import Session


class TRIPO_OT_mesh_segmentation(MeshTool):
    """Split the selected model into parts, each an object of its own"""

    bl_idname = "tripo.mesh_segmentation"
    bl_label = "Segmentation"
    kind = Kind.MESH_SEGMENTATION
    does = N_("The parts come in the object's place; the object itself is hidden")
    __annotations__ = tool_annotations(Kind.MESH_SEGMENTATION)

    def place(self, placement: Placement, request: GenerationRequest, session: Session) -> Placement:
        """Let the parts turn as the preferences have it for new models."""
        return placement._replace(euler=get_preferences(bpy.context).euler)


register, unregister = bpy.utils.register_classes_factory((TRIPO_OT_mesh_segmentation,))
