# SPDX-License-Identifier: GPL-3.0-or-later
"""Open a mesh tool's dialog as it was confirmed for an earlier job."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from bpy.types import Context

from ...client.errors import TripoError
from ...client.jobs.placement import Original, Placement
from ...client.notices import N_
from ...client.schema import parameters_for
from ...properties.parameters import held_as
from ..base import call

if TYPE_CHECKING:
    from ...client.jobs.model_source import ModelSource
    from ...client.jobs.request import GenerationRequest
    from ...client.store import Job


def open_dialog(context: Context, request: GenerationRequest, model: ModelSource, job: Job | None) -> None:
    """Open the dialog of the tool that a request is for, with the same model and options; raises TripoError."""
    placement = Placement.from_json(job.placement if job is not None else "{}")
    given = _source(context, model, placement.original) | arguments_of(request)
    if placement.import_result:
        given["import_result"] = True
    call(request.kind.value, "INVOKE_DEFAULT", **given)


def arguments_of(request: GenerationRequest) -> dict[str, Any]:
    """Return a request's options and images as its operator takes them; an image whose file is gone is left out."""
    found: dict[str, Any] = {}
    for parameter in parameters_for(request.kind, None):
        value = request.parameters.get(parameter.name, parameter.default)
        if parameter.type == "list":
            value = ", ".join(value) if isinstance(value, tuple) else ""
        found |= held_as(parameter, value)
    for image in request.images:
        if image.url or Path(image.path).is_file():
            found[image.slot] = image.url or image.path
    return found


def _source(context: Context, model: ModelSource, original: Original | None) -> dict[str, Any]:
    from ...session.delivery import originals

    if model.job_id:
        return {"job_id": model.job_id}
    if model.file:
        return {"model": model.file}
    if model.url:
        return {"model_url": model.url}
    objects = originals.find(original or Original(model.objects), context.scene)
    if len(objects) == 1:
        return {"object": objects[0].name}
    if not objects or set(objects) != set(context.selected_objects):
        raise TripoError(N_("This was made from several objects: select them and use the Mesh panel"))
    return {}
