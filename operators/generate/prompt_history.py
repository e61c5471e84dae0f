# SPDX-License-Identifier: GPL-3.0-or-later
"""Take a prompt of the history, and give prompts a star."""

from typing import TYPE_CHECKING

import bpy
from bpy.props import BoolProperty, EnumProperty, StringProperty
from bpy.types import Context, Event, Operator

from ...properties.scene import settings_of
from ...properties.window import window_state
from ...session import current
from ...session.operator_return import OperatorReturn
from ..base import reporting

_SEARCHED = 500
"""How many prompts without a star are in the history."""
_items: list[tuple[str, str, str, str, int]] = []
"""What the search offers; Blender needs the texts to stay where they are."""


class TRIPO_OT_prompt_history(Operator):
    """Show the prompts that were used before, those with a star first"""

    bl_idname = "tripo.prompt_history"
    bl_label = "Prompt History"
    bl_options = {"INTERNAL"}

    @reporting
    def execute(self, _context: Context) -> OperatorReturn:
        """Read them into ``WindowManager.tripo``, and open the menu."""
        from ...client.store.prompts import stored_prompts

        session = current.session()
        with session.patient():
            found = stored_prompts(session.database, _SEARCHED)
        shown = window_state().prompts
        shown.clear()
        for prompt in found:
            one = shown.add()
            one.text, one.starred = prompt.text, prompt.is_starred
        if not bpy.app.background:
            bpy.ops.wm.call_menu(name="TRIPO_MT_prompts")
        return {"FINISHED"}


class TRIPO_OT_use_prompt(Operator):
    """Take this prompt for the next model"""

    bl_idname = "tripo.use_prompt"
    bl_label = "Use Prompt"
    bl_options = {"UNDO", "INTERNAL"}

    prompt: StringProperty(name="Prompt", description="The whole prompt", options={"SKIP_SAVE"})
    if TYPE_CHECKING:  # made by tools/property_types.py
        prompt: str

    @classmethod
    def description(cls, _context: Context, properties: "TRIPO_OT_use_prompt") -> str:
        """Return the whole prompt: the menu may cut it."""
        return properties.prompt

    def execute(self, context: Context) -> OperatorReturn:
        """Take it over."""
        settings_of(context.scene).prompt = self.prompt
        return {"FINISHED"}


class TRIPO_OT_search_prompts(Operator):
    """Search the prompts that were used before"""

    bl_idname = "tripo.search_prompts"
    bl_label = "Search Prompts"
    bl_options = {"UNDO", "INTERNAL"}
    bl_property = "number"

    number: EnumProperty(
        name="Prompt", description="The prompt to take", items=lambda _self, _context: _items, options={"SKIP_SAVE"}
    )
    if TYPE_CHECKING:  # made by tools/property_types.py
        number: str

    def invoke(self, context: Context, _event: Event) -> OperatorReturn:
        """Offer what the history holds."""
        _items[:] = [
            (str(number), " ".join(one.text.split()), one.text, "SOLO_ON" if one.starred else "BLANK1", number)
            for number, one in enumerate(window_state().prompts)
        ]
        if not _items:
            self.report({"INFO"}, "There are no earlier prompts yet")
            return {"CANCELLED"}
        context.window_manager.invoke_search_popup(self)
        return {"FINISHED"}

    def execute(self, context: Context) -> OperatorReturn:
        """Take the prompt that was found."""
        found = [text for number, _, text, *_ in _items if number == self.number]
        if not found:
            self.report({"INFO"}, "There are no earlier prompts yet")
            return {"CANCELLED"}
        settings_of(context.scene).prompt = found[0]
        return {"FINISHED"}


class TRIPO_OT_star_prompt(Operator):
    """Keep this prompt at the top of the history, or no longer keep it there"""

    bl_idname = "tripo.star_prompt"
    bl_label = "Star Prompt"
    bl_options = {"INTERNAL"}

    prompt: StringProperty(name="Prompt", description="The whole prompt", options={"SKIP_SAVE"})
    starred: BoolProperty(name="Star", description="Whether it gets a star", default=True, options={"SKIP_SAVE"})
    if TYPE_CHECKING:  # made by tools/property_types.py
        prompt: str
        starred: bool

    @reporting
    def execute(self, _context: Context) -> OperatorReturn:
        """Write it to the store."""
        from ...client.store.prompts import set_star

        prompt = self.prompt.strip()
        if not prompt:
            self.report({"WARNING"}, "There is no prompt: write one first")
            return {"CANCELLED"}
        session = current.session()
        with session.patient():
            set_star(session.database, prompt, self.starred)
        self.report({"INFO"}, "The prompt has a star" if self.starred else "The star was removed")
        return {"FINISHED"}


classes = (
    TRIPO_OT_prompt_history,
    TRIPO_OT_use_prompt,
    TRIPO_OT_search_prompts,
    TRIPO_OT_star_prompt,
)
register, unregister = bpy.utils.register_classes_factory(classes)
