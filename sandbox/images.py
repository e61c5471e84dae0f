# SPDX-License-Identifier: GPL-3.0-or-later
"""Looking at submitted images: is a data URI well formed, and are its bytes the image it says?"""

from __future__ import annotations

import base64
import binascii
import hashlib
import ipaddress
import re
import struct
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

MAX_BYTES = 20 * 1024 * 1024
MAX_URL = 2048
_DATA_URI = re.compile(r"data:image/([a-z0-9.+-]+);base64,", re.IGNORECASE)
_KINDS = {"png": "png", "jpeg": "jpeg", "jpg": "jpeg", "webp": "webp"}


@dataclass(frozen=True)
class Image:
    """One input image, remembered without its bytes. For an `image_url` only `url` and the URL's hash are
    known.
    """

    kind: str
    sha256: str
    size: int
    width: int = 0
    height: int = 0
    url: str | None = None
    description: str = ""

    def as_json(self) -> dict[str, Any]:
        return dict(vars(self))


def read_data_uri(text: str) -> Image:
    """Check a `data:image/…;base64,…` URI. Raises ValueError with a sentence."""
    match = _DATA_URI.match(text)
    if match is None:
        raise ValueError("must be a data URI such as data:image/png;base64,...")
    named = _KINDS.get(match.group(1).lower())
    if named is None:
        raise ValueError("must be a PNG, JPEG or WebP image")
    payload = text[match.end() :]
    if len(payload) > MAX_BYTES // 3 * 4 + 8:
        raise ValueError("must not be larger than 20 MB")
    try:
        data = base64.b64decode(payload, validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("is not valid base64") from None
    image = read_bytes(data)
    if image.kind != named:
        raise ValueError(f"says {named} but the bytes are {image.kind}")
    return image


def read_bytes(data: bytes) -> Image:
    """Check the bytes of an image. Raises ValueError with a sentence."""
    if len(data) > MAX_BYTES:
        raise ValueError("must not be larger than 20 MB")
    kind, width, height = sniff(data)
    digest = hashlib.sha256(data).hexdigest()
    return Image(kind, digest, len(data), width, height, None, _description(data) if kind == "png" else "")


def read_url(text: str) -> Image:
    """Check an image URL: https, a public host, no user name. Nothing is fetched. Raises ValueError."""
    if len(text) > MAX_URL:
        raise ValueError(f"must not be longer than {MAX_URL} characters")
    if any(ord(letter) <= 32 or ord(letter) == 127 for letter in text):
        raise ValueError("must not contain spaces or control characters")
    parts = urlsplit(text)
    if parts.scheme != "https" or not parts.hostname:
        raise ValueError("must be an https URL")
    if parts.username is not None or parts.password is not None:
        raise ValueError("must not contain a user name or password")
    if not _is_public(parts.hostname):
        raise ValueError("must be publicly accessible")
    return Image("url", hashlib.sha256(text.encode()).hexdigest(), 0, url=text)


def _is_public(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_global
    except ValueError:
        return "." in host.strip(".") and not host.rstrip(".").endswith((".local", ".localhost", ".internal"))


def sniff(data: bytes) -> tuple[str, int, int]:
    """(kind, width, height) from the bytes themselves. Raises ValueError for any other kind."""
    if data[:8] == b"\x89PNG\r\n\x1a\n" and data[12:16] == b"IHDR" and len(data) > 45:
        width, height = struct.unpack(">II", data[16:24])
        kind = "png"
    elif data[:3] == b"\xff\xd8\xff":
        kind, (width, height) = "jpeg", _jpeg_size(data)
    elif data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        kind, (width, height) = "webp", _webp_size(data)
    else:
        raise ValueError("must be a PNG, JPEG or WebP image")
    if width < 1 or height < 1:
        raise ValueError("is not a readable image")
    return kind, width, height


def _jpeg_size(data: bytes) -> tuple[int, int]:
    at = 2
    while at + 9 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if marker == 0xFF:
            at += 1
        elif 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", data[at + 5 : at + 9])
            return width, height
        else:
            at += 2 + struct.unpack(">H", data[at + 2 : at + 4])[0]
    return 0, 0


def _webp_size(data: bytes) -> tuple[int, int]:
    chunk = data[12:16]
    if chunk == b"VP8X" and len(data) >= 30:
        return 1 + int.from_bytes(data[24:27], "little"), 1 + int.from_bytes(data[27:30], "little")
    if chunk == b"VP8L" and len(data) >= 25:
        bits = int.from_bytes(data[21:25], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    if chunk == b"VP8 " and len(data) >= 30:
        width, height = struct.unpack("<HH", data[26:30])
        return width & 0x3FFF, height & 0x3FFF
    return 0, 0


def _description(data: bytes) -> str:
    """The text of a PNG's `Description` entry. The sandbox cannot see, so an image may say what it shows."""
    at = 8
    while at + 12 <= len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        if data[at + 4 : at + 8] == b"tEXt":
            name, _, text = data[at + 8 : at + 8 + length].partition(b"\0")
            if name == b"Description":
                return text.decode("latin-1")[:1024]
        at += 12 + length
    return ""
