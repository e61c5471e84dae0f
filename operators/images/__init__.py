# SPDX-License-Identifier: GPL-3.0-or-later
"""Fill an image slot: from a file, a drop, a still, the clipboard, the Image Editor, or captured views.

And the way out: ``sources`` makes of what is in a slot a file that can be sent, by ``writing`` it where it must.
"""

from __future__ import annotations

from ...properties.registration import register_all
from . import capture, drop, editor, files, stills

register, unregister = register_all(files, drop, editor, stills, capture)
