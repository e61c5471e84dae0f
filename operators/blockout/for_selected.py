# SPDX-License-Identifier: GPL-3.0-or-later
"""Generate for Selected: a table of placeholders, each of which gets a model of its own."""

import json
from typing import TYPE_CHECKING

import bpy
from bpy.props import BoolProperty, CollectionProperty, EnumProperty, IntProperty, StringProperty
from bpy.types import Context, Event, Object, PropertyGroup

from ...client.errors import TripoError
from ...client.jobs.spending_limits import credit_text
from ...client.notices import N_
from ...client.schema import MULTIVIEW, TEXT
from ...properties import sandbox_mode
from ...properties.account import get_account
from ...session import current
from ...session.operator_return import OperatorReturn
from ...translations.translate import tell
from ..base import NeedsService, call, check_online, check_receives, follow, may_run, reporting
from ..images.view_by_view import ViewByView

if TYPE_CHECKING:
    from .press import Pressed
    from .views import OwnViews


class TripoPlaceholderRow(PropertyGroup):
    """A line of the table: placeholders that show the same. Its name is that of the first."""

    use: BoolProperty(name="Generate", description="Make a model for this placeholder", default=True)
    objects: StringProperty(name="Objects", description="Names of the placeholders in this row, one per line")
    copies: IntProperty(name="Copies", description="How many placeholders share a mesh and get the same model")
    prompt: StringProperty(name="Prompt", description="What the model shows; the style line is added to it")
    kind: EnumProperty(
        name="From",
        description="What the model is made from",
        items=[
            (TEXT.name, "Text", "The prompt and the style line"),
            (MULTIVIEW.name, "Own Views", "Four images of the placeholder, captured when it is sent"),
        ],
    )
    step: StringProperty(name="State", description="How far its model is")
    sent_prompt: StringProperty(name="Sent Prompt", description="The prompt that the state belongs to")
    sent_kind: StringProperty(name="Sent Kind", description="What the model that the state belongs to is made from")
    if TYPE_CHECKING:  # made by tools/property_types.py
        use: bool
        objects: str
        copies: int
        prompt: str
        kind: str
        step: str
        sent_prompt: str
        sent_kind: str


