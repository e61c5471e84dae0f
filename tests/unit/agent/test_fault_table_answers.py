"""What an answer may say: bodies that are no JSON, other JSON than expected, odd values.

Each cell is one press through a real agent; see `support.agent_lab.fault_cells`. The last test prints the table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from sandbox.faults.rows_answers import ANSWERS
from support.agent_lab.fault_cells import Cell, Played, cells, check, play_chosen, table

CELLS = cells(ANSWERS)


@pytest.fixture(scope="module")
def played(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    """Every cell that was asked for."""
    yield from play_chosen(request, tmp_path_factory)


@pytest.mark.parametrize("case", CELLS, ids=lambda cell: cell.name)
def test_a_fault_ends_well(case: Cell, played: Played) -> None:
    check(case, played[case.name])


def test_the_table(played: Played, print_table: Callable[[str], None]) -> None:
    print_table(table("answers", CELLS, played))
