"""The prompt's editor and its history, as a script uses them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import bpy
import pytest

from support.sandbox_service.service import API_KEY
from support.ui.sidebar import draw_all, labels

Package = Callable[[str], ModuleType]
PROMPTS = ("a chair", "a boat", "a red rocket")


@pytest.fixture
def settings(extension: str, home: Path) -> Any:
    return bpy.context.scene.tripo  # type: ignore[attr-defined]


@pytest.fixture
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THREEDAISTUDIO_API_KEY", API_KEY)


@pytest.fixture
def used(package: Package, settings: Any) -> list[str]:
    """Jobs of three prompts in the store; their ids."""
    store, kind = package("client.store"), package("client.schema").Kind.TEXT
    request = package("client.jobs.request").GenerationRequest
    session = package("session.current").session()
    made = [request(kind, parameters={"prompt": one, "negative_prompt": "rust"}) for one in PROMPTS]
    return [session.jobs.insert(store.NewJob("me", one)) for one in made]


def history() -> list[tuple[str, bool]]:
    assert bpy.ops.tripo.prompt_history() == {"FINISHED"}  # type: ignore[attr-defined]
    return [(one.text, one.starred) for one in bpy.context.window_manager.tripo.prompts]  # type: ignore[attr-defined]


def test_the_editor_writes_the_prompt_into_the_panel(settings: Any) -> None:
    assert bpy.ops.tripo.edit_prompt(prompt="a chair", negative_prompt="legs") == {"FINISHED"}  # type: ignore[attr-defined]
    assert (settings.prompt, settings.negative_prompt) == ("a chair", "legs")


def test_the_editor_takes_over_the_settings_of_a_job(settings: Any, used: list[str]) -> None:
    settings.kind, settings.variations = "IMAGE", 1
    assert bpy.ops.tripo.edit_prompt(job_id=used[0], prompt="a better chair") == {"FINISHED"}  # type: ignore[attr-defined]
    assert (settings.kind, settings.prompt) == ("TEXT", "a better chair")


def test_prompt_and_style_line_of_a_job_come_back_apart(package: Package, settings: Any) -> None:
    store, kind = package("client.store"), package("client.schema").Kind.TEXT
    asked = package("client.jobs.request").GenerationRequest(kind, parameters={"prompt": "a cup", "style": "low poly"})
    job_id = package("session.current").session().jobs.insert(store.NewJob("me", asked))
    settings.prompt, settings.style = "a chair", "of clay"
    assert bpy.ops.tripo.use_settings(job_id=job_id) == {"FINISHED"}  # type: ignore[attr-defined]
    assert (settings.prompt, settings.style) == ("a cup", "low poly")
    assert bpy.ops.tripo.edit_prompt(prompt="a boat") == {"FINISHED"}  # type: ignore[attr-defined]
    assert settings.style == "low poly", "a script that names no style line changes none"
    assert bpy.ops.tripo.edit_prompt(job_id=job_id, style="") == {"FINISHED"}  # type: ignore[attr-defined]
    assert settings.style == ""


def test_what_is_sent_is_shown_when_a_style_line_joins_the_prompt(extension: str, key: None, settings: Any) -> None:
    settings.kind, settings.prompt = "TEXT", "a chair"
    assert "a chair" not in labels(draw_all(extension))
    settings.style = "low poly"
    assert "a chair, low poly" in labels(draw_all(extension))
    settings.prompt = " "
    assert not [one for one in labels(draw_all(extension)) if "low poly" in one]


def test_the_history_is_read_when_it_is_asked_for(used: list[str]) -> None:
    assert history() == [("a red rocket", False), ("a boat", False), ("a chair", False)]
    assert bpy.ops.tripo.star_prompt(prompt=" a boat ") == {"FINISHED"}  # type: ignore[attr-defined]
    assert history()[0] == ("a boat", True)
    assert bpy.ops.tripo.star_prompt(prompt="a boat", starred=False) == {"FINISHED"}  # type: ignore[attr-defined]
    assert history()[0] == ("a red rocket", False)


def test_a_prompt_of_the_history_is_taken_whole(settings: Any, used: list[str]) -> None:
    assert bpy.ops.tripo.use_prompt(prompt="a chair\nof oak") == {"FINISHED"}  # type: ignore[attr-defined]
    assert settings.prompt == "a chair\nof oak"


def test_there_is_no_star_for_nothing(settings: Any) -> None:
    assert bpy.ops.tripo.star_prompt(prompt="  ") == {"CANCELLED"}  # type: ignore[attr-defined]


def test_nothing_is_taken_of_a_search_that_found_nothing(settings: Any) -> None:
    settings.prompt = "a cup"
    assert bpy.ops.tripo.search_prompts() == {"CANCELLED"}  # type: ignore[attr-defined]
    assert settings.prompt == "a cup"
