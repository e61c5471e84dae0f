# SPDX-License-Identifier: GPL-3.0-or-later
"""Take image files that are dropped onto a 3D view or its sidebar."""

import os
from typing import TYPE_CHECKING, Literal

import bpy
from bpy.props import CollectionProperty, EnumProperty, StringProperty
from bpy.types import Context, Event, FileHandler, Menu, Operator, OperatorFileListElement

from ...client.notices import N_
from ...client.schema import MULTIVIEW_SLOTS
from ...properties.image_slots import SLOT_LABELS, is_filled
from ...properties.scene import settings_of
from ...session.operator_return import OperatorReturn
from ...translations.translate import tell
from .files import put_file
from .slots import slot_of

_AUTO = "AUTO"


class TRIPO_OT_drop_image(Operator):
    """Use an image for Image to 3D, or several as the views of one thing"""

    bl_idname = "tripo.drop_image"
    bl_label = "Image to 3D"
    bl_options = {"UNDO", "INTERNAL"}

    slot: EnumProperty(
        name="Slot",
        description="Which image of the request it becomes",
        items=[
            (_AUTO, "Automatic", "The slot that the file's name suggests, or the first free one"),
            *((name, label, "") for name, label in SLOT_LABELS.items()),
        ],
        options={"SKIP_SAVE"},
    )
    filepath: StringProperty(name="File", subtype="FILE_PATH", options={"SKIP_SAVE"})
    directory: StringProperty(name="Folder", subtype="DIR_PATH", options={"SKIP_SAVE", "HIDDEN"})
    files: CollectionProperty(type=OperatorFileListElement, options={"SKIP_SAVE", "HIDDEN"})
    if TYPE_CHECKING:  # made by tools/property_types.py
        slot: str
        filepath: str
        directory: str
        files: bpy.types.bpy_prop_collection_idprop[OperatorFileListElement]

    def invoke(self, context: Context, _event: Event) -> OperatorReturn:
        """Over the sidebar or with several files, fill the slots; over the viewport, ask which one."""
        paths = self._paths()
        over_sidebar = context.region is not None and context.region.type == "UI"
        if len(paths) != 1 or over_sidebar or self.slot != _AUTO:
            return self.execute(context)
        path = paths[0]

        def draw(menu: Menu, _context: Context) -> None:
            for name, label in SLOT_LABELS.items():
                text = self.bl_label if name == "image" else label
                entry = menu.layout.operator("tripo.drop_image", text=text, icon=_icon(name))
                entry.slot, entry.filepath = name, path

        context.window_manager.popup_menu(draw, title=os.path.basename(path), icon="IMAGE_DATA")
        return {"FINISHED"}

    def execute(self, context: Context) -> OperatorReturn:
        """Fill the slots."""
        from ...client.jobs.views import arrange_views

        paths = self._paths()
        if not paths:
            self.report({"WARNING"}, "No image was given")
            return {"CANCELLED"}
        if len(paths) == 1:
            return put_file(self, context, self._slot_for(context.scene, paths[0]), paths[0])
        views = arrange_views(paths)
        results = [put_file(self, context, name, path) for name, path in views.items()]
        if len(paths) > len(views):
            self.report(
                {"INFO"},
                tell(
                    N_("{taken} of {count} images were taken: there are four views"), taken=len(views), count=len(paths)
                ),
            )
        return {"FINISHED"} if {"FINISHED"} in results else {"CANCELLED"}

    def _paths(self) -> list[str]:
        if self.directory and self.files:
            return [os.path.join(self.directory, file.name) for file in self.files]
        return [self.filepath] if self.filepath else []

    def _slot_for(self, scene: bpy.types.Scene, path: str) -> str:
        """Return the slot that was asked for, else the one that the panel's mode and the file's name suggest."""
        from ...client.jobs.views import view_of

        if self.slot != _AUTO:
            return self.slot
        if settings_of(scene).kind != "MULTIVIEW":
            return "image"
        free = [name for name in MULTIVIEW_SLOTS if not is_filled(slot_of(scene, name))]
        return view_of(path) or next(iter(free), "front")


def _icon(name: str) -> Literal["IMAGE_DATA", "RENDERLAYERS"]:
    return "IMAGE_DATA" if name == "image" else "RENDERLAYERS"


class TRIPO_FH_image(FileHandler):
    """Takes image files dropped onto a 3D view; Blender's own handlers stay on offer beside it."""

    bl_idname = "TRIPO_FH_image"
    bl_label = "Image to 3D"
    bl_import_operator = TRIPO_OT_drop_image.bl_idname
    bl_file_extensions = ".png;.jpg;.jpeg;.webp"

    @classmethod
    def poll_drop(cls, context: Context) -> bool:
        """Take drops onto 3D views and their sidebars."""
        return context.area is not None and context.area.type == "VIEW_3D"


register, unregister = bpy.utils.register_classes_factory((TRIPO_OT_drop_image, TRIPO_FH_image))
