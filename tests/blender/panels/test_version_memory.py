"""Another model version in the panel: what applies is kept, and what does not comes back with its version."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import bpy
import pytest

from support.machine.releases import both_ends

Package = Callable[[str], ModuleType]

pytestmark = both_ends

SET = {
    "prompt": "an owl", "negative_prompt": "feathers", "geometry_quality": "detailed", "use_face_limit": True,
    "face_limit": 100_000, "quad": True, "texture_quality": "detailed", "use_texture_seed": True, "texture_seed": 7,
    "compress": "geometry",
}  # fmt: skip


@pytest.fixture
def settings(extension: str) -> Any:
    found: Any = bpy.context.scene
    for name, value in SET.items():
        setattr(found.tripo, name, value)
    return found.tripo


def shown(package: Package, settings: Any) -> dict[str, Any]:
    """The request that the panel shows."""
    schema = package("client.schema")
    version = schema.ModelVersion(settings.model_version)
    return package("properties.parameters").values_of(settings, schema.Kind[settings.kind], version)


def problems(package: Package, settings: Any) -> list[str]:
    schema, request = package("client.schema"), package("client.jobs.request")
    version = schema.ModelVersion(settings.model_version)
    asked = request.GenerationRequest(schema.Kind[settings.kind], version, shown(package, settings))
    return [str(one.notice) for one in request.problems(asked)]


def test_what_applies_is_kept_and_what_does_not_comes_back(package: Package, settings: Any) -> None:
    before = shown(package, settings)
    settings.model_version = "P1"
    there = shown(package, settings)
    assert problems(package, settings) == []
    assert there == {name: before[name] for name in there} | {"face_limit": 20_000}
    assert {"prompt", "negative_prompt", "texture_quality", "texture_seed", "compress"} <= there.keys()
    settings.model_version = "3.0"
    assert shown(package, settings) == before


def test_what_is_set_in_between_stays(package: Package, settings: Any) -> None:
    settings.model_version = "P1"
    settings.face_limit, settings.texture_quality = 3_000, "standard"
    settings.model_version = "3.1"
    after = shown(package, settings)
    assert (after["face_limit"], after["texture_quality"], after["geometry_quality"]) == (3_000, "standard", "detailed")


def test_the_file_remembers(package: Package, settings: Any, tmp_path: Path) -> None:
    settings.model_version = "P1"
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "file.blend"))
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "file.blend"))
    opened: Any = bpy.context.scene
    assert opened.tripo.face_limit == 20_000
    opened.tripo.model_version = "3.0"
    assert opened.tripo.face_limit == 100_000 and opened.tripo.put_aside == ""


def test_a_damaged_memory_is_passed_over(settings: Any) -> None:
    for text in ("{", "[]", '{"face_limit": 3}', '{"face_limit": ["a", 2]}', "null"):
        settings.put_aside = text
        settings.model_version = "P1"
        assert settings.face_limit <= 20_000
        settings.model_version, settings.face_limit = "3.0", 100_000


def test_the_arguments_of_a_script_are_its_own(settings: Any, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THREEDAISTUDIO_API_KEY", "a-key-of-this-test")
    settings.model_version = "P1"
    with pytest.raises(RuntimeError, match="Face Limit must be between 48 and 20,000"):
        bpy.ops.tripo.text_to_3d(prompt="an owl", model_version="P1", face_limit=100_000)
    assert settings.face_limit == 20_000
