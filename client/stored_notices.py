# SPDX-License-Identifier: GPL-3.0-or-later
"""Notices that come from the store, put into words: with the tables of all rooms."""

from __future__ import annotations

from .formats.notices import FileNotice
from .jobs.notices import JobNotice
from .notices import read, render
from .service.notices import ServiceNotice

TABLES = (FileNotice, JobNotice, ServiceNotice)
__all__ = ["TABLES", "read", "render"]
