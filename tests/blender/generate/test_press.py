"""A press is written or refused, once; and nothing that is only told beside it stops the work."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType, SimpleNamespace

import bpy
import pytest

from support.machine.releases import both_ends
from support.sandbox_service.service import SandboxControl

Package = Callable[[str], ModuleType]

pytestmark = [pytest.mark.usefixtures("short_past"), both_ends]


@pytest.fixture
def press(package: Package, sandbox: SandboxControl) -> Callable[..., list[str]]:
    """Write jobs as a press does; their ids."""

    def written(count: int = 1) -> list[str]:
        session = package("session.current").session()
        account = package("properties.account").get_account(bpy.context)
        request = package("client.jobs.request").GenerationRequest(
            package("client.schema").Kind.TEXT, parameters={"prompt": "a sword"}
        )
        return session.submit_all(account, [package("client.store").NewJob(account.account_id, request)] * count)

    return written


def in_store(package: Package) -> list[str]:
    return [job.job_id for job in package("session.current").session().jobs.recent(100)]


def panel(prompt: str) -> set[str]:
    """Press the panel's button."""
    bpy.context.scene.tripo.prompt = prompt
    return bpy.ops.tripo.text_to_3d("INVOKE_DEFAULT", use_scene_settings=True)


def test_a_double_click_is_one_press(quick: SandboxControl, package: Package) -> None:
    assert panel("a chair") == {"FINISHED"}
    assert panel("a chair") == {"CANCELLED"}
    assert len(quick.state()["submissions"]) == len(in_store(package)) == 1


def test_another_prompt_is_another_press(quick: SandboxControl) -> None:
    assert panel("a table") == panel("a bench") == {"FINISHED"}
    assert len(quick.state()["submissions"]) == 2


def test_the_same_press_later_is_another_one(
    quick: SandboxControl, package: Package, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(package("operators.double_press"), "DOUBLE_SECONDS", 0.0)
    assert panel("a lamp") == panel("a lamp") == {"FINISHED"}
    assert len(quick.state()["submissions"]) == 2


def test_a_script_that_calls_twice_means_it(quick: SandboxControl) -> None:
    for _ in range(2):
        assert bpy.ops.tripo.text_to_3d(prompt="a vase") == {"FINISHED"}
    assert len(quick.state()["submissions"]) == 2


@pytest.mark.parametrize(
    "button", ["generate.generate_again.TRIPO_OT_generate_again", "jobs.actions.TRIPO_OT_retry_job"]
)
def test_a_double_click_on_a_jobs_button_is_one_press(package: Package, button: str) -> None:
    """Blender calls no ``invoke`` without a window: it is called here as a window calls it."""
    module, _, name = button.rpartition(".")
    pressed: list[object] = []

    def press_on(job_id: str) -> set[str]:
        def ask(_context: object, event: object) -> set[str]:
            pressed.append(event)
            return {"RUNNING_MODAL"}

        operator = SimpleNamespace(bl_idname=name, job_id=job_id, _ask=ask)
        return getattr(package(f"operators.{module}"), name).invoke(operator, bpy.context, job_id)

    assert press_on("one") == {"RUNNING_MODAL"} and press_on("one") == {"CANCELLED"}
    assert press_on("other") == {"RUNNING_MODAL"} and pressed == ["one", "other"]


def test_a_press_that_was_refused_may_be_pressed_again_at_once(quick: SandboxControl, extension: str) -> None:
    preferences = bpy.context.preferences.addons[extension].preferences
    preferences.use_daily_cap, preferences.daily_cap = True, 39
    try:
        with pytest.raises(RuntimeError, match="daily cap"):
            panel("a stool")
        preferences.daily_cap = 40
        assert panel("a stool") == {"FINISHED"}
        with pytest.raises(RuntimeError, match="40 of today's 40 are spent"):
            panel("a second stool")
    finally:
        preferences.property_unset("use_daily_cap")
        preferences.property_unset("daily_cap")
    assert len(quick.state()["submissions"]) == 1


def no_agent(package: Package, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_arguments: object, **_options: object) -> None:
        raise ValueError("embedded null byte")

    monkeypatch.setattr(package("session.agent_supervisor"), "start_agent", fail)


def no_lease(package: Package, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_arguments: object) -> None:
        raise package("sqlite3").OperationalError("database is locked")

    monkeypatch.setattr(package("client.store").LeaseTable, "holder", fail)


def no_spending(package: Package, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_arguments: object) -> None:
        raise ArithmeticError("no such sum")

    monkeypatch.setattr(package("session.store_reader").StoreReader, "use", fail)


def no_balance(package: Package, _monkeypatch: pytest.MonkeyPatch) -> None:
    package("session.current").session().database.connection.execute(
        "CREATE TRIGGER no_balance BEFORE INSERT ON balance BEGIN SELECT RAISE(ABORT, 'not now'); END"
    )


@pytest.mark.parametrize("trouble", [no_agent, no_lease, no_spending, no_balance])
def test_what_goes_wrong_after_a_press_is_no_failed_press(
    press: Callable[..., list[str]],
    package: Package,
    monkeypatch: pytest.MonkeyPatch,
    trouble: Callable[[Package, pytest.MonkeyPatch], None],
) -> None:
    """It was reported as failed, and sent all the same."""
    if trouble is not no_lease:
        trouble(package, monkeypatch)
        assert press() == in_store(package)
        return
    with monkeypatch.context() as patched:
        trouble(importable(package), patched)
        assert press() == in_store(package)


def importable(package: Package) -> Package:
    import sqlite3

    return lambda name: sqlite3 if name == "sqlite3" else package(name)


def test_a_press_that_cannot_be_written_writes_nothing(press: Callable[..., list[str]], package: Package) -> None:
    package("session.current").session().database.connection.execute(
        "CREATE TRIGGER full BEFORE INSERT ON job WHEN (SELECT COUNT(*) FROM job WHERE hidden = 0) = 2"
        " BEGIN SELECT RAISE(ABORT, 'no room'); END"
    )
    with pytest.raises(package("client.errors").StoreUnavailable, match="try again"):
        press(3)
    assert in_store(package) == []


ABSURD = ["NaN", "sNaN", "-Infinity", "1e400", "-5", "9" * 4000, "", "text", b"\xff\xfe", 10**18, float("inf"), -1.5]


@pytest.mark.parametrize("value", ABSURD, ids=lambda value: str(value)[:12])
@pytest.mark.parametrize("column", ["credits", "at", "asked", "problem", "steady", "note"])
def test_an_absurd_balance_stops_no_tick(sandbox: SandboxControl, package: Package, column: str, value: object) -> None:
    session = package("session.current").session()
    account = package("properties.account").get_account(bpy.context)
    connection = session.database.connection
    connection.execute("INSERT INTO balance (account_id, credits, at) VALUES (?, '5', 5.0)", (account.account_id,))
    connection.execute(f"UPDATE balance SET {column} = ?", (value,))
    connection.execute(
        "INSERT INTO ledger (job_id, account_id, at, name, kind, task_id, credits, outcome)"
        " VALUES ('job', ?, 4e9, 'a cup', 'text_to_3d', 'task', ?, 'charged')",
        (account.account_id, value),
    )
    session.touch()
    session.tick(deliver=False)
    assert session._trouble == "" and session.problem == ""
    judge = package("operators.account.spending").check_press
    assert judge(bpy.context, session, account.account_id, 40) is not None
    text = package("panels.generate_button").balance_text(bpy.context.window_manager.tripo, 1_000_000.0)
    assert len(text) < 200
