"""Models that Blender's exporter does not write: a GLB taken apart, changed, and put together again."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

Json = dict[str, Any]
PATCHES: dict[str, tuple[str, Callable[[Json], None]]] = {}
"""By name: the model of `models_make` to begin with, and what is done to its description."""


def patch(base: str) -> Callable[[Callable[[Json], None]], Callable[[Json], None]]:
    def register(function: Callable[[Json], None]) -> Callable[[Json], None]:
        PATCHES[function.__name__] = (base, function)
        return function

    return register


def read_glb(path: Path) -> tuple[Json, bytes]:
    data = path.read_bytes()
    length = struct.unpack_from("<I", data, 12)[0]
    return json.loads(data[20 : 20 + length]), data[28 + length :]


def write_glb(path: Path, document: Json, binary: bytes) -> Path:
    text = json.dumps(document).encode()
    text += b" " * (-len(text) % 4)
    head = struct.pack("<4sIII4s", b"glTF", 2, 28 + len(text) + len(binary), len(text), b"JSON")
    path.write_bytes(head + text + struct.pack("<I4s", len(binary), b"BIN\0") + binary)
    return path


def patched(source: Path, target: Path, change: Callable[[Json], None]) -> Path:
    document, binary = read_glb(source)
    change(document)
    return write_glb(target, document, binary)


def _use(document: Json, extension: str) -> None:
    document.setdefault("extensionsUsed", []).append(extension)


@patch("many_meshes")
def several_scenes(document: Json) -> None:
    nodes = document["scenes"][0]["nodes"]
    document["scenes"] = [
        {"name": "Attic", "nodes": nodes[:3]},
        {"name": "Hall", "nodes": nodes[3:9], "extras": {"floor": 1}},
        {"name": "Cellar", "nodes": nodes[9:]},
    ]
    document["scene"] = 1


@patch("many_meshes")
def nodes_outside_scenes(document: Json) -> None:
    document["scenes"][0]["nodes"] = document["scenes"][0]["nodes"][:5]


@patch("plain")
def no_scene(document: Json) -> None:
    del document["scene"], document["scenes"]


@patch("plain")
def no_normals(document: Json) -> None:
    del document["meshes"][0]["primitives"][0]["attributes"]["NORMAL"]


@patch("plain")
def unlit(document: Json) -> None:
    _use(document, "KHR_materials_unlit")
    document["materials"][0]["extensions"] = {"KHR_materials_unlit": {}}


@patch("many_meshes")
def variants(document: Json) -> None:
    _use(document, "KHR_materials_variants")
    document["extensions"] = {"KHR_materials_variants": {"variants": [{"name": "Beach"}, {"name": "Street"}]}}
    # A material that nothing but a variant uses.
    document["materials"].append({"name": "Only in a variant", "pbrMetallicRoughness": {"metallicFactor": 0.25}})
    last = len(document["materials"]) - 1
    for mesh in document["meshes"][:4]:
        mappings = [{"material": last, "variants": [1]}, {"material": 0, "variants": [0]}]
        mesh["primitives"][0]["extensions"] = {"KHR_materials_variants": {"mappings": mappings}}


@patch("plain")
def strange_names(document: Json) -> None:
    name = "ｎａｍｅ " + "long" * 30
    document["nodes"][0]["name"] = document["meshes"][0]["name"] = name
    document["materials"][0]["name"] = "glTF_not_exported"
    document["scenes"][0]["name"] = "glTF_not_exported"
