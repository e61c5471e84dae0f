# SPDX-License-Identifier: GPL-3.0-or-later
"""Add ▸ Tripo, Object ▸ Tripo and Edit ▸ Tripo: everything that the F3 search should find, by the words people type.

There are no shortcuts: artists give an entry one of their own in its context menu.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

import bpy
from bpy.types import Context, Menu, UILayout

from ..client.jobs.names import LONGEST, shortened
from ..client.jobs.notices import JobNotice
from ..client.jobs.outcome import may_reduce
from ..client.jobs.states import WITH_MODEL
from ..client.notices import N_, read
from ..properties.window import chosen_jobs, window_state
from ..translations.translate import tell
from .job_actions import draw_full_detail, draw_separate_objects
from .tab import Drawn

if TYPE_CHECKING:
    from bpy.stub_internal.rna_enums import IconItems


class Entry(NamedTuple):
    """A line of a menu; without a text Blender takes the operator's own name."""

    operator: str
    text: str = ""
    icon: IconItems = "NONE"
    weight: float = 0.0
    """Of entries that the F3 search finds equally well, it lists those with more weight first."""


_FIRST = 1.0
"""Weight of what people mean who type "generate", "image", "texture" or "balance": Blender's own entries have none."""

_GENERATORS = (
    Entry("tripo.text_to_3d", N_("Generate from Text…"), "FONT_DATA", _FIRST),
    Entry("tripo.image_to_3d", N_("Generate from Image…"), "IMAGE_DATA", _FIRST),
    Entry("tripo.multiview_to_3d", N_("Generate from Views…"), "RENDERLAYERS", _FIRST),
)
_NEXT_ITEMS = (
    Entry("tripo.edit_prompt", N_("Edit Prompt…"), "GREASEPENCIL"),
    Entry("tripo.place_with_mouse", icon="MOUSE_LMB"),
    Entry("tripo.capture_views", icon="RENDER_STILL"),
)
_SET = Entry("tripo.generate_for_selected", N_("Generate for Selected…"), "OUTLINER_OB_GROUP_INSTANCE", _FIRST)
_AGAIN = Entry("tripo.generate_again", N_("Generate Again…"), "FILE_REFRESH")
_SHOW = Entry("tripo.show_on_shelf", icon="ASSET_MANAGER")
_MODEL_ITEMS = (
    Entry("tripo.generate_again", N_("Generate Again with These Settings…"), "FILE_REFRESH"),
    Entry("tripo.use_settings", icon="COPYDOWN"),
    Entry("tripo.mark_asset", icon="ASSET_MANAGER"),
)
_VARIATION_ITEMS = (
    Entry("tripo.flip_variants", icon="ARROW_LEFTRIGHT"),
    Entry("tripo.solo_variant", icon="SOLO_ON"),
    Entry("tripo.keep_variant", icon="CHECKMARK"),
)
_ACCOUNT_ITEMS = (
    (
        Entry("tripo.check_balance", icon="FILE_REFRESH", weight=_FIRST),
        Entry("tripo.export_ledger", N_("Export Spending…"), "EXPORT"),
        Entry("tripo.file_cost", icon="FILE_BLEND"),
        Entry("tripo.recover_task", N_("Recover Task…"), "VIEWZOOM"),
    ),
    (
        Entry("tripo.try_sandbox", icon="EXPERIMENTAL"),
        Entry("tripo.leave_sandbox"),
    ),
    (
        Entry("tripo.open_folder", icon="FILE_FOLDER"),
        Entry("tripo.clear_cache", N_("Clear Cache…")),
        Entry("tripo.add_shelf", icon="ASSET_MANAGER"),
    ),
)
_LIST_ITEMS = (_ACCOUNT_ITEMS[0][3], *_ACCOUNT_ITEMS[0][1:3], *_ACCOUNT_ITEMS[2][1:])
_OPTION_ITEMS = (
    Entry("tripo.add_preset", N_("Add Preset…")),
    Entry("tripo.reset_options"),
    Entry("tripo.save_placement"),
    Entry("tripo.reset_placement"),
)


class VIEW3D_MT_tripo_add(Drawn, Menu):
    """What makes a new model."""

    bl_label = "Tripo"

    def draw(self, context: Context) -> None:
        """List the operators; each that asks for something opens its dialog."""
        layout = self.layout
        layout.operator_context = "INVOKE_DEFAULT"
        _draw(layout, (*_GENERATORS, _SET))
        layout.separator()
        _draw(layout, _NEXT_ITEMS)
        layout.separator()
        layout.menu(VIEW3D_MT_tripo_options.__name__)


