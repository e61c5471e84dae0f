"""The Generate panel: what a press needs in one look, and no word where nobody is stopped."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import bpy
import pytest

from support.sandbox_service.service import API_KEY
from support.ui import sidebar
from support.ui.layout import Drawn

Package = Callable[[str], ModuleType]


def draw(package: Package, name: str, width: int = 300) -> list[Drawn]:
    """Draw a panel and return what it drew."""
    return sidebar.draw(getattr(package("panels.tab"), name), width)


def labels(drawn: list[Drawn]) -> str:
    return " ".join(sidebar.labels(drawn))


def generate_button(drawn: list[Drawn]) -> Drawn:
    (button,) = [one for one in drawn if one.function == "operator" and one.text.startswith("Generate")]
    return button


@pytest.fixture
def settings(extension: str) -> Any:
    return bpy.context.scene.tripo  # type: ignore[attr-defined]


@pytest.fixture
def key(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    monkeypatch.setenv("THREEDAISTUDIO_API_KEY", API_KEY)


def test_a_missing_image_greys_the_button_and_is_told_once(
    package: Package, settings: Any, key: None, tmp_path: Path
) -> None:
    settings.kind = "IMAGE"
    settings.image.path = str(tmp_path / "gone.png")
    drawn = draw(package, "TRIPO_PT_generate", width=4000)
    assert not generate_button(drawn).enabled
    assert labels(drawn).count("is not there: choose another file") == 1


def test_a_conflict_is_told_where_it_is_and_nowhere_before(package: Package, settings: Any, key: None) -> None:
    def quads() -> tuple[bool, str]:
        drawn = draw(package, "TRIPO_PT_shape", width=1000)
        (switch,) = [one for one in drawn if one.function == "prop" and one.arguments["property"] == "quad"]
        return switch.enabled, labels(drawn)

    settings.use_face_limit = True
    assert quads() == (True, ""), "Parts do not go with a texture, but nobody has asked for parts"
    settings.texture = settings.pbr = False
    settings.generate_parts = True
    assert quads() == (True, "")
    settings.quad = True
    enabled, reason = quads()
    assert enabled and "Quads and Parts" in reason


def test_what_has_no_effect_is_greyed_without_a_word(package: Package, settings: Any, key: None) -> None:
    def maps() -> tuple[bool, str]:
        drawn = draw(package, "TRIPO_PT_surface", width=1000)
        (switch,) = [one for one in drawn if one.function == "prop" and one.arguments["property"] == "pbr"]
        return switch.enabled, labels(drawn)

    assert maps() == (True, "")
    settings.texture_choice = "OFF"
    assert maps() == (False, "")


def test_one_choice_stands_for_texture_and_its_quality(settings: Any) -> None:
    assert settings.texture_choice == "standard"
    settings.texture_choice = "detailed"
    assert (settings.texture, settings.texture_quality) == (True, "detailed")
    settings.texture_choice = "OFF"
    assert (settings.texture, settings.texture_quality) == (False, "detailed")
    settings.texture = True
    assert settings.texture_choice == "detailed"


def test_a_long_prompt_is_shown_whole_below_its_field(package: Package, settings: Any, key: None) -> None:
    settings.prompt = "a chair"
    assert "a chair" not in labels(draw(package, "TRIPO_PT_generate", width=291))
    settings.prompt = "a weathered bronze statue of an owl reading a book on a mossy stone pedestal"
    assert settings.prompt in labels(draw(package, "TRIPO_PT_generate", width=291))
    settings.prompt = "word " * 200
    lines = [one.text for one in draw(package, "TRIPO_PT_generate", width=291) if one.text.startswith("word")]
    assert len(lines) == 4 and lines[-1].endswith("…"), "it does not push the button off the screen"


@pytest.mark.parametrize(
    ("text", "short"),
    [
        ("a red rocket", "a red rocket"),
        ("a  red\nrocket", "a red rocket"),
        ("a red rocket on its pad", "a red rocket on its…"),
        ("incomprehensibilities", "incomprehensibiliti…"),
    ],
)
def test_a_name_is_cut_after_a_word(package: Package, text: str, short: str) -> None:
    assert package("widgets.wrapped_text").shorten(text, 20) == short


@pytest.mark.parametrize(
    ("balance", "price", "left"),
    [("1060", 40, "1020"), ("142.5", 40, "102.5"), ("40", 40, "0"), ("39.99", 40, ""), ("", 40, ""), ("?", 40, "")],
)
def test_what_is_left_after_a_press(package: Package, balance: str, price: int, left: str) -> None:
    assert package("panels.credits").left_after(balance, price) == left


def test_the_price_and_what_is_left_stand_with_the_button(
    package: Package, settings: Any, state: Any, key: None
) -> None:
    settings.prompt, settings.variations, state.balance = "a chair", 2, "1060"
    drawn = draw(package, "TRIPO_PT_generate")
    assert generate_button(drawn).text == "Generate · 80 Credits"
    assert "980 left afterwards" in labels(drawn)
    names = [one.arguments.get("property") for one in drawn if one.function == "prop"]
    assert {"prompt", "model_version", "texture_choice", "location", "fit", "variations"} <= set(names)


def test_lengths_are_shown_in_the_units_of_the_scene_and_kept_in_metres(
    settings: Any, extension: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    units, placement = bpy.context.scene.unit_settings, settings.placement
    default = bpy.context.preferences.addons[extension].preferences.placement
    operator = bpy.ops.tripo.text_to_3d.get_rna_type()  # type: ignore[attr-defined]
    for owner in (placement.bl_rna, default.bl_rna, operator):
        assert {owner.properties[name].unit for name in ("shown_size", "shown_merge_distance")} == {"LENGTH"}
    try:
        units.scale_length = 0.01  # the scene is in centimetres
        placement.size = 1.0
        assert placement.shown_size == pytest.approx(100.0)
        placement.shown_size, placement.shown_merge_distance = 30.0, 0.02
        assert (placement.size, placement.merge_distance) == pytest.approx((0.3, 0.0002))
    finally:
        units.scale_length = 1.0
