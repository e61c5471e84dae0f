# SPDX-License-Identifier: GPL-3.0-or-later
"""Add ▸ Tripo and Object ▸ Tripo: everything that the F3 search should find.

No shortcuts: the artist gives an entry one of their own by its context menu.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

import bpy
from bpy.types import Context, Menu, UILayout

from ..client.notices import N_
from ..client.schema import ENDPOINTS
from ..properties.window import window_state

if TYPE_CHECKING:
    from bpy.stub_internal.rna_enums import IconItems


class Entry(NamedTuple):
    """A line of a menu; without a text Blender takes the operator's own name."""

    operator: str
    text: str = ""
    icon: IconItems = "NONE"


_ADD_ITEMS = (
    (
        Entry("tripo.place_with_mouse", icon="MOUSE_LMB"),
        Entry("tripo.capture_views", icon="RENDER_STILL"),
    ),
    (
        Entry("tripo.recover_task", N_("Recover Task…"), "VIEWZOOM"),
        Entry("tripo.try_sandbox", icon="EXPERIMENTAL"),
        Entry("tripo.leave_sandbox"),
    ),
)
_MODEL_ITEMS = (
    Entry("tripo.generate_again", N_("Generate Again…"), "FILE_REFRESH"),
    Entry("tripo.use_settings", icon="COPYDOWN"),
    Entry("tripo.mark_asset", icon="ASSET_MANAGER"),
    Entry("tripo.choose_look", "Original Look", "MATERIAL"),
    Entry("tripo.parts_to_face_sets", icon="FACE_MAPS"),
)
_JOB_ITEMS = (
    (
        Entry("tripo.import_job", icon="IMPORT"),
        Entry("tripo.frame_job", icon="VIEWZOOM"),
        Entry("tripo.retry_job", N_("Retry…"), "FILE_REFRESH"),
        Entry("tripo.cancel_job", icon="X"),
        Entry("tripo.remove_job", icon="TRASH"),
    ),
    (
        Entry("tripo.copy_task_id", icon="COPYDOWN"),
        Entry("tripo.copy_error"),
    ),
)
_ACCOUNT_ITEMS = (
    (
        Entry("tripo.check_balance", icon="FILE_REFRESH"),
        Entry("tripo.export_ledger", N_("Export Spending…"), "EXPORT"),
    ),
    (
        Entry("tripo.open_folder", icon="FILE_FOLDER"),
        Entry("tripo.clear_cache", N_("Clear Cache…")),
    ),
)
_OPTION_ITEMS = (
    Entry("tripo.add_preset", N_("Add Preset…")),
    Entry("tripo.reset_options"),
    Entry("tripo.save_placement"),
    Entry("tripo.reset_placement"),
)


class _TripoMenu:
    """What all our menus have: a layout that is there when they are drawn."""

    if TYPE_CHECKING:
        layout: UILayout


class VIEW3D_MT_tripo_add(_TripoMenu, Menu):
    """What makes a new model."""

    bl_label = "Tripo"

    def draw(self, context: Context) -> None:
        """List the operators; each opens its dialog."""
        from .job_texts import KIND_ICONS

        layout = self.layout
        layout.operator_context = "INVOKE_DEFAULT"
        for kind, endpoint in ENDPOINTS.items():
            if endpoint.needs_model:
                continue
            _draw(layout, [Entry(f"tripo.{kind.value}", f"{endpoint.label}…", KIND_ICONS[kind])])
        _draw_groups(layout, _ADD_ITEMS)


class VIEW3D_MT_tripo_object(_TripoMenu, Menu):
    """What can be done with the selected model, and all that belongs to no model."""

    bl_label = "Tripo"

    def draw(self, context: Context) -> None:
        """List the operators."""
        from .mesh import entries

        layout = self.layout
        layout.operator_context = "INVOKE_DEFAULT"
        for operator, text, icon, values in entries():
            _draw(layout, [Entry(operator, text, icon)], **values)
        layout.separator()
        _draw(layout, _MODEL_ITEMS)
        layout.separator()
        layout.menu(VIEW3D_MT_tripo_job.__name__)
        layout.menu(VIEW3D_MT_tripo_options.__name__)
        _draw_groups(layout, _ACCOUNT_ITEMS)


class VIEW3D_MT_tripo_job(_TripoMenu, Menu):
    """What can be done with the job that is chosen in the list."""

    bl_label = "Chosen Job"

    def draw(self, context: Context) -> None:
        """List the operators, greyed when no job is chosen."""
        layout = self.layout
        layout.operator_context = "INVOKE_DEFAULT"
        state = window_state()
        chosen = state.jobs[state.active_job].job_id if 0 <= state.active_job < len(state.jobs) else ""
        layout.enabled = bool(chosen)
        _draw_groups(layout, _JOB_ITEMS, job_id=chosen)


class VIEW3D_MT_tripo_options(_TripoMenu, Menu):
    """The options and the placement as a whole."""

    bl_label = "Options"

    def draw(self, context: Context) -> None:
        """List the presets and what else concerns all options."""
        layout = self.layout
        layout.operator_context = "INVOKE_DEFAULT"
        layout.operator_menu_enum("tripo.apply_preset", "preset")
        _draw(layout, _OPTION_ITEMS)


def _draw_groups(layout: UILayout, groups: Iterable[Iterable[Entry]], **values: str) -> None:
    for number, entries in enumerate(groups):
        if number or not values:
            layout.separator()
        _draw(layout, entries, **values)


def _draw(layout: UILayout, entries: Iterable[Entry], **values: str) -> None:
    for entry in entries:
        button = (
            layout.operator(entry.operator, text=entry.text, icon=entry.icon)
            if entry.text
            else layout.operator(entry.operator, icon=entry.icon)
        )
        for name, value in values.items():
            setattr(button, name, value)


def _draw_add(self: Menu, context: Context) -> None:
    self.layout.menu(VIEW3D_MT_tripo_add.__name__, icon="MESH_UVSPHERE")


def _draw_object(self: Menu, context: Context) -> None:
    self.layout.separator()
    self.layout.menu(VIEW3D_MT_tripo_object.__name__)


classes = (VIEW3D_MT_tripo_add, VIEW3D_MT_tripo_job, VIEW3D_MT_tripo_options, VIEW3D_MT_tripo_object)
_register, _unregister = bpy.utils.register_classes_factory(classes)


def register() -> None:
    """Register the menus and hang them into Add and Object."""
    _register()
    bpy.types.VIEW3D_MT_add.append(_draw_add)  # type: ignore[arg-type]
    bpy.types.VIEW3D_MT_object.append(_draw_object)  # type: ignore[arg-type]


def unregister() -> None:
    """Take the menus out again and unregister them."""
    bpy.types.VIEW3D_MT_object.remove(_draw_object)  # type: ignore[arg-type]
    bpy.types.VIEW3D_MT_add.remove(_draw_add)  # type: ignore[arg-type]
    _unregister()
