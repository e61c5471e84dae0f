"""What enabling loads: Blender's every start pays for it. How long it takes is measured by ``bench_enable``."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

DEAR = {"http", "requests", "sqlite3", "ssl", "urllib3"}
"""What only a job needs. Blender loads some of it now and then, when it brings its list of extensions up to date."""

SCRIPT = """
import bpy, builtins, json, sys
module, dear = {module!r}, {dear!r}
before, real, by_us = set(sys.modules), builtins.__import__, set()

def watched(name, importer=None, *rest, **more):
    ours = str((importer or {{}}).get("__name__", "")).startswith(module)
    there = dear & set(sys.modules)
    result = real(name, importer, *rest, **more)
    if ours:
        by_us.update((dear & set(sys.modules)) - there)
    return result

builtins.__import__ = watched
bpy.ops.preferences.addon_enable(module=module)
print("RESULT " + json.dumps([sorted(set(sys.modules) - before), sorted(by_us)]), flush=True)
"""


def test_enabling_loads_neither_network_nor_database(extension: str, tmp_path: Path) -> None:
    """There is no store: without a window, the jobs of one are listed at once."""
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT.format(module=extension, dear=DEAR)],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "TRIPO_GENERATOR_HOME": str(tmp_path / "empty")},
    )
    answers = [line for line in done.stdout.splitlines() if line.startswith("RESULT ")]
    assert answers, done.stdout + done.stderr
    loaded, by_us = json.loads(answers[0].removeprefix("RESULT "))
    assert f"{extension}.panels.tab" in loaded
    assert not by_us
