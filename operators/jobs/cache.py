# SPDX-License-Identifier: GPL-3.0-or-later
"""Clear the cache, keep a model in it, and open its folder in the system's file browser."""

import sys
import time
from typing import TYPE_CHECKING

import bpy
from bpy.props import BoolProperty
from bpy.types import Context, Event, Operator

from ...client.errors import TripoError
from ...client.notices import N_
from ...session import current, paths, timer
from ...session.operator_return import OperatorReturn
from ...translations.translate import tell
from ..base import job_id_property, reporting
from .actions import OnJob

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path

    from ...client.paths import Home
    from ...client.store import Job
    from ...client.store.result_cache import Usage
    from ...session.session import Session

_WAIT_SECONDS = 120.0
_NOTHING = N_("There is nothing in the cache that can be removed")
_running: "list[subprocess.Popen[bytes]]" = []
"""Clearing processes that may still run; each ends by itself."""


class TRIPO_OT_clear_cache(Operator):
    """Remove the models that are kept for importing them again; pinned ones and those not yet in a scene stay"""

    bl_idname = "tripo.clear_cache"
    bl_label = "Clear Cache"
    bl_options = set()

    @reporting
    def invoke(self, context: Context, event: Event) -> OperatorReturn:
        """Say what goes and what stays, and ask."""
        usage = _usage()
        if not usage.bytes:
            self.report({"INFO"}, _NOTHING)
            return {"CANCELLED"}
        return context.window_manager.invoke_confirm(
            self, event, title="Clear Cache", message=describe(usage), confirm_text="Clear"
        )

    @reporting
    def execute(self, context: Context) -> OperatorReturn:
        """Have a process of its own remove the files: that may take seconds."""
        from ...client.agent.clear_cache import start_clearing
        from ...client.store.result_cache import size_text

        usage = _usage()
        try:
            process = start_clearing(current.session().home.root, sys.executable)
        except OSError as error:
            words = N_("The cache cannot be cleared ({reason}): restart Blender and try again")
            raise TripoError(words, reason=error.strerror) from error
        _reap()
        _running.append(process)
        if bpy.app.background:
            process.wait(_WAIT_SECONDS)
            _reap()
        timer.start()
        current.session().tick(deliver=False)
        freed = tell(N_("Freeing {size}"), size=size_text(usage.bytes))
        self.report({"INFO"}, freed if usage.bytes else _NOTHING)
        return {"FINISHED"}


class TRIPO_OT_pin_job(OnJob):
    """Keep this job's model on this machine however full the cache is, or no longer keep it"""

    bl_idname = "tripo.pin_job"
    bl_label = "Pin Job"
    bl_options = {"INTERNAL"}

    job_id: job_id_property(description="The job whose model is kept")
    pinned: BoolProperty(name="Pinned", description="Whether it is kept", default=True, options={"SKIP_SAVE"})
    if TYPE_CHECKING:  # made by tools/property_types.py
        job_id: str
        pinned: bool

    def change(self, context: Context, session: "Session", job: "Job") -> None:
        """Write it to the store."""
        with session.patient() as jobs:
            jobs.pin(job.job_id, self.pinned)
        session.refresh_shelf()


class TRIPO_OT_open_folder(Operator):
    """Show the files of a job, or all that is kept, in the system's file browser"""

    bl_idname = "tripo.open_folder"
    bl_label = "Open Folder"
    bl_options = set()

    job_id: job_id_property(description="The job whose files are shown; empty for all")
    if TYPE_CHECKING:  # made by tools/property_types.py
        job_id: str

    @reporting
    def execute(self, context: Context) -> OperatorReturn:
        """Open the folder."""
        home = paths.home()
        folder = _folder_of(home, self.job_id) if self.job_id else home.root
        if not folder.is_dir():
            self.report({"INFO"}, "There are no files: nothing has been fetched yet, or the cache was cleared")
            return {"CANCELLED"}
        return bpy.ops.wm.path_open(filepath=str(folder))


def describe(usage: "Usage") -> str:
    """Return what clearing removes and what it leaves, for the question before it."""
    from ...client.store.result_cache import size_text

    size = size_text(usage.bytes)
    if usage.models:
        words = N_("Results to remove: {count} ({size}). Models in your scenes are not touched.")
        lines = [tell(words, count=usage.models, size=size)]
    else:
        lines = [tell(N_("Sent images and refused files to remove: {size}."), size=size)]
    if usage.only_copies:
        words = N_("Of these, kept nowhere else: {count}. 3D AI Studio keeps results for 24 hours.")
        lines.append(tell(words, count=usage.only_copies))
    if usage.on_shelf:
        lines.append(tell(N_("Of these, in the Asset Browser: {count}."), count=usage.on_shelf))
    if usage.pinned_models:
        words = N_("Pinned results that stay: {count} ({size}).")
        lines.append(tell(words, count=usage.pinned_models, size=size_text(usage.pinned_bytes)))
    if usage.kept_models:
        words = N_("Results that stay: {count} ({size}). They are in no scene yet.")
        lines.append(tell(words, count=usage.kept_models, size=size_text(usage.kept_bytes)))
    return "\n".join(lines)


def _usage() -> "Usage":
    from ...client.store.result_cache import usage

    session = current.session()
    with session.patient():
        return usage(session.home, session.database, time.time())


def _folder_of(home: "Home", job_id: str) -> "Path":
    """Return the folder of a job's file, or the one where it would be; in quarantine if it was refused. Raises
    TripoError."""
    from .find_job import find_job

    job = find_job(current.session(), job_id)
    return (home.root / job.file).parent if job.file else home.result_folder(job.job_id)


def _reap() -> None:
    _running[:] = [process for process in _running if process.poll() is None]


classes = (TRIPO_OT_clear_cache, TRIPO_OT_pin_job, TRIPO_OT_open_folder)
register, _unregister = bpy.utils.register_classes_factory(classes)


def unregister() -> None:
    """Unregister them; a clearing that is still going on is ended, the next one finishes it."""
    for process in _running:
        process.kill()
        process.wait()
    _running.clear()
    _unregister()
