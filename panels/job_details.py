# SPDX-License-Identifier: GPL-3.0-or-later
"""Draw the details of the active job."""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple, cast

import bpy
from bpy.types import Context, Scene, SpaceView3D, UILayout

from ..client.jobs.notices import JobNotice
from ..client.jobs.outcome import may_reduce
from ..client.jobs.spending_limits import credit_text
from ..client.jobs.states import CAN_GO_ON, TROUBLE, WITH_MODEL
from ..client.notices import N_, Notice, read, text
from ..client.schema import BY_NAME, VERSION_LABELS, ModelVersion, Parameter, Value
from ..properties.preferences import get_preferences
from ..session.factory_cube import stands_beside
from ..translations.translate import tell
from ..widgets.wrapped_text import draw_wrapped, is_narrow
from .job_actions import actions, draw_action, draw_full_detail, draw_separate_objects, remedy
from .job_texts import KIND_ICONS, STATUS_WORDS

if TYPE_CHECKING:
    from ..properties.window import TripoJob

_SCALE = 8.0
"""Side of the preview at most, in rows of the interface: 160 pixels at an interface scale of 1."""
_ROW = 20
_MARGIN = 66
"""Pixels, at an interface scale of 1, of the sidebar's width that a preview cannot have."""
_BUTTONS_A_ROW = 2
_MINUTES_FROM = 120
"""Seconds from which a time is told in minutes."""


def draw_job(layout: UILayout, context: Context, job: TripoJob) -> None:
    """Draw the chosen job: preview, name, facts, message and buttons; these come first where the model itself is in
    sight."""
    if not job.model_here:
        _draw_preview(layout, context, job)
    icon = "NONE" if job.thumbnail else KIND_ICONS.get(job.kind, "MESH_DATA")
    column = layout.column(align=True)
    draw_wrapped(column, context, job.name, icon=icon, translate=False)
    facts = job_facts(job, context.scene)
    draw_wrapped(column, context, facts, icon="NONE" if job.thumbnail else "BLANK1", dim=True, translate=False)
    if job.notice and read(job.notice).code != JobNotice.READY.code:
        icon = "ERROR" if job.status in TROUBLE else "INFO"
        draw_wrapped(layout, context, job.notice, icon=icon)
    if job.model_here and lacks_textures(context) and is_textured(job.request):
        hint = layout.column(align=True)
        draw_wrapped(hint, context, N_("Textures show in Material Preview"), icon="INFO")
        hint.operator("tripo.show_textures", text="Material Preview", icon="SHADING_TEXTURE")
    if job.model_here and stands_beside(context.scene):
        layout.operator("tripo.replace_cube", icon="CUBE").job_id = job.job_id
    _draw_buttons(layout, job, 1 if is_narrow(context) else _BUTTONS_A_ROW)
    _draw_budget(layout, context, job)
    if job.file and read(job.notice).tells(JobNotice.JOINED, JobNotice.JOINED_TOO):
        draw_separate_objects(layout, job.job_id)
    if job.model_here:
        _draw_preview(layout, context, job)
    if job.status in CAN_GO_ON:
        layout.menu("VIEW3D_MT_tripo_next_step", icon="MODIFIER")


def lacks_textures(context: Context) -> bool:
    """Whether the 3D view that is drawn shows no textures."""
    space = context.space_data
    if space is None or space.type != "VIEW_3D":
        return False
    shading = cast(SpaceView3D, space).shading
    return shading.type == "WIREFRAME" or (shading.type == "SOLID" and shading.color_type != "TEXTURE")


@lru_cache(maxsize=64)
def is_textured(text: str) -> bool:
    """Whether a stored request asks for a model with a texture."""
    try:
        return json.loads(text)["parameters"].get("texture", True) is not False
    except (ValueError, KeyError, TypeError, AttributeError):
        return False


def _draw_preview(layout: UILayout, context: Context, job: TripoJob) -> None:
    if job.thumbnail:
        room = context.region.width / context.preferences.system.ui_scale - _MARGIN
        layout.template_icon(icon_value=job.thumbnail, scale=min(_SCALE, room / _ROW))


def job_facts(job: TripoJob, scene: Scene) -> str:
    """Return in one line what is known of a job: its state until there is a model, its faces, its longest side in the
    scene's units, its price, and how long the service took."""
    facts: list[Notice] = []
    if job.status not in WITH_MODEL:
        facts.append(text(STATUS_WORDS.get(job.status, job.status)))
    if job.full_faces:
        counts = {"before": f"{job.full_faces:,}", "after": f"{job.faces:,}"}
        facts.append(text(N_("{before} → {after} triangles"), **counts))
    elif job.faces:
        facts.append(text(N_("{faces} faces"), faces=f"{job.faces:,}"))
    if job.length:
        facts.append(text(length_text(float(job.length), scene)))
    facts.append(text(N_("{credits} credits"), credits=credit_text(job.credits)) if job.credits else text(N_("free")))
    if job.seconds >= _MINUTES_FROM:
        facts.append(text(N_("{minutes} min"), minutes=round(job.seconds / 60)))
    elif job.seconds:
        facts.append(text(N_("{seconds} s"), seconds=job.seconds))
    return " · ".join(map(tell, facts))


