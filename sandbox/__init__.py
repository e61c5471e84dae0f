# SPDX-License-Identifier: GPL-3.0-or-later
"""A stand-in for the 3D AI Studio Tripo API on loopback, for trying out, for tests and for the demo.

It speaks the API reference strictly: wrong parameters are refused, credits are taken and given back, three
requests a minute are allowed, results are on a second origin behind URLs that expire. Its models are built on
the spot with numpy. Nothing leaves the machine. It needs Python 3.11 and numpy, and shares no code with the
client it is used to check.

From a shell: `python -m sandbox --help`. From Python: `with Sandbox() as sandbox: …` (see `runner`).
"""

from __future__ import annotations

from .runner import DEFAULT_KEY, Sandbox

__all__ = ["DEFAULT_KEY", "Sandbox"]
