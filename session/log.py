# SPDX-License-Identifier: GPL-3.0-or-later
"""Get a logger without importing ``logging`` at Blender's start."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from logging import Logger


def log(module: str) -> Logger:
    """Return the logger of a module (its ``__name__``)."""
    import logging

    return logging.getLogger(module)
