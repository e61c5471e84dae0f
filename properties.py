"""What the artist chose, saved in the file (``Scene.tripo``), and the jobs on show (``WindowManager.tripo``).

The jobs themselves live in the store; the list here is a mirror that the operators keep.
"""

from typing import Any, cast

import bpy
from bpy.props import (
    BoolProperty,
    CollectionProperty,
    EnumProperty,
    IntProperty,
    PointerProperty,
    StringProperty,
)
from bpy.types import PropertyGroup

from . import picture_slots
from .client.schema import ENDPOINTS, Kind
from .parameter_props import keep_alpha_property, model_version_property, parameter_annotations, variations_property
from .placement_props import TripoPlacement, auto_size_view, location_view, location_words

KIND_LABELS = {Kind.TEXT: "Text", Kind.IMAGE: "Image", Kind.MULTIVIEW: "Multiview"}
_KIND_ITEMS = [(kind.name, label, ENDPOINTS[kind].help) for kind, label in KIND_LABELS.items()]


class TripoImageSlot(PropertyGroup):
    """One picture: a file, an address, or an image of this file."""

    source: EnumProperty(
        name="Source",
        description="Where the picture comes from",
        items=[
            ("FILE", "File", "A PNG, JPEG or WebP file", "FILE_FOLDER", 0),
            ("URL", "Address", "A picture on the web, fetched by the service", "URL", 1),
            ("IMAGE", "Image", "An image of this file", "IMAGE_DATA", 2),
        ],
        options=set(),
        update=picture_slots.slot_changed,
    )
    path: StringProperty(
        name="File", description="A PNG, JPEG or WebP file", options=set(), update=picture_slots.slot_changed
    )
    url: StringProperty(
        name="Address",
        description="Address of the picture, beginning with https://",
        options=set(),
        update=picture_slots.slot_changed,
    )
    image: PointerProperty(
        name="Image",
        description="An image of this file",
        type=bpy.types.Image,
        update=picture_slots.slot_changed,
    )
    problem: StringProperty(
        name="Problem", description="Why the picture cannot be sent", options={"HIDDEN", "SKIP_SAVE"}
    )
    note: StringProperty(name="Note", description="How the picture is sent", options={"HIDDEN", "SKIP_SAVE"})


class TripoSceneSettings(PropertyGroup):
    """The next request. The parameters of ``client.schema`` are added below."""

    kind: EnumProperty(
        name="Mode",
        description="What the model is made from",
        items=_KIND_ITEMS,
        options=set(),
    )
    image: PointerProperty(name="Image", description="The picture to work from", type=TripoImageSlot)
    front: PointerProperty(name="Front", description="The front view, always needed", type=TripoImageSlot)
    left: PointerProperty(
        name="Left", description="The subject's own left side: on your right when it faces you", type=TripoImageSlot
    )
    back: PointerProperty(name="Back", description="The view from behind", type=TripoImageSlot)
    right: PointerProperty(
        name="Right", description="The subject's own right side: on your left when it faces you", type=TripoImageSlot
    )
    placement: PointerProperty(
        name="Placement", description="Where and how the next model is placed", type=TripoPlacement
    )
    token: StringProperty(
        name="Token", description="Names this scene to its jobs across saving and loading", options={"HIDDEN"}
    )


TripoSceneSettings.__annotations__ = {
    **TripoSceneSettings.__annotations__,
    "model_version": model_version_property(),
    "variations": variations_property(),
    "keep_alpha": keep_alpha_property(update=picture_slots.settings_changed),
    **parameter_annotations(views={"auto_size": auto_size_view("placement")}),
    "location": EnumProperty(**location_words(), **location_view("placement"), options=set()),
}


class TripoJob(PropertyGroup):
    """One job as it is shown; ``status`` is a word of ``client.jobs.states.Status``."""

    job_id: StringProperty(name="Job ID", description="Names the job on this machine")
    task_id: StringProperty(name="Task ID", description="Names the task at the service")
    name: StringProperty(name="Name", description="Name of the job and of its collection")
    kind: StringProperty(name="Kind", description="Name of the operator that asked for it")
    status: StringProperty(name="Status", description="State of the job")
    progress: IntProperty(name="Progress", description="How far the job is", min=0, max=100, subtype="PERCENTAGE")
    message: StringProperty(name="Message", description="What is happening, or what to do")
    error: StringProperty(name="Error", description="Stable name of what went wrong")
    credits: IntProperty(name="Credits", description="What the job costs", min=0)
    created_at: StringProperty(name="Created", description="Local time of the press of Generate, YYYY-MM-DD HH:MM")
    finished_at: StringProperty(name="Finished", description="Local time of the end at the service, like Created")
    finishes_at: IntProperty(name="Finishes", description="When it may be done, in seconds since 1970, 0 if unknown")
    model_here: BoolProperty(name="In This Scene", description="Whether its model is in a scene on show")
    request: StringProperty(name="Request", description="What was asked for, as JSON")
    file: StringProperty(name="File", description="Where the downloaded file is")
    size: StringProperty(name="Size", description="Size of the downloaded file")
    sha256: StringProperty(name="Checksum", description="SHA-256 of the downloaded file")
    thumbnail: IntProperty(name="Thumbnail", description="Number of the icon that shows the model, 0 for none")


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
            ("TROUBLE", "Trouble", "Jobs that failed, expired, were cancelled or may have been charged"),
        ],
    )
    balance: StringProperty(name="Balance", description="Credits of the account, empty while unknown")
    balance_at: IntProperty(name="Balance Time", description="When it was told, in seconds since 1970")
    balance_problem: StringProperty(name="Balance Problem", description="Why the balance is not known")
    spent_today: IntProperty(name="Spent Today", description="Credits spent since midnight, less what was given back")
    spent_this_month: IntProperty(
        name="Spent This Month", description="Credits spent since the first of the month, less what was given back"
    )
    balance_pending: BoolProperty(name="Balance Pending", description="Whether an answer is awaited")
    shows_key_check: BoolProperty(name="Key Check", description="Whether a key that was just given is being checked")
    notice: StringProperty(name="Notice", description="A message that concerns all jobs")


def settings_of(scene: bpy.types.Scene) -> Any:
    """Return ``Scene.tripo``."""
    return cast(Any, scene).tripo


classes = (TripoImageSlot, TripoPlacement, TripoSceneSettings, TripoJob, TripoWindowState)
_register, _unregister = bpy.utils.register_classes_factory(classes)


def register() -> None:
    """Register the groups and attach them to scenes and to the window manager."""
    _register()
    bpy.types.Scene.tripo = PointerProperty(  # type: ignore[attr-defined]
        name="Tripo", description="The next request to Tripo", type=TripoSceneSettings
    )
    bpy.types.WindowManager.tripo = PointerProperty(  # type: ignore[attr-defined]
        name="Tripo", description="The jobs on show", type=TripoWindowState, options={"SKIP_SAVE"}
    )
    picture_slots.register()


def unregister() -> None:
    """Detach and unregister everything."""
    picture_slots.unregister()
    del bpy.types.WindowManager.tripo  # type: ignore[attr-defined]
    del bpy.types.Scene.tripo  # type: ignore[attr-defined]
    _unregister()
