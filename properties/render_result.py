# SPDX-License-Identifier: GPL-3.0-or-later
"""Know whether the Render Result shows anything: its datablock is there before the first render, and looks no
different."""

from __future__ import annotations

import os

import bpy
from bpy.app.handlers import persistent

from ..client.notices import N_

NOT_RENDERED = N_("Nothing was rendered yet: render first (F12)")


class _Known:
    """What is known of the open file: None before anything was seen of it."""

    rendered: bool | None = None


def is_empty() -> bool:
    """Whether nothing was rendered, as far as is known without a look. For drawing."""
    return _Known.rendered is False or "Render Result" not in bpy.data.images


def is_known_rendered() -> bool:
    """Whether something was rendered, as far as is known without a look."""
    return _Known.rendered is True


def check(image: bpy.types.Image) -> bool:
    """Whether the Render Result shows anything. Only saving it tells, so what was found is remembered."""
    if not _Known.rendered:
        import tempfile

        with tempfile.TemporaryDirectory(prefix="render-") as folder:
            try:
                image.save_render(os.path.join(folder, "look"))
            except RuntimeError:
                return False
        _Known.rendered = True
    return True


@persistent
def _rendered(*_scenes: object) -> None:
    """Called in the render's own thread: only takes note."""
    _Known.rendered = True


@persistent
def _loaded(*_paths: object) -> None:
    _Known.rendered = False


def register() -> None:
    """Take note of renders and of files that are opened."""
    _Known.rendered = None
    bpy.app.handlers.render_complete.append(_rendered)
    bpy.app.handlers.load_post.append(_loaded)


def unregister() -> None:
    """Stop taking note."""
    bpy.app.handlers.render_complete.remove(_rendered)
    bpy.app.handlers.load_post.remove(_loaded)
