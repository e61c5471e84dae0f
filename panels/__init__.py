# SPDX-License-Identifier: GPL-3.0-or-later
"""The sidebar tab and the menus: read no disk and no network, write nothing."""

from __future__ import annotations

from ..properties.registration import register_all
from . import image_menus, menus, preload, presets, tab

register, unregister = register_all(preload, presets, tab, menus, image_menus)
