"""The way to a logger. ``logging`` is imported when there is something to log: Blender's start does not pay for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from logging import Logger


def log(module: str) -> Logger:
    """Return the logger of a module (its ``__name__``)."""
    import logging

    return logging.getLogger(module)
