"""Every rule of the API for the generation endpoints, checked on both sides.

A case is a request, and whether the rules allow it. The client must refuse what is not allowed with one sentence and
before any request; the sandbox, whose rules were written independently, must agree on every case.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import requests

from client.pictures import ImageSource
from client.request import GenerationRequest, body, problems
from client.schema import Kind, ModelVersion
from sandbox import Sandbox

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
KEY = "rules-key-0123456789"
TEXT, IMAGE, MULTIVIEW = Kind.TEXT, Kind.IMAGE, Kind.MULTIVIEW
SUFFIX = {TEXT: "text-to-3d", IMAGE: "image-to-3d", MULTIVIEW: "multiview-to-3d"}


@dataclass(frozen=True)
class Case:
    """``images`` maps slots to picture bytes or to an address."""

    about: str
    allowed: bool
    kind: Kind = TEXT
    version: str = "3.0"
    parameters: dict[str, Any] = field(default_factory=dict[str, Any])
    images: dict[str, bytes | str] = field(default_factory=dict[str, bytes | str])


def text(about: str, allowed: bool, version: str = "3.0", **parameters: Any) -> Case:
    return Case(about, allowed, TEXT, version, {"prompt": "a sword", **parameters})


def image(about: str, allowed: bool, version: str = "3.0", **parameters: Any) -> Case:
    return Case(about, allowed, IMAGE, version, parameters, {"image": PNG})


def views(about: str, allowed: bool, *slots: str, version: str = "3.0", **parameters: Any) -> Case:
    return Case(about, allowed, MULTIVIEW, version, parameters, dict.fromkeys(slots, PNG))


NO_TEXTURE: dict[str, Any] = {"texture": False, "pbr": False}

CASES = [
    text("the smallest request", True),
    text("the smallest request of v3.1", True, "3.1"),
    text("the smallest request of P1", True, "P1"),
    Case("no prompt", False),
    text("an empty prompt", False, prompt=""),
    text("a blank prompt", False, prompt="  \t\n"),
    text("a prompt of 1024 characters", True, prompt="x" * 1024),
    text("a prompt of 1025 characters", False, prompt="x" * 1025),
    text("1024 characters of several bytes each", True, prompt="剣" * 1024),
    text("a prompt that is a number", False, prompt=5),
    text("a negative prompt of 1024 characters", True, negative_prompt="x" * 1024),
    text("a negative prompt of 1025 characters", False, negative_prompt="x" * 1025),
    text("P1: a negative prompt of 255 characters", True, "P1", negative_prompt="x" * 255),
    text("P1: a negative prompt of 256 characters", False, "P1", negative_prompt="x" * 256),
    text("P1: a prompt of 1025 characters", False, "P1", prompt="x" * 1025),
    text("face limit 499", False, face_limit=499),
    text("face limit 500", True, face_limit=500),
    text("face limit 500,000", True, face_limit=500_000),
    text("face limit 500,001", False, face_limit=500_001),
    text("P1: face limit 47", False, "P1", face_limit=47),
    text("P1: face limit 48", True, "P1", face_limit=48),
    text("P1: face limit 20,000", True, "P1", face_limit=20_000),
    text("P1: face limit 20,001", False, "P1", face_limit=20_001),
    text("a face limit that is text", False, face_limit="5000"),
    text("a face limit that is true", False, face_limit=True),
    text("a face limit with a fraction", False, face_limit=5000.5),
    text("texture off", True, texture=False),
    text("texture as text", False, texture="yes"),
    text("texture as a number", False, texture=1),
    text("pbr off", True, pbr=False),
    text("detailed texture", True, texture_quality="detailed"),
    text("an unknown texture quality", False, texture_quality="ultra"),
    text("a texture quality in capitals", False, texture_quality="Detailed"),
    text("detailed geometry", True, geometry_quality="detailed"),
    text("an unknown geometry quality", False, geometry_quality="high"),
    text("P1: geometry quality", False, "P1", geometry_quality="detailed"),
    text("quads", True, quad=True),
    text("P1: quads", False, "P1", quad=True),
    text("smart low poly", True, smart_low_poly=True),
    text("P1: smart low poly", False, "P1", smart_low_poly=True),
    text("parts without texture", True, generate_parts=True, **NO_TEXTURE),
    text("parts with texture", False, generate_parts=True, pbr=False),
    text("parts with PBR", False, generate_parts=True, texture=False),
    text("parts with the defaults", False, generate_parts=True),
    text("parts and quads", False, generate_parts=True, quad=True, **NO_TEXTURE),
    text("P1: parts", False, "P1", generate_parts=True, **NO_TEXTURE),
    text("texture seed 0", True, texture_seed=0),
    text("a negative texture seed", False, texture_seed=-1),
    text("a large texture seed", True, texture_seed=2_147_483_647),
    text("an unknown parameter", False, wings=True),
    text("no UVs", True, export_uv=False),
    text("real-world size", True, auto_size=True),
    text("geometry compression", True, compress="geometry"),
    text("an unknown compression", False, compress="zip"),
    text("text with texture alignment", False, texture_alignment="geometry"),
    text("text with image fixing", False, enable_image_autofix=True),
    text("P1: seeds", True, "P1", image_seed=1, model_seed=2, texture_seed=3),
    text("a model seed with v3.0", False, model_seed=2),
    text("an image seed with v3.1", False, "3.1", image_seed=2),
    text("P1 text with orientation", False, "P1", orientation="align_image"),
    Case("text with a picture", False, TEXT, "3.0", {"prompt": "a sword"}, {"image": PNG}),
    image("a picture", True),
    image("a picture with v3.1", True, "3.1"),
    image("a picture with P1", True, "P1"),
    image("a picture and a prompt", False, prompt="a sword"),
    image("a picture and a negative prompt", True, negative_prompt="rust"),
    image("aligned to the geometry", True, texture_alignment="geometry"),
    image("an unknown alignment", False, texture_alignment="front"),
    image("image fixing", True, enable_image_autofix=True),
    image("P1: image fixing", True, "P1", enable_image_autofix=True),
    image("P1: orientation", True, "P1", orientation="align_image"),
    image("P1: an unknown orientation", False, "P1", orientation="upside_down"),
    image("orientation with v3.0", False, orientation="align_image"),
    image("parts with texture from a picture", False, generate_parts=True),
    Case("no picture", False, IMAGE),
    Case("a picture's address", True, IMAGE, images={"image": "https://example.com/a.png"}),
    Case("a picture's address without TLS", False, IMAGE, images={"image": "http://example.com/a.png"}),
    Case("a picture's address of a file", False, IMAGE, images={"image": "file:///etc/passwd"}),
    Case("a GIF", False, IMAGE, images={"image": b"GIF89a" + bytes(40)}),
    Case("text called a picture", False, IMAGE, images={"image": b"hello, this is not a picture"}),
    Case("an empty picture", False, IMAGE, images={"image": b""}),
    Case("a picture over 20 MB", False, IMAGE, images={"image": PNG + bytes(20 * 2**20)}),
    views("two views", True, "front", "back"),
    views("three views", True, "front", "left", "back"),
    views("four views", True, "front", "left", "back", "right"),
    views("four views with v3.1", True, "front", "left", "back", "right", version="3.1"),
    views("four views with P1", True, "front", "left", "back", "right", version="P1"),
    views("one view", False, "front"),
    Case("no view", False, MULTIVIEW),
    views("views and a prompt", False, "front", "back", prompt="a sword"),
    views("views aligned to the geometry", True, "front", "back", texture_alignment="geometry"),
    views("views with image fixing", False, "front", "back", enable_image_autofix=True),
    views("P1: views with image fixing", True, "front", "back", version="P1", enable_image_autofix=True),
    Case(
        "a file and an address",
        True,
        MULTIVIEW,
        images={"front": PNG, "back": "https://example.com/back.jpg"},
    ),
    Case(
        "a bad picture among good ones",
        False,
        MULTIVIEW,
        images={"front": PNG, "left": b"not a picture at all", "back": PNG},
    ),
]


def request_of(case: Case, folder: Path) -> GenerationRequest:
    sources: list[ImageSource] = []
    for slot, picture in case.images.items():
        if isinstance(picture, str):
            sources.append(ImageSource(slot, url=picture))
        else:
            file = folder / f"{slot}.bin"
            file.write_bytes(picture)
            sources.append(ImageSource(slot, path=str(file)))
    return GenerationRequest(case.kind, ModelVersion(case.version), case.parameters, tuple(sources))


def raw_body(case: Case) -> dict[str, Any]:
    """The JSON that a careless program would send for the case, built without the client."""
    entries = [
        {"image_url": picture}
        if isinstance(picture, str)
        else {"image": f"data:image/png;base64,{base64.b64encode(picture).decode()}"}
        for picture in case.images.values()
    ]
    content: dict[str, Any] = dict(case.parameters)
    if case.kind is MULTIVIEW:
        content["images"] = entries
    elif entries:
        content |= entries[0]
    return content


@pytest.fixture(scope="module")
def service() -> Iterator[Sandbox]:
    with Sandbox(keys=(KEY,), requests_per_minute=0, credits=1_000_000) as sandbox:
        yield sandbox


def post(service: Sandbox, case: Case, content: dict[str, Any]) -> requests.Response:
    url = f"{service.api_url}/v1/3d-models/tripo/{SUFFIX[case.kind]}/{case.version.lower()}/"
    return requests.post(url, json=content, headers={"Authorization": f"Bearer {KEY}"}, timeout=30)


def test_there_are_enough_cases() -> None:
    assert len(CASES) >= 60
    assert len({case.about for case in CASES}) == len(CASES)
    assert 20 <= sum(case.allowed for case in CASES) <= len(CASES) - 20


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.about)
def test_the_client_and_the_service_agree(case: Case, tmp_path: Path, service: Sandbox) -> None:
    request = request_of(case, tmp_path)
    found = problems(request)
    assert (not found) == case.allowed, found
    for problem in found:
        # One plain sentence: starts like one, no full stop (the caller sets it), no line break, no Python.
        assert re.fullmatch(r"[A-Z0-9'].{8,200}[^.]", problem.message), problem
    answer = post(service, case, raw_body(case))
    assert answer.ok == case.allowed, answer.text
    if not case.allowed:
        assert answer.status_code == 400
        assert "VALIDATION_FAILED" in answer.text
    else:
        sent = post(service, case, body(request))
        assert sent.ok, sent.text


def test_multiview_needs_the_front_and_its_order(tmp_path: Path) -> None:
    """The list that is sent has no slot names, so only the client can know these rules of Tripo's own API."""
    without_front = request_of(views("", False, "left", "back"), tmp_path)
    assert [problem.field for problem in problems(without_front)] == ["front"]
    disordered = request_of(views("", False, "back", "front"), tmp_path)
    assert "order" in problems(disordered)[0].message


def test_a_picture_needs_exactly_one_source(tmp_path: Path) -> None:
    neither = GenerationRequest(IMAGE, images=(ImageSource("image"),))
    both = GenerationRequest(IMAGE, images=(ImageSource("image", "a.png", "https://example.com/a.png"),))
    for request in (neither, both):
        assert len(problems(request)) == 1


def test_defaults_are_sent_and_absent_values_are_not() -> None:
    content = body(GenerationRequest(TEXT, parameters={"prompt": "a sword", "negative_prompt": "", "compress": ""}))
    assert content["texture"] is True and content["texture_quality"] == "standard"
    assert not {"face_limit", "texture_seed", "negative_prompt", "compress"} & set(content)


def test_a_request_survives_the_store(tmp_path: Path) -> None:
    request = request_of(views("", True, "front", "back", texture=False), tmp_path)
    assert GenerationRequest.from_json(request.to_json()) == request
    assert base64.b64encode(PNG).decode()[:20] not in request.to_json()
