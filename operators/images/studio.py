# SPDX-License-Identifier: GPL-3.0-or-later
"""Render the selected objects in a temporary scene with even light.

The artist's objects are linked into it, never copied or moved, so they look as they do: same materials, same view
transform, same frame. It has a Render Result of its own; the artist's stays.

Where that would hold the window for long, the scene is written to a file and the background Blender renders it.
"""

from __future__ import annotations

import math
import os
import time
from typing import TYPE_CHECKING, Any, TypeVar, cast

import bpy
import gpu
from bpy.types import Context, Scene
from mathutils import Matrix, Vector

from ...client.errors import TripoError
from ...client.files.own_files import remove_file
from ...client.notices import N_, text
from ...client.schema import MULTIVIEW_SLOTS
from ...session.log import log
from ...session.paths import home
from ..mesh.selection import write_blend

if TYPE_CHECKING:
    from ...client.paths import Home
    from ...session.views_process import ViewsProcess

_Made = TypeVar("_Made", bound=bpy.types.ID)

_AZIMUTHS = {"front": 0.0, "left": math.pi / 2, "back": math.pi, "right": -math.pi / 2}
"""Where the camera stands, turned about the vertical axis from Blender's front view: left is the subject's own left,
at +X of what looks towards −Y (see client.schema.MULTIVIEW_SLOTS)."""

_ROOM = 1.1
"""How much larger than the objects the image is."""

_AMBIENT = 0.6
_SUN = 1.6
"""Even light that gives a white surface, turned to the camera, nearly its own brightness, and shows its shape."""

_CYCLES = {"samples": 32, "use_denoising": False, "max_bounces": 4}
_EEVEE_SAMPLES = 16
_EEVEE = ("BLENDER_EEVEE_NEXT", "BLENDER_EEVEE")

_SLOW_SECONDS = 0.5
"""A view that takes longer is not rendered in the artist's own Blender."""
_NOT_RENDERED = N_("The views cannot be rendered ({reason}): take snapshots of the viewport")

_UNSEEN = frozenset({"EMPTY", "LIGHT", "CAMERA", "ARMATURE"})
"""Types of objects that have no surface."""
_ONLY_IN_VIEWS = frozenset({"wireframe_color_type"})
"""Settings of a viewport's shading that a scene's has no value for: reading one makes Blender write a warning."""


class CaptureFailed(TripoError):
    """The views cannot be rendered."""


class Shots:
    """The views that are rendered so far, as files that are removed in the end."""

    def __init__(self, resolution: int, *, transparent: bool, at_once: bool = False) -> None:
        """``at_once`` renders in this Blender however long that takes. Raises CaptureFailed."""
        self._home = home()
        self._stem = os.urandom(16).hex()
        self._resolution = resolution
        self._transparent = transparent
        self._at_once = at_once or bpy.app.background
        self._process: ViewsProcess | None = None
        self._seconds = 0.0
        self.paths: dict[str, str] = {}
        try:
            self._home.prepare()
        except OSError as error:
            raise CaptureFailed(_NOT_RENDERED, reason=error.strerror) from error

    @property
    def is_in_background(self) -> bool:
        """Whether the background Blender renders, from what it was given of the scene: the artist may go on."""
        return self._process is not None

    @property
    def shown(self) -> str:
        """Which view is captured now, as a sentence for the bottom of the window."""
        number, whole = min(len(self.paths) + 1, len(MULTIVIEW_SLOTS)), len(MULTIVIEW_SLOTS)
        return text(N_("Capturing view {number} of {whole}    Esc: Cancel"), number=number, whole=whole).to_text()

    def take_next(self, context: Context) -> bool:
        """Render one view more and return whether it was the last; raises CaptureFailed.

        The scene that it is rendered in is there no longer than that. Where it takes long, the background Blender
        renders instead, and this looks how far it is.
        """
        if len(self.paths) == len(MULTIVIEW_SLOTS):
            return True
        if self._process is None and not self._at_once and self._is_slow(context):
            self._hand_over(context)
        if self._process is not None:
            return self._follow(self._process)
        view, began = MULTIVIEW_SLOTS[len(self.paths)], time.monotonic()
        with self._studio(context) as studio:
            self.paths[view] = studio.shoot(view, self._path(view))
        self._seconds = time.monotonic() - began
        return len(self.paths) == len(MULTIVIEW_SLOTS)

    def load(self) -> dict[str, bpy.types.Image]:
        """Load the views into the file that is open."""
        return {view: _packed(path) for view, path in self.paths.items()}

    def discard(self) -> None:
        """End the work and remove the files."""
        if self._process is not None:
            self._process.end()
        for path in self._home.inputs.glob(f"{self._stem}*"):
            remove_file(path)

    def _is_slow(self, context: Context) -> bool:
        """Whether the window is held for long. EEVEE's first view says nothing: it loads what the others use."""
        engine = context.scene.render.engine
        if engine == "BLENDER_WORKBENCH":
            return False
        if not self.paths:
            return engine == "CYCLES" or _draws_in_software()
        return len(self.paths) == 2 and self._seconds > _SLOW_SECONDS

    def _hand_over(self, context: Context) -> None:
        """Let the background Blender render all views; where that is impossible, they are rendered here."""
        from ...session.views_process import ViewsProcess

        for path in self.paths.values():  # of another engine
            os.remove(path)
        self.paths.clear()
        try:
            with self._studio(context) as studio:
                order = studio.write(context, self._home, self._stem)
            order["shots"] = [(_AZIMUTHS[view], self._path(view)) for view in MULTIVIEW_SLOTS]
            self._process = ViewsProcess(self._home, order)
        except CaptureFailed:
            raise
        except (TripoError, OSError) as error:
            log(__name__).warning("the views are rendered in this Blender: %s", error)
            self._at_once = True

    def _follow(self, process: ViewsProcess) -> bool:
        is_running = process.is_running()
        paths = {view: self._path(view) for view in MULTIVIEW_SLOTS}
        self.paths = {view: path for view, path in paths.items() if os.path.exists(path)}
        if len(self.paths) < len(paths) and not is_running:
            raise CaptureFailed(_NOT_RENDERED, reason=process.reason())
        return len(self.paths) == len(paths)

    def _studio(self, context: Context) -> Studio:
        return Studio(context, self._resolution, transparent=self._transparent)

    def _path(self, view: str) -> str:
        return str(self._home.inputs / f"{self._stem}-{view}.png")


