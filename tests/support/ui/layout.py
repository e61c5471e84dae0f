"""A stand-in for Blender's layout: takes what the real one takes, refuses all else, keeps a record.

Needs ``bpy``, but no window: what the real functions take is asked from Blender's own description of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import bpy

_CONTAINERS = ("row", "column", "box", "split")
_FUNCTIONS: Any = bpy.types.UILayout.bl_rna.functions  # type: ignore[attr-defined]
_ICONS = frozenset(_FUNCTIONS["label"].parameters["icon"].enum_items.keys())


@dataclass
class Drawn:
    """One thing that was drawn: the function, its arguments, and what was set on an operator."""

    function: str
    arguments: dict[str, Any]
    enabled: bool
    alert: bool = False
    properties: SimpleNamespace = field(default_factory=SimpleNamespace)

    @property
    def text(self) -> str:
        return str(self.arguments.get("text", ""))


class Layout:
    """Takes the calls that Blender's layout takes and refuses all others."""

    def __init__(self, drawn: list[Drawn], enabled: bool = True, alert: bool = False) -> None:
        self.drawn = drawn
        self.enabled = enabled
        self.active = True
        self.alert = alert
        self.alignment = "EXPAND"
        self.scale_y = 1.0
        self.ui_units_x = 0.0
        self.use_property_split = False
        self.use_property_decorate = True
        self.operator_context = "INVOKE_DEFAULT"

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name not in _FUNCTIONS:
            raise AttributeError(f"UILayout has no {name}")

        def call(*arguments: Any, **named: Any) -> Any:
            known = [one.identifier for one in _FUNCTIONS[name].parameters if not one.is_output]
            given = dict(zip(known, arguments, strict=False)) | named
            assert set(given) <= set(known), f"{name} does not take {set(given) - set(known)}"
            assert given.get("icon", "NONE") in _ICONS
            return self._draw(name, given)

        return call

    def _draw(self, name: str, given: dict[str, Any]) -> Any:
        one = Drawn(name, given, self._is_enabled(), self.__dict__["alert"])
        self.drawn.append(one)
        if name in _CONTAINERS:
            return Layout(self.drawn, one.enabled, one.alert)
        if name == "panel":
            return Layout(self.drawn, one.enabled), Layout(self.drawn, one.enabled)
        if name == "prop":
            assert given["property"] in given["data"].bl_rna.properties
        if name == "operator":
            module, function = given["operator"].split(".")
            known = getattr(getattr(bpy.ops, module), function).get_rna_type().properties
            one.properties = StrictProperties(frozenset(known.keys()))
            return one.properties
        return None

    def _is_enabled(self) -> bool:
        return self.__dict__["enabled"]


class StrictProperties(SimpleNamespace):
    """An operator's properties: only those that it has can be set."""

    def __init__(self, known: frozenset[str]) -> None:
        self.__dict__["_known"] = known

    def __setattr__(self, name: str, value: Any) -> None:
        assert name in self._known, f"the operator has no argument {name}"
        super().__setattr__(name, value)
