# SPDX-License-Identifier: GPL-3.0-or-later
"""Choose where models go."""

from __future__ import annotations

from ...properties.registration import register_all
from . import defaults, place_with_mouse, replace_cube

register, unregister = register_all(defaults, place_with_mouse, replace_cube)
