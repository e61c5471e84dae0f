# SPDX-License-Identifier: GPL-3.0-or-later
"""What each endpoint accepts: one table per endpoint and model version, read strictly.

The tables follow the API reference (v3.0, v3.1) and the service's page on P1. Strict means: an unknown
parameter, a null, a boolean where an integer belongs, or a value out of range is refused with
VALIDATION_FAILED. Choices made where the reference leaves room:

* "All shared generation parameters" of the image and multiview endpoints is taken as the text table without
  `prompt`.
* `pbr=true` makes and bills a texture even with `texture=false`, as Tripo does behind the service.
* A seed is an integer from 0 to 4294967295.
* Multiview does not take `enable_image_autofix`: it is not in its table.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from .errors import ApiError, validation_failed
from .images import Image, read_data_uri, read_url
from .mesh_tools import Model

MAX_SEED = 2**32 - 1
Check = Callable[[Any], Any]
"""Raises ValueError; what checks a text of a form returns the value that it stands for."""
CrossCheck = Callable[[Mapping[str, Any]], None]


def text(maximum: int, *, visible: bool = False) -> Check:
    """A string of at most `maximum` characters; `visible` asks for something other than white space."""

    def check(value: Any) -> Any:
        if not isinstance(value, str):
            raise ValueError("must be a string")
        if visible and not value.strip():
            raise ValueError("must not be empty")
        if len(value) > maximum:
            raise ValueError(f"must not be longer than {maximum} characters")
        return value

    return check


def boolean(value: Any) -> None:
    if not isinstance(value, bool):
        raise ValueError("must be true or false")


def integer(low: int, high: int) -> Check:
    def check(value: Any) -> None:
        if isinstance(value, bool) or not isinstance(value, int):
            raise ValueError("must be an integer")
        if not low <= value <= high:
            raise ValueError(f"must be between {low} and {high}")

    return check


def choice(*words: str) -> Check:
    def check(value: Any) -> Any:
        if not isinstance(value, str) or value not in words:
            raise ValueError(f"must be one of: {', '.join(words)}")
        return value

    return check


def string(value: Any) -> None:
    if not isinstance(value, str):
        raise ValueError("must be a string")


def image_list(value: Any) -> None:
    if not isinstance(value, list):
        raise ValueError("must be an array")
    items = cast(list[Any], value)
    if not 2 <= len(items) <= 4:
        raise ValueError("must hold 2 to 4 images")
    for index, item in enumerate(items):
        if not isinstance(item, dict):
            raise ValueError(f"[{index}]: must be an object")
        unknown = sorted(set(cast(dict[str, Any], item)) - {"image", "image_url"})
        if unknown:
            raise ValueError(f"[{index}]: unknown parameter {unknown[0]}")


@dataclass(frozen=True)
class Field:
    """One parameter. `default` None means it has none and stays absent."""

    check: Check
    default: Any = None
    required: bool = False


@dataclass(frozen=True)
class Endpoint:
    """One endpoint in one model version, empty for the mesh tools. `encoding` is the body it reads: json or
    multipart (see `tool_rules`).
    """

    tool: str
    version: str
    fields: Mapping[str, Field]
    cross_checks: tuple[CrossCheck, ...] = ()
    encoding: str = "json"


@dataclass(frozen=True)
class Sent:
    """The model that a mesh tool works on. One that came as an address is never fetched: its name stands for it."""

    name: str
    suffix: str
    model: Model | None


@dataclass(frozen=True)
class Accepted:
    """A valid request: parameters with defaults, the ones sent (images and models replaced by their hash), the
    images, and the model of a mesh tool.
    """

    parameters: dict[str, Any]
    sent: dict[str, Any]
    images: tuple[Image, ...] = field(default_factory=tuple)
    model: Sent | None = None


def _parts_need_no_texture(values: Mapping[str, Any]) -> None:
    if values["generate_parts"] and (values["texture"] or values["pbr"]):
        raise validation_failed("generate_parts: requires texture=false and pbr=false")


def _quad_without_parts(values: Mapping[str, Any]) -> None:
    if values["quad"] and values["generate_parts"]:
        raise validation_failed("quad: not compatible with generate_parts")


def _one_image(values: Mapping[str, Any]) -> None:
    if ("image" in values) == ("image_url" in values):
        raise validation_failed("image, image_url: send exactly one of the two")


def _one_image_per_entry(values: Mapping[str, Any]) -> None:
    for index, item in enumerate(values["images"]):
        if ("image" in item) == ("image_url" in item):
            raise validation_failed(f"images[{index}]: send exactly one of image and image_url")


SEED = Field(integer(0, MAX_SEED))
PROMPT = {"prompt": Field(text(1024, visible=True), required=True)}
SHARED = {
    "texture": Field(boolean, True),
    "pbr": Field(boolean, True),
    "texture_quality": Field(choice("standard", "detailed"), "standard"),
    "texture_seed": SEED,
    "export_uv": Field(boolean, True),
    "auto_size": Field(boolean, False),
    "compress": Field(choice("geometry")),
}
SHARED_V3 = {
    "negative_prompt": Field(text(1024)),
    **SHARED,
    "geometry_quality": Field(choice("standard", "detailed"), "standard"),
    "face_limit": Field(integer(500, 500_000)),
    "quad": Field(boolean, False),
    "smart_low_poly": Field(boolean, False),
    "generate_parts": Field(boolean, False),
}
SHARED_P1 = {
    "negative_prompt": Field(text(255)),
    **SHARED,
    "face_limit": Field(integer(48, 20_000)),
    "model_seed": SEED,
}
IMAGE_SEED = {"image_seed": SEED}
ALIGNMENT = {"texture_alignment": Field(choice("original_image", "geometry"), "original_image")}
AUTOFIX = {"enable_image_autofix": Field(boolean, False)}
ORIENTATION = {"orientation": Field(choice("default", "align_image"), "default")}
ONE_IMAGE = {"image": Field(string), "image_url": Field(string)}
IMAGES = {"images": Field(image_list, required=True)}
V3_CHECKS = (_quad_without_parts, _parts_need_no_texture)


def _endpoints() -> dict[tuple[str, str], Endpoint]:
    found: list[Endpoint] = []
    for version in ("3.0", "3.1"):
        found += [
            Endpoint("text-to-3d", version, {**PROMPT, **SHARED_V3}, V3_CHECKS),
            Endpoint(
                "image-to-3d",
                version,
                {**ONE_IMAGE, **SHARED_V3, **ALIGNMENT, **AUTOFIX},
                (_one_image, *V3_CHECKS),
            ),
            Endpoint(
                "multiview-to-3d",
                version,
                {**IMAGES, **SHARED_V3, **ALIGNMENT},
                (_one_image_per_entry, *V3_CHECKS),
            ),
        ]
    p1_views = {**SHARED_P1, **ALIGNMENT, **ORIENTATION}
    found += [
        Endpoint("text-to-3d", "p1", {**PROMPT, **SHARED_P1, **IMAGE_SEED}),
        Endpoint("image-to-3d", "p1", {**ONE_IMAGE, **p1_views, **AUTOFIX}, (_one_image,)),
        Endpoint("multiview-to-3d", "p1", {**IMAGES, **p1_views}, (_one_image_per_entry,)),
    ]
    return {(item.tool, item.version): item for item in found}


ENDPOINTS = _endpoints()


def read_json(content_type: str, body: bytes) -> dict[str, Any]:
    """The body as an object. Raises ApiError 415 for another content type, 400 for anything that is no JSON
    object.
    """
    if content_type.split(";")[0].strip().lower() != "application/json":
        raise ApiError(415, "UNSUPPORTED_MEDIA_TYPE", "Content-Type must be application/json")
    try:
        value: Any = json.loads(body.decode("utf-8"), parse_constant=_no_constant, object_pairs_hook=_unique)
    except (UnicodeDecodeError, ValueError, RecursionError):
        raise validation_failed("The body is not valid JSON") from None
    if not isinstance(value, dict):
        raise validation_failed("The body must be a JSON object")
    return cast(dict[str, Any], value)


def _no_constant(word: str) -> Any:
    raise ValueError(f"{word} is not JSON")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError("a name occurs twice")
    return value


def validate(endpoint: Endpoint, body: Mapping[str, Any]) -> Accepted:
    """Check a body against an endpoint's table. Raises ApiError 400 with the first thing that is wrong."""
    for name in body:
        if name not in endpoint.fields:
            raise validation_failed(f"{name}: unknown parameter")
    values: dict[str, Any] = {}
    for name, item in endpoint.fields.items():
        if name in body:
            try:
                item.check(body[name])
            except ValueError as error:
                raise validation_failed(f"{name}: {error}") from None
            values[name] = body[name]
        elif item.required:
            raise validation_failed(f"{name}: this parameter is required")
        elif item.default is not None:
            values[name] = item.default
    for check in endpoint.cross_checks:
        check(values)
    values["texture"] = values["texture"] or values["pbr"]
    images, replaced = _read_images(values)
    sent = {name: replaced.get(name, value) for name, value in body.items()}
    return Accepted({**values, **replaced}, sent, images)


def _read_images(values: Mapping[str, Any]) -> tuple[tuple[Image, ...], dict[str, Any]]:
    """Read every image. In the parameters its hash takes the place of its bytes."""
    found: list[Image] = []
    replaced: dict[str, Any] = {}

    def read(where: str, source: Mapping[str, Any]) -> dict[str, Any]:
        name = "image" if "image" in source else "image_url"
        try:
            string(source[name])
            image = read_data_uri(source[name]) if name == "image" else read_url(source[name])
        except ValueError as error:
            raise validation_failed(f"{where}{name}: {error}") from None
        found.append(image)
        return {name: f"sha256:{image.sha256}" if name == "image" else source[name]}

    if "image" in values or "image_url" in values:
        replaced.update(read("", values))
    if "images" in values:
        replaced["images"] = [read(f"images[{index}].", item) for index, item in enumerate(values["images"])]
    return tuple(found), replaced
