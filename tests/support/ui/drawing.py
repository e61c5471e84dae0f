"""Watches every draw and poll of the extension: how long it takes, and whether it reaches for a file or the network.

Runs in Blender. Blender passes a method as many arguments as its code counts, so each wrapper has the exact signature.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any

import bpy

from .reference_panel import TRIPOTEST_PT_reference

REFERENCE = TRIPOTEST_PT_reference.__name__
MODULE = "bl_ext.user_default.tripo_generator"
_REACHES = ("open", "os.", "socket.", "subprocess.", "urllib.", "sqlite3.", "shutil.", "glob.", "import", "pathlib.")
_UNAUDITED = ("stat", "lstat", "access")
"""Functions of ``os`` that raise no audit event."""


class Watch:
    """Notes what happens while one of the extension's functions runs; audit hooks cannot be taken back, but rest."""

    def __init__(self) -> None:
        self.touched: set[str] = set()
        self.taken_ms: dict[str, list[float]] = {}
        self.again_ms: dict[str, list[float]] = {}
        self.times_again = 0
        """How often each draw is done again at once, to be timed by itself: what it then takes depends on what it does
        and not on what the rest of Blender and of the machine have left in the processor's caches."""
        self.opens = True
        """Whether sub-panels are opened; Blender keeps them open."""
        self.opened: set[str] = set()
        self.drawn: set[str] = set()
        self._running: list[str] = []
        sys.addaudithook(self._hear)
        for name in _UNAUDITED:
            setattr(os, name, self._noted(getattr(os, name), f"os.{name}"))

    @contextmanager
    def during(self, name: str) -> Generator[None]:
        """Note what is touched under that name, and the processor time: other processes take none of that."""
        self._running.append(name)
        began = time.thread_time()
        try:
            yield
        finally:
            self.taken_ms.setdefault(name, []).append((time.thread_time() - began) * 1000)
            self._running.pop()

    def call(self, name: str, function: Callable[[], Any]) -> Any:
        """Call under that name and return the answer; call it again when that is asked for."""
        is_part = bool(self._running)
        self.drawn.add(name)
        with self.during(name):
            answer = function()
        if self.times_again and not is_part:
            began = time.thread_time()
            for _ in range(self.times_again):
                function()
            taken = (time.thread_time() - began) * 1000 / self.times_again
            self.again_ms.setdefault(name, []).append(taken)
        return answer

    def clear(self) -> None:
        """Forget the times."""
        self.taken_ms.clear()
        self.again_ms.clear()

    def sum_ms(self, taken_ms: dict[str, list[float]]) -> float:
        """Milliseconds of one drawing of everything, with the polls; ``taken_ms`` is one of this watch's."""
        return sum(statistics.mean(taken) for name, taken in taken_ms.items() if not name.startswith(REFERENCE))

    def reference_ms(self, taken_ms: dict[str, list[float]]) -> float:
        """Milliseconds of the panel to measure against."""
        return statistics.mean(taken_ms[f"{REFERENCE}.draw"])

    def _hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        if self._running and event.startswith(_REACHES):
            self.touched.add(f"{self._running[-1]}: {event} {arguments[:1]}")

    def _noted(self, function: Callable[..., Any], name: str) -> Callable[..., Any]:
        def noted(*arguments: Any, **named: Any) -> Any:
            if self._running:
                self.touched.add(f"{self._running[-1]}: {name} {arguments[:1]}")
            return function(*arguments, **named)

        return noted


def classes() -> list[Any]:
    """The registered panels, menus, lists and operators of the extension."""
    names = [name for name in dir(bpy.types) if "tripo" in name.lower()]
    return [one for one in (getattr(bpy.types, name) for name in names) if one.__module__.startswith(MODULE)]


class _OpenLayout:
    """A panel's layout in which every sub-panel is open."""

    def __init__(self, layout: Any, opened: set[str]) -> None:
        self.__dict__["_layout"] = layout
        self.__dict__["_opened"] = opened

    def panel(self, idname: str, default_closed: bool = False) -> Any:
        self._opened.add(idname)
        return self._layout.panel(idname, default_closed=False)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._layout, name)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self._layout, name, value)


class _OpenPanel:
    """Stands for a panel in its own draw function."""

    def __init__(self, panel: Any, opened: set[str]) -> None:
        self._panel = panel
        self.layout = _OpenLayout(panel.layout, opened)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._panel, name)


def watch_window(watch: Watch) -> None:
    """From now on, watch the draws and polls that Blender calls, all sub-panels open, and one to measure against."""
    bpy.utils.register_class(TRIPOTEST_PT_reference)
    for one in (*classes(), TRIPOTEST_PT_reference):
        if issubclass(one, bpy.types.Panel):
            if "DEFAULT_CLOSED" in getattr(one, "bl_options", ()):
                bpy.utils.unregister_class(one)
                one.bl_options = set(one.bl_options) - {"DEFAULT_CLOSED"}
                bpy.utils.register_class(one)
            one.draw = _draw(watch, one.draw, f"{one.__name__}.draw")
        elif issubclass(one, bpy.types.Menu):
            one.draw = _plain_draw(watch, one.draw, f"{one.__name__}.draw")
        if "poll" in dir(one):
            watched: Any = classmethod(_poll(watch, one.poll.__func__, f"{one.__name__}.poll"))
            setattr(one, "poll", watched)  # noqa: B010 - the type says it is no class method


def _draw(watch: Watch, function: Callable[..., Any], name: str) -> Any:
    def draw(self: Any, context: Any) -> None:
        panel = _OpenPanel(self, watch.opened) if watch.opens else self
        watch.call(name, lambda: function(panel, context))

    return draw


def _plain_draw(watch: Watch, function: Callable[..., Any], name: str) -> Any:
    def draw(self: Any, context: Any) -> None:
        watch.call(name, lambda: function(self, context))

    return draw


def _poll(watch: Watch, function: Callable[..., Any], name: str) -> Any:
    def poll(cls: Any, context: Any) -> bool:
        return watch.call(name, lambda: function(cls, context))

    return poll
