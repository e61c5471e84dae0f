# SPDX-License-Identifier: GPL-3.0-or-later
"""What the mesh tools share: which model, its dialog with the price, and the press."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import bpy
from bpy.props import BoolProperty, StringProperty
from bpy.types import Context, Event, Object

from ...client.errors import TripoError
from ...client.notices import N_
from ...client.schema import ENDPOINTS, Group, Kind, Value, parameters_for
from ...properties.account import get_account
from ...properties.parameters import companion, has_companion, image_arguments, parameter_annotations, values_of
from ...session import current, timer
from ...session.operator_return import OperatorReturn
from ...translations.interface import tell
from ..base import NeedsService, check_online, check_receives, report_problem

if TYPE_CHECKING:
    from ...client.jobs.model_source import ModelSource
    from ...client.jobs.placement import Placement
    from ...client.jobs.request import GenerationRequest
    from ...client.schema.pricing import Price
    from ...session.session import Session

_HIDDEN: Any = {"HIDDEN", "SKIP_SAVE"}
_SOURCES = ("object", "job_id", "model", "model_url")
_ONLY_ONE = N_("Give only one of object, job_id, model and model_url")


class _Chosen(NamedTuple):
    """The model of one press: where it comes from, and the objects of the scene that it is or was made from."""

    source: ModelSource
    objects: list[Object]


def tool_annotations(kind: Kind) -> dict[str, object]:
    """Return the annotations of a mesh tool's operator: its model, its images and its parameters."""
    return {
        "object": StringProperty(
            name="Object", description="The object to work on; the selection when empty", options={"SKIP_SAVE"}
        ),
        "job_id": StringProperty(
            name="Job ID", description="A job whose result is worked on", options={"SKIP_SAVE", "HIDDEN"}
        ),
        "model": StringProperty(
            name="Model", description="A GLB, FBX, OBJ or STL file to work on", options={"SKIP_SAVE"}
        ),
        "model_url": StringProperty(
            name="Model URL", description="The https address of a model to work on", options={"SKIP_SAVE"}
        ),
        **image_arguments(kind),
        **parameter_annotations((kind,), skip_save=True),
        "from_dialog": BoolProperty(name="From Dialog", description="Confirmed in the dialog", options=_HIDDEN),
    }


