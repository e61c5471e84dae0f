"""Jobs of a key that is no longer entered say what they wait for."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

import bpy
import pytest

from support.sandbox_service.service import API_KEY, SandboxControl

Package = Callable[[str], ModuleType]


def row() -> Any:
    (only,) = bpy.context.window_manager.tripo.jobs
    return only


@pytest.fixture
def add(package: Package, sandbox: SandboxControl) -> Callable[..., str]:
    """Put a job in some state into the store; returns its id."""
    session: Any = package("session.current").session()
    store, states = package("client.store"), package("client.jobs.states")
    request = package("client.jobs.request").GenerationRequest(
        package("client.schema").TEXT, parameters={"prompt": "a cup"}
    )

    def insert(status: str, account_id: str, **changes: Any) -> str:
        job_id = session.jobs.insert(
            store.NewJob(account_id, request), status=states.Status[status], task_id="abc" if changes else None
        )
        session.jobs.update(job_id, states.Status[status], message="Waiting in the queue", **changes)
        session.touch()
        return str(job_id)

    return insert


def look_again(package: Package) -> Any:
    """Tick until everything is shown, with a new look at what changes rarely."""
    session: Any = package("session.current").session()
    for _ in range(3):
        session.file.refreshed_at = 0.0
        session.tick()
    return session


@pytest.mark.parametrize("status", ["PREPARED", "QUEUED", "RUNNING", "DOWNLOADING"])
def test_a_job_of_another_key_says_so(
    package: Package, add: Callable[..., str], monkeypatch: pytest.MonkeyPatch, status: str
) -> None:
    monkeypatch.setenv("THREEDAISTUDIO_API_KEY", "another-key-0123456789")
    others = package("properties.account").get_account(bpy.context).account_id
    monkeypatch.setenv("THREEDAISTUDIO_API_KEY", API_KEY)
    add(status, others)
    session = look_again(package)
    assert "another API key" in row().message and "preferences" in row().message
    assert session.agent.process is None, "nothing is started for it"
    # The old key again: the agent is on its way, and the job tells its own story.
    monkeypatch.setenv("THREEDAISTUDIO_API_KEY", "another-key-0123456789")
    bpy.context.preferences.system.use_online_access = False
    look_again(package)
    bpy.context.preferences.system.use_online_access = True
    assert "another API key" not in row().message


def test_what_an_agent_works_on_is_no_orphan(package: Package, add: Callable[..., str]) -> None:
    """The agent of the key that was just changed finishes what was paid."""
    add("QUEUED", "the old one")
    session = look_again(package)
    leases = package("client.store").LeaseTable(session.database)
    assert leases.acquire("the old one", "its agent", 1)
    look_again(package)
    assert row().message == "Waiting in the queue"
    leases.release("the old one", "its agent")
    look_again(package)
    assert "another API key" in row().message


@pytest.mark.parametrize("status", ["FAILED", "CANCELLED", "EXPIRED", "QUEUED", "RUNNING", "DOWNLOADING"])
def test_trying_again_with_another_accounts_key_says_so_and_leaves_it_its_own(
    package: Package, quick: SandboxControl, add: Callable[..., str], status: str
) -> None:
    job_id = add(status, "the old one", credits=40)
    session = look_again(package)
    with pytest.raises(RuntimeError, match="enter the key that it was sent with"):
        bpy.ops.tripo.retry_job(job_id=job_id)
    job = session.jobs.get(job_id)
    assert (job.status.value, job.account_id, job.former_account) == ("FAILED", "the old one", "")


def test_an_orphan_offers_to_be_tried_with_the_present_key(package: Package, add: Callable[..., str]) -> None:
    add("RUNNING", "the old one", credits=40)
    look_again(package)
    words, notices = package("panels.job_actions"), package("client.notices")
    offered = words.actions(row().status, is_orphan=notices.read(row().notice).code == "job.other_key")
    assert [action.label for action in offered] == ["Retry", "Cancel"]
