# SPDX-License-Identifier: GPL-3.0-or-later
"""Find what a job or a delivered model was made from."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from bpy.types import Context

from ...client.errors import TripoError
from ...client.jobs.request import GenerationRequest, validate, without_copies
from ...client.notices import N_
from ...client.schema import ENDPOINTS, parameters_for
from ...properties.parameters import held_as
from ...session import current, delivered_models

if TYPE_CHECKING:
    from ...client.store import Job
    from ...properties.scene import TripoImageSlot, TripoSceneSettings

_NOTHING = N_("Choose a job, or select a model that was made with Tripo")
_DAMAGED = N_("The request of this model cannot be read: set it up in the panel")
_NO_SETTINGS = N_("This was made from another model: the panel has no settings for it")
_IMAGES_GONE = N_("The images that this was made from are gone: use its settings and choose the images again")


class Past(NamedTuple):
    """What is to be repeated; the job is None when only the model tells of it."""

    request: GenerationRequest
    job: Job | None


def fill(settings: TripoSceneSettings, request: GenerationRequest) -> None:
    """Let ``Scene.tripo`` show a request; images that have no file any more are left out.

    Raises TripoError for a mesh tool's, which are not in the panel.
    """
    if request.model_version is None:
        raise TripoError(_NO_SETTINGS)
    settings.kind = request.kind.name
    settings.model_version = request.model_version.value
    for parameter in parameters_for(request.kind, request.model_version):
        value = request.parameters.get(parameter.name, parameter.default)
        for name, held in held_as(parameter, value).items():
            setattr(settings, name, held)
    images = {image.slot: image for image in request.images}
    for slot in ENDPOINTS[request.kind].image_slots:
        image = images.get(slot)
        holder: TripoImageSlot = getattr(settings, slot)
        holder.source = "URL" if image and image.url else "FILE"
        holder.url = image.url if image else ""
        holder.path = image.path if image and _is_there(image.path) else ""


def read_past(context: Context, job_id: str) -> Past:
    """Return what the job, or the selected model, was made from; raises TripoError."""
    text = ""
    if not job_id:
        owner = delivered_models.owner_of(context)
        if owner is None:
            raise TripoError(_NOTHING)
        job_id, text = str(owner[delivered_models.PROPERTY]), str(owner.get(delivered_models.REQUEST, ""))
    job = current.session().jobs.get(job_id)
    if job is None and not text:
        raise TripoError(N_("There is no such job in the list"))
    request = GenerationRequest.read(job.request if job else text)
    if request is None:
        raise TripoError(_DAMAGED)
    return Past(without_copies(request), job)


def check_again(request: GenerationRequest) -> None:
    """Raise TripoError when the request cannot be sent once more."""
    if any(image.path and not _is_there(image.path) for image in request.images):
        raise TripoError(_IMAGES_GONE)
    validate(request)


def _is_there(path: str) -> bool:
    """Whether an image is still where it was; a model tells only its name."""
    place = Path(path)
    return bool(path) and place.is_absolute() and place.is_file()
