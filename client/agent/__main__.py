# SPDX-License-Identifier: GPL-3.0-or-later
"""Run the agent process: ``python -I -B <this folder>``, with its configuration on standard input.

With ``--clear-cache <home>`` it is the process that clears the cache instead.
"""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path

if __name__ == "__main__":
    # The folder itself is on the path, put there by Python; `client` must be a package instead.
    root = Path(__file__).resolve().parents[2]
    sys.path[0] = str(root)
    # Pure Python: they are imported as they are. Blender does not know of them, and never needs them.
    sys.path += [str(wheel) for wheel in (root / "wheels").glob("*.whl")]
    from client.agent import clear_cache

    if sys.argv[1:2] == [clear_cache.CLEAR_OPTION]:
        sys.exit(clear_cache.main(Path(sys.argv[2])))
    from client.agent.main import main

    code = main()
    with contextlib.suppress(AttributeError, OSError, ValueError):  # closed, or there never was one
        sys.stderr.flush()
    # Everything is written. Python's own end could wait for what a thread is in the middle of.
    os._exit(code)
