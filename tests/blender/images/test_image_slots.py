"""Filling slots: files, drops, images, and what a slot says of what it holds."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import bpy
import pytest

Package = Callable[[str], ModuleType]

VIEWS = ("front", "left", "back", "right")


@pytest.fixture
def settings(extension: str) -> Any:
    return bpy.context.scene.tripo


def save_image(path: Path, width: int = 400, height: int = 300, kind: str = "PNG") -> Path:
    image = bpy.data.images.new("made", width, height)
    image.filepath_raw, image.file_format = str(path), kind
    image.save()
    bpy.data.images.remove(image)
    return path


def test_a_chosen_file_fills_the_slot(settings: Any, tmp_path: Path) -> None:
    path = save_image(tmp_path / "mug.png")
    assert bpy.ops.tripo.open_image(slot="left", filepath=str(path)) == {"FINISHED"}
    assert (settings.left.source, settings.left.path, settings.kind) == ("FILE", str(path), "MULTIVIEW")
    assert settings.left.problem == settings.left.note == ""
    bpy.ops.tripo.clear_image(slot="left")
    assert settings.left.path == "" and path.exists()


def test_a_wrong_file_is_refused_with_the_reason(settings: Any, tmp_path: Path, package: Package) -> None:
    good, wrong = save_image(tmp_path / "mug.png"), tmp_path / "notes.png"
    wrong.write_text("not an image")
    bpy.ops.tripo.open_image(slot="image", filepath=str(good))
    assert bpy.ops.tripo.open_image(slot="image", filepath=str(wrong)) == {"CANCELLED"}
    assert settings.image.path == str(good), "the slot keeps what it has"
    said = package("translations.translate").tell(settings.image.problem)
    assert "'notes.png' is not a PNG, JPEG or WebP image" in said
    bpy.ops.tripo.open_image(slot="image", filepath=str(good))
    assert settings.image.problem == ""


def test_typed_paths_and_addresses_are_looked_at_once(settings: Any, tmp_path: Path) -> None:
    settings.image.path = str(tmp_path / "never.png")
    assert "not there" in settings.image.problem
    settings.image.source = "URL"
    assert settings.image.problem == ""
    settings.image.url = "http://example.com/a.png"
    assert "https://" in settings.image.problem
    settings.image.url = "https://example.com/a.png"
    assert settings.image.problem == ""


def test_a_small_and_a_transparent_image_are_told(settings: Any, tmp_path: Path) -> None:
    clear = bpy.data.images.new("clear", 300, 255, alpha=True)
    clear.filepath_raw, clear.file_format = str(tmp_path / "clear.png"), "PNG"
    clear.save()
    small, flat = "Smaller than 256 pixels: a larger one gives a better model", "Sent over a plain background"
    settings.image.path = str(tmp_path / "clear.png")
    assert settings.image.note.splitlines()[0] == small and flat in settings.image.note.splitlines()[1]
    settings.keep_alpha = True
    assert settings.image.note == small, "found out anew when the setting changes"
    settings.image.path = str(save_image(tmp_path / "large.png"))
    settings.keep_alpha = False
    assert settings.image.note == ""
    packed = bpy.data.images.load(str(tmp_path / "clear.png"))
    packed.pack()
    settings.front.image, settings.front.source = packed, "IMAGE"
    assert flat in settings.front.note


def test_what_a_slot_says_is_found_out_again_when_a_file_is_opened(settings: Any, tmp_path: Path) -> None:
    path = save_image(tmp_path / "mug.png")
    settings.image.path = str(path)
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "here.blend"))
    path.unlink()
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "here.blend"))
    assert "not there" in bpy.context.scene.tripo.image.problem


def test_one_dropped_file_goes_where_the_panel_is(settings: Any, tmp_path: Path) -> None:
    path = save_image(tmp_path / "mug_back.png")
    bpy.ops.tripo.drop_image(filepath=str(path))
    assert settings.kind == "IMAGE" and settings.image.path == str(path)
    settings.kind = "MULTIVIEW"
    bpy.ops.tripo.drop_image(directory=str(tmp_path), files=[{"name": path.name}])
    assert settings.back.path == str(path), "its name says so"
    other = save_image(tmp_path / "IMG_1.png")
    bpy.ops.tripo.drop_image(filepath=str(other))
    assert settings.front.path == str(other), "the first that is free"
    bpy.ops.tripo.drop_image(filepath=str(other), slot="right")
    assert settings.right.path == str(other)


def test_several_dropped_files_are_the_views(settings: Any, tmp_path: Path) -> None:
    names = ["c_right.png", "a_back.png", "d_left.png", "b_front.png"]
    for name in names:
        save_image(tmp_path / name)
    bpy.ops.tripo.drop_image(directory=str(tmp_path), files=[{"name": name} for name in names])
    assert settings.kind == "MULTIVIEW"
    found = [Path(getattr(settings, view).path).name for view in VIEWS]
    assert found == ["b_front.png", "d_left.png", "a_back.png", "c_right.png"]


def test_the_file_handler_takes_images_over_3d_views_only(package: Package) -> None:
    from types import SimpleNamespace

    handler = package("operators.images.drop").TRIPO_FH_image
    assert handler.is_registered and handler.bl_import_operator == "tripo.drop_image"
    assert {".png", ".jpg", ".jpeg", ".webp"} == set(handler.bl_file_extensions.split(";"))
    for kind, taken in (("VIEW_3D", True), ("IMAGE_EDITOR", False), ("TEXT_EDITOR", False)):
        assert handler.poll_drop(SimpleNamespace(area=SimpleNamespace(type=kind))) is taken
    assert not handler.poll_drop(SimpleNamespace(area=None))


def test_an_image_is_sent_to_a_slot(settings: Any) -> None:
    image = bpy.data.images.new("paint", 8, 8)
    assert bpy.ops.tripo.send_image(slot="front", image="paint") == {"FINISHED"}
    assert (settings.front.source, settings.front.image, settings.kind) == ("IMAGE", image, "MULTIVIEW")
    assert bpy.ops.tripo.send_image(slot="front", image="nothing") == {"CANCELLED"}


def test_an_empty_render_result_says_to_render_first(
    settings: Any, package: Package, home: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Blender has the image before anything was rendered."""
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=False)
    result = bpy.data.images["Render Result"]
    assert bpy.ops.tripo.send_image(slot="image", image="Render Result") == {"CANCELLED"}
    slot = bpy.context.scene.tripo.image
    assert slot.image is None
    assert "render first (F12)" in capfd.readouterr().out
    assert package("properties.render_result").is_empty(), "the menu's entry is greyed"
    slot.source, slot.image = "IMAGE", result  # as the data-block search does
    assert "render first (F12)" in slot.problem, "Generate is greyed, with the reason"
    writing, place = package("operators.images.writing"), package("client.paths").Home(home)
    with pytest.raises(package("client.errors").InvalidRequest, match="render first"):
        writing.write_image("image", result, place, bpy.context.scene)


