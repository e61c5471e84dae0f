# SPDX-License-Identifier: GPL-3.0-or-later
"""What is on show and never saved (``WindowManager.tripo``): the jobs, newest first, and the balance.

The jobs themselves live in the store; the list here is a copy that ``session.job_list`` keeps.
"""

import contextlib
from typing import TYPE_CHECKING, Any

import bpy
from bpy.props import BoolProperty, CollectionProperty, EnumProperty, IntProperty, StringProperty
from bpy.types import PropertyGroup

from ..translations.translate import tell
from .registration import register_attached


def _message(job: "TripoJob") -> str:
    return tell(job.notice)


def _title(job: "TripoJob") -> str:
    return job.name


def _rename(job: "TripoJob", title: str) -> None:
    operators: Any = bpy.ops
    with contextlib.suppress(RuntimeError):  # what was typed is refused, and the name stays
        operators.tripo.rename_job("EXEC_DEFAULT", True, job_id=job.job_id, name=title)


class TripoJob(PropertyGroup):
    """One job as it is shown; ``status`` is a word of ``client.jobs.states.Status``, ``message`` is in the language of
    the interface."""

    job_id: StringProperty(name="Job ID", description="The job's id on this machine")
    task_id: StringProperty(name="Task ID", description="The task's id at 3D AI Studio")
    name: StringProperty(name="Name", description="Name of the job and of its collection")
    title: StringProperty(
        name="Title",
        description="Name of the job in the list; changing it renames its model too",
        get=_title,
        set=_rename,
    )
    press: StringProperty(name="Press", description="What all variations of one press share, empty for a model alone")
    selected: BoolProperty(name="Selected", description="Whether the job is one of the selected ones")
    solo_hidden: BoolProperty(name="Hidden by Solo", description="Whether another variation is shown alone")
    kind: StringProperty(name="Kind", description="Name of the operator that asked for it")
    status: StringProperty(name="Status", description="State of the job")
    progress: IntProperty(name="Progress", description="How far the job is", min=0, max=100, subtype="PERCENTAGE")
    notice: StringProperty(name="Notice", description="The message as data: a code and its values, as JSON")
    message: StringProperty(name="Message", description="What is happening, or what to do", get=_message)
    error: StringProperty(name="Error", description="Stable name of what went wrong")
    credits: IntProperty(name="Credits", description="What the job costs", min=0)
    created_at: StringProperty(name="Created", description="Local time of the press of Generate, YYYY-MM-DD HH:MM")
    finished_at: StringProperty(name="Finished", description="Local time of the end at 3D AI Studio, like Created")
    finishes_at: IntProperty(name="Finishes", description="When it may be done, in seconds since 1970, 0 if unknown")
    model_here: BoolProperty(name="In This Scene", description="Whether its model is in a scene on show")
    request: StringProperty(name="Request", description="What was asked for, as JSON")
    file: StringProperty(name="File", description="Where the downloaded file is")
    size: StringProperty(name="Size", description="Size of the downloaded file")
    sha256: StringProperty(name="Checksum", description="SHA-256 of the downloaded file")
    faces: IntProperty(name="Faces", description="How many faces the model has, 0 while unknown", min=0)
    full_faces: IntProperty(name="Full Faces", description="Triangles of the model before it was reduced, or 0", min=0)
    length: StringProperty(name="Length", description="Metres of the longest side, empty while unknown")
    seconds: IntProperty(name="Seconds", description="How long 3D AI Studio took, 0 while unknown", min=0)
    thumbnail: IntProperty(name="Thumbnail", description="Number of the icon that shows the model, 0 for none")
    pinned: BoolProperty(name="Pinned", description="Whether its model stays in the cache, however full that is")
    shelf: StringProperty(name="Shelf", description="Its name in the Asset Browser, empty while it is not there")
    if TYPE_CHECKING:  # made by tools/property_types.py
        job_id: str
        task_id: str
        name: str
        title: str
        press: str
        selected: bool
        solo_hidden: bool
        kind: str
        status: str
        progress: int
        notice: str
        message: str
        error: str
        credits: int
        created_at: str
        finished_at: str
        finishes_at: int
        model_here: bool
        request: str
        file: str
        size: str
        sha256: str
        faces: int
        full_faces: int
        length: str
        seconds: int
        thumbnail: int
        pinned: bool
        shelf: str