class TRIPO_OT_generate_for_selected(ViewByView, NeedsService):
    """Make a model for each selected placeholder, described by its name; copies that share a mesh get the same model"""

    bl_idname = "tripo.generate_for_selected"
    bl_label = "Generate for Selected"
    bl_options = set()
    stopped = N_("Capture cancelled: nothing was sent")

    objects: StringProperty(
        name="Objects",
        description="Names of the placeholders, separated by commas or as a JSON list; the selection when empty",
        options={"SKIP_SAVE"},
    )
    prompts: StringProperty(
        name="Prompts",
        description="A JSON object of prompts by placeholder name; a placeholder without a prompt is described by its"
        " name",
        options={"SKIP_SAVE"},
    )
    views: StringProperty(
        name="Own Views",
        description="Names of the placeholders to make from four images of themselves, written like Objects",
        options={"SKIP_SAVE"},
    )
    rows: CollectionProperty(
        name="Rows", description="The table", type=TripoPlaceholderRow, options={"HIDDEN", "SKIP_SAVE"}
    )
    active: IntProperty(name="Row", description="The active line of the table", options={"HIDDEN", "SKIP_SAVE"})
    is_confirmed: BoolProperty(name="Confirmed", description="The table was confirmed", options={"HIDDEN", "SKIP_SAVE"})
    if TYPE_CHECKING:  # made by tools/property_types.py
        objects: str
        prompts: str
        views: str
        rows: bpy.types.bpy_prop_collection_idprop[TripoPlaceholderRow]
        active: int
        is_confirmed: bool

    seconds = 0.0
    """How long a model takes."""

    @classmethod
    def poll(cls, context: Context) -> bool:
        """Whether the service may be called and something can be replaced; a script may name what."""
        is_any = bpy.app.background or _placeholders(context)
        words = N_("Select the placeholders that models should replace")
        return may_run(cls, "" if is_any else words) and bool(super().poll(context))

    @reporting
    def invoke(self, context: Context, _event: Event) -> OperatorReturn:
        """Ask in the table; once it is confirmed, capture the views that are wanted, one a step."""
        from .table import fill

        if bpy.app.background:
            return self.execute(context)
        check_receives(context.scene)
        if self.is_confirmed:
            self._own_views = self._views(context)
            return self.begin(context, self._own_views)
        fill(self, context, current.session(), get_account(context))
        return context.window_manager.invoke_props_dialog(self, width=640, title=self.bl_label, confirm_text="Generate")

    def draw(self, context: Context) -> None:
        """Draw the table, what all rows share, and what it costs."""
        from .table import draw

        assert self.layout is not None
        draw(self.layout, context, self)

    @reporting
    def execute(self, context: Context) -> OperatorReturn:
        """Note what is asked for and send it; without a window also wait for the end and deliver."""
        from . import table

        if self.rows:  # the table was confirmed
            self.objects = json.dumps(table.note_table(self.rows, context.scene))
        else:
            self._note_arguments(context)
        if bpy.app.background:
            views = self._views(context)
            while not views.take_next(context):
                pass
            return self._press(context, views)
        if self._views(context).is_wanted:
            call("generate_for_selected", "INVOKE_DEFAULT", objects=self.objects, is_confirmed=True)
            return {"FINISHED"}  # the one that captures goes on
        return self._press(context, None)

    def _note_arguments(self, context: Context) -> None:
        """Note what a script asks for; raises TripoError when it names what is not there, before anything is spent."""
        from . import plan, table

        chosen, prompts = self._chosen(context), plan.prompts_in(self.prompts)
        views = plan.names_in(self.views, "views")
        if not chosen:
            raise TripoError(table.NOTHING)
        plan.named([*prompts, *views], context.scene)
        plan.note_wishes(chosen, prompts, views)

    def finish(self, context: Context) -> OperatorReturn:
        """Send the set."""
        return self._press(context, self._own_views)

    def _chosen(self, context: Context) -> list[Object]:
        """Return the objects that are named, or else selected; raises InvalidRequest."""
        from .plan import named, names_in

        return named(names_in(self.objects), context.scene) if self.objects.strip() else _placeholders(context)

    def _views(self, context: Context) -> "OwnViews":
        """Return the views that are to be captured now, none of them yet."""
        from . import plan, press
        from .views import OwnViews

        session, account = current.session(), get_account(context)
        rows = press.within_cap(context, session, account, plan.plan(context, session, account, self._chosen(context)))
        return OwnViews(row.name for row in rows if row.wish.kind is MULTIVIEW)

    @reporting
    def _press(self, context: Context, views: "OwnViews | None") -> OperatorReturn:
        """Send the set; what was captured for nothing goes."""
        from . import plan, press

        try:
            check_online()
            check_receives(context.scene)
            session, account = current.session(), get_account(context)
            rows = plan.plan(context, session, account, self._chosen(context))
            pressed = press.press(context, session, account, rows, views)
        finally:
            if views is not None:
                views.discard()
        result = follow(self, context, session, pressed.job_ids)
        if bpy.app.background:
            for reason in pressed.undone:
                self.report({"ERROR"}, tell(reason))
            return {"CANCELLED"} if pressed.undone else result
        self._tell(pressed)
        return {"FINISHED"} if pressed.sent or not pressed.undone else {"CANCELLED"}

    def _tell(self, pressed: "Pressed") -> None:
        words = N_("{count} models submitted for {credits} credits")
        if sandbox_mode.current().is_on:
            words = N_("{count} models submitted to the Sandbox")
        said = [tell(words, count=pressed.sent, credits=credit_text(pressed.credits))] if pressed.sent else []
        said += [tell(reason) for reason in pressed.undone]
        if not (said or pressed.job_ids):
            said = [tell(N_("There is nothing to send: all of these have their models"))]
        if said:
            self.report({"WARNING"} if pressed.undone else {"INFO"}, ". ".join(said))


def _placeholders(context: Context) -> list[Object]:
    from .plan import placeholders_in

    return placeholders_in(context)


classes = (TripoPlaceholderRow, TRIPO_OT_generate_for_selected)
register, unregister = bpy.utils.register_classes_factory(classes)
