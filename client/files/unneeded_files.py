# SPDX-License-Identifier: GPL-3.0-or-later
"""Remove images and models of requests and refused files that no job needs any more.

Several jobs may share an input (variations, Generate Again), so it goes with the last that names it.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from ..jobs.states import ENDED, LIVE, Status, sql_names
from ..paths import Home, inside
from ..store import Database
from .own_files import (
    inputs_written,
    is_old,
    is_own_input,
    job_of_refused,
    refused_files,
    remove_file,
    size_of,
    token_of_input,
    token_of_model,
    tokens_in,
)

_IN_LIST = f"(hidden = 0 OR status IN ({sql_names(LIVE)}))"
_MAY_BE_SENT = f"((hidden = 0 AND status != '{Status.IMPORTED}') OR status IN ({sql_names(LIVE)}))"
"""A job that has its model is not sent again; any other one may still be, or have to be."""
_MAY_NEED_MODEL = (
    f"((hidden = 0 AND status IN ({sql_names((Status.FAILED, Status.UNCERTAIN))})) OR status IN ({sql_names(LIVE)}))"
)
"""Models are large: they go as soon as their job has a result, or can only be pressed anew."""
_COMPARES = f"status IN ({sql_names(LIVE)})"
"""The result of a live job is compared with the selection that it was made of."""


class Leftover(NamedTuple):
    """A file, its size in bytes, and whether Clear Cache removes it."""

    path: Path
    size: int
    may_go: bool


def survey(home: Home, database: Database, now: float) -> list[Leftover]:
    """Return all inputs written for requests and all refused files that no row counts; ``now`` since the epoch.

    Raises sqlite3.Error.
    """
    return [*_inputs(home, database, now), *_refused(home, database, now)]


def remove_loose(home: Home, database: Database, now: float) -> None:
    """Remove what Clear Cache may remove of these; raises sqlite3.Error."""
    for leftover in survey(home, database, now):
        if leftover.may_go:
            token = token_of_input(leftover.path.name)
            with database.transaction():  # so that no job that names it can be written meanwhile
                if not (token and _is_named(database, token, _MAY_BE_SENT)):
                    remove_file(leftover.path)


def remove_with_job(home: Home, database: Database, job_id: str) -> None:
    """Remove the inputs of a job that was taken off the list, unless another one names them, and what was refused.

    Its model stays until the cache is cleared. Raises sqlite3.Error.
    """
    row = database.connection.execute("SELECT request FROM job WHERE job_id = ? AND hidden = 1", (job_id,)).fetchone()
    if row is None:
        return
    tokens = tokens_in(row["request"])
    if tokens:
        _remove_inputs(database, [path for path, token in inputs_written(home) if token in tokens])
    with database.transaction() as connection:
        connection.execute(
            "UPDATE job SET file = '', kept = 0, revision = ? WHERE job_id = ? AND hidden = 1 AND blend = ''"
            f" AND file LIKE 'quarantine/%' AND status IN ({sql_names(ENDED)})",
            (database.next_revision(), job_id),
        )
        in_use = connection.execute("SELECT file FROM job WHERE job_id = ?", (job_id,)).fetchone()["file"]
        for path in refused_files(home, job_id):
            if path != home.root / in_use:
                remove_file(path)


def discard_unsent(home: Home, database: Database, paths: Iterable[str]) -> None:
    """Remove what was written for a request that did not become a job, with all that belongs to a selection; an
    artist's own files, and those that a job in the list names, stay. Raises sqlite3.Error."""
    tokens = {token_of_input(Path(path).name) for path in paths if is_own_input(home, path)}
    _remove_inputs(database, [path for path, token in inputs_written(home) if token in tokens])


def remove_sent_models(home: Home, database: Database, now: float) -> None:
    """Remove the models of jobs that will not be sent again, and selections that no result is compared with any more.

    Raises sqlite3.Error.

    What no job names was written by a Blender that did not come to the press: it goes when it is old.
    """
    found = [(path, token) for path in inside(home.inputs) if (token := token_of_model(path.name))]
    exported = {token for path, token in found if path.suffix in (".glb", ".fbx")}
    for path, token in found:
        is_source = path.suffix not in (".glb", ".fbx")
        with database.transaction():
            if _is_named(database, token, _MAY_NEED_MODEL):
                may_go = is_source and token in exported and not _is_named(database, token, _COMPARES)
            else:
                is_known = _is_named(database, token, "1")
                may_go = is_known or (not home.inputs.is_symlink() and is_old(path, now))
            if may_go:
                remove_file(path)


def _remove_inputs(database: Database, paths: Iterable[Path]) -> None:
    with database.transaction():
        for path in paths:
            if not _is_named(database, token_of_input(path.name), _IN_LIST):
                remove_file(path)


def _is_named(database: Database, token: str, condition: str) -> bool:
    """Whether a job that meets the condition names an input."""
    statement = f"SELECT 1 FROM job WHERE (instr(request, :name) OR instr(prepared, :name)) AND {condition} LIMIT 1"
    return database.connection.execute(statement, {"name": f"{token}."}).fetchone() is not None


def _inputs(home: Home, database: Database, now: float) -> Iterable[Leftover]:
    needed: set[str] = set()
    named: set[str] = set()
    rows = database.connection.execute(
        f"SELECT request || ' ' || prepared, {_MAY_BE_SENT} FROM job"
        " WHERE instr(request, '~') OR instr(request, 'inputs/') OR prepared != ''"
    )
    for request, may_be_sent in rows:
        tokens = tokens_in(request)
        named |= tokens
        if may_be_sent:
            needed |= tokens
    is_linked = home.inputs.is_symlink()
    for path, token in inputs_written(home):
        is_orphan = not is_linked and is_old(path, now)
        yield Leftover(path, size_of(path), token not in needed and (token in named or is_orphan))


def _refused(home: Home, database: Database, now: float) -> Iterable[Leftover]:
    rows = {
        row["job_id"]: row
        for row in database.connection.execute(
            f"SELECT job_id, file, kept, hidden, status IN ({sql_names(LIVE)}) AS live FROM job"
        )
    }
    for path in inside(home.quarantine):
        job_id = job_of_refused(path.name)
        if not job_id:
            continue
        row = rows.get(job_id)
        if row is None:
            yield Leftover(path, size_of(path), not home.quarantine.is_symlink() and is_old(path, now))
            continue
        kept_file = Path(row["file"]) if row["file"].startswith("quarantine/") else None
        if kept_file is not None and kept_file.name == path.name and row["kept"]:
            continue  # counted with the job's files
        # The log of a file that may be tried again says why it was refused.
        explains = path.suffix == ".log" and kept_file is not None
        in_use = row["live"] or (explains and not row["hidden"])
        yield Leftover(path, size_of(path), not in_use)
