# SPDX-License-Identifier: GPL-3.0-or-later
"""Make a ``GenerationRequest`` of Blender's properties: from the panel, a dialog or a script."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import bpy

from ...client.errors import InvalidRequest, Problem
from ...client.jobs.geometry import vector
from ...client.jobs.images import ImageSource
from ...client.jobs.placement import EDIT_READY, Placement, validate
from ...client.jobs.placement_choices import POINT, REAL_WORLD
from ...client.jobs.request import GenerationRequest
from ...client.notices import N_
from ...client.paths import Home
from ...client.schema import ENDPOINTS, PARAMETERS, Kind, ModelVersion, Parameter, Value
from ...properties.parameters import ABSENT, companion, has_companion, properties_of, values_of
from ...properties.placement_fields import FIELDS
from ...properties.placement_values import placeholder_of, placement_of, read_placement
from ...properties.preferences import get_preferences
from ...properties.scene import settings_of
from ..images import sources

if TYPE_CHECKING:
    from ...client.store import Job
    from ...properties.placement import PlacementArguments, TripoPlacement
    from ...properties.scene import TripoSceneSettings
    from ..jobs.actions import TRIPO_OT_import_job
    from .generate import Generate


def request_from_scene(kind: Kind, scene: bpy.types.Scene, home: Home) -> GenerationRequest:
    """Return the request that the panel shows; raises InvalidRequest when an image cannot be written."""
    settings = settings_of(scene)
    version = ModelVersion(settings.model_version)
    slots = ENDPOINTS[kind].image_slots
    keep = settings.keep_alpha
    found = [sources.source_from_slot(slot, getattr(settings, slot), home, scene, keep_alpha=keep) for slot in slots]
    images = tuple(image for image in found if image is not None)
    return GenerationRequest(kind, version, values_of(settings, kind, version), images)


def request_from_dialog(kind: Kind, operator: Generate, scene: bpy.types.Scene, home: Home) -> GenerationRequest:
    """Return the request that an operator's dialog shows; raises InvalidRequest."""
    version = ModelVersion(operator.model_version)
    values = values_of(operator, kind, version)
    if "auto_size" in values:  # the dialog asks for the size once, with the placement
        values["auto_size"] = operator.fit == REAL_WORLD
    return GenerationRequest(kind, version, values, _from_texts(kind, operator, scene, home))


def request_from_script(kind: Kind, operator: Generate, scene: bpy.types.Scene, home: Home) -> GenerationRequest:
    """Return the request of a call with arguments: those given, out of scope or not, and nothing else.

    The client refuses what the endpoint does not take. Raises InvalidRequest.
    """
    version = ModelVersion(operator.model_version)
    values: dict[str, Value] = {}
    for parameter in _parameters_of(kind):
        if operator.properties.is_property_set(parameter.name) and _is_given(parameter, operator):
            value = getattr(operator, parameter.name)
            if value != "" and not (parameter.type == "choice" and value == ABSENT):
                values[parameter.name] = value
    if operator.fit == REAL_WORLD and any(one.name == "auto_size" for one in _parameters_of(kind)):
        values.setdefault("auto_size", True)
    return GenerationRequest(kind, version, values, _from_texts(kind, operator, scene, home))


def copy_to_dialog(kind: Kind, settings: TripoSceneSettings, operator: Generate) -> None:
    """Fill an operator's arguments, where the caller gave none, with what the panel shows."""
    held = (name for parameter in _parameters_of(kind) for name in properties_of(parameter))
    for name in ("model_version", "variations", *held):
        if not operator.properties.is_property_set(name):
            setattr(operator, name, getattr(settings, name))
    if ENDPOINTS[kind].image_slots and not operator.properties.is_property_set("keep_alpha"):
        operator.keep_alpha = settings.keep_alpha
    for slot in ENDPOINTS[kind].image_slots:
        if not operator.properties.is_property_set(slot):
            setattr(operator, slot, sources.text_from_slot(getattr(settings, slot)))
    _copy_placement(settings.placement, operator)


def _copy_placement(placement: TripoPlacement, operator: Generate) -> None:
    values: dict[str, object] = {name: getattr(placement, name) for name in FIELDS}
    if placement.location == POINT:
        values |= {"point": placement.point, "normal": placement.normal if placement.use_normal else (0.0, 0.0, 0.0)}
    if placement.placeholder is not None:
        values["placeholder"] = placement.placeholder.name
    for name, value in values.items():
        if not operator.properties.is_property_set(name):
            setattr(operator, name, value)


