"""The operators on jobs that exist. The store is driven by hand; where the service is needed, it is the sandbox."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import bpy
import pytest

from support.models.placed import models
from support.sandbox_service.service import API_KEY, SandboxControl

Package = Callable[[str], ModuleType]

pytestmark = pytest.mark.usefixtures("short_past")


@pytest.fixture
def add(package: Package, home: Path) -> Callable[..., str]:
    """Put a job in some state into the store; returns its id."""
    schema, request, states = package("client.schema"), package("client.jobs.request"), package("client.jobs.states")
    store, session = package("client.store"), package("session.current")

    def insert(status: str, *, task_id: str | None = None, account_id: str = "account", **changes: Any) -> str:
        wanted = request.GenerationRequest(schema.TEXT, parameters={"prompt": "a cup"})
        jobs = session.session().jobs
        new = store.NewJob(account_id, wanted)
        job_id = jobs.insert(new, status=states.Status[status], task_id=task_id)
        if changes:
            jobs.update(job_id, states.Status[status], **changes)
        return job_id

    return insert


@pytest.fixture
def job(package: Package, home: Path) -> Callable[[str], Any]:
    return lambda job_id: package("session.current").session().jobs.get(job_id)


@pytest.fixture
def account_id(sandbox: SandboxControl, package: Package) -> str:
    return package("properties.account").get_account(bpy.context).account_id


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("PREPARED", "nothing was charged"),
        ("SUBMITTING", "credits stay spent"),
        ("QUEUED", "credits stay spent"),
        ("RUNNING", "credits stay spent"),
        ("CONVERTING", "credits stay spent"),
        ("UNCERTAIN", "credits stay spent"),
    ],
)
def test_cancel_tells_what_it_cost(add: Callable[..., str], job: Callable[[str], Any], status: str, words: str) -> None:
    job_id = add(status)
    assert bpy.ops.tripo.cancel_job(job_id=job_id) == {"FINISHED"}
    assert job(job_id).status.value == "CANCELLED"
    assert words in str(job(job_id).notice)
    (row,) = bpy.context.window_manager.tripo.jobs
    assert row.status == "CANCELLED", "the row shows it at once"


@pytest.mark.parametrize("status", ["IMPORTED", "FAILED", "CANCELLED", "EXPIRED"])
def test_what_has_ended_is_not_cancelled(add: Callable[..., str], job: Callable[[str], Any], status: str) -> None:
    job_id = add(status)
    with pytest.raises(RuntimeError, match="cannot be cancelled"):
        bpy.ops.tripo.cancel_job(job_id=job_id)
    assert job(job_id).status.value == status


def test_remove_hides_ended_jobs_only(add: Callable[..., str], job: Callable[[str], Any]) -> None:
    live, ended = add("RUNNING"), add("FAILED")
    with pytest.raises(RuntimeError, match="cancel it first"):
        bpy.ops.tripo.remove_job(job_id=live)
    assert bpy.ops.tripo.remove_job(job_id=ended) == {"FINISHED"}
    assert [row.job_id for row in bpy.context.window_manager.tripo.jobs] == [live]
    assert job(ended).hidden == 1


@pytest.mark.parametrize(
    ("which", "gone"), [("FINISHED", {"IMPORTED"}), ("FAILED", {"FAILED", "CANCELLED", "EXPIRED"})]
)
def test_many_are_removed_at_once(
    add: Callable[..., str], job: Callable[[str], Any], package: Package, which: str, gone: set[str]
) -> None:
    added = {add(status.value): status.value for status in package("client.jobs.states").Status for _ in range(2)}
    assert bpy.ops.tripo.remove_jobs(which=which) == {"FINISHED"}
    left = {added[row.job_id] for row in bpy.context.window_manager.tripo.jobs}
    assert left and not left & gone, "the list shows it at once"
    assert all(job(job_id).hidden == (status in gone) for job_id, status in added.items())
    assert bpy.ops.tripo.remove_jobs(which=which) == {"CANCELLED"}, "nothing is left to remove"


def test_the_selected_ones_are_removed_and_what_runs_stays(
    add: Callable[..., str], job: Callable[[str], Any], state: Any
) -> None:
    names = ["UNCERTAIN", "FAILED", "RUNNING", "IMPORTED", "FAILED"]
    ids = [add(name) for name in names]
    bpy.ops.tripo.cancel_job(job_id=add("QUEUED"))  # a first tick: the list is there

    def select(index: int, **how: bool) -> set[str]:
        assert bpy.ops.tripo.select_job(job_id=ids[index], **how) == {"FINISHED"}
        return {one.job_id for one in state.jobs if one.selected}

    assert select(0) == set() and state.jobs[state.active_job].job_id == ids[0]
    assert select(2, extend=True) == set(ids[:3]), "all up to it"
    assert select(3, toggle=True) == set(ids[:4])
    assert select(1, toggle=True) == {ids[0], ids[2], ids[3]}
    state.show = "TROUBLE"
    assert bpy.ops.tripo.remove_jobs(which="SELECTED") == {"FINISHED"}
    assert [bool(job(one).hidden) for one in ids] == [True, False, False, True, False]
    assert job(ids[0]).status.value == "CANCELLED", "what it may have cost stays counted"
    state.property_unset("show")
    assert select(1) == set(), "a click without a key selects nothing else"
    assert bpy.ops.tripo.remove_jobs(which="SELECTED") == {"FINISHED"}
    assert [bool(job(one).hidden) for one in ids] == [True, True, False, True, False], "the active one alone"


def test_a_new_name_is_in_the_list_the_store_and_the_scene(
    quick: SandboxControl, job: Callable[[str], Any], state: Any
) -> None:
    assert bpy.ops.tripo.text_to_3d(prompt="a weathered bronze statue of an owl reading a book") == {"FINISHED"}
    (model,) = models()
    (mesh,) = (one for one in model.all_objects if one.type == "MESH")
    job_id = model["tripo_job_id"]
    assert bpy.ops.tripo.rename_job(job_id=job_id, name="  owl ") == {"FINISHED"}
    assert (job(job_id).name, state.jobs[0].name, model.name, mesh.name, mesh.data.name) == ("owl",) * 5
    mesh.name = "beak"
    state.jobs[0].title = "night owl"
    assert (job(job_id).name, model.name, mesh.name) == ("night owl", "night owl", "beak"), "the artist's name stays"
    with pytest.raises(RuntimeError, match="needs a name"):
        bpy.ops.tripo.rename_job(job_id=job_id, name=" ")
    state.jobs[0].title = ""
    assert state.jobs[0].title == "night owl", "what is refused changes nothing"


@pytest.mark.parametrize("operator", ["cancel_job", "import_job", "retry_job", "remove_job"])
def test_unknown_jobs_are_told(sandbox: SandboxControl, operator: str) -> None:
    with pytest.raises(RuntimeError, match="no such job"):
        getattr(bpy.ops.tripo, operator)(job_id="nothing")


def test_without_a_result_there_is_nothing_to_import(add: Callable[..., str]) -> None:
    """One that is under way is waited for: see test_list_without_window."""
    with pytest.raises(RuntimeError, match="nothing to import yet"):
        bpy.ops.tripo.import_job(job_id=add("UNCERTAIN"))


def test_a_key_that_does_not_know_the_task_says_so_and_the_job_stays(
    quick: SandboxControl, add: Callable[..., str], job: Callable[[str], Any]
) -> None:
    job_id = add("FAILED", task_id="abc")
    before = job(job_id).account_id
    with pytest.raises(RuntimeError, match="does not know this task: enter the key that it was sent with"):
        bpy.ops.tripo.retry_job(job_id=job_id)
    after = job(job_id)
    assert (after.status.value, after.account_id, after.former_account) == ("FAILED", before, "")


def test_what_a_refused_key_never_sent_goes_out_with_the_new_one(
    quick: SandboxControl, extension: str, job: Callable[[str], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its message says to make a new key; with that one it is taken up."""
    monkeypatch.setenv("THREEDAISTUDIO_API_KEY", "a-key-that-was-revoked-0123")
    with pytest.raises(RuntimeError, match="API key"):
        bpy.ops.tripo.text_to_3d(prompt="a cup")
    (row,) = bpy.context.window_manager.tripo.jobs
    job_id = row.job_id
    refused = job(job_id)
    assert (refused.status.value, refused.error) == ("FAILED", "KEY_REFUSED")
    monkeypatch.setenv("THREEDAISTUDIO_API_KEY", API_KEY)
    assert bpy.ops.tripo.retry_job(job_id=job_id) == {"FINISHED"}
    sent = job(job_id)
    assert sent.status.value == "IMPORTED" and sent.account_id != refused.account_id
    assert len(quick.state()["submissions"]) == 1


