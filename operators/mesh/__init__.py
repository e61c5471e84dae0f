# SPDX-License-Identifier: GPL-3.0-or-later
"""Work on meshes: textures, parts, conversions, and what came of them."""

from __future__ import annotations

from ...properties.registration import register_all
from . import convert, parts, segment, texture, transfer

register, unregister = register_all(texture, segment, convert, parts, transfer)
