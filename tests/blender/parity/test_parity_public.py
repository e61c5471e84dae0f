"""Files that public tools wrote: nothing is refused that Blender opens, and nothing comes out differently."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import bpy
import pytest

from support.machine.releases import both_ends
from support.models import npm as models_npm
from support.models import public_tools as models_tools
from support.models.parity import Parity

pytestmark = both_ends


def gltf(path: Path) -> None:
    bpy.ops.import_scene.gltf(filepath=str(path))


def operator(name: str) -> Callable[[Path], Any]:
    return lambda path: getattr(bpy.ops.wm, name)(filepath=str(path))


IMPORTERS: dict[str, Callable[[Path], Any]] = {
    ".glb": gltf,
    ".gltf": gltf,
    ".obj": operator("obj_import"),
    ".stl": operator("stl_import"),
    ".usdz": operator("usd_import"),
}


def file_of(folder: Callable[[], Path], name: str) -> Path:
    try:
        return folder() / name
    except models_npm.NpmMissing as error:
        pytest.skip(f"{error}: no such files to compare")


@pytest.mark.parametrize("name", models_tools.WRITTEN)
def test_written_by_three(name: str, parity: Parity) -> None:
    path = file_of(models_tools.written, name)
    parity.compare(path, IMPORTERS[path.suffix])


@pytest.mark.parametrize("name", models_tools.SHIPPED)
def test_shipped_with_a_package(name: str, parity: Parity) -> None:
    parity.compare(file_of(models_tools.shipped, name), IMPORTERS[".stl"])
