# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether this Blender works with the Sandbox in the place of the service.

Set by ``session.sandbox_process``, asked by everything that would otherwise use the artist's own account. It is
never saved: the Sandbox ends with Blender.
"""

from __future__ import annotations

from typing import NamedTuple

from ..client.account import Account


class Mode(NamedTuple):
    """``account`` while the Sandbox answers; ``problem`` is why it does not although it was asked for.

    With ``is_on`` and neither of them it is starting.
    """

    is_on: bool = False
    account: Account | None = None
    problem: str = ""

    @property
    def is_starting(self) -> bool:
        """Whether the Sandbox was asked for and has not answered yet."""
        return self.is_on and self.account is None and not self.problem


_OFF = Mode()
_mode = _OFF


def current() -> Mode:
    """Return the mode."""
    return _mode


def change(mode: Mode = _OFF) -> None:
    """Go to a mode; without one, back to the artist's own account."""
    global _mode
    _mode = mode
