# SPDX-License-Identifier: GPL-3.0-or-later
"""Tell what the models in the open file cost."""

from pathlib import Path
from typing import TYPE_CHECKING

import bpy
from bpy.props import BoolProperty, StringProperty
from bpy.types import Context, Event, Operator

from ...client.errors import TripoError
from ...client.notices import N_
from ...properties.window import window_state
from ...session.operator_return import OperatorReturn
from ...translations.translate import tell
from ..base import reporting
from .spending import NOT_SAVED

if TYPE_CHECKING:
    from ...session.file_cost import PaidTask

_WIDTH = 420
_MOST_ROWS = 20
"""Of the dialog; a table that is saved has all."""


class TRIPO_OT_file_cost(Operator):
    """Add up what the models in this file cost, as it is written on them; each task counts once"""

    bl_idname = "tripo.file_cost"
    bl_label = "What Did This File Cost?"
    bl_options = set()

    filepath: StringProperty(
        name="File", description="Where the table is saved (CSV); nowhere when empty", subtype="FILE_PATH"
    )
    choose_file: BoolProperty(
        name="Choose File", description="Ask where the table is saved", options={"HIDDEN", "SKIP_SAVE"}
    )
    check_existing: BoolProperty(default=True, options={"HIDDEN"})
    filter_glob: StringProperty(default="*.csv", options={"HIDDEN"})
    if TYPE_CHECKING:  # made by tools/property_types.py
        filepath: str
        choose_file: bool
        check_existing: bool
        filter_glob: str
    _tasks = []

    def invoke(self, context: Context, _event: Event) -> OperatorReturn:
        """Show the table, or ask for the file."""
        self._tasks = _count()
        if not self._tasks:
            self.report({"INFO"}, "There is no model in this file that was made with Tripo")
            return {"CANCELLED"}
        if self.choose_file:
            self.filepath = "tripo-file-cost.csv"
            context.window_manager.fileselect_add(self)
            return {"RUNNING_MODAL"}
        return context.window_manager.invoke_popup(self, width=_WIDTH)

    def draw(self, _context: Context) -> None:
        """Draw what each task cost, and the sum."""
        layout = self.layout
        assert layout is not None
        layout.label(text=self.bl_label)
        split = layout.split(factor=0.75)
        names, amounts = split.column(align=True), split.column(align=True)
        amounts.alignment = "RIGHT"
        for task in self._tasks[:_MOST_ROWS]:
            names.label(text=task.name, translate=False)
            amounts.label(text=f"{task.credits:,}", translate=False)
        if hidden := self._tasks[_MOST_ROWS:]:
            names.label(text=tell(N_("and {count} more"), count=len(hidden)), translate=False)
            amounts.label(text=f"{sum(task.credits for task in hidden):,}", translate=False)
        names.label(text="Total")
        amounts.label(text=f"{window_state().file_credits:,}", translate=False)
        layout.operator_context = "INVOKE_DEFAULT"
        layout.operator("tripo.file_cost", text="Save as Table…", icon="EXPORT").choose_file = True

    @reporting
    def execute(self, _context: Context) -> OperatorReturn:
        """Write the sum to ``WindowManager.tripo.file_credits``, and the table where a file is given."""
        from ...client.files.table import spreadsheet_text, write_table

        tasks = _count()
        if self.filepath:
            path = Path(bpy.path.abspath(self.filepath)).with_suffix(".csv")
            rows = [
                (one.date, one.job_id, one.task_id, one.kind, spreadsheet_text(one.name), one.credits) for one in tasks
            ]
            try:
                write_table(path, ("time", "job", "task", "kind", "name", "credits"), rows)
            except OSError as error:
                raise TripoError(NOT_SAVED, reason=error.strerror) from error
        words = N_("{credits} credits for {count} models")
        self.report({"INFO"}, tell(words, credits=window_state().file_credits, count=len(tasks)))
        return {"FINISHED"}


def _count() -> "list[PaidTask]":
    """Return what is in the file, and show its sum."""
    from ...session.file_cost import tasks_in_file

    tasks = tasks_in_file()
    window_state().file_credits = min(sum(task.credits for task in tasks), 2**31 - 1)
    return tasks


register, unregister = bpy.utils.register_classes_factory((TRIPO_OT_file_cost,))
