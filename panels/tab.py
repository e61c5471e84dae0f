# SPDX-License-Identifier: GPL-3.0-or-later
"""Declare the panels of the Tripo tab; other modules draw what is in them.

Those are imported when something is drawn, or by `preload` just before: Blender's start does not pay for them.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING

import bpy
from bpy.types import Context, Menu, Panel, UILayout, UIList

from ..client.schema import Group
from ..properties.scene import settings_of
from .presets import TRIPO_PT_presets

if TYPE_CHECKING:
    from ..operators.blockout.for_selected import TripoPlaceholderRow
    from ..properties.window import TripoJob, TripoWindowState


class Drawn:
    """Anything that is being drawn has a layout."""

    if TYPE_CHECKING:  # Blender evaluates the annotations of every class that it registers
        layout: UILayout


class _TripoPanel(Drawn):
    """A panel of the Tripo tab in the 3D view's sidebar."""

    bl_space_type = "VIEW_3D"
    bl_region_type = "UI"
    bl_category = "Tripo"


class TRIPO_PT_generate(_TripoPanel, Panel):
    """What to make, and the press that makes it."""

    bl_label = "Generate"

    def draw_header_preset(self, context: Context) -> None:
        """Draw the balance and the button of the presets' popover."""
        from .generate_button import draw_balance

        draw_balance(self.layout, context)
        TRIPO_PT_presets.draw_panel_header(self.layout)

    def draw(self, context: Context) -> None:
        """Draw all that a press needs."""
        from .generate import draw

        draw(self.layout, context)


class TRIPO_MT_image(Drawn, Menu):
    """Other ways to fill the slot that the menu was opened from."""

    bl_label = "Image"

    def draw(self, context: Context) -> None:
        """List the ways."""
        from .input import draw_ways

        draw_ways(self.layout, context)


class TRIPO_MT_prompts(Drawn, Menu):
    """Prompts that were used before; read from the store by the button that opens this."""

    bl_label = "Prompts"
    bl_options = {"SEARCH_ON_KEY_PRESS"}

    def draw(self, context: Context) -> None:
        """List them, those with a star first."""
        from .prompt import draw_history

        draw_history(self.layout, settings_of(context.scene).prompt)


class _Folded(_TripoPanel):
    """What is one fold away below the button."""

    bl_parent_id = "TRIPO_PT_generate"
    bl_options = {"DEFAULT_CLOSED"}

    @classmethod
    def poll(cls, context: Context) -> bool:
        """Show the panel unless the tab is a welcome alone."""
        from .welcome import is_welcome

        return not is_welcome(context)


class _OptionsPanel(_Folded):
    if TYPE_CHECKING:
        group: Group

    @classmethod
    def poll(cls, context: Context) -> bool:
        """Show the panel when the endpoint has an option of this group."""
        from .options import has_any

        return super().poll(context) and has_any(context, cls.group)

    def draw(self, context: Context) -> None:
        """Draw the options of the group."""
        from .options import draw

        draw(self.layout, context, self.group)


class TRIPO_PT_input(_OptionsPanel, Panel):
    """Options of the input."""

    bl_label = Group.INPUT.value
    group = Group.INPUT


class TRIPO_PT_shape(_OptionsPanel, Panel):
    """Options of the geometry."""

    bl_label = Group.SHAPE.value
    group = Group.SHAPE


class TRIPO_PT_surface(_OptionsPanel, Panel):
    """Options of the texture."""

    bl_label = Group.SURFACE.value
    group = Group.SURFACE


class TRIPO_PT_placement(_Folded, Panel):
    """How the model stands at its place."""

    bl_label = "Placement"

    def draw(self, context: Context) -> None:
        """Draw the rest of the placement."""
        from .options import draw_placement

        draw_placement(self.layout, context)


class TRIPO_PT_result(_OptionsPanel, Panel):
    """Options of the delivery."""

    bl_label = Group.RESULT.value
    group = Group.RESULT


