"""What an artist may do is in a menu: only that is found by the F3 search."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType, SimpleNamespace
from typing import Any

import bpy

from support.ui.layout import Drawn, Layout

Package = Callable[[str], ModuleType]

ROOTS = ("VIEW3D_MT_tripo_add", "VIEW3D_MT_tripo_object")
IMAGE = "IMAGE_MT_tripo_send"
"""In the Image Editor, for what can only be done there."""


def drawn_in(name: str) -> list[Drawn]:
    """What a menu and those that it opens draw."""
    drawn: list[Drawn] = []
    getattr(bpy.types, name).draw(SimpleNamespace(layout=Layout(drawn)), bpy.context)
    for one in list(drawn):
        if one.function == "menu":
            drawn += drawn_in(one.arguments["menu"])
    return drawn


def operators_of(drawn: list[Drawn]) -> set[str]:
    return {one.arguments["operator"] for one in drawn if one.function in ("operator", "operator_menu_enum")}


def test_every_operator_for_artists_is_in_a_menu(extension: str) -> None:
    in_menus = set[str]().union(*(operators_of(drawn_in(menu)) for menu in (*ROOTS, IMAGE)))
    ours = {
        f"tripo.{name}"
        for name in dir(bpy.ops.tripo)
        if "INTERNAL" not in getattr(bpy.types, f"TRIPO_OT_{name}").bl_options
    }
    assert len(ours) > 10
    assert ours - in_menus == set()


def test_dialogs_are_invoked_and_marked(extension: str) -> None:
    """An ellipsis promises a question before anything happens."""
    for one in (one for root in ROOTS for one in drawn_in(root) if one.function == "operator"):
        asks = "invoke" in dir(getattr(bpy.types, one.arguments["operator"].replace("tripo.", "TRIPO_OT_")))
        assert asks or not one.text.endswith("…"), one.arguments["operator"]


def test_job_entries_are_about_the_chosen_job(state: Any) -> None:
    drawn = [one for one in drawn_in("VIEW3D_MT_tripo_job") if one.function == "operator"]
    assert drawn and all(one.properties.job_id == "" for one in drawn)
    for number in range(3):
        state.jobs.add().job_id = f"job{number}"
    state.active_job = 1
    drawn = [one for one in drawn_in("VIEW3D_MT_tripo_job") if one.function == "operator"]
    assert {one.properties.job_id for one in drawn} == {"job1"}


def test_the_menus_hang_in_add_and_object(extension: str) -> None:
    for owner, menu in (("VIEW3D_MT_add", ROOTS[0]), ("VIEW3D_MT_object", ROOTS[1])):
        drawn: list[Drawn] = []
        for draw in getattr(bpy.types, owner).draw._draw_funcs:
            if "tripo" in draw.__module__:
                draw(SimpleNamespace(layout=Layout(drawn)), bpy.context)
        assert [one.arguments["menu"] for one in drawn if one.function == "menu"] == [menu]


def test_no_shortcut_is_taken(extension: str) -> None:
    keyconfigs = bpy.context.window_manager.keyconfigs
    for configuration in filter(None, (keyconfigs.addon, keyconfigs.user, keyconfigs.default)):
        for keymap in configuration.keymaps:
            assert not [item.idname for item in keymap.keymap_items if item.idname.startswith("tripo.")]
