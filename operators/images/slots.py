# SPDX-License-Identifier: GPL-3.0-or-later
"""What the operators that fill a slot share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import bpy
from bpy.props import EnumProperty

from ...client.schema import Kind
from ...properties.image_slots import SLOT_LABELS, fill_with_image
from ...properties.scene import settings_of

if TYPE_CHECKING:
    from ...properties.scene import TripoImageSlot

BACKGROUND = "tripo_background"
"""Custom property of an image: the colour, "#rrggbb", that it is sent over where it is transparent."""
_OURS = "tripo_made"
"""Marks the images that were made for a slot."""


def slot_property() -> object:
    """Return the property that names a slot."""
    return EnumProperty(
        name="Slot",
        description="Which image of the request it becomes",
        items=[(name, label, "") for name, label in SLOT_LABELS.items()],
        options={"SKIP_SAVE"},
    )


def slot_of(scene: bpy.types.Scene, name: str) -> TripoImageSlot:
    """Return a slot of the scene's next request."""
    return getattr(settings_of(scene), name)


def show_slot(scene: bpy.types.Scene, name: str) -> None:
    """Let the panel show the kind of request that the slot belongs to."""
    settings_of(scene).kind = (Kind.IMAGE if name == "image" else Kind.MULTIVIEW).name


def put_own_image(scene: bpy.types.Scene, name: str, image: bpy.types.Image, label: str) -> None:
    """Put an image that we made into a slot, in place of one that we made before and nobody else uses."""
    slot = slot_of(scene, name)
    before = slot.image
    image[_OURS] = True
    fill_with_image(slot, image)
    show_slot(scene, name)
    if before is not None and before.get(_OURS) and not before.users:
        bpy.data.images.remove(before)
    image.name = label
