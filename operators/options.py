"""From what the artist chose, or a script gave, to a ``GenerationRequest``: out of RNA once."""

from __future__ import annotations

import json
from typing import Any

import bpy

from ..client.home import Home
from ..client.pictures import ImageSource
from ..client.request import GenerationRequest
from ..client.schema import ENDPOINTS, PARAMETERS, Kind, ModelVersion, Parameter, Value
from ..parameter_props import ABSENT, companion, has_companion, values_of
from . import images
from .scenes import settings_of


def request_from_scene(kind: Kind, scene: bpy.types.Scene, home: Home) -> GenerationRequest:
    """Return the request that the panel shows; raises InvalidRequest when an image cannot be written."""
    settings = settings_of(scene)
    version = ModelVersion(settings.model_version)
    sources = [
        images.source_from_slot(slot, getattr(settings, slot), home, scene) for slot in ENDPOINTS[kind].image_slots
    ]
    return GenerationRequest(kind, version, values_of(settings, kind, version), _present(sources))


def request_from_dialog(kind: Kind, operator: Any, scene: bpy.types.Scene, home: Home) -> GenerationRequest:
    """Return the request that an operator's dialog shows; raises InvalidRequest."""
    version = ModelVersion(operator.model_version)
    return GenerationRequest(
        kind, version, values_of(operator, kind, version), _from_texts(kind, operator, scene, home)
    )


def request_from_script(kind: Kind, operator: Any, scene: bpy.types.Scene, home: Home) -> GenerationRequest:
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
    return GenerationRequest(kind, version, values, _from_texts(kind, operator, scene, home))


def copy_to_dialog(kind: Kind, settings: Any, operator: Any) -> None:
    """Fill an operator's arguments, where the caller gave none, with what the panel shows."""
    names = ["model_version", "location", "variations"]
    for parameter in _parameters_of(kind):
        names += [parameter.name, companion(parameter.name)] if has_companion(parameter) else [parameter.name]
    for name in names:
        if not operator.properties.is_property_set(name):
            setattr(operator, name, getattr(settings, name))
    for slot in ENDPOINTS[kind].image_slots:
        if not operator.properties.is_property_set(slot):
            setattr(operator, slot, images.text_from_slot(getattr(settings, slot)))


def placement_text(location: str, scene: bpy.types.Scene) -> str:
    """Return where the model goes, as of now, as JSON text for the store."""
    return json.dumps({"location": location, "cursor": [round(value, 6) for value in scene.cursor.location]})


def _parameters_of(kind: Kind) -> list[Parameter]:
    """Return what the kind's operator has arguments for, whatever the model version."""
    return [one for one in PARAMETERS if any(kind in scope.kinds for scope in one.scopes)]


def _is_given(parameter: Parameter, operator: Any) -> bool:
    if not has_companion(parameter):
        return True
    use = companion(parameter.name)
    return getattr(operator, use) or not operator.properties.is_property_set(use)


def _from_texts(kind: Kind, operator: Any, scene: bpy.types.Scene, home: Home) -> tuple[ImageSource, ...]:
    texts = ((slot, getattr(operator, slot).strip()) for slot in ENDPOINTS[kind].image_slots)
    return tuple(images.source_from_text(slot, text, home, scene) for slot, text in texts if text)


def _present(sources: list[ImageSource | None]) -> tuple[ImageSource, ...]:
    return tuple(source for source in sources if source is not None)
