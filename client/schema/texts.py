# SPDX-License-Identifier: GPL-3.0-or-later
"""Texts about parameters that are made from the schema."""

from __future__ import annotations

from collections.abc import Set

from .types import VERSION_LABELS, Kind, Parameter


def has_switch(parameter: Parameter) -> bool:
    """Whether the parameter may be absent and so needs a switch."""
    return parameter.type in ("integer", "float") and parameter.default is None


def switch_label(parameter: Parameter) -> str:
    """Return the name of the switch that says whether a value is sent."""
    return f"Use {parameter.label}"


def switch_help(parameter: Parameter) -> str:
    """Return what that switch does."""
    return f"Set {parameter.label} instead of leaving it to Tripo"


def bounded_help(parameter: Parameter, kinds: Set[Kind]) -> str:
    """Return the help, with the bounds where they differ between model versions."""
    if parameter.type != "integer":
        return parameter.help
    bounds: dict[tuple[float, float], list[str]] = {}
    for version, (label, _help) in VERSION_LABELS.items():
        for scope in parameter.scopes:
            if version in scope.versions and scope.kinds & kinds and scope.minimum is not None:
                assert scope.maximum is not None
                versions = bounds.setdefault((scope.minimum, scope.maximum), [])
                if label not in versions:
                    versions.append(label)
    if len(bounds) < 2:
        return parameter.help
    spelled = [f"{low:,} to {high:,} for {', '.join(names)}" for (low, high), names in bounds.items()]
    return f"{parameter.help}: {'; '.join(spelled)}"
