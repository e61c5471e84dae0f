"""What is delivered equals what Blender's own importer makes of the same file, field by field.

Ours: a converter process writes a .blend, which is appended and arranged. Theirs: the importer in this process.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest

from support.models import npm as models_npm
from support.models.parity import Parity
from support.models.worker import Worker


@pytest.fixture(scope="session")
def worker(extension: str) -> Iterator[Worker]:
    """One converter of the installed extension for all models."""
    one = Worker(Path(importlib.import_module(extension).__file__ or "").parent)
    yield one
    assert one.close() == 0, "".join(one.noise[-30:])


@pytest.fixture
def parity(package: Callable[[str], ModuleType], worker: Worker, tmp_path: Path) -> Parity:
    return Parity(package, worker, tmp_path)


@pytest.fixture(scope="session")
def modules() -> Path:
    """Where the public glTF tools are."""
    try:
        return models_npm.node_modules()
    except models_npm.NpmMissing as error:
        pytest.skip(f"{error}: no compressed models to compare")
