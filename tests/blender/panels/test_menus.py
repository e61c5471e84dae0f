"""What an artist may do is in a menu: only that is found by the F3 search."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType, SimpleNamespace

import bpy

from support.ui.layout import Drawn, Layout

Package = Callable[[str], ModuleType]

ROOTS = ("VIEW3D_MT_tripo_add", "VIEW3D_MT_tripo_object", "TOPBAR_MT_tripo")
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


def weight(one: Drawn) -> float:
    return float(one.arguments.get("search_weight", 0.0))


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


def test_the_search_finds_what_people_type(extension: str) -> None:
    """F3 looks through menus: each of these words is in one, and no entry about the active job of the list is."""
    texts = [one.text or str(one.arguments.get("operator", "")) for menu in ROOTS for one in drawn_in(menu)]
    assert texts[:3] == ["Generate from Text…", "Generate from Image…", "Generate from Views…"]
    for word in ("texture", "balance", "sandbox", "prompt", "mouse"):
        assert any(word in text.lower() for text in texts), word
    assert not [text for text in texts if "job" in text]
    first = [one.text or one.arguments["operator"] for menu in ROOTS for one in drawn_in(menu) if weight(one) > 0]
    for word in ("generate", "image", "texture", "balance"):
        assert any(word in text.lower() for text in first), f"{word}: Blender's own entries would come first"


def test_nothing_about_the_account_is_in_the_object_menu(extension: str) -> None:
    assert not operators_of(drawn_in("VIEW3D_MT_tripo_object")) & operators_of(drawn_in("TOPBAR_MT_tripo"))
    assert {"tripo.check_balance", "tripo.try_sandbox"} <= operators_of(drawn_in("TOPBAR_MT_tripo"))


def test_the_object_menu_greys_what_the_selection_is_nothing_for(extension: str) -> None:
    def enabled() -> dict[str, bool]:
        drawn = drawn_in("VIEW3D_MT_tripo_object")
        return {one.arguments["operator"]: one.enabled for one in drawn if one.function == "operator"}

    for one in bpy.context.selected_objects:
        one.select_set(False)
    bpy.context.view_layer.objects.active = None
    assert not any(enabled().values())
    mesh = bpy.data.objects.new("mesh", bpy.data.meshes.new("mesh"))
    bpy.context.scene.collection.objects.link(mesh)
    mesh.select_set(True)
    bpy.context.view_layer.objects.active = mesh
    try:
        assert enabled()["tripo.texture_model"] and not enabled()["tripo.generate_again"]
        mesh["tripo_job_id"] = "job1"
        assert enabled()["tripo.generate_again"]
    finally:
        bpy.data.objects.remove(mesh)


def test_the_menus_hang_in_add_object_and_edit(extension: str) -> None:
    for owner, menu in zip(("VIEW3D_MT_add", "VIEW3D_MT_object", "TOPBAR_MT_edit"), ROOTS, strict=True):
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
