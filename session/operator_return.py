# SPDX-License-Identifier: GPL-3.0-or-later
"""What an operator's methods return."""

from __future__ import annotations

from typing import Literal

OperatorReturn = set[Literal["FINISHED", "CANCELLED", "RUNNING_MODAL", "PASS_THROUGH", "INTERFACE"]]
"""As Blender wants it from `invoke`, `execute` and `modal`."""
