"""Scenes that artists have, each with what is sent of it, and the bounds of what is seen."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import bpy
import numpy as np

Made = list[Any]
SCENES: dict[str, Callable[[Path], Made]] = {}


def scene(function: Callable[[Path], Made]) -> Callable[[Path], Made]:
    """A scene that artists have; it returns what is sent of it."""
    SCENES[function.__name__] = function
    return function


def add(mesh: str = "monkey", name: str = "", **options: Any) -> Any:
    getattr(bpy.ops.mesh, f"primitive_{mesh}_add")(**options)
    obj: Any = bpy.context.object
    obj.name = name or obj.name
    return obj


def material(name: str, image: Any = None) -> Any:
    made: Any = bpy.data.materials.new(name)
    made.use_nodes = True
    if image is not None:
        node = made.node_tree.nodes.new("ShaderNodeTexImage")
        node.image = image
        shader = next(one for one in made.node_tree.nodes if one.bl_idname == "ShaderNodeBsdfPrincipled")
        made.node_tree.links.new(node.outputs["Color"], shader.inputs["Base Color"])
    return made


def painted(name: str, colour: tuple[float, float, float, float] = (0.2, 0.4, 0.8, 1.0)) -> Any:
    image: Any = bpy.data.images.new(name, 8, 4, alpha=True)
    image.pixels.foreach_set(np.tile(np.array(colour, np.float32), 32))
    return image


def instance(collection: Any, name: str, place: tuple[float, float, float]) -> Any:
    made = bpy.data.objects.new(name, None)
    made.instance_type, made.instance_collection, made.location = "COLLECTION", collection, place
    bpy.context.collection.objects.link(made)
    return made


def collection_of(name: str, objects: Made) -> Any:
    made = bpy.data.collections.new(name)
    for obj in objects:
        for owner in obj.users_collection:
            owner.objects.unlink(obj)
        made.objects.link(obj)
    return made


@scene
def no_uvs(_folder: Path) -> Made:
    obj = add()
    while obj.data.uv_layers:
        obj.data.uv_layers.remove(obj.data.uv_layers[0])
    return [obj]


@scene
def ngons(_folder: Path) -> Made:
    return [add("circle", vertices=9, fill_type="NGON"), add("cylinder", vertices=7, location=(3, 0, 0))]


@scene
def several_materials(_folder: Path) -> Made:
    obj = add("cube")
    for number in range(3):
        obj.data.materials.append(material(f"material {number}", painted(f"image {number}")))
        obj.data.polygons[number].material_index = number
    obj.material_slots[1].link = "OBJECT"
    obj.material_slots[1].material = material("the object's own")
    return [obj]


@scene
def linked_data(_folder: Path) -> Made:
    first = add()
    other = bpy.data.objects.new("same data", first.data)
    other.location = (4, 0, 1)
    bpy.context.collection.objects.link(other)
    return [first, other]


@scene
def linked_objects(folder: Path) -> Made:
    obj = add(name="From Elsewhere")
    obj.data.materials.append(material("elsewhere", painted("e")))
    obj.location = (1, 2, 3)
    group = collection_of("Elsewhere", [obj])
    library = folder / "library.blend"
    bpy.data.libraries.write(str(library), {group, obj})
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    mine = add("cube", "From Elsewhere")
    with cast(Any, bpy.data.libraries).load(str(library), link=True) as (_there, wanted):
        wanted.collections = ["Elsewhere"]
    (linked,) = wanted.collections
    bpy.context.collection.children.link(linked)
    return [mine, instance(linked, "of it", (0, 9, 0)), *linked.objects]


@scene
def scaled(_folder: Path) -> Made:
    obj = add(scale=(1.0, 2.0, 0.3), rotation=(0.4, 0.2, 1.0))
    obj.scale = (0.5, 3.0, 1.2)
    mirrored = add(location=(5, 0, 0))
    mirrored.scale = (-1.0, 2.0, 1.0)
    return [obj, mirrored]


@scene
def parented(_folder: Path) -> Made:
    above = add("cube", "not sent")
    above.scale, above.rotation_euler, above.location = (1.0, 4.0, 0.5), (0.3, 0.7, 0.1), (2, 2, 2)
    below = add(location=(1, 0, 0), rotation=(0.5, 0.5, 0.5))
    below.parent = above
    deeper = add("cone")
    deeper.parent = below
    deeper.scale = (2.0, 1.0, -1.0)
    return [below, deeper]


@scene
def shape_keys(_folder: Path) -> Made:
    obj = add()
    obj.shape_key_add(name="Basis")
    key = obj.shape_key_add(name="wide")
    for point in key.data:
        point.co.x *= 3
    key.value = 0.7
    return [obj]


@scene
def modifiers(_folder: Path) -> Made:
    cutter = add("uv_sphere", location=(1, 1, 1))
    obj = add("cube", "cut")
    cut = obj.modifiers.new("cut", "BOOLEAN")
    cut.object = cutter
    array = obj.modifiers.new("array", "ARRAY")
    array.count = 3
    bevel = obj.modifiers.new("bevel", "BEVEL")
    bevel.width = 0.05
    return [obj]


@scene
def armature(_folder: Path) -> Made:
    bpy.ops.object.armature_add()
    rig: Any = bpy.context.object
    obj = add("cone")
    obj.parent = rig
    obj.vertex_groups.new(name="Bone").add(range(len(obj.data.vertices)), 1.0, "REPLACE")
    modifier = obj.modifiers.new("rig", "ARMATURE")
    modifier.object = rig
    rig.pose.bones["Bone"].rotation_mode = "XYZ"
    rig.pose.bones["Bone"].rotation_euler = (1.0, 0.3, 0.0)
    return [obj, rig]


@scene
def instanced_collections(_folder: Path) -> Made:
    inner = collection_of("inner", [add("cube"), add("cone", location=(0, 0, 2))])
    outer = collection_of("outer", [instance(inner, "in outer", (3, 0, 0)), add("ico_sphere", location=(0, 3, 0))])
    turned = instance(outer, "turned", (10, 0, 0))
    turned.rotation_euler, turned.scale = (0.0, 0.0, 1.0), (1.0, 2.0, 1.0)
    return [turned, instance(outer, "straight", (0, 10, 0))]


@scene
def curves_and_text(_folder: Path) -> Made:
    bpy.ops.object.text_add(location=(0, 0, 1))
    text: Any = bpy.context.object
    text.data.body, text.data.extrude = "Größe 漢", 0.1
    bpy.ops.curve.primitive_bezier_circle_add(location=(4, 0, 0))
    curve: Any = bpy.context.object
    curve.data.bevel_depth = 0.2
    bpy.ops.surface.primitive_nurbs_surface_sphere_add(location=(0, 5, 0))
    surface = bpy.context.object
    bpy.ops.object.metaball_add(location=(-5, 0, 0))
    return [text, curve, surface, bpy.context.object]


@scene
def curve_in_instances(_folder: Path) -> Made:
    bpy.ops.object.text_add()
    text: Any = bpy.context.object
    text.data.extrude = 0.2
    return [instance(collection_of("texts", [text]), "of a text", (1, 1, 1))]


@scene
def geometry_nodes(_folder: Path) -> Made:
    """Instances that only nodes make: a cube on each point of a plane."""
    obj = add("plane")
    group: Any = bpy.data.node_groups.new("cubes", "GeometryNodeTree")
    for way in ("INPUT", "OUTPUT"):
        group.interface.new_socket("Geometry", in_out=way, socket_type="NodeSocketGeometry")
    begin, on_points, cube, end = (
        group.nodes.new(kind)
        for kind in ("NodeGroupInput", "GeometryNodeInstanceOnPoints", "GeometryNodeMeshCube", "NodeGroupOutput")
    )
    group.links.new(begin.outputs[0], on_points.inputs["Points"])
    group.links.new(cube.outputs["Mesh"], on_points.inputs["Instance"])
    group.links.new(on_points.outputs[0], end.inputs[0])
    obj.modifiers.new("nodes", "NODES").node_group = group
    return [obj]


@scene
def hidden_and_excluded(_folder: Path) -> Made:
    hidden = add(name="hidden")
    hidden.hide_set(True)
    hidden.hide_viewport = hidden.hide_render = True
    apart = add("cone", "apart", location=(6, 0, 0))
    group = collection_of("apart", [apart])
    bpy.context.scene.collection.children.link(group)
    bpy.context.view_layer.layer_collection.children["apart"].exclude = True
    return [hidden, apart]


@scene
def in_edit_mode(_folder: Path) -> Made:
    import bmesh

    obj = add()
    bpy.ops.object.mode_set(mode="EDIT")
    mesh = bmesh.from_edit_mesh(obj.data)
    for vertex in mesh.verts:
        vertex.co.z *= 5
    bmesh.update_edit_mesh(obj.data)
    return [obj]


@scene
def animated(_folder: Path) -> Made:
    obj = add()
    for frame, place in ((1, 0.0), (20, 10.0)):
        obj.location.x = place
        obj.keyframe_insert("location", frame=frame)
    bpy.context.scene.frame_set(14)
    return [obj]


@scene
def driven(_folder: Path) -> Made:
    """By an expression that needs no script, and by one that does: the value that is seen counts."""
    obj = add()
    obj.driver_add("location", 1).driver.expression = "frame * 2"
    return [obj]


@scene
def odd_names(_folder: Path) -> Made:
    names = ("Größe/漢字", 'a"b\\c', "🙂 .001", " ", "..", "NUL", "x" * 63)
    return [add("cube", name, location=(3 * number, 0, 0)) for number, name in enumerate(names)]


@scene
def a_missing_image(folder: Path) -> Made:
    image = painted("gone")
    image.filepath_raw, image.file_format = str(folder / "gone.png"), "PNG"
    image.save()
    obj = add()
    obj.data.materials.append(material("of a gone image", bpy.data.images.load(str(folder / "gone.png"))))
    bpy.data.images.remove(image)
    bpy.ops.wm.save_as_mainfile(filepath=str(folder / "scene.blend"))
    bpy.ops.wm.revert_mainfile()
    (folder / "gone.png").unlink()
    return [bpy.context.scene.objects[obj_name] for obj_name in ("Suzanne",)]


def bounds(objects: Made) -> np.ndarray[Any, Any]:
    """Lowest and highest corner of what is seen of these objects."""
    depsgraph = bpy.context.evaluated_depsgraph_get()
    wanted, found = set(objects), list[Any]()
    for one in depsgraph.object_instances:
        shown = one.parent if one.is_instance else one.object
        if shown.original not in wanted or one.object.type not in {"MESH", "CURVE", "SURFACE", "FONT", "META"}:
            continue
        mesh = one.object.to_mesh()
        points = np.empty((len(mesh.vertices), 3), np.float32)
        mesh.vertices.foreach_get("co", points.ravel())
        matrix = np.array(one.matrix_world)
        if len(mesh.polygons):
            found.append(points @ matrix[:3, :3].T + matrix[:3, 3])
        one.object.to_mesh_clear()
    points = np.concatenate(found)
    return np.array([points.min(axis=0), points.max(axis=0)])
