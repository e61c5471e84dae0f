"""Cells of the fault table: a row of the sandbox's faults, a request that it strikes, a job that must end well.

Many jobs share a world, since an agent mostly waits: each is struck by the fault that names its prompt. Every sentence
that a job ever shows is kept by the store itself, and every line of the ledger is looked at.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from client.jobs.states import Status
from client.store import Job
from client.store.ledger import Ledger
from client.stored_notices import read
from client.timings import Timings
from sandbox.faults import Row
from sandbox.models.png import encode_png_gray
from support.agent_lab.agents import FAST, World
from support.agent_lab.agents import world as make_world
from support.checks.cases import chosen
from support.checks.plain_words import complaint

CALM = replace(FAST, answer=60.0, whole_answer=60.0, opening=60.0, connect=60.0, silence=30.0, slow_window=30.0)
"""Nothing is too slow for it: a busy machine is no fault."""
BRIEF = replace(CALM, answer=6.0, whole_answer=6.0, silence=6.0, slow_window=6.0)
"""For answers that never end."""
WITHOUT_END = frozenset(
    {"hang_before", "hang_after", "interim_slow", "interim_flood", "head_drips", "head_endless", "head_flood"}
    | {"body_endless", "no_length"}
)
"""Rows that only our own limits of time end."""
JOBS_OF_A_WORLD = 40
_WINDOW = 0.5
"""So that the rate limit of the account, which is not what is looked at, is none."""


@dataclass(frozen=True)
class Cell:
    """One row, on one kind of request; it strikes ``times`` requests of one job in a row."""

    row: Row
    on: str
    times: int = 1
    options: Mapping[str, Any] = field(default_factory=dict[str, Any])

    @property
    def name(self) -> str:
        return f"{self.on}-{self.row.name}" + (f"-{self.times}-times" if self.times > 1 else "")


def cells(rows: Iterable[Row]) -> list[Cell]:
    """Every row, on every request of a job where it makes a test."""
    return [Cell(row, on) for row in rows for on in row.expect if on in ("submit", "status", "asset")]


def is_throttle(row: Row) -> bool:
    """Whether a row slows down all jobs of the account."""
    return "429" in row.name or row.name.startswith("throttled")


@dataclass(frozen=True)
class Ended:
    """A job at its end: ``said`` are its sentences in their order, ``ledger`` what was charged for it by outcome,
    ``submissions`` what the service took for it."""

    job: Job
    said: tuple[str, ...]
    ledger: Mapping[str, int]
    submissions: int
    key_leaks: int
    leftovers: Sequence[str]


def listen(world: World) -> None:
    """Let the store keep every sentence that a job shows."""
    world.database.connection.executescript(
        "CREATE TABLE said (job_id TEXT, message TEXT);"
        " CREATE TRIGGER listen AFTER UPDATE OF message ON job WHEN new.message != old.message"
        " BEGIN INSERT INTO said VALUES (new.job_id, new.message); END;"
    )


def look(world: World, state: dict[str, Any], job_id: str, prompt: str) -> Ended:
    """What has become of a job."""
    rows = world.database.connection.execute("SELECT message FROM said WHERE job_id = ? ORDER BY rowid", (job_id,))
    lines: Counter[str] = Counter()
    for entry in Ledger(world.database).entries():
        if entry.job_id == job_id:
            lines[entry.outcome] += entry.credits
    return Ended(
        world.job(job_id),
        tuple(dict.fromkeys(str(read(row[0])) for row in rows)),
        lines,
        sum(prompt in task["parameters"].get("prompt", "") for task in state["submissions"]),
        int(state["key_leaks"]),
        world.leftovers(),
    )


def play(group: Sequence[Cell], root: Path, timings: Timings = CALM, seconds: float = 120.0) -> dict[str, Ended]:
    """Let one agent work on a job for each cell; what became of each, by the cell's name."""
    with make_world(root) as world:
        listen(world)
        jobs: dict[str, tuple[str, str]] = {}
        for number, cell in enumerate(group):
            prompt = f"a mug, number {number:04}."
            world.sandbox.add_fault(cell.on, cell.row.name, cell.times, about=prompt, **cell.options)
            jobs[cell.name] = prompt, world.press(prompt=prompt)
        agent = world.run(timings=timings, window=_WINDOW)
        agent.thread.join(seconds)  # it leaves when all have ended; those that have not are seen by their state
        agent.stop()
        state = world.sandbox.state
        return {name: look(world, state, job_id, prompt) for name, (prompt, job_id) in jobs.items()}


