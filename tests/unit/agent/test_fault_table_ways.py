"""The way there: a proxy with its tempers, and TLS. What did not leave is sent later; what did is never sent twice.

Each row is met by a press, and by a look at a task that is paid for. The last test prints the table.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import trustme

from client.account import Account
from client.jobs.states import Status
from sandbox import Sandbox
from sandbox.faults.kinds import Row
from sandbox.faults.rows_ways import WAYS
from sandbox.models.png import encode_png_gray
from support.agent_lab.agents import KEY, World
from support.agent_lab.fault_cells import CALM, Ended, listen, look, sentence_of
from support.checks.plain_words import complaint
from support.sandbox_service.certificates import sandbox_certificates
from support.sandbox_service.variety import vary

HOST = "api.service.example"
STORAGE = "storage.service.example"
SILENT = {"proxy_hang", "tunnel_mute", "tls_hang"}
HURRIED = replace(CALM, opening=1.0)
"""For ways that never open: it is tried again for free, however slow the machine is."""
ENDED: dict[str, Ended] = {}


@dataclass(frozen=True)
class Cell:
    """A row, met by a press or by the first look at a paid task."""

    row: Row
    step: str

    @property
    def on(self) -> str:
        return next(iter(self.row.expect))

    @property
    def name(self) -> str:
        return f"{self.step}-{self.row.name}"

    @property
    def wanted(self) -> str:
        return self.row.expect[self.on] if self.step == "press" else "READY"


CELLS = [Cell(row, step) for row in WAYS for step in ("press", "look")]


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def secured(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """A sandbox behind TLS, and a proxy in front of it."""
    certificates = sandbox_certificates(authority, tmp_path_factory.mktemp("certificates"), HOST, STORAGE)
    options: dict[str, Any] = {"keys": (KEY,), "credits": 100_000, "requests_per_minute": 0, "seconds": 0.0}
    with Sandbox(certificates=certificates, proxy=True, **options, **vary(__name__)) as sandbox:
        yield sandbox


@pytest.fixture
def world(secured: Sandbox, authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """A machine that trusts the authority, and knows the proxy."""
    secured.reset()
    for name in ("NO_PROXY", "no_proxy", "HTTP_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.delenv(name, raising=False)
    authority.cert_pem.write_to_path(str(tmp_path / "system.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "system.pem"))
    monkeypatch.setenv("HTTPS_PROXY", secured.proxy_url)
    monkeypatch.setattr("sandbox.tasks.build_thumbnail", lambda _recipe: encode_png_gray(8, 8))  # takes long to draw
    made = World(tmp_path, secured)
    yield made
    made.close()


def meet(world: World, cell: Cell) -> Ended:
    """One job from its press to its end, with the row on its first connection, or on the first after it was paid."""
    world.account = Account(f"https://{HOST}", KEY, 600)
    world.sandbox.set(storage_name=STORAGE)
    listen(world)
    job_id = world.press() if cell.step == "press" else world.submitted()
    world.sandbox.add_fault(cell.on, cell.row.name)
    agent = world.run(timings=HURRIED if cell.row.name in SILENT else CALM)
    agent.join(60.0)
    assert world.sandbox.state["faults"] == [], "it was met"
    return look(world, world.sandbox.state, job_id, "")


@pytest.mark.parametrize("cell", CELLS, ids=lambda cell: cell.name)
def test_a_way_that_is_not_clear_costs_nothing_twice(world: World, cell: Cell) -> None:
    ended = ENDED[cell.name] = meet(world, cell)
    job = ended.job
    assert job.status.value == cell.wanted, f"{job.status}, {job.error}: {ended.said}"
    for sentence in ended.said:
        assert not complaint(sentence), f"{complaint(sentence)}: {sentence!r}"
    assert ended.submissions == 1 and ended.key_leaks == 0 and not ended.leftovers
    assert ended.ledger == {"charged" if job.status is Status.READY else "unclear": job.credits}


def test_the_table(print_table: Callable[[str], None]) -> None:
    lines = [f"{name:40} {ended.job.status:10} {sentence_of(ended)}" for name, ended in ENDED.items()]
    tally = Counter(ended.job.status for ended in ENDED.values())
    lines.append(f"{tally.total()} cells: " + ", ".join(f"{number} {word}" for word, number in tally.most_common()))
    ENDED.clear()
    print_table("\n".join([f"{'the way there':40} {'ends':10} sentence", *lines]))
