"""How the sandbox of the tests behaves: as the real service does, varied by the name of the test.

`TRIPO_TEST_VARIETY` chooses otherwise for a run: `full`, `quick` or `plain` (see `sandbox.settings`).
"""

from __future__ import annotations

import os
import zlib
from typing import Any

VARIETY = os.environ.get("TRIPO_TEST_VARIETY", "full")


def vary(name: str, *, waits: bool = True) -> dict[str, Any]:
    """Settings of a sandbox for the test of this name: the same ones whenever it runs.

    Unless it ``waits``, nothing is late and no page comes in the place of a model: for tests of a single request.
    """
    return {"variety": VARIETY if waits or VARIETY != "full" else "quick", "variety_seed": seed_of(name)}


def seed_of(name: str) -> int:
    """The seed for the test of this name: the same whenever it runs."""
    return zlib.crc32(name.encode())


def vary_by_argument(name: str) -> list[str]:
    """The same as arguments of `python -m sandbox`."""
    return ["--variety", VARIETY, "--variety-seed", str(seed_of(name))]
