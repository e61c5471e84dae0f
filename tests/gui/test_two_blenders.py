"""Two Blenders on one profile share the store, the agent and the rate budget, and get in nobody's way."""

from __future__ import annotations

from collections.abc import Callable

from support.machine.patience import BUSY
from support.sandbox_service.service import SandboxControl
from support.ui.outside import Workspace, options, variables


def test_two_windows_twenty_jobs(workspace: Workspace, start_sandbox: Callable[..., SandboxControl]) -> None:
    wanted = options("ten_jobs")
    sandbox = start_sandbox(*wanted.sandbox)
    first = workspace.start("ten_jobs", environment=variables(sandbox))
    first.wait_for_record("up", 90)  # the profile is set up by now: the second one only enables
    second = workspace.start("ten_jobs", environment=variables(sandbox))
    results = [run.wait(BUSY * wanted.timeout).records for run in (first, second)]
    delivered = [set(records["delivered"]) for records in results]
    assert [len(ids) for ids in delivered] == [10, 10]
    assert not delivered[0] & delivered[1], "each model was imported once"
    state = sandbox.state()
    assert len(state["submissions"]) == 20
    assert 20 < max(state["busiest_minute"].values()) <= 120
    assert not state["key_leaks"]
