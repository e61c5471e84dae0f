"""The scene side of a glTF file: every reference leads somewhere, nodes form a forest, nothing multiplies.

After the glTF 2.0 specification, chapters 3.5 (scenes and nodes) and 3.7 to 3.11.
"""

from __future__ import annotations

from typing import cast

from .errors import contradicts, damaged, too_large
from .fields import Fields
from .gltf_data import Accessor, GltfData
from .model import Limits

TRIANGLES, STRIP, FAN = 4, 5, 6
MAX_TARGETS = 1_000
MAX_ATTRIBUTES = 64
TEXTURE_SOURCES = ("EXT_texture_webp", "KHR_texture_basisu", "MSFT_texture_dds", "EXT_texture_avif")


class GltfScene:
    """Checks on construction, raising UnsafeFile."""

    def __init__(self, document: Fields, data: GltfData, limits: Limits) -> None:
        self._document = document
        self._data = data
        self._limits = limits
        self.triangles = 0
        self.vertices = 0
        self.uses_draco = False
        self._materials = self._list("materials", "material")
        self._meshes = self._list("meshes", "mesh")
        self._nodes = self._list("nodes", "node")
        self._skins = self._list("skins", "skin")
        self._cameras = self._list("cameras", "camera")
        self._check_textures()
        for mesh in self._meshes:
            self._check_mesh(mesh)
        self._check_nodes()
        self._check_skins()
        self._check_animations()

    def _list(self, key: str, singular: str) -> list[Fields]:
        return self._document.children(key, singular, self._limits.items)

    def _accessor(self, owner: Fields, key: str) -> Accessor:
        return self._data.accessors[owner.index(key, len(self._data.accessors))]

    def _check_textures(self) -> None:
        samplers = self._list("samplers", "sampler")
        textures = self._list("textures", "texture")
        images = len(self._data.images)
        for texture in textures:
            texture.optional_index("sampler", len(samplers))
            texture.optional_index("source", images)
            for name in TEXTURE_SOURCES:
                extension = texture.extension(name)
                if extension is not None:
                    extension.optional_index("source", images)
        for material in self._materials:
            self._check_texture_references(material, len(textures))

    def _check_texture_references(self, material: Fields, textures: int) -> None:
        """Whatever is called …Texture, in the material and its extensions, has an index of a texture."""
        pending = [material]
        while pending:
            owner = pending.pop()
            for key, value in owner.values.items():
                if key == "extras" or not isinstance(value, dict):
                    continue
                child = Fields(cast("dict[str, object]", value), f"{material.where}, {key[:64]}")
                if key.endswith("Texture") and child.has("index"):
                    child.index("index", textures)
                pending.append(child)

    def _check_mesh(self, mesh: Fields) -> None:
        for primitive in mesh.children("primitives", f"{mesh.where}, primitive", self._limits.items):
            self._check_primitive(primitive)
            if self.vertices > self._limits.vertices:
                raise too_large("vertices", self._limits.vertices)
            if self.triangles > self._limits.triangles:
                raise too_large("triangles", self._limits.triangles)

    def _check_primitive(self, primitive: Fields) -> None:
        accessors = self._data.accessors
        mode = primitive.whole("mode", TRIANGLES, high=6)
        primitive.optional_index("material", len(self._materials))
        targets = primitive.children("targets", f"{primitive.where}, target", MAX_TARGETS)
        attributes = primitive.child("attributes")
        if attributes is None or len(attributes.values) > MAX_ATTRIBUTES:
            raise contradicts(f"{primitive.where} has no valid attributes")
        draco = primitive.extension("KHR_draco_mesh_compression")
        if draco is not None:
            self.uses_draco = True
            draco.index("bufferView", len(self._data.views))
        number = attributes.optional_index("POSITION", len(accessors))
        vertices = accessors[number].count if number is not None else 0
        for owner in (attributes, *targets):
            for index in owner.index_map(len(accessors)).values():
                if number is not None and accessors[index].count != vertices:
                    raise contradicts(f"{primitive.where} has attributes of different lengths")
        index_number = primitive.optional_index("indices", len(accessors))
        corners = vertices
        if index_number is not None:
            corners = accessors[index_number].count
            largest = self._data.largest_index(index_number)
            if number is not None and largest is not None and largest >= vertices:
                raise contradicts(f"{primitive.where} refers to vertices that are not there")
        self.vertices += vertices * (1 + len(targets))
        if mode == TRIANGLES:
            self.triangles += corners // 3
        elif mode in (STRIP, FAN):
            self.triangles += max(0, corners - 2)

    def _check_nodes(self) -> None:
        lights = self._document.extension("KHR_lights_punctual")
        light_count = len(lights.children("lights", "light", self._limits.items)) if lights else 0
        count = len(self._nodes)
        parents: list[int | None] = [None] * count
        children: list[list[int]] = []
        instances = 0
        for number, node in enumerate(self._nodes):
            node.optional_index("mesh", len(self._meshes))
            node.optional_index("skin", len(self._skins))
            node.optional_index("camera", len(self._cameras))
            light = node.extension("KHR_lights_punctual")
            if light is not None:
                light.index("light", light_count)
            instances += self._instances(node)
            children.append(node.indices("children", count, self._limits.items))
            for child in children[-1]:
                if parents[child] is not None:
                    raise contradicts(f"node {child} has two parents")
                parents[child] = number
        if instances > self._limits.items:
            raise too_large("copies of one object", self._limits.items)
        self._check_forest(parents, children)
        scenes = self._list("scenes", "scene")
        self._document.optional_index("scene", len(scenes))
        for scene in scenes:
            scene.indices("nodes", count, self._limits.items)

    def _instances(self, node: Fields) -> int:
        instancing = node.extension("EXT_mesh_gpu_instancing")
        attributes = instancing.child("attributes") if instancing is not None else None
        if attributes is None:
            return 0
        accessors = self._data.accessors
        return max((accessors[i].count for i in attributes.index_map(len(accessors)).values()), default=0)

    def _check_forest(self, parents: list[int | None], children: list[list[int]]) -> None:
        level = [number for number, parent in enumerate(parents) if parent is None]
        reached = len(level)
        depth = 0
        while level:
            depth += 1
            if depth > self._limits.node_depth:
                raise too_large("levels of nodes", self._limits.node_depth)
            level = [child for number in level for child in children[number]]
            reached += len(level)
        # Each node has one parent at most, so those that no root reaches go round in circles.
        if reached != len(parents):
            raise damaged("its nodes go round in a circle")

    def _check_skins(self) -> None:
        for skin in self._skins:
            joints = skin.indices("joints", len(self._nodes), self._limits.items)
            skin.optional_index("skeleton", len(self._nodes))
            if skin.has("inverseBindMatrices"):
                matrices = self._accessor(skin, "inverseBindMatrices")
                if matrices.shape != "MAT4" or matrices.count < len(joints):
                    raise contradicts(f"{skin.where} has too few matrices")

    def _check_animations(self) -> None:
        keyframes = 0
        for animation in self._list("animations", "animation"):
            limit = self._limits.items
            samplers = animation.children("samplers", f"{animation.where}, sampler", limit)
            for sampler in samplers:
                keyframes += self._accessor(sampler, "input").count + self._accessor(sampler, "output").count
            if keyframes > self._limits.keyframes:
                raise too_large("keyframes", self._limits.keyframes)
            for channel in animation.children("channels", f"{animation.where}, channel", limit):
                channel.index("sampler", len(samplers))
                target = channel.child("target")
                if target is not None:
                    target.optional_index("node", len(self._nodes))
