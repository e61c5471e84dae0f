"""Pictures given by the artist: told apart by content, checked, and encoded as the API wants them."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from .errors import InvalidRequest, Problem

MAX_BYTES = 20 * 1024 * 1024
"""Largest picture we send, in bytes."""

_HEADER_BYTES = 16


class ImageSource(NamedTuple):
    """A picture in a slot: exactly one of a file path and an ``https`` address."""

    slot: str
    path: str = ""
    url: str = ""


def sniff(header: bytes) -> str | None:
    """Return the MIME type of the picture that starts with these bytes (16 suffice), or None."""
    if header.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if header.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if header[:4] == b"RIFF" and header[8:12] == b"WEBP":
        return "image/webp"
    return None


def check_url(slot: str, url: str) -> Problem | None:
    """Return what is wrong with a picture's address, or None. The address is never fetched by us."""
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return Problem(slot, f"The {slot} picture's address is not a valid web address")
    if parts.scheme != "https" or not host:
        return Problem(slot, f"The {slot} picture's address must begin with https://")
    if parts.username or parts.password or any(character.isspace() for character in url):
        return Problem(slot, f"The {slot} picture's address must not hold a password or spaces")
    return None


def check_file(slot: str, path: str) -> Problem | None:
    """Return what is wrong with a picture file, or None. Reads 16 bytes."""
    file = Path(path)
    try:
        if not file.is_file():
            return Problem(slot, f"The {slot} picture {file.name!r} is not there: choose another file")
        size = file.stat().st_size
        with file.open("rb") as stream:
            header = stream.read(_HEADER_BYTES)
    except OSError as error:
        reason = error.strerror or "it cannot be opened"
        return Problem(slot, f"The {slot} picture {file.name!r} cannot be read ({reason}): choose another file")
    except ValueError:
        return Problem(slot, f"The {slot} picture's path is not valid: choose another file")
    if size > MAX_BYTES:
        return Problem(
            slot, f"The {slot} picture is {size / 2**20:.0f} MB: the largest allowed is {MAX_BYTES // 2**20} MB"
        )
    if sniff(header) is None:
        return Problem(slot, f"The {slot} picture {file.name!r} is not a PNG, JPEG or WebP picture")
    return None


def check(source: ImageSource) -> Problem | None:
    """Return what is wrong with a picture source, or None."""
    if bool(source.path) == bool(source.url):
        return Problem(source.slot, f"The {source.slot} picture needs either a file or an https address")
    return check_url(source.slot, source.url) if source.url else check_file(source.slot, source.path)


def encode(source: ImageSource) -> dict[str, str]:
    """Return ``{"image": data URI}`` or ``{"image_url": address}``.

    Raises InvalidRequest when the file has changed since it was checked.
    """
    if source.url:
        return {"image_url": source.url}
    problem = check_file(source.slot, source.path)
    if problem is None:
        try:
            data = Path(source.path).read_bytes()
        except OSError as error:
            problem = Problem(source.slot, f"The {source.slot} picture cannot be read ({error.strerror})")
        else:
            mime = sniff(data[:_HEADER_BYTES])
            if mime and len(data) <= MAX_BYTES:
                return {"image": f"data:{mime};base64,{base64.b64encode(data).decode('ascii')}"}
            problem = Problem(source.slot, f"The {source.slot} picture changed while it was being read")
    raise InvalidRequest((problem,))
