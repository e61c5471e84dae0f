# SPDX-License-Identifier: GPL-3.0-or-later
"""What the result of a kind of job becomes: it chooses who delivers it."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from ..schema import Kind
from .states import WITH_MODEL


class Outcome(StrEnum):
    """What a delivery makes of a result."""

    NEW_MODEL = "NEW_MODEL"
    """A new model in a collection of its own."""
    NEW_LOOK = "NEW_LOOK"
    """New materials on the object that was sent."""
    PARTS = "PARTS"
    """Separate objects under one parent, in the place of the object that was sent."""
    SAVED_FILE = "SAVED_FILE"
    """A file where the artist wants it; into the scene only on request."""


TRANSFER = "transfer_texture"
"""The kind of a job that bakes the look of a model onto an artist's object, in the background Blender. The service has
no part in it: there is no endpoint of this name, and its request cannot be sent."""

_OUTCOMES: Mapping[str, Outcome] = {
    TRANSFER: Outcome.NEW_LOOK,
    Kind.TEXTURE_MODEL: Outcome.NEW_LOOK,
    Kind.MESH_SEGMENTATION: Outcome.PARTS,
    Kind.CONVERT_MODEL: Outcome.SAVED_FILE,
}


def outcome_of(kind: str) -> Outcome:
    """Return what becomes of the result of a kind of job, by its word in the store; an unknown one is a new model."""
    return next((outcome for known, outcome in _OUTCOMES.items() if known == kind), Outcome.NEW_MODEL)


def may_reduce(status: str, kind: str) -> bool:
    """Whether a job in a state has a model of its own, which can be reduced to a budget."""
    return status in WITH_MODEL and outcome_of(kind) is Outcome.NEW_MODEL
