# SPDX-License-Identifier: GPL-3.0-or-later
"""Say what a downloaded file is, and refuse what could do harm outside the converter.

The standard library only. `inspect` looks at a file where it is; `unpack` writes what an archive holds into a folder.
Both read no more of a file than they must, and neither asks whether its content is sound: an importer in a process of
its own finds out.
"""

from __future__ import annotations

from .errors import FormatError, NotAModel, UnsafeFile
from .inspection import inspect, unpack
from .types import Format, Limits, ModelFile, Unpacked

__all__ = ["Format", "FormatError", "Limits", "ModelFile", "NotAModel", "Unpacked", "UnsafeFile", "inspect", "unpack"]
