# SPDX-License-Identifier: GPL-3.0-or-later
"""Show one of several variations alone, in its own place or in that of the one shown before, or keep only that one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import bpy
from bpy.types import Context

from ..client.errors import TripoError
from ..client.jobs.names import variation_of
from ..client.jobs.states import LIVE, Status
from ..client.notices import N_
from ..properties.window import window_state
from . import artist_view, visibility
from .delivered_models import ASIDE, PROPERTY, variations_in
from .delivery import removal
from .exchange_variations import exchange

if TYPE_CHECKING:
    from ..client.store import Job
    from .session import Session

IN_PLACE = "tripo_in_place"
"""On the collection of a variation that is shown in the place of all: the job whose model had that place. Without one
they stand side by side."""
_TRIES = 5
NOT_HERE = N_("This variation is not in the scene: import it first")


class Variations:
    """The models of one press in a scene, a `stacks.Stack` in the order of their jobs.

    Of a model that was imported several times, one belongs to the stack, and the others are left alone but by `keep`.
    """

    def __init__(self, context: Context, session: Session, press: str, job_id: str) -> None:
        """Look for them; ``job_id`` is the variation that is asked for."""
        with session.patient() as jobs:
            self._jobs = jobs.variations(press)
        found = variations_in(context.scene, press)
        known = [one.job_id for one in self._jobs if one.job_id in found]
        self._models = {one: found[one] for one in (*known, *(one for one in found if one not in known))}
        self._context, self._session, self._job_id = context, session, job_id
        self.key: Mapping[str, str] = {"job_id": job_id}

    @property
    def names(self) -> list[str]:
        """What the models are called, without their numbers."""
        parts = [one.name.rpartition(" ") for one in self._stack()]
        return [name if name and variation_of(number) else f"{name}{space}{number}" for name, space, number in parts]

    @property
    def shown(self) -> int:
        """The number of the one that is shown, -1 without one; where several are, of the one that is asked for."""
        asked = [one for one in self._models.get(self._job_id, ()) if ASIDE not in one]
        place = self._in_place() or next(iter(asked), None) or self._shown()
        return next((number for number, models in enumerate(self._models.values()) if place in models), -1)

    @property
    def is_in_place(self) -> bool:
        """Whether all have one place, and only one is shown."""
        return self._in_place() is not None

    @property
    def asked(self) -> int:
        """The number of the variation that is asked for; raises TripoError when it is not in the scene."""
        if self._job_id not in self._models:
            raise TripoError(NOT_HERE)
        return list(self._models).index(self._job_id)

    def show(self, number: int, instead_of: int = -1) -> None:
        """Show one in the place of the one that is shown, with all that the artist did to that one, and hide the
        others; where several are shown, ``instead_of`` says which, or it is that of the active object, or the first.

        Raises TripoError, and then nothing is changed.
        """
        context, stack = self._context, self._stack()
        shown, chosen = self._shown() if instead_of < 0 else stack[instead_of], stack[number]
        _check(context, stack)
        owner = (shown or chosen).get(IN_PLACE)
        home = dict(zip(self._models, stack, strict=True)).get(str(owner), shown or chosen)
        partners = _hand_over(context.scene, shown or chosen, home, chosen)
        view_layer = context.view_layer
        active = partners.get(view_layer.objects.active)
        selected = [both for both in partners.items() if both[0].select_get(view_layer=view_layer)]
        for one in stack:
            one.pop(IN_PLACE, None)
            if one != chosen:
                visibility.set_aside(one, context.scene)
        chosen[IN_PLACE] = str(home[PROPERTY])
        visibility.bring_back(chosen, context.scene)
        for layer in visibility.layers_to(chosen, view_layer)[-1:]:
            visibility.include(layer)
            layer.hide_viewport = False
        view_layer.update()
        for one, other in selected:
            one.select_set(False, view_layer=view_layer)
            if other.visible_get(view_layer=view_layer):
                other.select_set(True, view_layer=view_layer)
        if active is not None and active.visible_get(view_layer=view_layer):
            view_layer.objects.active = active
        self._make_active(list(self._models)[number])
        view = artist_view.view_on(context.scene)
        if view is not None:
            visibility.join_local_view(chosen, view)

    def solo(self, number: int) -> bool:
        """Show one alone, or all side by side when it is so already; whether it is alone now, in a place of its own.

        Where one is shown in the place of all, this one takes it. Raises TripoError.
        """
        place = self._in_place()
        shown = self._models[list(self._models)[number]]
        if place is not None and place not in shown:
            self.show(number)
            return False
        everything = [one for models in self._models.values() for one in models]
        others = [one for one in everything if one not in shown]
        is_alone = any(ASIDE in one for one in others) and not any(ASIDE in one for one in shown)
        for one in everything if is_alone else shown:
            visibility.bring_back(one, self._context.scene)
            one.pop(IN_PLACE, None)
        for one in () if is_alone else others:
            visibility.set_aside(one, self._context.scene)
        return not is_alone

    def keep(self) -> bool:
        """Keep the one that is asked for, in the place of all if one is shown there: the models of all others are
        removed, and none of them comes by itself; whether there was any. Raises TripoError."""
        number, job_id = self.asked, self._job_id
        _check(self._context, self._stack())
        if self.is_in_place and self.shown != number:
            self.show(number)
        for one in [one for models in self._models.values() for one in models]:
            visibility.bring_back(one, self._context.scene)
            one.pop(IN_PLACE, None)
        leaving = [one for owner, models in self._models.items() if owner != job_id for one in models]
        stopped = [_stay_in_list(self._session, one) for one in self._jobs if one.job_id != job_id]
        removal.remove(leaving, self._context.scene)
        return bool(leaving) or any(stopped)

    def _make_active(self, job_id: str) -> None:
        """Make a variation the active job, if another one of them is."""
        state = window_state()
        rows = [one.job_id for one in state.jobs]
        if job_id in rows and rows[state.active_job : state.active_job + 1] and rows[state.active_job] in self._models:
            state.active_job = rows.index(job_id)

    def _stack(self) -> list[bpy.types.Collection]:
        """Return one model of each job."""
        shown = self._shown()
        return [
            shown if shown in models else next((one for one in models if ASIDE in one), models[0])
            for models in self._models.values()
        ]

    def _in_place(self) -> bpy.types.Collection | None:
        return next((one for models in self._models.values() for one in models if IN_PLACE in one), None)

    def _shown(self) -> bpy.types.Collection | None:
        """Return the model in the place of all; without one that of the active object, or the first that is not
        hidden for another."""
        active = self._context.active_object
        beside = [one for models in self._models.values() for one in models if ASIDE not in one]
        mine = [one for one in beside if active is not None and one.all_objects.get(active.name) == active]
        return self._in_place() or next(iter((*mine, *beside)), None)


def _hand_over(
    scene: bpy.types.Scene, shown: bpy.types.Collection, home: bpy.types.Collection, chosen: bpy.types.Collection
) -> Mapping[bpy.types.Object, bpy.types.Object]:
    """Let a model take the place of the one that is shown, by way of the one whose place it is: all others keep what is
    theirs. Return which object of the last one stands for which of the first."""
    if shown == chosen:
        return {}
    back = exchange(shown, home, scene) if shown != home else {}
    if chosen == home:
        return back
    partners = exchange(home, chosen, scene)
    return {one: partners[other] for one, other in back.items() if other in partners} if back else partners


def _check(context: Context, models: Sequence[bpy.types.Collection]) -> None:
    if context.mode != "OBJECT":
        raise TripoError(N_("Go to Object Mode first"))
    for one in models:
        if not one.is_editable:
            raise TripoError(N_("{name} is linked from another file and cannot be changed"), name=one.name)


def _stay_in_list(session: Session, job: Job) -> bool:
    """Let a job that is not imported yet wait for a press of Import; whether anything was changed."""
    with session.patient() as jobs:
        for _ in range(_TRIES):
            if not job.target or job.status not in LIVE | {Status.READY}:
                return False
            if jobs.update(job.job_id, job.status, target=""):
                return True
            job = jobs.get(job.job_id) or job  # the agent was faster
    return False