def placement_from_scene(scene: bpy.types.Scene) -> Placement:
    """Return where the next model of the panel goes, as of now; raises InvalidRequest."""
    settings = settings_of(scene).placement
    gone = settings.placeholder
    if gone is not None and gone.name not in scene.objects:
        raise _no_placeholder(gone.name)
    return _ready(beside_others(placement_of(scene)))


def beside_others(placement: Placement) -> Placement:
    """Return a placement that a person chose: at the 3D cursor or the origin, beside what is there already."""
    return placement._replace(avoid=placement.location != POINT or placement.placeholder is not None)


def placement_from_call(operator: PlacementArguments, scene: bpy.types.Scene) -> Placement:
    """Return where the model of a dialog or of a script's call goes, as of now; raises InvalidRequest."""
    name = operator.placeholder.strip()
    placeholder = scene.objects.get(name) if name else None
    if name and placeholder is None:
        raise _no_placeholder(name)
    normal = vector(operator.normal) if any(operator.normal) else None
    return _ready(read_placement(operator, scene, normal, placeholder))


def placement_for_import(operator: TRIPO_OT_import_job, job: Job, scene: bpy.types.Scene) -> Placement:
    """Return where a finished job's model goes now: its own placement at the present cursor, but for what the call
    says; raises InvalidRequest."""
    if operator.use_scene_settings:
        before = Placement.from_json(job.placement)
        # What it was made of, and where its file is saved, stays what it was.
        names = ("original", "filepath", "import_result", "saved", *EDIT_READY)
        kept = {name: getattr(before, name) for name in names}
        return placement_from_scene(scene)._replace(**kept)
    given = operator.properties.is_property_set
    called = placement_from_call(operator, scene)
    own = Placement.from_json(job.placement)
    changed = {name: getattr(called, name) for name in (*FIELDS, "point", "normal", "placeholder") if given(name)}
    avoid = own.avoid and not changed.keys() & {"location", "point", "placeholder"}
    copies = own.copies if "placeholder" not in changed else ()
    return own._replace(cursor=called.cursor, units=called.units, avoid=avoid, copies=copies, **changed)


def placement_in(placeholders: Sequence[bpy.types.Object], scene: bpy.types.Scene) -> Placement:
    """Return where a model goes that takes the place of the first of these objects, and its instances that of the
    others; raises InvalidRequest."""
    first, *others = map(placeholder_of, placeholders)
    return _ready(placement_of(scene)._replace(placeholder=first, copies=tuple(others)))


def must_convert(before: str, after: str) -> bool:
    """Whether a model that was made ready for one placement is not as another one wants its meshes."""

    def cleaning(text: str) -> dict[str, object]:
        found = Placement.from_json(text).conversion
        del found["units"]  # of another scene: the delivery scales
        return found

    return cleaning(before) != cleaning(after)


def _ready(placement: Placement) -> Placement:
    """Return the placement of a new model, prepared for editing as the preferences say; raises InvalidRequest."""
    preferences = get_preferences(bpy.context)
    placement = placement._replace(**{name: getattr(preferences, name) for name in EDIT_READY})
    validate(placement)
    return placement


def _no_placeholder(name: str) -> InvalidRequest:
    words = N_("The object to replace, '{name}', is not in this scene: choose another one or none")
    return InvalidRequest((Problem.of("placeholder", words, name=name),))


def _parameters_of(kind: Kind) -> list[Parameter]:
    """Return what the kind's operator has arguments for, whatever the model version."""
    return [one for one in PARAMETERS if any(kind in scope.kinds for scope in one.scopes)]


def _is_given(parameter: Parameter, operator: Generate) -> bool:
    if not has_companion(parameter):
        return True
    use = companion(parameter.name)
    return getattr(operator, use) or not operator.properties.is_property_set(use)


def _from_texts(kind: Kind, operator: Generate, scene: bpy.types.Scene, home: Home) -> tuple[ImageSource, ...]:
    texts = ((slot, getattr(operator, slot).strip()) for slot in ENDPOINTS[kind].image_slots)
    return tuple(
        sources.source_from_text(slot, text, home, scene, keep_alpha=operator.keep_alpha)
        for slot, text in texts
        if text
    )
