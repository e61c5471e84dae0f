"""A Blender that stays open while models arrive, driven line by line. Run as a script, it is that Blender.

    python long_blender.py MODULE

Its file holds the factory's cube, camera and light as the artist's own work. Each order is a job that it takes from
the list with `tripo.import_job`; the model is then evaluated, looked over, and removed.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

MARK = "LONG-BLENDER "


class LongBlender:
    """The process, as its test sees it."""

    def __init__(self, module: str, cwd: Path, environment: Mapping[str, str], log: Path) -> None:
        # -P: what lies beside this file must not be taken for modules of the standard library.
        with log.open("wb") as errors:
            self._process = subprocess.Popen(
                [sys.executable, "-B", "-P", "-X", "faulthandler", __file__, module],
                cwd=cwd,
                env=dict(environment),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )
        self._log = log
        self.pid: int = self._answer()["pid"]

    def ask(self, **order: Any) -> dict[str, Any]:
        """Give an order and wait for what came of it; AssertionError when there is no such process any more."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(order) + "\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            pass  # the answer says more
        return self._answer()

    def close(self) -> None:
        """Let it end, and wait for that."""
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.close()
        try:
            self._process.wait(30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line.startswith(MARK):
                return json.loads(line[len(MARK) :])
        status = self._process.wait(30)
        raise AssertionError(f"Blender ended, status {status}:\n{self._log.read_text(errors='replace')[-3000:]}")


class Artist:
    """The work in that Blender."""

    def __init__(self, module: str) -> None:
        import bpy

        self._bpy: Any = bpy
        bpy.ops.wm.read_homefile(use_factory_startup=True)
        bpy.context.preferences.system.use_online_access = True
        bpy.ops.preferences.addon_enable(module=module)
        self._mine = self._work()

    def obey(self, order: dict[str, Any]) -> dict[str, Any]:
        """Import a job, or only look around; tells what was found."""
        found: dict[str, Any] = {"pid": os.getpid(), "error": "", "meshes": 0, "repaired": 0}
        if job_id := order.get("job_id"):
            try:
                self._bpy.ops.tripo.import_job(job_id=job_id)
            except RuntimeError as error:
                found["error"] = str(error)
            else:
                self._look_over(job_id, found)
        found["work is as it was"] = self._work() == self._mine
        found["libraries"] = len(self._bpy.data.libraries)
        return found

    def _look_over(self, job_id: str, found: dict[str, Any]) -> None:
        """Use the delivered model as Blender does when it draws and edits, then remove it."""
        bpy = self._bpy
        (collection,) = [one for one in bpy.data.collections if one.get("tripo_job_id") == job_id]
        bpy.context.view_layer.update()
        graph = bpy.context.evaluated_depsgraph_get()
        for one in collection.all_objects:
            evaluated = one.evaluated_get(graph)
            if one.type == "MESH":
                found["meshes"] += 1
                evaluated.data.calc_loop_triangles()
                found["repaired"] += one.data.validate()
        for frame in (1, 10):
            bpy.context.scene.frame_set(frame)
        bpy.data.batch_remove([*collection.all_objects, collection])
        bpy.data.orphans_purge(do_recursive=True)

    def _work(self) -> list[Any]:
        """What the artist has made, and how much else there is."""
        data = self._bpy.data
        places = [[one.name, *one.matrix_world.translation] for one in data.objects]
        collections = [one for one in data.collections if "tripo_models" not in one]  # that of all models stays
        return [sorted(places), len(data.meshes), len(collections), [scene.name for scene in data.scenes]]


def main() -> None:
    artist = Artist(sys.argv[1])
    order: dict[str, Any] = {}
    while True:
        sys.stdout.write(f"\n{MARK}{json.dumps(artist.obey(order))}\n")
        sys.stdout.flush()
        line = sys.stdin.readline()
        if not line:
            os._exit(0)  # the `bpy` module may crash at interpreter exit
        order = json.loads(line)


if __name__ == "__main__":
    main()