@pytest.mark.parametrize("status", ["READY", "IMPORTED", "RUNNING"])
def test_retry_is_for_what_stopped(
    account_id: str, add: Callable[..., str], job: Callable[[str], Any], status: str
) -> None:
    job_id = add(status, task_id="abc", account_id=account_id)
    with pytest.raises(RuntimeError, match="cannot be retried"):
        bpy.ops.tripo.retry_job(job_id=job_id)
    assert job(job_id).status.value == status


def test_what_was_never_sent_is_not_sent_by_retry(account_id: str, add: Callable[..., str]) -> None:
    with pytest.raises(RuntimeError, match="never sent"):
        bpy.ops.tripo.retry_job(job_id=add("CANCELLED", account_id=account_id))


@pytest.mark.parametrize("status", ["SUBMITTING", "UNCERTAIN"])
def test_of_what_may_have_been_charged_nobody_says_that_it_was_never_sent(
    account_id: str, add: Callable[..., str], status: str
) -> None:
    job_id = add(status, account_id=account_id)
    bpy.ops.tripo.cancel_job(job_id=job_id)
    with pytest.raises(RuntimeError, match="given no task id"):
        bpy.ops.tripo.retry_job(job_id=job_id)


@pytest.mark.parametrize("task_id", ["", "two words", "../etc/passwd", "a" * 129])
def test_task_ids_are_checked(sandbox: SandboxControl, task_id: str) -> None:
    with pytest.raises(RuntimeError, match="not a task id"):
        bpy.ops.tripo.recover_task(task_id=task_id)
    assert not sandbox.state()["requests"]