def length_text(metres: float, scene: Scene) -> str:
    """Return a length as Blender writes it in the scene's units."""
    units = scene.unit_settings
    length = metres if units.system != "NONE" else metres / units.scale_length
    return bpy.utils.units.to_string(units.system, "LENGTH", length, precision=3)


def _draw_buttons(layout: UILayout, job: TripoJob, a_row: int) -> None:
    offered = actions(
        job.status,
        kind=job.kind,
        model_here=job.model_here,
        fix=remedy(job.status, job.kind, job.error, job.notice, job.request),
        has_file=bool(job.file),
        is_orphan=read(job.notice).code == JobNotice.OTHER_KEY.code,
    )
    column = layout.column(align=True)
    for first in range(0, len(offered), a_row):
        row = column.row(align=True)
        for action in offered[first : first + a_row]:
            draw_action(row, action, job.job_id)


def _draw_budget(layout: UILayout, context: Context, job: TripoJob) -> None:
    """Offer a budget for a large model, and the full one for a model that was reduced."""
    if job.faces and job.file and may_reduce(job.status, job.kind):
        if job.full_faces:
            draw_full_detail(layout, job.job_id)
        elif job.faces > get_preferences(context).offer_budget_above:
            layout.operator("tripo.reduce", text="Reduce…", icon="MOD_DECIM").job_id = job.job_id


def draw_details(layout: UILayout, context: Context, job: TripoJob) -> None:
    """Draw request, times, ids and files."""
    asked = request_facts(job.request)
    for fact in asked:
        if len(fact.value) > _LONG:
            _draw_facts(layout, (Fact(fact.label, ""),))
            draw_wrapped(layout, context, fact.value, icon="BLANK1", translate=fact.is_ours)
    came = (
        Fact("Created", job.created_at),
        Fact("Finished", job.finished_at),
        Fact("Credits", str(job.credits)),
        Fact("Size", job.size),
        Fact("SHA-256", job.sha256[:12]),
    )
    _draw_facts(layout, [fact for fact in (*asked, *came) if 0 < len(fact.value) <= _LONG])
    if job.task_id:
        row = layout.row(align=True)
        label = row.row()  # dimmed alone: with it the button's icon could hardly be seen
        label.active = False
        label.label(text="Task ID")
        row.operator("tripo.copy_task_id", text="", icon="COPYDOWN", emboss=False).job_id = job.job_id
        draw_wrapped(layout, context, job.task_id, icon="BLANK1", translate=False)
    if job.file:
        draw_wrapped(layout, context, job.file, icon="FILE", dim=True, translate=False)


_LONG = 24
"""Characters of a value from which it gets lines of its own."""


class Fact(NamedTuple):
    """A row of Details. A value that is ours is shown in the interface's language, all others as they are."""

    label: str
    value: str
    is_ours: bool = False


def _draw_facts(layout: UILayout, facts: Iterable[Fact]) -> None:
    """Draw labels and values in two columns."""
    split = layout.split(factor=0.45)
    labels, values = split.column(align=True), split.column(align=True)
    labels.scale_y = values.scale_y = 0.8
    labels.active = False
    for fact in facts:
        labels.label(text=fact.label)
        values.label(text=fact.value, translate=fact.is_ours)


@lru_cache(maxsize=64)
def request_facts(text: str) -> tuple[Fact, ...]:
    """Return what a stored request asks for in the panel's words; empty when it cannot be read."""
    try:
        document = json.loads(text)
        version = document["model_version"]
        facts = [] if version is None else [Fact("Model", VERSION_LABELS[ModelVersion(version)][0])]
        for name, parameter in BY_NAME.items():
            if name in document["parameters"]:
                facts.append(_fact(parameter, document["parameters"][name]))
        for image in document["images"]:
            file = _file_name(image.get("path") or image.get("url", ""))
            facts.append(Fact(image["slot"].replace("_", " ").title(), file))
    except (ValueError, KeyError, TypeError, AttributeError):
        return ()
    return tuple(facts)


def _fact(parameter: Parameter, value: Value) -> Fact:
    if isinstance(value, bool):
        return Fact(parameter.label, N_("On") if value else N_("Off"), is_ours=True)
    if isinstance(value, tuple | list):
        return Fact(parameter.label, ", ".join(value))
    for choice in parameter.choices:
        if choice.value == value:
            return Fact(parameter.label, choice.label, is_ours=True)
    is_count = isinstance(value, int) and not parameter.name.endswith("seed")
    return Fact(parameter.label, f"{value:,}" if is_count else str(value))


def _file_name(place: str) -> str:
    return place.partition("?")[0].replace("\\", "/").rstrip("/").rpartition("/")[2]
