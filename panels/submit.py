"""The foot of the generator: what it costs, the button, and what is left."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import bpy
from bpy.types import Context, Panel, UILayout

from .base import TripoPanel, obstacle, sketch
from .wrapping import draw_wrapped

if TYPE_CHECKING:
    from ..client.pricing import Price


class TRIPO_PT_submit(TripoPanel, Panel):
    """Price and button."""

    bl_label = "Price"
    bl_parent_id = "TRIPO_PT_generate"
    bl_options = {"HIDE_HEADER"}

    def draw(self, context: Context) -> None:
        """Draw the price, the button with the reason when it is greyed out, and the balance."""
        layout = self.layout
        request = sketch(context)
        price = request.price
        reason = obstacle(context, request)
        _draw_breakdown(layout, context, price)
        column = layout.column()
        column.scale_y = 1.6
        column.enabled = not reason
        button = column.operator(f"tripo.{request.kind.value}", text=f"Generate · {price.total} Credits")
        button.use_scene_settings = True
        if reason:
            draw_wrapped(layout, context, reason, icon="INFO", dim=True)
        _draw_balance(layout, context, price)


def _draw_breakdown(layout: UILayout, context: Context, price: Price) -> None:
    header, body = layout.panel("tripo_price", default_closed=True)
    header.label(text="Price")
    if body is None:
        return
    column = body.column(align=True)
    for line in price.lines:
        row = column.split(factor=0.75)
        row.label(text=line.label)
        amount = row.row()
        amount.alignment = "RIGHT"
        amount.label(text=str(line.credits))
    foot = body.split(factor=0.75)
    foot.label(text="Spent Today")
    amount = foot.row()
    amount.alignment = "RIGHT"
    amount.label(text=str(context.window_manager.tripo.spent_today))
    body.operator("tripo.export_ledger", text="Export Spending…", icon="EXPORT")


def _draw_balance(layout: UILayout, context: Context, price: Price) -> None:
    state = context.window_manager.tripo
    row = layout.row()
    short = _is_less(state.balance, price.total)
    row.label(text=balance_text(state, time.time()), icon="ERROR" if short else "NONE")
    row.operator("tripo.check_balance", text="", icon="FILE_REFRESH", emboss=False)
    if state.balance_problem:
        draw_wrapped(layout, context, state.balance_problem, icon="ERROR")


def balance_text(state: Any, now: float) -> str:
    """Return the balance and its age in words; ``now`` in seconds since 1970."""
    if state.balance_pending:
        return "Asking for the balance…"
    if not state.balance:
        return "Balance unknown"
    return f"{state.balance} Credits left, {_age(now - state.balance_at)}"


def _age(seconds: float) -> str:
    for limit, unit, name in (
        (90, 1, ""),
        (5400, 60, "min"),
        (129_600, 3600, "h"),
        (float("inf"), 86_400, "d"),
    ):
        if seconds < limit:
            return f"{round(seconds / unit)} {name} ago" if name else "just now"
    return ""


def _is_less(balance: str, price: int) -> bool:
    try:
        return bool(balance) and float(balance) < price
    except ValueError:
        return False


_register, _unregister = bpy.utils.register_classes_factory((TRIPO_PT_submit,))


def register() -> None:
    """Register the panel."""
    _register()


def unregister() -> None:
    """Unregister the panel."""
    _unregister()
