# SPDX-License-Identifier: GPL-3.0-or-later
"""Describe a job's model for the shelf: the asset library that the results folder is.

A prompt may be any text: only a single line of bounded length is taken from it.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID, uuid5

from ..schema import ENDPOINTS
from .provenance import asset_facts, facts

if TYPE_CHECKING:
    from ..store import Job

LIBRARY = "Tripo"
"""The name of the asset library."""
PINNED = "Pinned"
"""The tag of what is pinned."""
_CATALOGS = UUID("2b0d7a52-6a0e-5b3f-9f43-52c1f0a9d7e4")
_LONGEST = 1000


class Catalog(NamedTuple):
    """A catalog of the library; ``path`` has its parents in it, with slashes."""

    catalog_id: str
    path: str


def catalog_of(job: Job) -> Catalog:
    """Return the catalog of a job's model: its kind within the month of its making, by the clock of this machine."""
    kind = next((endpoint.label for kind, endpoint in ENDPOINTS.items() if kind == job.kind), "Others")
    path = f"{datetime.fromtimestamp(job.created_at):%Y-%m}/{kind}"
    return Catalog(str(uuid5(_CATALOGS, path)), path)


def entry_of(job: Job, version: str) -> dict[str, Any]:
    """Return what the converter writes into a model's file, as JSON holds it; ``version`` is the extension's own."""
    told = asset_facts(job.request)
    return {
        "name": one_line(job.name),
        "description": one_line(told.description),
        "author": told.author,
        "tags": [*told.tags, *([PINNED] if job.pinned else [])],
        "catalog_id": catalog_of(job).catalog_id,
        "facts": dict(facts(job, version)),
    }


def one_line(text: str) -> str:
    """Return a text without line breaks and other control characters, cut where it is too long."""
    printable = "".join(one if one.isprintable() else " " for one in text)
    return " ".join(printable.split())[:_LONGEST]
