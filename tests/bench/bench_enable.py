"""What does enabling the extension add to Blender's start?

    TRIPO_ZIP=… PYTHONPATH=.:tests python tests/bench/bench_enable.py [--runs 9]

Each figure comes from a process of its own with warm byte code: an extension that does nothing is enabled in some, ours
in others. Processor time is taken, whatever else the machine is at; the difference of the medians is ours, and is
compared with what Blender's own start took in the same processes.
Blender's own part (reading the manifest, checking wheels) is in both; it is larger whenever another extension is
enabled than the last time, so the first run of each is left out. Exit status 1 if a bound is broken or a module is
loaded that has no business at start-up.
"""
# bench: bpy

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import zipfile
from pathlib import Path

from support.measuring.blender_runs import MODULE, Profile, profile

BOUND = 0.125
"""At most this share of Blender's own start: nobody can feel less."""
UNWANTED = ("requests", "sqlite3", "urllib3", "ssl", "numpy.fft", "http.client")
EMPTY = "bl_ext.user_default.does_nothing"
MANIFEST = """schema_version = "1.0.0"
id = "does_nothing"
version = "1.0.0"
name = "Does Nothing"
tagline = "Does nothing"
maintainer = "nobody"
type = "add-on"
license = ["SPDX:GPL-3.0-or-later"]
blender_version_min = "4.2.0"
"""
ENABLE = """
import bpy, addon_utils, time
before = set(sys.modules)
began = time.thread_time()
module = addon_utils.enable(arguments[0], default_set=True)
took = time.thread_time() - began
assert module is not None
result = [took * 1000, began * 1000, sorted(set(sys.modules) - before)]
"""


def empty_extension(folder: Path) -> Path:
    path = folder / "does_nothing.zip"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("blender_manifest.toml", MANIFEST)
        file.writestr("__init__.py", "def register():\n    pass\n\n\ndef unregister():\n    pass\n")
    return path


def measure(one: Profile, runs: int) -> int:
    times: dict[str, list[float]] = {EMPTY: [], MODULE: []}
    starts: list[float] = []
    loaded: dict[str, list[str]] = {}
    for module, took in [*times.items()] * 2:
        for number in range(runs // 2 + 2):
            milliseconds, start, loaded[module] = one.run(ENABLE, module)
            starts.append(start)
            if number:  # the first run writes the byte code, and Blender's list of extensions
                took.append(milliseconds)
    for label, took in (("does nothing", times[EMPTY]), ("ours", times[MODULE]), ("Blender", starts)):
        print(f"{label:<14}{statistics.median(took):>8.1f} ms   ({min(took):.1f}–{max(took):.1f})")
    cost = statistics.median(times[MODULE]) - statistics.median(times[EMPTY])
    ratio = cost / statistics.median(starts)
    verdict = "ok" if ratio <= BOUND else "BROKEN"
    print(f"{'our part':<14}{cost:>8.1f} ms   {ratio:.3f} of Blender's start, <= {BOUND}  {verdict}")
    mine = [name for name in loaded[MODULE] if name.startswith(MODULE)]
    others = [name for name in loaded[MODULE] if not name.startswith(("bl_ext", "tripo"))]
    others = [name for name in others if name not in loaded[EMPTY]]
    print(f"{len(mine)} modules of ours are loaded; besides: {', '.join(others) or 'none'}")
    unwanted = sorted({name for name in others if name in UNWANTED or name.partition(".")[0] in UNWANTED})
    print(f"unwanted: {', '.join(unwanted) or 'none'} (looked for: {', '.join(UNWANTED)})")
    return 1 if unwanted or ratio > BOUND else 0


def main() -> int:
    parser = argparse.ArgumentParser(description="Measure what enabling the extension costs.")
    parser.add_argument("--runs", type=int, default=9)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, profile(empty_extension(Path(folder))) as one:
        return measure(one, options.runs)


if __name__ == "__main__":
    sys.exit(main())
