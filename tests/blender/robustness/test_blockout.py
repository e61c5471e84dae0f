"""A set of twelve placeholders, three of them copies of one another: paid once each, whatever is killed, and finished
after a cap.

The artist's Blender is a process of its own that opens the file, presses, and is killed together with its agent; this
one opens the same file afterwards, as it was saved before the press, and presses once more.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import bpy
import pytest
from blender.robustness.test_crash_blender import wait_for

from support.machine.releases import oldest
from support.models.placed import models
from support.sandbox_service.service import SandboxControl

Package = Callable[[str], ModuleType]

pytestmark = [pytest.mark.usefixtures("short_past"), oldest]

ARTIST = """
import bpy
bpy.context.preferences.system.use_online_access = True
bpy.ops.preferences.addon_enable(module={module!r})
preferences = bpy.context.preferences.addons[{module!r}].preferences
preferences.requests_per_minute, preferences.use_daily_cap, preferences.daily_cap = {requests}, True, {cap}
bpy.ops.wm.open_mainfile(filepath={file!r})
bpy.ops.tripo.generate_for_selected(objects={names!r})
"""
NAMES = (
    *("barrel", "crate", "crate.001", "crate.002", "Cube", "door"),
    *("lamp post", "mug", "SM_AnvilOld_01", "sofa", "table", "well"),
)
"""Twelve placeholders in the order in which they are sent; one says nothing by its name."""
FIRST_SIX = ["anvil old", "barrel", "crate", "door", "lamp post", "mug"]
LAST = ["a wardrobe", "sofa", "table"]
"""And the well, which is made from its own views."""
PRICE, VIEWS_PRICE = 20, 40
CAP = 6 * PRICE
AT_ONCE = 5
"""Requests that the agent which is to be killed may send: then it rests."""


def make_blockout() -> None:
    """Twelve boxes in a row, turned and of several sizes; the crates share a mesh."""
    crate = None
    for number, name in enumerate(NAMES):
        bpy.ops.mesh.primitive_cube_add(size=1.0, location=(3.0 * number, 0, 0.5), rotation=(0, 0, 0.3 * number))
        one: Any = bpy.context.view_layer.objects.active
        one.name, one.scale = name, (1.0, 1.0, 1.0 + number / 10)
        if name.startswith("crate"):
            crate = crate or one.data
            one.data = crate
    settings: Any = bpy.context.scene.tripo
    settings.texture = settings.pbr = False
    settings.style = "weathered"


def model_in(name: str) -> Any:
    """The one model that stands where a placeholder is: within its box, on its floor, as large as it goes."""
    placeholder = bpy.data.objects[name]
    placeholder.hide_viewport = False
    bpy.context.view_layer.update()
    into, found = placeholder.matrix_world.inverted(), []
    for model in models():
        meshes = [one for one in model.all_objects if one.type == "MESH"]
        inside = [into @ one.matrix_world @ vertex.co for one in meshes for vertex in one.data.vertices]
        low, high = ([reach(one[axis] for one in inside) for axis in range(3)] for reach in (min, max))
        if max(abs(edge) for edge in (*low, *high)) < 0.501:
            assert abs(low[2] + 0.5) < 1e-3 and max(b - a for a, b in zip(low, high, strict=True)) > 0.99
            found.append(model)
    placeholder.hide_viewport = True
    (model,) = found
    return model


class Set:
    """The artist's Blender with its set, and this one that comes after it."""

    def __init__(self, package: Package, sandbox: SandboxControl, home: Path, extension: str, file: Path) -> None:
        self.session: Any = package("session.current").session()
        self.preferences: Any = bpy.context.preferences.addons[extension].preferences
        self.sandbox, self.home, self.extension, self.file = sandbox, home, extension, file

    def sent(self) -> list[str]:
        return [one["parameters"].get("prompt", "") for one in self.sandbox.state()["submissions"]]

    def rests(self) -> bool:
        """Whether the agent has sent all that it may send now."""
        is_sending = any(job.status.value == "SUBMITTING" for job in self.session.jobs.recent(20))
        return len(self.sandbox.state()["requests"]) >= AT_ONCE and not is_sending

    def press_and_kill(self) -> None:
        """Press in a Blender of its own, and kill it and its agent when a part of the set is sent."""
        about = {"file": str(self.file), "names": json.dumps(NAMES), "cap": CAP, "requests": AT_ONCE}
        script = ARTIST.format(module=self.extension, **about)
        with (self.home / "artist.log").open("wb") as log:
            command = [sys.executable, "-B", "-c", script]
            process = subprocess.Popen(command, env=os.environ, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            wait_for(self.rests, 120, "a part of the set is at the service")
            row = self.session.database.connection.execute("SELECT pid FROM lease").fetchone()
            os.kill(int(row["pid"]), signal.SIGKILL)
        finally:
            process.kill()
            process.wait()

    def press(self, **arguments: str) -> str:
        """Press in this Blender; returns what was not done, as a script is told."""
        try:
            assert bpy.ops.tripo.generate_for_selected(objects=json.dumps(NAMES), **arguments) == {"FINISHED"}
        except RuntimeError as error:
            return str(error)
        return ""


def test_a_set_is_paid_once_whatever_is_killed_and_is_finished_after_the_cap(
    quick: SandboxControl,
    package: Package,
    home: Path,
    extension: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(package("operators.blockout.views"), "_RESOLUTION", 64)  # a processor draws these
    make_blockout()
    file = tmp_path / "blockout.blend"
    bpy.ops.wm.save_as_mainfile(filepath=str(file))
    quick.settings(seconds=1000.0)  # nothing comes before the kill
    one = Set(package, quick, home, extension, file)
    one.press_and_kill()
    assert 0 < len(one.sent()) < 6, "killed in the middle"
    assert len(one.session.jobs.recent(20)) == 6, "what is beyond the cap is not in the store"
    quick.settings(seconds=0.0)
    quick.finish()

    bpy.ops.wm.open_mainfile(filepath=str(file))  # as it was before the press
    one.preferences.use_daily_cap, one.preferences.daily_cap = True, CAP
    try:
        said = one.press()
        assert "3 placeholders wait for the daily cap" in said and "Cube: Prompt is empty" in said, said
        assert sorted(one.sent()) == [f"{prompt}, weathered" for prompt in FIRST_SIX], "nothing twice"
        assert len(models()) == 6 + 2, "all that was paid, and two copies"
        bpy.ops.wm.save_mainfile()
        bpy.ops.wm.open_mainfile(filepath=str(file))
        one.preferences.daily_cap = 9 * PRICE + VIEWS_PRICE
        assert not one.press(prompts=json.dumps({"Cube": "a wardrobe"}), views="well")
    finally:
        one.preferences.property_unset("use_daily_cap")
        one.preferences.property_unset("daily_cap")
    prompts = [f"{prompt}, weathered" for prompt in FIRST_SIX + LAST]
    assert sorted(one.sent()) == sorted(["", *prompts]), "ten, once each"
    assert len(quick.state()["submissions"][-1]["images"]) == 4
    assert not [image.name for image in bpy.data.images if image.name != "Render Result"]
    assert len(models()) == len({model_in(name).name for name in NAMES}) == 12
    crates = [model_in(name) for name in NAMES if name.startswith("crate")]
    assert len({next(part.data for part in crate.all_objects if part.data) for crate in crates}) == 1
    assert all(bpy.data.objects[name].hide_render for name in NAMES)
    assert not one.press() and len(models()) == 12 and len(one.sent()) == 10, "a finished set stays as it is"
