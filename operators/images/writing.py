# SPDX-License-Identifier: GPL-3.0-or-later
"""Write images for a request: colour-managed and small enough, without touching the artist's."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Generator, Mapping
from pathlib import Path

import bpy

from ...client.errors import InvalidRequest, Problem
from ...client.files.own_files import is_own_input, remove_file
from ...client.jobs.images import MAX_BYTES, MAX_SIDE, check_file, fitting_size, inspect, label_of, unique_file_name
from ...client.notices import N_
from ...client.paths import Home, open_private
from ...properties.render_result import NOT_RENDERED

_OPAQUE_DEPTHS = frozenset({8, 24, 96})
"""Bits of a pixel without an alpha channel, as bytes and as floats."""
_LIGHT_FORMATS = frozenset({"HDR", "OPEN_EXR", "OPEN_EXR_MULTILAYER"})
_STEP = 0.7
"""How much smaller an image is made that still has too many bytes."""


def write_bytes(home: Home, data: bytes, label: str, suffix: str) -> Path:
    """Write an image into the folder for inputs; ``label`` is what it is called."""
    path = _new_path(home, label, suffix)
    with open(path, "wb", opener=open_private) as stream:
        stream.write(data)
    return path


def write_image(slot: str, image: bpy.types.Image, home: Home, scene: bpy.types.Scene) -> Path:
    """Write what an Image datablock shows as a PNG; raises InvalidRequest when it shows nothing.

    Colour-managed as Blender saves a render: linear light looks as it is seen.
    """
    path = _new_path(home, image.name, ".png")
    try:
        _save(image, path, scene, develop=is_scene_light(image))
    except RuntimeError as error:
        if image.type == "RENDER_RESULT":
            raise InvalidRequest((Problem.of(slot, NOT_RENDERED),)) from error
        reason = str(error).strip().splitlines()[-1] if str(error).strip() else "no reason given"
        words = N_("The image '{image}' has no pixels to send ({reason})")
        raise InvalidRequest((Problem.of(slot, words, image=image.name, reason=reason),)) from error
    return path


def is_scene_light(image: bpy.types.Image) -> bool:
    """Whether the pixels are the scene's light, which is seen through the artist's view transform.

    Bytes already look as they are seen, and so do the floats that Blender makes of a 16-bit image. A file of light
    is light whatever its colour space is called: Blender 5.0 calls an EXR that it saved itself sRGB.
    """
    if image.type in {"RENDER_RESULT", "COMPOSITING"}:
        return True
    return image.is_float and (image.colorspace_settings.name != "sRGB" or image.file_format in _LIGHT_FORMATS)


def fitted(slot: str, path: str, home: Home, scene: bpy.types.Scene) -> str:
    """Return the path of an image that may be sent: the same, or that of a smaller copy.

    A file that is not there, or of another kind, is left to the checks of the request. Raises InvalidRequest for
    one that is damaged or too large to be opened.
    """
    if check_file(slot, path, any_size=True) is not None:
        return path
    look = inspect(slot, path)
    if look.problem:
        raise InvalidRequest((Problem(slot, look.problem),))
    if not look.too_large:
        return path
    smaller = _shrink(slot, path, home, scene)
    if is_own_input(home, path):
        remove_file(Path(path))
    return str(smaller)


def _shrink(slot: str, path: str, home: Home, scene: bpy.types.Scene) -> Path:
    """Write a smaller copy as a PNG, by way of a datablock of our own."""
    image = bpy.data.images.load(path, check_existing=False)
    target = _new_path(home, label_of(path), ".png")
    try:
        width, height = image.size[0], image.size[1]  # type: ignore[index]
        longest = min(MAX_SIDE, max(width, height))
        while width and height:
            image.scale(*fitting_size(width, height, longest))
            _save(image, target, scene, develop=False)
            if target.stat().st_size <= MAX_BYTES:
                return target
            longest = int(longest * _STEP)
    except RuntimeError:
        width = 0
    finally:
        bpy.data.images.remove(image)
    words = N_("The image '{image}' cannot be opened: choose another file")
    raise InvalidRequest((Problem.of(slot, words, image=Path(path).name),))


def _new_path(home: Home, label: str, suffix: str) -> Path:
    home.prepare()
    return home.inputs / unique_file_name(label, os.urandom(16).hex(), suffix)


def _save(image: bpy.types.Image, path: Path, scene: bpy.types.Scene, *, develop: bool) -> None:
    with _as_png(scene.render.image_settings, develop, "RGB" if image.depth in _OPAQUE_DEPTHS else "RGBA"):
        image.save_render(str(path), scene=scene)
    with contextlib.suppress(OSError):
        path.chmod(0o600)  # the folder may be somebody's own, open to others


@contextlib.contextmanager
def _as_png(settings: bpy.types.ImageFormatSettings, follows_scene: bool, color_mode: str) -> Generator[None]:
    """Make a scene's output settings those of an 8-bit PNG, and put them back."""
    # In the order of assignment: what may be chosen depends on what was set before.
    wanted = {"media_type": "IMAGE", "file_format": "PNG", "color_mode": color_mode, "color_depth": "8"}
    with _changed(settings, wanted):
        if follows_scene:
            with _changed(settings, {"color_management": "FOLLOW_SCENE"}):
                yield
        else:
            plain: dict[str, object] = {"view_transform": "Standard", "look": "None", "exposure": 0.0, "gamma": 1.0}
            plain["use_curve_mapping"] = False
            before = {name: getattr(settings.view_settings, name) for name in plain}
            # Choosing OVERRIDE copies the scene's view into the settings, so that comes first.
            try:
                with _changed(settings, {"color_management": "OVERRIDE"}), _changed(settings.view_settings, plain):
                    yield
            finally:
                _assign(settings.view_settings, before)


@contextlib.contextmanager
def _changed(owner: object, wanted: Mapping[str, object]) -> Generator[None]:
    """Set some properties for a while; those that this Blender does not have are left out."""
    present = {name: getattr(owner, name) for name in wanted if hasattr(owner, name)}
    try:
        _assign(owner, {name: wanted[name] for name in present})
        yield
    finally:
        _assign(owner, present)


def _assign(owner: object, values: Mapping[str, object]) -> None:
    for name, value in values.items():
        with contextlib.suppress(TypeError):  # a studio's own colour configuration may not know the word
            setattr(owner, name, value)
