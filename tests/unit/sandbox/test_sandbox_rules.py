"""Each parameter rule of the API reference, checked on the validator itself."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from sandbox.errors import ApiError
from sandbox.images import MAX_BYTES
from sandbox.models.png import encode_png_gray
from sandbox.rules import ENDPOINTS, Accepted, read_json, validate

PNG = encode_png_gray(4, 3)
GIF = b"GIF89a" + bytes(60)
JPEG = bytes.fromhex("ffd8ffe000104a46494600010100000100010000ffc0000b080003000401011100") + bytes(20)
WEBP = b"RIFF" + bytes(4) + b"WEBPVP8X" + bytes(8) + b"\x03\0\0\x02\0\0"


def uri(data: bytes = PNG, kind: str = "png") -> str:
    return f"data:image/{kind};base64,{base64.b64encode(data).decode()}"


URL = {"image_url": "https://example.com/front.png"}
BODIES: dict[str, dict[str, Any]] = {
    "text-to-3d": {"prompt": "a sword"},
    "image-to-3d": URL,
    "multiview-to-3d": {"images": [URL, {"image": uri()}]},
}


def accept(tool: str, version: str = "3.0", **changes: Any) -> Accepted:
    return validate(ENDPOINTS[tool, version], BODIES[tool] | changes)


def refuse(tool: str, version: str = "3.0", **changes: Any) -> str:
    with pytest.raises(ApiError) as caught:
        accept(tool, version, **changes)
    assert (caught.value.status, caught.value.code) == (400, "VALIDATION_FAILED")
    return caught.value.message


ALL = [(tool, version) for tool in BODIES for version in ("3.0", "3.1", "p1")]
V3 = [(tool, version) for tool in BODIES for version in ("3.0", "3.1")]
P1 = [(tool, "p1") for tool in BODIES]


def test_the_endpoints_are_three_tools_in_three_versions() -> None:
    assert sorted(ENDPOINTS) == sorted(ALL)


@pytest.mark.parametrize(("tool", "version"), ALL)
def test_least_request_gets_the_documented_defaults(tool: str, version: str) -> None:
    values = accept(tool, version).parameters
    assert values["texture"] is True
    assert values["pbr"] is True
    assert values["texture_quality"] == "standard"
    assert values["export_uv"] is True
    assert values["auto_size"] is False
    assert "negative_prompt" not in values
    assert values.get("texture_alignment") == (None if tool == "text-to-3d" else "original_image")


@pytest.mark.parametrize(("tool", "version"), ALL)
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("texture", 1),
        ("texture", "true"),
        ("pbr", None),
        ("texture_quality", "high"),
        ("texture_quality", True),
        ("texture_seed", -1),
        ("texture_seed", 2**32),
        ("texture_seed", True),
        ("texture_seed", 1.0),
        ("texture_seed", "7"),
        ("face_limit", True),
        ("face_limit", 1000.0),
        ("face_limit", None),
        ("export_uv", 0),
        ("auto_size", []),
        ("compress", "texture"),
        ("compress", None),
        ("negative_prompt", 5),
        ("style", "clay"),
        ("model_version", "3.0"),
    ],
)
def test_refused_everywhere(tool: str, version: str, name: str, value: Any) -> None:
    assert name in refuse(tool, version, **{name: value})


@pytest.mark.parametrize(("tool", "version"), V3)
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("geometry_quality", "ultra"),
        ("face_limit", 499),
        ("face_limit", 500_001),
        ("quad", "no"),
        ("smart_low_poly", 1),
        ("generate_parts", 0),
        ("negative_prompt", "x" * 1025),
        ("image_seed", 1),
        ("model_seed", 1),
        ("orientation", "default"),
    ],
)
def test_refused_in_version_3(tool: str, version: str, name: str, value: Any) -> None:
    assert name in refuse(tool, version, **{name: value})


@pytest.mark.parametrize(("tool", "version"), V3)
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("geometry_quality", "detailed"),
        ("face_limit", 500),
        ("face_limit", 500_000),
        ("quad", True),
        ("smart_low_poly", True),
        ("negative_prompt", "x" * 1024),
        ("texture_seed", 0),
        ("texture_seed", 2**32 - 1),
        ("compress", "geometry"),
    ],
)
def test_accepted_in_version_3(tool: str, version: str, name: str, value: Any) -> None:
    assert accept(tool, version, **{name: value}).parameters[name] == value


@pytest.mark.parametrize(("tool", "version"), P1)
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("face_limit", 47),
        ("face_limit", 20_001),
        ("negative_prompt", "x" * 256),
        ("quad", False),
        ("smart_low_poly", False),
        ("generate_parts", False),
        ("geometry_quality", "standard"),
        ("model_seed", -1),
        ("image_seed", "1"),
    ],
)
def test_refused_in_p1(tool: str, version: str, name: str, value: Any) -> None:
    assert name in refuse(tool, version, **{name: value})


@pytest.mark.parametrize(("tool", "version"), P1)
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("face_limit", 48),
        ("face_limit", 20_000),
        ("negative_prompt", "x" * 255),
        ("model_seed", 3),
    ],
)
def test_accepted_in_p1(tool: str, version: str, name: str, value: Any) -> None:
    assert accept(tool, version, **{name: value}).parameters[name] == value


@pytest.mark.parametrize("version", ["3.0", "3.1", "p1"])
def test_prompt(version: str) -> None:
    for bad in ("", " \n\t\u3000", "x" * 1025, 5, None, ["a"]):
        assert "prompt" in refuse("text-to-3d", version, prompt=bad)
    assert accept("text-to-3d", version, prompt="\N{DRAGON}" * 1024).parameters["prompt"] == "\N{DRAGON}" * 1024
    with pytest.raises(ApiError, match="prompt: this parameter is required"):
        validate(ENDPOINTS["text-to-3d", version], {})
    for tool in ("image-to-3d", "multiview-to-3d"):
        assert "prompt" in refuse(tool, version, prompt="a sword")


@pytest.mark.parametrize(("tool", "version"), ALL)
def test_pbr_makes_a_texture_even_with_texture_off(tool: str, version: str) -> None:
    accepted = accept(tool, version, texture=False)
    assert accepted.parameters["texture"] is True and accepted.sent["texture"] is False
    assert accept(tool, version, texture=False, pbr=False).parameters["texture"] is False


@pytest.mark.parametrize("version", ["3.0", "3.1"])
def test_parts_and_quad(version: str) -> None:
    plain = {"texture": False, "pbr": False}
    assert accept("text-to-3d", version, generate_parts=True, **plain).parameters["generate_parts"] is True
    assert "generate_parts" in refuse("text-to-3d", version, generate_parts=True)
    assert "generate_parts" in refuse("text-to-3d", version, generate_parts=True, texture=False)
    assert "generate_parts" in refuse("text-to-3d", version, generate_parts=True, pbr=False)
    assert "quad" in refuse("text-to-3d", version, generate_parts=True, quad=True, **plain)


@pytest.mark.parametrize(("tool", "version", "name", "allowed"), [
    ("text-to-3d", "3.0", "texture_alignment", False),
    ("text-to-3d", "p1", "texture_alignment", False),
    ("text-to-3d", "3.1", "enable_image_autofix", False),
    ("image-to-3d", "3.0", "texture_alignment", True),
    ("image-to-3d", "3.1", "enable_image_autofix", True),
    ("multiview-to-3d", "3.0", "texture_alignment", True),
    ("multiview-to-3d", "3.0", "enable_image_autofix", False),
    ("multiview-to-3d", "3.1", "enable_image_autofix", False),
    ("image-to-3d", "p1", "enable_image_autofix", True),
    ("multiview-to-3d", "p1", "enable_image_autofix", False),
    ("text-to-3d", "p1", "image_seed", True),
    ("image-to-3d", "p1", "image_seed", False),
    ("multiview-to-3d", "p1", "image_seed", False),
    ("text-to-3d", "p1", "orientation", False),
    ("image-to-3d", "p1", "orientation", True),
    ("multiview-to-3d", "p1", "orientation", True),
])  # fmt: skip
def test_image_options(tool: str, version: str, name: str, allowed: bool) -> None:
    good = {"texture_alignment": "geometry", "enable_image_autofix": True, "orientation": "align_image"}.get(name, 4)
    if allowed:
        assert accept(tool, version, **{name: good}).parameters[name] == good
        assert name in refuse(tool, version, **{name: "sideways"})
    else:
        assert name in refuse(tool, version, **{name: good})


def test_one_image_exactly() -> None:
    endpoint = ENDPOINTS["image-to-3d", "3.0"]
    for body in ({}, {**URL, "image": uri()}):
        with pytest.raises(ApiError, match="exactly one"):
            validate(endpoint, body)


@pytest.mark.parametrize(("data", "kind", "size"), [
    (PNG, "png", (4, 3)), (JPEG, "jpeg", (4, 3)), (JPEG, "jpg", (4, 3)), (WEBP, "webp", (4, 3)),
])  # fmt: skip
def test_image_kinds(data: bytes, kind: str, size: tuple[int, int]) -> None:
    accepted = validate(ENDPOINTS["image-to-3d", "3.0"], {"image": uri(data, kind)})
    image = accepted.images[0]
    assert (image.size, image.width, image.height) == (len(data), *size)
    assert accepted.sent["image"] == f"sha256:{image.sha256}"


@pytest.mark.parametrize(
    "image",
    [
        "",
        "front.png",
        uri().removeprefix("data:"),
        uri().replace(";base64", ""),
        uri().replace("image/png", "text/plain"),
        uri()[:-3] + "!!!",
        uri()[:-1],
        uri(b""),
        uri(PNG[:20]),
        uri(GIF, "gif"),
        uri(GIF),
        uri(JPEG),
        uri(PNG, "svg+xml"),
        uri(b"<svg/>", "svg+xml"),
        5,
        None,
        ["x"],
    ],
)
def test_bad_image(image: Any) -> None:
    with pytest.raises(ApiError, match="image"):
        validate(ENDPOINTS["image-to-3d", "3.0"], {"image": image})


def test_image_size_limit() -> None:
    endpoint = ENDPOINTS["image-to-3d", "3.0"]
    largest = PNG + bytes(MAX_BYTES - len(PNG))
    assert validate(endpoint, {"image": uri(largest)}).images[0].size == MAX_BYTES
    with pytest.raises(ApiError, match="20 MB"):
        validate(endpoint, {"image": uri(largest + b"\0")})


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/a.png",
        "ftp://example.com/a.png",
        "file:///etc/passwd",
        "example.com/a.png",
        "https://",
        "https:///a.png",
        "https://user:word@example.com/a.png",
        "https://localhost/a.png",
        "https://127.0.0.1/a.png",
        "https://192.168.1.4/a.png",
        "https://[::1]/a.png",
        "https://[broken/a.png",
        "https://example.com/a b.png",
        "https://example.com/" + "a" * 2048,
        7,
    ],
)
def test_bad_image_url(url: Any) -> None:
    with pytest.raises(ApiError, match="image_url"):
        validate(ENDPOINTS["image-to-3d", "3.0"], {"image_url": url})


@pytest.mark.parametrize(
    "images",
    [
        [],
        [URL],
        [URL] * 5,
        {"front": URL},
        "https://example.com/a.png",
        [URL, "https://example.com/a.png"],
        [URL, {}],
        [URL, {**URL, "image": uri()}],
        [URL, {**URL, "view": "back"}],
        [URL, {"image": "x"}],
        [URL, {"image_url": "http://example.com/a.png"}],
    ],
)
def test_bad_images(images: Any) -> None:
    assert "images" in refuse("multiview-to-3d", images=images)


@pytest.mark.parametrize("count", [2, 3, 4])
def test_images(count: int) -> None:
    accepted = accept("multiview-to-3d", images=[URL] * (count - 1) + [{"image": uri()}])
    assert [image.kind for image in accepted.images] == ["url"] * (count - 1) + ["png"]


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'"x"', b'{"a": NaN}', b'{"a":1,"a":2}', b"\xff{}"])
def test_bodies_that_are_no_object(body: bytes) -> None:
    with pytest.raises(ApiError) as caught:
        read_json("application/json; charset=utf-8", body)
    assert caught.value.status == 400


def test_content_type() -> None:
    with pytest.raises(ApiError) as caught:
        read_json("text/plain", b"{}")
    assert caught.value.status == 415
