"""Model files that tools of npm wrote: by running them, and as their packages ship them. Pinned, kept in a cache."""

from __future__ import annotations

import hashlib
from itertools import product
from pathlib import Path

from .npm import cache_folder, installing, node_modules, run

THREE = ("three@0.180.0",)
SAMPLES = ("node-stl@0.7.3",)
"""Packages with files of other programs."""
SHAPES = ("box", "sphere", "cylinder", "cone", "torus", "knot", "capsule", "icosahedron", "lathe", "ring")
SPECIAL = (
    *("physical", "unlit", "glass", "colours", "parts", "lamps", "lines", "points", "instances", "morph", "animated"),
    "quaternions only",
)
WRITTEN = (
    *(f"{name}{kind}" for name, kind in product(SHAPES, (".glb", ".gltf", ".obj", ".stl", " as text.stl", ".usdz"))),
    *(f"{name}.glb" for name in SPECIAL),
)
SHIPPED = ("002.STL", "Pterosaur_FDM.stl", "box_2x3x4.stl", "box_3x3x3_offset.stl", "RasPiCaseLight.stl")


def written() -> Path:
    """Return a folder with the files of WRITTEN, made on first use; raises NpmMissing."""
    modules = node_modules(THREE)
    script = Path(__file__).with_name("three_models.mjs")
    place = cache_folder("models") / f"{modules.parent.name}-{hashlib.sha256(script.read_bytes()).hexdigest()[:16]}"
    with installing(place) as new:
        if new is not None:
            run("node", script, modules, new)
    return place


def shipped() -> Path:
    """Return a folder with the files of SHIPPED; raises NpmMissing."""
    return node_modules(SAMPLES) / "node-stl" / "test" / "test_data"
