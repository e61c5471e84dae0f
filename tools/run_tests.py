"""Run several pytest suites, each in its own Python, and end with one summary.

    python tools/run_tests.py --suite unit .venv/bin/python tests/unit --blender tests/blender [-- pytest arguments]

`--blender` is one suite for each release of Blender that is installed as a module, and tells of those that are not;
`--oldest` is one in the environment of the oldest release alone, if it is there.
Every suite runs even after one failed. A suite without tests is a failure, as is one that a crash cut short. WHAT may
name several files and hold arguments. Each suite's output is printed whole when it has ended.
"""

from __future__ import annotations

import argparse
import os
import re
import shlex
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import environments

CLOSING = re.compile(r"\b\d+ (passed|failed|errors?|skipped|deselected|xfailed|xpassed) ?.* in [\d.]+s")


def run(python: str, what: str, extra: list[str]) -> tuple[bool, str, str]:
    """Whether the suite passed, pytest's own closing line (or how it ended without one), and all it printed."""
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONUNBUFFERED": "1"}
    with tempfile.TemporaryDirectory(prefix="tripo-suite-") as scratch:
        # A folder of our own: pytest's usual one stays behind, and other runs of pytest clear it.
        command = [python, "-B", "-m", "pytest", *shlex.split(what), f"--basetemp={Path(scratch) / 'tests'}", *extra]
        done = subprocess.run(
            command,
            env=environment,
            errors="replace",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
    closings = [line.strip().strip("= ") for line in done.stdout.splitlines() if CLOSING.search(line)]
    if done.returncode == 5:
        return False, "no tests were collected", done.stdout
    if not closings:
        return False, f"ended without a result, exit status {done.returncode}", done.stdout
    return done.returncode == 0 and "passed" in closings[-1], closings[-1], done.stdout


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    suite = ("NAME", "PYTHON", "WHAT")
    parser.add_argument("--suite", nargs=3, action="append", default=[], metavar=suite)
    parser.add_argument("--blender", metavar="WHAT")
    parser.add_argument("--oldest", nargs=2, metavar=("NAME", "WHAT"))
    parser.add_argument("--at-a-time", type=int, default=3, metavar="N")
    parser.add_argument("extra", nargs="*", help="arguments for every pytest")
    arguments = parser.parse_args()
    suites: list[list[str]] = arguments.suite
    if arguments.blender:
        here = environments.available()
        name = arguments.blender.split()[0]
        longest_first = reversed(here)  # the oldest release has the most to do, see support/machine/releases.py
        of_blender = [[f"{name}, bpy {bpy.release}", str(bpy.launcher), arguments.blender] for bpy in longest_first]
        suites = [*of_blender[:1], *suites, *of_blender[1:]]
        left_out = [bpy for bpy in environments.BPY if bpy not in here]
    else:
        left_out = []
    oldest = environments.BPY[-1]
    if arguments.oldest and oldest.launcher.exists():
        name, what = arguments.oldest
        suites.append([name, str(oldest.launcher), what])
    rows: list[tuple[bool, str]] = []

    def timed(name: str, python: str, what: str) -> tuple[str, bool, str, str, float]:
        began = time.monotonic()
        passed, closing, output = run(python, what, arguments.extra)
        return name, passed, closing, output, time.monotonic() - began

    with ThreadPoolExecutor(arguments.at_a_time) as pool:
        for future in [pool.submit(timed, *suite) for suite in suites]:
            name, passed, closing, output, seconds = future.result()
            print(f"\n# {name}\n{output.rstrip()}", flush=True)
            word = "ok  " if passed else "FAIL"
            rows.append((passed, f"{word}  {name}: {closing} ({seconds:.0f} s in all)"))
    print("\n# summary")
    for _, row in rows:
        print(row)
    for bpy in left_out:
        print(f"left out: bpy {bpy.release}, there is no CPython {bpy.python} here")
    sys.exit(0 if all(passed for passed, _ in rows) else 1)


if __name__ == "__main__":
    main()
