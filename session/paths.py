# SPDX-License-Identifier: GPL-3.0-or-later
"""The folders of this Blender's extension, and the program that converts."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import cast

import bpy

from .. import __package__ as base_package
from ..client.account import HOME_VARIABLE
from ..client.paths import Home, blender_profiles, shared_root

_stays = False
"""Whether the folder of this Blender version is used as it is: an agent or a Blender is at work there."""


def home() -> Home:
    """Return the root of store and cache.

    It belongs to the person, whose Blender versions share it: the rate limit, the spending and the jobs are those of an
    account. A profile of its own (``BLENDER_USER_RESOURCES``, a portable Blender) keeps everything within itself.
    """
    root = os.environ.get(HOME_VARIABLE)
    if root:
        return Home(Path(root).expanduser().absolute())
    if _is_shared():
        return Home(shared_root(os.environ, _user()))
    return Home(_own_folder(create=True))


def earlier_home() -> Home | None:
    """Return where this Blender version kept its own store before there was one for all, if it is still there."""
    if os.environ.get(HOME_VARIABLE) or not _is_shared():
        return None
    earlier = Home(_own_folder(create=False))
    return earlier if earlier.database.exists() else None


def use_own_folder(stays: bool) -> None:
    """Use this Blender version's own folder for now, or no longer."""
    global _stays
    _stays = stays


def store_exists() -> bool:
    """Whether there is a store from an earlier session (one ``stat`` or two)."""
    return home().database.exists() or earlier_home() is not None


def _is_shared() -> bool:
    if _stays:
        return False
    profile = blender_profiles(os.environ, _user()) / f"{bpy.app.version[0]}.{bpy.app.version[1]}"
    return _own_folder(create=False).resolve().is_relative_to(profile.resolve())


def _user() -> Path:
    return Path(os.path.expanduser("~"))


def _own_folder(*, create: bool) -> Path:
    return Path(bpy.utils.extension_path_user(cast(str, base_package), create=create))


def converter_command() -> tuple[str, ...]:
    """Return what starts a Blender without a window: the program, or Python where Blender is a module."""
    return (bpy.app.binary_path or sys.executable,)
