"""What an artist does with the extension, as actions of a GUI scenario. Runs in Blender."""

from __future__ import annotations

import importlib
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import bpy

from . import buttons
from .inside import Steps, Ui

MODULE = "bl_ext.user_default.tripo_generator"


def module(name: str) -> Any:
    """A module of the extension: ``module("session.current")``."""
    return importlib.import_module(f"{MODULE}.{name}")


def preferences() -> Any:
    """The extension's preferences."""
    return bpy.context.preferences.addons[MODULE].preferences


def jobs() -> list[Any]:
    """The rows of the job list, newest first as the list shows them or not: look at ``created_at``."""
    return list(bpy.context.window_manager.tripo.jobs)


def statuses() -> list[str]:
    """The states of all jobs in the list."""
    return [job.status for job in jobs()]


def collections() -> list[bpy.types.Collection]:
    """The delivered models of this file."""
    return [collection for collection in bpy.data.collections if "tripo_job_id" in collection]


def hurry() -> None:
    """Let the sandbox's generous limit be used: the extension keeps to 3 requests a minute unless told."""
    preferences().requests_per_minute = 120


def type_prompt(ui: Ui, sidebar: Any, text: str) -> Steps:
    """Action: click into the prompt, type, confirm."""
    yield from buttons.click(ui, sidebar, "tripo.prompt")
    yield from ui.press("A", ctrl=True)
    yield from ui.type_text(text)
    yield from ui.press("RET")
    yield from ui.wait_until(lambda: bpy.context.scene.tripo.prompt == text, 5, "the prompt is in the scene")


def click_generate(ui: Ui, sidebar: Any) -> Steps:
    """Action: click the button; where it is."""
    return (yield from buttons.click(ui, sidebar, "use_scene_settings=True"))


def press_generate(ui: Ui, sidebar: Any) -> Steps:
    """Action: click the button; ends when the job is in the list."""
    before = len(jobs())
    yield from click_generate(ui, sidebar)
    yield from ui.wait_until(lambda: len(jobs()) > before, 10, "the press made a job")


def pull_sidebar(ui: Ui, sidebar: Any, by: int) -> Steps:
    """Action: drag the sidebar's border ``by`` pixels to the right, which makes it narrower."""
    # An overlapping region is drawn, and held, that much inside, and only where there is a panel.
    x, y = sidebar.x + 8, sidebar.y + sidebar.height - 50
    before = sidebar.width
    yield from ui.move(x - 30, y, pause=0.2)
    yield from ui.move(x, y, pause=0.3)
    ui.window.event_simulate(type="LEFTMOUSE", value="PRESS", x=x, y=y)
    yield 0.3
    for step in range(1, 6):
        yield from ui.move(x + by * step // 5, y)
    ui.window.event_simulate(type="LEFTMOUSE", value="RELEASE", x=x + by, y=y)
    yield from ui.wait_until(lambda: abs(before - by - sidebar.width) < 15, 5, "the sidebar has the new width")


def orbit(ui: Ui, turns: int = 8) -> Steps:
    """Action: drag with the middle mouse button over the 3D view."""
    yield from drag(ui, *ui.middle(), button="MIDDLEMOUSE", steps=turns)


def drag(ui: Ui, x: int, y: int, *, button: str = "LEFTMOUSE", steps: int = 8, hide_good_answer: bool = True) -> Steps:
    """Action: press, move there and half the way back, and let go unless told not to."""
    window: Any = ui.window
    window.event_simulate(type="MOUSEMOVE", value="NOTHING", x=x, y=y)
    yield 0.02
    window.event_simulate(type=button, value="PRESS", x=x, y=y)
    for step in range(steps):
        x += 6 if step < steps // 2 else -4
        window.event_simulate(type="MOUSEMOVE", value="NOTHING", x=x, y=y)
        yield 0.03
    if hide_good_answer:
        window.event_simulate(type=button, value="RELEASE", x=x, y=y)
    yield 0.02


def undo(ui: Ui, *, redo: bool = False) -> Steps:
    """Action: Ctrl+Z over the 3D view, or Ctrl+Shift+Z; wait for what it should do."""
    yield from ui.move(*ui.middle())
    yield from ui.press("Z", ctrl=True, shift=redo)


def ask(ui: Ui, prompt: str) -> None:
    """Ask for a model as a script in the window would."""
    operators: Any = bpy.ops
    with ui.override():
        operators.tripo.text_to_3d("EXEC_DEFAULT", prompt=prompt)


class MainThread:
    """Times every callback of the extension; those in which a model was delivered are kept apart.

    In processor time, which another process on a busy machine does not lengthen; the longest is also told by the clock.
    That nothing waits for a file or the network is proved elsewhere.
    """

    def __init__(self) -> None:
        self.taken_ms: dict[str, list[float]] = {}
        self.delivery_ms: list[float] = []
        self.longest_by_clock_ms = 0.0
        self._delivered = False
        self._watch()

    def _watch(self) -> None:
        delivery = module("session.delivery")
        deliver = delivery.deliver

        def noted(*arguments: Any, **keywords: Any) -> Any:
            self._delivered = True
            return deliver(*arguments, **keywords)

        delivery.deliver = noted
        follow = module("session.timer")
        operator = follow.TRIPO_OT_follow_jobs
        modal, invoke, pulse = operator.modal, operator.invoke, follow._pulse
        # Blender counts a method's arguments and passes no more: each needs its exact signature.
        operator.modal = lambda op, context, event: self.time("modal", lambda: modal(op, context, event))
        operator.invoke = lambda op, context, event: self.time("invoke", lambda: invoke(op, context, event))
        follow._pulse = lambda: self.time("pulse", pulse)
        for panel in bpy.types.Panel.__subclasses__():
            if panel.__module__.startswith(MODULE) and "draw" in vars(panel):
                panel.draw = self._timed_draw(panel.draw, f"{panel.__name__}.draw")

    def _timed_draw(self, draw: Callable[..., Any], name: str) -> Callable[..., Any]:
        return lambda panel, context: self.time(name, lambda: draw(panel, context))

    def time(self, name: str, call: Callable[[], Any]) -> Any:
        """Call and take the time."""
        began, began_by_clock = time.thread_time(), time.perf_counter()
        self._delivered = False
        try:
            return call()
        finally:
            by_clock = (time.perf_counter() - began_by_clock) * 1000
            if self._delivered:
                self.delivery_ms.append(by_clock)
            else:
                self.taken_ms.setdefault(name, []).append((time.thread_time() - began) * 1000)
                self.longest_by_clock_ms = max(self.longest_by_clock_ms, by_clock)

    def report(self) -> dict[str, Any]:
        """Calls, the longest in milliseconds and whose it was, medians, and how long each delivery took."""
        longest, name = max(((max(taken), name) for name, taken in self.taken_ms.items()), default=(0.0, ""))
        return {
            "calls": sum(map(len, self.taken_ms.values())),
            "longest_ms": round(longest, 2),
            "longest_in": name,
            "longest_by_clock_ms": round(self.longest_by_clock_ms, 2),
            "median_ms": {name: round(statistics.median(taken), 3) for name, taken in self.taken_ms.items()},
            "delivery_ms": [round(value, 1) for value in self.delivery_ms],
        }


def save_as(path: Path) -> None:
    """Save the open file."""
    bpy.ops.wm.save_as_mainfile(filepath=str(path), check_existing=False)
