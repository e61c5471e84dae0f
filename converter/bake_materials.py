# SPDX-License-Identifier: GPL-3.0-or-later
"""What is baked of materials, channel by channel, and the material that shows what was baked."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

import bpy

BASE, SURFACE, NORMAL, EMISSION = "base colour", "surface", "normal", "emission"
"""The channels. Those of the surface are in one image as glTF has it: roughness in green, metallic in blue."""
LARGEST, PLAIN = 4096, 1024
"""Sides of images in pixels: the most, and that for materials without an image."""
_SHADER = "BSDF_PRINCIPLED"
_COLOURS = ("Base Color", "Color")
_THROUGH = {"Alpha": 1.0, "Transmission Weight": 0.0}
"""Inputs that let light through, and what they are for a material that lets none."""


class _Source(NamedTuple):
    """A material that is baked: its nodes, where its surface goes, and the node that has its channels."""

    tree: Any
    output: Any
    shader: Any


def usable(materials: Iterable[bpy.types.Material | None]) -> dict[bpy.types.Material, _Source]:
    """Return the materials that can be baked, each with its nodes, which are made where it has none."""
    return {one: _source(one) for one in materials if one is not None}


def channels_of(sources: Mapping[bpy.types.Material, _Source]) -> list[str]:
    """Return what has to be baked: the base colour, and what has an image or differs between materials."""
    found = [BASE]
    surfaces = {tuple(_number(one.shader, name) for name in ("Roughness", "Metallic")) for one in sources.values()}
    if len(surfaces) > 1 or any(None in one for one in surfaces):
        found.append(SURFACE)
    if any(_link(one.shader, "Normal") is not None for one in sources.values()):
        found.append(NORMAL)
    if any(map(_emits, sources.values())):
        found.append(EMISSION)
    return found


def is_opaque(sources: Mapping[bpy.types.Material, _Source]) -> bool:
    """Whether no material lets light through, which is not baked."""
    shaders = [one.shader for one in sources.values()]
    return all(_number(one, name) == plain for one in shaders for name, plain in _THROUGH.items() if _has(one, name))


def materials_of(objects: Iterable[bpy.types.Object]) -> list[bpy.types.Material]:
    """Return the materials that objects show."""
    found = {slot.material: None for one in objects for slot in one.material_slots if slot.material is not None}
    return list(found)


def images_of(materials: Iterable[bpy.types.Material]) -> set[Any]:
    """Return the images that materials show."""
    trees: list[Any] = [one.node_tree for one in materials]
    return {node.image for tree in trees if tree for node in tree.nodes if getattr(node, "image", None)}


def side_of(materials: Iterable[bpy.types.Material]) -> int:
    """Return how many pixels wide the images of a bake are: as wide as the largest that it is made of."""
    return min(max((max(image.size) for image in images_of(materials)), default=0) or PLAIN, LARGEST)


@contextmanager
def shining(sources: Mapping[bpy.types.Material, _Source], channel: str) -> Generator[None]:
    """Have the materials emit a channel as it is, without light; normals are baked of the materials themselves."""
    before = {one: _link(one.output, "Surface") for one in sources.values()}
    added: list[tuple[Any, Any]] = []
    try:
        for one in sources.values() if channel != NORMAL else ():
            made = one.tree.nodes.new("ShaderNodeEmission")
            added.append((one.tree, made))
            if channel == BASE:
                _feed(one, made.inputs["Color"], next((name for name in _COLOURS if _has(one.shader, name)), ""))
            elif channel == EMISSION:
                if _emits(one):
                    _feed(one, made.inputs["Color"], "Emission Color")
                else:
                    made.inputs["Strength"].default_value = 0.0
            else:
                both = one.tree.nodes.new("ShaderNodeCombineColor")
                added.append((one.tree, both))
                both.inputs["Red"].default_value = 1.0
                _feed(one, both.inputs["Green"], "Roughness")
                _feed(one, both.inputs["Blue"], "Metallic")
                one.tree.links.new(both.outputs[0], made.inputs["Color"])
            one.tree.links.new(made.outputs[0], one.output.inputs["Surface"])
        yield
    finally:
        for tree, node in added:
            tree.nodes.remove(node)
        for one, socket in before.items():
            if socket is not None:
                one.tree.links.new(socket, one.output.inputs["Surface"])


class Baked:
    """The material that shows what was baked onto a UV map; its images are baked one after the other."""

    def __init__(self, name: str, uv_map: str, side: int) -> None:
        self.material = bpy.data.materials.new(name)
        self.material.use_nodes = True
        self._name, self._uv_map, self._side = name, uv_map, side
        self.tree: Any = self.material.node_tree
        self.images: dict[str, Any] = {}
        """The nodes that show them, by channel."""
        self._shader: Any = next(node for node in self.tree.nodes if node.type == _SHADER)
        self._place = self.tree.nodes.new("ShaderNodeUVMap")
        self._place.uv_map = uv_map

    def add(self, channel: str) -> None:
        """Add the image of a channel, and have the next bake write into it."""
        image: Any = bpy.data.images.new(f"{self._name} {channel}", self._side, self._side, alpha=False)
        if channel not in (BASE, EMISSION):
            image.colorspace_settings.name = "Non-Color"
        node = self.tree.nodes.new("ShaderNodeTexImage")
        node.image = image
        self.tree.links.new(self._place.outputs[0], node.inputs[0])
        self.images[channel] = node
        self.tree.nodes.active = node

    def connect(self, sources: Mapping[bpy.types.Material, _Source]) -> None:
        """Connect the images, take over the numbers that were not baked, and take the pixels into the file."""
        links = self.tree.links
        if BASE in self.images:
            links.new(self.images[BASE].outputs[0], self._shader.inputs["Base Color"])
        if SURFACE in self.images:
            parts = self.tree.nodes.new("ShaderNodeSeparateColor")
            links.new(self.images[SURFACE].outputs[0], parts.inputs[0])
            links.new(parts.outputs["Green"], self._shader.inputs["Roughness"])
            links.new(parts.outputs["Blue"], self._shader.inputs["Metallic"])
        else:
            for name in ("Roughness", "Metallic"):
                value = next((_number(one.shader, name) for one in sources.values()), None)
                if value is not None:
                    self._shader.inputs[name].default_value = value
        if NORMAL in self.images:
            bump = self.tree.nodes.new("ShaderNodeNormalMap")
            bump.uv_map = self._uv_map
            links.new(self.images[NORMAL].outputs[0], bump.inputs["Color"])
            links.new(bump.outputs[0], self._shader.inputs["Normal"])
        if EMISSION in self.images:
            links.new(self.images[EMISSION].outputs[0], self._shader.inputs["Emission Color"])
            strengths = [_number(one.shader, "Emission Strength") for one in sources.values() if _emits(one)]
            self._shader.inputs["Emission Strength"].default_value = strengths[0] or 1.0
        for node in self.images.values():
            node.image.pack()


def _source(material: bpy.types.Material) -> _Source:
    if material.node_tree is None:
        plain: Any = material.diffuse_color
        colour = plain[:]
        material.use_nodes = True
        tree: Any = material.node_tree
        shader = next(node for node in tree.nodes if node.type == _SHADER)
        shader.inputs["Base Color"].default_value = colour
    tree = material.node_tree
    output = tree.get_output_node("CYCLES") or tree.nodes.new("ShaderNodeOutputMaterial")
    waiting, seen = [output], set[Any]()
    others: list[Any] = []
    while waiting:
        node = waiting.pop(0)
        if node in seen:
            continue
        seen.add(node)
        if node.type == _SHADER:
            return _Source(tree, output, node)
        if any(_has(node, name) for name in _COLOURS) and any(one.type == "SHADER" for one in node.outputs):
            others.append(node)
        waiting += [link.from_node for socket in node.inputs if socket.type == "SHADER" for link in socket.links]
    return _Source(tree, output, others[0] if others else None)


def _has(node: Any, name: str) -> bool:
    return node is not None and name in node.inputs


def _emits(source: _Source) -> bool:
    shader = source.shader
    if not _has(shader, "Emission Strength") or _number(shader, "Emission Strength") == 0.0:
        return False
    return _link(shader, "Emission Color") is not None or any(shader.inputs["Emission Color"].default_value[:3])


def _link(node: Any, name: str) -> Any:
    """Return the socket that feeds an input of a node, or None."""
    links: Any = node.inputs[name].links if _has(node, name) else None
    return links[0].from_socket if links else None


def _number(node: Any, name: str) -> float | None:
    """Return the number that an input has, None when it is fed by other nodes."""
    if not _has(node, name):
        return 0.5 if name == "Roughness" else 0.0
    return None if _link(node, name) is not None else round(float(node.inputs[name].default_value), 4)


def _feed(source: _Source, target: Any, name: str) -> None:
    """Give an input what feeds an input of the source's shader, or its value."""
    socket = _link(source.shader, name)
    if socket is not None:
        source.tree.links.new(socket, target)
    elif _has(source.shader, name):
        target.default_value = source.shader.inputs[name].default_value
    elif name != "":
        target.default_value = _number(source.shader, name) or 0.0