class TripoPrompt(PropertyGroup):
    """A prompt that was used before, as it was when the history was opened."""

    text: StringProperty(name="Prompt", description="The whole prompt")
    starred: BoolProperty(name="Star", description="Whether it stays at the top of the history")
    if TYPE_CHECKING:  # made by tools/property_types.py
        text: str
        starred: bool


class TripoWindowState(PropertyGroup):
    """The view state, never saved: the jobs, newest first, and the last known balance."""

    jobs: CollectionProperty(name="Jobs", description="The jobs on show", type=TripoJob)
    active_job: IntProperty(name="Active Job", description="The job whose details are shown", min=0)
    revision: IntProperty(name="Revision", description="Counts the changes that searching the list depends on")
    show: EnumProperty(
        name="Show",
        description="Which jobs the list shows",
        items=[
            ("ALL", "All", "Every job"),
            ("RUNNING", "Running", "Jobs on their way"),
            ("READY", "Ready", "Jobs whose model can be imported"),
            ("DONE", "Done", "Jobs whose model was imported"),
            ("TROUBLE", "Problems", "Jobs that failed, expired, were cancelled or may have been charged"),
        ],
    )
    balance: StringProperty(name="Balance", description="Credits of the account, empty while unknown")
    balance_at: IntProperty(name="Balance Time", description="When the balance was received, in seconds since 1970")
    balance_problem: StringProperty(name="Balance Problem", description="Why the balance is not known")
    spent_today: IntProperty(name="Spent Today", description="Credits spent since midnight, less what was given back")
    spent_this_month: IntProperty(
        name="Spent This Month", description="Credits spent since the first of the month, less what was given back"
    )
    file_credits: IntProperty(
        name="File Cost", description="Credits for the models in the open file, when last added up"
    )
    balance_pending: BoolProperty(name="Balance Pending", description="Whether an answer is awaited")
    shows_key_check: BoolProperty(name="Key Check", description="Whether a key that was just given is being checked")
    prompts: CollectionProperty(
        name="Prompts", description="The prompts of earlier jobs, those with a star first", type=TripoPrompt
    )
    notice: StringProperty(name="Notice", description="A message that concerns all jobs")
    folder: StringProperty(name="Folder", description="Where jobs and models are kept on this machine")
    storage_used: StringProperty(name="Used", description="Disk space taken by the models that are kept there")
    if TYPE_CHECKING:  # made by tools/property_types.py
        jobs: bpy.types.bpy_prop_collection_idprop[TripoJob]
        active_job: int
        revision: int
        show: str
        balance: str
        balance_at: int
        balance_problem: str
        spent_today: int
        spent_this_month: int
        file_credits: int
        balance_pending: bool
        shows_key_check: bool
        prompts: bpy.types.bpy_prop_collection_idprop[TripoPrompt]
        notice: str
        folder: str
        storage_used: str


def chosen_jobs(state: TripoWindowState) -> list[TripoJob]:
    """Return the selected jobs, newest first; without any the active one."""
    selected = [job for job in state.jobs if job.selected]
    return selected or list(state.jobs[state.active_job : state.active_job + 1])


def rows_of_press(state: TripoWindowState, index: int) -> list[int]:
    """Return where the variations of a job's press are, oldest first, this one too; none for a model alone.

    Those of one press are written together, so that they lie side by side.
    """
    jobs, press = state.jobs, state.jobs[index].press
    if not press:
        return []
    first = last = index
    while first > 0 and jobs[first - 1].press == press:
        first -= 1
    while last + 1 < len(jobs) and jobs[last + 1].press == press:
        last += 1
    return list(range(last, first - 1, -1))


def window_state() -> TripoWindowState:
    """Return ``WindowManager.tripo``, whatever the context is."""
    managers = getattr(bpy.data, "window_managers", None)  # withheld while Blender enables an add-on
    return (bpy.context.window_manager if managers is None else managers[0]).tripo


register, unregister = register_attached(
    bpy.types.WindowManager,
    *(TripoJob, TripoPrompt, TripoWindowState),
    type=TripoWindowState,
    description="The jobs on show",
    options={"SKIP_SAVE"},
)
