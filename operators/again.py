"""Once more from a job or from a delivered model: generate with its settings, or take them over into the panel."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import bpy
from bpy.props import StringProperty
from bpy.types import Context, Event, Operator

from ..client.errors import InvalidSetting, TripoError
from ..client.record import Record
from ..client.schema import ENDPOINTS, parameters_for
from ..parameter_props import ABSENT, companion, has_companion
from ..preferences import get_account
from . import follow, models, session, spending
from .jobs import wait_for
from .ready import NeedsService, check_online, report_problem
from .scenes import settings_of

if TYPE_CHECKING:
    from ..client.request import GenerationRequest
    from ..client.settings import Account
    from ..client.store import Job

_NOTHING = "Choose a job, or select a model that was made with Tripo"
_DAMAGED = "The request of this model cannot be read: set it up in the panel"
_PICTURES_GONE = "The pictures that this was made from are gone: use its settings and choose them again"


class _Past(Record):
    """What is to be repeated; the job is None when only the model tells of it."""

    request: GenerationRequest
    job: Job | None


class TRIPO_OT_generate_again(NeedsService):
    """Make another model with the settings and pictures of this one, which costs its price again"""

    bl_idname = "tripo.generate_again"
    bl_label = "Generate Again with These Settings"
    bl_options = set()

    job_id: StringProperty(
        name="Job ID",
        description="The job to repeat; the one that the selected model came from when empty",
        options={"SKIP_SAVE", "HIDDEN"},
    )

    def invoke(self, context: Context, event: Event) -> set[Any]:
        """Say what it costs and ask."""
        if bpy.app.background:
            return self.execute(context)
        try:
            past = _past(context, self.job_id)
            _check(past.request)
            price = past.request.price.total
            judgement = spending.judge_press(context, session.get(), get_account(context).account_id, price)
            if judgement.refusal:
                raise InvalidSetting(judgement.refusal)
        except TripoError as error:
            return report_problem(self, error)
        question = f"{past.request.title}: this makes another model with the same settings"
        return spending.confirm(self, context, event, price, (question, *judgement.questions))

    def execute(self, context: Context) -> set[Any]:
        """Submit; without a window also wait for the end and deliver."""
        try:
            check_online()
            current = session.get()
            past = _past(context, self.job_id)
            _check(past.request)
            job_id = self._submit(context, current, past, get_account(context))
        except TripoError as error:
            return report_problem(self, error)
        follow.start()
        current.tick(deliver=False)
        return wait_for(self, context, current, job_id) or {"FINISHED"}

    def _submit(self, context: Context, current: session.Session, past: _Past, account: Account) -> str:
        from ..client.placement import Placement

        spending.check_cap(context, current, account.account_id, past.request.price.total)
        cursor = context.scene.cursor.location
        placement = Placement.from_json(past.job.placement if past.job else "{}")._replace(
            cursor=(cursor.x, cursor.y, cursor.z), placeholder=None
        )
        target = "" if bpy.app.background else current.scenes.claim(context.scene)
        return current.submit(account, past.request, placement.to_json(), target)


class TRIPO_OT_use_settings(Operator):
    """Take the settings of this job over into the panel, which costs nothing"""

    bl_idname = "tripo.use_settings"
    bl_label = "Use These Settings"
    bl_options = {"UNDO"}

    job_id: StringProperty(
        name="Job ID",
        description="The job to take after; the one that the selected model came from when empty",
        options={"SKIP_SAVE", "HIDDEN"},
    )

    def execute(self, context: Context) -> set[Any]:
        """Fill ``Scene.tripo``."""
        try:
            request = _past(context, self.job_id).request
        except TripoError as error:
            return report_problem(self, error)
        fill(settings_of(context.scene), request)
        self.report({"INFO"}, "The panel shows the settings of this model")
        return {"FINISHED"}


def fill(settings: Any, request: GenerationRequest) -> None:
    """Let ``Scene.tripo`` show a request; pictures that have no file any more are left out."""
    settings.kind = request.kind.name
    settings.model_version = request.model_version.value
    for parameter in parameters_for(request.kind, request.model_version):
        value = request.parameters.get(parameter.name, parameter.default)
        if has_companion(parameter):
            setattr(settings, companion(parameter.name), value is not None)
        if value is not None:
            setattr(settings, parameter.name, ABSENT if parameter.type == "choice" and value == "" else value)
    pictures = {picture.slot: picture for picture in request.images}
    for slot in ENDPOINTS[request.kind].image_slots:
        picture, holder = pictures.get(slot), getattr(settings, slot)
        holder.source = "URL" if picture and picture.url else "FILE"
        holder.url = picture.url if picture else ""
        holder.path = picture.path if picture and _is_there(picture.path) else ""


def _past(context: Context, job_id: str) -> _Past:
    """Return what the job, or the selected model, was made from; raises TripoError."""
    from ..client.request import GenerationRequest

    text = ""
    if not job_id:
        owner = models.owner_of(context)
        if owner is None:
            raise TripoError(_NOTHING)
        job_id, text = str(owner[models.PROPERTY]), str(owner.get("tripo_request", ""))
    job = session.get().jobs.get(job_id)
    if job is None and not text:
        raise TripoError("There is no such job in the list")
    try:
        return _Past(GenerationRequest.from_json(job.request if job else text), job)
    except (ValueError, KeyError, TypeError) as error:
        raise TripoError(_DAMAGED) from error


def _check(request: GenerationRequest) -> None:
    """Raise TripoError when the request cannot be sent once more."""
    from ..client.request import validate

    if any(picture.path and not _is_there(picture.path) for picture in request.images):
        raise TripoError(_PICTURES_GONE)
    validate(request)


def _is_there(path: str) -> bool:
    """Tell whether a picture is still where it was; a model tells only its name."""
    place = Path(path)
    return bool(path) and place.is_absolute() and place.is_file()


classes = (TRIPO_OT_generate_again, TRIPO_OT_use_settings)
register, unregister = bpy.utils.register_classes_factory(classes)
