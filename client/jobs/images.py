# SPDX-License-Identifier: GPL-3.0-or-later
"""Detect, check and encode the images of a request."""

from __future__ import annotations

import base64
import os
import re
from pathlib import Path
from typing import BinaryIO, NamedTuple
from urllib.parse import urlsplit

from ..errors import InvalidRequest, Problem
from ..notices import N_, Notice, Value, text

MAX_BYTES = 20 * 1024 * 1024
"""Largest image we send, in bytes."""

MAX_SIDE = 4096
"""Longest side of an image we send, in pixels; larger ones are scaled down. Tripo's own API refuses more than 6000
(C), and nothing is gained beyond the largest texture it makes."""

MAX_SIDE_READ = 16384
"""Longest side of an image that is opened at all, in pixels: a small file can claim any size."""

ADVISED_SIDE = 256
"""Pixels that each side should have at least (U)."""

_HEADER_BYTES = 16


SUFFIXES = {"image/png": ".png", "image/jpeg": ".jpg", "image/webp": ".webp"}
"""The kinds of images that the service takes."""


_OWN_NAME = re.compile(r"^(.*)~[0-9a-f]{32}$", re.DOTALL)
_NOT_IN_NAMES = re.compile(r"[^\w .()-]+")


def unique_file_name(label: str, token: str, suffix: str) -> str:
    """Return a file name for an image that we write: what it shows, and 32 hexadecimal digits that are only its."""
    return f"{_NOT_IN_NAMES.sub('_', label)[:40].strip(' .')}~{token}{suffix}"


def label_of(path: str) -> str:
    """Return what an image is called: its file's name without ending, and without our digits."""
    stem = path.replace("\\", "/").rstrip("/").rsplit("/", 1)[-1].rsplit(".", 1)[0]
    own = _OWN_NAME.match(stem)
    return own[1] if own else stem


class ImageSource(NamedTuple):
    """An image in a slot: exactly one of a file path and an ``https`` address.

    ``flatten`` has it sent without transparency: over ``background``, a colour as "#rrggbb", white when empty. ``sent``
    is the copy that was written for that, once it was.
    """

    slot: str
    path: str = ""
    url: str = ""
    flatten: bool = False
    background: str = ""
    sent: str = ""

    def as_data(self) -> dict[str, str | bool]:
        """Return it as plain data; what only some images have is left out where it says nothing."""
        always = ("slot", "path", "url")
        return {name: value for name, value in self._asdict().items() if value or name in always}


def _the(slot: str) -> Notice:
    if slot in ("image", "model"):
        return text(N_("The image") if slot == "image" else N_("The model"))
    return text(N_("The {slot} image"), slot=text(slot.removesuffix("_image")))


def _wrong(slot: str, words: str, **values: Value) -> Problem:
    """Return what is wrong with the image of a slot, which the words name as ``image``."""
    return Problem.of(slot, words, image=_the(slot), **values)


def sniff(header: bytes) -> str | None:
    """Return the MIME type of the image that starts with these bytes (16 suffice), or None."""
    if header.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if header.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if header[:4] == b"RIFF" and header[8:12] == b"WEBP":
        return "image/webp"
    return None


def check_url(slot: str, url: str) -> Problem | None:
    """Return what is wrong with an image's address, or None. The address is never fetched by us."""
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return _wrong(slot, N_("{image}'s address is not a valid web address"))
    if parts.scheme != "https" or not host:
        return _wrong(slot, N_("{image}'s address must begin with https://"))
    if parts.username or parts.password or any(character.isspace() for character in url):
        return _wrong(slot, N_("{image}'s address must not hold a password or spaces"))
    return None


