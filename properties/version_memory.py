# SPDX-License-Identifier: GPL-3.0-or-later
"""Keep what still applies when the model version changes, and restore the rest when it changes back.

``Scene.tripo.put_aside`` holds, as JSON, what was set and does not apply now: it is saved with the file.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, cast

from bpy.types import Context

from ..client.schema import ModelVersion

if TYPE_CHECKING:
    from ..client.schema.versions import PutAside
    from .scene import TripoSceneSettings


def version_changed(settings: TripoSceneSettings, _context: Context) -> None:
    """Fit ``Scene.tripo`` to the version that was just chosen."""
    from ..client.schema.versions import bounds_of, fit

    version = ModelVersion(settings.model_version)
    shown = {name: cast(int, getattr(settings, name)) for name in bounds_of(version)}
    fitted, aside = fit(shown, _read(settings.put_aside), version)
    for name, value in fitted.items():
        if value != shown[name]:
            setattr(settings, name, value)
    settings.put_aside = json.dumps(aside) if aside else ""


def _read(text: str) -> dict[str, PutAside]:
    """Return what was put aside; a file may hold anything."""
    from ..client.schema.versions import PutAside

    try:
        found = json.loads(text)
        return {name: PutAside(int(wanted), int(shown)) for name, (wanted, shown) in found.items()}
    except (ValueError, TypeError, AttributeError):
        return {}
