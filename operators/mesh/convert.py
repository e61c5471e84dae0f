# SPDX-License-Identifier: GPL-3.0-or-later
"""Rebuild a model, or save it in another format."""

from __future__ import annotations

import itertools
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import bpy
from bpy.props import BoolProperty, StringProperty

from ...client.errors import TripoError
from ...client.notices import N_
from ...client.schema import Kind
from .tool import MeshTool, tool_annotations

if TYPE_CHECKING:
    from ...client.jobs.placement import Placement
    from ...client.jobs.request import GenerationRequest
    from ...session.session import Session

SUFFIXES: Mapping[str, str] = {
    "GLTF": ".glb",
    "USDZ": ".usdz",
    "FBX": ".fbx",
    "OBJ": ".zip",
    "STL": ".stl",
    "3MF": ".3mf",
}
"""How a converted file ends; an OBJ comes in an archive with its materials."""

_NOT_IMPORTED = frozenset({"3MF"})

_NOT_IN_NAMES = re.compile(r"[^\w .()-]+")
_DEVICE = re.compile(r"(con|prn|aux|nul|(com|lpt)\d) *(\..*)?", re.IGNORECASE)
"""Names that are devices on Windows, whatever follows the dot: no file can have them."""


class TRIPO_OT_convert_model(MeshTool):
    """Rebuild the selected model with quads or fewer faces, or save it in another format"""

    bl_idname = "tripo.convert_model"
    bl_label = "Convert Model"
    kind = Kind.CONVERT_MODEL
    does = N_("The result is saved as a file; the object stays as it is")
    __annotations__ = {
        **tool_annotations(Kind.CONVERT_MODEL),
        "filepath": StringProperty(
            name="File",
            description="Where the result is saved; named after the object, beside this file, when empty",
            subtype="FILE_PATH",
            options={"SKIP_SAVE"},
        ),
        "import_result": BoolProperty(
            name="Import Result", description="Bring the result into the scene as well", options={"SKIP_SAVE"}
        ),
        "bake_look": BoolProperty(
            name="Bake Look",
            description="Bake the look of the object onto the result that comes into the scene, for free",
            options={"SKIP_SAVE"},
        ),
    }
    if TYPE_CHECKING:  # made by tools/property_types.py
        use_face_limit: bool
        face_limit: int
        quad: bool
        format: str
        force_symmetry: bool
        flatten_bottom: bool
        flatten_bottom_threshold: float
        pivot_to_center_bottom: bool
        scale_factor: float
        use_texture_size: bool
        texture_size: int
        texture_format: str
        bake: bool
        pack_uv: bool
        export_vertex_colors: bool
        with_animation: bool
        animate_in_place: bool
        export_orientation: str
        fbx_preset: str
        part_names: str
        filepath: str
        import_result: bool
        bake_look: bool

    def draw_more(self, layout: bpy.types.UILayout) -> None:
        """Draw where the result goes."""
        layout.prop(self, "filepath")
        layout.prop(self, "import_result")
        row = layout.row()
        row.active = self.import_result
        row.prop(self, "bake_look")

    def place(self, placement: Placement, request: GenerationRequest, session: Session) -> Placement:
        """Note where the file is saved, and whether it is imported too."""
        wanted = str(request.parameters.get("format", ""))
        if self.import_result and wanted in _NOT_IMPORTED:
            words = N_("Blender imports no {format}: switch Import Result off, or choose another format")
            raise TripoError(words, format=wanted)
        if self.bake_look and request.model is not None and (request.model.file or request.model.url):
            raise TripoError(N_("Bake Look needs an object of the scene or a job: switch it off, or choose one"))
        suffix = SUFFIXES.get(wanted, "")
        label = request.model.label if request.model is not None else ""
        path = self._given()
        if path is None or path.is_dir():
            path = _free_path(label or "model", suffix, path or _own_folder(session))
        if not path.parent.is_dir():
            raise TripoError(N_("The folder for the result is not there: choose another one"))
        return placement._replace(filepath=str(path), import_result=self.import_result, bake_look=self.bake_look)

    def _given(self) -> Path | None:
        text = self.filepath.strip()
        return Path(bpy.path.abspath(text)).expanduser().absolute() if text else None


def _own_folder(session: Session) -> Path:
    """Return the folder of the open file; the folder of results without one, or where nothing can be written to it."""
    beside = Path(bpy.data.filepath).parent
    return beside if bpy.data.filepath and os.access(beside, os.W_OK) else session.home.results


def _free_path(label: str, suffix: str, folder: Path) -> Path:
    """Return a path of no file yet in a folder."""
    stem = _NOT_IN_NAMES.sub("_", label)[:40].strip(" .") or "model"
    stem = f"_{stem}" if _DEVICE.fullmatch(stem) else stem
    names: Any = (f"{stem}{number}{suffix}" for number in itertools.chain(("",), (f" {n}" for n in itertools.count(2))))
    return next(path for path in (folder / name for name in names) if not path.exists())


register, unregister = bpy.utils.register_classes_factory((TRIPO_OT_convert_model,))
