# SPDX-License-Identifier: GPL-3.0-or-later
"""Rotate the log that all agents share, also on Windows."""

from __future__ import annotations

import contextlib
import logging.handlers
import shutil


class SharedLog(logging.handlers.RotatingFileHandler):
    """A rotating file that loses no line when it cannot be rotated."""

    def rotate(self, source: str, dest: str) -> None:
        """Rename the full file, or copy and empty it where another agent goes on writing to it."""
        try:
            super().rotate(source, dest)
        except OSError:
            shutil.copyfile(source, dest)
            with open(source, "r+b") as full:
                full.truncate()

    def doRollover(self) -> None:
        """Begin a new file; without one (an old one is being read) the line goes into the full one."""
        with contextlib.suppress(OSError):
            super().doRollover()
        if self.stream is None:  # pyright: ignore[reportUnnecessaryComparison] - closed by the roll-over
            self.stream = self._open()
