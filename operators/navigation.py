# SPDX-License-Identifier: GPL-3.0-or-later
"""The events that move a view: an operator that watches the mouse passes them on."""

from __future__ import annotations

NAVIGATION = frozenset(
    {
        *("MIDDLEMOUSE", "WHEELUPMOUSE", "WHEELDOWNMOUSE", "WHEELINMOUSE", "WHEELOUTMOUSE", "NDOF_MOTION"),
        *("TRACKPADPAN", "TRACKPADZOOM", "MOUSEROTATE", "MOUSESMARTZOOM", "HOME"),
        *("NUMPAD_0", "NUMPAD_1", "NUMPAD_2", "NUMPAD_3", "NUMPAD_4", "NUMPAD_5", "NUMPAD_6", "NUMPAD_7", "NUMPAD_8"),
        *("NUMPAD_9", "NUMPAD_PERIOD", "NUMPAD_PLUS", "NUMPAD_MINUS"),
    }
)
