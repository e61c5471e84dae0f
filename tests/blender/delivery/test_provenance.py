"""Where a delivered model comes from is written on it, and stays in a saved file."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

import bpy
import pytest

from support.models.placed import models
from support.sandbox_service.service import API_KEY, SandboxControl


@pytest.mark.usefixtures("short_past")
def test_a_delivered_model_tells_where_it_comes_from(
    sandbox: SandboxControl, extension: str, home: Path, tmp_path: Path
) -> None:
    sandbox.settings(requests_per_minute=0, seconds=0.5)
    bpy.context.preferences.addons[extension].preferences.requests_per_minute = 600
    assert bpy.ops.tripo.text_to_3d(prompt="a cup", texture_seed=2**31 - 1) == {"FINISHED"}
    (sent,) = sandbox.state()["submissions"]
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "saved.blend"))
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "saved.blend"))
    (collection,) = models()
    tops = [one for one in collection.all_objects if one.parent is None]
    assert tops
    for owner in (collection, *tops):
        told = {name: value for name, value in owner.items() if name.startswith("tripo_")}
        assert told["tripo_task_id"] == sent["task_id"]
        assert (told["tripo_model_version"], told["tripo_credits"]) == ("3.0", sent["credits"])
        assert json.loads(told["tripo_seeds"]) == {"texture_seed": 2**31 - 1}
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", told["tripo_date"])
        downloaded = (home / "results" / told["tripo_job_id"] / "model.glb").read_bytes()
        assert told["tripo_sha256"] == hashlib.sha256(downloaded).hexdigest()
        assert re.fullmatch(r"\d+\.\d+\.\d+", told["tripo_version"])
        assert json.loads(told["tripo_request"])["parameters"]["prompt"] == "a cup"
        assert API_KEY not in str(told) and str(home) not in str(told)
