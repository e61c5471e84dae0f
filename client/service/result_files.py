# SPDX-License-Identifier: GPL-3.0-or-later
"""Find the result files in a status answer, the format that Blender reads best first.

The documented shape is ``results: [{"asset": URL, "asset_type": …}]`` (A), the overview page shows ``asset_url`` and
``thumbnail`` (B); lists, dictionaries, nested ``output`` and several formats in any order were seen or are likely (C).
What stands where a request is repeated, and in ``metadata``, is not taken for a result.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from posixpath import basename, splitext
from typing import cast
from urllib.parse import urljoin, urlsplit

_CONTAINERS = frozenset(
    {"result", "results", "output", "outputs", "asset", "assets", "file", "files", "model", "models", "data"}
)
"""Below these, every address may be a result."""
_ADDRESSES = frozenset({"asset", "asset_url"})
"""Where the service puts an address, at the top of an answer too."""
_NAMES = _ADDRESSES | {"url", "uri", "href", "link", "download_url", "file_url", "model_url", "file", "model"}
"""Names of an address within a result."""
_MAY_BE_WORDS = _CONTAINERS - _ADDRESSES
"""Under these a text may be no address: a model version, the name of the file that was sent, or "pending"."""
_TYPES = ("asset_type", "type", "kind", "format")
_NO_RESULTS = frozenset(
    {"metadata", "meta", "input", "inputs", "request", "parameters", "params", "options", "payload"}
)
_THUMBNAILS = frozenset({"thumbnail", "thumbnail_url", "preview", "preview_url", "rendered_image"})
_IMAGES = _THUMBNAILS | {"image", "image_url"}
_IMAGE_TYPES = frozenset({"IMAGE", "THUMBNAIL", "PREVIEW", "RENDER"})
_MODEL_TYPES = frozenset({"3D_MODEL", "SCALED_3D_MODEL", "ARCHIVE", "MODEL"})
_IMAGE_SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp"})
_OTHER_SUFFIXES = frozenset({".mp4", ".webm", ".mov", ".txt", ".json", ".html", ".xml", ".mtl", ".pdf", ".log"})
_RANKS: Mapping[str, int] = {
    ".glb": 0,
    "gltf in zip": 1,
    "model": 2,
    ".fbx": 3,
    ".usdz": 4,
    ".usdc": 5,
    ".usda": 5,
    ".usd": 5,
    ".zip": 6,
    ".obj": 7,
    ".stl": 8,
    ".gltf": 9,
    ".3mf": 10,
    "unknown": 11,
    "image": 12,
}
"""The order in which formats serve Blender; ``model`` is one that does not tell its format. A ZIP is most likely an OBJ
with its materials (C). A lone glTF text most often refers to files that are not there."""
_DEEPEST = 8
_MOST = 200
_LONGEST = 16_384


@dataclass(frozen=True)
class Found:
    """Addresses in an answer: of models, the best first, and of the first thumbnail or nothing."""

    assets: tuple[str, ...]
    thumbnail: str


@dataclass(frozen=True)
class _Address:
    """An address with what stands around it: its name and the words for its type, in upper case."""

    text: str
    name: str
    type: str
    is_result: bool


def find_assets(document: Mapping[str, object], base: str = "") -> Found:
    """Return what a status answer offers; relative addresses are taken as relative to ``base``, the API's address.

    Raises nothing, whatever the document.
    """
    models: dict[str, int] = {}
    thumbnail = ""
    for count, address in enumerate(_walk(document, "", "", False, 0)):
        if count >= _MOST:
            break
        url = resolved(address.text, f"{base}/") if base else address.text
        rank = _rank(address, url)
        if rank is not None:
            models.setdefault(url, rank)
        elif not thumbnail and _is_image(address, url):
            thumbnail = url
    return Found(tuple(sorted(models, key=lambda url: models[url])), thumbnail)


def asset_name(url: str) -> str:
    """Return what stays the same of an asset's address when it is signed anew."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return f"{parts.netloc}{parts.path}"


def prefer(assets: tuple[str, ...], suffix: str) -> tuple[str, ...]:
    """Return the addresses with those of one format, such as ``.fbx``, before the others."""
    return tuple(sorted(assets, key=lambda url: _suffix(url) != suffix))


def _walk(value: object, name: str, kind: str, inside: bool, depth: int) -> Iterator[_Address]:
    """Yield the addresses in the order of the document."""
    if depth > _DEEPEST:
        return
    if isinstance(value, str):
        known = name in _ADDRESSES or (inside and name in _NAMES | _CONTAINERS)
        if _may_be_address(value, known and name not in _MAY_BE_WORDS):
            yield _Address(value.strip(), name, kind, known)
    elif isinstance(value, list):
        for item in cast(list[object], value):
            yield from _walk(item, name, kind, inside, depth + 1)
    elif isinstance(value, dict):
        fields = cast(Mapping[object, object], value)
        own = next((fields[key] for key in _TYPES if isinstance(fields.get(key), str)), kind)
        for key, item in fields.items():
            word = str(key).lower()
            if word in _NO_RESULTS or word in _TYPES:
                continue
            below = inside or word in _CONTAINERS
            if below or word in _ADDRESSES or word in _THUMBNAILS:
                yield from _walk(item, word, str(own).upper(), below, depth + 1)


def _may_be_address(text: str, is_named: bool) -> bool:
    stripped = text.strip()
    if not stripped or len(stripped) > _LONGEST or any(c.isspace() for c in stripped):
        return False
    if is_named or "://" in stripped or stripped.startswith("/"):
        return True
    return "/" in stripped and (_suffix(stripped) in _RANKS or _suffix(stripped) in _IMAGE_SUFFIXES)


def resolved(address: str, base: str) -> str:
    """Return an address that may be relative to another one; what is none stays as it is. Never raises."""
    try:
        return urljoin(base, address)
    except ValueError:
        return address


def _rank(address: _Address, url: str) -> int | None:
    """Return how well an address serves, the smaller the better; None for one that is no model's."""
    suffix = _suffix(url)
    if not suffix and f".{address.name}" in _RANKS:
        suffix = f".{address.name}"
    if suffix == ".zip":
        path = asset_name(url).lower()
        return _RANKS["gltf in zip" if "gltf" in path or "glb" in path else suffix]
    if suffix in _RANKS:
        return _RANKS[suffix]
    if suffix in _OTHER_SUFFIXES or address.name in _IMAGES or address.type in _IMAGE_TYPES:
        return None
    says_model = address.type in _MODEL_TYPES or (not address.type and address.is_result)
    if suffix in _IMAGE_SUFFIXES:
        return _RANKS["image"] if address.type in _MODEL_TYPES else None
    if address.type == "ARCHIVE":
        return _RANKS[".zip"]
    if says_model:
        return _RANKS["model"]
    return _RANKS["unknown"] if address.is_result else None


def _is_image(address: _Address, url: str) -> bool:
    if address.name in _IMAGES or address.type in _IMAGE_TYPES:
        return _suffix(url) not in _OTHER_SUFFIXES
    return not address.type and _suffix(url) in _IMAGE_SUFFIXES


def _suffix(url: str) -> str:
    """Return the suffix of an address's path, in lower case; a query has no say."""
    try:
        return splitext(basename(urlsplit(url).path.rstrip("/")))[1].lower()
    except ValueError:
        return ""
