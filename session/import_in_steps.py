# SPDX-License-Identifier: GPL-3.0-or-later
"""Import modules one at a time, so that no tick takes long.

A module takes a millisecond or two, and more where no byte code is kept.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterable

from .. import __package__ as base_package


def import_next(modules: Iterable[str]) -> bool:
    """Import the first of these modules that is not there yet; whether there was one. Ours begin with a dot."""
    for module in modules:
        name = f"{base_package}{module}" if module.startswith(".") else module
        if name not in sys.modules:
            importlib.import_module(name)
            return True
    return False
