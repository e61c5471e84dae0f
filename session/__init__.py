# SPDX-License-Identifier: GPL-3.0-or-later
"""What runs between clicks: follow jobs, keep the list, deliver models, look after the agent."""

from __future__ import annotations

import inspect

from . import current, file_handlers, timer


def register() -> None:
    """Register the timers and the file handlers. Opens nothing: the store waits for the first need."""
    timer.register()
    file_handlers.register()


def unregister() -> None:
    """Unregister everything and close the store.

    Disabling the extension stops the agent. Blender quitting does not: a paid result is still fetched.
    """
    file_handlers.unregister()
    timer.unregister()
    current.close(stop_agent=not _is_quitting())


def _is_quitting() -> bool:
    """Whether all add-ons are being disabled at once.

    That is how Blender quits (``WM_exit_ex`` calls ``addon_utils.disable_all``) and how it loads factory
    settings; nothing else tells the two from the artist's switch in the preferences.
    """
    frame = inspect.currentframe()
    while frame is not None:
        if frame.f_code.co_name == "disable_all":
            return True
        frame = frame.f_back
    return False
