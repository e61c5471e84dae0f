# SPDX-License-Identifier: GPL-3.0-or-later
"""Small images of files as icons."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bpy.utils.previews import ImagePreviewCollection


class Previews:
    """Icons by the names that they are given, oldest first. Blender reads a file when its icon is first drawn, in a
    thread of its own."""

    def __init__(self) -> None:
        self._collection: ImagePreviewCollection | None = None
        self.icons: dict[str, int] = {}

    def load(self, name: str, path: str) -> int:
        """Make the icon of a file, anew if there is one of that name, and return it."""
        from bpy.utils import previews

        if self._collection is None:
            self._collection = previews.new()
        self.forget(name)
        self.icons[name] = self._collection.load(name, path, "IMAGE").icon_id
        return self.icons[name]

    def forget(self, name: str) -> None:
        """Let go of an icon, if there is one of that name."""
        if self.icons.pop(name, None) is not None and self._collection is not None:
            del self._collection[name]

    def clear(self) -> None:
        """Let go of all."""
        if self._collection is not None:
            from bpy.utils import previews

            previews.remove(self._collection)
        self.__init__()
