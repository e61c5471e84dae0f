# SPDX-License-Identifier: GPL-3.0-or-later
"""Draw the dialog of a generator: what is asked for first, and the rest folded away."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bpy.types import UILayout

from ...client.jobs.spending_limits import credit_text
from ...client.notices import N_
from ...client.schema import ENDPOINTS, TEXT, Group, Kind, ModelVersion, parameters_in
from ...client.schema.pricing import price
from ...properties import sandbox_mode
from ...properties.parameters import values_of
from ...translations.translate import tell
from ...widgets.parameters import draw_parameters, size_note
from ...widgets.placement import draw_placement

if TYPE_CHECKING:
    from ...properties.scene import TripoSceneSettings
    from .generate import Generate

_ELSEWHERE = frozenset({"auto_size", "prompt", "style"})
"""Asked for with the size, or at the top."""


def draw_dialog(layout: UILayout, source: Generate, kind: Kind, version: ModelVersion) -> None:
    """Draw the prompt, which has the cursor, or the images; the model, the price; and the options in folds."""
    layout.use_property_decorate = False
    if kind is TEXT:
        field = layout.row()
        field.activate_init = True
        field.prop(source, "prompt", text="", placeholder="Describe the model…")
        layout.prop(source, "style", text="", placeholder="Style line (optional)")
    layout.use_property_split = True
    for slot in ENDPOINTS[kind].image_slots:
        layout.prop(source, slot)
    layout.prop(source, "model_version")
    layout.prop(source, "variations")
    _draw_price(layout, price_of(source, kind, version))
    for group in Group:
        if not parameters_in(kind, version, group):
            continue
        body = _fold(layout, f"tripo_dialog_{group.name.lower()}", group.value)
        if body is None:
            continue
        if group is Group.INPUT and ENDPOINTS[kind].image_slots:
            body.prop(source, "keep_alpha")
        draw_parameters(body, source, kind, version, group, skip=_ELSEWHERE)
    body = _fold(layout, "tripo_dialog_placement", N_("Placement"))
    if body is not None:
        about_size = size_note(source, kind, version, source.fit)
        draw_placement(body, source, size_note=about_size)


def price_of(source: TripoSceneSettings | Generate, kind: Kind, version: ModelVersion) -> int:
    """Return what the chosen options cost, in credits."""
    return price(kind, version, values_of(source, kind, version)).total * source.variations


def _draw_price(layout: UILayout, total: int) -> None:
    split = layout.split(factor=0.4)
    head = split.row()
    head.alignment = "RIGHT"
    head.label(text="Price")
    free = sandbox_mode.current().is_on
    split.label(text=tell(N_("Free") if free else N_("{credits} credits"), credits=credit_text(total)), translate=False)


def _fold(layout: UILayout, name: str, label: str) -> UILayout | None:
    """Return the inside of a part that is closed at first, None while it is."""
    header, body = layout.panel(name, default_closed=True)
    header.label(text=label)
    if body is not None:
        body.use_property_split = True
        body.use_property_decorate = False
    return body
