"""The three operators end to end: press, agent, converter, model in the scene."""

from __future__ import annotations

import json
from pathlib import Path

import bpy
import pytest

from support.service import SandboxControl


def job_collection(name: str) -> bpy.types.Collection:
    collection = bpy.data.collections[name]
    assert collection.name in bpy.context.scene.collection.children
    return collection


def test_text(sandbox: SandboxControl) -> None:
    assert bpy.ops.tripo.text_to_3d(prompt="a small teapot") == {"FINISHED"}
    collection = job_collection("a small teapot")
    assert any(one.type == "MESH" for one in collection.all_objects)
