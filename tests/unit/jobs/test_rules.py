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

from client.jobs.images import ImageSource
from client.jobs.request import GenerationRequest, body, problems
from client.schema import Kind, ModelVersion, effective_values, notes_in
from sandbox import Sandbox

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
KEY = "rules-key-0123456789"
TEXT, IMAGE, MULTIVIEW = Kind.TEXT, Kind.IMAGE, Kind.MULTIVIEW
SUFFIX = {TEXT: "text-to-3d", IMAGE: "image-to-3d", MULTIVIEW: "multiview-to-3d"}


@dataclass(frozen=True)
class Case:
    """``images`` maps slots to image bytes or to an address."""

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
    text("P1: a prompt of 1024 characters", True, "P1", prompt="x" * 1024),
    text("P1: an empty prompt", False, "P1", prompt=""),
    text("P1: geometry quality as it is", False, "P1", geometry_quality="standard"),
    text("P1: quads off", False, "P1", quad=False),
    text("P1: smart low poly off", False, "P1", smart_low_poly=False),
    text("P1: parts off", False, "P1", generate_parts=False),
    text("P1: texture off", True, "P1", texture=False),
    text("P1: texture and PBR off", True, "P1", **NO_TEXTURE),
    text("P1: detailed texture", True, "P1", texture_quality="detailed"),
    text("P1: an unknown texture quality", False, "P1", texture_quality="ultra"),
    text("P1: real-world size", True, "P1", auto_size=True),
    text("P1: no UVs", True, "P1", export_uv=False),
    text("P1: geometry compression", True, "P1", compress="geometry"),
    text("P1: an unknown compression", False, "P1", compress="zip"),
    text("P1: a negative image seed", False, "P1", image_seed=-1),
    text("P1: a negative model seed", False, "P1", model_seed=-1),
    text("P1: seeds of 0", True, "P1", image_seed=0, model_seed=0, texture_seed=0),
    text("P1: large seeds", True, "P1", image_seed=2_147_483_647, model_seed=2_147_483_647),
    text("P1: a seed that is text", False, "P1", model_seed="7"),
    text("P1: text with texture alignment", False, "P1", texture_alignment="geometry"),
    text("P1: text with image fixing", False, "P1", enable_image_autofix=True),
    text("P1: text with the usual orientation", False, "P1", orientation="default"),
    text("P1: a face limit that is true", False, "P1", face_limit=True),
    text("P1: an unknown parameter", False, "P1", finish="clay"),
    text("v3.1: detailed texture and geometry", True, "3.1", texture_quality="detailed", geometry_quality="detailed"),
    text("v3.1: face limit 500,000", True, "3.1", face_limit=500_000),
    text("v3.1: face limit 48", False, "3.1", face_limit=48),
    text("v3.1: a negative prompt of 1024 characters", True, "3.1", negative_prompt="x" * 1024),
    text("v3.1: a negative prompt of 1025 characters", False, "3.1", negative_prompt="x" * 1025),
    text("v3.1: quads", True, "3.1", quad=True),
    text("v3.1: quads and smart low poly", True, "3.1", quad=True, smart_low_poly=True, face_limit=5000),
    text("v3.1: parts without texture", True, "3.1", generate_parts=True, **NO_TEXTURE),
    text("v3.1: parts with texture", False, "3.1", generate_parts=True),
    text("v3.1: parts and smart low poly", True, "3.1", generate_parts=True, smart_low_poly=True, **NO_TEXTURE),
    text("v3.1: orientation", False, "3.1", orientation="default"),
    Case("text with an image", False, TEXT, "3.0", {"prompt": "a sword"}, {"image": PNG}),
    image("an image", True),
    image("an image with v3.1", True, "3.1"),
    image("an image with P1", True, "P1"),
    image("an image and a prompt", False, prompt="a sword"),
    image("an image and a negative prompt", True, negative_prompt="rust"),
    image("aligned to the geometry", True, texture_alignment="geometry"),
    image("an unknown alignment", False, texture_alignment="front"),
    image("image fixing", True, enable_image_autofix=True),
    image("P1: image fixing", True, "P1", enable_image_autofix=True),
    image("P1: orientation", True, "P1", orientation="align_image"),
    image("P1: an unknown orientation", False, "P1", orientation="upside_down"),
    image("orientation with v3.0", False, orientation="align_image"),
    image("orientation with v3.1", False, "3.1", orientation="default"),
    image("P1: an image and a prompt", False, "P1", prompt="a sword"),
    image("P1: an image and a negative prompt of 255 characters", True, "P1", negative_prompt="x" * 255),
    image("P1: an image and a negative prompt of 256 characters", False, "P1", negative_prompt="x" * 256),
    image("P1: an image and an image seed", False, "P1", image_seed=1),
    image("P1: an image, a model seed and a texture seed", True, "P1", model_seed=1, texture_seed=2),
    image("P1: an image and face limit 48", True, "P1", face_limit=48),
    image("P1: an image and face limit 47", False, "P1", face_limit=47),
    image("P1: an image and face limit 20,001", False, "P1", face_limit=20_001),
    image("P1: an image and quads", False, "P1", quad=True),
    image("P1: an image and smart low poly", False, "P1", smart_low_poly=True),
    image("P1: an image and parts", False, "P1", generate_parts=True, **NO_TEXTURE),
    image("P1: an image and geometry quality", False, "P1", geometry_quality="detailed"),
    image("P1: an image aligned to the geometry", True, "P1", texture_alignment="geometry"),
    image("P1: an image with an unknown alignment", False, "P1", texture_alignment="front"),
    image("P1: an image in its usual orientation", True, "P1", orientation="default"),
    image("P1: an image, real size, no UVs, packed", True, "P1", auto_size=True, export_uv=False, compress="geometry"),
    image("P1: an image without texture", True, "P1", **NO_TEXTURE),
    image("v3.1: image fixing", True, "3.1", enable_image_autofix=True),
    image("v3.1: image fixing as text", False, "3.1", enable_image_autofix="yes"),
    image("v3.1: an image and a model seed", False, "3.1", model_seed=1),
    image("parts with texture from an image", False, generate_parts=True),
    Case("no image", False, IMAGE),
    Case("an image's address", True, IMAGE, images={"image": "https://example.com/a.png"}),
    Case("an image's address without TLS", False, IMAGE, images={"image": "http://example.com/a.png"}),
    Case("an image's address of a file", False, IMAGE, images={"image": "file:///etc/passwd"}),
    Case("a GIF", False, IMAGE, images={"image": b"GIF89a" + bytes(40)}),
    Case("text called an image", False, IMAGE, images={"image": b"hello, this is not an image"}),
    Case("an empty image", False, IMAGE, images={"image": b""}),
    Case("an image over 20 MB", False, IMAGE, images={"image": PNG + bytes(20 * 2**20)}),
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
    views("P1: views with image fixing", False, "front", "back", version="P1", enable_image_autofix=True),
    views("P1: views and an image seed", False, "front", "back", version="P1", image_seed=1),
    views("P1: views and a model seed", True, "front", "back", version="P1", model_seed=1),
    views("P1: views with orientation", True, "front", "back", version="P1", orientation="align_image"),
    views("P1: views aligned to the geometry", True, "front", "back", version="P1", texture_alignment="geometry"),
    views("P1: views and face limit 20,000", True, "front", "back", version="P1", face_limit=20_000),
    views("P1: views and face limit 20,001", False, "front", "back", version="P1", face_limit=20_001),
    views("P1: views and quads", False, "front", "back", version="P1", quad=True),
    views("P1: views and a long negative prompt", False, "front", "back", version="P1", negative_prompt="x" * 256),
    views("v3.1: views with image fixing", False, "front", "back", version="3.1", enable_image_autofix=True),
    views("v3.1: views with orientation", False, "front", "back", version="3.1", orientation="default"),
    views("v3.1: views and parts", True, "front", "back", version="3.1", generate_parts=True, **NO_TEXTURE),
    views("v3.1: views and parts with texture", False, "front", "back", version="3.1", generate_parts=True),
    Case(
        "a file and an address",
        True,
        MULTIVIEW,
        images={"front": PNG, "back": "https://example.com/back.jpg"},
    ),
    Case(
        "a bad image among good ones",
        False,
        MULTIVIEW,
        images={"front": PNG, "left": b"not an image at all", "back": PNG},
    ),
]


