"""A file is known by its content alone."""

from __future__ import annotations

import pytest

from client.formats import Format, NotAModel, inspect

EXPECTED = {
    "GLB": Format.GLB,
    "GLB meshopt": Format.GLB,
    "glTF": Format.GLTF,
    "ZIP of glTF": Format.ZIP,
    "ZIP of OBJ": Format.ZIP,
    "USDZ": Format.USDZ,
    "3MF": Format.THREEMF,
    "FBX": Format.FBX,
    "FBX text": Format.FBX_ASCII,
    "OBJ": Format.OBJ,
    "STL": Format.STL,
    "STL text": Format.STL_ASCII,
    "USDA": Format.USDA,
    "USDC": Format.USDC,
}

NO_MODELS = {
    "empty": (b"", "empty"),
    "zeros": (bytes(500), "unknown kind"),
    "web page": (b"\n<!DOCTYPE html><html><body>404</body></html>", "a web page"),
    "storage error": (
        b'<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>',
        "message from the storage",
    ),
    "API error": (b'{"detail": "Not found."}', "message from 3D AI Studio"),
    "JSON list": (b"[1, 2]", "message from 3D AI Studio"),
    "JPEG": (b"\xff\xd8\xff\xe0" + bytes(40), "an image"),
    "WebP": (b"RIFF\x00\x00\x00\x00WEBPVP8 " + bytes(20), "an image"),
    "PDF": (b"%PDF-1.7\n", "a PDF"),
    "gzip": (b"\x1f\x8b\x08" + bytes(20), "an archive"),
    "Blender file": (b"BLENDER-v402" + bytes(20), "a Blender file"),
    "text": (b"v is a letter\nand this is prose\nv 1 is a version\n", "plain text"),
    "noise": (bytes(range(256)), "unknown kind"),
}


@pytest.mark.parametrize("name", EXPECTED)
def test_a_model_is_recognised(name, kit, write):
    model = inspect(write(kit.samples()[name]))

    assert model.format is EXPECTED[name]
    assert model.size == model.path.stat().st_size


@pytest.mark.parametrize("name", NO_MODELS)
def test_other_things_are_named_plainly(name, write):
    data, words = NO_MODELS[name]

    with pytest.raises(NotAModel) as caught:
        inspect(write(data))

    assert words in str(caught.value)
    assert str(caught.value).endswith("not a 3D model")


@pytest.mark.parametrize("before", [b"", b"# made by hand\n" * 10_000, b"#" + b"-" * 200_000 + b"\n\n"])
@pytest.mark.parametrize("after", [b"", b"\n\0\n", b"\0", b"\x1a"])
def test_an_obj_may_begin_with_comments_and_end_with_zeros(before, after, kit, write):
    assert inspect(write(before + kit.OBJ + after)).format is Format.OBJ
    assert inspect(write(kit.pack_zip({"a.obj": before + kit.OBJ + after}))).inner is Format.OBJ


def test_comments_alone_are_no_model(write):
    with pytest.raises(NotAModel, match="plain text"):
        inspect(write(b"# nothing but words\n" * 20_000))


def test_a_image_as_a_result_is_not_a_model(kit, write):
    with pytest.raises(NotAModel, match="an image"):
        inspect(write(kit.png()))


def test_a_binary_stl_may_begin_like_a_text_one(write):
    data = b"solid made by a tool".ljust(80) + (1).to_bytes(4, "little") + bytes(50)

    assert inspect(write(data)).format is Format.STL


def test_the_inside_of_an_archive_is_named(kit, write):
    assert inspect(write(kit.samples()["ZIP of glTF"])).inner is Format.GLTF
    assert inspect(write(kit.samples()["ZIP of OBJ"])).inner is Format.OBJ


def test_an_archive_without_a_model_is_not_one(kit, write):
    with pytest.raises(NotAModel, match="without a 3D model"):
        inspect(write(kit.pack_zip({"readme.txt": b"nothing here\n", "wood.png": kit.png()})))
