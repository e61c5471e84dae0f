"""Models made with Blender, each a few hundred triangles that show one thing an importer has to get right.

Every function fills an empty file with a scene; `MODELS` lists them by name. `export` writes it in a format.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import bpy

MODELS: dict[str, Callable[[], None]] = {}


def model(function: Callable[[], None]) -> Callable[[], None]:
    MODELS[function.__name__] = function
    return function


def empty_file() -> None:
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)


def export(path: Path, **options: Any) -> Path:
    """Write the present scene in the format that the path names."""
    # Until 5.0 registered properties are custom properties too, and would be exported as such.
    bpy.context.scene.pop("tripo", None)
    match path.suffix:
        case ".glb" | ".gltf":
            kind = "GLB" if path.suffix == ".glb" else "GLTF_SEPARATE"
            settings: dict[str, Any] = {"export_extras": True, "export_cameras": True, "export_lights": True}
            bpy.ops.export_scene.gltf(filepath=str(path), export_format=kind, **settings | options)
        case ".fbx":
            bpy.ops.export_scene.fbx(filepath=str(path), path_mode="COPY", embed_textures=True, **options)
        case ".obj":
            for image in bpy.data.images:  # a packed one is not copied
                image.filepath_raw = str(path.parent / f"{image.name}.png")
                image.save()
            bpy.ops.wm.obj_export(filepath=str(path), path_mode="COPY", **options)
        case ".stl":
            bpy.ops.wm.stl_export(filepath=str(path), **options)
        case _:
            bpy.ops.wm.usd_export(filepath=str(path), **options)
    return path


def image(name: str, color: tuple[float, float, float, float], *, kind: str = "PNG", size: int = 16) -> Any:
    """A packed chequered image; with alpha when the colour has some."""
    image = bpy.data.images.new(name, size, size, alpha=color[3] < 1)
    dark = tuple(part * 0.5 for part in color[:3])
    pixels: list[float] = []
    for row in range(size):
        for column in range(size):
            bright = (row // 4 + column // 4) % 2
            pixels += [*(color[:3] if bright else dark), 1.0 if bright else color[3]]
    image.pixels.foreach_set(pixels)
    image.file_format = kind
    image.pack()
    return image


def material(name: str, **inputs: Any) -> Any:
    """A Principled material; the inputs are named with underscores."""
    made = bpy.data.materials.new(name)
    made.use_nodes = True
    for key, value in inputs.items():
        shader(made).inputs[key.replace("_", " ")].default_value = value
    return made


def shader(made: Any) -> Any:
    return next(node for node in made.node_tree.nodes if node.type == "BSDF_PRINCIPLED")


def texture(made: Any, image: Any, socket: str, output: str = "Color", **settings: Any) -> Any:
    """Plug an image into the material's shader."""
    node = made.node_tree.nodes.new("ShaderNodeTexImage")
    node.image = image
    for key, value in settings.items():
        setattr(node, key, value)
    made.node_tree.links.new(node.outputs[output], shader(made).inputs[socket])
    return node


def ball(name: str, made: Any = None, location: tuple[float, float, float] = (0, 0, 0), segments: int = 12) -> Any:
    bpy.ops.mesh.primitive_uv_sphere_add(segments=segments, ring_count=8, location=location)
    return _named(name, made)


def cube(name: str, made: Any = None, location: tuple[float, float, float] = (0, 0, 0)) -> Any:
    bpy.ops.mesh.primitive_cube_add(location=location)
    return _named(name, made)


def _named(name: str, made: Any) -> Any:
    one = bpy.context.object
    one.name = one.data.name = name
    if made:
        one.data.materials.append(made)
    return one


@model
def plain() -> None:
    cube("Box", material("Red", Base_Color=(0.8, 0.1, 0.1, 1), Metallic=0.3, Roughness=0.2))


@model
def smooth() -> None:
    bpy.ops.object.select_all(action="DESELECT")
    ball("Ball", material("White"), segments=24)
    bpy.ops.object.shade_smooth()


