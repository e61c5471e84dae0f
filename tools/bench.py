"""Run the measurements in tests/bench; the Makefile's `bench` target states the rule.

python tools/bench.py DEV_PYTHON BPY_PYTHON...
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / "tests" / "bench"


def main() -> None:
    dev, *bpy = sys.argv[1:]
    scripts = sorted(FOLDER.glob("bench_*.py"))
    if not scripts:
        raise SystemExit(f"nothing to measure in {FOLDER}")
    failed: list[str] = []
    for script in scripts:
        inside_blender = "# bench: bpy" in script.read_text(encoding="utf-8").splitlines()
        for python in bpy if inside_blender else [dev]:
            where = Path(python).parent.parent.name
            print(f"\n# {script.stem} ({where})", flush=True)
            if subprocess.run([python, "-B", str(script)], stdin=subprocess.DEVNULL).returncode != 0:
                failed.append(f"{script.stem} ({where})")
    if failed:
        raise SystemExit(f"failed: {', '.join(failed)}")


if __name__ == "__main__":
    main()
