# SPDX-License-Identifier: GPL-3.0-or-later
"""Tripo 3D Generator: textured 3D models from text and images, delivered into the open scene."""

from __future__ import annotations

from . import operators, panels, properties, session, widgets
from .properties.registration import register_all
from .translations import translate

register, unregister = register_all(translate, properties, widgets, session, operators, panels)
