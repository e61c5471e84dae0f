"""Entry of the agent process: ``python -I -B <this folder>``, its configuration on standard input."""

from __future__ import annotations

import sys
from pathlib import Path

if __name__ == "__main__":
    # The folder itself is on the path, put there by Python; its parent must be, so that `client` is a package.
    sys.path[0] = str(Path(__file__).resolve().parent.parent)
    from client.agent.main import main

    sys.exit(main())
