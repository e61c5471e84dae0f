"""The inner half of the GUI tests: what a scenario does with its `ui`. Runs in Blender.

A scenario is a file with a generator function `scenario(ui)`. It yields

* a number: go on after that many seconds,
* a function: go on when it returns something true (TimeoutError after 30 s, see `ui.wait_until`),
* what a method marked *Action* returns: go on when it is done. `ui.press("A")` alone does nothing.

An exception ends the scenario and fails the test. Blender's main loop runs during every `yield`, and only
then.
"""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import bpy

from ..machine.patience import BUSY
from ..measuring.main_thread import Heartbeat, Profile
from ..sandbox_service.service import SandboxControl

Steps = Generator[Any, Any, Any]

SHIFTED = dict(zip('!@#$%^&*()_+{}|:"<>?~', "1234567890-=[]\\;',./`", strict=True))
DIGITS = ("ZERO", "ONE", "TWO", "THREE", "FOUR", "FIVE", "SIX", "SEVEN", "EIGHT", "NINE")
KEYS = {
    " ": "SPACE",
    "-": "MINUS",
    "=": "EQUAL",
    "[": "LEFT_BRACKET",
    "]": "RIGHT_BRACKET",
    "\\": "BACK_SLASH",
    ";": "SEMI_COLON",
    "'": "QUOTE",
    ",": "COMMA",
    ".": "PERIOD",
    "/": "SLASH",
    "`": "ACCENT_GRAVE",
    **dict(zip("0123456789", DIGITS, strict=True)),
}