def request_of(case: Case, folder: Path) -> GenerationRequest:
    sources: list[ImageSource] = []
    for slot, image in case.images.items():
        if isinstance(image, str):
            sources.append(ImageSource(slot, url=image))
        else:
            file = folder / f"{slot}.bin"
            file.write_bytes(image)
            sources.append(ImageSource(slot, path=str(file)))
    return GenerationRequest(case.kind, ModelVersion(case.version), case.parameters, tuple(sources))


def raw_body(case: Case) -> dict[str, Any]:
    """The JSON that a careless program would send for the case, built without the client."""
    entries = [
        {"image_url": image}
        if isinstance(image, str)
        else {"image": f"data:image/png;base64,{base64.b64encode(image).decode()}"}
        for image in case.images.values()
    ]
    content: dict[str, Any] = dict(case.parameters)
    if case.kind is MULTIVIEW:
        content["images"] = entries
    elif entries:
        content |= entries[0]
    return content


@pytest.fixture(scope="module")
def service() -> Iterator[Sandbox]:
    with Sandbox(keys=(KEY,), requests_per_minute=0, credits=1_000_000, variety="plain") as sandbox:
        yield sandbox


def post(service: Sandbox, case: Case, content: dict[str, Any]) -> requests.Response:
    url = f"{service.api_url}/v1/3d-models/tripo/{SUFFIX[case.kind]}/{case.version.lower()}/"
    return requests.post(url, json=content, headers={"Authorization": f"Bearer {KEY}"}, timeout=30)