class TRIPO_PT_price(_Folded, Panel):
    """What the price is made of."""

    bl_label = "Price"

    def draw(self, context: Context) -> None:
        """Draw price, balance and spending."""
        from .generate_button import draw_price

        draw_price(self.layout, context)


@cache
def _row_drawer() -> Callable[[UILayout, Context, TripoJob, bool], None]:
    """Return what draws a row: a module that is needed for the first one, and asked for by every one."""
    from .job_row import draw_row

    return draw_row


class TRIPO_UL_jobs(UIList):
    """The jobs, in the order in which they are kept: newest first."""

    def draw_item(
        self,
        context: Context,
        layout: UILayout,
        data: TripoWindowState,
        item: TripoJob,
        icon: int | None,
        active_data: object,
        active_property: str | None,
        index: int | None = 0,
        flt_flag: int | None = 0,
    ) -> None:
        """Draw one job: image, name, mode, progress or state, one button."""
        _row_drawer()(layout, context, item, data.active_job == index)

    def draw_filter(self, context: Context, layout: UILayout) -> None:
        """Draw the search field; which states are shown stands above the list."""
        row = layout.row(align=True)
        row.prop(self, "filter_name", text="", icon="VIEWZOOM")
        row.prop(self, "use_filter_sort_reverse", text="", icon="SORT_DESC")

    def filter_items(self, context: Context, data: TripoWindowState, property: str) -> tuple[list[int], list[int]]:
        """Return which jobs are shown, in the order in which they are kept."""
        from ..widgets.job_filter import search

        return search(data, self.filter_name, self.bitflag_filter_item), []


class TRIPO_UL_placeholders(UIList):
    """The table of `tripo.generate_for_selected`."""

    def draw_item(
        self,
        context: Context,
        layout: UILayout,
        data: object,
        item: TripoPlaceholderRow,
        icon: int | None,
        active_data: object,
        active_property: str | None,
        index: int | None = 0,
        flt_flag: int | None = 0,
    ) -> None:
        """Draw a line: switch, name and copies, prompt, what it is made from, and the price or what is there."""
        from ..operators.blockout.table import draw_row

        draw_row(layout, context, item)


class TRIPO_PT_jobs(_TripoPanel, Panel):
    """The jobs and what they need."""

    bl_label = "Jobs"

    @classmethod
    def poll(cls, context: Context) -> bool:
        """Show the panel unless the tab is a welcome alone."""
        from .jobs import is_shown

        return is_shown(context)

    def draw_header_preset(self, context: Context) -> None:
        """Draw the switch of the boxes in the viewport."""
        from .jobs import draw_switch

        draw_switch(self.layout, context)

    def draw(self, context: Context) -> None:
        """Draw the list and the chosen job."""
        from .jobs import draw

        draw(self.layout, context)


class TRIPO_PT_mesh(_TripoPanel, Panel):
    """What can be done with the selected objects."""

    bl_label = "Mesh"

    @classmethod
    def poll(cls, context: Context) -> bool:
        """Show the panel when something with a surface is selected."""
        from .mesh import is_shown
        from .welcome import is_welcome

        return is_shown(context) and not is_welcome(context)

    def draw(self, context: Context) -> None:
        """Draw the tools."""
        from .mesh import draw

        draw(self.layout, context)


classes = (
    TRIPO_PT_generate,
    TRIPO_MT_image,
    TRIPO_MT_prompts,
    TRIPO_PT_input,
    TRIPO_PT_shape,
    TRIPO_PT_surface,
    TRIPO_PT_placement,
    TRIPO_PT_result,
    TRIPO_PT_price,
    TRIPO_UL_jobs,
    TRIPO_UL_placeholders,
    TRIPO_PT_jobs,
    TRIPO_PT_mesh,
)
register, unregister = bpy.utils.register_classes_factory(classes)
