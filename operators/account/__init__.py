# SPDX-License-Identifier: GPL-3.0-or-later
"""The account: its balance, its spending, its key, and the Sandbox in its place."""

from __future__ import annotations

from ...properties.registration import register_all
from . import balance, file_cost, key_check, sandbox, spending

register, unregister = register_all(balance, spending, file_cost, key_check, sandbox)
