"""The table of faults: each row strikes where it says, when it says, and the service has then done what it says."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sandbox import DEFAULT_KEY, Sandbox
from sandbox.faults import ROWS, Expect
from support.sandbox_service.loopback import TEXT, WALLET
from support.sandbox_service.raw import RawAnswer, ask

SMALL = {"prompt": "a mug", "texture": False, "pbr": False, "face_limit": 500}
CELLS = [(name, on) for name, row in ROWS.items() if row.stage != "way" for on in row.expect]
SILENT = {"patch", "slow", "head_slow", "longer", "no_range"}
"""Rows that change nothing without options, or only how an answer is delivered."""
QUICK = {
    "slow": {"seconds": 0.001, "amount": 2000},
    "head_slow": {"seconds": 0.001},
    **{name: {"seconds": 1.0} for name in ("head_drips", "head_endless", "interim_slow")},
}
WITHOUT_END = {"hang_before", "hang_after", "interim_slow", "head_drips", "head_endless", "body_endless"}
SOON = 0.3


@pytest.fixture(scope="module")
def running() -> Iterator[Sandbox]:
    with Sandbox(requests_per_minute=0, seconds=0, credits=10**9, variety="plain") as sandbox:
        yield sandbox


class Asker:
    """The three requests to the API, and the one to the storage, for one finished task."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        answer = ask("POST", sandbox.api_url + TEXT, DEFAULT_KEY, SMALL)
        self.task_id: str = answer.json["task_id"]
        self.asset: str = self.ask("status").json["results"][0]["asset"]

    def ask(self, on: str, timeout: float = 20.0) -> RawAnswer:
        api = self.sandbox.api_url
        match on:
            case "submit":
                return ask("POST", api + TEXT, DEFAULT_KEY, SMALL, timeout=timeout)
            case "status":
                path = f"/v1/generation-request/{self.task_id}/status/"
                return ask("GET", api + path, DEFAULT_KEY, timeout=timeout)
            case "wallet":
                return ask("GET", api + WALLET, DEFAULT_KEY, timeout=timeout)
            case _:
                return ask("GET", self.asset, timeout=timeout)


@pytest.mark.parametrize(("name", "on"), CELLS, ids=[f"{on}-{name}" for name, on in CELLS])
def test_a_fault_strikes_as_its_row_says(running: Sandbox, name: str, on: str) -> None:
    running.reset()
    asker, row = Asker(running), ROWS[name]
    honest = asker.ask(on)
    before = len(running.state["submissions"])
    running.add_fault(on, name, **QUICK.get(name, {}))
    struck = asker.ask(on, SOON if name in WITHOUT_END else 20.0)
    state = running.state
    while state["faults"] or state["requests"][-1]["fault"] is None:  # the request is still on its way
        state = running.state
    assert state["requests"][-1]["fault"] == name
    accepted = len(state["submissions"]) - before
    assert accepted == (on == "submit" and row.stage == "after")
    if row.stage != "effect" and name not in SILENT:
        changed = struck.alike != honest.alike or struck.ended != honest.ended
        assert changed, struck.data[:2000]
    assert asker.ask("wallet").status == 200, "the next request is answered as ever"


@pytest.mark.parametrize("name", ROWS)
def test_a_row_is_complete(name: str) -> None:
    row = ROWS[name]
    assert row.name == name and row.says and not row.says.endswith(".") and len(row.says) < 100
    assert row.expect and all(type(word) is Expect for word in row.expect.values())
    ways = {"proxy", "tls"}
    assert set(row.expect) <= (ways if row.stage == "way" else {"submit", "status", "wallet", "asset", "thumbnail"})
    if "submit" in row.expect and row.stage == "before":
        assert row.is_charged("submit") == (row.expect["submit"] is Expect.READY)


def test_no_name_is_given_twice() -> None:
    from sandbox.faults import rows_answers, rows_results, rows_statuses, rows_ways, rows_wire

    rows = (
        *rows_answers.ANSWERS, *rows_results.RESULTS, *rows_statuses.STATUSES, *rows_ways.WAYS, *rows_wire.WIRE,
    )  # fmt: skip
    assert len(rows) == len(ROWS)


def test_there_are_enough_faults() -> None:
    cells = sum(len(row.expect) for row in ROWS.values())
    assert len(ROWS) >= 200 and cells >= 400
