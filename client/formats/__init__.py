"""Makes downloaded files safe to hand to an importer: says what they are, refuses what would do harm.

The standard library, and numpy for what is long. `inspect` looks at a file where it is; `unpack` does the
same for archives, writing what they hold into a folder. Neither parses geometry, both read no more of a file
than they must. `load` is for who knows that a file is coming.
"""

from __future__ import annotations

import importlib

from .errors import FormatError, NotAModel, UnsafeFile
from .inspection import inspect, unpack
from .model import Format, Limits, ModelFile

__all__ = ["Format", "FormatError", "Limits", "ModelFile", "NotAModel", "UnsafeFile", "inspect", "load", "unpack"]


def load() -> None:
    """Import now what `inspect` needs late: numpy takes 0.1 s to load, and Blender's process has no use for it here."""
    importlib.import_module("numpy")
