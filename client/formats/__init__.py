"""Makes downloaded files safe to hand to an importer: says what they are, refuses what would do harm.

Standard library only. `inspect` looks at a file where it is; `unpack` does the same for archives, writing
what they hold into a folder. Neither parses geometry, both read no more of a file than they must.
"""

from __future__ import annotations

from .errors import FormatError, NotAModel, UnsafeFile
from .inspection import inspect, unpack
from .model import Format, Limits, ModelFile

__all__ = ["Format", "FormatError", "Limits", "ModelFile", "NotAModel", "UnsafeFile", "inspect", "unpack"]
