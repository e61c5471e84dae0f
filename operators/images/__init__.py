# SPDX-License-Identifier: GPL-3.0-or-later
"""Fill an image slot: from a file, a drop, a still, the clipboard, the Image Editor, or captured views.

And the way out: ``sources`` makes of what is in a slot a file that can be sent, by ``writing`` it where it must.
"""

from __future__ import annotations

from . import capture, drop, editor, files, stills

_modules = (files, drop, editor, stills, capture)


def register() -> None:
    """Register the operators and the file handler."""
    for module in _modules:
        module.register()


def unregister() -> None:
    """Unregister them in the opposite order."""
    for module in reversed(_modules):
        module.unregister()