class Ui:
    """The artist's hands and eyes. Coordinates are pixels of the window from its lower left corner."""

    def __init__(self, folder: Path, number: int, display: str, profile: Profile) -> None:
        self._folder = folder
        self._number = number
        self._display = display
        self._records: dict[str, Any] = {}
        self._mouse = (0, 0)
        self._sandbox: SandboxControl | None = None
        self.heartbeat = Heartbeat()
        self.profile = profile

    # What is there

    @property
    def window(self) -> bpy.types.Window:
        return bpy.context.window_manager.windows[0]

    @property
    def folder(self) -> Path:
        """A folder for the scenario's own files, deleted with the test."""
        return self._folder / "tmp"

    @property
    def sandbox(self) -> SandboxControl:
        """The service's control endpoints. A call holds the main thread: not while something is measured."""
        if self._sandbox is None:
            self._sandbox = SandboxControl(os.environ["THREEDAISTUDIO_API_URL"])
        return self._sandbox

    def area(self, kind: str = "VIEW_3D") -> bpy.types.Area:
        """The first area of that type."""
        for area in self.window.screen.areas:
            if area.type == kind:
                return area
        raise LookupError(f"no {kind} on the screen")

    def region(self, kind: str = "WINDOW", area: bpy.types.Area | None = None) -> bpy.types.Region:
        """The region of that type in an area, the 3D view unless told."""
        for region in (area or self.area()).regions:
            if region.type == kind:
                return region
        raise LookupError(f"no region {kind}")

    def middle(self, region: bpy.types.Region | None = None) -> tuple[int, int]:
        """The middle of a region, of the 3D view unless told."""
        region = region or self.region()
        return region.x + region.width // 2, region.y + region.height // 2

    def override(self, area: bpy.types.Area | None = None, region: str = "WINDOW") -> Any:
        """`with ui.override():` gives operators the context of the 3D view. Timers have none."""
        area = area or self.area()
        return bpy.context.temp_override(window=self.window, area=area, region=self.region(region, area))

    # What to say

    def record(self, key: str, value: Any) -> None:
        """Tell the test; visible at once, so that it can react while the scenario waits. JSON values only."""
        self._records[key] = value
        partial = self._folder / f"records-{self._number}.part"
        partial.write_text(json.dumps(self._records))
        partial.replace(partial.with_suffix(".json"))

    # Actions

    def wait_until(self, condition: Callable[[], Any], timeout: float = 30.0, what: str = "") -> Steps:
        """Action: poll until true; the value. TimeoutError says `what` did not happen."""
        return (yield from poll(condition, timeout, what))

    def _event(self, **event: Any) -> None:
        self.window.event_simulate(**event)

    def move(self, x: int, y: int, pause: float = 0.1) -> Steps:
        """Action: the mouse."""
        self._mouse = (x, y)
        self._event(type="MOUSEMOVE", value="NOTHING", x=x, y=y)
        yield pause

    def click(self, x: int, y: int, button: str = "LEFTMOUSE", **modifiers: bool) -> Steps:
        """Action: move there, press and release."""
        yield from self.move(x, y)
        self._event(type=button, value="PRESS", x=x, y=y, **modifiers)
        yield 0.1
        self._event(type=button, value="RELEASE", x=x, y=y, **modifiers)
        yield 0.2

    def press(self, key: str, *, unicode: str | None = None, **modifiers: bool) -> Steps:
        """Action: press and release a key by its event type, where the mouse is; `ctrl`, `shift`, `alt` as
        needed."""
        x, y = self._mouse
        extra: dict[str, Any] = dict(modifiers)
        if unicode is not None:
            extra["unicode"] = unicode
        self._event(type=key, value="PRESS", x=x, y=y, **extra)
        self._event(type=key, value="RELEASE", x=x, y=y, **modifiers)
        yield 0.1

    def type_text(self, text: str) -> Steps:
        """Action: type ASCII text into whatever has the cursor."""
        x, y = self._mouse
        for letter in text:
            shift = letter in SHIFTED or letter.isupper()
            base = SHIFTED.get(letter, letter)
            key = KEYS.get(base, base.upper())
            self._event(type=key, value="PRESS", unicode=letter, x=x, y=y, shift=shift)
            self._event(type=key, value="RELEASE", x=x, y=y, shift=shift)
            yield None
        yield 0.1

    def search(self, text: str, confirm: bool = True) -> Steps:
        """Action: F3 over the 3D view, type, Return."""
        yield from self.move(*self.middle())
        yield from self.press("F3")
        yield 0.4
        yield from self.type_text(text)
        yield 0.4
        if confirm:
            yield from self.press("RET")
            yield 0.3

    def open_sidebar(self, tab: str) -> Steps:
        """Action: show the 3D view's sidebar on a tab; the region. Categories exist only after a redraw."""
        area = self.area()
        space: Any = area.spaces.active
        space.show_region_ui = True
        area.tag_redraw()
        yield 0.5
        sidebar: Any = self.region("UI", area)

        def shown() -> bool:
            if sidebar.active_panel_category != tab:
                try:
                    sidebar.active_panel_category = tab
                except TypeError:  # not drawn yet, or no such tab
                    return False
            area.tag_redraw()
            return True

        yield from self.wait_until(shown, 10, f"the sidebar has a tab {tab!r}")
        yield 0.5
        return sidebar

    def redraw(self, rest: float = 0.8) -> Steps:
        """Action: draw every area anew. What the extension should redraw by itself is better only waited
        for.

        Where a panel has another height now, those below it slide to their place for 0.3 s: ``rest`` lets them.
        """
        for area in self.window.screen.areas:
            area.tag_redraw()
        yield rest

    def screenshot(self, name: str, crop: tuple[int, int, int, int] | None = None) -> Steps:
        """Action: the window as it is, to build/gui/<name>.png; `crop` is x, y, width, height as regions
        count.

        Taken by another process (`bpy.ops.screen.screenshot` is black on a virtual screen), Blender goes on
        meanwhile.
        """
        path = self._folder / "images" / f"{name}.png"
        geometry: list[str] = []
        if crop is not None:
            x, y, width, height = crop
            geometry = ["-crop", f"{width}x{height}+{x}+{self.window.height - y - height}", "+repage"]
        command = ["import", "-display", self._display, "-window", "root", *geometry, str(path)]
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        yield from self.wait_until(lambda: process.poll() is not None, 20, f"screenshot {name}")
        if process.returncode != 0 or not path.exists():
            raise RuntimeError(f"import ended with {process.returncode}: is ImageMagick installed?")


def poll(condition: Callable[[], Any], timeout: float = 30.0, what: str = "") -> Steps:
    """Ask every 0.05 s until the answer is true, and return it; TimeoutError says `what` did not happen.

    `timeout` is what an idle machine needs at most; a busy one has four times as long.
    """
    deadline = time.monotonic() + BUSY * timeout
    while not (value := condition()):
        if time.monotonic() > deadline:
            name = what or getattr(condition, "__qualname__", "the condition")
            raise TimeoutError(f"{name}: not within {BUSY * timeout:g} s")
        yield 0.05
    return value


def advance(stack: list[Steps]) -> float | None:
    """One step of a scenario: `stack` holds it and the actions it waits for. Seconds to the next, None at the
    end."""
    value: Any = None
    error: Exception | None = None
    while stack:
        try:
            step = stack[-1].send(value) if error is None else stack[-1].throw(error)
        except StopIteration as end:
            stack.pop()
            value, error = end.value, None
        except Exception as raised:  # an action failed: the scenario that waits for it may catch it
            stack.pop()
            value, error = None, raised
        else:
            value, error = None, None
            if step is None:
                return 0.02
            if isinstance(step, (int, float)):
                return float(step)
            stack.append(step if isinstance(step, Generator) else poll(step))
    if error is not None:
        raise error
    return None
