# SPDX-License-Identifier: GPL-3.0-or-later
"""Draw the Generate button with its price, the balance, and what both are made of."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import TYPE_CHECKING

from bpy.types import Context, UILayout

from ..client.jobs.spending_limits import credit_text
from ..client.notices import N_, Notice, text
from ..properties import sandbox_mode
from ..properties.preferences import BUY_PAGE
from ..properties.scene import settings_of
from ..properties.window import window_state
from ..translations.translate import tell
from ..widgets.wrapped_text import draw_wrapped, is_narrow
from .base import bad_image, obstacle, price_of, shown_price, sketch, total_of
from .credits import age_notice, is_less, left_after
from .welcome import is_welcome

if TYPE_CHECKING:
    from ..properties.window import TripoWindowState

_COUNT_UNITS = 3.6
"""Width of the field that says how many, in units of the interface."""


def draw_press(layout: UILayout, context: Context) -> None:
    """Draw how many, the button with its price, and below it why it cannot be pressed or what is left afterwards."""
    request = sketch(context)
    settings = settings_of(context.scene)
    total = total_of(settings, price_of(request))
    reason = obstacle(context, request)
    short = is_short(context, total)
    row = layout.row(align=True)
    row.scale_y = 1.6
    count = row.row(align=True)
    count.ui_units_x = _COUNT_UNITS
    count.prop(settings, "variations", text="" if is_narrow(context) else "×")
    press = row.row(align=True)
    press.enabled = not reason
    press.alert = short
    button = press.operator(f"tripo.{request.kind.value}", text=button_text(total, is_narrow(context)), translate=False)
    button.use_scene_settings = True
    if reason and reason != bad_image(context, request):
        draw_wrapped(layout, context, reason, icon="INFO", dim=True)
    elif not reason and not sandbox_mode.current().is_on:
        _draw_what_is_left(layout, context, total, short=short)


def button_text(total: int, narrow: bool = False) -> str:
    """Return what the button says: the price of the press, or that there is none; less where it is ``narrow``."""
    if sandbox_mode.current().is_on:
        return tell(N_("Generate · Free"))
    words = N_("Generate · {credits}") if narrow else N_("Generate · {credits} Credits")
    return tell(words, credits=credit_text(total))


def is_short(context: Context, total: int) -> bool:
    """Whether the last known balance does not cover what the press costs."""
    return not sandbox_mode.current().is_on and is_less(window_state().balance, total)


def _draw_what_is_left(layout: UILayout, context: Context, total: int, *, short: bool) -> None:
    state = window_state()
    if short:
        warning = layout.column()
        warning.alert = True
        draw_wrapped(warning, context, short_text(state.balance, total), icon="ERROR")
        layout.operator("wm.url_open", text="Buy Credits", icon="URL").url = BUY_PAGE
    elif left := left_after(state.balance, total):
        row = layout.row()
        row.alignment = "RIGHT"
        row.active = False
        row.label(text=tell(N_("{credits} left afterwards"), credits=credit_text(left)), translate=False)
    if state.balance_problem and not state.shows_key_check:  # else the head of the tab says it
        draw_wrapped(layout, context, state.balance_problem, icon="ERROR")


def short_text(balance: str, total: int) -> Notice:
    """Return the sentence about a balance that does not suffice."""
    words = N_("This costs {price} credits, {left} are left: buy some or choose cheaper options")
    return text(words, price=credit_text(total), left=credit_text(balance))


def draw_balance(layout: UILayout, context: Context) -> None:
    """Draw the balance in a header, with the button that asks for it."""
    if is_welcome(context) or sandbox_mode.current().is_on:
        return
    state = window_state()
    if state.balance and not is_narrow(context):
        layout.label(text=tell(N_("{credits} credits"), credits=credit_text(state.balance)), translate=False)
    layout.operator("tripo.check_balance", text="", icon="FILE_REFRESH", emboss=False)


def draw_price(layout: UILayout, context: Context) -> None:
    """Draw what the price is made of, the balance and what was spent."""
    settings, price = settings_of(context.scene), shown_price(context)
    each, total = price.total, total_of(settings, price)
    if sandbox_mode.current().is_on:
        layout.label(text="Regular Price")
    lines = [(line.label, line.credits) for line in price.lines]
    _draw_amounts(layout, (*lines, *(((N_("Each"), each),) if total != each else ()), (N_("Total"), total)))
    if sandbox_mode.current().is_on:
        return
    state = window_state()
    layout.label(text=balance_text(state, time.time()), translate=False)
    _draw_amounts(layout, ((N_("Spent Today"), state.spent_today), (N_("Spent This Month"), state.spent_this_month)))
    layout.operator("tripo.export_ledger", text="Export Spending…", icon="EXPORT")


def _draw_amounts(layout: UILayout, lines: Iterable[tuple[str, int]]) -> None:
    """Draw labels and, at the right, their credits."""
    split = layout.split(factor=0.75)
    labels, amounts = split.column(align=True), split.column(align=True)
    amounts.alignment = "RIGHT"
    for label, credits in lines:
        labels.label(text=label)
        amounts.label(text=credit_text(credits), translate=False)


def balance_text(state: TripoWindowState, now: float) -> str:
    """Return the balance and its age in words; ``now`` in seconds since 1970."""
    if state.balance_pending:
        return tell(N_("Asking for the balance…"))
    if not state.balance:
        return tell(N_("Balance unknown"))
    age = age_notice(now - state.balance_at)
    return tell(N_("{credits} credits left, {age}"), credits=credit_text(state.balance), age=age)