def test_the_render_result_can_be_sent(settings: Any, package: Package, home: Path) -> None:
    scene = render_red()
    assert not package("properties.render_result").is_empty()
    assert bpy.ops.tripo.send_image(slot="image", image="Render Result") == {"FINISHED"}
    assert not settings.image.problem
    images, place = package("operators.images.sources"), package("client.paths").Home(home)
    sent = images.source_from_slot("image", settings.image, place, scene).path
    reference = home / "reference.png"
    scene.render.image_settings.file_format = "PNG"
    bpy.data.images["Render Result"].save_render(str(reference), scene=scene)
    assert pixels(Path(sent)) == pixels(reference), "as a saved render looks"


def render_red() -> Any:
    """Render a red world; the scene."""
    scene: Any = bpy.context.scene
    camera = bpy.data.objects.new("camera", bpy.data.cameras.new("camera"))
    scene.collection.objects.link(camera)
    scene.camera = camera
    scene.world = bpy.data.worlds.new("red")
    scene.world.use_nodes = True
    scene.world.node_tree.nodes["Background"].inputs["Color"].default_value = (0.8, 0.1, 0.1, 1.0)
    scene.render.engine, scene.cycles.samples, scene.cycles.use_denoising = "CYCLES", 1, False
    scene.render.resolution_x, scene.render.resolution_y = 40, 30
    bpy.ops.render.render()
    return scene


def pixels(path: Path) -> tuple[tuple[int, int], list[float]]:
    image: Any = bpy.data.images.load(str(path))
    found = (tuple(image.size), [round(value, 3) for value in image.pixels[:8]])
    bpy.data.images.remove(image)
    return found


@pytest.fixture
def small_limit(package: Package, monkeypatch: pytest.MonkeyPatch) -> None:
    """Images of more than 64 pixels are large, so that the tests need none of 8192."""
    for module in ("client.jobs.images", "operators.images.writing"):
        monkeypatch.setattr(package(module), "MAX_SIDE", 64)


@pytest.mark.parametrize("source", ["file", "file image", "packed image", "painted image", "TIFF image"])
def test_large_images_are_scaled_on_a_copy(
    settings: Any, package: Package, home: Path, tmp_path: Path, small_limit: None, source: str, monkeypatch: Any
) -> None:
    images = package("client.jobs.images")
    whole = images.fitting_size
    monkeypatch.setattr(images, "fitting_size", lambda width, height, longest=64: whole(width, height, longest))
    kind = "TIFF" if source.startswith("TIFF") else "PNG"
    path = save_image(tmp_path / f"large.{kind[:3].lower()}", kind=kind)
    before = path.read_bytes()
    if source == "file":
        settings.image.path = str(path)
    else:
        painted = source.startswith("painted")
        image: Any = bpy.data.images.new("large", 400, 300) if painted else bpy.data.images.load(str(path))
        if painted:
            image.pixels[0] = 0.5
        if source.startswith("packed"):
            image.pack()
        settings.image.source, settings.image.image = "IMAGE", image
    if kind == "PNG":
        said = package("translations.translate").tell(settings.image.note)
        assert said == "Sent as 64 × 48, scaled down from 400 × 300"
    images = len(bpy.data.images)
    place = package("client.paths").Home(home)
    sent = package("operators.images.sources").source_from_slot("image", settings.image, place, bpy.context.scene)
    assert pixels(Path(sent.path))[0] == (64, 48)
    assert [entry.name for entry in (home / "inputs").iterdir()] == [Path(sent.path).name], "no copy in between is left"
    assert path.read_bytes() == before and len(bpy.data.images) == images
    if settings.image.image:
        size: Any = settings.image.image.size
        assert tuple(size) == (400, 300), "the artist's image keeps its size"


def test_without_a_window_there_are_no_stills(extension: str) -> None:
    with pytest.raises(RuntimeError, match="Snapshots need a window"):
        bpy.ops.tripo.take_still(slot="image")
    with pytest.raises(RuntimeError, match="Open an Image Editor"):
        bpy.ops.tripo.paste_image(slot="image")