class VIEW3D_MT_tripo_object(Drawn, Menu):
    """What can be done with the selected objects."""

    bl_label = "Tripo"

    def draw(self, context: Context) -> None:
        """List the operators, greyed where the selection is nothing for them."""
        from ..session.delivered_models import LOOKS, owner_of, parent_of_parts
        from .mesh import entries, has_model_beside, is_shown

        layout = self.layout
        layout.operator_context = "INVOKE_DEFAULT"
        tools = layout.column()
        tools.enabled = is_shown(context)
        _draw(tools, [_SET])
        for operator, text, icon, values in entries():
            _draw(tools, [Entry(operator, text, icon, _FIRST)], **values)
        layout.separator()
        made = layout.column()
        made.enabled = owner_of(context) is not None
        _draw(made, _MODEL_ITEMS)
        active = context.active_object
        has_looks = active is not None and LOOKS in active
        stack = layout.column()
        stack.enabled = made.enabled or has_looks
        _draw(stack, _VARIATION_ITEMS)
        layout.separator()
        looks = layout.column()
        looks.enabled = has_looks
        _draw(looks, [Entry("tripo.set_variant", N_("Original Look"), "MATERIAL")], look=0)
        beside = layout.column()
        beside.enabled = active is not None and has_model_beside(context, active)
        _draw(beside, [Entry("tripo.transfer_texture", icon="RENDER_STILL")])
        parts = layout.column()
        parts.enabled = active is not None and parent_of_parts(active) is not None
        _draw(parts, [Entry("tripo.parts_to_face_sets", icon="FACE_MAPS")])


class TOPBAR_MT_tripo(Drawn, Menu):
    """The account and what is kept on this machine."""

    bl_label = "Tripo"

    def draw(self, context: Context) -> None:
        """List the operators."""
        layout = self.layout
        layout.operator_context = "INVOKE_DEFAULT"
        for number, entries in enumerate(_ACCOUNT_ITEMS):
            if number:
                layout.separator()
            _draw(layout, entries)


class VIEW3D_MT_tripo_next_step(Drawn, Menu):
    """What can be done with the result of the job that is chosen in the list, finished or not."""

    bl_label = "Next Step"

    def draw(self, context: Context) -> None:
        """List the mesh tools and the job once more, greyed when no job is chosen."""
        from .mesh import draw_for_job

        layout = self.layout
        layout.operator_context = "INVOKE_DEFAULT"
        state = window_state()
        chosen = state.jobs[state.active_job].job_id if 0 <= state.active_job < len(state.jobs) else ""
        layout.enabled = bool(chosen)
        draw_for_job(layout, context, chosen)
        layout.separator()
        _draw(layout, [_AGAIN, _SHOW], job_id=chosen)
        is_pinned = bool(chosen) and state.jobs[state.active_job].pinned
        words, icon = ("Unpin", "PINNED") if is_pinned else ("Pin", "UNPINNED")
        pin = layout.operator("tripo.pin_job", text=words, icon=icon)
        pin.job_id, pin.pinned = chosen, not is_pinned


class VIEW3D_MT_tripo_jobs(Drawn, Menu):
    """The job list as a whole."""

    bl_label = "Jobs"

    def draw(self, context: Context) -> None:
        """List what tidies it up, and what else concerns no single job."""
        layout = self.layout
        layout.operator_context = "INVOKE_DEFAULT"
        _draw(layout, [Entry("tripo.remove_jobs", N_("Clear Finished"), "CHECKMARK")], which="FINISHED")
        _draw(layout, [Entry("tripo.remove_jobs", N_("Remove Failed"), "TRASH")], which="FAILED")
        layout.separator()
        _draw_chosen(layout)
        layout.separator()
        _draw(layout, _LIST_ITEMS)


class VIEW3D_MT_tripo_options(Drawn, Menu):
    """The options and the placement as a whole."""

    bl_label = "Options"

    def draw(self, context: Context) -> None:
        """List the presets and what else concerns all options."""
        layout = self.layout
        layout.operator_context = "INVOKE_DEFAULT"
        _draw(layout, [Entry("tripo.apply_preset", N_("Apply Preset…"))])
        _draw(layout, _OPTION_ITEMS)


