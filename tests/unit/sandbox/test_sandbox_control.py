"""The control endpoints: everything a test in another process may ask for."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from support.sandbox_service.loopback import TEXT, WALLET, Client

Start = Callable[..., Client]


@pytest.fixture
def controlled(start: Start) -> Client:
    return start(control=True, requests_per_minute=3)


def test_state_is_not_counted_or_logged(controlled: Client) -> None:
    controlled.submit()
    *_, state = (controlled.get("/_sandbox/state", key=None) for _ in range(5))
    assert state.status == 200
    assert len(state.json["requests"]) == 1
    assert state.json["submissions"][0]["credits"] == 40
    assert controlled.get(WALLET).status == 200


def test_faults_clock_finish_and_reset(controlled: Client) -> None:
    answer = controlled.post("/_sandbox/faults", {"on": "wallet", "fault": "http_503", "times": 1, "retry_after": 5})
    assert answer.json == {"faults": [{"on": "wallet", "fault": "http_503", "times": 1}]}
    assert controlled.get(WALLET).headers["retry-after"] == "5"
    task_id = controlled.submit()
    assert controlled.post("/_sandbox/finish").json == {"finished": 1}
    assert controlled.status(task_id)["status"] == "FINISHED"
    before = controlled.get("/_sandbox/state").json["clock"]
    assert controlled.post("/_sandbox/clock", {"advance": 90}).json["clock"] >= before + 90
    assert controlled.get(WALLET).status == 200
    assert controlled.post("/_sandbox/reset").status == 200
    state = controlled.get("/_sandbox/state").json
    assert (state["requests"], state["tasks"], state["balances"]) == ([], {}, {"account-1": "1000.00"})


def test_settings(controlled: Client) -> None:
    body = {"requests_per_minute": 0, "seconds": 0, "balance": 60, "add_key": "another"}
    settings = controlled.post("/_sandbox/settings", body).json["settings"]
    assert (settings["requests_per_minute"], settings["seconds"]) == (0, 0.0)
    assert controlled.status(controlled.submit())["status"] == "FINISHED"
    assert controlled.get(WALLET).json == {"balance": "20.00"}
    assert controlled.get(WALLET, key="Bearer another").json == {"balance": "1000.00"}
    controlled.post("/_sandbox/settings", {"revoke_key": "another"})
    assert controlled.get(WALLET, key="Bearer another").status == 401


@pytest.mark.parametrize(("path", "body", "status"), [
    ("settings", {"speed": 1}, 400),
    ("settings", {"seconds": "x"}, 400),
    ("settings", {"balance": "x"}, 400),
    ("settings", {"revoke_key": "never was"}, 404),
    ("faults", {}, 400),
    ("faults", {"on": "submit", "fault": "none"}, 400),
    ("clock", {}, 404),
    ("clock", {"advance": -1}, 400),
    ("clock", {"advance": "soon"}, 400),
    ("clock", [], 400),
    ("clock", b"{", 400),
    ("elsewhere", {}, 404),
])  # fmt: skip
def test_wrong_control_calls(controlled: Client, path: str, body: object, status: int) -> None:
    assert controlled.post(f"/_sandbox/{path}", body).status == status


def test_control_is_off_by_default(client: Client) -> None:
    assert client.post("/_sandbox/reset", {}).status == 404
    assert client.post(TEXT, {"prompt": "a mug"}).status == 200
