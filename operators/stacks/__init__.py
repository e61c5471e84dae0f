# SPDX-License-Identifier: GPL-3.0-or-later
"""Several of which one is shown: variations of one press, and looks of an object."""

from __future__ import annotations

from ...properties.registration import register_all
from . import choose, flip

register, unregister = register_all(choose, flip)