@model
def textured() -> None:
    made = material("Full")
    texture(made, image("base", (0.9, 0.5, 0.2, 1)), "Base Color")
    texture(made, image("glow", (0.1, 0.9, 0.2, 1), kind="JPEG"), "Emission Color")
    shader(made).inputs["Emission Strength"].default_value = 1.0
    rough = image("rough", (0.0, 0.7, 0.4, 1))
    rough.colorspace_settings.name = "Non-Color"
    node = made.node_tree.nodes.new("ShaderNodeTexImage")
    node.image = rough
    split = made.node_tree.nodes.new("ShaderNodeSeparateColor")
    made.node_tree.links.new(node.outputs["Color"], split.inputs[0])
    made.node_tree.links.new(split.outputs["Green"], shader(made).inputs["Roughness"])
    made.node_tree.links.new(split.outputs["Blue"], shader(made).inputs["Metallic"])
    bumps = image("bumps", (0.5, 0.5, 1.0, 1))
    bumps.colorspace_settings.name = "Non-Color"
    normal = made.node_tree.nodes.new("ShaderNodeNormalMap")
    normal.inputs["Strength"].default_value = 0.7
    node = made.node_tree.nodes.new("ShaderNodeTexImage")
    node.image = bumps
    made.node_tree.links.new(node.outputs["Color"], normal.inputs["Color"])
    made.node_tree.links.new(normal.outputs["Normal"], shader(made).inputs["Normal"])
    ball("Ball", made)


@model
def texture_transforms() -> None:
    for number, extension in enumerate(("REPEAT", "EXTEND", "MIRROR")):
        made = material(f"Tile {extension}")
        node = texture(made, image(f"tile {number}", (0.2, 0.4, 0.9, 1)), "Base Color", extension=extension)
        node.interpolation = "Closest" if number == 1 else "Linear"
        mapping = made.node_tree.nodes.new("ShaderNodeMapping")
        mapping.inputs["Location"].default_value = (0.25 * number, 0.5, 0)
        mapping.inputs["Rotation"].default_value = (0, 0, 0.3 * number)
        mapping.inputs["Scale"].default_value = (2, 3 + number, 1)
        coordinates = made.node_tree.nodes.new("ShaderNodeTexCoord")
        made.node_tree.links.new(coordinates.outputs["UV"], mapping.inputs["Vector"])
        made.node_tree.links.new(mapping.outputs["Vector"], node.inputs["Vector"])
        cube(f"Tile {number}", made, (3.0 * number, 0, 0))


