# SPDX-License-Identifier: GPL-3.0-or-later
"""Ask for the account's credits."""

from __future__ import annotations

import time

import bpy
from bpy.types import Context

from ...client.jobs.spending_limits import credit_text
from ...client.notices import N_
from ...properties.account import get_account
from ...properties.window import window_state
from ...session import current, timer
from ...session.operator_return import OperatorReturn
from ...translations.translate import tell
from ..base import NeedsService, check_online, reporting

_STEP_SECONDS = 0.1


class TRIPO_OT_check_balance(NeedsService):
    """Ask 3D AI Studio how many credits are left"""

    bl_idname = "tripo.check_balance"
    bl_label = "Check Balance"
    bl_options = set()

    @reporting
    def execute(self, context: Context) -> OperatorReturn:
        """Ask; without a window also wait for the answer."""
        check_online()
        account = get_account(context)
        session = current.session()
        session.ask_balance(account)
        if not bpy.app.background:
            timer.start()
            return {"FINISHED"}
        while session.awaits_balance and not session.problem:
            time.sleep(_STEP_SECONDS)
            session.tick(deliver=False)
        state = window_state()
        problem = state.balance_problem or session.problem
        if problem:
            self.report({"ERROR"}, tell(problem))
            return {"CANCELLED"}
        self.report({"INFO"}, tell(N_("Balance: {balance} credits"), balance=credit_text(state.balance)))
        return {"FINISHED"}


register, unregister = bpy.utils.register_classes_factory((TRIPO_OT_check_balance,))
