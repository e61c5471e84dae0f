"""What arrives can be seen: in a local view, framed when it is the first; Frame shows the model or says why not."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

import bpy
import pytest
from mathutils import Vector

from support.models.placed import bounds, near

Package = Callable[[str], ModuleType]


@pytest.fixture
def view(package: Package) -> Any:
    """The 3D view of the factory scene, which looks through no camera."""
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=False)
    found = package("session.artist_view").view_on(bpy.context.scene)
    assert found is not None
    return found


def put_in_local_view(view: Any, *names: str) -> None:
    for one in bpy.context.view_layer.objects:
        one.select_set(one.name in names)
    region = next(one for one in view.area.regions if one.type == "WINDOW")
    with bpy.context.temp_override(window=view.window, area=view.area, region=region):
        bpy.ops.view3d.localview(frame_selected=False)
    assert view.is_local


def shown(view: Any, collection: Any) -> bool:
    bpy.context.view_layer.update()
    meshes = [one for one in collection.all_objects if one.type == "MESH"]
    return any(one.visible_get(viewport=view.space) for one in meshes)


def place(view: Any) -> tuple[float, ...]:
    region = view.space.region_3d
    return (*region.view_location, region.view_distance)


def frame() -> set[str]:
    return bpy.ops.tripo.frame_job(job_id="j")


def others() -> list[Any]:
    """The 3D views of other screens, which nobody is in."""
    areas = [area for screen in bpy.data.screens for area in screen.areas if area.type == "VIEW_3D"]
    return [area.spaces.active.region_3d for area in areas]


def test_a_model_joins_the_local_view(deliver: Any, view: Any) -> None:
    put_in_local_view(view, "Cube")
    model = deliver(location="CURSOR", avoid=True)
    assert shown(view, model)
    for one in model.all_objects:
        one.local_view_set(view.space, False)
    assert not shown(view, model)
    assert frame() == {"FINISHED"}
    assert shown(view, model), "Frame brings it back"


def test_the_first_model_is_framed_and_the_next_are_not(deliver: Any, view: Any, package: Package) -> None:
    before = place(view)
    low = bpy.context.scene.cursor.location.copy()
    deliver(location="CURSOR", cursor=(20, 0, 0))
    first = place(view)
    assert first != before and first[0] == pytest.approx(20.0), low
    deliver(location="CURSOR", cursor=(40, 0, 0))
    assert place(view) == first


@pytest.mark.parametrize(
    ("asked", "shading", "before", "after"),
    [
        (True, "SOLID", "MATERIAL", "TEXTURE"),
        (True, "SOLID", "OBJECT", "OBJECT"),
        (True, "WIREFRAME", "MATERIAL", "MATERIAL"),
        (False, "SOLID", "MATERIAL", "MATERIAL"),
    ],
)
def test_the_first_model_shows_its_textures(
    deliver: Any, view: Any, extension: str, asked: bool, shading: str, before: str, after: str
) -> None:
    preferences, shown = bpy.context.preferences.addons[extension].preferences, view.space.shading
    shown.type, shown.color_type = "SOLID", before
    shown.type = shading
    preferences.show_textures = asked
    try:
        deliver(location="CURSOR")
        shown.type = "SOLID"
        assert shown.color_type == after
        shown.color_type = "MATERIAL"
        deliver(location="CURSOR")
        assert shown.color_type == "MATERIAL", "the second model changes nothing"
    finally:
        preferences.property_unset("show_textures")
        shown.type, shown.color_type = "SOLID", "MATERIAL"


@pytest.mark.parametrize("how", ["preference", "camera", "placeholder", "edit mode"])
def test_the_first_model_is_not_framed_when_that_disturbs(deliver: Any, view: Any, extension: str, how: str) -> None:
    preferences = bpy.context.preferences.addons[extension].preferences
    fields: Any = {"location": "CURSOR", "cursor": (20, 0, 0)}
    try:
        if how == "preference":
            preferences.frame_first = False
        elif how == "camera":
            view.space.region_3d.view_perspective = "CAMERA"
        elif how == "placeholder":
            fields = {"placeholder": deliver.reading.placeholder_of(bpy.data.objects["Cube"])}
        else:
            bpy.context.view_layer.objects.active = bpy.data.objects["Cube"]
            bpy.ops.object.mode_set(mode="EDIT")
        before = place(view)
        deliver(**fields)
        assert place(view) == before
        assert (view.space.region_3d.view_perspective == "CAMERA") == (how == "camera")
    finally:
        preferences.property_unset("frame_first")
        if bpy.context.mode != "OBJECT":
            bpy.ops.object.mode_set(mode="OBJECT")


def test_frame_never_leaves_the_camera_unasked(deliver: Any, view: Any) -> None:
    deliver(location="CURSOR", cursor=(20, 0, 0))
    view.space.region_3d.view_perspective = "CAMERA"
    before = place(view)
    assert frame() == {"CANCELLED"}
    assert place(view) == before and view.space.region_3d.view_perspective == "CAMERA"


def test_frame_moves_only_the_view_the_artist_is_in(deliver: Any, view: Any) -> None:
    deliver(location="CURSOR", cursor=(0, 0, 0))
    mine = view.space.region_3d
    before = [(*one.view_location, one.view_distance) for one in others() if one != mine]
    deliver(location="CURSOR", cursor=(30, 0, 0))
    assert frame() == {"FINISHED"}
    assert place(view)[0] == pytest.approx(30.0)
    assert [(*one.view_location, one.view_distance) for one in others() if one != mine] == before


@pytest.mark.parametrize(
    "how", ["excluded", "hidden in the view layer", "disabled", "parent excluded", "eye", "object"]
)
def test_frame_shows_what_it_frames(deliver: Any, view: Any, how: str) -> None:
    model = deliver()
    parent = bpy.data.collections.new("Shelf")
    scene = bpy.context.scene
    holder = next(one for one in (scene.collection, *scene.collection.children_recursive) if model.name in one.children)
    holder.children.unlink(model)
    scene.collection.children.link(parent)
    parent.children.link(model)
    layer = bpy.context.view_layer.layer_collection.children["Shelf"]
    if how == "excluded":
        layer.children[0].exclude = True
    elif how == "hidden":
        layer.children[0].hide_viewport = True
    elif how == "disabled":
        model.hide_viewport = True
    elif how == "parent excluded":
        layer.exclude = True
    else:
        for one in model.all_objects:
            if how == "eye":
                one.hide_set(True)
            else:
                one.hide_viewport = True
    assert not shown(view, model)
    assert frame() == {"FINISHED"}
    assert shown(view, model)


def test_frame_says_why_it_cannot_show_a_model(deliver: Any, view: Any) -> None:
    model = deliver()
    view.space.show_object_viewport_mesh = False
    with pytest.raises(RuntimeError, match="hides all meshes"):
        frame()
    view.space.show_object_viewport_mesh = True
    bpy.data.batch_remove(list(model.all_objects))
    with pytest.raises(RuntimeError, match="import it again"):
        frame()
    bpy.data.collections.remove(model)
    with pytest.raises(RuntimeError, match="not in the scene"):
        frame()


def test_the_first_model_takes_the_place_of_the_untouched_cube(deliver: Any, view: Any, package: Package) -> None:
    cubes = package("session.factory_cube")
    assert not cubes.stands_beside(bpy.context.scene), "there is no model yet"
    model = deliver(location="CURSOR", avoid=True)
    assert cubes.stands_beside(bpy.context.scene)
    assert bpy.ops.tripo.replace_cube(job_id="j") == {"FINISHED"}
    low, high = bounds(model)
    assert near((low + high) / 2, 0.0, 0.0, 0.5) and near((low.z,), 0.0)
    assert "Cube" not in bpy.data.objects and "Cube" not in bpy.data.meshes
    assert place(view)[:3] == pytest.approx((0.0, 0.0, 0.5), abs=1e-4), "the view follows"
    with pytest.raises(RuntimeError, match="gone or was changed"):
        bpy.ops.tripo.replace_cube(job_id="j")


@pytest.mark.parametrize("how", ["moved", "edited", "modifier", "material", "hidden", "renamed", "two models"])
def test_a_cube_that_somebody_touched_is_not_offered(deliver: Any, view: Any, package: Package, how: str) -> None:
    deliver(location="CURSOR", avoid=True)
    cube: Any = bpy.data.objects["Cube"]
    if how == "moved":
        cube.location.x = 0.1
    elif how == "edited":
        cube.data.vertices[0].co.x *= 1.5
    elif how == "modifier":
        cube.modifiers.new("Bevel", "BEVEL")
    elif how == "material":
        cube.data.materials[0] = bpy.data.materials.new("wood")
    elif how == "hidden":
        cube.hide_set(True)
    elif how == "renamed":
        cube.name = "Table"
    else:
        deliver(location="CURSOR", avoid=True)
    bpy.context.view_layer.update()
    assert not package("session.factory_cube").stands_beside(bpy.context.scene)


def test_a_view_glides_and_stops_where_the_artist_takes_over(view: Any, package: Package) -> None:
    module, region = package("session.artist_view"), view.space.region_3d
    start, goal = Vector(region.view_location), Vector((10.0, 0.0, 0.0))
    glide = module._Glide(view, goal, 3.0, 100.0)
    glide._began -= 50.0
    assert glide.step() is not None, "it goes on"
    assert 4.0 < (region.view_location - start).length < 6.0, "half the way"
    region.view_distance += 1.0
    before = place(view)
    assert glide.step() is None and place(view) == before
    glide = module._Glide(view, goal, 3.0, 1.0)
    glide._began -= 2.0
    assert glide.step() is None and place(view) == pytest.approx((10.0, 0.0, 0.0, 3.0))
