"""A store full of jobs that no agent works: another account's. Needs no Blender.

    python crowd.py <folder of the extension> <home> stir <seconds>

keeps changing the live ones, as a busy agent would.
"""

from __future__ import annotations

import random
import sys
import time
from pathlib import Path
from typing import Any

ACCOUNT = "somebody-else"


def fill(store: Any, database: Any, request: Any, live: int, history: int) -> None:
    """Write ``live`` running jobs and ``history`` imported ones. ``store`` is the module ``client.store``."""
    jobs = store.JobTable(database)
    job_id = jobs.insert(store.NewJob(ACCOUNT, request))
    connection = database.connection
    columns: list[str] = [row[1] for row in connection.execute("PRAGMA table_info(job)")]
    copied = ", ".join(columns)
    given = ("job_id", "revision", "status", "created_at")
    source = ", ".join("?" if column in given else column for column in columns)
    with database.transaction():
        for number in range(live + history):
            status = "RUNNING" if number < live else "IMPORTED"
            values = (f"{number:012x}", 10 + number, status, time.time() - number)
            connection.execute(f"INSERT INTO job ({copied}) SELECT {source} FROM job WHERE job_id = '{job_id}'", values)
        connection.execute("DELETE FROM job WHERE job_id = ?", (job_id,))
        connection.execute("UPDATE meta SET value = ? WHERE name = 'revision'", (20 + live + history,))
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def stir(store: Any, home: Any, seconds: float, live: int = 200) -> int:
    """Change progress and message of random live jobs, about forty a second; how many changes were made."""
    database = store.open_database(home, durable=True, busy_seconds=5)
    jobs = store.JobTable(database)
    states = sys.modules[store.__name__.rpartition(".")[0] + ".jobs.states"]
    until = time.monotonic() + seconds
    made = 0
    while time.monotonic() < until:
        number = random.randrange(live)
        made += jobs.update(
            f"{number:012x}", states.Status.RUNNING, progress=random.randrange(100), message=f"About {made} s left"
        )
        time.sleep(0.025)
    database.close()
    return made


if __name__ == "__main__":
    extension, root, _stir, duration = sys.argv[1:]
    sys.path.insert(0, extension)
    from client import store as client_store
    from client.paths import Home

    sys.stdout.write(f"{stir(client_store, Home(Path(root)), float(duration))}\n")
