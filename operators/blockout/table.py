# SPDX-License-Identifier: GPL-3.0-or-later
"""Fill and draw the table of a set, and note what was chosen in it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from bpy.types import Context, Scene, UILayout

from ...client.agent.polling.forecast import forecast
from ...client.errors import TripoError
from ...client.jobs.blockout import Step, Wish, minutes
from ...client.jobs.credit_amounts import read_credits
from ...client.jobs.spending_limits import affordable, check, credit_text
from ...client.notices import N_, Notice, text
from ...client.schema import TEXT
from ...properties import sandbox_mode
from ...properties.preferences import get_limits, get_preferences
from ...properties.scene import settings_of
from ...properties.window import window_state
from ...translations.translate import tell
from .plan import KINDS, named, note, placeholders_in, plan
from .press import request_for

if TYPE_CHECKING:
    from ...client.account import Account
    from ...session.session import Session
    from .for_selected import TRIPO_OT_generate_for_selected, TripoPlaceholderRow

NOTHING = N_("Select the placeholders that models should replace")
_STATES = {
    Step.WAIT: N_("Under way"),
    Step.IMPORT: N_("Paid: free"),
    Step.DONE: N_("In the scene"),
    Step.UNCLEAR: N_("May be charged"),
}
_LONGEST_LIST = 12


def fill(operator: TRIPO_OT_generate_for_selected, context: Context, session: Session, account: Account) -> None:
    """Fill the table with what is selected, or was asked for before; raises TripoError."""
    objects = placeholders_in(context)
    if not objects:
        raise TripoError(NOTHING)
    operator.rows.clear()
    for row in plan(context, session, account, objects):
        line = operator.rows.add()
        line.name, line.objects = row.name, "\n".join(one.name for one in row.objects)
        line.copies = len(row.objects)
        line.prompt = line.sent_prompt = row.wish.prompt
        line.kind = line.sent_kind = row.wish.kind.name
        line.step = row.step
    with session.patient() as jobs:
        history = [seconds for kind in KINDS.values() for _, seconds in jobs.durations(kind.value, 8)]
    operator.seconds = forecast(0.0, history=tuple(history)).expected_finish


def note_table(rows: Iterable[TripoPlaceholderRow], scene: Scene) -> list[str]:
    """Note on all placeholders what the table says, and return the names of those that are to have a model; raises
    InvalidRequest when one is gone."""
    wanted: list[str] = []
    for row in rows:
        names = row.objects.split("\n")
        if row.use:
            wanted += names
        if step_now(row) is Step.SEND:
            note(named(names, scene), wish_in(row))
    return wanted


def wish_in(row: TripoPlaceholderRow) -> Wish:
    """Return what a line asks for."""
    return Wish(KINDS[row.kind], row.prompt.strip())


def step_now(row: TripoPlaceholderRow) -> Step:
    """Return what a press does for a line: what was changed is sent."""
    is_as_sent = wish_in(row).is_of(Wish(KINDS[row.sent_kind], row.sent_prompt))
    return Step(row.step) if is_as_sent else Step.SEND


def draw(layout: UILayout, context: Context, operator: TRIPO_OT_generate_for_selected) -> None:
    """Draw the table, what all its lines share, and what they cost together."""
    heads = _columns(layout.row(), with_room=True)
    for head, words in zip(heads, (N_("Placeholder"), N_("Prompt"), N_("From"), N_("Credits")), strict=True):
        head.label(text=words)
    shown = min(max(len(operator.rows), 3), _LONGEST_LIST)
    layout.template_list("TRIPO_UL_placeholders", "", operator, "rows", operator, "active", rows=shown)
    settings = settings_of(context.scene)
    layout.use_property_split = True
    layout.use_property_decorate = False
    layout.prop(settings, "style")
    layout.prop(settings, "model_version")
    layout.row().prop(settings, "texture_choice", expand=True)
    rows = [row for row in operator.rows if row.use and step_now(row) is Step.SEND]
    blank = [row for row in rows if _is_blank(row)]
    _draw_sum(layout, context, [_price(row, context) for row in rows if not _is_blank(row)], operator.seconds)
    if blank:
        said = tell(N_("Not sent without a prompt: {names}"), names=", ".join(row.name for row in blank))
        layout.label(text=said, icon="ERROR", translate=False)


def draw_row(layout: UILayout, context: Context, row: TripoPlaceholderRow) -> None:
    """Draw a line: its switch, name and copies, prompt, kind, and the price or what is there already."""
    name, prompt, kind, amount = _columns(layout)
    step = step_now(row)
    switch = name.row()
    switch.enabled = step in (Step.SEND, Step.IMPORT)
    switch.prop(row, "use", text="")
    name.label(text=f"{row.name}  × {row.copies}" if row.copies > 1 else row.name, translate=False)
    if row.kind == TEXT.name:
        prompt.alert = prompt.activate_init = row.use and _is_blank(row)  # the cursor is in the first that needs words
        prompt.prop(row, "prompt", text="", placeholder="Say what it is")
    else:
        prompt.active = False
        prompt.label(text="Front, left, back and right")
    kind.prop(row, "kind", text="")
    if step is not Step.SEND:
        amount.label(text=_STATES[step])
    elif row.use:
        free = sandbox_mode.current().is_on
        amount.label(text=tell(N_("Free")) if free else credit_text(_price(row, context)), translate=False)


def _columns(layout: UILayout, *, with_room: bool = False) -> tuple[UILayout, UILayout, UILayout, UILayout]:
    """Return the columns of a line: name, prompt, kind, price; ``with_room`` for the tick before the first."""
    split = layout.split(factor=0.28)
    name = split.row(align=True)
    if with_room:
        name.separator(factor=3.0)
    rest = split.split(factor=0.58)
    prompt = rest.row()
    last = rest.split(factor=0.52)
    kind, amount = last.row(), last.row()
    amount.alignment = "RIGHT"
    return name, prompt, kind, amount


def _is_blank(row: TripoPlaceholderRow) -> bool:
    return row.kind == TEXT.name and not row.prompt.strip()


def _price(row: TripoPlaceholderRow, context: Context) -> int:
    return request_for(wish_in(row), settings_of(context.scene)).price.total


def _draw_sum(layout: UILayout, context: Context, prices: Sequence[int], seconds: float) -> None:
    """Draw what the lines cost, as far as the cap goes, how long they take, and what to consider before."""
    state, limits = window_state(), get_limits(context)
    is_free = sandbox_mode.current().is_on
    sent = list(prices) if is_free else list(prices[: affordable(prices, limits, state.spent_today)])
    total = sum(sent)
    words = N_("{count} models, free") if is_free else N_("{count} models for {credits} credits")
    notices: list[Notice] = [text(words, count=len(sent), credits=credit_text(total))]
    balance = read_credits(state.balance)
    if sent and not is_free and balance is not None and balance >= total:
        notices.append(text(N_("{credits} left afterwards"), credits=credit_text(f"{balance - total:f}")))
    if sent:
        about = minutes(len(sent), get_preferences(context).requests_per_minute, seconds)
        notices.append(text(N_("about {minutes} min"), minutes=about))
    if not prices:
        notices = [text(N_("Nothing to send: everything is under way or in the scene"))]
    layout.label(text=" · ".join(map(tell, notices)), icon="INFO", translate=False)
    warnings = list[Notice]()
    if len(sent) < len(prices):
        words = N_("Today's cap of {cap} credits allows no more: {count} placeholders wait for a later press")
        warnings.append(text(words, cap=credit_text(limits.daily_cap or 0), count=len(prices) - len(sent)))
    if not is_free:
        warnings += check(total, limits, spent_today=state.spent_today, balance=balance).questions
    for warning in warnings:
        layout.label(text=tell(warning), icon="ERROR", translate=False)
