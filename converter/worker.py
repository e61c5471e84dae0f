# SPDX-License-Identifier: GPL-3.0-or-later
"""Entry of the converter process: ``blender --background … --python worker.py``, or ``python worker.py`` with ``bpy``.

Reads one JSON line per order from standard input and answers each with one line,
``TRIPO-CONVERTER {"ok": true}`` or ``{"ok": false, "reason": text}``; the first such line says that it is up. A model
that is not complete is answered with ``"warnings": [[loss, name], …]`` besides (`client.formats.handover.Lost`).

- ``{"source": path, "target": path}`` converts a file; with ``"units": {"fps": 24, "fps_base": 1.0, "scale_length":
  1.0}`` as if it were imported into a scene with these settings; with ``"merge_distance": metres`` and
  ``"smooth_angle": radians`` its meshes are merged and shaded smooth. Many static objects are joined, which the answer
  tells as ``"joined": [before, after]``; with ``"separate": true`` they are not. How large the model is it tells as
  ``"measured": [faces, [six numbers in metres], faces of the full one]`` (`client.formats.handover.Measured`). With
  ``"original": path``, a ``.blend`` as for ``export``, the looks of its objects are made of a textured result. With
  ``"bake_from": path``, such a file too, its look is baked onto the model. ``"merge_seams"``, ``"euler"`` and
  ``"apply_scale"``: true prepare it for editing (`converter.edit_ready`). With ``"budget": {"triangles": 15000, "lods":
  3, "texture_size": 2048}`` it is reduced (`converter.reduce`); why it is larger all the same is told as ``"unreduced":
  text``.
- ``{"source": path, "target": path, "onto": number, "name": text}`` bakes the looks of the first objects of a
  selection, that many, of what the others look like.
- ``{"image": path, "thumbnail": path}`` writes an image anew, as a small PNG.
- ``{"flatten": path, "target": path, "background": "#rrggbb"}`` writes an image as a JPEG, with that colour behind what
  is transparent.
- ``{"export": path, "target": path}`` writes the objects of a ``.blend`` as GLB, or as FBX when the target ends in it;
  the answer tells their ``"faces"``.
- ``{"shelve": path, "target": path, "entry": {…}}`` writes a converted one anew with an asset in it
  (`client.jobs.shelf`).
- ``{"views": path, "scene": name, "shots": [[radians, path], …], "cycles": {…}}`` renders a scene once for each of the
  shots (`converter.views`).
- ``{"blend": path, "thumbnail": path}`` renders a small PNG of a converted one. It takes seconds, so it is for a
  process that has nothing better to do.

Ends when its input is closed, by itself when an order takes longer than ``"seconds"`` (default 600), and on Linux
whatever it is doing when the agent is gone.
"""

from __future__ import annotations

import json
import os
import sys
import traceback
from pathlib import Path
from typing import Any

MARK = "TRIPO-CONVERTER "
SECONDS = 600.0
COLD = "cold"
"""The last argument of a process that will not convert."""


def answer(document: dict[str, object]) -> None:
    """Write one answer at the start of a line of its own."""
    sys.stdout.write(f"\n{MARK}{json.dumps(document)}\n")
    sys.stdout.flush()


def serve() -> None:
    """Work until the input ends."""
    from converter import limits

    limits.apply()
    with limits.time_limit(SECONDS):
        import converter.build  # noqa: F401  # pyright: ignore[reportUnusedImport] - "up" means that Blender is there

        answer({"ok": True, "up": True})
        if sys.argv[-1] != COLD:
            _warm_up()
    for line in sys.stdin:
        order = json.loads(line)
        with limits.time_limit(float(order.get("seconds", SECONDS))):
            answer(_obey(order))


def _warm_up() -> None:
    """Load what the first conversion needs while the download is still going on."""
    from converter.warm_up import warm_up

    try:
        warm_up()
    except Exception:
        traceback.print_exc()


def _obey(order: dict[str, Any]) -> dict[str, object]:
    """Carry out an order; return the answer."""
    try:
        return {"ok": True, **_carry_out(order)}
    except Exception as error:
        return {"ok": False, "reason": _reason(error)}


def _carry_out(order: dict[str, Any]) -> dict[str, object]:
    """Carry out an order; return what the answer tells besides."""
    from converter.bake import transfer
    from converter.build import Cleaning, Units, build
    from converter.export import export
    from converter.image_copy import flatten, write_anew
    from converter.reduce import Budget
    from converter.shelf import put_on_shelf
    from converter.thumbnail import render
    from converter.views import render_views

    if "image" in order:
        write_anew(Path(order["image"]), Path(order["thumbnail"]))
    elif "flatten" in order:
        flatten(Path(order["flatten"]), Path(order["target"]), order["background"])
    elif "export" in order:
        return {"faces": export(Path(order["export"]), Path(order["target"]))}
    elif "shelve" in order:
        put_on_shelf(Path(order["shelve"]), Path(order["target"]), order["entry"])
    elif "views" in order:
        render_views(Path(order["views"]), order["scene"], order["shots"], order["cycles"])
    elif "thumbnail" in order:
        render(Path(order["blend"]), Path(order["thumbnail"]))
    elif "onto" in order:
        transfer(Path(order["source"]), Path(order["target"]), int(order["onto"]), str(order["name"]))
    else:
        units = Units(**order.get("units", {}))
        ready = {name: bool(order.get(name)) for name in ("merge_seams", "euler", "apply_scale")}
        cleaning = Cleaning(order.get("merge_distance"), order.get("smooth_angle"), **ready)
        source, target = Path(order["source"]), Path(order["target"])
        more: dict[str, Any] = {name: Path(order[name]) for name in ("original", "bake_from") if order.get(name)}
        if order.get("budget"):
            more["budget"] = Budget(**order["budget"])
        made = build(source, target, units, cleaning, separate=bool(order.get("separate")), **more)
        told: dict[str, object] = {"warnings": made.lost, "joined": made.joined, "measured": made.measured}
        told["unreduced"] = made.unreduced
        return {name: value for name, value in told.items() if value}
    return {}


def _reason(error: Exception) -> str:
    from converter.importers import ImportFailed
    from converter.source_objects import ExportFailed

    if isinstance(error, ImportFailed | ExportFailed):
        return str(error) or "no reason given"
    if isinstance(error, MemoryError):
        return "it needs too much memory"
    traceback.print_exception(error)
    return type(error).__name__


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    sys.dont_write_bytecode = True
    try:
        serve()
    except BaseException:
        traceback.print_exc()
        sys.stderr.flush()
        os._exit(1)
    # The `bpy` module may crash at interpreter exit; everything is written by now.
    sys.stdout.flush()
    os._exit(0)
