"""Every rule of the mesh tools, checked on both sides: client and sandbox agree on each case and on each price.

The forms of a careless program are made by `requests`, those of the client by its own code.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import requests

from client.account import Account
from client.errors import InvalidRequest
from client.jobs.images import ImageSource
from client.jobs.model_source import MAX_BYTES, ModelSource
from client.jobs.outcome import Outcome, outcome_of
from client.jobs.provenance import public_request
from client.jobs.request import GenerationRequest, problems, sent_values
from client.schema import Kind, ModelVersion, effective_values, notes_in
from client.service.api import TripoClient
from sandbox import Sandbox
from sandbox.mesh_tools import read_model
from sandbox.mesh_tools.files import write
from sandbox.models import Recipe, build_model

KEY = "tool-rules-key-0123456789"
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
GLB = build_model(Recipe(words="a mug", face_limit=200))
FBX, STL, ZIP = (write(read_model(GLB, ".glb"), wanted) for wanted in ("FBX", "STL", "OBJ"))
OBJ = b"v 0 0 0\nv 1 0 0\nv 1 1 0\nv 0 1 0\nf 1 2 3 4\n"
FLAT_GLTF = b'{"asset": {"version": "2.0"}}'
URL = "https://example.com/models/mug.glb"
TEXTURE, CONVERT, SEGMENT = Kind.TEXTURE_MODEL, Kind.CONVERT_MODEL, Kind.MESH_SEGMENTATION
PATHS = {TEXTURE: "texture-model", CONVERT: "convert-model", SEGMENT: "mesh-segmentation"}


@dataclass(frozen=True)
class Case:
    """``models`` are the sources given: file names with their bytes, or addresses. ``credits`` None is a refusal."""

    about: str
    credits: int | None
    kind: Kind
    parameters: dict[str, Any] = field(default_factory=dict[str, Any])
    images: dict[str, bytes | str] = field(default_factory=dict[str, bytes | str])
    models: tuple[tuple[str, bytes] | str, ...] = (("model.glb", GLB),)

    @property
    def allowed(self) -> bool:
        return self.credits is not None


def paint(about: str, credits: int | None, images: dict[str, bytes | str] | None = None, **given: Any) -> Case:
    return Case(about, credits, TEXTURE, {"prompt": "rusty iron", **given}, images or {})


def convert(about: str, credits: int | None, format: Any = "FBX", **given: Any) -> Case:
    return Case(about, credits, CONVERT, {"format": format, **given})


def split(about: str, credits: int | None, *models: tuple[str, bytes] | str, **given: Any) -> Case:
    return Case(about, credits, SEGMENT, given, models=models)


ADDRESS = "https://example.com/look.png"
CASES = [
    paint("texture: a prompt", 20),
    paint("texture: a prompt of 1024 characters", 20, prompt="剣" * 1024),
    paint("texture: a prompt of 1025 characters", None, prompt="x" * 1025),
    Case("texture: neither prompt nor image", None, TEXTURE),
    paint("texture: an empty prompt", None, prompt=""),
    paint("texture: a blank prompt", None, prompt="  \t"),
    Case("texture: an image", 20, TEXTURE, images={"image": PNG}),
    Case("texture: an image's address", 20, TEXTURE, images={"image": ADDRESS}),
    Case("texture: an image's address without TLS", None, TEXTURE, images={"image": "http://example.com/look.png"}),
    Case("texture: an image that is text", None, TEXTURE, images={"image": b"not an image, only words of some length"}),
    Case("texture: an image over 20 MB", None, TEXTURE, images={"image": PNG + bytes(20 * 2**20)}),
    paint("texture: a prompt and an image", None, {"image": PNG}),
    paint("texture: a prompt and an image's address", None, {"image": ADDRESS}),
    paint("texture: a style image", 30, {"style_image": PNG}),
    paint("texture: a style image's address", 30, {"style_image": ADDRESS}),
    paint("texture: a style image in high quality", 50, {"style_image": PNG}, texture_quality="detailed"),
    paint("texture: a style image that is text", None, {"style_image": b"not an image, only words of some length"}),
    Case("texture: a style image alone", None, TEXTURE, images={"style_image": PNG}),
    Case("texture: an image and a style image", None, TEXTURE, images={"image": PNG, "style_image": PNG}),
    paint("texture: a front view", None, {"front": PNG}),
    paint("texture: detailed", 40, texture_quality="detailed"),
    paint("texture: an unknown quality", None, texture_quality="ultra"),
    paint("texture: off in standard quality", None, texture=False),
    paint("texture: off in high quality", 40, texture=False, texture_quality="detailed"),
    paint("texture: as text", None, texture="yes"),
    paint("texture: no PBR", 20, pbr=False),
    paint("texture: PBR as a number", None, pbr=1),
    paint("texture: along the geometry", 20, texture_alignment="geometry"),
    paint("texture: an unknown alignment", None, texture_alignment="front"),
    paint("texture: seed 0", 20, texture_seed=0),
    paint("texture: a large seed", 20, texture_seed=2_147_483_647),
    paint("texture: a negative seed", None, texture_seed=-1),
    paint("texture: a seed with a fraction", None, texture_seed=1.5),
    paint("texture: compressed", 20, compress="geometry"),
    paint("texture: an unknown compression", None, compress="zip"),
    paint("texture: not baked", 20, bake=False),
    paint("texture: baking as text", None, bake="no"),
    paint("texture: a negative prompt", None, negative_prompt="blur"),
    paint("texture: a face limit", None, face_limit=5000),
    paint("texture: a format", None, format="FBX"),
    *(convert(f"convert: to {name}", 10, name) for name in ("GLTF", "USDZ", "FBX", "OBJ", "STL", "3MF")),
    Case("convert: no format", None, CONVERT),
    convert("convert: an unknown format", None, "PLY"),
    convert("convert: a format in small letters", None, "fbx"),
    convert("convert: an empty format", None, ""),
    *(convert(f"convert: quads as {name}", 30, name, quad=True) for name in ("GLTF", "USDZ", "FBX", "OBJ", "STL")),
    convert("convert: quads as 3MF", None, "3MF", quad=True),
    convert("convert: quads off as 3MF", 10, "3MF", quad=False),
    convert("convert: quads as text", None, quad="yes"),
    convert("convert: quads of 5,000 faces, symmetric", 30, quad=True, face_limit=5000, force_symmetry=True),
    convert("convert: symmetric without quads", 10, force_symmetry=True),
    convert("convert: face limit 1", 20, face_limit=1),
    convert("convert: face limit 0", None, face_limit=0),
    convert("convert: a face limit with a fraction", None, face_limit=10.5),
    convert("convert: a face limit that is true", None, face_limit=True),
    convert("convert: a flat bottom", 20, flatten_bottom=True),
    convert("convert: a flat bottom of the least depth", 20, flatten_bottom=True, flatten_bottom_threshold=0.01),
    convert("convert: a flat bottom of the whole height", 20, flatten_bottom=True, flatten_bottom_threshold=1),
    convert("convert: a flat bottom that is too thin", None, flatten_bottom=True, flatten_bottom_threshold=0.009),
    convert("convert: a flat bottom that is too deep", None, flatten_bottom=True, flatten_bottom_threshold=1.01),
    convert("convert: a depth that is text", None, flatten_bottom=True, flatten_bottom_threshold="deep"),
    convert("convert: the origin at the bottom", 20, pivot_to_center_bottom=True),
    convert("convert: as large as it is", 10, scale_factor=1.0),
    convert("convert: twice as large", 20, scale_factor=2.0),
    convert("convert: a whole number as the scale", 20, scale_factor=3),
    convert("convert: no size at all", None, scale_factor=0),
    convert("convert: a negative size", None, scale_factor=-1.0),
    convert("convert: an endless size", None, scale_factor=float("inf")),
    convert("convert: a size that is no number", None, scale_factor=float("nan")),
    convert("convert: a size that is true", None, scale_factor=True),
    convert("convert: textures of 1 pixel", 20, texture_size=1),
    convert("convert: textures of 4096 pixels", 20, texture_size=4096),
    convert("convert: textures of 0 pixels", None, texture_size=0),
    convert("convert: textures of 4097 pixels", None, texture_size=4097),
    convert("convert: PNG textures", 20, texture_format="PNG"),
    convert("convert: the usual textures", 10, texture_format="JPEG"),
    convert("convert: GIF textures", None, texture_format="GIF"),
    convert("convert: not baked", 10, bake=False),
    convert("convert: packed UVs", 10, pack_uv=True),
    convert("convert: no animation", 10, with_animation=False),
    convert("convert: animated in place", 10, animate_in_place=True),
    convert("convert: vertex colors", 10, export_vertex_colors=True),
    convert("convert: vertex colors as text", None, export_vertex_colors="on"),
    *(convert(f"convert: the front at {way}", 10, export_orientation=way) for way in ("+x", "-x", "+y", "-y")),
    convert("convert: the front at +z", None, export_orientation="+z"),
    *(convert(f"convert: for {name}", 10, fbx_preset=name) for name in ("blender", "mixamo", "3dsmax", "bake_scale")),
    convert("convert: for an unknown program", None, fbx_preset="maya"),
    convert("convert: some parts", 10, part_names=("lid", "handle")),
    convert("convert: a part without a name", None, part_names=("lid", " ")),
    convert("convert: all that costs nothing", 10, bake=False, pack_uv=True, with_animation=False, fbx_preset="mixamo"),
    convert("convert: a prompt", None, prompt="a sword"),
    convert("convert: a quality", None, texture_quality="detailed"),
    Case("convert: an image", None, CONVERT, {"format": "FBX"}, {"image": PNG}),
    split("parts: a GLB", 80, ("model.glb", GLB)),
    split("parts: an FBX", 80, ("model.fbx", FBX)),
    split("parts: an OBJ", 80, ("model.obj", OBJ)),
    split("parts: an STL", 80, ("model.stl", STL)),
    split("parts: an ending in capitals", 80, ("MODEL.GLB", GLB)),
    split("parts: an address", 80, URL),
    split("parts: an address without an ending", 80, "https://example.com/download?id=7"),
    split("parts: an address without TLS", None, "http://example.com/mug.glb"),
    split("parts: an address of a file", None, "file:///tmp/mug.glb"),
    split("parts: an address of a glTF", None, "https://example.com/mug.gltf"),
    split("parts: no model", None),
    split("parts: a file and an address", None, ("model.glb", GLB), URL),
    split("parts: a .gltf", None, ("model.gltf", FLAT_GLTF)),
    split("parts: a ZIP", None, ("model.zip", ZIP)),
    split("parts: a USDZ", None, ("model.usdz", ZIP)),
    split("parts: a file without an ending", None, ("model", GLB)),
    split("parts: an empty file", None, ("model.glb", b"")),
    split("parts: a file of 151 MB", None, ("model.glb", b"")),
    split("parts: a prompt", None, ("model.glb", GLB), prompt="a sword"),
    split("parts: a seed", None, ("model.glb", GLB), texture_seed=1),
]


@pytest.fixture(scope="module")
def service() -> Iterator[Sandbox]:
    with Sandbox(keys=(KEY,), requests_per_minute=0, credits=1_000_000, variety="plain") as sandbox:
        yield sandbox


def request_of(case: Case, folder: Path) -> GenerationRequest:
    images: list[ImageSource] = []
    for slot, image in case.images.items():
        file = folder / f"{slot}.bin"
        if not isinstance(image, str):
            file.write_bytes(image)
        images.append(ImageSource(slot, url=image) if isinstance(image, str) else ImageSource(slot, path=str(file)))
    sources: dict[str, Any] = {}
    for model in case.models:
        if isinstance(model, str):
            sources["url"] = model
            continue
        file = folder / model[0]
        file.write_bytes(model[1])
        if "151 MB" in case.about:
            with file.open("r+b") as stream:
                stream.truncate(MAX_BYTES + 1)
        sources["file"] = str(file)
    return GenerationRequest(case.kind, None, case.parameters, tuple(images), ModelSource(**sources))


def post(service: Sandbox, case: Case, folder: Path) -> requests.Response:
    """Send the case as a careless program would."""
    texts: list[tuple[str, str]] = []
    for name, value in case.parameters.items():
        for one in value if isinstance(value, tuple) else (value,):
            texts.append((name, one if isinstance(one, str) else json.dumps(one)))
    files: list[tuple[str, Any]] = []
    for slot, image in case.images.items():
        if isinstance(image, str):
            texts.append((f"{slot}_url", image))
        else:
            files.append((slot, (f"{slot}.png", image)))
    for model in case.models:
        if isinstance(model, str):
            texts.append(("model_url", model))
        else:
            files.append(("model", (model[0], (folder / model[0]).read_bytes())))
    # A text without a file name, so that it is a form whatever is in it.
    parts = [(name, (None, text)) for name, text in texts] + files or [("nothing", (None, ""))]
    url = f"{service.api_url}/v1/3d-models/tripo/{PATHS[case.kind]}/"
    return requests.post(url, files=parts, headers={"Authorization": f"Bearer {KEY}"}, timeout=60)


def balance(service: Sandbox) -> float:
    (left,) = service.state["balances"].values()
    return float(left)


def test_there_are_enough_cases() -> None:
    assert len(CASES) >= 120
    assert len({case.about for case in CASES}) == len(CASES)
    assert 50 <= sum(case.allowed for case in CASES) <= len(CASES) - 50


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.about)
def test_client_and_sandbox_agree_about_a_mesh_tool(case: Case, tmp_path: Path, service: Sandbox) -> None:
    request = request_of(case, tmp_path)
    found = problems(request)
    assert (not found) == case.allowed, found
    for problem in found:
        assert re.fullmatch(r"[A-Z0-9'].{8,200}[^.]", str(problem.notice)), problem
    answer = post(service, case, tmp_path)
    assert answer.ok == case.allowed, answer.text
    client = TripoClient(Account(service.api_url, KEY))
    if case.credits is None:
        assert answer.status_code == 400 and "VALIDATION_FAILED" in answer.text
        with pytest.raises(InvalidRequest):
            client.submit(request)
        return
    before = balance(service)
    client.submit(request)
    assert before - balance(service) == request.price.total == case.credits


def test_only_the_price_of_quads_is_uncertain(tmp_path: Path) -> None:
    for case in CASES:
        if case.allowed:
            price = request_of(case, tmp_path).price
            quads = case.parameters.get("quad") is True
            assert price.text == ("20–30" if quads else str(price.total)), case.about


def test_a_conversion_is_told_nothing_that_would_make_it_dearer(tmp_path: Path) -> None:
    defaults = {name: value for name, value in effective_values(CONVERT, None, {}).items() if value is not None}
    request = request_of(convert("", 10, **{**defaults, "flatten_bottom_threshold": 0.5}), tmp_path)
    assert sent_values(request) == {"format": "FBX"} and request.price.total == 10


def test_a_texture_is_told_its_defaults(tmp_path: Path) -> None:
    sent = sent_values(request_of(paint("", 20), tmp_path))
    assert sent == {
        "prompt": "rusty iron",
        "texture": True,
        "pbr": True,
        "texture_quality": "standard",
        "texture_alignment": "original_image",
        "bake": True,
    }


@pytest.mark.parametrize("sources", [
    {},
    {"file": "a.glb", "url": URL},
    {"file": "a.glb", "job_id": "abc"},
    {"url": URL, "objects": ("Cube",), "blend": "inputs/a.blend"},
    {"job_id": "abc", "objects": ("Cube",), "blend": "inputs/a.blend"},
])  # fmt: skip
def test_a_model_has_exactly_one_source(sources: dict[str, Any]) -> None:
    (problem,) = problems(GenerationRequest(SEGMENT, None, model=ModelSource(**sources)))
    assert problem.field == "model"


def test_a_model_version_belongs_to_generators_alone(tmp_path: Path) -> None:
    request = request_of(split("", 80, ("model.glb", GLB)), tmp_path)
    assert problems(request._replace(model_version=ModelVersion.P1))[0].field == "model_version"
    generator = GenerationRequest(Kind.TEXT, None, {"prompt": "a sword"})
    assert problems(generator)[0].field == "model_version"
    with_model = GenerationRequest(Kind.TEXT, parameters={"prompt": "a sword"}, model=ModelSource(url=URL))
    assert [problem.field for problem in problems(with_model)] == ["model"]


@pytest.mark.parametrize("model", [
    ModelSource(file="/home/ada/models/mug.glb"),
    ModelSource(url=URL + "?secret=1"),
    ModelSource(job_id="0123456789ab", name="A mug"),
    ModelSource(objects=("Suzanne", "Hat"), blend="inputs/0123.blend"),
])  # fmt: skip
def test_a_mesh_tool_survives_the_store_and_tells_no_folder(model: ModelSource) -> None:
    given: dict[str, Any] = {"format": "OBJ", "scale_factor": 2.5, "part_names": ("lid", "handle")}
    request = GenerationRequest(CONVERT, None, given, model=model)
    assert GenerationRequest.from_json(request.to_json()) == request
    told = json.dumps(public_request(request.to_json()))
    assert "/home" not in told and "secret" not in told and "inputs/" not in told


def test_a_request_of_an_earlier_version_has_no_model() -> None:
    request = GenerationRequest(Kind.TEXT, parameters={"prompt": "a sword"})
    assert 'model"' not in request.to_json() and GenerationRequest.from_json(request.to_json()).model is None


@pytest.mark.parametrize(("model", "kind", "title"), [
    (ModelSource(objects=("Suzanne",), blend="a"), TEXTURE, "Texture of Suzanne"),
    (ModelSource(objects=("Suzanne", "Hat", "Shoe"), blend="a"), SEGMENT, "Parts of Suzanne and 2 more"),
    (ModelSource(file="/tmp/old mug.glb"), CONVERT, "Conversion of old mug"),
    (ModelSource(url=URL + "?x=1"), TEXTURE, "Texture of mug"),
    (ModelSource(job_id="0123456789ab", name="A mug"), SEGMENT, "Parts of A mug"),
    (ModelSource(job_id="0123456789ab"), SEGMENT, "Parts of a Model"),
])  # fmt: skip
def test_a_job_says_what_it_works_on(model: ModelSource, kind: Kind, title: str) -> None:
    assert GenerationRequest(kind, None, model=model).title == title


def test_every_kind_has_its_outcome() -> None:
    assert {kind: outcome_of(kind.value) for kind in Kind} == {
        Kind.TEXT: Outcome.NEW_MODEL,
        Kind.IMAGE: Outcome.NEW_MODEL,
        Kind.MULTIVIEW: Outcome.NEW_MODEL,
        TEXTURE: Outcome.NEW_LOOK,
        SEGMENT: Outcome.PARTS,
        CONVERT: Outcome.SAVED_FILE,
    }
    assert outcome_of("of a later version") is Outcome.NEW_MODEL


@pytest.mark.parametrize(("kind", "values", "noted"), [
    (TEXTURE, {"prompt": "iron"}, []),
    (TEXTURE, {"image": True}, ["image"]),
    (CONVERT, {"format": "FBX", "quad": True, "face_limit": 900}, []),
    (CONVERT, {"format": "FBX", "quad": True}, ["face_limit"]),
    (CONVERT, {"format": "GLTF", "quad": True, "face_limit": 900}, ["quad"]),
    (CONVERT, {"format": "STL"}, ["format"]),
    (CONVERT, {"format": "3MF"}, ["format"]),
    (SEGMENT, {}, []),
])  # fmt: skip
def test_what_may_disappoint_is_noted(kind: Kind, values: dict[str, Any], noted: list[str]) -> None:
    effective = effective_values(kind, None, values) | values
    assert [note.name for note in notes_in(kind, effective)] == noted
