"""What is told of image files before anything is sent: their kind, size and which view they show."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from client.jobs.images import MAX_BYTES, MAX_SIDE, MAX_SIDE_READ, fitting_size, inspect, label_of, unique_file_name
from client.jobs.model_source import check_file as check_model
from client.jobs.views import arrange_views, view_of


def png(width: int, height: int, size: int = 64) -> bytes:
    head = b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sIIBBBBB", 13, b"IHDR", width, height, 8, 2, 0, 0, 0)
    return head.ljust(size, b"\0")


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (png(640, 480), ("", 640, 480, False)),
        (png(MAX_SIDE + 1, 10), ("", MAX_SIDE + 1, 10, True)),
        (png(100, 100, MAX_BYTES + 1), ("", 100, 100, True)),
        (png(MAX_SIDE_READ + 1, 1), ("longest side allowed", 0, 0, False)),
        (png(0, 5), ("damaged", 0, 0, False)),
        (b"\x89PNG\r\n\x1a\n", ("damaged", 0, 0, False)),
        (b"\xff\xd8\xff\xe0\x00\x04ab\xff\xc0\x00\x0b\x08\x00\x05\x00\x07\x01\x11\x00\x00", ("", 7, 5, False)),
        (b"GIF89a\x01\x00\x01\x00", ("not a PNG, JPEG or WebP image", 0, 0, False)),
        (b"", ("not a PNG, JPEG or WebP image", 0, 0, False)),
    ],
)
def test_a_header_tells(tmp_path: Path, content: bytes, expected: tuple[str, int, int, bool]) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(content)
    found = inspect("image", str(path))
    assert expected[0] in str(found.problem) and bool(expected[0]) == bool(found.problem)
    assert found[1:4] == expected[1:]


def test_a_missing_file_and_a_folder_are_told(tmp_path: Path) -> None:
    assert "not there" in str(inspect("left", str(tmp_path / "never.png")).problem)
    assert str(inspect("left", str(tmp_path)).problem).startswith("The left image")
    assert str(inspect("image", "a\0b").problem).startswith("The image")


def test_a_name_that_the_store_cannot_keep_is_told_before_the_press(tmp_path: Path) -> None:
    """Linux takes any bytes for a name, as old archives have them."""
    image, model = inspect("image", str(tmp_path / "caf\udce9.png")).problem, check_model("caf\udce9.glb")
    assert "path is not valid" in str(image) and model is not None and "path is not valid" in str(model.notice)


@pytest.mark.parametrize(
    ("size", "longest", "expected"),
    [
        ((8192, 8192), MAX_SIDE, (4096, 4096)),
        ((8192, 100), MAX_SIDE, (4096, 50)),
        ((640, 480), MAX_SIDE, (640, 480)),
        ((16384, 1), MAX_SIDE, (4096, 1)),
    ],
)
def test_scaling_keeps_proportions(size: tuple[int, int], longest: int, expected: tuple[int, int]) -> None:
    assert fitting_size(*size, longest) == expected


@pytest.mark.parametrize(
    ("name", "view"),
    [
        ("mug_left.png", "left"),
        ("MugFront.jpg", "front"),
        ("/left/house BACK 2.webp", "back"),
        ("C:\\images\\chair-r.png", "right"),
        ("rear.png", "back"),
        ("bright.png", ""),
        ("front-left.png", ""),
        ("IMG_2041.jpg", ""),
    ],
)
def test_a_name_tells_the_view(name: str, view: str) -> None:
    assert view_of(name) == view


@pytest.mark.parametrize(
    ("paths", "expected"),
    [
        (["r.png", "b.png", "l.png", "f.png"], {"front": "f.png", "left": "l.png", "back": "b.png", "right": "r.png"}),
        (["1.png", "2.png", "3.png"], {"front": "1.png", "left": "2.png", "back": "3.png"}),
        (["x.png", "front.png", "y.png"], {"front": "front.png", "left": "x.png", "back": "y.png"}),
        (["left.png", "left 2.png"], {"front": "left 2.png", "left": "left.png"}),
        (["1", "2", "3", "4", "5"], {"front": "1", "left": "2", "back": "3", "right": "4"}),
    ],
)
def test_files_are_arranged_in_the_order_of_the_service(paths: list[str], expected: dict[str, str]) -> None:
    arranged = arrange_views(paths)
    assert arranged == expected
    assert list(arranged) == [view for view in ("front", "left", "back", "right") if view in arranged]


@pytest.mark.parametrize("label", ["Tripo Front", "mug.001", "日本", "a/b:c"])
def test_what_we_write_is_called_as_what_it_shows(label: str) -> None:
    name = unique_file_name(label, "0123456789abcdef" * 2, ".png")
    assert Path(name).name == name and name.isprintable()
    assert label_of(f"/home/a b/inputs/{name}") == label.replace("/", "_").replace(":", "_")
    assert label_of("C:\\images\\my mug.final.png") == "my mug.final"
