# SPDX-License-Identifier: GPL-3.0-or-later
"""Buttons: every operator of the extension, a folder for each topic."""

from __future__ import annotations

from . import account, generate, images, jobs, mesh, placement

_topics = (generate, images, placement, mesh, jobs, account)


def register() -> None:
    """Register all operators."""
    for topic in _topics:
        topic.register()


def unregister() -> None:
    """Unregister them in the opposite order."""
    for topic in reversed(_topics):
        topic.unregister()
