"""GLB as Blender exports it, and as it does not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import bpy
import pytest

from support.models import glb_json as models_json
from support.models import made as models_make
from support.models import snapshot as models_snapshot
from support.models.parity import Package, Parity


@pytest.mark.parametrize("name", [*models_make.MODELS, *models_json.PATCHES])
def test_gltf(name: str, parity: Parity) -> None:
    options = {"use_mesh_edges": True, "use_mesh_vertices": True} if name == "edges_and_points" else {}
    parity.compare(parity.make(name, **options))


def test_a_difference_would_be_found(parity: Parity) -> None:
    """The comparison reaches what it claims to: change one thing of each kind, and it is seen."""
    path = parity.make("rigged_and_animated")
    whole = parity.direct(path)
    kinds = {key.split()[0] for key in whole}
    assert {"Object", "Mesh", "Armature", "Action", "Material"} <= kinds

    def seen(change: Callable[[], Any]) -> str:
        parity.direct(path)
        (collection,) = bpy.context.scene.collection.children[:1]
        change()
        return "\n".join(models_snapshot.differences(whole, models_snapshot.of_collection(collection)))

    data = bpy.data
    assert "location" in seen(lambda: setattr(data.objects["Skin"], "location", (0, 0, 1)))
    assert "attribute position" in seen(lambda: setattr(data.meshes["Skin"].vertices[3], "co", (9, 9, 9)))
    assert "weights" in seen(lambda: data.objects["Skin"].vertex_groups[1].add([3], 0.123, "REPLACE"))
    assert "default_value" in seen(
        lambda: setattr(models_make.shader(data.materials["Flesh"]).inputs["Metallic"], "default_value", 0.77)
    )
    assert "Action" in seen(lambda: setattr(data.actions[0], "name", "another"))
    assert "pose" in seen(lambda: setattr(data.objects["Rig"].pose.bones["upper"], "scale", (1, 2, 1)))
    assert "nla_tracks" in seen(lambda: setattr(data.objects["Rig"].animation_data.nla_tracks[0], "mute", False))


def test_frame_rate_and_unit_of_the_scene(parity: Parity) -> None:
    """Keyframes and sizes are those of an import into the artist's own scene."""
    path = parity.make("animated_objects")
    plain = parity.direct(path)
    parity.units = {"fps": 60, "fps_base": 1.001, "scale_length": 0.01}
    assert list(models_snapshot.differences(plain, parity.direct(path)))
    parity.compare(path)


def test_variants_of_two_models(parity: Parity) -> None:
    """The file's first scene lists the variants; a second model with other names keeps its own meaning."""
    path = parity.make("variants")

    def meaning(collection: bpy.types.Collection) -> dict[str, dict[str, str]]:
        names = [one.name for one in bpy.data.scenes[0].gltf2_KHR_materials_variants_variants]
        return {
            obj.name.partition(".")[0]: {
                names[entry.variant.variant_idx]: primitive.material.name.partition(".")[0]
                for primitive in obj.data.gltf2_variant_mesh_data
                for entry in primitive.variants
            }
            for obj in collection.all_objects
        }

    assert parity.convert(path) == {"ok": True}
    first = parity.deliver()
    wanted = {"Beach": "Paint 0", "Street": "Only in a variant"}
    assert meaning(first)["Part 0"] == wanted

    def rename(document: models_json.Json) -> None:
        document["extensions"]["KHR_materials_variants"]["variants"] = [{"name": "Street"}, {"name": "Night"}]

    assert parity.convert(models_json.patched(path, path.with_name("other.glb"), rename)) == {"ok": True}
    second = parity.add()
    assert meaning(second)["Part 0"] == {"Street": "Paint 0", "Night": "Only in a variant"}
    assert meaning(first)["Part 0"] == wanted
    listed = bpy.data.scenes[0].gltf2_KHR_materials_variants_variants
    assert [(one.name, one.variant_idx) for one in listed] == [("Beach", 0), ("Street", 1), ("Night", 2)]


def test_large_mesh(parity: Parity, package: Package, tmp_path: Path) -> None:
    """It comes without the attributes that are zero throughout, which mean nothing; all else is equal."""
    models = package("sandbox.models")
    path = tmp_path / "large.glb"
    path.write_bytes(models.build_model(models.Recipe(words="a vase [triangles=120000]")))
    theirs, ours = parity.direct(path), parity.ours(path)
    (mesh,) = [block for name, block in theirs.items() if name.startswith("Mesh ")]
    assert len(mesh["faces"]) > 100_000
    for name in [one for one in mesh if one.startswith(("attribute sharp_", "attribute material_index"))]:
        assert not mesh.pop(name).any()
    assert not list(models_snapshot.differences(theirs, ours))
