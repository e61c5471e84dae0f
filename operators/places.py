"""Where this Blender finds things: its folder for jobs and downloads, and the program that converts."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, cast

import bpy

from .. import __package__ as base_package
from ..client.settings import HOME_VARIABLE

if TYPE_CHECKING:
    from ..client.home import Home


def home() -> Home:
    """Return the root of store and cache."""
    from ..client.home import Home

    root = os.environ.get(HOME_VARIABLE)
    if root:
        return Home(Path(root).expanduser().absolute())
    return Home(Path(bpy.utils.extension_path_user(cast(str, base_package))))


def store_exists() -> bool:
    """Whether there is a store from an earlier session (one ``stat``)."""
    return home().database.exists()


def converter_command() -> tuple[str, ...]:
    """Return what starts a Blender without a window: the program, or Python where Blender is a module."""
    return (bpy.app.binary_path or sys.executable,)
