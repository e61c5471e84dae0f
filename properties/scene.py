# SPDX-License-Identifier: GPL-3.0-or-later
"""What the artist chose for the next request, saved in the file (``Scene.tripo``)."""

from typing import TYPE_CHECKING

import bpy
from bpy.props import EnumProperty, PointerProperty, StringProperty
from bpy.types import PropertyGroup

from ..client.notices import N_
from ..client.schema import ENDPOINTS, Kind
from . import image_slots
from .parameters import (
    keep_alpha_property,
    model_version_property,
    parameter_annotations,
    texture_choice_property,
    variations_property,
)
from .placement import TripoPlacement, auto_size_view, location_alias
from .registration import register_attached
from .version_memory import version_changed

KIND_LABELS = {Kind.TEXT: N_("Text"), Kind.IMAGE: N_("Image"), Kind.MULTIVIEW: N_("Views")}
_KIND_ITEMS = [(kind.name, label, ENDPOINTS[kind].help) for kind, label in KIND_LABELS.items()]


class TripoImageSlot(PropertyGroup):
    """One image: a file, an address, or an image of this file."""

    source: EnumProperty(
        name="Source",
        description="Where the image comes from",
        items=[
            ("FILE", "File", "A PNG, JPEG or WebP file", "FILE_FOLDER", 0),
            ("URL", "Address", "An image on the web, fetched by 3D AI Studio", "URL", 1),
            ("IMAGE", "Image", "An image of this file", "IMAGE_DATA", 2),
        ],
        options=set(),
        update=image_slots.slot_changed,
    )
    path: StringProperty(
        name="File", description="A PNG, JPEG or WebP file", options=set(), update=image_slots.slot_changed
    )
    url: StringProperty(
        name="Address",
        description="Address of the image, beginning with https://",
        options=set(),
        update=image_slots.slot_changed,
    )
    image: PointerProperty(
        name="Image",
        description="An image of this file",
        type=bpy.types.Image,
        update=image_slots.slot_changed,
    )
    problem: StringProperty(name="Problem", description="Why the image cannot be sent", options={"HIDDEN", "SKIP_SAVE"})
    note: StringProperty(name="Note", description="How the image is sent", options={"HIDDEN", "SKIP_SAVE"})
    if TYPE_CHECKING:  # made by tools/property_types.py
        source: str
        path: str
        url: str
        image: bpy.types.Image | None
        problem: str
        note: str


class TripoSceneSettings(PropertyGroup):
    """The next request. The parameters of ``client.schema`` are added below."""

    kind: EnumProperty(
        name="Mode",
        description="What the model is made from",
        items=_KIND_ITEMS,
        options=set(),
    )
    image: PointerProperty(name="Image", description="The image to work from", type=TripoImageSlot)
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
    tools_used: StringProperty(
        name="Tools Used", description="What the dialogs of the mesh tools begin with, as JSON", options={"HIDDEN"}
    )
    put_aside: StringProperty(
        name="Put Aside",
        description="What was set and does not apply to the present model version, as JSON",
        options={"HIDDEN"},
    )
    if TYPE_CHECKING:  # made by tools/property_types.py
        kind: str
        image: TripoImageSlot
        front: TripoImageSlot
        left: TripoImageSlot
        back: TripoImageSlot
        right: TripoImageSlot
        placement: TripoPlacement
        token: str
        tools_used: str
        put_aside: str
        model_version: str
        variations: int
        keep_alpha: bool
        prompt: str
        style: str
        negative_prompt: str
        enable_image_autofix: bool
        orientation: str
        use_image_seed: bool
        image_seed: int
        use_model_seed: bool
        model_seed: int
        geometry_quality: str
        use_face_limit: bool
        face_limit: int
        quad: bool
        smart_low_poly: bool
        generate_parts: bool
        auto_size: bool
        texture: bool
        pbr: bool
        texture_quality: str
        texture_alignment: str
        use_texture_seed: bool
        texture_seed: int
        export_uv: bool
        compress: str
        texture_choice: str
        location: str


TripoSceneSettings.__annotations__ = {
    **TripoSceneSettings.__annotations__,
    "model_version": model_version_property(update=version_changed),
    "variations": variations_property(),
    "keep_alpha": keep_alpha_property(update=image_slots.settings_changed),
    **parameter_annotations(views={"auto_size": auto_size_view("placement")}),
    "texture_choice": texture_choice_property(),
    "location": location_alias("placement"),
}


def settings_of(scene: bpy.types.Scene) -> TripoSceneSettings:
    """Return ``Scene.tripo``."""
    return scene.tripo  # type: ignore[attr-defined]


register, unregister = register_attached(
    bpy.types.Scene,
    *(TripoImageSlot, TripoPlacement, TripoSceneSettings),
    type=TripoSceneSettings,
    description="The next request to Tripo",
)
