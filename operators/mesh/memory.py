# SPDX-License-Identifier: GPL-3.0-or-later
"""Let the dialogs of the mesh tools begin with what was used last in this scene, which is saved in its file."""

from __future__ import annotations

import contextlib

from bpy.types import Operator, Scene

from ...client.schema import Kind, parameters_for
from ...properties.scene import settings_of
from ...properties.tools_used import names_of, read_used, with_used


def recall(operator: Operator, kind: Kind, scene: Scene) -> None:
    """Fill in what the caller left open, the style line from the scene; what makes no sense any more is skipped."""
    given = operator.properties.is_property_set
    used = read_used(settings_of(scene).tools_used, kind, quad=getattr(operator, "quad", False))
    for name in _names(operator, kind):
        if name in used and not given(name):
            with contextlib.suppress(TypeError, ValueError):
                setattr(operator, name, used[name])
    for parameter in parameters_for(kind, None):
        if parameter.joins and not given(parameter.name):
            setattr(operator, parameter.name, getattr(settings_of(scene), parameter.name))


def remember(operator: Operator, kind: Kind, scene: Scene) -> None:
    """Note what a dialog was confirmed with."""
    settings = settings_of(scene)
    used = {name: getattr(operator, name) for name in _names(operator, kind)}
    settings.tools_used = with_used(settings.tools_used, kind, used)


def _names(operator: Operator, kind: Kind) -> list[str]:
    return [name for name in names_of(kind) if hasattr(operator, name)]
