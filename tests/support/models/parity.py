"""One model, twice: through the converter and the delivery, and through Blender's own importer. Runs in Blender."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import bpy

from support.models import glb_json as models_json
from support.models import made as models_make
from support.models import snapshot as models_snapshot
from support.models.worker import Worker

Package = Callable[[str], ModuleType]
Direct = Callable[[Path], None]


def gltf(path: Path) -> None:
    bpy.ops.import_scene.gltf(filepath=str(path))


class Parity:
    """Converts, delivers and compares one model."""

    def __init__(self, package: Package, worker: Worker, folder: Path) -> None:
        self._append = package("session.delivery.append")
        self._arrange = package("session.delivery.arrange")
        self._preferences = package("properties.preferences")
        self._worker = worker
        self.folder = folder
        self.units: dict[str, Any] = {}

    def make(self, name: str, suffix: str = ".glb", **options: Any) -> Path:
        """A model of `models_make` or `models_json` as a file."""
        if name in models_json.PATCHES:
            base, change = models_json.PATCHES[name]
            return models_json.patched(self.make(base), self.folder / f"{name}.glb", change)
        models_make.empty_file()
        models_make.MODELS[name]()
        return models_make.export(self.folder / f"{name}{suffix}", **options)

    def direct(self, path: Path, how: Direct = gltf) -> models_snapshot.Snapshot:
        """What the importer makes of it, in a collection of its own."""
        models_make.empty_file()
        self._set_units()
        collection = bpy.data.collections.new("direct")
        bpy.context.scene.collection.children.link(collection)
        view_layer = bpy.context.view_layer
        view_layer.active_layer_collection = view_layer.layer_collection.children[collection.name]
        before = set(bpy.context.scene.keys())
        how(path)
        for obj in list(bpy.context.scene.collection.objects):  # 4.2 puts them there
            bpy.context.scene.collection.objects.unlink(obj)
            if obj.name not in collection.all_objects:
                collection.objects.link(obj)
        for key in set(bpy.context.scene.keys()) - before - set(bpy.context.scene.bl_rna.properties.keys()):
            collection[key] = bpy.context.scene[key]  # ours keeps what the file says of its scene on the collection
        assert collection.all_objects
        return models_snapshot.of_collection(collection)

    def convert(self, path: Path, **more: Any) -> dict[str, Any] | None:
        if self.units:
            more["units"] = self.units
        return self._worker.convert(path, self.folder / "model.blend", **more)

    def _set_units(self) -> None:
        scene = bpy.context.scene
        scene.render.fps = self.units.get("fps", 24)
        scene.render.fps_base = self.units.get("fps_base", 1.0)
        scene.unit_settings.scale_length = self.units.get("scale_length", 1.0)

    def deliver(self) -> bpy.types.Collection:
        """Append what was converted, into an empty file."""
        models_make.empty_file()
        self._set_units()
        return self.add()

    def add(self) -> bpy.types.Collection:
        """Append what was converted."""
        collection = self._append.collection_from(self.folder / "model.blend")
        placement = '{"location": "ORIGIN", "ground": false}'
        job = SimpleNamespace(
            name="a cup", task_id="task", job_id="job", account_id="nobody", request="{}", placement=placement, press=""
        )
        job.credits, job.finished_at, job.sha256 = 40, 1_700_000_000.0, "0" * 64
        preferences = self._preferences.get_preferences(bpy.context)
        preferences.name_by_prompt = False  # the importer keeps the file's names
        try:
            self._arrange.arrange(collection, job, bpy.context.scene)
        finally:
            preferences.property_unset("name_by_prompt")
        return collection

    def ours(self, path: Path) -> models_snapshot.Snapshot:
        """What comes of it by way of the converter; nothing else may have come with it."""
        answer = self.convert(path)
        assert answer == {"ok": True}, answer
        collection = self.deliver()
        assert not bpy.data.libraries
        assert not [
            key for one in (collection, *collection.children_recursive) for key in one.keys() if "variants" in key
        ]
        for image in models_snapshot.reached_images(collection.all_objects):
            assert image.packed_file is not None, f"{image.name} is not packed"
            assert "/" not in image.filepath_raw and "\\" not in image.filepath_raw
        return models_snapshot.of_collection(collection)

    def reopened(self) -> models_snapshot.Snapshot:
        """What is left of the delivered model after the file is saved and opened again."""
        path = self.folder / "artist.blend"
        bpy.ops.wm.save_as_mainfile(filepath=str(path))
        (self.folder / "model.blend").unlink()
        bpy.ops.wm.open_mainfile(filepath=str(path))
        assert not bpy.data.libraries
        (collection,) = [one for one in bpy.context.scene.collection.children_recursive if "tripo_job_id" in one]
        return models_snapshot.of_collection(collection)

    def compare(self, path: Path, how: Direct = gltf, twin: Path | None = None, tolerance: float = 0.0) -> None:
        """Fail unless ours equals the importer's, of `twin` if the importer cannot read the file itself."""
        theirs = self.direct(twin or path, how)
        ours = self.ours(path)
        found = list(models_snapshot.differences(theirs, ours, tolerance))
        assert not found, "\n".join(["ours differs:", *found[:20]])
        found = list(models_snapshot.differences(ours, self.reopened()))
        assert not found, "\n".join(["not the same after saving:", *found[:20]])
