"""Images on their way to the service: what is sent shows what the artist sees, and nothing of theirs changes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import bpy
import pytest

from support.machine.releases import both_ends
from support.models.placed import models
from support.models.worker import Worker
from support.sandbox_service.service import SandboxControl
from support.ui.sidebar import draw_all

Package = Callable[[str], ModuleType]

pytestmark = both_ends


@pytest.fixture
def send(package: Package, home: Path) -> Callable[..., Path]:
    """Return the file that an Image datablock is sent as."""
    images, root = package("operators.images.sources"), package("client.paths").Home(home)

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


def test_images_are_private(send: Callable[..., Path], home: Path) -> None:
    made = painted("made")
    made.pack()
    assert send(made).stat().st_mode & 0o077 == 0 or (home / "inputs").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("text", "expected"),
    [("https://example.com/a.png", "url"), ("//images/a.png", "path"), ("a painting", "image")],
)
def test_a_text_names_a_image(package: Package, home: Path, tmp_path: Path, text: str, expected: str) -> None:
    painted("a painting")
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "here.blend"))
    images: Any = package("operators.images.sources")
    source = images.source_from_text("image", text, package("client.paths").Home(home), bpy.context.scene)
    if expected == "url":
        assert (source.url, source.path) == (text, "")
    elif expected == "path":
        assert Path(source.path) == tmp_path / "images" / "a.png"
    else:
        assert Path(source.path).parent == home / "inputs"


def light(kind: str, folder: Path) -> bpy.types.Image:
    """An image of linear light, darker and brighter than white, with half a transparent pixel."""
    image = bpy.data.images.new(kind, 4, 4, alpha=True, float_buffer=True)
    image.pixels = [0.18, 0.5, 2.5, 1.0] * 8 + [0.1, 0.02, 0.4, 0.5] * 8
    if kind == "generated":
        return image
    if kind == "generated Non-Color":
        image.colorspace_settings.name = "Non-Color"
        return image
    suffix, file_format = ("hdr", "HDR") if "HDR" in kind else ("exr", "OPEN_EXR")
    path = folder / f"light.{suffix}"
    settings = bpy.context.scene.render.image_settings
    before = settings.file_format
    settings.file_format = file_format
    image.save_render(str(path), scene=bpy.context.scene)
    settings.file_format = before
    loaded = bpy.data.images.load(str(path))
    if kind.startswith(("Non-Color", "sRGB")):
        loaded.colorspace_settings.name = kind.partition(" ")[0]
    if kind == "packed EXR":
        loaded.pack()
        path.unlink()
    if kind == "painted EXR":
        loaded.pixels[0] = 0.3  # type: ignore[index]
        loaded.update()
    return loaded


LIGHT = ["generated", "generated Non-Color", "EXR file", "Non-Color EXR file", "sRGB EXR file", "packed EXR"]
LIGHT += ["painted EXR", "HDR file"]


@pytest.mark.parametrize("kind", LIGHT)
def test_linear_light_is_sent_as_blender_saves_it(
    send: Callable[..., Path], unchanged_scene: None, tmp_path: Path, kind: str
) -> None:
    image, scene = light(kind, tmp_path), bpy.context.scene
    sent = send(image)
    settings = scene.render.image_settings
    before = (settings.file_format, settings.color_mode)
    settings.file_format, settings.color_mode = "PNG", "RGBA"
    image.save_render(str(tmp_path / "reference.png"), scene=scene)
    settings.file_format, settings.color_mode = before
    assert every_pixel(sent) == every_pixel(tmp_path / "reference.png")


def every_pixel(path: Path) -> list[float]:
    image: Any = bpy.data.images.load(str(path))
    found = [round(value, 4) for value in image.pixels[:]]
    bpy.data.images.remove(image)
    return found


def test_the_view_transform_of_the_scene_counts(send: Callable[..., Path], tmp_path: Path) -> None:
    image = light("EXR file", tmp_path)
    dark = every_pixel(send(image))
    bpy.context.scene.view_settings.exposure = 2.0
    assert every_pixel(send(image))[0] > dark[0] + 0.1


@pytest.mark.parametrize("suffix", ["exr", "hdr", "tif"])
def test_a_file_of_another_kind_is_refused_by_its_path(extension: str, tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"mug.{suffix}"
    path.write_bytes(b"\x76\x2f\x31\x01" + bytes(60))
    slot = bpy.context.scene.tripo.image
    slot.path = str(path)
    assert "is not a PNG, JPEG or WebP image" in slot.problem


def see_through(folder: Path, name: str = "ghost.png", **options: Any) -> Path:
    """Half red over nothing at the left, opaque green at the right."""
    image = bpy.data.images.new("made", 8, 4, alpha=True, **options)
    image.pixels = ([1.0, 0.0, 0.0, 0.5] * 4 + [0.0, 0.5, 0.0, 1.0] * 4) * 4
    image.filepath_raw, image.file_format = str(folder / name), "WEBP" if name.endswith("webp") else "PNG"
    image.save()
    bpy.data.images.remove(image)
    return folder / name


def test_a_transparent_image_is_to_be_flattened_unless_it_is_kept(package: Package, home: Path, tmp_path: Path) -> None:
    sources, place, scene = package("operators.images.sources"), package("client.paths").Home(home), bpy.context.scene
    path = see_through(tmp_path)
    opaque = bpy.data.images.new("opaque", 8, 8)
    opaque.filepath_raw, opaque.file_format = str(tmp_path / "opaque.png"), "PNG"
    opaque.save()
    for text, flatten in (
        (str(path), True),
        (str(tmp_path / "opaque.png"), False),
        ("https://example.com/a.png", False),
    ):
        source = sources.source_from_text("image", text, place, scene)
        assert source.flatten is flatten, text
        assert not sources.source_from_text("image", text, place, scene, keep_alpha=True).flatten
    loaded = bpy.data.images.load(str(path))
    loaded.pack()
    loaded["tripo_background"] = "#102030"
    source = sources.source_from_image("image", loaded, place, scene)
    assert (source.flatten, source.background) == (True, "#102030")
    painted("paint")
    assert sources.source_from_text("image", "paint", place, scene).flatten, "it has an alpha channel"
    assert not sources.source_from_image("image", bpy.data.images.new("plain", 4, 4), place, scene).flatten


@pytest.mark.parametrize("name", ["ghost.png", "ghost.webp"])
@pytest.mark.parametrize("background", ["#ffffff", "#3d3d3d"])
def test_the_background_blender_flattens(worker: Worker, tmp_path: Path, name: str, background: str) -> None:
    source, target = see_through(tmp_path, name), tmp_path / "flat.jpg"
    assert worker.order(flatten=source, target=target, background=background) == {"ok": True}
    assert target.read_bytes().startswith(b"\xff\xd8\xff")
    behind = int(background[1:3], 16)
    image: Any = bpy.data.images.load(str(target))
    values, (width, height) = image.pixels[:], image.size
    assert (width, height, image.depth) == (8, 4, 24)
    left, right = [round(value * 255) for value in values[:3]], [round(value * 255) for value in values[28:31]]
    assert all(abs(a - b) <= 8 for a, b in zip(left, [(255 + behind) / 2, behind / 2, behind / 2], strict=True)), left
    assert all(abs(a - b) <= 8 for a, b in zip(right, [0, 128, 0], strict=True)), right
    assert not list(tmp_path.glob("*.partial*"))


def test_what_is_no_image_is_refused_by_the_background_blender(worker: Worker, tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"not an image")
    answer = worker.order(flatten=tmp_path / "a.png", target=tmp_path / "b.jpg", background="#ffffff")
    assert answer is not None and answer["ok"] is False and not (tmp_path / "b.jpg").exists()
    ok = {"flatten": see_through(tmp_path), "target": tmp_path / "b.jpg", "background": "#ffffff"}
    assert worker.order(**ok) == {"ok": True}, "and it goes on"


@pytest.mark.usefixtures("short_past")
@pytest.mark.parametrize(("keep_alpha", "kind"), [(False, "jpeg"), (True, "png")])
def test_a_transparent_image_is_sent_flattened_or_kept(
    quick: SandboxControl, home: Path, tmp_path: Path, keep_alpha: bool, kind: str
) -> None:
    path = see_through(tmp_path)
    before = path.read_bytes()
    assert bpy.ops.tripo.image_to_3d(image=str(path), texture=False, pbr=True, keep_alpha=keep_alpha) == {"FINISHED"}
    (sent,) = quick.state()["submissions"]
    assert (sent["images"][0]["kind"], sent["images"][0]["width"], sent["credits"]) == (kind, 8, 40)
    assert sent["parameters"]["pbr"] is False
    assert path.read_bytes() == before
    (collection,) = models()
    told = json.loads(collection["tripo_request"])
    assert told["images"] == [{"slot": "image", "path": "ghost.png", "url": ""}] and str(home) not in str(told)
    assert told["parameters"]["pbr"] is False, "what was sent"


@pytest.mark.usefixtures("short_past")
def test_a_failure_about_the_image_offers_to_flatten_it(
    quick: SandboxControl, extension: str, package: Package, state: Any, tmp_path: Path
) -> None:
    path = see_through(tmp_path)
    quick.add_fault("status", "failed", reason="an error occurred while processing the input image")
    with pytest.raises(RuntimeError, match="input image"):
        bpy.ops.tripo.image_to_3d(image=str(path), texture=False, keep_alpha=True)

    def offered() -> list[Any]:
        return [one for one in draw_all(extension) if one.function == "operator" and one.text == "Retry Flattened"]

    row = state.jobs[0]
    (button,) = offered()
    assert button.arguments["operator"] == "tripo.retry_job"
    assert (button.properties.job_id, button.properties.flatten) == (row.job_id, True)
    quick.add_fault("status", "failed", reason="an error occurred while processing the input image")
    with pytest.raises(RuntimeError, match="input image"):
        bpy.ops.tripo.retry_job(job_id=row.job_id, flatten=True)
    assert [one["images"][0]["kind"] for one in quick.state()["submissions"]] == ["png", "jpeg"]
    assert offered() == [], "it was flattened"
    with pytest.raises(RuntimeError, match="flattened already"):
        bpy.ops.tripo.retry_job(job_id=row.job_id, flatten=True)
