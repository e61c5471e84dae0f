"""The Sandbox as artists meet it: a model without a key, a network or credits, and nothing left of it afterwards."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import bpy
import pytest

from support.machine import processes
from support.machine.releases import both_ends
from support.sandbox_service.service import API_KEY

Package = Callable[[str], ModuleType]

pytestmark = both_ends


@pytest.fixture(autouse=True)
def out_of_it(extension: str, home: Path) -> Iterator[None]:
    yield
    if bpy.ops.tripo.leave_sandbox.poll():
        bpy.ops.tripo.leave_sandbox()


def service_processes() -> list[processes.Found]:
    """The Sandbox's processes of this profile."""
    folder = f"{bpy.utils.user_resource('EXTENSIONS')}/user_default/tripo_generator/sandbox"
    return processes.mentioning([folder], environment=False)


def test_a_model_without_key_or_network(package: Package, home: Path) -> None:
    bpy.context.preferences.system.use_online_access = False
    assert not bpy.ops.tripo.text_to_3d.poll()
    assert bpy.ops.tripo.try_sandbox() == {"FINISHED"}
    assert len(service_processes()) == 1
    assert not bpy.ops.tripo.try_sandbox.poll()
    assert bpy.ops.tripo.text_to_3d(prompt="a red mushroom") == {"FINISHED"}
    (model,) = [one for one in bpy.data.collections if "tripo_job_id" in one]
    assert len(model.all_objects) >= 1
    assert bpy.ops.tripo.leave_sandbox() == {"FINISHED"}
    assert not service_processes()
    assert not list(home.glob("sandbox-*.json"))
    assert not bpy.ops.tripo.text_to_3d.poll(), "without it there is neither key nor network"


def test_the_artists_own_account_is_untouched(
    package: Package, extension: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    preferences, settings = package("properties.preferences"), package("client.account")
    get_account = package("properties.account").get_account
    own = bpy.context.preferences.addons[extension].preferences
    own.api_key = API_KEY
    try:
        before = get_account(bpy.context)
        bpy.ops.tripo.try_sandbox()
        account = get_account(bpy.context)
        assert account.account_id == settings.SANDBOX_ACCOUNT != before.account_id
        assert settings.is_loopback_url(account.api_url)
        assert account.api_key != API_KEY and own.api_key == API_KEY
        assert preferences.get_agent_options()[0] is False, "an agent is of no use without this Blender's Sandbox"
        bpy.ops.tripo.leave_sandbox()
        assert get_account(bpy.context) == before
    finally:
        own.api_key = ""


def test_it_spends_nothing(package: Package, extension: str, home: Path) -> None:
    own = bpy.context.preferences.addons[extension].preferences
    own.use_daily_cap, own.daily_cap = True, 0
    try:
        bpy.ops.tripo.try_sandbox()
        assert bpy.ops.tripo.text_to_3d(prompt="a cup", texture_quality="detailed") == {"FINISHED"}
    finally:
        own.property_unset("use_daily_cap")
        own.property_unset("daily_cap")
    database = package("session.current").session().database
    ledger = package("client.store.ledger").Ledger(database)
    assert ledger.entries() == []
    jobs = package("client.store").JobTable(database)
    assert len(jobs.recent(10)) == 1
    assert jobs.durations("text_to_3d", 10) == [], "what it takes says nothing about the service"


def test_its_models_can_be_imported_in_a_later_one(package: Package) -> None:
    session = package("session.current")
    bpy.ops.tripo.try_sandbox()
    bpy.ops.tripo.text_to_3d(prompt="a cup")
    bpy.ops.tripo.leave_sandbox()
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    bpy.ops.tripo.try_sandbox()
    (job,) = session.session().jobs.recent(10)
    assert bpy.ops.tripo.import_job(job_id=job.job_id) == {"FINISHED"}
    assert [one for one in bpy.data.collections if "tripo_job_id" in one]


def test_leaving_ends_its_jobs(package: Package) -> None:
    session, states = package("session.current"), package("client.jobs.states")
    request, schema = package("client.jobs.request"), package("client.schema")
    bpy.ops.tripo.try_sandbox()
    account = package("properties.account").get_account(bpy.context)
    wish = request.GenerationRequest(schema.TEXT, parameters={"prompt": "a cup"})
    job_id = session.session().submit(account, wish, "{}", "")
    bpy.ops.tripo.leave_sandbox()
    assert session.session().jobs.get(job_id).status is states.Status.CANCELLED


def test_what_a_killed_blender_left_is_tidied_up(package: Package) -> None:
    session, states, settings = package("session.current"), package("client.jobs.states"), package("client.account")
    request, schema, store = package("client.jobs.request"), package("client.schema"), package("client.store")
    wish = request.GenerationRequest(schema.TEXT, parameters={"prompt": "a cup"})
    jobs = session.session().jobs
    left = jobs.insert(store.NewJob(settings.SANDBOX_ACCOUNT, wish))
    paid = jobs.insert(store.NewJob("the artist's own", wish))
    package("session.sandbox_jobs").cancel_abandoned(session.session())
    assert jobs.get(left).status is states.Status.CANCELLED
    assert jobs.get(paid).status is states.Status.PREPARED


def test_one_that_died_is_not_replaced_by_the_paid_service(
    package: Package, extension: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("THREEDAISTUDIO_API_KEY", API_KEY)
    bpy.ops.tripo.try_sandbox()
    service = package("session.sandbox_process")
    service._child.process.kill()
    service._child.process.wait()
    service.step()
    assert not bpy.ops.tripo.text_to_3d.poll()
    with pytest.raises(RuntimeError, match="stopped by itself"):
        bpy.ops.tripo.text_to_3d(prompt="a cup")
    assert bpy.ops.tripo.try_sandbox() == {"FINISHED"}, "it can be started again"


def test_disabling_ends_it(package: Package, extension: str) -> None:
    bpy.ops.tripo.try_sandbox()
    assert service_processes()
    bpy.ops.preferences.addon_disable(module=extension)
    assert not service_processes()
    bpy.ops.preferences.addon_enable(module=extension)
    assert not package("properties.sandbox_mode").current().is_on


def test_blenders_leave_to_go_online_is_not_given_by_it(package: Package, home: Path) -> None:
    """The artist's own agent, which may still be at work, goes on waiting while Blender is offline."""
    current = package("session.current").session()
    current.tick(deliver=False)
    bpy.context.preferences.system.use_online_access = False
    bpy.ops.tripo.try_sandbox()
    current.tick(deliver=False)
    assert package("client.store.blender_sessions").may_go_online(current.database) is False


def test_it_goes_when_blender_is_killed(extension: str) -> None:
    """Its end of the pipe is all that tells."""
    script = (
        f"import bpy, importlib, os, signal; bpy.ops.preferences.addon_enable(module={extension!r});"
        "bpy.ops.tripo.try_sandbox();"
        f"service = importlib.import_module('{extension}.session.sandbox_process');"
        "print(service._child.process.pid, flush=True);"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    pid = done.stdout.split()[-1]
    assert pid.isdigit(), done.stdout + done.stderr
    deadline = time.monotonic() + 10
    while service_processes() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not service_processes()
