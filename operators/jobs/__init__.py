# SPDX-License-Identifier: GPL-3.0-or-later
"""Act on jobs that exist and on their models."""

from __future__ import annotations

from ...properties.registration import register_all
from . import (
    actions,
    cache,
    clipboard,
    flip_variants,
    frame,
    mark_asset,
    reduce,
    rename,
    select,
    shelf,
    show_textures,
    tidy,
    variations,
)

register, unregister = register_all(
    actions,
    reduce,
    tidy,
    rename,
    select,
    variations,
    flip_variants,
    clipboard,
    frame,
    show_textures,
    cache,
    mark_asset,
    shelf,
)
