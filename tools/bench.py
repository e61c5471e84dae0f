"""Run the measurements in tests/bench; the Makefile's `bench` target states the rule.

python tools/bench.py
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import environments

FOLDER = Path(__file__).resolve().parent.parent / "tests" / "bench"


def main() -> None:
    scripts = sorted(FOLDER.glob("bench_*.py"))
    if not scripts:
        raise SystemExit(f"nothing to measure in {FOLDER}")
    here = environments.available()
    ends = dict.fromkeys((here[0], here[-1]))  # the newest and the oldest tell: those between would take as long again
    failed: list[str] = []
    for script in scripts:
        inside_blender = "# bench: bpy" in script.read_text(encoding="utf-8").splitlines()
        pythons = {f"bpy {bpy.release}": str(bpy.launcher) for bpy in ends}
        for where, python in (pythons if inside_blender else {"tools": sys.executable}).items():
            print(f"\n# {script.stem} ({where})", flush=True)
            if subprocess.run([python, "-B", str(script)], stdin=subprocess.DEVNULL).returncode != 0:
                failed.append(f"{script.stem} ({where})")
    if failed:
        raise SystemExit(f"failed: {', '.join(failed)}")


if __name__ == "__main__":
    main()
