"""The cache from the artist's side: kept for importing again, limited, cleared, opened."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import bpy
import pytest

from support.machine.releases import oldest
from support.models.placed import models
from support.sandbox_service.service import SandboxControl

Package = Callable[[str], ModuleType]

pytestmark = oldest


@pytest.fixture
def imported(sandbox: SandboxControl, extension: str, short_past: None) -> str:
    """A job whose model is in the scene and in the cache; its id."""
    sandbox.settings(requests_per_minute=0, seconds=0.5)
    bpy.context.preferences.addons[extension].preferences.requests_per_minute = 600
    assert bpy.ops.tripo.text_to_3d(prompt="a cup") == {"FINISHED"}
    (row,) = bpy.context.window_manager.tripo.jobs
    return row.job_id


@pytest.fixture
def job(package: Package) -> Callable[[str], Any]:
    return lambda job_id: package("session.current").session().jobs.get(job_id)


def test_importing_again_is_instant_and_free(sandbox: SandboxControl, imported: str, job: Callable[[str], Any]) -> None:
    used_at = job(imported).used_at
    asked = len(sandbox.state()["requests"])
    assert bpy.ops.tripo.import_job(job_id=imported) == {"FINISHED"}
    assert len(models()) == 2
    assert len(sandbox.state()["requests"]) == asked
    assert job(imported).used_at > used_at, "it counts as used now"


def test_clearing_and_fetching_again(
    sandbox: SandboxControl, imported: str, home: Path, job: Callable[[str], Any]
) -> None:
    assert bpy.ops.tripo.clear_cache() == {"FINISHED"}
    assert job(imported).file == job(imported).blend == ""
    assert {path.name for path in (home / "results").rglob("*.*")} <= {"thumbnail.png"}
    assert len(models()) == 1, "what is in the scene stays"
    assert bpy.ops.tripo.import_job(job_id=imported) == {"FINISHED"}
    assert len(models()) == 2
    assert len(sandbox.state()["submissions"]) == 1, "it costs nothing"


def test_what_has_expired_is_told(
    sandbox: SandboxControl, imported: str, package: Package, job: Callable[[str], Any]
) -> None:
    assert bpy.ops.tripo.clear_cache() == {"FINISHED"}
    sandbox.advance(25 * 3600)
    with package("session.current").session().patient() as jobs:  # our clock must agree that it may be gone
        earlier = ", ".join(f"{name} = {name} - 90000" for name in ("created_at", "submitted_at", "finished_at"))
        jobs.database.connection.execute(f"UPDATE job SET {earlier} WHERE job_id = ?", (imported,))
    with pytest.raises(RuntimeError, match=r"24 hours|expired|no longer"):
        bpy.ops.tripo.import_job(job_id=imported)
    assert job(imported).status.value == "EXPIRED"


def test_the_preferences_show_folder_and_size(imported: str, package: Package, home: Path) -> None:
    session, state = package("session.current").session(), bpy.context.window_manager.tripo  # type: ignore[attr-defined]

    def shown() -> tuple[str, str]:
        session.file.refreshed_at = 0.0
        session.tick(deliver=False)
        return state.folder, state.storage_used

    folder, used = shown()
    assert folder == str(home) and used.endswith(" MB") and used != "0.0 MB"
    assert bpy.ops.tripo.clear_cache() == {"FINISHED"}
    assert shown() == (folder, "0.0 MB")


def test_what_is_in_no_scene_stays(imported: str, package: Package, home: Path, job: Callable[[str], Any]) -> None:
    states = package("client.jobs.states").Status
    jobs = package("session.current").session().jobs
    assert jobs.transition(imported, states.IMPORTED, states.READY)
    usage = package("operators.jobs.cache")._usage()
    assert (usage.models, usage.kept_models) == (0, 1) and usage.kept_bytes == job(imported).kept > 0
    assert "stay" in package("operators.jobs.cache").describe(usage)
    assert bpy.ops.tripo.clear_cache() == {"FINISHED"}
    assert (home / job(imported).blend).is_file()


def test_the_question_tells_sizes(package: Package) -> None:
    cache = package("operators.jobs.cache")
    usage = package("client.store.result_cache").Usage(
        models=12,
        bytes=1_250_000_000,
        only_copies=3,
        kept_models=2,
        kept_bytes=35_200_000,
        on_shelf=9,
        pinned_models=4,
        pinned_bytes=80_000_000,
    )
    assert cache.describe(usage).splitlines() == [
        "Results to remove: 12 (1.2 GB). Models in your scenes are not touched.",
        "Of these, kept nowhere else: 3. 3D AI Studio keeps results for 24 hours.",
        "Of these, in the Asset Browser: 9.",
        "Pinned results that stay: 4 (80.0 MB).",
        "Results that stay: 2 (35.2 MB). They are in no scene yet.",
    ]


def test_the_limit_reaches_the_agent(package: Package, extension: str) -> None:
    preferences = bpy.context.preferences.addons[extension].preferences
    assert preferences.cache_limit_gb == 5.0
    session = package("session.current").session()
    try:
        for gigabytes in (5.0, 0.5):
            preferences.cache_limit_gb = gigabytes
            session.file.refreshed_at = 0.0
            session.tick(deliver=False)
            assert package("client.store.result_cache").limit(session.database) == gigabytes * 1e9
    finally:
        preferences.property_unset("cache_limit_gb")


@pytest.mark.skipif(os.name != "posix", reason="a stand-in for the file browser")
def test_open_folder(imported: str, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = file_browser(tmp_path, monkeypatch)
    assert bpy.ops.tripo.open_folder() == {"FINISHED"}
    assert bpy.ops.tripo.open_folder(job_id=imported) == {"FINISHED"}
    assert opened(2) == [str(home), str(home / "results" / imported)]


def file_browser(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[int], list[str]]:
    """Put a stand-in in the file browser's place; return what tells the first folders that it was asked to show."""
    program, opened = folder / "xdg-open", folder / "opened"
    program.write_text(f'#!/bin/sh\necho "$1" >> "{opened}"\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")

    def folders(count: int) -> list[str]:
        deadline = time.monotonic() + 10
        while (not opened.exists() or len(opened.read_text().splitlines()) < count) and time.monotonic() < deadline:
            time.sleep(0.02)
        return opened.read_text().splitlines()

    return folders


@pytest.mark.skipif(os.name != "posix", reason="a stand-in for the file browser")
def test_the_folder_of_a_refused_file_is_where_it_was_put(
    imported: str, home: Path, package: Package, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = file_browser(tmp_path, monkeypatch)
    with package("session.current").session().patient() as jobs:
        jobs.update(imported, jobs.get(imported).status, file=f"quarantine/{imported}.glb")
    assert bpy.ops.tripo.open_folder(job_id=imported) == {"FINISHED"}
    assert opened(1) == [str(home / "quarantine")]


def test_no_folder_to_open(imported: str, home: Path) -> None:
    shutil.rmtree(home / "results" / imported)
    assert bpy.ops.tripo.open_folder(job_id=imported) == {"CANCELLED"}
    with pytest.raises(RuntimeError, match="no such job"):
        bpy.ops.tripo.open_folder(job_id="../..")
