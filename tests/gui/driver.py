"""Runs one scenario in a Blender with a window: installs the extension, steps the scenario, writes the
result.

Started by `support.ui.outside` as `blender … --python driver.py -- config.json`; leaves by `os._exit`, so that
Blender asks nobody whether to save.
"""

from __future__ import annotations

import compileall
import importlib.util
import json
import os
import sys
import traceback
from pathlib import Path
from typing import Any

import bpy

sys.path.insert(0, str(Path(__file__).resolve().parent))

from support.measuring.main_thread import Profile
from support.ui.inside import Steps, Ui, advance

MODULE = "bl_ext.user_default.tripo_generator"
CONFIG: dict[str, Any] = json.loads(Path(sys.argv[sys.argv.index("--") + 1]).read_text())
FOLDER = Path(CONFIG["folder"])


def leave(error: str = "") -> None:
    """Write the result and end this process at once."""
    result = {
        "error": error,
        "blender": bpy.app.version_string,
        "python": sys.version.split()[0],
        "executable": sys.executable,
    }
    partial = FOLDER / f"result-{CONFIG['number']}.part"
    partial.write_text(json.dumps(result))
    partial.replace(partial.with_suffix(".json"))
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(1 if error else 0)


def prepare() -> None:
    """Preferences, then the extension: installed the first time, enabled when this profile has it already."""
    preferences = bpy.context.preferences
    preferences.view.show_splash = False
    preferences.system.use_online_access = True
    preferences.use_preferences_save = False
    if libraries := getattr(preferences, "asset_libraries", None):  # 5.2: asset shelves fetch from Blender's servers
        libraries.use_online_essentials = False
    installed = Path(bpy.utils.user_resource("EXTENSIONS")) / "user_default" / "tripo_generator"
    if not installed.is_dir():
        bpy.ops.extensions.package_install_files(
            repo="user_default", filepath=CONFIG["extension"], enable_on_install=False
        )
        # As after the first start of an artist's Blender: what is timed here is not Python's compiler.
        compileall.compile_dir(installed, quiet=2)
    bpy.ops.preferences.addon_enable(module=MODULE)
    if MODULE not in preferences.addons:
        raise RuntimeError("the extension could not be enabled: see Blender's output")


def load(path: Path) -> Any:
    """The scenario as a module."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def main() -> None:
    profile = Profile()
    if CONFIG["profile"]:
        profile.watch_timers(MODULE)
    prepare()
    ui = Ui(FOLDER, CONFIG["number"], CONFIG["display"], profile)
    stack: list[Steps] = [load(Path(CONFIG["scenario"])).scenario(ui)]

    def tick() -> float | None:
        try:
            pause = advance(stack)
        except Exception:
            leave(traceback.format_exc())
        else:
            if pause is None:
                leave()
            return pause

    bpy.app.timers.register(tick, first_interval=1.0, persistent=True)


try:
    main()
except Exception:
    leave(traceback.format_exc())
