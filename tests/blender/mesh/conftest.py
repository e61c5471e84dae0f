"""Results of mesh tools made in the test, converted by the converter and delivered from a job row."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import bpy
import pytest

from support.models.worker import Worker

Package = Callable[[str], ModuleType]


class MeshLab:
    """Delivers results of mesh tools: a row of the store, as the agent leaves it, and a tick."""

    def __init__(self, package: Package, worker: Worker, home: Path) -> None:
        self.home, self.package, self.worker = home, package, worker
        self.store = package("client.store")
        self.status = package("client.jobs.states").Status
        self.database = self.store.open_database(package("client.paths").Home(home), durable=False, busy_seconds=2.0)
        self.jobs = self.store.JobTable(self.database)
        self.looks = package("session.delivery.looks")

    @property
    def session(self) -> Any:
        return self.package("session.current").session()

    def deliver(self, kind: str, source: Path, originals: Any, name: str = "rusty iron", **placement: Any) -> Any:
        """Convert a file and let it arrive as the result of a job on these objects; returns the job's row."""
        job_id = self.row(kind, source, originals, name, **placement)
        self.session.tick()
        return self.jobs.get(job_id)

    def row(
        self, kind: str, source: Path, originals: Any, name: str = "rusty iron", after: Any = None, **placement: Any
    ) -> str:
        """Only the row; ``after`` is that of the job whose result was worked on."""
        request = self.package("client.jobs.request").GenerationRequest(self.package("client.schema").TEXT)
        values = self.package("properties.placement_values")
        where = self.package("client.jobs.placement").Placement(
            original=values.original_of(originals) if originals else None,
            units=values.units_of(bpy.context.scene),
            **placement,
        )
        token = self.session.file.scenes.claim(bpy.context.scene)
        new = self.store.NewJob("account", request, where.to_json(), token, name)
        job_id = self.jobs.insert(new, status=self.status.READY, task_id=f"task of {name}")
        folder = self.home / "results" / job_id
        folder.mkdir(parents=True)
        file = folder / f"model{source.suffix}"
        file.write_bytes(source.read_bytes())
        blend = folder / "model.blend"
        options = where.conversion
        if kind == "texture_model" and originals:
            options["original"] = self.home / self.sent(originals)
        elif after is not None:
            options["original"] = self.home / after.blend
        answer = self.worker.convert(file, blend, **options)
        assert answer is not None and answer["ok"], answer
        self.database.connection.execute("UPDATE job SET kind = ? WHERE job_id = ?", (kind, job_id))
        paths = {"file": file.relative_to(self.home).as_posix(), "blend": blend.relative_to(self.home).as_posix()}
        where, step = self.saved(job_id, where, file), "" if after is None else after.job_id
        self.jobs.update(job_id, self.status.READY, source_job=step, placement=where.to_json(), **paths)
        return job_id

    def sent(self, objects: Any) -> str:
        """Write objects as a press does; the path of the `.blend` below the home folder."""
        write = self.package("operators.mesh.selection").write_objects
        return write(bpy.context, objects, self.package("client.paths").Home(self.home)).blend

    def saved(self, job_id: str, where: Any, file: Path) -> Any:
        """What the agent notes when it has saved the file, if it can."""
        if not where.filepath or not Path(where.filepath).parent.is_dir():
            return where
        copy = self.package("client.files.saved_copy").save_copy
        return where._replace(saved=str(copy(file, Path(where.filepath), "", job_id)))

    def close(self) -> None:
        self.package("session.current").close(stop_agent=False)
        self.database.close()


@pytest.fixture(scope="module")
def converter(extension: str) -> Iterator[Worker]:
    """One converter for all tests of a file: it works for one job after another, as it does for an artist."""
    one = Worker(Path(importlib.import_module(extension).__file__ or "").parent)
    yield one
    one.close()


@pytest.fixture
def lab(package: Package, converter: Worker, home: Path) -> Iterator[MeshLab]:
    one = MeshLab(package, converter, home)
    yield one
    one.close()


@pytest.fixture
def suzanne(extension: str) -> Iterator[Any]:
    """A monkey with UVs, away from the origin, alone selected."""
    bpy.ops.mesh.primitive_monkey_add(location=(2.0, 1.0, 0.5))
    made: Any = bpy.context.object
    made.name = "Suzanne"
    yield made
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=False)
