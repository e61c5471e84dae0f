# SPDX-License-Identifier: GPL-3.0-or-later
"""Buttons: every operator of the extension, a folder for each topic."""

from __future__ import annotations

from ..properties.registration import register_all
from . import account, blockout, generate, images, jobs, mesh, placement, stacks

register, unregister = register_all(generate, images, placement, blockout, mesh, jobs, stacks, account)
