"""The same in a real window: how long does a model's arrival hold Blender, against Blender's own importer?

    TRIPO_ZIP=… PYTHONPATH=.:tests python tests/bench/bench_window.py [--sessions 2] [--turns 2] [--sizes 1000000]

Every delivery is a press of Generate: the sandbox serves the file, the agent fetches it, a background Blender converts
it, the window's timer appends it. In turns with it, `bpy.ops.import_scene.gltf` imports the same file and makes its
undo step.

- operator: the one call that holds the main thread, for ours the tick that delivers.
- gap: the longest pause of a 5 ms heartbeat from before that call until the model is drawn, by software OpenGL here.
- total: from the complete file to the model in the scene; for ours with the check, the conversion and the wait for the
  next look at the jobs. Window, software OpenGL, sandbox and converter share the machine's processors meanwhile, and
  the window imports the same file again and again: bench_delivery has bounds for it; none here.
- peak: Blender's memory at its highest, above what it was before.

Both find memory that the machine need not fetch from its host first (`support.measuring.warm_memory`). The first
delivery of a session is counted apart. Needs the window of `make test-gui` (its Debian root, or BLENDER=/path); without
one nothing is measured. Exit status 1 if a bound is broken.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
from pathlib import Path
from typing import Any
from unittest.mock import patch

from sandbox import Sandbox
from sandbox.tasks import Task
from support.measuring.realistic_models import SIZES, make_model
from support.measuring.warm_memory import warm_memory
from support.sandbox_service.service import API_KEY
from support.ui.outside import Options, Workspace, open_workspace
from support.ui.screen_root import open_screen, open_world

FIRST_BOUNDS = {1_000_000: 1 / 10}
LATER_BOUNDS = {1_000_000: 1 / 20}
TIMEOUT = 900.0
GENERATION_SECONDS = 8.0
"""Long enough for the agent to see it coming and to have a converter up, as with a real one."""

Turn = dict[str, dict[str, float]]


def prompt_of(triangles: int) -> str:
    return f"a vase of {triangles} triangles"


def run_session(space: Workspace, api_url: str, models: dict[int, Path], order: list[int]) -> list[Turn]:
    """One Blender; the figures of its turns."""
    turns = [[space.world.inside(models[triangles]), prompt_of(triangles)] for triangles in order]
    variables = {"THREEDAISTUDIO_API_URL": api_url, "THREEDAISTUDIO_API_KEY": API_KEY}
    variables["TRIPO_BENCH"] = json.dumps(turns)
    run = space.start("bench_window", environment=variables, settings=Options(timeout=TIMEOUT))
    return run.wait(TIMEOUT).records["figures"]


def median(turns: list[Turn], who: str, what: str) -> float:
    return statistics.median(turn[who][what] for turn in turns)


def show(label: str, turns: list[Turn], bound: float | None) -> bool:
    """Print a row; whether its bounds hold. Ratios are medians of the turns' own."""
    ratio = statistics.median(turn["ours"]["held"] / turn["direct"]["held"] for turn in turns)
    total = statistics.median(turn["ours"]["total"] / turn["direct"]["total"] for turn in turns)
    broken: list[str] = []
    if bound is not None and ratio > bound:
        broken.append(f"operator > 1/{1 / bound:.0f}")
    cells = [(median(turns, "direct", what), median(turns, "ours", what)) for what in ("held", "gap", "total", "peak")]
    print(
        f"{label:<18}{len(turns):>3}"
        + f"{cells[0][0]:>9.0f}{cells[0][1]:>7.0f}  1/{1 / ratio:<5.1f}{f'1/{1 / bound:.0f}' if bound else '':<6}"
        + f"{cells[1][0]:>8.0f}{cells[1][1]:>7.0f}{cells[2][0]:>9.0f}{cells[2][1]:>7.0f}  {total:>4.2f}"
        + f"{cells[3][0]:>8.0f}{cells[3][1]:>6.0f}   {'; '.join(broken) or 'ok'}",
        flush=True,
    )
    return not broken


def measure(space: Workspace, sessions: int, turns: int, sizes: list[int]) -> bool:
    """Run the sessions and print the table; whether all bounds hold."""
    space.start("bench_maps").wait(TIMEOUT)
    models = {size: make_model(space.folder / f"{size}.glb", size, space.folder / "tmp") for size in sizes}
    served = {prompt_of(size): path.read_bytes() for size, path in models.items()}

    def asset(task: Any, name: str) -> bytes:
        return served[task.accepted.parameters["prompt"]]

    first: dict[int, list[Turn]] = {size: [] for size in sizes}
    later: dict[int, list[Turn]] = {size: [] for size in sizes}
    sandbox = Sandbox(
        keys=(API_KEY,), credits=1_000_000, requests_per_minute=0, seconds=GENERATION_SECONDS, variety="quick"
    )
    with patch.object(Task, "asset", asset), sandbox:
        for number in range(sessions):
            # The largest comes first: its first delivery has a bound of its own.
            order = [size for size in reversed(sizes) for _ in range(turns + (size == sizes[-1]))]
            for position, (size, turn) in enumerate(
                zip(order, run_session(space, sandbox.api_url, models, order), strict=True)
            ):
                (later if position else first)[size].append(turn)
            print(f"session {number + 1} of {sessions}, load {os.getloadavg()[0]:.1f}", flush=True)
    print(
        f"{'':<21}{'operator, ms':>24}{'':<13}{'gap, ms':>9}{'':<6}{'complete -> scene, ms':>18}{'peak, MiB':>15}\n"
        f"{'triangles':<18}{'n':>3}{'direct':>9}{'ours':>7}  {'ratio':<7}{'bound':<6}{'direct':>8}{'ours':>7}"
        f"{'direct':>9}{'ours':>7} ratio{'direct':>8}{'ours':>6}"
    )
    kept = True
    for size in sizes:
        kept &= show(f"{size:,}", later[size], LATER_BOUNDS.get(size)) if later[size] else True
        kept &= show(f"{size:,}, first", first[size], FIRST_BOUNDS.get(size)) if first[size] else True
    return kept


def main() -> int:
    parser = argparse.ArgumentParser(description="Measure the delivery of a model in a window.")
    parser.add_argument("--sessions", type=int, default=2)
    parser.add_argument("--turns", type=int, default=2)
    parser.add_argument("--sizes", type=int, nargs="+", default=list(SIZES), choices=list(SIZES))
    options = parser.parse_args()
    extension = os.environ.get("TRIPO_ZIP", "")
    if not Path(extension).is_file():
        print("TRIPO_ZIP names no file: run `make build`")
        return 1
    try:
        with (
            warm_memory(),
            open_world() as world,
            open_screen(world) as display,
            open_workspace(world, display, Path(extension)) as space,
        ):
            return 0 if measure(space, options.sessions, options.turns, sorted(options.sizes)) else 1
    except RuntimeError as error:
        print(f"not measured, there is no window: {error}")
        return 0


if __name__ == "__main__":
    sys.exit(main())
