"""How long Blender's main thread was busy. Runs in Blender."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import bpy


class Heartbeat:
    """A timer that wants to beat every 5 ms; a long gap is a main thread that was busy, whoever kept it so.

    Blender's idle loop sleeps up to 5 ms and draws between beats, and software OpenGL draws slowly: compare a
    gap with one of the same window without the work in question, and see `Profile` for who took the time.
    """

    INTERVAL = 0.005

    def __init__(self) -> None:
        self._gaps: list[float] = []
        self._last: float | None = None

    def start(self) -> None:
        """Begin anew."""
        self._gaps, self._last = [], None
        if not bpy.app.timers.is_registered(self._beat):
            bpy.app.timers.register(self._beat, first_interval=self.INTERVAL, persistent=True)

    def stop(self) -> dict[str, float]:
        """End; `beats`, and in milliseconds the `longest_ms` gap, the `median_ms` one and the 99th
        percentile."""
        if bpy.app.timers.is_registered(self._beat):
            bpy.app.timers.unregister(self._beat)
        if self._last is not None:
            self._gaps.append(time.perf_counter() - self._last)
        gaps = sorted(self._gaps) or [0.0]
        return {
            "beats": len(self._gaps),
            "longest_ms": gaps[-1] * 1000,
            "median_ms": gaps[len(gaps) // 2] * 1000,
            "p99_ms": gaps[int(len(gaps) * 0.99)] * 1000,
        }

    def _beat(self) -> float:
        now = time.perf_counter()
        if self._last is not None:
            self._gaps.append(now - self._last)
        self._last = now
        return self.INTERVAL


@dataclass
class Taken:
    """The time one callback took: how often, in all, and the longest single call."""

    calls: int = 0
    total_ms: float = 0.0
    longest_ms: float = 0.0

    def add(self, seconds: float) -> None:
        self.calls += 1
        self.total_ms += seconds * 1000
        self.longest_ms = max(self.longest_ms, seconds * 1000)


class Profile:
    """Times callbacks: what `wrap` is told to, and the timers registered after `watch_timers`."""

    def __init__(self) -> None:
        self._taken: dict[str, Taken] = {}
        self._wrapped: dict[Callable[[], Any], Callable[[], Any]] = {}

    def reset(self) -> None:
        """Forget the times, go on measuring."""
        for taken in self._taken.values():
            taken.calls, taken.total_ms, taken.longest_ms = 0, 0.0, 0.0

    def report(self) -> dict[str, dict[str, float]]:
        """Label to `calls`, `total_ms`, `longest_ms`."""
        return {label: asdict(taken) for label, taken in self._taken.items()}

    def timed(self, function: Callable[..., Any], label: str) -> Callable[..., Any]:
        """The function, timed under that label."""
        taken = self._taken.setdefault(label, Taken())

        @functools.wraps(function)
        def wrapper(*arguments: Any, **keywords: Any) -> Any:
            began = time.perf_counter()
            try:
                return function(*arguments, **keywords)
            finally:
                taken.add(time.perf_counter() - began)

        return wrapper

    def wrap(self, owner: Any, name: str, label: str | None = None) -> None:
        """Time a function of a module, or a method (`modal`, `draw`, `execute`) of a registered class."""
        function = getattr(owner, name)
        setattr(owner, name, self.timed(function, label or f"{getattr(owner, '__name__', owner)}.{name}"))

    def watch_timers(self, module: str) -> None:
        """From now on, time every `bpy.app.timers` callback that a module below `module` registers."""
        timers = bpy.app.timers
        register, unregister, registered = timers.register, timers.unregister, timers.is_registered

        def timed_register(function: Callable[[], Any], *arguments: Any, **keywords: Any) -> None:
            where = getattr(function, "__module__", None) or ""
            if where == module or where.startswith(f"{module}."):
                name = getattr(function, "__qualname__", repr(function))
                wrapper = self.timed(function, f"{where[len(module) + 1 :]}.{name}")
                self._wrapped[function] = wrapper
                function = wrapper
            register(function, *arguments, **keywords)

        timers.register = timed_register
        timers.unregister = lambda function: unregister(self._wrapped.get(function, function))
        timers.is_registered = lambda function: registered(self._wrapped.get(function, function))