@model
def many_meshes() -> None:
    shared = [material(f"Paint {number}", Base_Color=(number / 4, 0.5, 0.2, 1)) for number in range(3)]
    for number in range(14):
        one = ball(f"Part {number}", shared[number % 3], (number % 5, number // 5, 0))
        if number % 2:
            one.data.materials.append(shared[(number + 1) % 3])
            for polygon in one.data.polygons:
                polygon.material_index = polygon.index % 2


@model
def hierarchy() -> None:
    bpy.ops.object.empty_add(location=(1, 2, 3), rotation=(0.3, 0.2, 0.1))
    root = bpy.context.object
    root.name = "Root"
    root.scale = (1.0, 2.0, 0.5)
    parent = root
    for number in range(6):
        child = cube(f"Joint {number}", None, (0.5, 0.1, 0.2)) if number % 2 else None
        if child is None:
            bpy.ops.object.empty_add(location=(0.1, 0.2, 0.3), rotation=(0, 0, 0.4))
            child = bpy.context.object
            child.name = f"Empty {number}"
        child.parent = parent
        parent = child if number % 3 else root


@model
def odd_scales() -> None:
    made = material("Grey")
    for number, scale in enumerate(((1, 2, 3), (-1, 1, 1), (-1, -2, -0.5), (0.001, 0.001, 0.001), (1, 1, 0.0))):
        one = ball(f"Scaled {number}", made, (2.0 * number, 0, 0))
        one.scale = scale
        one.rotation_euler = (0.2 * number, 0.5, 0.1)


@model
def instances() -> None:
    one = ball("Seed", material("Green", Base_Color=(0.1, 0.6, 0.1, 1)))
    for number in range(5):
        copy = bpy.data.objects.new(f"Copy {number}", one.data)
        copy.location = (0, 2.0 * number, 1)
        bpy.context.scene.collection.objects.link(copy)


@model
def many_uv_maps() -> None:
    one = ball("Maps", material("Mapped"))
    for number in range(3):
        layer = one.data.uv_layers.new(name=f"Layer {number}")
        for index, item in enumerate(layer.data):
            item.uv = (index * 0.01 * number, 1 - index * 0.005)


@model
def vertex_colors() -> None:
    made = material("Painted")
    node = made.node_tree.nodes.new("ShaderNodeVertexColor")
    node.layer_name = "Col"
    made.node_tree.links.new(node.outputs["Color"], shader(made).inputs["Base Color"])
    one = ball("Painted", made)
    for name in ("Col", "Second"):
        layer = one.data.color_attributes.new(name, "BYTE_COLOR", "CORNER")
        for index, item in enumerate(layer.data):
            item.color = (index % 7 / 7, index % 3 / 3, 0.4, 1.0)


@model
def alpha() -> None:
    for number, mode in enumerate(("BLEND", "CLIP")):
        made = material(f"Glass {mode}")
        leaf = image(f"leaf {mode}", (0.2, 0.7, 0.3, 0.25))
        node = texture(made, leaf, "Base Color")
        made.node_tree.links.new(node.outputs["Alpha"], shader(made).inputs["Alpha"])
        if mode == "CLIP":
            step = made.node_tree.nodes.new("ShaderNodeMath")
            step.operation = "GREATER_THAN"
            step.inputs[1].default_value = 0.4
            made.node_tree.links.new(node.outputs["Alpha"], step.inputs[0])
            made.node_tree.links.new(step.outputs[0], shader(made).inputs["Alpha"])
        made.use_backface_culling = bool(number)
        cube(f"Leaf {mode}", made, (3.0 * number, 0, 0))


@model
def emission() -> None:
    cube("Lamp", material("Glow", Emission_Color=(1, 0.6, 0.2, 1), Emission_Strength=12.5))


@model
def coats() -> None:
    ball("Car", material("Coat", Coat_Weight=0.8, Coat_Roughness=0.15, Base_Color=(0.6, 0, 0, 1)))
    ball("Cloth", material("Sheen", Sheen_Weight=1.0, Sheen_Roughness=0.4, Sheen_Tint=(0.7, 0.2, 0.9, 1)), (3, 0, 0))
    glass = material("Glass", Transmission_Weight=1.0, IOR=1.33, Roughness=0.05)
    ball("Glass", glass, (6, 0, 0))
    ball("Wax", material("Wax", Specular_IOR_Level=0.3, Specular_Tint=(1, 0.5, 0.5, 1)), (9, 0, 0))
    ball("Hair", material("Hair", Anisotropic=0.7, Anisotropic_Rotation=0.2, Metallic=1.0), (12, 0, 0))


@model
def custom_properties() -> None:
    made = material("Tagged")
    made["price"] = 3.5
    one = cube("Tagged", made)
    one["label"] = "näme ünïcode"
    one["numbers"] = [1.0, 2.0, 3.5]
    one["nested"] = {"a": 1, "b": {"c": [0.5, 0.25]}}
    one["flag"] = True
    one.data["origin"] = "factory"
    bpy.context.scene["author"] = "nobody"
    bpy.context.scene["version"] = {"major": 1, "minor": [2, 3]}


@model
def lights_and_cameras() -> None:
    for number, kind in enumerate(("POINT", "SUN", "SPOT")):
        data = bpy.data.lights.new(kind, kind)
        data.energy = 10.0 * (number + 1)
        data.color = (1, 0.5, 0.2)
        one = bpy.data.objects.new(f"Light {kind}", data)
        one.location = (number, 1, 2)
        one.rotation_euler = (0.5, 0.2, 0.1 * number)
        bpy.context.scene.collection.objects.link(one)
    for kind in ("PERSP", "ORTHO"):
        camera = bpy.data.cameras.new(kind)
        camera.type = kind
        camera.lens, camera.ortho_scale, camera.clip_end = 35.0, 3.0, 77.0
        one = bpy.data.objects.new(f"Camera {kind}", camera)
        one.rotation_euler = (1.0, 0.0, 0.4)
        bpy.context.scene.collection.objects.link(one)
    cube("Stage")


def _armature(name: str = "Rig") -> Any:
    bpy.ops.object.armature_add(location=(0.2, 0, 0))
    rig = bpy.context.object
    rig.name = rig.data.name = name
    bpy.ops.object.mode_set(mode="EDIT")
    bones = rig.data.edit_bones
    bones[0].name = "lower"
    bones[0].tail = (0, 0, 1)
    for parent, child, tail in (("lower", "middle", (0, 0.2, 2)), ("middle", "upper", (0, 0, 3))):
        bone = bones.new(child)
        bone.head, bone.tail, bone.parent = bones[parent].tail, tail, bones[parent]
    bpy.ops.object.mode_set(mode="OBJECT")
    return rig


def _skinned() -> Any:
    rig = _armature()
    bpy.ops.mesh.primitive_cylinder_add(vertices=10, depth=3, location=(0.2, 0, 1.5))
    skin = bpy.context.object
    skin.name = skin.data.name = "Skin"
    skin.data.materials.append(material("Flesh", Base_Color=(0.8, 0.5, 0.4, 1)))
    for number, name in enumerate(("lower", "middle", "upper")):
        group = skin.vertex_groups.new(name=name)
        for vertex in skin.data.vertices:
            weight = max(0.0, 1 - abs(vertex.co.z + 1.5 - number - 0.5))
            if weight:
                group.add([vertex.index], weight, "REPLACE")
    skin.parent = rig
    skin.modifiers.new("Armature", "ARMATURE").object = rig
    return rig


@model
def rigged() -> None:
    rig = _skinned()
    rig.pose.bones["middle"].rotation_mode = "XYZ"
    rig.pose.bones["middle"].rotation_euler = (0.3, 0, 0)
    rig.data.bones["upper"]["role"] = "head"


@model
def rigged_and_animated() -> None:
    rig = _skinned()
    for name, size in (("wave", 0.6), ("nod", 0.2)):
        rig.animation_data_create().action = bpy.data.actions.new(name)
        for frame in (1, 12, 24):
            for bone in ("middle", "upper"):
                pose = rig.pose.bones[bone]
                pose.rotation_mode = "QUATERNION"
                pose.rotation_quaternion = (1, size * math.sin(frame), 0, 0.1)
                pose.keyframe_insert("rotation_quaternion", frame=frame)
        track = rig.animation_data.nla_tracks.new()
        track.name = name
        track.strips.new(name, 1, rig.animation_data.action)
    rig.animation_data.action = None


@model
def animated_objects() -> None:
    for number, interpolation in enumerate(("LINEAR", "CONSTANT", "BEZIER")):
        one = cube(f"Mover {interpolation}", None, (3.0 * number, 0, 0))
        for frame, x in ((1, 0.0), (10, 2.0), (30, 1.0)):
            one.location.z = x
            one.keyframe_insert("location", frame=frame)
            one.rotation_euler.z = x
            one.keyframe_insert("rotation_euler", frame=frame)


@model
def shape_keys() -> None:
    one = ball("Face", material("Skin"))
    one.shape_key_add(name="Basis")
    for number, name in enumerate(("smile", "frown", "blink")):
        key = one.shape_key_add(name=name)
        for point in key.data:
            point.co.z += 0.1 * (number + 1) * point.co.x
        key.value = 0.25 * number
    keys = one.data.shape_keys
    for frame, value in ((1, 0.0), (20, 1.0)):
        keys.key_blocks["smile"].value = value
        keys.key_blocks["smile"].keyframe_insert("value", frame=frame)


@model
def quads() -> None:
    bpy.ops.mesh.primitive_grid_add(x_subdivisions=9, y_subdivisions=7)
    one = bpy.context.object
    one.name = "Quads"
    for vertex in one.data.vertices:
        vertex.co.z = 0.2 * math.sin(5 * vertex.co.x)
    made = material("Cloth")
    texture(made, image("weave", (0.7, 0.6, 0.3, 1)), "Base Color")
    one.data.materials.append(made)
    bpy.ops.mesh.primitive_cylinder_add(vertices=7, location=(3, 0, 0))
    bpy.context.object.name = "Ngons"


@model
def edges_and_points() -> None:
    mesh = bpy.data.meshes.new("Wire")
    mesh.from_pydata([(0, 0, 0), (1, 0, 0), (1, 1, 0), (0, 1, 1), (2, 2, 2)], [(0, 1), (1, 2), (2, 3)], [])
    bpy.context.scene.collection.objects.link(bpy.data.objects.new("Wire", mesh))
