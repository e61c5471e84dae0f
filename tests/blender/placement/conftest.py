"""A model that the converter makes, delivered as a placement says."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import bpy
import pytest

from support.models.worker import Worker

Package = Callable[[str], ModuleType]


@pytest.fixture(scope="module")
def worker(extension: str) -> Iterator[Worker]:
    folder = Path(bpy.utils.user_resource("EXTENSIONS")) / "user_default" / "tripo_generator"
    one = Worker(folder)
    one.wait_up()
    yield one
    one.close()


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A GLB of 2 x 1 x 1 m, its origin half a metre above its base, its vertices split as files have them."""
    bpy.ops.mesh.primitive_cube_add(size=1.0)
    cube = bpy.context.view_layer.objects.active
    cube.scale.x = 2.0
    path = tmp_path / "model.glb"
    bpy.ops.export_scene.gltf(filepath=str(path), use_selection=True)
    bpy.data.objects.remove(cube)
    return path


class Delivery:
    """Converts the model for a placement and delivers it."""

    def __init__(self, package: Package, worker: Worker, source: Path, folder: Path) -> None:
        self.package = package
        self.placement = package("client.jobs.placement")
        self.reading = package("properties.placement_values")
        self._delivery = package("session.delivery")
        self._home = package("client.paths").Home(folder)
        self._worker = worker
        self._source = source
        self.delivered: Any = None

    def __call__(self, *, select: bool = False, **fields: Any) -> Any:
        scene = bpy.context.scene
        placement = self.placement.Placement(**{"location": "ORIGIN", "units": self.reading.units_of(scene)} | fields)
        name = "model.blend"
        assert self._worker.convert(self._source, self._home.root / name, **placement.conversion) == {"ok": True}
        job = SimpleNamespace(
            blend=name,
            file=str(self._source),
            name="a box",
            task_id="t",
            account_id="nobody",
            job_id="j",
            request="{}",
            placement=placement.to_json(),
            created_at=0.0,
            submitted_at=0.0,
            finished_at=0.0,
            credits=1,
            sha256="",
            kind="text_to_3d",
            thumbnail="",
            press="",
        )
        unfinished = self._delivery.asset.UnfinishedAssets()
        self.delivered = self._delivery.deliver(self._home, job, scene, unfinished, select=select)
        return self.delivered.collection


@pytest.fixture
def deliver(package: Package, worker: Worker, source: Path, home: Path) -> Delivery:
    return Delivery(package, worker, source, home)
