"""Pictures for a job: what the artist points at becomes a file, and nothing of theirs changes."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import bpy

from ..client.errors import InvalidRequest, Problem
from ..client.home import Home, open_private
from ..client.pictures import ImageSource, check_file, sniff

_SUFFIXES = {"image/png": ".png", "image/jpeg": ".jpg", "image/webp": ".webp"}


def source_from_text(slot: str, text: str, home: Home, scene: bpy.types.Scene) -> ImageSource:
    """Return the picture a script or a dialog names: an address, an Image datablock, or a path.

    Raises InvalidRequest when it is an image that cannot be written.
    """
    text = text.strip()
    if "://" in text:
        return ImageSource(slot, url=text)
    image = bpy.data.images.get(text)
    if image is not None and not Path(bpy.path.abspath(text)).is_absolute():
        return source_from_image(slot, image, home, scene)
    return source_from_path(slot, text)


def source_from_path(slot: str, path: str) -> ImageSource:
    """Return the picture in a file; ``//`` is the folder of the open ``.blend``, ``~`` the user's."""
    return ImageSource(slot, path=os.path.abspath(os.path.expanduser(bpy.path.abspath(path))))


def source_from_slot(name: str, slot: Any, home: Home, scene: bpy.types.Scene) -> ImageSource | None:
    """Return the picture of a ``TripoImageSlot``, or None while it is empty; raises InvalidRequest."""
    if slot.source == "IMAGE":
        return source_from_image(name, slot.image, home, scene) if slot.image else None
    if slot.source == "URL":
        return ImageSource(name, url=slot.url.strip()) if slot.url.strip() else None
    return source_from_path(name, slot.path) if slot.path.strip() else None


def text_from_slot(slot: Any) -> str:
    """Return the same as one text, the way scripts give it."""
    if slot.source == "IMAGE":
        return slot.image.name if slot.image else ""
    return slot.url if slot.source == "URL" else slot.path


def source_from_image(slot: str, image: bpy.types.Image, home: Home, scene: bpy.types.Scene) -> ImageSource:
    """Return a file that shows what the Image datablock shows; raises InvalidRequest.

    Its own file or its packed bytes where they are up to date and of a kind the service takes, else a PNG.
    """
    if image.source == "FILE" and not image.is_dirty:
        packed = image.packed_file
        if packed is None:
            path = os.path.abspath(bpy.path.abspath(image.filepath, library=image.library))
            if check_file(slot, path) is None:
                return ImageSource(slot, path=path)
        else:
            data = bytes(packed.data)
            mime = sniff(data[:16])
            if mime is not None:
                return ImageSource(slot, path=str(_write(home, data, _SUFFIXES[mime])))
    return ImageSource(slot, path=str(_render(slot, image, home, scene)))


def discard(request_images: tuple[ImageSource, ...], home: Home) -> None:
    """Remove pictures written for a request that was not submitted after all."""
    for image in request_images:
        if image.path and Path(image.path).parent == home.inputs:
            with contextlib.suppress(OSError):
                os.remove(image.path)


def _new_path(home: Home, suffix: str) -> Path:
    home.prepare()
    return home.inputs / f"{os.urandom(16).hex()}{suffix}"


def _write(home: Home, data: bytes, suffix: str) -> Path:
    path = _new_path(home, suffix)
    with open(path, "wb", opener=open_private) as stream:
        stream.write(data)
    return path


def _render(slot: str, image: bpy.types.Image, home: Home, scene: bpy.types.Scene) -> Path:
    path = _new_path(home, ".png")
    # Float pixels are scene light and need the artist's view transform; bytes already look as they are seen.
    follows_scene = image.is_float or image.type == "RENDER_RESULT"
    try:
        with _as_png(scene.render.image_settings, follows_scene):
            image.save_render(str(path), scene=scene)
    except RuntimeError as error:
        reason = str(error).strip().splitlines()[-1] if str(error).strip() else "no reason given"
        raise InvalidRequest((Problem(slot, f"The image {image.name!r} has no pixels to send ({reason})"),)) from error
    return path


@contextlib.contextmanager
def _as_png(settings: Any, follows_scene: bool) -> Iterator[None]:
    """Make a scene's output settings those of an 8-bit PNG, and put them back."""
    # In the order of assignment: what may be chosen depends on what was set before.
    wanted = {"media_type": "IMAGE", "file_format": "PNG", "color_mode": "RGBA", "color_depth": "8"}
    with _changed(settings, wanted):
        if follows_scene:
            with _changed(settings, {"color_management": "FOLLOW_SCENE"}):
                yield
        else:
            plain = {"view_transform": "Standard", "look": "None", "exposure": 0.0, "gamma": 1.0}
            plain["use_curve_mapping"] = False
            before = {name: getattr(settings.view_settings, name) for name in plain}
            # Choosing OVERRIDE copies the scene's view into the settings, so that comes first.
            try:
                with _changed(settings, {"color_management": "OVERRIDE"}), _changed(settings.view_settings, plain):
                    yield
            finally:
                _assign(settings.view_settings, before)


@contextlib.contextmanager
def _changed(owner: Any, wanted: Mapping[str, Any]) -> Iterator[None]:
    """Set some properties for a while; those that this Blender does not have are left out."""
    present = {name: getattr(owner, name) for name in wanted if hasattr(owner, name)}
    try:
        _assign(owner, {name: wanted[name] for name in present})
        yield
    finally:
        _assign(owner, present)


def _assign(owner: Any, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        with contextlib.suppress(TypeError):  # a studio's own colour configuration may not know the word
            setattr(owner, name, value)