def test_a_known_task_is_not_adopted_twice(account_id: str, add: Callable[..., str]) -> None:
    add("IMPORTED", task_id="abc", account_id=account_id)
    with pytest.raises(RuntimeError, match="already in the list"):
        bpy.ops.tripo.recover_task(task_id="abc")


def test_a_paid_task_comes_back_for_free(sandbox: SandboxControl, extension: str, job: Callable[[str], Any]) -> None:
    """Cancelled after it was paid, watched again; its model lost from the cache, fetched again."""
    sandbox.settings(requests_per_minute=0, seconds=0.5)
    bpy.context.preferences.addons[extension].preferences.requests_per_minute = 600
    sandbox.add_fault("submit", "reset_after")
    with pytest.raises(RuntimeError, match="charged"):
        bpy.ops.tripo.text_to_3d(prompt="a cup")
    (row,) = bpy.context.window_manager.tripo.jobs
    (sent,) = sandbox.state()["submissions"]
    job_id = row.job_id
    result = bpy.ops.tripo.recover_task(task_id=sent["task_id"], job_id=job_id)
    assert result == {"FINISHED"} and job(job_id).status.value == "IMPORTED"
    assert [one["tripo_task_id"] for one in models()] == [sent["task_id"]]
    assert len(sandbox.state()["submissions"]) == 1
