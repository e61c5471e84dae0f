"""A store of one's own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from client.paths import Home
from client.store import Database, JobTable, open_database
from support.checks.tables import print_table, pytest_terminal_summary  # noqa: F401 - for pytest


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A folder that holds nothing else, and is not made yet."""
    return Home(tmp_path / "home")


@pytest.fixture
def database(home: Home) -> Iterator[Database]:
    """The store in that folder, opened as the agent opens it."""
    opened = open_database(home, durable=True, busy_seconds=1)
    yield opened
    opened.close()


@pytest.fixture
def jobs(database: Database) -> JobTable:
    """The jobs of that store."""
    return JobTable(database)