class Studio:
    """The scene, from ``with`` to its end. Raises CaptureFailed when there is nothing to see, or no way to render."""

    def __init__(self, context: Context, resolution: int, *, transparent: bool) -> None:
        self._low, self._high = _bounds(context)
        self._made: list[bpy.types.ID] = []
        self._unrendered = _unrendered(context)
        self._scene = self._keep(bpy.data.scenes.new("Tripo Capture"))
        try:
            self._furnish(context, resolution, transparent)
        except Exception:
            self._clear()
            raise

    def __enter__(self) -> Studio:
        """Begin."""
        return self

    def __exit__(self, *_exception: object) -> None:
        """Take it all away."""
        self._clear()

    def shoot(self, view: str, path: str) -> str:
        """Render one view as a PNG to ``path``, and return that."""
        self._turntable.rotation_euler.z = _AZIMUTHS[view]
        self._scene.render.filepath = path
        try:
            done = bpy.ops.render.render(write_still=True, scene=self._scene.name)
        except RuntimeError as error:
            reason = str(error).strip().splitlines()[-1].removeprefix("Error: ")
            raise CaptureFailed(_NOT_RENDERED, reason=reason) from error
        if "FINISHED" not in done:
            raise CaptureFailed(N_("The views were not rendered: try again"))
        return path

    def write(self, context: Context, home: Home, stem: str) -> dict[str, Any]:
        """Write it into the folder for inputs, and return an order of `converter.worker` that lacks the shots; raises
        TripoError."""
        blend = write_blend(home, stem, {self._scene}, context.selected_objects, self._scene)
        return {"views": str(blend), "scene": self._scene.name, "cycles": _CYCLES}

    def _furnish(self, context: Context, resolution: int, transparent: bool) -> None:
        scene = self._scene
        for obj in context.selected_objects:
            scene.collection.objects.link(obj)
        for obj in self._unrendered:
            obj.hide_render = False
        scene.frame_current, scene.frame_subframe = context.scene.frame_current, context.scene.frame_subframe
        _choose_engine(scene, context.scene)
        _copy_view(context.scene, scene)
        render = scene.render
        render.resolution_x = render.resolution_y = resolution
        render.resolution_percentage = 100
        render.film_transparent = transparent
        render.use_file_extension = False
        render.use_compositing = render.use_sequencer = False
        settings = render.image_settings
        settings.file_format, settings.color_mode, settings.color_depth = "PNG", "RGBA", "8"
        self._add_camera()
        self._add_light()

    def _add_camera(self) -> None:
        """Add a camera that looks at the middle, on what turns about it."""
        self._turntable = self._place(None)
        self._turntable.location = (self._low + self._high) / 2
        reach = (self._high - self._low).length + 1e-3
        data = self._keep(bpy.data.cameras.new("Tripo Capture"))
        data.type = "ORTHO"
        data.ortho_scale = max(*(self._high - self._low), 1e-3) * _ROOM
        data.clip_start, data.clip_end = reach * 0.01, reach * 2.0
        self._scene.camera = camera = self._place(data)
        camera.parent = self._turntable
        camera.matrix_basis = Matrix.Translation((0.0, -reach, 0.0)) @ Matrix.Rotation(math.pi / 2, 4, "X")

    def _add_light(self) -> None:
        data: Any = self._keep(bpy.data.lights.new("Tripo Capture", "SUN"))
        data.energy, data.angle = _SUN, math.radians(20)
        sun = self._place(data)
        sun.parent = self._turntable
        # From above the camera's left shoulder: every side gets the same light.
        sun.matrix_basis = Matrix.Rotation(math.radians(60), 4, "X") @ Matrix.Rotation(-0.5, 4, "Y")
        world = self._keep(bpy.data.worlds.new("Tripo Capture"))
        if world.node_tree is None:  # Blender 5.0 always makes one
            world.use_nodes = True
        background: Any = next(node for node in world.node_tree.nodes if node.type == "BACKGROUND")
        background.inputs["Color"].default_value = (1.0, 1.0, 1.0, 1.0)
        background.inputs["Strength"].default_value = _AMBIENT
        self._scene.world = world

    def _place(self, data: bpy.types.ID | None) -> bpy.types.Object:
        obj = self._keep(bpy.data.objects.new("Tripo Capture", data))
        self._scene.collection.objects.link(obj)
        return obj

    def _keep(self, made: _Made) -> _Made:
        self._made.append(made)
        return made

    def _clear(self) -> None:
        for obj in self._unrendered:
            obj.hide_render = True
        bpy.data.batch_remove(self._made)
        self._made.clear()


