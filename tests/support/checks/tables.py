"""Tables that tests make of what they saw: printed at the end, also when several processes run the tests.

For conftest files: `from support.checks.tables import print_table, pytest_terminal_summary`.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest


@pytest.fixture
def print_table(record_property: Callable[[str, object], None]) -> Callable[[str], None]:
    """Print a text when all tests have run."""
    return lambda text: record_property("table", text)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for report in terminalreporter.getreports("passed"):
        for name, text in report.user_properties:
            if name == "table":
                terminalreporter.write_line(f"\n{text}")
