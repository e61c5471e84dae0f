# SPDX-License-Identifier: GPL-3.0-or-later
"""Add catalogs for models to Blender's asset catalog file.

The format is Blender's own (``asset_catalog_definition_file.cc``): comments, ``VERSION 1``, then one
``UUID:path:simple name`` to a line.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from pathlib import Path

from . import disk

FILE_NAME = "blender_assets.cats.txt"
CATALOG_ID = "3f1d2f9e-8a56-5c1b-9d0e-7b2c54726970"
"""The same everywhere, so that models marked in an unsaved file find the catalog once there is one."""
CATALOG_PATH = "Tripo"
_HEAD = """\
# This is an Asset Catalog Definition file for Blender.
#
# Empty lines and lines starting with `#` will be ignored.
# The first non-ignored line should be the version indicator.
# Other lines are of the format "UUID:catalog/path/for/assets:simple catalog name"

VERSION 1

"""
_MOST_BYTES = 4 << 20


def library_root(blend: Path, libraries: Iterable[Path]) -> Path:
    """Return where Blender looks for the catalogs of a file: the asset library it lies in, else its own folder."""
    inside = [root for root in libraries if root.is_absolute() and blend.is_relative_to(root)]
    return inside[0] if inside else blend.parent


def ensure_catalog(root: Path, catalog_id: str = CATALOG_ID, path: str = CATALOG_PATH) -> str:
    """Return the id of a catalog below a library's root, adding it when there is none; raises OSError.

    ``path`` holds neither colons nor line breaks. A catalog of that path which the artist has made is used. A file that
    is not what we know is left as it is.
    """
    file = root / FILE_NAME
    try:
        if file.stat().st_size > _MOST_BYTES:
            return catalog_id
        text = file.read_bytes().decode("utf-8", errors="surrogateescape")
    except FileNotFoundError:
        text = ""
    lines = [line.strip() for line in text.splitlines()]
    for line in lines:
        name, _, rest = line.partition(":")
        if not line.startswith("#") and (name.lower() == catalog_id or rest.partition(":")[0] == path):
            return name
    if text and "VERSION 1" not in lines:
        return catalog_id
    newline = "\r\n" if "\r\n" in text else "\n"
    gap = "" if not text or text.endswith("\n") else newline
    simple_name = "-".join(path.split("/"))  # as Blender makes them
    _replace(file, f"{text or _HEAD}{gap}{catalog_id}:{path}:{simple_name}{newline}")
    return catalog_id


def _replace(file: Path, text: str) -> None:
    partial = file.with_name(file.name + ".tripo")
    try:
        partial.write_bytes(text.encode("utf-8", errors="surrogateescape"))
        disk.replace(partial, file, disk.BRIEF_SECONDS)
    except OSError:
        with contextlib.suppress(OSError):
            disk.remove(partial, disk.BRIEF_SECONDS, missing_ok=True)
        raise