def _packed(path: str) -> bpy.types.Image:
    """Load an image into the file that is open."""
    image = bpy.data.images.load(path, check_existing=False)
    image.pack()
    image.filepath_raw = ""
    return image


def _bounds(context: Context) -> tuple[Vector, Vector]:
    """Return the corners of the box around all that the selected objects show, instances included."""
    depsgraph = context.evaluated_depsgraph_get()
    chosen = {obj.name_full for obj in context.selected_objects}
    corners: list[Vector] = []
    for instance in depsgraph.object_instances:
        owner = instance.parent if instance.is_instance else instance.object
        if owner.original.name_full in chosen and instance.object.type not in _UNSEEN:
            matrix = instance.matrix_world.copy()
            corners += [matrix @ Vector(corner) for corner in instance.object.bound_box]  # type: ignore[arg-type]
    if not corners:
        raise CaptureFailed(N_("The selected objects have nothing to show: select a mesh"))
    return (
        Vector([min(corner[axis] for corner in corners) for axis in range(3)]),
        Vector([max(corner[axis] for corner in corners) for axis in range(3)]),
    )


def _unrendered(context: Context) -> list[bpy.types.Object]:
    """Return the selected objects that are left out of renders, as placeholders often are, if no other one is seen: the
    views would be empty."""
    shown = [obj for obj in context.selected_objects if obj.type not in _UNSEEN or obj.instance_collection is not None]
    return shown if all(obj.hide_render for obj in shown) else []


def _choose_engine(scene: Scene, artists: Scene) -> None:
    """Render with the artist's engine where that is quick.

    Without a window there may be no GPU; with one that is only software, EEVEE takes a minute for an image (5.2.2)
    that takes Cycles a fraction of a second.
    """
    wanted = artists.render.engine
    if bpy.app.background:
        order = ["CYCLES"]
    elif wanted == "BLENDER_WORKBENCH":
        order = [wanted]
    elif wanted == "CYCLES" or _draws_in_software():
        order = ["CYCLES", *_EEVEE]
    else:
        order = [*_EEVEE, "CYCLES"]
    for engine in order:
        try:
            scene.render.engine = engine  # type: ignore[assignment]
        except TypeError:  # not in this Blender, or its add-on is switched off
            continue
        _set_up(scene, artists)
        return
    raise CaptureFailed(N_("Without a window the views are rendered by Cycles: enable its add-on"))


def _draws_in_software() -> bool:
    return gpu.platform.device_type_get() == "SOFTWARE"


def _set_up(scene: Scene, artists: Scene) -> None:
    engine = scene.render.engine
    if engine == "CYCLES":
        cycles = cast(Any, scene).cycles
        for name, value in _CYCLES.items():
            setattr(cycles, name, value)
        cycles.device = cast(Any, artists).cycles.device
    elif engine == "BLENDER_WORKBENCH":
        _copy(artists.display.shading, scene.display.shading, but=_ONLY_IN_VIEWS)
    else:
        scene.eevee.taa_render_samples = _EEVEE_SAMPLES


def _copy_view(source: Scene, target: Scene) -> None:
    """Show colours as the artist's scene shows them."""
    _copy(source.display_settings, target.display_settings)
    _copy(source.view_settings, target.view_settings)
    if source.view_settings.use_curve_mapping:
        _copy(source.view_settings.curve_mapping, target.view_settings.curve_mapping)
        pairs = zip(source.view_settings.curve_mapping.curves, target.view_settings.curve_mapping.curves, strict=True)
        for there, here in pairs:
            for number, point in enumerate(there.points):
                if number < len(here.points):
                    here.points[number].location = point.location
                else:
                    here.points.new(*point.location)
        target.view_settings.curve_mapping.update()


def _copy(
    source: bpy.types.bpy_struct[Any] | None,
    target: bpy.types.bpy_struct[Any] | None,
    but: frozenset[str] = frozenset(),
) -> None:
    """Copy what can be set; the order is Blender's own, which puts what decides over the rest first."""
    for prop in source.bl_rna.properties if source and target else ():
        if not prop.is_readonly and prop.type not in {"POINTER", "COLLECTION"} and prop.identifier not in but:
            try:
                setattr(target, prop.identifier, getattr(source, prop.identifier))
            except (TypeError, AttributeError):
                continue
