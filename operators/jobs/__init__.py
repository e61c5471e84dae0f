# SPDX-License-Identifier: GPL-3.0-or-later
"""Act on jobs that exist and on their models."""

from __future__ import annotations

from ...properties.registration import register_all
from . import (
    actions,
    cache,
    clipboard,
    frame,
    mark_asset,
    reduce,
    rename,
    select,
    shelf,
    show_textures,
    tidy,
)

register, unregister = register_all(
    actions,
    reduce,
    tidy,
    rename,
    select,
    clipboard,
    frame,
    show_textures,
    cache,
    mark_asset,
    shelf,
)
