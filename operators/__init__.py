"""The operators, and all that happens between them: the only code that writes Blender's data."""

from __future__ import annotations

import sys

from . import (
    again,
    assets,
    balance,
    cache,
    clipboard,
    follow,
    frame,
    generate,
    handlers,
    jobs,
    key_check,
    pictures,
    place_with_mouse,
    placement,
    presets,
    sandbox_switch,
    session as current,
    spending,
)

_modules = (
    generate,
    placement,
    place_with_mouse,
    again,
    jobs,
    clipboard,
    frame,
    balance,
    spending,
    cache,
    assets,
    presets,
    key_check,
    sandbox_switch,
    pictures,
    follow,
    handlers,
)


def register() -> None:
    """Register operators, pulse and handler. Opens nothing: the store waits for the first need."""
    for module in _modules:
        module.register()


def unregister() -> None:
    """Unregister everything and let go of the store.

    Disabling the extension stops the agent. Blender quitting does not: a paid result is still fetched.
    """
    for module in reversed(_modules):
        module.unregister()
    current.close(stop_agent=not _is_quitting())


def _is_quitting() -> bool:
    """Whether all add-ons are being disabled at once.

    That is how Blender quits (``WM_exit_ex`` calls ``addon_utils.disable_all``) and how it loads factory
    settings; nothing else tells the two from the artist's switch in the preferences.
    """
    frame = sys._getframe()
    while frame is not None:
        if frame.f_code.co_name == "disable_all":
            return True
        frame = frame.f_back
    return False
