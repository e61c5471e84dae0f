"""The artist's own limits, and the record of what was spent."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import bpy
import pytest

from support.sandbox_service.service import SandboxControl

Package = Callable[[str], ModuleType]

pytestmark = pytest.mark.usefixtures("short_past")


@pytest.fixture
def preferences(package: Package) -> Any:
    found = package("properties.preferences").get_preferences(bpy.context)
    yield found
    for name in ("use_daily_cap", "daily_cap", "ask_above", "requests_per_minute"):
        found.property_unset(name)


def test_the_daily_cap_refuses_before_anything_is_sent(preferences: Any, sandbox: SandboxControl) -> None:
    preferences.use_daily_cap, preferences.daily_cap = True, 39
    with pytest.raises(RuntimeError, match="daily cap"):
        bpy.ops.tripo.text_to_3d(prompt="a sword")
    assert not sandbox.state()["requests"]


def test_what_waits_to_be_sent_counts(preferences: Any, package: Package, sandbox: SandboxControl) -> None:
    session = package("session.current").session()
    account = package("properties.account").get_account(bpy.context)
    request = package("client.jobs.request").GenerationRequest(
        package("client.schema").Kind.TEXT, parameters={"prompt": "a sword"}
    )
    session.jobs.insert(package("client.store").NewJob(account.account_id, request))
    preferences.use_daily_cap, preferences.daily_cap = True, 79
    judge = package("operators.account.spending").check_press
    assert judge(bpy.context, session, account.account_id, 40).refusal
    assert not judge(bpy.context, session, account.account_id, 39).refusal
    session.tick()
    assert bpy.context.window_manager.tripo.spent_today == 40


def test_a_dear_press_is_asked_about_in_a_window(preferences: Any, package: Package, sandbox: SandboxControl) -> None:
    session = package("session.current").session()
    account = package("properties.account").get_account(bpy.context)
    judge = package("operators.account.spending").check_press
    assert judge(bpy.context, session, account.account_id, 100).questions == ()
    assert judge(bpy.context, session, account.account_id, 101).questions
    preferences.ask_above = 10
    assert judge(bpy.context, session, account.account_id, 40).questions


def test_charges_and_refunds_are_exported(preferences: Any, sandbox: SandboxControl, tmp_path: Path) -> None:
    preferences.requests_per_minute = 120
    sandbox.settings(requests_per_minute=0, seconds=0.5)
    with pytest.raises(RuntimeError, match="credits are given back"):
        bpy.ops.tripo.text_to_3d(prompt="=a sword [fail]")
    target = tmp_path / "spending"
    assert bpy.ops.tripo.export_ledger(filepath=str(target)) == {"FINISHED"}
    with target.with_suffix(".csv").open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [(row["credits"], row["outcome"]) for row in rows] == [("40", "charged"), ("-40", "refunded")]
    assert all(row["name"].startswith("'=a sword") and row["task"] for row in rows)


def test_a_file_costs_what_its_models_cost_each_task_once(extension: str, tmp_path: Path) -> None:
    def model(name: str, **facts: Any) -> Any:
        owner = bpy.data.objects.new(name, None)
        bpy.context.scene.collection.objects.link(owner)
        for fact, value in facts.items():
            owner[f"tripo_{fact}"] = value
        return owner

    cup = model("=cup", task_id="task1", job_id="job1", credits=40, request='{"kind": "text_to_3d"}')
    bpy.context.scene.collection.objects.link(cup.copy())
    model("sandbox", task_id="task2", job_id="job2", credits=0)
    model("nonsense", task_id="task3", job_id="job3", credits="many", request="[]")
    cup["tripo_looks"] = {"count": 2, "1": {"name": "rust", "facts": {"tripo_task_id": "task4", "tripo_credits": 20}}}
    model("not ours")
    assert bpy.ops.tripo.file_cost(filepath=str(tmp_path / "cost")) == {"FINISHED"}
    assert bpy.context.window_manager.tripo.file_credits == 60
    with (tmp_path / "cost.csv").open(encoding="utf-8-sig", newline="") as stream:
        rows = {row["task"]: row for row in csv.DictReader(stream)}
    assert {task: row["credits"] for task, row in rows.items()} == {
        "task1": "40",
        "task2": "0",
        "task3": "0",
        "task4": "20",
    }
    assert (rows["task1"]["name"], rows["task1"]["kind"]) == ("'=cup", "text_to_3d")


def test_an_export_that_cannot_be_written_says_so(sandbox: SandboxControl, tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="choose another folder"):
        bpy.ops.tripo.export_ledger(filepath=str(tmp_path / "missing" / "spending.csv"))