def _draw(layout: UILayout, entries: Iterable[Entry], **values: Any) -> None:
    for entry in entries:
        how: dict[str, Any] = {"text": entry.text} if entry.text else {}
        button = layout.operator(entry.operator, icon=entry.icon, search_weight=entry.weight, **how)
        for name, value in values.items():
            setattr(button, name, value)


def _draw_chosen(layout: UILayout) -> None:
    """Draw what is done with the selected jobs, or with the active one; a click of the right button selects none, so
    that its name stands above."""
    state = window_state()
    chosen = chosen_jobs(state)
    if not chosen:
        return
    if len(chosen) > 1:
        layout.label(text=tell(N_("{count} jobs"), count=len(chosen)), translate=False)
    else:
        layout.label(text=shortened(chosen[0].name, LONGEST), translate=False)
    if len(chosen) > 1 or chosen[0].file or chosen[0].status in WITH_MODEL:
        layout.operator("tripo.import_jobs", text="Import", icon="IMPORT")
    if len(chosen) == 1:
        job = chosen[0]
        if job.model_here:
            _draw(layout, [Entry("tripo.frame_job", N_("Frame"), "ZOOM_SELECTED")], job_id=job.job_id)
        if job.press and job.model_here:
            _draw(layout, _VARIATION_ITEMS, job_id=job.job_id)
        if may_reduce(job.status, job.kind) and job.file:
            _draw(layout, [Entry("tripo.reduce", N_("Reduce…"), "MOD_DECIM")], job_id=job.job_id)
            if job.full_faces:
                draw_full_detail(layout, job.job_id)
            if read(job.notice).tells(JobNotice.JOINED, JobNotice.JOINED_TOO):
                draw_separate_objects(layout, job.job_id)
        _draw(layout, [Entry("tripo.rename_job", N_("Rename…"), "GREASEPENCIL")], job_id=job.job_id)
    _draw(layout, [Entry("tripo.remove_jobs", N_("Remove from List"), "TRASH")], which="SELECTED")


def _draw_add(self: Menu, context: Context) -> None:
    self.layout.menu(VIEW3D_MT_tripo_add.__name__, icon="MESH_UVSPHERE")


def _draw_object(self: Menu, context: Context) -> None:
    self.layout.separator()
    self.layout.menu(VIEW3D_MT_tripo_object.__name__)


def _draw_context(self: Menu, context: Context) -> None:
    from .mesh import is_shown

    if is_shown(context):
        _draw_object(self, context)


def _draw_edit(self: Menu, context: Context) -> None:
    self.layout.separator()
    self.layout.menu(TOPBAR_MT_tripo.__name__)


def _draw_row(self: Menu, context: Context) -> None:
    """Draw our part of the context menu that all of Blender's lists share."""
    shown = getattr(context, "ui_list", None)
    if shown is not None and shown.bl_idname == "TRIPO_UL_jobs":
        layout: Any = self.layout
        layout.operator_context = "INVOKE_DEFAULT"
        layout.separator()
        _draw_chosen(layout)
        layout.separator()
        layout.menu(VIEW3D_MT_tripo_next_step.__name__)


_PLACES = (
    ("VIEW3D_MT_add", _draw_add),
    ("VIEW3D_MT_object", _draw_object),
    ("VIEW3D_MT_object_context_menu", _draw_context),
    ("TOPBAR_MT_edit", _draw_edit),
    ("UI_MT_list_item_context_menu", _draw_row),
)
"""Blender's menus, and what is drawn at their end."""

classes = (
    VIEW3D_MT_tripo_add,
    VIEW3D_MT_tripo_next_step,
    VIEW3D_MT_tripo_jobs,
    VIEW3D_MT_tripo_options,
    VIEW3D_MT_tripo_object,
    TOPBAR_MT_tripo,
)
_register, _unregister = bpy.utils.register_classes_factory(classes)


def register() -> None:
    """Register the menus and hang them into Blender's."""
    _register()
    for name, draw in _PLACES:
        getattr(bpy.types, name).append(draw)


def unregister() -> None:
    """Take the menus out again and unregister them."""
    for name, draw in reversed(_PLACES):
        getattr(bpy.types, name).remove(draw)
    _unregister()
