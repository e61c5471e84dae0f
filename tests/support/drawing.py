"""Watches every draw and poll of the extension: how long it takes, and whether it reaches for a file or the network.

Runs in Blender. Blender passes a method as many arguments as its code counts, so each wrapper has the exact signature.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import bpy

MODULE = "bl_ext.user_default.tripo_generator"
_REACHES = ("open", "os.", "socket.", "subprocess.", "urllib.", "sqlite3.", "shutil.", "glob.", "import", "pathlib.")
_UNAUDITED = ("stat", "lstat", "access")
"""Functions of ``os`` that raise no audit event."""


class Watch:
    """Notes what happens while one of the extension's functions runs; audit hooks cannot be taken back, but rest."""

    def __init__(self) -> None:
        self.touched: set[str] = set()
        self.taken_ms: dict[str, list[float]] = {}
        self._running: list[str] = []
        sys.addaudithook(self._hear)
        for name in _UNAUDITED:
            setattr(os, name, self._noted(getattr(os, name), f"os.{name}"))

    @contextmanager
    def during(self, name: str) -> Iterator[None]:
        """Note what is touched under that name, and the processor time: other processes take none of that."""
        self._running.append(name)
        began = time.thread_time()
        try:
            yield
        finally:
            self.taken_ms.setdefault(name, []).append((time.thread_time() - began) * 1000)
            self._running.pop()

    def least(self) -> dict[str, float]:
        """Milliseconds that each function took when it was disturbed least: a busy machine only adds to them."""
        return {name: round(min(taken), 3) for name, taken in self.taken_ms.items()}

    def sum_ms(self) -> float:
        """Milliseconds of one drawing of everything; an operator's poll is part of the draw that asks for it."""
        return round(sum(taken for name, taken in self.least().items() if "_OT_" not in name), 3)

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

    def __init__(self, layout: Any) -> None:
        self.__dict__["_layout"] = layout

    def panel(self, idname: str, default_closed: bool = False) -> Any:
        return self._layout.panel(idname, default_closed=False)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._layout, name)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self._layout, name, value)


class _OpenPanel:
    """Stands for a panel in its own draw function."""

    def __init__(self, panel: Any) -> None:
        self._panel = panel
        self.layout = _OpenLayout(panel.layout)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._panel, name)


def watch_window(watch: Watch) -> None:
    """From now on, watch the draws and polls that Blender calls, all sub-panels open."""
    for one in classes():
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
        with watch.during(name):
            function(_OpenPanel(self), context)

    return draw


def _plain_draw(watch: Watch, function: Callable[..., Any], name: str) -> Any:
    def draw(self: Any, context: Any) -> None:
        with watch.during(name):
            function(self, context)

    return draw


def _poll(watch: Watch, function: Callable[..., Any], name: str) -> Any:
    def poll(cls: Any, context: Any) -> bool:
        with watch.during(name):
            return function(cls, context)

    return poll
