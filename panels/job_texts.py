# SPDX-License-Identifier: GPL-3.0-or-later
"""Words and icons of the job list for every state."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from ..client.jobs.outcome import TRANSFER
from ..client.jobs.states import Status
from ..client.notices import N_
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
