"""What enabling loads: Blender's every start pays for it. How long it takes is measured by ``bench_enable``."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

DEAR = {"http", "requests", "sqlite3", "ssl", "urllib3"}
"""What only a job needs. Blender may load some of it for reasons of its own."""

SCRIPT = """
import bpy, json, sys
before = set(sys.modules)
bpy.ops.preferences.addon_enable(module={module!r})
print("RESULT " + json.dumps(sorted(set(sys.modules) - before)), flush=True)
"""


def test_enabling_loads_neither_network_nor_database(extension: str, tmp_path: Path) -> None:
    """There is no store: without a window, the jobs of one are listed at once."""
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT.format(module=extension)],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "TRIPO_GENERATOR_HOME": str(tmp_path / "empty")},
    )
    answers = [line for line in done.stdout.splitlines() if line.startswith("RESULT ")]
    assert answers, done.stdout + done.stderr
    loaded: Any = json.loads(answers[0].removeprefix("RESULT "))
    assert f"{extension}.panels.tab" in loaded
    assert not DEAR & {name.partition(".")[0] for name in loaded}