def balance(service: Sandbox) -> float:
    (left,) = service.state["balances"].values()
    return float(left)


def test_there_are_enough_cases() -> None:
    assert len(CASES) >= 140
    assert sum(case.version == "P1" for case in CASES) >= 60
    assert len({case.about for case in CASES}) == len(CASES)
    assert 20 <= sum(case.allowed for case in CASES) <= len(CASES) - 20


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.about)
def test_the_client_and_the_service_agree(case: Case, tmp_path: Path, service: Sandbox) -> None:
    request = request_of(case, tmp_path)
    found = problems(request)
    assert (not found) == case.allowed, found
    for problem in found:
        # One plain sentence: starts like one, no full stop (the caller sets it), no line break, no Python.
        assert re.fullmatch(r"[A-Z0-9'].{8,200}[^.]", str(problem.notice)), problem
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
    assert "order" in str(problems(disordered)[0].notice)


def test_a_image_needs_exactly_one_source(tmp_path: Path) -> None:
    neither = GenerationRequest(IMAGE, images=(ImageSource("image"),))
    both = GenerationRequest(IMAGE, images=(ImageSource("image", "a.png", "https://example.com/a.png"),))
    for request in (neither, both):
        assert len(problems(request)) == 1


@pytest.mark.parametrize("version", ["3.0", "3.1", "P1"])
@pytest.mark.parametrize("kind", [TEXT, IMAGE, MULTIVIEW])
@pytest.mark.parametrize("given", [{}, {"pbr": True}, {"pbr": False}, {"texture_quality": "detailed", "pbr": True}])
def test_nothing_is_paid_for_a_texture_that_is_off(
    tmp_path: Path, service: Sandbox, kind: Kind, version: str, given: dict[str, Any]
) -> None:
    """The service makes and bills a texture for the sake of PBR maps: they are never asked for without one."""
    slots = {TEXT: [], IMAGE: ["image"], MULTIVIEW: ["front", "back"]}[kind]
    prompt = {"prompt": "a sword"} if kind is TEXT else {}
    case = Case("", True, kind, version, {**prompt, **given, "texture": False}, dict.fromkeys(slots, PNG))
    request = request_of(case, tmp_path)
    content = body(request)
    assert problems(request) == () and content["texture"] is content["pbr"] is False
    before = balance(service)
    assert post(service, case, content).ok
    assert before - balance(service) == request.price.total
    stored = GenerationRequest.from_json(request.to_json())
    assert stored.parameters.get("pbr", False) is False and body(stored) == content
    assert post(service, case, raw_body(case)).ok
    dearer = before - balance(service) - 2 * request.price.total
    assert dearer == (0 if given.get("pbr") is False else 40 if "texture_quality" in given else 20)


