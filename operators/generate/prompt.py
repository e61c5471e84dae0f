# SPDX-License-Identifier: GPL-3.0-or-later
"""Edit the prompt in a wide field, and copy it."""

from typing import TYPE_CHECKING

import bpy
from bpy.props import StringProperty
from bpy.types import Context, Event, Operator

from ...client.notices import N_
from ...client.schema import joined_text
from ...properties.scene import settings_of
from ...session.operator_return import OperatorReturn
from ...translations.translate import tell
from ..base import job_id_property, reporting

_WIDTH = 700
"""Pixels of the editor at an interface scale of 1: a prompt of 100 characters is seen whole."""
_MOST_CHARACTERS = 1024


class TRIPO_OT_edit_prompt(Operator):
    """Edit the prompt in a wide field"""

    bl_idname = "tripo.edit_prompt"
    bl_label = "Edit Prompt"
    bl_options = {"UNDO"}

    prompt: StringProperty(name="Prompt", description="What the model should look like", options={"SKIP_SAVE"})
    negative_prompt: StringProperty(name="Avoid", description="What the model should not have", options={"SKIP_SAVE"})
    style: StringProperty(
        name="Style Line",
        description="A sentence that is added to every prompt of this file; it stays as it is when left out",
        options={"SKIP_SAVE"},
    )
    job_id: job_id_property(description="The job whose settings the panel takes over with the prompt; none when empty")
    if TYPE_CHECKING:  # made by tools/property_types.py
        prompt: str
        negative_prompt: str
        style: str
        job_id: str

    @reporting
    def invoke(self, context: Context, _event: Event) -> OperatorReturn:
        """Open the editor with the present prompt, or the job's."""
        from .source_job import read_past

        settings = settings_of(context.scene)
        self.prompt, self.negative_prompt, self.style = settings.prompt, settings.negative_prompt, settings.style
        if self.job_id:
            asked = read_past(context, self.job_id).request.parameters
            self.prompt = str(asked.get("prompt", ""))
            self.negative_prompt = str(asked.get("negative_prompt", ""))
            self.style = str(asked.get("style", ""))
        return context.window_manager.invoke_props_dialog(self, width=_WIDTH, confirm_text="Done")

    def draw(self, context: Context) -> None:
        """Draw the fields, what is sent where it is longer or another text, and how long that may be."""
        from ...widgets.wrapped_text import draw_lines

        layout = self.layout
        assert layout is not None
        field = layout.row()
        field.activate_init = True
        field.prop(self, "prompt", text="", placeholder="Describe the model…")
        layout.prop(self, "style", text="", placeholder="Style line (optional)")
        sent = joined_text("prompt", {"prompt": self.prompt, "style": self.style})
        draw_lines(layout, context, sent, width=_WIDTH, always=sent != self.prompt)
        layout.prop(self, "negative_prompt", text="", placeholder="Avoid (optional)")
        count = layout.row()
        count.alignment = "RIGHT"
        length = len(sent.strip())
        count.alert = length > _MOST_CHARACTERS
        count.active = count.alert
        count.label(
            text=tell(N_("{length:,} of {most:,} characters"), length=length, most=_MOST_CHARACTERS), translate=False
        )

    @reporting
    def execute(self, context: Context) -> OperatorReturn:
        """Take the prompt over."""
        from .source_job import fill, read_past

        settings = settings_of(context.scene)
        if self.job_id:
            fill(settings, read_past(context, self.job_id).request)
        settings.prompt, settings.negative_prompt = self.prompt, self.negative_prompt
        if self.properties.is_property_set("style"):
            settings.style = self.style
        return {"FINISHED"}


class TRIPO_OT_copy_prompt(Operator):
    """Copy the prompt to the clipboard"""

    bl_idname = "tripo.copy_prompt"
    bl_label = "Copy Prompt"
    bl_options = {"INTERNAL"}

    prompt: StringProperty(
        name="Prompt", description="What is copied; the panel's prompt when empty", options={"SKIP_SAVE"}
    )
    if TYPE_CHECKING:  # made by tools/property_types.py
        prompt: str

    def execute(self, context: Context) -> OperatorReturn:
        """Copy it."""
        text = self.prompt or settings_of(context.scene).prompt
        if not text.strip():
            self.report({"WARNING"}, "There is no prompt: write one first")
            return {"CANCELLED"}
        context.window_manager.clipboard = text
        self.report({"INFO"}, "Copied to the clipboard")
        return {"FINISHED"}


register, unregister = bpy.utils.register_classes_factory((TRIPO_OT_edit_prompt, TRIPO_OT_copy_prompt))
