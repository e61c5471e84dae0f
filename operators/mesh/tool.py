# SPDX-License-Identifier: GPL-3.0-or-later
"""What the mesh tools share: which model, its dialog with the price, and the press."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import bpy
from bpy.props import BoolProperty, StringProperty
from bpy.types import Context, Event

from ...client.errors import InvalidSetting, TripoError
from ...client.notices import N_, Notice, text
from ...client.schema import ENDPOINTS, Group, Kind, Value, parameters_for
from ...properties.account import get_account
from ...properties.parameters import companion, has_companion, image_arguments, parameter_annotations, values_of
from ...session import current
from ...session.operator_return import OperatorReturn
from ...translations.translate import tell
from ..account import spending
from ..base import NeedsService, call, check_online, check_receives, follow, reporting

if TYPE_CHECKING:
    from ...client.jobs.placement import Placement
    from ...client.jobs.request import GenerationRequest
    from ...client.schema.pricing import Price
    from ...session.session import Session

_HIDDEN: Any = {"HIDDEN", "SKIP_SAVE"}


def tool_annotations(kind: Kind) -> dict[str, object]:
    """Return the annotations that only one mesh tool's operator has: its images and its parameters."""
    return {**image_arguments(kind), **parameter_annotations((kind,), skip_save=True)}


class MeshTool(NeedsService):
    """Submits one request. Without REGISTER: redoing it would spend credits again."""

    bl_options = set()
    __annotations__ = {
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
        "from_dialog": BoolProperty(name="From Dialog", description="Confirmed in the dialog", options=_HIDDEN),
        "is_confirmed": BoolProperty(name="Confirmed", description="The question was answered", options=_HIDDEN),
    }
    if TYPE_CHECKING:  # made by tools/property_types.py
        object: str
        job_id: str
        model: str
        model_url: str
        from_dialog: bool
        is_confirmed: bool
    if TYPE_CHECKING:
        kind: ClassVar[Kind]
        does: ClassVar[str]
        _unsent: Price | None  # Blender evaluates the annotations of every class that it registers
    _name = ""
    """What the dialog works on."""
    _unsent = None
    """What the steps before this one cost that are not sent yet; None when it follows none."""
    _awaits = ""
    """The job that is to make the model."""

    @reporting
    def invoke(self, context: Context, event: Event) -> OperatorReturn:
        """Ask in a dialog, which says what it costs and what happens to the object."""
        from . import memory
        from .source import choose

        if bpy.app.background:
            return self.execute(context)
        check_receives(context.scene)
        session = current.session()
        chosen = choose(self, context, session)
        self._unsent = self._unsent_price(session)
        if self.is_confirmed:
            return self._ask(context, session, event)
        self._name = chosen.source.label
        self._awaits = chosen.awaits.name if chosen.awaits is not None else ""
        memory.recall(self, self.kind, context.scene)
        self.from_dialog = True
        return context.window_manager.invoke_props_dialog(self, width=400, title=self.bl_label, confirm_text="Start")

    def draw(self, _context: Context) -> None:
        """Draw the model, the options, the price and what happens."""
        from ...widgets.parameters import draw_parameters, plain_note

        layout = self.layout
        assert layout is not None
        layout.use_property_split = True
        layout.use_property_decorate = False
        layout.label(text=self._name, icon="MESH_DATA", translate=False)
        for group in Group:
            draw_parameters(layout.column(), self, self.kind, None, group)
            for slot in ENDPOINTS[self.kind].image_slots if group is Group.INPUT else ():
                layout.prop(self, slot)
        self.draw_more(layout)
        plain_note(layout, self.does)
        if self._awaits:
            plain_note(layout, tell(N_("It begins when '{name}' is finished"), name=self._awaits))
        layout.label(text=tell(N_("Price: {total} credits"), total=self._price().text), icon="INFO")
        if self._unsent is not None:
            whole = self._whole_price().text
            layout.label(text=tell(N_("With the steps before it: {total} credits"), total=whole), icon="BLANK1")

    def draw_more(self, layout: bpy.types.UILayout) -> None:
        """Draw what only this tool has."""

    def place(self, placement: Placement, request: GenerationRequest, session: Session) -> Placement:
        """Return what else is noted about the delivery; raises TripoError."""
        return placement

    @reporting
    def execute(self, context: Context) -> OperatorReturn:
        """Submit; without a window also wait for the end and deliver."""
        from ..double_press import once
        from . import memory
        from .source import name_of

        if not self.from_dialog:
            return self._press(context)
        memory.remember(self, self.kind, context.scene)
        if not (self.is_confirmed or bpy.app.background) and self._questions(context, current.session()):
            call(self.kind.value, "INVOKE_DEFAULT", **self.as_keywords() | {"is_confirmed": True})
            return {"CANCELLED"}  # the one that asks goes on
        what = (self.bl_idname, context.scene.name, name_of(self, context), str(self._values()))
        return once(what, lambda: self._press(context))

    def _ask(self, context: Context, session: Session, event: Event) -> OperatorReturn:
        """Put the questions before a person once, about all that this press leads to."""
        questions = self._questions(context, session)
        if not questions:
            return self.execute(context)
        return spending.confirm(self, context, event, self._whole_price().text, questions, confirm_text=N_("Start"))

    def _questions(self, context: Context, session: Session) -> tuple[Notice, ...]:
        """Return what is to be asked before this is spent; raises InvalidSetting when it may not be."""
        account_id, unsent = get_account(context).account_id, self._unsent_price(session)
        checked = spending.check_step(context, session, account_id, self._price(), unsent)
        if checked.refusal:
            raise InvalidSetting(checked.refusal)
        return checked.questions

    def _unsent_price(self, session: Session) -> Price | None:
        from ...client.store import chains

        if not self.job_id.strip():
            return None
        with session.patient() as jobs:
            steps = chains.unsent_steps(jobs, self.job_id.strip())
        return chains.price_of(steps) if steps else None

    @reporting
    def _press(self, context: Context) -> OperatorReturn:
        check_online()
        check_receives(context.scene)
        session = current.session()
        request, job_id = self._submit(context, session)
        words = N_("{title}: submitted for {credits} credits")
        said = text(words, title=request.title, credits=request.price.text)
        return follow(self, context, session, [job_id], said)

    def _whole_price(self) -> Price:
        """Return the price with the steps before this one that are not sent yet."""
        from ...client.schema.pricing import combined

        return self._price() if self._unsent is None else combined(self._unsent, self._price())

    def _submit(self, context: Context, session: Session) -> tuple[GenerationRequest, str]:
        """Check everything, write the selection, then the job; what was written is removed when that fails."""
        from ...client.jobs.request import GenerationRequest, validate
        from ...properties.placement_values import original_of, placement_of
        from ..images import sources
        from .selection import write_objects
        from .source import choose

        account = get_account(context)
        chosen = choose(self, context, session)
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
            sources.discard([*(image.path for image in images), *written], session)
            raise

    def _values(self) -> dict[str, Value]:
        """Return what was chosen in the dialog, or what a script gave: an argument left out is left open."""
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