def check_file(slot: str, path: str, *, any_size: bool = False) -> Problem | None:
    """Return what is wrong with an image file, or None. Reads 16 bytes."""
    file = Path(path)
    try:
        path.encode()  # a name in no known encoding cannot be kept in the store
        if not file.is_file():
            return _wrong(slot, N_("{image} '{file}' is not there: choose another file"), file=file.name)
        size = file.stat().st_size
        with file.open("rb") as stream:
            header = stream.read(_HEADER_BYTES)
    except OSError as error:
        reason = error.strerror or text(N_("it cannot be opened"))
        words = N_("{image} '{file}' cannot be read ({reason}): choose another file")
        return _wrong(slot, words, file=file.name, reason=reason)
    except ValueError:
        return _wrong(slot, N_("{image}'s path is not valid: choose another file"))
    if size > MAX_BYTES and not any_size:
        words = N_("{image} is {size:.0f} MB: the largest allowed is {limit} MB")
        return _wrong(slot, words, size=size / 2**20, limit=MAX_BYTES // 2**20)
    if sniff(header) is None:
        return _wrong(slot, N_("{image} '{file}' is not a PNG, JPEG or WebP image"), file=file.name)
    return None


class ImageInfo(NamedTuple):
    """What can be told of an image without decoding it: what is wrong, its size in pixels (0 × 0 unknown), whether it
    must be scaled down before it is sent, and whether it may be transparent."""

    problem: Notice | None = None
    width: int = 0
    height: int = 0
    too_large: bool = False
    may_be_transparent: bool = False

    @property
    def is_small(self) -> bool:
        """Whether the service advises a larger one (U)."""
        return 0 < min(self.width, self.height) < ADVISED_SIDE


def inspect(slot: str, path: str) -> ImageInfo:
    """Look at an image file's header; a file that is too large only needs scaling, so that is no problem."""
    if problem := check_file(slot, path, any_size=True):
        return ImageInfo(problem.notice)
    try:
        with open(path, "rb") as stream:
            return inspect_stream(slot, stream, os.fstat(stream.fileno()).st_size)
    except OSError as error:
        words = N_("{image} cannot be read ({reason}): choose another file")
        return ImageInfo(text(words, image=_the(slot), reason=error.strerror))


def inspect_stream(slot: str, stream: BinaryIO, size: int) -> ImageInfo:
    """Look at an image of ``size`` bytes that is open."""
    from ..formats.byte_range import ByteRange
    from ..formats.errors import UnsafeFile
    from ..formats.images import measure
    from .transparency import may_be_transparent

    try:
        image = measure(ByteRange(stream, 0, size))
    except UnsafeFile:
        image = None
    if image is None or image.mime not in SUFFIXES:
        return ImageInfo(text(N_("{image} is damaged: choose another file"), image=_the(slot)))
    width, height = image.width, image.height
    if max(width, height) > MAX_SIDE_READ:
        words = N_("{image} is {width} × {height} pixels: the longest side allowed is {limit}")
        return ImageInfo(text(words, image=_the(slot), width=width, height=height, limit=MAX_SIDE_READ))
    too_large = size > MAX_BYTES or max(width, height) > MAX_SIDE
    return ImageInfo(None, width, height, too_large, may_be_transparent(stream))


def fitting_size(width: int, height: int, longest: int = MAX_SIDE) -> tuple[int, int]:
    """Return the size in which an image is sent: its own, or reduced to a longest side, in proportion."""
    factor = min(1.0, longest / max(width, height, 1))
    return max(1, round(width * factor)), max(1, round(height * factor))


def check(source: ImageSource) -> Problem | None:
    """Return what is wrong with an image source, or None."""
    if bool(source.path) == bool(source.url):
        return _wrong(source.slot, N_("{image} needs either a file or an https address"))
    return check_url(source.slot, source.url) if source.url else check_file(source.slot, source.path)


def mime_of(path: str) -> str | None:
    """Return the MIME type of an image file by its first bytes, or None where it is none or cannot be read."""
    try:
        with open(path, "rb") as stream:
            return sniff(stream.read(_HEADER_BYTES))
    except OSError:
        return None


def changed(slot: str) -> Problem:
    """Return what to say of an image that has changed since it was checked."""
    return _wrong(slot, N_("{image} changed while it was being read"))


def encode(source: ImageSource) -> dict[str, str]:
    """Return ``{"image": data URI}`` or ``{"image_url": address}``.

    Raises InvalidRequest when the file has changed since it was checked.
    """
    if source.url:
        return {"image_url": source.url}
    path = source.sent or source.path
    problem = check_file(source.slot, path)
    if problem is None:
        try:
            data = Path(path).read_bytes()
        except OSError as error:
            problem = _wrong(source.slot, N_("{image} cannot be read ({reason})"), reason=error.strerror or "")
        else:
            mime = sniff(data[:_HEADER_BYTES])
            if mime and len(data) <= MAX_BYTES:
                return {"image": f"data:{mime};base64,{base64.b64encode(data).decode('ascii')}"}
            problem = changed(source.slot)
    raise InvalidRequest((problem,))
