# SPDX-License-Identifier: GPL-3.0-or-later
"""Texts, icons and buttons of the job list for every state."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from ..client.jobs.outcome import TRANSFER
from ..client.jobs.states import LIVE, Status
from ..client.notices import N_, read
from ..client.schema import Kind

if TYPE_CHECKING:
    from bpy.stub_internal.rna_enums import IconItems

    from ..properties.window import TripoJob

KIND_ICONS: Mapping[str, IconItems] = {
    Kind.TEXT: "FONT_DATA",
    Kind.IMAGE: "IMAGE_DATA",
    Kind.MULTIVIEW: "RENDERLAYERS",
    Kind.TEXTURE_MODEL: "TEXTURE",
    TRANSFER: "RENDER_STILL",
    Kind.CONVERT_MODEL: "MOD_REMESH",
    Kind.MESH_SEGMENTATION: "MOD_EXPLODE",
}
STATUS_WORDS: Mapping[str, str] = {
    Status.PREPARED: N_("Waiting"),
    Status.SUBMITTING: N_("Sending"),
    Status.UNCERTAIN: N_("Needs Attention"),
    Status.QUEUED: N_("Queued"),
    Status.RUNNING: N_("Running"),
    Status.DOWNLOADING: N_("Downloading"),
    Status.CONVERTING: N_("Importing"),
    Status.READY: N_("Ready"),
    Status.IMPORTED: N_("Done"),
    Status.FAILED: N_("Failed"),
    Status.CANCELLED: N_("Cancelled"),
    Status.EXPIRED: N_("Expired"),
}
STATUS_ICONS: Mapping[str, IconItems] = {
    Status.PREPARED: "SORTTIME",
    Status.SUBMITTING: "SORTTIME",
    Status.QUEUED: "SORTTIME",
    Status.RUNNING: "SORTTIME",
    Status.DOWNLOADING: "IMPORT",
    Status.CONVERTING: "MODIFIER",
    Status.UNCERTAIN: "QUESTION",
    Status.READY: "MESH_MONKEY",
    Status.IMPORTED: "MESH_MONKEY",
    Status.FAILED: "ERROR",
    Status.CANCELLED: "CANCEL",
    Status.EXPIRED: "TEMP",
}
"""What stands in the place of an image while there is none."""

CAN_GO_ON = LIVE | {Status.READY, Status.IMPORTED}
"""States of a job whose result another one may work on, now or when it is there."""


class Action(NamedTuple):
    """A button of a job: operator, label, icon."""

    operator: str
    label: str
    icon: IconItems
    flatten: bool = False


CANCEL = Action("tripo.cancel_job", N_("Cancel"), "X")
IMPORT = Action("tripo.import_job", N_("Import"), "IMPORT")
FRAME = Action("tripo.frame_job", N_("Frame"), "ZOOM_SELECTED")
_RETRY = Action("tripo.retry_job", N_("Retry"), "FILE_REFRESH")
_REMOVE = Action("tripo.remove_job", N_("Remove from List"), "TRASH")
_AGAIN = Action("tripo.generate_again", N_("Generate Again…"), "LOOP_FORWARDS")
_COPY = Action("tripo.copy_error", N_("Copy Error"), "COPYDOWN")
_OPEN_FOLDER = Action("tripo.open_folder", N_("Open Folder"), "FILE_FOLDER")

_FLATTEN = Action("tripo.retry_job", N_("Retry Flattened"), "IMAGE_ALPHA", flatten=True)

_ACTIONS: Mapping[str, tuple[Action, ...]] = {
    Status.READY: (IMPORT, _REMOVE),
    Status.IMPORTED: (Action("tripo.import_job", N_("Import Again"), "IMPORT"), _AGAIN, _REMOVE),
    Status.FAILED: (_RETRY, _COPY, _REMOVE),
    Status.CANCELLED: (Action("tripo.retry_job", N_("Resume"), "FILE_REFRESH"), _AGAIN, _REMOVE),
    Status.EXPIRED: (_AGAIN, _COPY, _REMOVE),
    Status.UNCERTAIN: (
        Action("tripo.recover_task", N_("Enter Task ID…"), "VIEWZOOM"),
        Action("tripo.retry_job", N_("Send Again"), "FILE_REFRESH"),
        Action("tripo.cancel_job", N_("Dismiss"), "X"),
        _COPY,
    ),
}
"""What may be done with a job that waits for a person, the likeliest first."""


_WITHOUT_MODEL = frozenset({Status.FAILED, Status.CANCELLED, Status.EXPIRED, Status.UNCERTAIN})


@lru_cache(maxsize=64)
def may_flatten(status: str, error: str, said: str, request: str) -> bool:
    """Whether a job failed because of an image, in the service's words, that was not flattened."""
    from ..client.jobs.request import GenerationRequest, can_flatten
    from ..client.jobs.transparency import is_about_image

    if status != Status.FAILED or not is_about_image(error, read(said)):
        return False
    try:
        return can_flatten(GenerationRequest.from_json(request))
    except (ValueError, KeyError, TypeError):
        return False


def actions(
    status: str, *, model_here: bool = False, flatten: bool = False, has_file: bool = False, is_orphan: bool = False
) -> tuple[Action, ...]:
    """Return what may be done with a job in a state, the most likely first; ``flatten`` when flattening may help.

    One that ended without a model and has its file all the same is imported from it, or the file is taken. An orphan
    is one of another key.
    """
    if is_orphan and status in LIVE:
        return (_RETRY, CANCEL)
    offered = _ACTIONS.get(status, (CANCEL,))
    if flatten:
        return (_FLATTEN, *offered)
    if has_file and status in _WITHOUT_MODEL:
        return (IMPORT, _OPEN_FOLDER, *offered)
    return (FRAME, *offered) if model_here and status == Status.IMPORTED else offered


def row_action(status: str, *, model_here: bool) -> Action | None:
    """Return the one button of a row; it never spends credits."""
    if status in LIVE:
        return CANCEL
    if status == Status.READY:
        return IMPORT
    return FRAME if model_here and status == Status.IMPORTED else None


def progress_text(item: TripoJob, now: float, *, narrow: bool = False) -> str:
    """Return what a row's bar says: the state, or how far a running job is and how long it still takes.

    ``now`` is in seconds since the epoch.
    """
    if item.status != Status.RUNNING:
        return STATUS_WORDS.get(item.status, item.status)
    left = item.finishes_at - now
    if narrow or left < 1:
        return f"{item.progress}%"
    return f"{item.progress}% · {duration(left)}"


def duration(seconds: float) -> str:
    """Return seconds as minutes and seconds, or with hours before them."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
