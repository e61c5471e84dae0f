"""Pictures on their way to the service: what is sent shows what the artist sees, and nothing of theirs changes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import bpy
import pytest

Package = Callable[[str], ModuleType]


@pytest.fixture
def send(package: Package, home: Path) -> Callable[..., Path]:
    """Return the file that an Image datablock is sent as."""
    images, root = package("operators.pictures.sources"), package("client.home").Home(home)

    def source(image: bpy.types.Image) -> Path:
        return Path(images.source_from_image("image", image, root, bpy.context.scene).path)

    return source


def painted(name: str, *, is_float: bool = False, value: float = 0.5) -> bpy.types.Image:
    image = bpy.data.images.new(name, 4, 4, alpha=True, float_buffer=is_float)
    image.pixels = [value, value / 2, 0.0, 1.0] * 16
    return image


def pixels(path: Path) -> list[float]:
    """The first pixel as stored, in 0–255."""
    image = bpy.data.images.load(str(path))
    image.colorspace_settings.name = "Non-Color"
    values: Any = image.pixels
    found = [round(value * 255) for value in values[:4]]
    bpy.data.images.remove(image)
    return found


@pytest.fixture
def unchanged_scene(extension: str) -> Iterator[None]:
    """The scene's output and view settings are the artist's: JPEG here, and so afterwards."""
    settings = bpy.context.scene.render.image_settings
    settings.file_format, settings.color_mode, settings.quality = "JPEG", "RGB", 42
    bpy.context.scene.view_settings.exposure = 1.0
    before = (settings.file_format, settings.color_mode, settings.quality, settings.color_management)
    views = (settings.view_settings.view_transform, bpy.context.scene.view_settings.view_transform)
    yield
    after = (settings.file_format, settings.color_mode, settings.quality, settings.color_management)
    assert after == before
    assert (settings.view_settings.view_transform, bpy.context.scene.view_settings.view_transform) == views


def test_a_clean_file_is_sent_as_it_is(send: Callable[..., Path], tmp_path: Path) -> None:
    made = painted("made")
    made.filepath_raw, made.file_format = str(tmp_path / "mug.png"), "PNG"
    made.save()
    loaded = bpy.data.images.load(str(tmp_path / "mug.png"))
    assert send(loaded) == tmp_path / "mug.png"


def test_paint_looks_as_painted(send: Callable[..., Path], home: Path, unchanged_scene: None) -> None:
    image = painted("paint")
    sent = send(image)
    assert sent.parent == home / "inputs" and sent.suffix == ".png"
    red, green, blue, alpha = pixels(sent)
    assert abs(red - 128) <= 1 and abs(green - 64) <= 1 and (blue, alpha) == (0, 255)
    size: Any = image.size
    assert image.is_dirty and tuple(size) == (4, 4) and image.packed_file is None


def test_scene_light_is_developed(send: Callable[..., Path], unchanged_scene: None) -> None:
    """Linear values come out through the view transform: brighter than their plain numbers."""
    red, *_ = pixels(send(painted("light", is_float=True, value=0.18)))
    assert red > 0.18 * 255 + 20


def test_a_file_of_another_kind_becomes_a_png(send: Callable[..., Path], tmp_path: Path) -> None:
    made = painted("made")
    made.filepath_raw, made.file_format = str(tmp_path / "mug.tif"), "TIFF"
    made.save()
    sent = send(bpy.data.images.load(str(tmp_path / "mug.tif")))
    assert sent.read_bytes().startswith(b"\x89PNG") and abs(pixels(sent)[0] - 128) <= 1


def test_packed_bytes_are_sent_as_they_are(send: Callable[..., Path], tmp_path: Path) -> None:
    made = painted("made")
    made.filepath_raw, made.file_format = str(tmp_path / "mug.png"), "PNG"
    made.save()
    content = (tmp_path / "mug.png").read_bytes()
    packed = bpy.data.images.load(str(tmp_path / "mug.png"))
    packed.pack()
    (tmp_path / "mug.png").unlink()
    assert send(packed).read_bytes() == content


def test_an_image_without_pixels_is_told(send: Callable[..., Path], package: Package, tmp_path: Path) -> None:
    missing = bpy.data.images.new("missing", 4, 4)
    missing.source, missing.filepath = "FILE", str(tmp_path / "never.png")
    missing.reload()
    with pytest.raises(Exception, match="no pixels") as caught:
        send(missing)
    assert type(caught.value).__name__ == "InvalidRequest"


def test_pictures_are_private(send: Callable[..., Path], home: Path) -> None:
    made = painted("made")
    made.pack()
    assert send(made).stat().st_mode & 0o077 == 0 or (home / "inputs").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("text", "expected"),
    [("https://example.com/a.png", "url"), ("//pictures/a.png", "path"), ("a painting", "image")],
)
def test_a_text_names_a_picture(package: Package, home: Path, tmp_path: Path, text: str, expected: str) -> None:
    painted("a painting")
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "here.blend"))
    images: Any = package("operators.pictures.sources")
    source = images.source_from_text("image", text, package("client.home").Home(home), bpy.context.scene)
    if expected == "url":
        assert (source.url, source.path) == (text, "")
    elif expected == "path":
        assert Path(source.path) == tmp_path / "pictures" / "a.png"
    else:
        assert Path(source.path).parent == home / "inputs"
