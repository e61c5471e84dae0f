# SPDX-License-Identifier: GPL-3.0-or-later
"""All faults. To add one, add a row to one of the lists: a name, when it strikes, what it does, how a job that meets
it should end, and one line about it.
"""

from __future__ import annotations

from .kinds import Row
from .rows_answers import ANSWERS
from .rows_results import RESULTS
from .rows_statuses import STATUSES
from .rows_ways import WAYS
from .rows_wire import WIRE

ROWS: dict[str, Row] = {row.name: row for row in (*ANSWERS, *WIRE, *STATUSES, *RESULTS, *WAYS)}
