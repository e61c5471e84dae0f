"""A set that was paid with one key is not paid again with the next one of the same account."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

import bpy
import pytest

from support.models.placed import models
from support.sandbox_service.service import SandboxControl

Package = Callable[[str], ModuleType]


def press() -> None:
    assert bpy.ops.tripo.generate_for_selected(objects="mug") == {"FINISHED"}


def take_away() -> None:
    """As an artist deletes a model."""
    (model,) = models()
    bpy.data.batch_remove([*model.all_objects, model])
    bpy.data.objects["mug"].hide_viewport = False


@pytest.fixture
def new_key(quick: SandboxControl, package: Package, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A placeholder whose model was paid and has come; the account has another name now, as after a change of keys.
    Returns the session."""
    bpy.ops.mesh.primitive_cube_add(size=1.0)
    bpy.context.view_layer.objects.active.name = "mug"
    press()
    monkeypatch.setenv("THREEDAISTUDIO_API_URL", quick.api_url.replace("http:", "HTTP:"))
    session: Any = package("session.current").session()
    (job,) = session.jobs.recent(5)
    assert package("properties.account").get_account(bpy.context).account_id != job.account_id
    return session


def paid_once(session: Any, quick: SandboxControl) -> None:
    assert len(models()) == 1
    (job,) = session.jobs.recent(5)
    assert job.status.value == "IMPORTED" and len(quick.state()["submissions"]) == 1


def test_what_is_in_the_scene_or_on_the_disk_is_not_sent_again(new_key: Any, quick: SandboxControl) -> None:
    press()
    paid_once(new_key, quick)
    take_away()
    press()
    paid_once(new_key, quick)


@pytest.mark.parametrize("status", ["QUEUED", "FAILED"])
def test_what_the_former_key_left_unfinished_is_fetched(new_key: Any, quick: SandboxControl, status: str) -> None:
    take_away()
    (job,) = new_key.jobs.recent(5)
    (new_key.home.root / job.file).unlink()
    changes = "status = ?, file = '', blend = '', error = 'KEY_REFUSED', revision = revision + 1000"
    new_key.database.connection.execute(f"UPDATE job SET {changes}", (status,))
    new_key.database.connection.execute("UPDATE meta SET value = value + 1000 WHERE name = 'revision'")
    press()
    paid_once(new_key, quick)


def test_what_the_new_key_does_not_know_is_sent(new_key: Any, quick: SandboxControl, package: Package) -> None:
    take_away()
    (job,) = new_key.jobs.recent(5)
    (new_key.home.root / job.file).unlink()
    said = package("client.notices").notice(package("client.jobs.notices").JobNotice.UNKNOWN_TO_KEY).to_text()
    changes = "status = 'FAILED', file = '', blend = '', message = ?"
    new_key.database.connection.execute(f"UPDATE job SET {changes}", (said,))
    press()
    assert len(models()) == 1 and len(quick.state()["submissions"]) == 2
