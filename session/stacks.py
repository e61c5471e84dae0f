# SPDX-License-Identifier: GPL-3.0-or-later
"""Stacks: variations of one press, or looks of an object, of which one is shown in one place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import bpy
from bpy.types import Context

from ..client.errors import TripoError
from ..client.notices import N_
from ..properties.window import window_state
from .delivered_models import PROPERTY, owner_of, press_of
from .delivery import looks
from .variations import NOT_HERE, Variations

if TYPE_CHECKING:
    from .session import Session


class Looks:
    """The looks of an object; the one that is asked for is the one that is shown. ``key`` are the arguments by which
    `find` finds them again."""

    def __init__(self, obj: bpy.types.Object | None) -> None:
        """Check the object; raises TripoError."""
        if obj is None:
            raise TripoError(N_("There is no such object in this scene: choose one that was textured"))
        if len(looks.names_of(obj)) < 2:
            raise TripoError(N_("The object has one look only: texture it first"))
        if obj.mode != "OBJECT" or getattr(obj.data, "is_editmode", False):  # by another object of the same mesh
            raise TripoError(N_("Leave the object's mode first: looks are changed in Object Mode"))
        if not obj.is_editable or obj.data is None or not obj.data.is_editable:
            raise TripoError(N_("The object is linked from another file and cannot be changed"))
        self._obj = obj
        self.key: Mapping[str, str] = {"object": obj.name}

    @property
    def names(self) -> list[str]:
        """What the looks are called, the original one first."""
        return looks.names_of(self._obj)

    @property
    def shown(self) -> int:
        """The number of the look that is shown."""
        return looks.active_of(self._obj)

    @property
    def is_in_place(self) -> bool:
        """Looks have one place, always."""
        return True

    @property
    def asked(self) -> int:
        """The number of the look that is shown."""
        return self.shown

    def show(self, number: int, instead_of: int = -1) -> None:
        """Show another look, always instead of the one that is shown; raises TripoError."""
        try:
            looks.choose(self._obj, number)
        except IndexError as error:
            raise TripoError(N_("The object has no such look: choose one of those that it has")) from error

    def keep(self) -> bool:
        """Keep the look that is shown."""
        return looks.keep(self._obj)


Stack = Looks | Variations
"""Valid only while nothing else changes the file: never kept."""


def show_next(stack: Stack, step: int = 1) -> None:
    """Show the one so many further than the one that is shown; raises TripoError."""
    count = len(stack.names)
    if not count:
        raise TripoError(NOT_HERE)
    stack.show((stack.shown + step) % count, stack.shown)


def find(context: Context, session: Session, *, job_id: str = "", object: str = "") -> Stack:
    """Return the looks of an object, or the variations that a job is one of. Without either, those of the active
    object, else of the active job. Raises TripoError."""
    active = context.active_object
    if object or (not job_id and active is not None and len(looks.names_of(active)) > 1):
        return looks_of(context, object)
    return variations_of(context, session, job_id)


def looks_of(context: Context, name: str = "") -> Looks:
    """Return the looks of an object, the active one without a name; raises TripoError."""
    return Looks(context.scene.objects.get(name) if name else context.active_object)


def variations_of(context: Context, session: Session, job_id: str = "") -> Variations:
    """Return the variations that a job is one of, by default that of the active object's model, else the active one.

    Raises TripoError.
    """
    owner, state = owner_of(context), window_state()
    if not job_id and owner is not None:
        job_id = str(owner[PROPERTY])
    if not job_id and state.active_job < len(state.jobs):
        job_id = state.jobs[state.active_job].job_id
    with session.patient() as jobs:
        job = jobs.get(job_id)
    press = job.press if job is not None else press_of(job_id, context.scene)
    if not press:
        raise TripoError(N_("'{name}' is not one of several variations"), name=job.name if job is not None else job_id)
    return Variations(context, session, press, job_id)
