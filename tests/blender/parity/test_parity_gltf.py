"""GLB as Blender exports it, and as it does not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import bpy
import pytest

from support import models_json, models_make, models_snapshot
from support.models_parity import Parity


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
