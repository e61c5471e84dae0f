# SPDX-License-Identifier: GPL-3.0-or-later
"""Check and confirm spending, and export the ledger."""

from pathlib import Path
from typing import TYPE_CHECKING

import bpy
from bpy.props import StringProperty
from bpy.types import Context, Event, Operator

from ...client.errors import TripoError
from ...client.jobs.spending_limits import credit_text
from ...client.notices import N_, Notice, text
from ...properties.preferences import get_limits
from ...session import current
from ...session.operator_return import OperatorReturn
from ...translations.translate import tell
from ..base import reporting

if TYPE_CHECKING:
    from ...client.jobs.spending_limits import SpendingCheck
    from ...client.schema.pricing import Price
    from ...session.session import Session


NOT_SAVED = N_("The table cannot be saved there ({reason}): choose another folder")


def check_press(context: Context, session: "Session", account_id: str, price: int, unsent: int = 0) -> "SpendingCheck":
    """Return what stands in the way of spending ``price`` credits now; the press itself checks again and has the last
    word.

    ``unsent`` is what the steps before this one cost that were pressed and are not sent yet.
    """
    from ...client.store import press

    with session.patient():
        return press.check_press(session.database, account_id, price, get_limits(context), unsent)


def check_step(
    context: Context, session: "Session", account_id: str, price: "Price", unsent: "Price | None"
) -> "SpendingCheck":
    """Return the same of a step that follows others: its questions are about the whole chain."""
    if unsent is None:
        return check_press(context, session, account_id, price.total)
    checked = check_press(context, session, account_id, price.total, unsent.total)
    if not checked.questions:
        return checked
    words = N_("This step costs {price} credits and those before it, which are not sent yet, {before}")
    return checked._replace(questions=(text(words, price=price.text, before=unsent.text), *checked.questions))


def confirm(
    operator: Operator,
    context: Context,
    event: Event,
    price: int | str,
    questions: "tuple[Notice, ...]",
    confirm_text: str = "Generate",
) -> OperatorReturn:
    """Put the questions before a person; the operator executes when they say yes."""
    return context.window_manager.invoke_confirm(
        operator,
        event,
        title=tell(N_("Spend {price} Credits?"), price=credit_text(price)),
        message=". ".join(tell(question) for question in questions) + ".",
        confirm_text=confirm_text,
    )


class TRIPO_OT_export_ledger(Operator):
    """Save what was spent and given back as a table (CSV)"""

    bl_idname = "tripo.export_ledger"
    bl_label = "Export Spending"
    bl_options = set()

    filepath: StringProperty(name="File", description="Where the table is saved", subtype="FILE_PATH")
    check_existing: bpy.props.BoolProperty(default=True, options={"HIDDEN"})
    filter_glob: StringProperty(default="*.csv", options={"HIDDEN"})
    if TYPE_CHECKING:  # made by tools/property_types.py
        filepath: str
        check_existing: bool
        filter_glob: str

    def invoke(self, context: Context, _event: Event) -> OperatorReturn:
        """Ask for the file."""
        if not self.filepath:
            self.filepath = "tripo-spending.csv"
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    @reporting
    def execute(self, _context: Context) -> OperatorReturn:
        """Write the table."""
        from ...client.store.ledger import Ledger, write_csv

        path = Path(bpy.path.abspath(self.filepath)).with_suffix(".csv")
        session = current.session()
        with session.patient():
            entries = Ledger(session.database).entries()
        try:
            write_csv(path, entries)
        except OSError as error:
            raise TripoError(NOT_SAVED, reason=error.strerror) from error
        self.report({"INFO"}, tell(N_("{count} lines saved to {file}"), count=len(entries), file=path.name))
        return {"FINISHED"}


register, unregister = bpy.utils.register_classes_factory((TRIPO_OT_export_ledger,))
