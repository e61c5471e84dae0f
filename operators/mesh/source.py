# SPDX-License-Identifier: GPL-3.0-or-later
"""Choose the model that a mesh tool works on: objects, the result of a job, a file or an address."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

import bpy
from bpy.types import Context, Object

from ...client.errors import TripoError
from ...client.files.kept_model import kept_model
from ...client.jobs.model_source import MIME_TYPES, ModelSource
from ...client.jobs.placement import needs_blend
from ...client.jobs.request import GenerationRequest
from ...client.jobs.states import WITH_MODEL
from ...client.notices import N_
from ...client.schema import Kind
from ...session.delivered_models import PROPERTY
from .selection import objects_to_send

if TYPE_CHECKING:
    from ...client.store import Job
    from ...session.session import Session
    from .tool import MeshTool

_SOURCES = ("object", "job_id", "model", "model_url")
_ONLY_ONE = N_("Give only one of object, job_id, model and model_url")
_SENT_AS_IT_IS = frozenset({"GLTF", "FBX", "STL"})
"""The formats of a conversion that the service takes again."""


class Chosen(NamedTuple):
    """The model of one press: where it comes from, and the objects of the scene that it is or was made from."""

    source: ModelSource
    objects: list[Object]
    awaits: Job | None = None
    """The job that is to make the model, while it is under way."""


def choose(named: MeshTool, context: Context, session: Session) -> Chosen:
    """Return the model that was named, the selection when none was; raises TripoError."""
    from ..jobs.find_job import find_job

    if sum(bool(getattr(named, name).strip()) for name in _SOURCES) > 1:
        raise TripoError(_ONLY_ONE)
    if named.job_id.strip():
        job = find_job(session, named.job_id.strip())
        _check_result(session, job)
        made = [one for one in context.scene.objects if one.get(PROPERTY) == job.job_id]
        meshes = [one for one in made if one.type == "MESH"]
        return Chosen(ModelSource(job_id=job.job_id, name=job.name), meshes, job if job.is_live else None)
    if named.model.strip():
        path = os.path.abspath(os.path.expanduser(bpy.path.abspath(named.model.strip())))
        return Chosen(ModelSource(file=path), [])
    if named.model_url.strip():
        return Chosen(ModelSource(url=named.model_url.strip()), [])
    objects = objects_to_send(context, named.object.strip())
    return Chosen(ModelSource(objects=tuple(one.name for one in objects), blend="to be written"), objects)


def name_of(named: MeshTool, context: Context) -> str:
    """Return what tells this model from others, before anything is known of it."""
    given = next((getattr(named, name) for name in _SOURCES if getattr(named, name)), "")
    return given or ", ".join(one.name for one in context.selected_objects[:3])


def _check_result(session: Session, job: Job) -> None:
    """Raise TripoError when a job has no model to work on, and will have none."""
    if not job.is_live and job.status not in WITH_MODEL:
        raise TripoError(N_("'{name}' has no model: retry that job first"), name=job.name)
    if job.status in WITH_MODEL:
        kept = kept_model(session.home, job)
        if not kept.is_there:
            words = N_("The model of '{name}' is no longer in the cache: press Import Again, then use it")
            raise TripoError(words, name=job.name)
        if kept.blend or os.path.splitext(kept.file)[1] in MIME_TYPES:
            return
    elif needs_blend(job.kind, job.placement) or _format_of(job) in _SENT_AS_IT_IS:
        return
    raise TripoError(
        N_("The file of '{name}' cannot be worked on: choose the job that it was made from"), name=job.name
    )


def _format_of(job: Job) -> str:
    request = GenerationRequest.read(job.request)
    if request is None or request.kind is not Kind.CONVERT_MODEL:
        return ""
    return str(request.parameters.get("format", ""))
