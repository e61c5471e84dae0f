# SPDX-License-Identifier: GPL-3.0-or-later
"""What the mesh tools accept: forms, whose fields are texts, read as strictly as the JSON of the generators.

The tables follow the service's pages on texturing, remeshing and segmentation. Where they leave room, it was chosen:

* Formats and the largest file are those of Tripo, behind the service: GLB, FBX, OBJ and STL of up to 150 MB.
* A texture needs a prompt or an image, and a style image a prompt.
* A list is a field that comes several times.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Callable, Mapping
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from .errors import validation_failed
from .forms import Form
from .images import Image, read_bytes, read_url
from .mesh_tools import Model, UnreadableModel, read_model
from .rules import MAX_SEED, Accepted, Endpoint, Field, Sent, choice, text

MAX_MODEL_BYTES = 150 * 1024 * 1024
FORMATS = (".glb", ".fbx", ".obj", ".stl")
Read = Callable[[str], Any]
_INTEGER = re.compile(r"-?\d{1,18}")
_NUMBER = re.compile(r"-?\d{1,18}(\.\d{1,18})?([eE][+-]?\d{1,3})?")


def _boolean(word: str) -> bool:
    if word not in ("true", "false"):
        raise ValueError("must be true or false")
    return word == "true"


def _integer(low: int, high: int) -> Read:
    def read(word: str) -> int:
        if not _INTEGER.fullmatch(word):
            raise ValueError("must be an integer")
        if not low <= int(word) <= high:
            raise ValueError(f"must be between {low} and {high}")
        return int(word)

    return read


def _number(low: float, high: float) -> Read:
    """Between two bounds, the lower one of which is left out when it is 0."""

    def read(word: str) -> float:
        if not _NUMBER.fullmatch(word) or not math.isfinite(float(word)):
            raise ValueError("must be a number")
        if not low <= float(word) <= high or (low == 0 and float(word) <= 0):
            raise ValueError(f"must be between {low:g} and {high:g}")
        return float(word)

    return read


def _names(word: str) -> str:
    if not word.strip():
        raise ValueError("must not be empty")
    return word


_ON, _OFF = Field(_boolean, True), Field(_boolean, False)
TEXTURE = {
    "prompt": Field(text(1024)),
    "texture_quality": Field(choice("standard", "detailed"), "standard"),
    "pbr": _ON,
    "texture": _ON,
    "texture_alignment": Field(choice("original_image", "geometry"), "original_image"),
    "texture_seed": Field(_integer(0, MAX_SEED)),
    "compress": Field(choice("geometry")),
    "bake": _ON,
}
CONVERT = {
    "format": Field(choice("GLTF", "USDZ", "FBX", "OBJ", "STL", "3MF"), required=True),
    "quad": _OFF,
    "force_symmetry": _OFF,
    "face_limit": Field(_integer(1, 10**9)),
    "flatten_bottom": _OFF,
    "flatten_bottom_threshold": Field(_number(0.01, 1.0)),
    "pivot_to_center_bottom": _OFF,
    "scale_factor": Field(_number(0.0, 1e9)),
    "texture_size": Field(_integer(1, 4096)),
    "texture_format": Field(choice("BMP", "DPX", "HDR", "JPEG", "OPEN_EXR", "PNG", "TARGA", "TIFF", "WEBP")),
    "bake": _ON,
    "pack_uv": _OFF,
    "with_animation": _ON,
    "animate_in_place": _OFF,
    "export_vertex_colors": _OFF,
    "export_orientation": Field(choice("+x", "-x", "+y", "-y"), "+x"),
    "fbx_preset": Field(choice("blender", "mixamo", "3dsmax", "bake_scale")),
    "part_names": Field(_names),
}
LISTS = frozenset({"part_names"})
IMAGES = {"texture-model": ("image", "style_image")}


def _endpoint(tool: str, fields: Mapping[str, Field]) -> Endpoint:
    return Endpoint(tool, "", fields, (), "multipart")


TOOLS: dict[str, Endpoint] = {
    "texture-model": _endpoint("texture-model", TEXTURE),
    "convert-model": _endpoint("convert-model", CONVERT),
    "mesh-segmentation": _endpoint("mesh-segmentation", {}),
}


def validate_form(endpoint: Endpoint, form: Form) -> Accepted:
    """Check a form against an endpoint's table. Raises ApiError 400 with the first thing that is wrong."""
    slots = IMAGES.get(endpoint.tool, ())
    for name in (*form.texts, *form.files):
        is_source = name in ("model", *slots) if name in form.files else name in ("model_url", *_urls(slots))
        if not is_source and (name in form.files or name not in endpoint.fields):
            raise validation_failed(f"{name}: unknown parameter")
    values = _values(endpoint, form)
    sent: dict[str, Any] = {name: values[name] for name in endpoint.fields if name in form.texts}
    model, told = _model(form)
    images, replaced = _images(form, slots)
    sent |= told | replaced
    if endpoint.tool == "texture-model":
        _check_look(values, sent)
    elif values.get("quad") and values["format"] == "3MF":
        raise validation_failed("quad: not compatible with 3MF")
    return Accepted(values, sent, images, model)


