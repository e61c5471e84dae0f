# SPDX-License-Identifier: GPL-3.0-or-later
"""Remember which scene asked for which job, across undo, renaming, saving and loading.

A scene's name for this purpose is the token in ``Scene.tripo``, which is saved with the file. While the file
is open the token is also remembered by ``session_uid``, because undo brings back older values of properties.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import bpy

from ..properties.scene import settings_of


class SceneTokens:
    """The tokens of this file's scenes."""

    def __init__(self) -> None:
        self._tokens: dict[int, str] = {}
        self._names: frozenset[str] = frozenset()

    def names(self) -> frozenset[str]:
        """Return the tokens of the scenes that are in this file, as of the last refresh."""
        return self._names

    def has(self, token: str) -> bool:
        """Whether a scene of this file has the token, as of the last refresh."""
        return bool(token) and token in self._names

    def claim(self, scene: bpy.types.Scene) -> str:
        """Return the scene's token, giving it one if it has none."""
        self.refresh()
        token = self._tokens.get(scene.session_uid)
        if token is None:
            token = os.urandom(16).hex()
            self._tokens[scene.session_uid] = token
        self.refresh()
        return token

    def find(self, token: str) -> bpy.types.Scene | None:
        """Return the scene with the token."""
        for scene in _local_scenes():
            if self._tokens.get(scene.session_uid) == token:
                return scene
        return None

    def refresh(self) -> None:
        """Take over the file's tokens, put back what undo took away, take copied ones from copies."""
        present: set[str] = set()
        for scene in _local_scenes():
            if scene.session_uid in self._tokens:
                present.add(self._tokens[scene.session_uid])
        for scene in _local_scenes():
            known = self._tokens.get(scene.session_uid)
            held = settings_of(scene).token
            if known is None and held and held not in present:
                self._tokens[scene.session_uid] = known = held
                present.add(held)
            if held != (known or ""):
                settings_of(scene).token = known or ""
        self._names = frozenset(present)


def remove_tokens() -> None:
    """Remove the tokens that the startup file holds: they would make all new files the same one."""
    for scene in _local_scenes():
        if settings_of(scene).token:
            settings_of(scene).token = ""


def _local_scenes() -> Iterator[bpy.types.Scene]:
    return (scene for scene in bpy.data.scenes if scene.library is None)
