# SPDX-License-Identifier: GPL-3.0-or-later
"""Import what drawing needs before the first drawing.

Blender runs timers before it draws, so this is done by one that comes at once; enabling the extension does not wait.
"""

from __future__ import annotations

import bpy

_PARTS = (
    ".client.jobs.images",
    ".client.schema.pricing",
    ".client.jobs.request",
    ".client.jobs.transparency",
    ".client.jobs.failures",
    ".client.formats",
    ".client.formats.selection",
    ".client.stored_notices",
    ".panels.generate",
    ".panels.prompt",
    ".panels.input",
    ".panels.generate_button",
    ".panels.generate",
    ".panels.options",
    ".panels.job_details",
    ".panels.job_row",
    ".widgets.job_filter",
    ".panels.job_variations",
    ".panels.jobs",
    ".panels.mesh",
    ".session.delivered_models",
    ".client.jobs.placement",
    ".client.jobs.blockout",
    ".properties.placement_values",
    ".operators.blockout.plan",
    ".session.factory_cube",
    ".translations.linebreaks",
    ".widgets.preferences",
)
"""Each after what it needs itself."""


def load() -> float | None:
    """Timer: import the next part, one at a beat; the last beat is the one that finds nothing to import."""
    from ..session.import_in_steps import import_next

    return 0.0 if import_next(_PARTS) else None


def register() -> None:
    """Load soon; without a window nothing is drawn."""
    if not bpy.app.background:
        bpy.app.timers.register(load, first_interval=0.0, persistent=True)


def unregister() -> None:
    """Stop loading."""
    if bpy.app.timers.is_registered(load):
        bpy.app.timers.unregister(load)
