"""Add ▸ Tripo: each entry opens the operator's dialog, which also makes it known to the F3 search."""

from __future__ import annotations

import bpy
from bpy.types import Context, Menu

from ..client.schema import ENDPOINTS
from .job_words import KIND_ICONS


class VIEW3D_MT_tripo_add(Menu):
    """The generation operators, and what has no other place in a menu."""

    bl_label = "Tripo"

    def draw(self, context: Context) -> None:
        """List the operators; each opens its dialog."""
        layout = self.layout
        layout.operator_context = "INVOKE_DEFAULT"
        for kind, endpoint in ENDPOINTS.items():
            layout.operator(f"tripo.{kind.value}", text=f"{endpoint.label}…", icon=KIND_ICONS[kind])
        layout.separator()
        layout.operator("tripo.recover_task", text="Recover Task…")
        layout.operator("tripo.check_balance", text="Check Balance")


def _draw_entry(self: Menu, context: Context) -> None:
    self.layout.menu(VIEW3D_MT_tripo_add.__name__, icon="MESH_UVSPHERE")


_register, _unregister = bpy.utils.register_classes_factory((VIEW3D_MT_tripo_add,))


def register() -> None:
    """Register the menu and hang it into Add."""
    _register()
    bpy.types.VIEW3D_MT_add.append(_draw_entry)  # type: ignore[arg-type]


def unregister() -> None:
    """Take the menu out of Add and unregister it."""
    bpy.types.VIEW3D_MT_add.remove(_draw_entry)  # type: ignore[arg-type]
    _unregister()
