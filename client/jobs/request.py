# SPDX-License-Identifier: GPL-3.0-or-later
"""Describe and validate a generation request before anything is spent."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple, cast

from ..errors import InvalidRequest, Problem
from ..notices import N_, text
from ..schema import (
    BY_NAME,
    DEFAULT_VERSION,
    ENDPOINTS,
    IMPLIED,
    TEXT,
    Endpoint,
    Kind,
    ModelVersion,
    Parameter,
    Scope,
    Value,
    conflicts_in,
    effective_values,
    joined_text,
    parameters_for,
)
from ..schema.pricing import Price, price
from . import images, model_source
from .images import ImageSource
from .model_source import ModelSource
from .names import shortened

_NOTHING: Mapping[str, Value] = MappingProxyType({})
_LONGEST_TITLE = 48


class GenerationRequest(NamedTuple):
    """One press of Generate, or of a mesh tool: then the version is None and there is a model.

    ``parameters`` holds only what was given, under the API's names; everything else has its default.
    ``images`` holds the images by slot; their bytes and the model's are read when the request is sent.
    """

    kind: Kind
    model_version: ModelVersion | None = DEFAULT_VERSION
    parameters: Mapping[str, Value] = _NOTHING
    images: tuple[ImageSource, ...] = ()
    model: ModelSource | None = None

    @property
    def endpoint(self) -> Endpoint:
        """The endpoint that takes this request."""
        return ENDPOINTS[self.kind]

    @property
    def price(self) -> Price:
        """What the service will take for it."""
        return price(self.kind, self.model_version, self.parameters, [image.slot for image in self.images])

    @property
    def title(self) -> str:
        """A name for the job and its collection: the prompt's beginning, or the image's file name; of a mesh tool,
        what it does to which model."""
        if self.model is not None:
            return self.endpoint.title.format(shortened(self.model.label, _LONGEST_TITLE) or "a Model")
        prompt = str(self.parameters.get("prompt", ""))
        source = " ".join(prompt.split())
        if not source and self.images:
            first = self.images[0]
            source = images.label_of(first.path or first.url.split("?")[0])
        return shortened(source, _LONGEST_TITLE) or self.endpoint.label

    def to_json(self) -> str:
        """Return the request as JSON text: no key and no image bytes, only where images are."""
        document: dict[str, Any] = {
            "kind": self.kind.value,
            "model_version": self.model_version,
            "parameters": self._sent(),
            "images": [image.as_data() for image in self.images],
        }
        if self.model is not None:
            document["model"] = self.model.as_data()
        return json.dumps(document, ensure_ascii=False, sort_keys=True)

    def _sent(self) -> dict[str, Value]:
        """Return the given parameters as they are sent: what another one implies is not what was chosen."""
        sent = effective_values(self.kind, self.model_version, self.parameters)
        implied = {one.name for one in IMPLIED if self.kind in one.kinds}
        return {name: sent[name] if name in implied & sent.keys() else value for name, value in self.parameters.items()}  # type: ignore[misc]

    @classmethod
    def from_json(cls, text: str) -> GenerationRequest:
        """Return the request that ``to_json`` wrote; raises ValueError or KeyError on anything else."""
        document = json.loads(text)
        version, model = document["model_version"], document.get("model")
        return cls(
            Kind(document["kind"]),
            None if version is None else ModelVersion(version),
            {name: _from_json(value) for name, value in document["parameters"].items()},
            tuple(ImageSource(**image) for image in document["images"]),
            None if model is None else ModelSource.from_data(model),
        )

    @classmethod
    def read(cls, text: str) -> GenerationRequest | None:
        """Return the request that ``to_json`` wrote; None for anything else."""
        try:
            return cls.from_json(text)
        except (ValueError, KeyError, TypeError):
            return None


def _from_json(value: Any) -> Value:
    return tuple(cast(list[str], value)) if isinstance(value, list) else value


def problems(request: GenerationRequest, *, look_at_files: bool = True) -> tuple[Problem, ...]:
    """Return every broken rule, one sentence each, in panel order; empty when the request may be sent.

    Without ``look_at_files`` nothing is read: a drawing function may ask whether something is missing.
    """
    found: list[Problem] = []
    if request.model_version not in request.endpoint.base_credits:
        return (
            Problem.of(
                "model_version", N_("{kind} does not take this model version"), kind=text(request.endpoint.label)
            ),
        )
    for name in request.parameters:
        parameter = BY_NAME.get(name)
        if parameter is None:
            found.append(Problem.of(name, N_("'{name}' is not a parameter of 3D AI Studio"), name=name))
        elif parameter.scope(request.kind, request.model_version) is None:
            found.append(
                Problem.of(
                    name,
                    N_("{label} is not available for {kind} with {version}")
                    if request.model_version
                    else N_("{label} is not available for {kind}"),
                    label=text(parameter.label),
                    kind=text(request.endpoint.label),
                    version=str(request.model_version or ""),
                )
            )
    checked = (_check_value(one, request) for one in parameters_for(request.kind, request.model_version))
    found += [problem for problem in checked if problem]
    values = effective_values(request.kind, request.model_version, request.parameters)
    found.extend(Problem.of(conflict.name, conflict.message) for conflict in conflicts_in(request.kind, values))
    found.extend(_check_images(request, look_at_files))
    if request.endpoint.needs_model:
        problem = model_source.check(request.model, look_at_files=look_at_files)
        found.extend([problem] if problem else [])
    elif request.model is not None:
        found.append(Problem.of(model_source.FIELD, N_("{kind} takes no model"), kind=text(request.endpoint.label)))
    return tuple(found)


def validate(request: GenerationRequest) -> None:
    """Raise InvalidRequest with all broken rules, or return when the request may be sent."""
    found = problems(request)
    if found:
        raise InvalidRequest(found)


def body(request: GenerationRequest) -> dict[str, Any]:
    """Return the JSON body to send; reads the image files. For a generator.

    Raises InvalidRequest when an image cannot be read.
    """
    content: dict[str, Any] = sent_values(request)
    encoded = [images.encode(image) for image in request.images]
    if request.kind is Kind.MULTIVIEW:
        content["images"] = encoded
    elif encoded:
        content.update(encoded[0])
    return content


def sent_values(request: GenerationRequest) -> dict[str, Value]:
    """Return the parameters to send.

    Documented parameters with a default are always sent, so that a changed default of the service changes neither
    result nor price; the rest only where given, and of a conversion only what differs from its default.
    """
    content: dict[str, Value] = {}
    values = effective_values(request.kind, request.model_version, request.parameters)
    for parameter in parameters_for(request.kind, request.model_version):
        value, scope = values[parameter.name], parameter.scope(request.kind, request.model_version)
        assert scope is not None
        if parameter.joins:
            continue
        if isinstance(value, str) and parameter.type == "string":
            value = joined_text(parameter.name, values)
        if value is None or value in ("", ()) or (value == parameter.default and not scope.sends_default):
            continue
        content[parameter.name] = value
    return content


def with_model_file(request: GenerationRequest, path: str) -> GenerationRequest:
    """Return the request of a mesh tool with its model as a file, whatever it came from."""
    return request._replace(model=ModelSource(file=path))


def can_flatten(request: GenerationRequest) -> bool:
    """Whether the request has an image that would be sent as it is and could be flattened."""
    return any(image.path and not image.flatten for image in request.images)


def with_flattening(request: GenerationRequest) -> GenerationRequest:
    """Return the request with every image file flattened, whatever its header says."""
    return request._replace(images=tuple(image._replace(flatten=bool(image.path)) for image in request.images))


def without_copies(request: GenerationRequest) -> GenerationRequest:
    """Return the request for another job: each has flattened copies of its own."""
    return request._replace(images=tuple(image._replace(sent="") for image in request.images))


def _wrong(parameter: Parameter, words: str, **values: str | float) -> Problem:
    """Return what is wrong with a parameter, which the words name as ``label``."""
    return Problem.of(parameter.name, words, label=text(parameter.label), **values)


def _no_choice(parameter: Parameter) -> Problem:
    named = ", ".join(value or "absent" for value in parameter.values)
    return _wrong(parameter, N_("{label} must be one of: {choices}"), choices=named)


def _check_value(parameter: Parameter, request: GenerationRequest) -> Problem | None:
    scope = parameter.scope(request.kind, request.model_version)
    assert scope is not None
    value = request.parameters.get(parameter.name)
    if value is None:
        if scope.required and parameter.choices:
            return _no_choice(parameter)
        return _wrong(parameter, N_("{label} is empty: describe the model")) if scope.required else None
    if parameter.type == "list":
        items = cast(tuple[object, ...], value) if isinstance(value, tuple) else ("",)
        texts = all(isinstance(item, str) and item.strip() for item in items)
        return None if texts else _wrong(parameter, N_("{label} must be a list of names"))
    if parameter.type == "boolean":
        return None if isinstance(value, bool) else _wrong(parameter, N_("{label} must be on or off"))
    if parameter.type in ("integer", "float"):
        return _check_number(parameter, scope, value)
    if not isinstance(value, str):
        return _wrong(parameter, N_("{label} must be text"))
    if parameter.type == "choice":
        return None if value in parameter.values else _no_choice(parameter)
    return _check_text(parameter, scope, value) or _check_joined(parameter, scope, request)


def _check_number(parameter: Parameter, scope: Scope, value: Value) -> Problem | None:
    whole = parameter.type == "integer"
    if isinstance(value, bool) or not isinstance(value, int if whole else (int, float)) or not math.isfinite(value):
        return _wrong(parameter, N_("{label} must be a whole number") if whole else N_("{label} must be a number"))
    low, high = scope.minimum, scope.maximum
    if high is not None and low is not None and not low <= value <= high:
        return _wrong(parameter, N_("{label} must be between {low:,} and {high:,}"), low=low, high=high)
    if low is not None and value < low:
        return _wrong(parameter, N_("{label} must be at least {low:,}"), low=low)
    return None


def _check_text(parameter: Parameter, scope: Scope, value: str) -> Problem | None:
    if scope.required and not value.strip():
        return _wrong(parameter, N_("{label} is empty: describe the model"))
    if scope.maximum is not None and len(value) > scope.maximum:
        words = N_("{label} is {length:,} characters long: the longest allowed is {limit:,}")
        return _wrong(parameter, words, length=len(value), limit=scope.maximum)
    if any(0xD800 <= ord(character) <= 0xDFFF for character in value) or "\x00" in value:
        return _wrong(parameter, N_("{label} holds characters that cannot be sent: type it again"))
    return None


def _check_joined(parameter: Parameter, scope: Scope, request: GenerationRequest) -> Problem | None:
    """Check what is sent when other texts join this one."""
    length = len(joined_text(parameter.name, request.parameters))
    if scope.maximum is None or length <= scope.maximum:
        return None
    words = N_("{label} and style line together are {length:,} characters long: the longest allowed is {limit:,}")
    return _wrong(parameter, words, length=length, limit=scope.maximum)


def _check_look(request: GenerationRequest, slots: list[str]) -> list[Problem]:
    """Check that there is a prompt or an image, never both, and a prompt beside a style image (B, U)."""
    has_prompt = bool(str(request.parameters.get("prompt", "")).strip())
    found: list[Problem] = []
    if has_prompt and "image" in slots:
        found.append(Problem.of("prompt", N_("A texture follows either a prompt or an image: remove one of them")))
    if not has_prompt and "image" not in slots:
        found.append(Problem.of("prompt", N_("Prompt is empty: describe the look of the model")))
    elif not has_prompt and "style_image" in slots:
        found.append(Problem.of("style_image", N_("A style image needs a prompt: describe the look of the model")))
    return found


def _check_images(request: GenerationRequest, look_at_files: bool) -> list[Problem]:
    endpoint = request.endpoint
    slots = [image.slot for image in request.images]
    if request.kind is TEXT:
        return [Problem.of(slots[0], N_("Text to 3D takes no image: use Image to 3D"))] if slots else []
    found: list[Problem] = []
    for slot in slots:
        if slot not in endpoint.image_slots:
            found.append(
                Problem.of(slot, N_("'{slot}' is not an image slot of {kind}"), slot=slot, kind=text(endpoint.label))
            )
    if len(set(slots)) != len(slots):
        found.append(Problem.of(slots[0], N_("Each view takes one image")))
    if request.kind is Kind.TEXTURE_MODEL:
        found.extend(_check_look(request, slots))
    if request.kind is Kind.IMAGE and not slots:
        found.append(Problem.of("image", N_("No image is chosen: pick a file, an address or an image")))
    if request.kind is Kind.MULTIVIEW:
        if "front" not in slots:
            found.append(Problem.of("front", N_("The front view is missing: it is always needed")))
        if len(slots) < endpoint.minimum_images:
            found.append(Problem.of("left", N_("Multiview needs at least two views: add left, back or right")))
        order = [endpoint.image_slots.index(slot) for slot in slots if slot in endpoint.image_slots]
        if order != sorted(order):
            found.append(Problem.of("front", N_("The views must be in the order front, left, back, right")))
    for image in request.images:
        if image.path and not look_at_files:
            continue
        problem = images.check(image)
        if problem:
            found.append(problem)
    return found
