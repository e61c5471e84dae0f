"""A model that is on the disk is imported, for free, whatever became of its job."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import bpy
import pytest

from support.machine.releases import both_ends
from support.sandbox_service.service import SandboxControl

Package = Callable[[str], ModuleType]

pytestmark = [pytest.mark.usefixtures("short_past"), both_ends]
ENDED = ("FAILED", "CANCELLED", "EXPIRED", "UNCERTAIN")


@pytest.fixture
def ended(quick: SandboxControl, package: Package) -> Callable[..., Any]:
    """Generate a model, and let its job look as if it had ended in some state."""

    def end(status: str, **changes: Any) -> Any:
        assert bpy.ops.tripo.text_to_3d(prompt="a cup") == {"FINISHED"}
        values = {"status": status, "error": "TASK_FAILED", "message": "It failed", **changes}
        names = ", ".join(f"{name} = ?" for name in values)
        with package("session.current").session().patient() as jobs:
            (job,) = jobs.recent(1)
            jobs.database.connection.execute(f"UPDATE job SET {names} WHERE job_id = ?", (*values.values(), job.job_id))
            return jobs.get(job.job_id)

    return end


def models() -> list[Any]:
    return [one for one in bpy.data.collections if "tripo_job_id" in one]


@pytest.mark.parametrize("status", ENDED)
@pytest.mark.parametrize("how", ["prepared", "as downloaded", "unknown to its row"])
def test_a_model_on_the_disk_is_imported(
    ended: Callable[..., Any], quick: SandboxControl, package: Package, home: Path, status: str, how: str
) -> None:
    changes: dict[str, Any] = {"prepared": {}, "as downloaded": {"blend": ""}}.get(how, {"blend": "", "file": ""})
    job = ended(status, **changes)
    if changes:
        (home / "results" / job.job_id / "model.blend").unlink()
    asked = [one["path"] for one in quick.state()["requests"]]
    assert bpy.ops.tripo.import_job(job_id=job.job_id) == {"FINISHED"}
    assert len(models()) == 2
    after = package("session.current").session().jobs.get(job.job_id)
    assert (after.status.value, after.error, after.message) == ("IMPORTED", "", "")
    state = quick.state()
    assert len(state["submissions"]) == 1, "nothing is paid for twice"
    assert not [one for one in state["requests"][len(asked) :] if "status" in one["path"]], "nor asked for"


@pytest.mark.parametrize("status", ENDED)
def test_retry_takes_the_model_that_is_there(ended: Callable[..., Any], quick: SandboxControl, status: str) -> None:
    job = ended(status)
    assert bpy.ops.tripo.retry_job(job_id=job.job_id) == {"FINISHED"}
    assert len(models()) == 2 and len(quick.state()["submissions"]) == 1


@pytest.mark.parametrize("status", ENDED)
def test_without_a_file_there_is_nothing_to_import(ended: Callable[..., Any], home: Path, status: str) -> None:
    job = ended(status, file="", blend="")
    for path in (home / "results" / job.job_id).iterdir():
        path.unlink()
    with pytest.raises(RuntimeError, match="nothing to import"):
        bpy.ops.tripo.import_job(job_id=job.job_id)
