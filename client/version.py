# SPDX-License-Identifier: GPL-3.0-or-later
"""Read the extension's version from its manifest."""

from __future__ import annotations

import functools
import re
from pathlib import Path

_MANIFEST = Path(__file__).resolve().parent.parent / "blender_manifest.toml"


@functools.cache
def extension_version() -> str:
    """Return the version, or an empty string where the manifest cannot be read.

    Blender has parsed the manifest too but tells an extension none of it; ``tomllib`` takes longer to load than this.
    """
    try:
        found = re.search(r'^version\s*=\s*"([^"]+)"', _MANIFEST.read_text("utf-8"), re.MULTILINE)
    except OSError:
        return ""
    return found[1] if found else ""
