# SPDX-License-Identifier: GPL-3.0-or-later
"""Mark delivered models as assets of the artist's file: tags, author, catalog and thumbnail.

The preview is the job's thumbnail, which often comes after the model; and an unsaved file has no place for a catalog.
What is missing is added when it is there (``UnfinishedAssets``).
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import bpy

from ...client.files.asset_catalog import CATALOG_ID, ensure_catalog, library_root
from ...client.jobs.provenance import asset_facts
from ..delivered_models import PROPERTY, REQUEST
from ..log import log

if TYPE_CHECKING:
    from ...client.paths import Home

    Owner = bpy.types.Collection | bpy.types.Object

PATIENCE_SECONDS = 600.0
"""How long a thumbnail is waited for."""


class UnfinishedAssets:
    """What the assets of this file still lack."""

    def __init__(self) -> None:
        self.thumbnails: dict[str, float] = {}
        """Ids of jobs whose thumbnail is waited for, and until when (monotonic)."""
        self.lacks_catalog = False

    def finish(self, home: Home) -> None:
        """Add the thumbnails and the catalog that were missing, as far as they are there now."""
        if self.lacks_catalog and bpy.data.filepath:
            self.lacks_catalog = False
            _catalog_id()
        now = time.monotonic()
        for job_id, until in list(self.thumbnails.items()):
            owners = [one for one in owners_of(job_id) if one.asset_data is not None and not _has_thumbnail(one)]
            done = [_set_thumbnail(one, home.thumbnail(job_id)) for one in owners]
            if now > until or (done and all(done)):
                del self.thumbnails[job_id]


def mark_delivered(collection: bpy.types.Collection, home: Home, unfinished: UnfinishedAssets) -> None:
    """Mark a new model as an asset. Goes wrong quietly: the model itself has been delivered."""
    try:
        mark(collection, home, unfinished)
    except Exception:
        log(__name__).exception("%s could not be marked as an asset", collection.name)


def mark(owner: Owner, home: Home, unfinished: UnfinishedAssets) -> None:
    """Mark a delivered collection or object as an asset and fill in what is known; what the artist wrote stays."""
    owner.asset_mark()
    facts, data = asset_facts(str(owner.get(REQUEST, ""))), owner.asset_data
    for tag in facts.tags:
        data.tags.new(tag, skip_if_exists=True)
    data.author = data.author or facts.author
    data.description = data.description or facts.description
    data.catalog_id = _catalog_id()
    unfinished.lacks_catalog = not bpy.data.filepath
    job_id = str(owner.get(PROPERTY, ""))
    if job_id and not _has_thumbnail(owner) and not _set_thumbnail(owner, home.thumbnail(job_id)):
        unfinished.thumbnails[job_id] = time.monotonic() + PATIENCE_SECONDS


def owners_of(job_id: str) -> list[Owner]:
    """Return the collections of this file that hold a job's model; without one, its top objects."""
    for blocks in (bpy.data.collections, bpy.data.objects):
        found = [one for one in blocks if one.library is None and one.get(PROPERTY) == job_id]
        if found:
            return found
    return []


def _has_thumbnail(owner: Owner) -> bool:
    return owner.preview is not None and bool(owner.preview.is_image_custom)


def _set_thumbnail(owner: Owner, path: Path) -> bool:
    """Give an asset its thumbnail; whether it has one now. Written by our converter, so it is a small PNG."""
    if not path.is_file():
        return False
    with bpy.context.temp_override(id=owner):
        return bpy.ops.ed.lib_id_load_custom_preview(filepath=str(path)) == {"FINISHED"}


def _catalog_id() -> str:
    """Return the catalog's id; the catalog itself is made where the file is, as soon as it is saved."""
    if not bpy.data.filepath:
        return CATALOG_ID
    libraries = [Path(bpy.path.abspath(one.path)) for one in bpy.context.preferences.filepaths.asset_libraries]
    try:
        return ensure_catalog(library_root(Path(bpy.data.filepath), libraries))
    except OSError as error:
        log(__name__).warning("no asset catalog can be written beside this file: %s", error.strerror)
        return CATALOG_ID
