# SPDX-License-Identifier: GPL-3.0-or-later
"""Draw the price, the Generate button, and the balance."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import TYPE_CHECKING

from bpy.types import Context, UILayout

from ..client.jobs.spending import credit_text
from ..client.notices import N_, Notice, text
from ..properties import sandbox_mode
from ..properties.preferences import BUY_PAGE
from ..properties.scene import settings_of
from ..properties.window import window_state
from ..translations.interface import tell
from ..widgets.wrapped_text import draw_wrapped
from .base import obstacle, price_of, sketch, total_of
from .credits import age_notice, is_less

if TYPE_CHECKING:
    from ..client.schema.pricing import Price
    from ..properties.window import TripoWindowState


def draw(layout: UILayout, context: Context) -> None:
    """Draw the price, the button with the reason when it is greyed out, and the balance."""
    request = sketch(context)
    settings, price = settings_of(context.scene), price_of(request)
    count, total = settings.variations, total_of(settings, price)
    reason = obstacle(context, request)
    _draw_breakdown(layout, context, price, total)
    column = layout.column()
    column.scale_y = 1.6
    column.enabled = not reason
    column.alert = short = is_short(context, total)
    button = column.operator(f"tripo.{request.kind.value}", text=button_text(total, count), translate=False)
    button.use_scene_settings = True
    if reason:
        draw_wrapped(layout, context, reason, icon="INFO", dim=True)
    _draw_balance(layout, context, total, short=short)


def button_text(total: int, count: int = 1) -> str:
    """Return what the button says: how many models if not one, and the price or that there is none."""
    if sandbox_mode.current().is_on:
        return tell(N_("Generate · Sandbox") if count == 1 else N_("Generate {count} · Sandbox"), count=count)
    words = N_("Generate {count} · {credits} Credits") if count > 1 else N_("Generate · {credits} Credits")
    return tell(words, count=count, credits=credit_text(total))


def is_short(context: Context, total: int) -> bool:
    """Whether the last known balance does not cover what the press costs."""
    return not sandbox_mode.current().is_on and is_less(window_state().balance, total)


def _draw_breakdown(layout: UILayout, context: Context, price: Price, total: int) -> None:
    header, body = layout.panel("tripo_price", default_closed=True)
    pretended = sandbox_mode.current().is_on
    header.label(text="Price outside the Sandbox" if pretended else "Price")
    if body is None:
        return
    each = price.total
    lines = [(line.label, line.credits) for line in price.lines]
    _draw_amounts(body, (*lines, *((("Each", each),) if total != each else ()), ("Total", total)))
    if pretended:
        return
    state = window_state()
    _draw_amounts(body, ((N_("Spent Today"), state.spent_today), (N_("Spent This Month"), state.spent_this_month)))
    body.operator("tripo.export_ledger", text="Export Spending…", icon="EXPORT")


def _draw_amounts(layout: UILayout, lines: Iterable[tuple[str, int]]) -> None:
    """Draw labels and, at the right, their credits."""
    split = layout.split(factor=0.75)
    labels, amounts = split.column(align=True), split.column(align=True)
    amounts.alignment = "RIGHT"
    for label, credits in lines:
        labels.label(text=label)
        amounts.label(text=credit_text(credits), translate=False)


def _draw_balance(layout: UILayout, context: Context, total: int, *, short: bool) -> None:
    if sandbox_mode.current().is_on:
        layout.label(text="Sandbox · no credits", icon="EXPERIMENTAL")
        return
    state = window_state()
    row = layout.row()
    row.label(text=balance_text(state, time.time()), translate=False)
    row.operator("tripo.check_balance", text="", icon="FILE_REFRESH", emboss=False)
    if short:
        warning = layout.column()
        warning.alert = True
        draw_wrapped(warning, context, short_text(state.balance, total), icon="ERROR")
        layout.operator("wm.url_open", text="Buy Credits", icon="URL").url = BUY_PAGE
    if state.balance_problem and not state.shows_key_check:  # else the head of the tab says it
        draw_wrapped(layout, context, state.balance_problem, icon="ERROR")


def short_text(balance: str, total: int) -> Notice:
    """Return the sentence about a balance that does not suffice."""
    words = N_("This costs {price} credits, {left} are left: buy some or choose cheaper options")
    return text(words, price=credit_text(total), left=credit_text(balance))


def balance_text(state: TripoWindowState, now: float) -> str:
    """Return the balance and its age in words; ``now`` in seconds since 1970."""
    if state.balance_pending:
        return tell(N_("Asking for the balance…"))
    if not state.balance:
        return tell(N_("Balance unknown"))
    age = age_notice(now - state.balance_at)
    return tell(N_("{credits} Credits left, {age}"), credits=credit_text(state.balance), age=age)
