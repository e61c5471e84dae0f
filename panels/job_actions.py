# SPDX-License-Identifier: GPL-3.0-or-later
"""Buttons of a job: what may be done with it in its state, and what helps with its problem."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from bpy.types import UILayout

from ..client.jobs.outcome import TRANSFER, Outcome, outcome_of
from ..client.jobs.states import ENDED, LIVE, WITH_MODEL, Status
from ..client.notices import N_, read
from ..client.schema import Kind
from ..properties.preferences import BUY_PAGE

if TYPE_CHECKING:
    from bpy.stub_internal.rna_enums import IconItems


class Action(NamedTuple):
    """A button of a job: operator, label, icon."""

    operator: str
    label: str
    icon: IconItems
    flatten: bool = False


CANCEL = Action("tripo.cancel_job", N_("Cancel"), "X")
IMPORT = Action("tripo.import_job", N_("Import"), "IMPORT")
FRAME = Action("tripo.frame_job", N_("Frame"), "ZOOM_SELECTED")
BUY = Action("wm.url_open", N_("Buy Credits"), "URL")
_PLACE = Action("tripo.place_with_mouse", N_("Place…"), "MOUSE_LMB")
_TASK_ID = Action("tripo.recover_task", N_("Enter Task ID…"), "VIEWZOOM")
_RETRY = Action("tripo.retry_job", N_("Retry"), "FILE_REFRESH")
_REMOVE = Action("tripo.remove_job", N_("Remove from List"), "TRASH")
_AGAIN = Action("tripo.generate_again", N_("Again…"), "LOOP_FORWARDS")
_COPY = Action("tripo.copy_error", N_("Copy Error"), "COPYDOWN")
_OPEN_FOLDER = Action("tripo.open_folder", N_("Open Folder"), "FILE_FOLDER")

_FLATTEN = Action("tripo.retry_job", N_("Retry Flattened"), "IMAGE_ALPHA", flatten=True)
_EDIT: Mapping[str, Action] = {
    Kind.TEXT: Action("tripo.use_settings", N_("Edit Prompt"), "GREASEPENCIL"),
    Kind.IMAGE: Action("tripo.use_settings", N_("Change Image"), "GREASEPENCIL"),
    Kind.MULTIVIEW: Action("tripo.use_settings", N_("Change Images"), "GREASEPENCIL"),
    Kind.TEXTURE_MODEL: Action("tripo.generate_again", N_("Edit Prompt…"), "GREASEPENCIL"),
}
"""What puts a job's request where it can be changed, by the job's kind."""

_ACTIONS: Mapping[str, tuple[Action, ...]] = {
    Status.READY: (IMPORT, _PLACE, _REMOVE),
    Status.IMPORTED: (Action("tripo.import_job", N_("Import Again"), "IMPORT"), _PLACE, _AGAIN, _REMOVE),
    Status.FAILED: (_RETRY, _COPY, _REMOVE),
    Status.CANCELLED: (Action("tripo.retry_job", N_("Resume"), "FILE_REFRESH"), _AGAIN, _REMOVE),
    Status.EXPIRED: (_AGAIN, _COPY, _REMOVE),
    Status.UNCERTAIN: (
        _TASK_ID,
        Action("tripo.retry_job", N_("Send Again"), "FILE_REFRESH"),
        Action("tripo.cancel_job", N_("Dismiss"), "X"),
        _COPY,
    ),
}
"""What may be done with a job that waits for a person, the likeliest first."""


@lru_cache(maxsize=256)
def remedy(status: str, kind: str, error: str, said: str, request: str) -> Action | None:
    """Return the button that helps with a job's problem, where that is known; it spends nothing before it has asked."""
    from ..client.jobs.failures import Remedy, remedy_of

    found = remedy_of(status, error, read(said), request)
    if found is Remedy.OTHER_REQUEST:
        return _EDIT.get(kind)
    return {Remedy.TASK_ID: _TASK_ID, Remedy.CREDITS: BUY, Remedy.FLATTENING: _FLATTEN}[found] if found else None


def actions(
    status: str,
    *,
    kind: str = "",
    model_here: bool = False,
    fix: Action | None = None,
    has_file: bool = False,
    is_orphan: bool = False,
) -> tuple[Action, ...]:
    """Return what may be done with a job in a state, the most likely first; ``fix`` is its problem's `remedy`.

    One that ended without a model and has its file all the same is imported from it, or the file is taken. An orphan
    is one of another key.
    """
    if is_orphan and status in LIVE:
        return (_RETRY, CANCEL)
    offered, edit = _ACTIONS.get(status, (CANCEL,)), _EDIT.get(kind)
    if outcome_of(kind) is not Outcome.NEW_MODEL:
        unfit = (_PLACE, _AGAIN) if kind == TRANSFER else (_PLACE,)  # a transfer is made again by its own button
        offered = tuple(one for one in offered if one not in unfit)
    if fix is not None and fix == edit:  # the same request would fail again
        return (fix, *(one for one in offered if one != _RETRY))
    if edit is not None and status != Status.UNCERTAIN and edit.operator not in {one.operator for one in offered}:
        offered = (*offered, edit) if status in LIVE else (*offered[:-1], edit, offered[-1])
    if has_file and status in ENDED and status not in WITH_MODEL:
        return (IMPORT, _OPEN_FOLDER, *offered)
    if model_here and status == Status.IMPORTED:
        return (FRAME, *offered)
    return offered if fix is None else (fix, *(one for one in offered if one != fix))


def row_action(status: str, *, model_here: bool, fix: Action | None = None) -> Action | None:
    """Return the one button of a row; it spends nothing before it has asked."""
    if status in LIVE:
        return CANCEL
    if status == Status.READY:
        return IMPORT
    return FRAME if model_here and status == Status.IMPORTED else fix


def draw_action(layout: UILayout, action: Action, job_id: str, *, in_row: bool = False) -> None:
    """Draw an action of a job as a button, or as the icon of a row."""
    button = layout.operator(action.operator, text="" if in_row else action.label, icon=action.icon, emboss=not in_row)
    if action.operator == BUY.operator:
        button.url = BUY_PAGE
        return
    button.job_id = job_id
    if action.flatten:
        button.flatten = True


def draw_separate_objects(layout: UILayout, job_id: str) -> None:
    """Draw the button that imports a model whose objects were joined with all of them."""
    button = layout.operator("tripo.import_job", text="Import Again with Separate Objects", icon="IMPORT")
    button.job_id, button.separate = job_id, True


def draw_full_detail(layout: UILayout, job_id: str) -> None:
    """Draw the button that imports the model of a reduced job as it was downloaded."""
    button = layout.operator("tripo.import_job", text="Import Again at Full Detail", icon="IMPORT")
    button.job_id, button.budget = job_id, False
