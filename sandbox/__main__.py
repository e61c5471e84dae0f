# SPDX-License-Identifier: GPL-3.0-or-later
"""Command line: `python -m sandbox`, or `python -I -B /path/to/sandbox` where the folder has no package
around it.
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path


def _load() -> None:
    """Make the folder this file lies in importable as the package `sandbox`, whatever it is called."""
    folder = Path(__file__).resolve().parent
    # As a script the folder itself is on the path; its modules must only be found inside the package.
    sys.path[:] = [entry for entry in sys.path if not entry or Path(entry).resolve() != folder]
    places = [str(folder)]
    spec = importlib.util.spec_from_file_location("sandbox", folder / "__init__.py", submodule_search_locations=places)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["sandbox"] = module
    spec.loader.exec_module(module)


if __package__:
    from .cli import main
else:
    _load()
    from sandbox.cli import main

if __name__ == "__main__":
    sys.exit(main())
