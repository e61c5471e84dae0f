# SPDX-License-Identifier: GPL-3.0-or-later
"""The ways in which one finished model is told: which files, of which types, in which order, under which names.

All of them were seen in the wild or are on the service's own pages; none is promised.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

MODEL, SCALED, ARCHIVE = ("3D_MODEL", "model.glb"), ("SCALED_3D_MODEL", "scaled.glb"), ("ARCHIVE", "model.zip")
FBX, STL = ("3D_MODEL", "model.fbx"), ("3D_MODEL", "model.stl")
IMAGE, THUMBNAIL = ("IMAGE", "preview.png"), ("THUMBNAIL", "thumbnail.png")
FILES = {
    "model.glb": "model/gltf-binary",
    "scaled.glb": "model/gltf-binary",
    "model.fbx": "application/octet-stream",
    "model.stl": "model/stl",
    "model.usdz": "model/vnd.usdz+zip",
    "model.3mf": "model/3mf",
    "model.zip": "application/zip",
    "thumbnail.png": "image/png",
    "preview.png": "image/png",
}


@dataclass(frozen=True)
class Shape:
    """Results in their order, each a type and a file (without a file its address is null).

    `address` is how an address is written: whole, without the scheme, or without the host too.
    """

    results: tuple[tuple[str | None, str], ...]
    field: Literal["asset", "asset_url"] = "asset"
    address: Literal["whole", "no_scheme", "no_host"] = "whole"
    metadata: Any = None

    def signed_results(self, signed: Callable[[str], str]) -> list[dict[str, Any]]:
        """The list `results`; `signed` gives the address of a file."""
        return [self._result(kind, file, signed) for kind, file in self.results]

    def _result(self, kind: str | None, file: str, signed: Callable[[str], str]) -> dict[str, Any]:
        address = self._written(signed(file)) if file else None
        if self.field == "asset_url":
            return {"asset_url": address, "thumbnail": self._written(signed("thumbnail.png"))}
        return {"asset": address, "asset_type": kind, "metadata": self.metadata}

    def _written(self, address: str) -> str:
        if self.address == "whole":
            return address
        rest = address[address.index("//") :]
        return rest if self.address == "no_scheme" else rest[rest.index("/", 2) :]


SHAPES: dict[str, Shape] = {
    # A GLB is among the results.
    "asset": Shape((MODEL,)),
    "asset_url": Shape((MODEL,), "asset_url"),
    "fbx_first": Shape((FBX, MODEL)),
    "archive_first": Shape((ARCHIVE, MODEL)),
    "scaled_beside": Shape((MODEL, SCALED)),
    "scaled_first": Shape((SCALED, MODEL)),
    "thumbnail_first": Shape((THUMBNAIL, MODEL)),
    "image_first": Shape((IMAGE, MODEL)),
    "null_first": Shape((("3D_MODEL", ""), MODEL)),
    "metadata": Shape((MODEL,), metadata={"format": "glb", "size": {"bytes": 14040}, "tags": ["pbr"]}),
    "lower_type": Shape((("3d_model", "model.glb"),)),
    "unknown_type": Shape((("MESH_V2", "model.glb"),)),
    "no_type": Shape(((None, "model.glb"),)),
    "no_scheme": Shape((MODEL,), address="no_scheme"),
    "no_host": Shape((MODEL,), address="no_host"),
    "everything": Shape((IMAGE, FBX, ARCHIVE, THUMBNAIL, STL, SCALED, MODEL)),
    # No GLB, or none called a model: only where it is asked for.
    "only_scaled": Shape((SCALED,)),
    "only_archive": Shape((ARCHIVE,)),
    "only_fbx": Shape((FBX,)),
    "only_stl": Shape((STL,)),
    "archive_and_image": Shape((IMAGE, ARCHIVE)),
}
_RARE = {"only_scaled", "only_archive", "only_fbx", "only_stl", "archive_and_image"}


def shape_of_file(name: str) -> Shape:
    """The one result of a mesh tool, by its file."""
    return Shape((ARCHIVE if name == "model.zip" else ("3D_MODEL", name),))


VARIED = tuple(name for name in SHAPES if name not in _RARE)
PAGES = ("portal", "slow_down", "denied", "error_200", "json_error")


@dataclass(frozen=True)
class Manner:
    """How one task is told of. `late` is how often FINISHED comes before its results; `page` is what the storage
    answers once instead of the model (see `storage`).
    """

    shape: str = "asset"
    late: int = 0
    late_as: Literal["empty", "null"] = "empty"
    with_progress: bool = True
    words: Literal["upper", "lower", "title"] = "upper"
    page: str = ""

    def word(self, status: str) -> str:
        """The status word as this task's answers write it."""
        if self.words == "upper":
            return status
        return status.lower() if self.words == "lower" else status.title()


def choose_manner(variety: str, seed: int, number: int) -> Manner:
    """The manner of the task with this number, the first of which is 0. The same seed gives the same."""
    if variety == "plain":
        return Manner()
    chance = random.Random(f"{seed}/task/{number}")
    shape = chance.choice(VARIED)
    late = chance.choice((0, 0, 0, 1, 2))
    page = chance.choice(PAGES) if chance.random() < 0.35 else ""
    waits = variety == "full"
    return Manner(
        shape,
        late if waits else 0,
        chance.choice(("empty", "null")),
        chance.random() < 0.7,
        chance.choice(("upper", "upper", "lower", "title")),
        page if waits else "",
    )
