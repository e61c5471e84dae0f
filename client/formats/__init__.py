"""Makes downloaded files safe to hand to an importer: says what they are, refuses what would do harm outside of it.

The standard library only. `inspect` looks at a file where it is; `unpack` writes what an archive holds into a folder.
Both read no more of a file than they must, and neither asks whether its content is sound: an importer in a process of
its own finds out.
"""

from __future__ import annotations

from .errors import FormatError, NotAModel, UnsafeFile
from .inspection import inspect, unpack
from .types import Format, Limits, ModelFile, Unpacked

__all__ = ["Format", "FormatError", "Limits", "ModelFile", "NotAModel", "Unpacked", "UnsafeFile", "inspect", "unpack"]