def _values(endpoint: Endpoint, form: Form) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, item in endpoint.fields.items():
        words = form.texts.get(name)
        if words is None:
            if item.required:
                raise validation_failed(f"{name}: this parameter is required")
            if item.default is not None:
                values[name] = item.default
            continue
        if len(words) > 1 and name not in LISTS:
            raise validation_failed(f"{name}: sent twice")
        try:
            read = [item.check(word) for word in words]
        except ValueError as error:
            raise validation_failed(f"{name}: {error}") from None
        values[name] = read if name in LISTS else read[0]
    return values


def _check_look(values: Mapping[str, Any], sent: Mapping[str, Any]) -> None:
    has_prompt = bool(str(values.get("prompt", "")).strip())
    has_image = "image" in sent or "image_url" in sent
    if has_prompt == has_image:
        raise validation_failed("prompt: send either a prompt or an image")
    if ("style_image" in sent or "style_image_url" in sent) and not has_prompt:
        raise validation_failed("style_image: needs a prompt")
    if not values["texture"] and values["texture_quality"] == "standard":
        raise validation_failed("texture: must be true when texture_quality is standard")


def _model(form: Form) -> tuple[Sent, dict[str, Any]]:
    """The model, and what is remembered of it among the parameters."""
    if ("model" in form.files) == ("model_url" in form.texts):
        raise validation_failed("model, model_url: send exactly one of the two")
    if "model_url" in form.texts:
        (url, *more) = form.texts["model_url"]
        try:
            if more:
                raise ValueError("sent twice")
            read_url(url)
        except ValueError as error:
            raise validation_failed(f"model_url: {error}") from None
        name = PurePosixPath(urlsplit(url).path)
        if name.suffix.lower() not in ("", *FORMATS):
            raise validation_failed("model_url: must be a GLB, FBX, OBJ or STL file")
        return Sent(name.stem, name.suffix.lower(), None), {"model_url": url}
    upload = form.files["model"]
    suffix = PurePosixPath(upload.file_name).suffix.lower()
    if suffix not in FORMATS:
        raise validation_failed("model: must be a GLB, FBX, OBJ or STL file")
    if len(upload.data) > MAX_MODEL_BYTES:
        raise validation_failed("model: must not be larger than 150 MB")
    try:
        model: Model = read_model(upload.data, suffix)
    except UnreadableModel as error:
        raise validation_failed(f"model: {error}") from None
    digest = hashlib.sha256(upload.data).hexdigest()
    return Sent(digest, suffix, model), {"model": f"sha256:{digest}"}


def _images(form: Form, slots: tuple[str, ...]) -> tuple[tuple[Image, ...], dict[str, Any]]:
    found: list[Image] = []
    replaced: dict[str, Any] = {}
    for slot in slots:
        upload, urls = form.files.get(slot), form.texts.get(f"{slot}_url", [])
        if (upload is not None) + len(urls) > 1:
            raise validation_failed(f"{slot}: send a file or an address")
        try:
            if upload is not None:
                found.append(read_bytes(upload.data))
                replaced[slot] = f"sha256:{found[-1].sha256}"
            elif urls:
                found.append(read_url(urls[0]))
                replaced[f"{slot}_url"] = urls[0]
        except ValueError as error:
            raise validation_failed(f"{slot}: {error}") from None
    return tuple(found), replaced


def _urls(slots: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"{slot}_url" for slot in slots)