def check(cell: Cell, ended: Ended) -> None:
    """Whether a cell ended as its row says, paid once at most, with nothing in hand that was given up."""
    job, wanted = ended.job, cell.row.expect[cell.on]
    assert job.status.value == wanted, f"{job.status}, {job.error}: {ended.said}"
    for sentence in ended.said:
        assert not complaint(sentence), f"{complaint(sentence)}: {sentence!r}"
    assert (job.status is Status.READY) == (not job.error)
    _check_money(cell, ended)
    assert ended.key_leaks == 0 and not ended.leftovers
    if job.status is Status.READY:
        assert job.blend and job.sha256 and job.size


def _check_money(cell: Cell, ended: Ended) -> None:
    """One submission at most, and the ledger says what is known of it."""
    job = ended.job
    assert ended.submissions <= 1, "paid twice"
    if job.status is Status.READY:
        assert ended.submissions == 1 and ended.ledger == {"charged": job.credits}
    elif job.status is Status.UNCERTAIN:
        assert ended.ledger == {"unclear": job.credits} and not job.task_id
    elif job.task_id:
        assert ended.submissions == 1 and sum(ended.ledger.values()) == 0, "the service said that it gave them back"
    else:
        assert ended.submissions == 0 and not ended.ledger, "refused, so nothing was charged"
    assert ended.submissions == cell.row.is_charged(cell.on) or cell.on != "submit"


class Played:
    """What became of each cell, by its name; the worlds are played two at a time."""

    def __init__(self) -> None:
        self.futures: dict[str, Future[dict[str, Ended]]] = {}

    def __getitem__(self, name: str) -> Ended:
        return self.futures[name].result()[name]


def play_chosen(request: pytest.FixtureRequest, factory: pytest.TempPathFactory) -> Iterator[Played]:
    """Play the cells that the tests of this run ask for."""
    wanted = list(chosen(request, Cell).values())
    patient = [cell for cell in wanted if cell.row.name not in WITHOUT_END]
    groups = [(patient[first : first + JOBS_OF_A_WORLD], CALM) for first in range(0, len(patient), JOBS_OF_A_WORLD)]
    if endless := [cell for cell in wanted if cell.row.name in WITHOUT_END]:
        groups.append((endless, BRIEF))
    played = Played()
    with ThreadPoolExecutor(2) as pool, pytest.MonkeyPatch.context() as patch:
        # A slow request shall not hold up others of its world; nobody looks at images, which take long to draw.
        patch.setattr("client.agent.requests.REQUEST_THREADS", 20)
        patch.setattr("sandbox.tasks.build_thumbnail", lambda _recipe: encode_png_gray(8, 8))
        for number, (group, timings) in enumerate(groups):
            folder = factory.mktemp(f"{request.module.__name__}-{number}", numbered=False)
            future = pool.submit(play, group, folder, timings)
            played.futures |= {cell.name: future for cell in group}
        yield played


def table(title: str, played: Iterable[Cell], ends: Played) -> str:
    """A line for each cell: how it ended, and what the job said of its fault; then how many ended how."""
    lines = [f"{title:40} {'ends':10} sentence"]
    tally: Counter[str] = Counter()
    for cell in played:
        if cell.name in ends.futures:
            ended = ends[cell.name]
            tally[ended.job.status] += 1
            lines.append(f"{cell.name:40} {ended.job.status:10} {sentence_of(ended)}")
    lines.append(f"{tally.total()} cells: " + ", ".join(f"{number} {word}" for word, number in tally.most_common()))
    return "\n" + "\n".join(lines)


def sentence_of(ended: Ended) -> str:
    """The sentence at the end, or what the job said of its fault if it ended READY."""
    if ended.job.status is not Status.READY:
        return str(ended.job.notice)
    usual = ("Sending", "Waiting in", "Downloading", "Making", "Ready", "About")
    return next((said for said in ended.said if not said.startswith(usual)), "")