def test_parts_are_sent_without_pbr(service: Sandbox, tmp_path: Path) -> None:
    case = text("", True, generate_parts=True, texture=False)
    request = request_of(case, tmp_path)
    assert problems(request) == ()
    assert post(service, case, body(request)).ok and not post(service, case, raw_body(case)).ok


def test_what_the_service_does_not_document_is_sent_only_when_it_is_chosen(tmp_path: Path) -> None:
    usual = {"orientation": "default", "texture_alignment": "original_image", "enable_image_autofix": False}
    content = body(request_of(image("", True, "P1", **usual), tmp_path))
    assert not usual.keys() & content.keys()
    chosen = {"orientation": "align_image", "texture_alignment": "geometry", "enable_image_autofix": True}
    content = body(request_of(image("", True, "P1", **chosen), tmp_path))
    assert content | chosen == content
    assert body(request_of(image("", True), tmp_path))["texture_alignment"] == "original_image", "documented for v3"


def test_defaults_are_sent_and_absent_values_are_not() -> None:
    content = body(GenerationRequest(TEXT, parameters={"prompt": "a sword", "negative_prompt": "", "compress": ""}))
    assert content["texture"] is True and content["texture_quality"] == "standard"
    assert not {"face_limit", "texture_seed", "negative_prompt", "compress"} & set(content)


def test_a_request_survives_the_store(tmp_path: Path) -> None:
    request = request_of(views("", True, "front", "back", texture=False), tmp_path)
    assert GenerationRequest.from_json(request.to_json()) == request
    assert base64.b64encode(PNG).decode()[:20] not in request.to_json()


@pytest.mark.parametrize(("version", "given", "noted"), [
    ("3.0", {}, ["face_limit"]),
    ("3.1", {}, ["face_limit"]),
    ("P1", {}, []),
    ("3.0", {"face_limit": 500_000}, []),
    ("3.0", {"quad": True}, []),
    ("3.0", {"quad": True, "face_limit": 150_000}, []),
    ("3.0", {"quad": True, "face_limit": 150_001}, ["quad"]),
    ("3.1", {"smart_low_poly": True}, []),
    ("3.1", {"smart_low_poly": True, "face_limit": 500}, []),
    ("3.1", {"smart_low_poly": True, "face_limit": 20_000}, []),
    ("3.1", {"smart_low_poly": True, "face_limit": 20_001}, ["smart_low_poly"]),
    ("3.1", {"smart_low_poly": True, "quad": True, "face_limit": 10_000}, []),
    ("3.1", {"smart_low_poly": True, "quad": True, "face_limit": 10_001}, ["smart_low_poly"]),
    ("P1", {"auto_size": True}, []),
    ("P1", {"auto_size": True, "texture": False}, ["auto_size"]),
    ("3.0", {"auto_size": True, "texture": False, "face_limit": 500}, ["auto_size"]),
])  # fmt: skip
def test_what_wastes_credits_is_noted_and_allowed(version: str, given: dict[str, Any], noted: list[str]) -> None:
    request = GenerationRequest(TEXT, ModelVersion(version), {"prompt": "a sword", **given})
    notes = notes_in(TEXT, effective_values(TEXT, request.model_version, request.parameters))
    assert [note.name for note in notes] == noted
    assert problems(request) == ()
