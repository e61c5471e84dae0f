# SPDX-License-Identifier: GPL-3.0-or-later
"""Describe and check the model that a mesh tool works on."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple, cast

from ..errors import Problem
from ..notices import N_
from . import images

FIELD = "model"
"""What a problem with the model belongs to."""

MAX_BYTES = 150 * 1024 * 1024
"""Largest model that the service takes, in bytes (U)."""

MIME_TYPES: Mapping[str, str] = {
    ".glb": "model/gltf-binary",
    ".fbx": "application/octet-stream",
    ".obj": "model/obj",
    ".stl": "model/stl",
}
"""The formats that the service takes, by the file's ending (U)."""


class ModelSource(NamedTuple):
    """The model of a mesh tool: exactly one of a file, an ``https`` address, a finished job and objects of a scene.

    ``objects`` are their names, to be shown; ``blend`` is the temporary file that Blender wrote of them, as a path
    relative to the home folder. ``name`` is what the model is called where nothing else tells it.
    """

    file: str = ""
    url: str = ""
    job_id: str = ""
    objects: tuple[str, ...] = ()
    blend: str = ""
    name: str = ""

    @property
    def label(self) -> str:
        """What the model is called: the first object and how many more, or the file's name; else ``name``."""
        if self.objects:
            more = len(self.objects) - 1
            return f"{self.objects[0]} and {more} more" if more else self.objects[0]
        return self.name or images.label_of(self.file or self.url.split("?")[0].split("#")[0])

    def as_data(self) -> dict[str, Any]:
        """Return it as plain data, without what is empty."""
        return {name: value for name, value in self._asdict().items() if value}

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> ModelSource:
        """Return what ``as_data`` wrote; raises TypeError on anything else."""
        fields: dict[str, Any] = {**data, "objects": tuple(cast(list[str], data.get("objects", ())))}
        return cls(**fields)


def check(source: ModelSource | None, *, look_at_files: bool = True) -> Problem | None:
    """Return what is wrong with the model of a request, or None. Reads the header of a file, if it may."""
    if source is None:
        return Problem.of(
            FIELD, N_("No model is chosen: select an object, or name a file, an address or a finished job")
        )
    given = [bool(source.file), bool(source.url), bool(source.job_id), bool(source.objects)]
    if sum(given) != 1:
        return Problem.of(
            FIELD, N_("The model is either a selection, a finished job, a file or an address: give only one")
        )
    if source.url:
        problem = images.check_url(FIELD, source.url)
        return problem or _check_suffix(source.url.split("?")[0].split("#")[0], only_known=True)
    if source.objects and not source.blend and look_at_files:
        return Problem.of(FIELD, N_("The selected objects were not saved: select them and press again"))
    return check_file(source.file) if source.file and look_at_files else None


def check_file(path: str) -> Problem | None:
    """Return what is wrong with a model file, or None. Its size counts, and that its ending is one that is taken."""
    file = Path(path)
    try:
        path.encode()  # a name in no known encoding cannot be kept in the store
        if not file.is_file():
            return Problem.of(FIELD, N_("The model '{file}' is not there: choose another file"), file=file.name)
        size = file.stat().st_size
    except (OSError, ValueError):
        return Problem.of(FIELD, N_("The model's path is not valid: choose another file"))
    if problem := _check_suffix(file.name):
        return problem
    if size == 0:
        return Problem.of(FIELD, N_("The model '{file}' is empty: choose another file"), file=file.name)
    if size > MAX_BYTES:
        words = N_("The model is {size:,.0f} MB: the largest allowed is {limit} MB")
        return Problem.of(FIELD, words, size=size / 2**20, limit=MAX_BYTES // 2**20)
    return None


def _check_suffix(name: str, *, only_known: bool = False) -> Problem | None:
    """Whether a file's ending is one that is taken; of an address ``only_known`` other formats are refused."""
    suffix = Path(name).suffix.lower()
    if suffix in MIME_TYPES or (only_known and suffix not in _NOT_TAKEN):
        return None
    if suffix == ".gltf":
        return Problem.of(FIELD, N_("A .gltf file is not accepted: save the model as one .glb file"))
    return Problem.of(FIELD, N_("The model '{file}' is not a GLB, FBX, OBJ or STL file"), file=Path(name).name)


_NOT_TAKEN = frozenset({".gltf", ".usdz", ".usd", ".usda", ".usdc", ".3mf", ".ply", ".blend", ".dae", ".abc", ".zip"})
