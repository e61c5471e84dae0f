"""Measuring in fresh Blenders: a throwaway profile with the built ZIP installed, and scripts run in it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

MODULE = "bl_ext.user_default.tripo_generator"
RESULT = "RESULT "

INSTALL = """
import bpy
for path in arguments:
    done = bpy.ops.extensions.package_install_files(repo="user_default", filepath=path, enable_on_install=False)
    assert done == {"FINISHED"}, path
"""


class Profile:
    """A profile, used by the processes that `run` starts."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        self.environment |= {
            "BLENDER_USER_RESOURCES": str(folder / "profile"),
            "TRIPO_GENERATOR_HOME": str(folder / "home"),
            "TMPDIR": str(folder / "tmp"),
        }
        for name in ("profile", "home", "tmp"):
            (folder / name).mkdir()

    @property
    def extensions(self) -> Path:
        return self.folder / "profile" / "extensions" / "user_default"

    def run(self, script: str, *arguments: object) -> Any:
        """Run Python in a new Blender; `arguments` are its strings, `result` is what it leaves for us."""
        begin = f"import json, os, sys\narguments = {[str(one) for one in arguments]!r}\nresult = None\n"
        end = f"\nprint('\\n{RESULT}' + json.dumps(result), flush=True)\nos._exit(0)\n"
        done = subprocess.run(
            [sys.executable, "-c", begin + script + end], env=self.environment, capture_output=True, text=True
        )
        for line in done.stdout.splitlines():
            if line.startswith(RESULT):
                return json.loads(line[len(RESULT) :])
        raise RuntimeError(f"no result\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}")


@contextmanager
def profile(*more: Path) -> Generator[Profile]:
    """A profile with the ZIP that `TRIPO_ZIP` names, and others, installed but not enabled."""
    folder = Path(tempfile.mkdtemp(prefix="tripo-bench-"))
    try:
        one = Profile(folder)
        one.run(INSTALL, os.environ["TRIPO_ZIP"], *more)
        yield one
    finally:
        shutil.rmtree(folder, ignore_errors=True)
