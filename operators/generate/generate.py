# SPDX-License-Identifier: GPL-3.0-or-later
"""Generate a model: one operator for each kind of input."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import bpy
from bpy.props import BoolProperty
from bpy.types import Context, Event, Operator

from ...client.errors import InvalidRequest, TripoError
from ...client.jobs.spending_limits import credit_text
from ...client.notices import N_, text
from ...client.schema import ENDPOINTS, IMAGE, MULTIVIEW, TEXT, Kind, ModelVersion
from ...properties import sandbox_mode
from ...properties.account import get_account
from ...properties.image_slots import settings_changed
from ...properties.parameters import (
    image_arguments,
    model_version_property,
    parameter_annotations,
    values_of,
    variations_property,
)
from ...properties.placement import PlacementArguments
from ...properties.scene import settings_of
from ...session import current
from ...session.operator_return import OperatorReturn
from ..account import spending
from ..base import NeedsService, check_online, check_receives, follow, report_problem, reporting

if TYPE_CHECKING:
    from ...client.jobs.placement import Placement
    from ...client.jobs.request import GenerationRequest
    from ...session.session import Session

_LABELS = {TEXT: N_("Generate from Text"), IMAGE: N_("Generate from Image"), MULTIVIEW: N_("Generate from Views")}
"""By the words that are typed into the search."""


def _annotations(kind: Kind) -> dict[str, object]:
    return {
        "model_version": model_version_property(skip_save=True),
        **image_arguments(kind),
        **parameter_annotations((kind,), skip_save=True),
    }


class Generate(PlacementArguments, NeedsService):
    """Submits one request. Without REGISTER: redoing it would spend credits again."""

    bl_options = set()
    __annotations__ = {
        "variations": variations_property(skip_save=True),
        "use_scene_settings": BoolProperty(
            name="Use Scene Settings", description="Take what the panel shows", options={"HIDDEN", "SKIP_SAVE"}
        ),
        "from_dialog": BoolProperty(
            name="From Dialog", description="Confirmed in the dialog", options={"HIDDEN", "SKIP_SAVE"}
        ),
    }
    if TYPE_CHECKING:  # made by tools/property_types.py
        variations: int
        use_scene_settings: bool
        from_dialog: bool
    if TYPE_CHECKING:
        kind: ClassVar[Kind]
        model_version: str
        keep_alpha: bool

    def invoke(self, context: Context, event: Event) -> OperatorReturn:
        """Submit what the panel shows, or ask in a dialog that begins with it."""
        from ..double_press import once
        from . import request

        if self.use_scene_settings:
            return once(("invoke", *self._what(context)), lambda: self._ask(context, event) or self.execute(context))
        if bpy.app.background:
            return self.execute(context)
        request.copy_to_dialog(self.kind, settings_of(context.scene), self)
        self.from_dialog = True
        return context.window_manager.invoke_props_dialog(self, width=440, title=self.bl_label, confirm_text="Generate")

    def draw(self, _context: Context) -> None:
        """Draw the prompt or the images, the model and the price; all else is folded away."""
        from .dialog import draw_dialog

        assert self.layout is not None
        draw_dialog(self.layout, self, self.kind, ModelVersion(self.model_version))

    @reporting
    def _ask(self, context: Context, event: Event) -> OperatorReturn | None:
        """Ask about a press that is dear or not covered; None when there is nothing to ask, or nobody."""
        from .dialog import price_of

        settings = settings_of(context.scene)
        version = ModelVersion(settings.model_version)
        total = price_of(settings, self.kind, version)
        check_receives(context.scene)
        judgement = spending.check_press(context, current.session(), get_account(context).account_id, total)
        if judgement.questions:
            return spending.confirm(self, context, event, total, judgement.questions)
        return None

    def _what(self, context: Context) -> tuple[object, ...]:
        """Return what tells this press from another one of the same button."""
        settings = settings_of(context.scene)
        values = values_of(settings, self.kind, ModelVersion(settings.model_version))
        return self.bl_idname, context.scene.name, settings.model_version, settings.variations, *values.items()

    def execute(self, context: Context) -> OperatorReturn:
        """Submit; without a window also wait for the end and deliver."""
        from ..double_press import once

        if self.use_scene_settings:  # the panel's button
            return once(("execute", *self._what(context)), lambda: self._press(context))
        return self._press(context)

    def _press(self, context: Context) -> OperatorReturn:
        try:
            check_online()
            check_receives(context.scene)
            session = current.session()
            request = self._request(context, session)
            job_ids = self._submit(context, session, request)
        except TripoError as error:
            if self.use_scene_settings and isinstance(error, InvalidRequest):  # an image may have gone meanwhile
                settings_changed(settings_of(context.scene), context)
            return report_problem(self, error)
        words = N_("{title}: submitted for {credits} credits")
        if sandbox_mode.current().is_on:
            words = N_("{title}: submitted to the Sandbox")
        said = text(words, title=request.title, credits=credit_text(request.price.total * len(job_ids)))
        return follow(self, context, session, job_ids, said)

    def _request(self, context: Context, session: Session) -> GenerationRequest:
        from . import request

        if self.use_scene_settings:
            return request.request_from_scene(self.kind, context.scene, session.home)
        make = request.request_from_dialog if self.from_dialog else request.request_from_script
        return make(self.kind, self, context.scene, session.home)

    def _placement(self, context: Context) -> Placement:
        from . import request

        if self.use_scene_settings:
            return request.placement_from_scene(context.scene)
        placement = request.placement_from_call(self, context.scene)
        return request.beside_others(placement) if self.from_dialog else placement

    def _submit(self, context: Context, session: Session, request: GenerationRequest) -> list[str]:
        from random import SystemRandom

        from ...client.jobs.variations import beside, title_of, vary
        from ...client.store import NewJob
        from ...client.store.jobs import new_job_id
        from ..images import sources

        try:
            target = "" if bpy.app.background else session.file.scenes.claim(context.scene)
            source = settings_of(context.scene) if self.use_scene_settings else self
            placement = self._placement(context)
            account, count = get_account(context), source.variations
            press = new_job_id() if count > 1 else ""
            jobs = [
                NewJob(
                    account.account_id,
                    one,
                    beside(placement, number).to_json(),
                    target,
                    title_of(one.title, number, count),
                    press=press,
                )
                for number, one in enumerate(vary(request, count, SystemRandom()))
            ]
            job_ids = session.submit_all(account, jobs)
        except TripoError:
            sources.discard((image.path for image in request.images), session)
            raise
        if self.use_scene_settings or self.from_dialog:
            settings_of(context.scene).placement.placeholder = None  # it is taken now: the next model goes elsewhere
        return job_ids


def _operator_class(kind: Kind) -> type[Operator]:
    return type(
        f"TRIPO_OT_{kind.value}",
        (Generate,),
        {
            "__doc__": ENDPOINTS[kind].help,
            "__module__": __name__,
            "__annotations__": _annotations(kind),
            "bl_idname": f"tripo.{kind.value}",
            "bl_label": _LABELS[kind],
            "kind": kind,
        },
    )


classes = tuple(_operator_class(kind) for kind in (TEXT, IMAGE, MULTIVIEW))
register, unregister = bpy.utils.register_classes_factory(classes)
