# SPDX-License-Identifier: GPL-3.0-or-later
"""Generate models for a set of placeholders: the table, their own views, the press, what is noted on them."""

from __future__ import annotations

from ...properties.registration import register_all
from . import for_selected

register, unregister = register_all(for_selected)