class MeshTool(NeedsService):
    """Submits one request. Without REGISTER: redoing it would spend credits again."""

    bl_options = set()
    if TYPE_CHECKING:
        kind: ClassVar[Kind]
        does: ClassVar[str]
        object: str
        job_id: str
        model: str
        model_url: str
        from_dialog: bool

    def invoke(self, context: Context, _event: Event) -> OperatorReturn:
        """Ask in a dialog, which says what it costs and what happens to the object."""
        if bpy.app.background:
            return self.execute(context)
        try:
            check_receives(context.scene)
            self._choose(context, current.session())
        except TripoError as error:
            return report_problem(self, error)
        self.from_dialog = True
        return context.window_manager.invoke_props_dialog(self, width=400, title=self.bl_label, confirm_text="Start")

    def draw(self, context: Context) -> None:
        """Draw the model, the options, the price and what happens."""
        from ...widgets.parameters import draw_parameters, plain_note

        layout = self.layout
        assert layout is not None
        layout.use_property_split = True
        layout.use_property_decorate = False
        layout.label(text=self._what(context), icon="MESH_DATA", translate=False)
        for group in Group:
            draw_parameters(layout.column(), self, self.kind, None, group, skip=self.hidden(), note=plain_note)
            for slot in ENDPOINTS[self.kind].image_slots if group is Group.INPUT else ():
                layout.prop(self, slot)
        self.draw_more(layout)
        plain_note(layout, self.does)
        layout.label(text=tell(N_("Price: {total} credits"), total=self._price().text), icon="INFO")

    def hidden(self) -> frozenset[str]:
        """Return the parameters that the dialog does not show."""
        return frozenset()

    def draw_more(self, layout: bpy.types.UILayout) -> None:
        """Draw what only this tool has."""

    def place(self, placement: Placement, request: GenerationRequest, session: Session) -> Placement:
        """Return what else is noted about the delivery; raises TripoError."""
        return placement

    def execute(self, context: Context) -> OperatorReturn:
        """Submit; without a window also wait for the end and deliver."""
        from ..double_press import once

        if self.from_dialog:
            what = (self.bl_idname, context.scene.name, self._what(context), str(self._values()))
            return once(what, lambda: self._press(context))
        return self._press(context)

    def _press(self, context: Context) -> OperatorReturn:
        try:
            check_online()
            check_receives(context.scene)
            session = current.session()
            request, job_id = self._submit(context, session)
        except TripoError as error:
            return report_problem(self, error)
        if bpy.app.background:
            from ...session import wait

            return wait.wait_and_deliver(self, context, session, job_id)
        session.tick(deliver=False)  # the new row shows at once
        timer.start()
        words = N_("{title}: submitted for {credits} credits")
        self.report({"INFO"}, tell(words, title=request.title, credits=request.price.text))
        return {"FINISHED"}

    def _submit(self, context: Context, session: Session) -> tuple[GenerationRequest, str]:
        """Check everything, write the selection, then the job; what was written is removed when that fails."""
        from ...client.jobs.request import GenerationRequest, validate
        from ...properties.placement_values import original_of, placement_of
        from ..images import sources
        from .selection import write_objects

        account = get_account(context)
        chosen = self._choose(context, session)
        images = tuple(
            sources.source_from_text(
                slot, text, session.home, context.scene, keep_alpha=getattr(self, "keep_alpha", False)
            )
            for slot in ENDPOINTS[self.kind].image_slots
            if (text := getattr(self, slot).strip())
        )
        request = GenerationRequest(self.kind, None, self._values(), images, chosen.source)
        written: list[str] = []
        try:
            validate(request)
            placement = placement_of(context.scene)._replace(placeholder=None)
            if chosen.objects:
                placement = placement._replace(original=original_of(chosen.objects))
            placement = self.place(placement, request, session)
            if chosen.source.objects:
                source = write_objects(context, chosen.objects, session.home)
                written.append(str(session.home.root / source.blend))
                request = request._replace(model=source)
            target = "" if bpy.app.background else session.file.scenes.claim(context.scene)
            return request, session.submit(account, request, placement.to_json(), target)
        except TripoError:
            sources.discard(images, session)
            _discard(written, session)
            raise

    def _choose(self, context: Context, session: Session) -> _Chosen:
        """Return the model that was named, the selection when none was; raises TripoError."""
        from ...client.jobs.model_source import ModelSource
        from ..jobs.steps import find_job
        from .selection import objects_to_send

        named = [name for name in _SOURCES if getattr(self, name).strip()]
        if len(named) > 1:
            raise TripoError(_ONLY_ONE)
        if self.job_id.strip():
            job = find_job(session, self.job_id.strip())
            made = [one for one in context.scene.objects if one.get("tripo_job_id") == job.job_id]
            return _Chosen(ModelSource(job_id=job.job_id, name=job.name), [one for one in made if one.type == "MESH"])
        if self.model.strip():
            path = os.path.abspath(os.path.expanduser(bpy.path.abspath(self.model.strip())))
            return _Chosen(ModelSource(file=path), [])
        if self.model_url.strip():
            return _Chosen(ModelSource(url=self.model_url.strip()), [])
        objects = objects_to_send(context, self.object.strip())
        return _Chosen(ModelSource(objects=tuple(one.name for one in objects), blend="to be written"), objects)

    def _values(self) -> dict[str, Value]:
        """Return what was chosen in the dialog, or what a script gave: leaving an argument out is leaving it open."""
        if self.from_dialog:
            return values_of(self, self.kind, None)
        given = self.properties.is_property_set
        for parameter in parameters_for(self.kind, None):
            if has_companion(parameter) and given(parameter.name) and not given(companion(parameter.name)):
                setattr(self, companion(parameter.name), True)
        return {name: value for name, value in values_of(self, self.kind, None).items() if given(name)}

    def _price(self) -> Price:
        from ...client.schema.pricing import price

        slots = [slot for slot in ENDPOINTS[self.kind].image_slots if getattr(self, slot).strip()]
        return price(self.kind, None, self._values(), slots)

    def _what(self, context: Context) -> str:
        named = next((getattr(self, name) for name in _SOURCES if getattr(self, name)), "")
        return named or ", ".join(one.name for one in context.selected_objects[:3])


def _discard(written: list[str], session: Session) -> None:
    """Remove the selection that was written for a request that was not submitted after all."""
    import contextlib

    from ...client.errors import StoreUnavailable
    from ...client.files.leftovers import discard_unsent

    with contextlib.suppress(StoreUnavailable), session.patient():
        discard_unsent(session.home, session.database, written)
