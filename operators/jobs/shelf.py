# SPDX-License-Identifier: GPL-3.0-or-later
"""The shelf: everything ever generated, in Blender's Asset Browser."""

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import bpy
from bpy.types import Context, Operator

from ...client.jobs.shelf import LIBRARY, one_line
from ...client.notices import N_
from ...session import current, timer
from ...session.operator_return import OperatorReturn
from ...translations.translate import tell
from ..base import job_id_property, reporting

if TYPE_CHECKING:
    from ...client.paths import Home

_ATTEMPTS = 50
"""Beats of a tenth of a second that a new Asset Browser has to be drawn for the first time."""


class TRIPO_OT_add_shelf(Operator):
    """Show everything that was generated in the Asset Browser: the results folder becomes an asset library"""

    bl_idname = "tripo.add_shelf"
    bl_label = "Add to Asset Browser"
    bl_options = set()

    @reporting
    def execute(self, context: Context) -> OperatorReturn:
        """Add the library to the preferences, unless it is there, and have the models put on it."""
        session = current.session()
        session.shelve()
        library = ensure_library(session.home)
        timer.start()
        words = N_("The asset library '{name}' fills in the background: drag models into any scene")
        self.report({"INFO"}, tell(words, name=library.name))
        return {"FINISHED"}


class TRIPO_OT_show_on_shelf(Operator):
    """Show this job's model in the Asset Browser, in a new window where none is open"""

    bl_idname = "tripo.show_on_shelf"
    bl_label = "Show in Asset Browser"
    bl_options = {"INTERNAL"}

    job_id: job_id_property(description="The job whose model is shown")
    if TYPE_CHECKING:  # made by tools/property_types.py
        job_id: str

    @reporting
    def execute(self, context: Context) -> OperatorReturn:
        """Look it up, and let an Asset Browser search for its name."""
        session = current.session()
        job = session.jobs.get(self.job_id)
        library = find_library(session.home)
        if library is None or job is None or not job.shelf:
            self.report({"WARNING"}, "The model is not on the shelf yet: press Add to Asset Browser, or wait a moment")
            return {"CANCELLED"}
        if not bpy.app.background:
            _show(context, library.name, one_line(job.shelf))
        return {"FINISHED"}


def find_library(home: "Home") -> bpy.types.UserAssetLibrary | None:
    """Return the asset library that the results folder is, if it is one of this Blender's."""
    libraries = bpy.context.preferences.filepaths.asset_libraries
    return next((one for one in libraries if _path_of(one) == home.results), None)


def ensure_library(home: "Home") -> bpy.types.UserAssetLibrary:
    """Return that library, adding it to the preferences. One of ours whose folder was moved away follows it here."""
    preferences = bpy.context.preferences
    libraries: Any = preferences.filepaths.asset_libraries
    found = find_library(home)
    if found is None:
        moved = [one for one in libraries if one.name == LIBRARY and not _path_of(one).is_dir()]
        found = moved[0] if moved else libraries.new(name=LIBRARY, directory=str(home.results))
        found.path = str(home.results)
    found.import_method = "APPEND"  # 5.0 begins with PACK, which is linked
    preferences.is_dirty = True
    return found


def _path_of(library: Any) -> Path:
    return Path(bpy.path.abspath(library.path))


def _browser() -> Any:
    """Return the space of the first Asset Browser, None without one."""
    windows = bpy.data.window_managers[0].windows
    areas = (area for window in windows for area in window.screen.areas if area.ui_type == "ASSETS")
    return next((area.spaces.active for area in areas), None)


def _show(context: Context, library: str, name: str) -> None:
    """Let an Asset Browser, one that is open or a new one, show a library's assets of a name."""
    if _browser() is None:
        bpy.ops.wm.window_new()
        context.window_manager.windows[-1].screen.areas[0].ui_type = "ASSETS"
    attempts = iter(range(_ATTEMPTS))

    def search() -> float | None:
        space = _browser()  # looked up each time: it may be closed meanwhile
        if space is None:
            return None
        if space.params is None:  # until it is drawn for the first time
            return 0.1 if next(attempts, None) is not None else None
        with contextlib.suppress(TypeError):  # the library was removed from the preferences
            space.params.asset_library_reference = library
            space.params.filter_search = name
        return None

    bpy.app.timers.register(search, first_interval=0.1)


register, unregister = bpy.utils.register_classes_factory((TRIPO_OT_add_shelf, TRIPO_OT_show_on_shelf))
