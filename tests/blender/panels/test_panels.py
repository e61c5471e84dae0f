"""The panels, drawn without a window: what they show in every state, and that they only look."""

from __future__ import annotations

import builtins
import pathlib
from collections.abc import Callable
from itertools import product
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import bpy
import pytest

from support.sandbox_service.service import API_KEY, SandboxControl
from support.ui import sidebar
from support.ui.layout import Drawn, Layout

Package = Callable[[str], ModuleType]

KINDS = ("TEXT", "IMAGE", "MULTIVIEW")
VERSIONS = ("3.0", "3.1", "P1")
PANELS = (
    "tab.TRIPO_PT_generate",
    "tab.TRIPO_PT_input",
    "tab.TRIPO_PT_shape",
    "tab.TRIPO_PT_surface",
    "tab.TRIPO_PT_placement",
    "tab.TRIPO_PT_result",
    "tab.TRIPO_PT_price",
    "tab.TRIPO_PT_jobs",
)


def draw(package: Package, *names: str, width: int = 300) -> list[Drawn]:
    """Draw panels, those whose poll allows it, and return what they drew."""
    drawn: list[Drawn] = []
    for name in names or PANELS:
        module, class_name = name.split(".")
        drawn += sidebar.draw(getattr(package(f"panels.{module}"), class_name), width)
    return drawn


def labels(drawn: list[Drawn]) -> str:
    return " ".join(one.text for one in drawn if one.function == "label")


def generate_button(drawn: list[Drawn]) -> Drawn:
    (button,) = [one for one in drawn if one.function == "operator" and one.text.startswith("Generate")]
    return button


@pytest.fixture
def settings(extension: str) -> Any:
    return bpy.context.scene.tripo


@pytest.fixture
def key(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    monkeypatch.setenv("THREEDAISTUDIO_API_KEY", API_KEY)


@pytest.mark.parametrize(("kind", "version"), [*product(KINDS, VERSIONS)])
def test_panels_show_exactly_what_the_endpoint_takes(
    package: Package, settings: Any, key: None, kind: str, version: str
) -> None:
    schema = package("client.schema")
    settings.kind, settings.model_version = kind, version
    shown = [one.arguments["property"] for one in draw(package) if one.function == "prop"]
    names = {one.name for one in schema.PARAMETERS}
    wanted = [one.name for one in schema.parameters_for(schema.Kind[kind], schema.ModelVersion(version))]
    for name in ("auto_size", "texture", "texture_quality"):  # one of the choices of the size, and one choice for both
        wanted.remove(name)
    assert sorted(name for name in shown if name in names) == sorted(wanted)
    assert {"fit", "texture_choice"} <= set(shown)


@pytest.mark.parametrize(
    ("kind", "version", "options", "credits"),
    [
        ("TEXT", "3.0", {}, 40),
        ("IMAGE", "3.1", {}, 60),
        ("MULTIVIEW", "3.0", {}, 60),
        ("TEXT", "3.0", {"texture_quality": "detailed", "geometry_quality": "detailed"}, 100),
        ("IMAGE", "3.0", {"texture_quality": "detailed", "geometry_quality": "detailed"}, 120),
        ("TEXT", "3.1", {"quad": True}, 50),
        ("TEXT", "3.0", {"smart_low_poly": True}, 60),
        ("TEXT", "3.0", {"texture": False}, 20),
        ("IMAGE", "3.0", {"texture": False}, 40),
        ("TEXT", "P1", {}, 80),
        ("IMAGE", "P1", {}, 100),
        # What P1 does not take costs nothing, whatever was ticked for another version.
        ("TEXT", "P1", {"quad": True, "smart_low_poly": True, "geometry_quality": "detailed"}, 80),
        ("TEXT", "3.0", {"generate_parts": True, "texture": False, "pbr": False}, 60),
    ],
)
def test_button_carries_the_price(
    package: Package, settings: Any, key: None, kind: str, version: str, options: dict[str, Any], credits: int
) -> None:
    settings.kind, settings.model_version = kind, version
    for name, value in options.items():
        setattr(settings, name, value)
    button = generate_button(draw(package, "tab.TRIPO_PT_generate"))
    assert button.text == f"Generate · {credits} Credits"
    assert button.arguments["operator"] == f"tripo.{package('client.schema').Kind[kind].value}"
    assert button.properties.use_scene_settings is True
    schema = package("client.schema")
    endpoint = schema.Kind[kind], schema.ModelVersion(version)
    given = package("properties.parameters").values_of(settings, *endpoint)
    price = package("client.schema.pricing").price(*endpoint, given)
    assert price.total == credits
    told = labels(draw(package, "tab.TRIPO_PT_price"))
    assert all(line.label in told and str(line.credits) in told for line in price.lines)


def test_without_a_key_the_welcome_takes_it(package: Package, settings: Any) -> None:
    settings.prompt = "a chair"
    drawn = draw(package)
    assert "Welcome" in labels(drawn)
    assert any(one.function == "prop" and one.arguments["property"] == "api_key" for one in drawn)
    assert any(one.arguments.get("operator") == "preferences.addon_show" for one in drawn)
    assert not [one for one in drawn if one.text.startswith("Generate")], "the welcome alone"
    assert not [one for one in drawn if one.function == "prop" and one.arguments["property"] != "api_key"]


def test_with_a_key_there_is_no_welcome(package: Package, settings: Any, key: None) -> None:
    settings.prompt = "a chair"
    drawn = draw(package)
    assert "Welcome" not in labels(drawn)
    assert generate_button(drawn).enabled


def test_offline_names_the_switch(package: Package, settings: Any, key: None) -> None:
    settings.prompt = "a chair"
    bpy.context.preferences.system.use_online_access = False
    drawn = draw(package, width=1000)
    assert "Allow Online Access" in labels(drawn)
    assert not generate_button(drawn).enabled


def test_a_bad_address_is_told(package: Package, settings: Any, key: None, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.prompt = "a chair"
    monkeypatch.setenv("THREEDAISTUDIO_API_URL", "http://example.com")
    drawn = draw(package, width=1000)
    assert "must begin with https://" in labels(drawn)
    assert not generate_button(drawn).enabled


@pytest.mark.parametrize(
    ("kind", "values", "reason"),
    [
        ("TEXT", {}, "Prompt is empty"),
        ("TEXT", {"prompt": "  "}, "Prompt is empty"),
        ("TEXT", {"prompt": "a chair", "generate_parts": True, "texture": True, "pbr": False}, "switch Texture off"),
        (
            "TEXT",
            {"prompt": "a", "model_version": "P1", "use_face_limit": True, "face_limit": 30_000},
            "20,000",
        ),
        ("IMAGE", {}, "No image is chosen"),
        ("IMAGE", {"image.source": "URL", "image.url": "http://example.com/a.png"}, "https://"),
        ("IMAGE", {"image.source": "IMAGE", "image.path": "/a.png"}, "No image is chosen"),
        ("MULTIVIEW", {"left.path": "/a.png", "back.path": "/b.png"}, "front view"),
        ("MULTIVIEW", {"front.path": "/a.png"}, "at least two"),
    ],
)
def test_what_is_missing_is_said_and_the_button_is_off(
    package: Package, settings: Any, key: None, kind: str, values: dict[str, Any], reason: str
) -> None:
    settings.kind = kind
    for name, value in values.items():
        owner, _, last = name.rpartition(".")
        setattr(getattr(settings, owner) if owner else settings, last, value)
    drawn = draw(package, "tab.TRIPO_PT_generate", width=1000)
    assert not generate_button(drawn).enabled
    assert reason in labels(drawn)


def test_drawing_looks_at_no_file(
    package: Package, settings: Any, state: Any, key: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.kind = "IMAGE"
    settings.image.path = "/nowhere/image.png"
    add_jobs(package, state)
    draw(package)  # whatever is imported late has been imported now

    def refuse(*_arguments: Any, **_named: Any) -> Any:
        raise AssertionError("a file was looked at")

    for owner, name in (
        (builtins, "open"),
        (pathlib.Path, "is_file"),
        (pathlib.Path, "stat"),
        (pathlib.Path, "open"),
    ):
        monkeypatch.setattr(owner, name, refuse)
    drawn = draw(package)
    monkeypatch.undo()
    assert not generate_button(drawn).enabled, "the image is not there"


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({}, "Balance unknown"),
        ({"balance_pending": True, "balance": "1"}, "Asking"),
        ({"balance": "142", "balance_at": 1_000_000}, "142 credits left, just now"),
        ({"balance": "142.5", "balance_at": 1_000_000 - 180}, "142.5 credits left, 3 min ago"),
        ({"balance": "142", "balance_at": 1_000_000 - 7200}, "142 credits left, 2 h ago"),
        ({"balance": "142", "balance_at": 1_000_000 - 3 * 86_400}, "142 credits left, 3 d ago"),
    ],
)
def test_balance_and_its_age(package: Package, state: Any, values: dict[str, Any], text: str) -> None:
    for name, value in values.items():
        setattr(state, name, value)
    assert package("panels.generate_button").balance_text(state, 1_000_000.0).startswith(text)


def test_a_balance_below_the_price_is_marked(package: Package, settings: Any, state: Any, key: None) -> None:
    settings.prompt = "a chair"
    state.balance = "40"
    drawn = draw(package, "tab.TRIPO_PT_generate", width=2000)
    assert not any(one.alert for one in drawn)
    state.balance = "39.99"
    drawn = draw(package, "tab.TRIPO_PT_generate", width=2000)
    assert generate_button(drawn).alert and generate_button(drawn).enabled, "it may be out of date"
    (sentence,) = [one.text for one in drawn if one.alert and one.function == "label"]
    assert sentence.startswith("This costs 40 credits, 39.99 are left")
    assert any("credit-balance" in one.properties.url for one in drawn if one.text == "Buy Credits")


# Jobs


def add_jobs(package: Package, state: Any) -> list[str]:
    statuses = [status.value for status in package("client.jobs.states").Status]
    for number, status in enumerate(statuses):
        job = state.jobs.add()
        job.job_id, job.name, job.status, job.kind = f"job{number}", f"model {number}", status, "text_to_3d"
        job.progress, job.credits, job.created_at = 42, 40, "2026-03-26 12:00"
        job.notice = "A message of more words than one line of a narrow sidebar can hold"
    return statuses


def draw_row(package: Package, state: Any, number: int) -> list[Drawn]:
    drawn: list[Drawn] = []
    rows = package("panels.tab").TRIPO_UL_jobs
    item, state.active_job = state.jobs[number], number
    rows.draw_item(SimpleNamespace(), sidebar.context(300), Layout(drawn), state, item, 0, state, "active_job", number)
    return drawn


def test_a_row_for_every_state(package: Package, state: Any) -> None:
    live = {status.value for status in package("client.jobs.states").LIVE}
    for number, status in enumerate(add_jobs(package, state)):
        drawn = draw_row(package, state, number)
        operators = {one.arguments["operator"]: one for one in drawn if one.function == "operator"}
        bars = [one for one in drawn if one.function == "progress"]
        assert [one.arguments["property"] for one in drawn if one.function == "prop"] == ["title"]
        assert bool(bars) == (status in live)
        # One press in a row never spends credits.
        of_state = {"READY": {"tripo.import_job"}, "UNCERTAIN": {"tripo.recover_task"}}
        expected = {"tripo.cancel_job"} if status in live else of_state.get(status, set())
        assert set(operators) == expected | {"tripo.select_job"}
        assert all(one.properties.job_id == f"job{number}" for one in operators.values())
    assert [one.text for one in draw_row(package, state, 4) if one.function == "progress"] == ["42%"]


def test_details_hold_the_whole_message(package: Package, state: Any, key: None) -> None:
    for number, _status in enumerate(add_jobs(package, state)):
        state.active_job = number
        drawn = draw(package, "tab.TRIPO_PT_jobs", width=200)
        assert state.jobs[number].message in labels(drawn)
        assert any(one.function == "operator" for one in drawn)


def test_no_jobs_and_a_stale_selection(package: Package, state: Any, key: None) -> None:
    assert "No jobs yet" in labels(draw(package, "tab.TRIPO_PT_jobs"))
    add_jobs(package, state)
    state.active_job = 999
    draw(package, "tab.TRIPO_PT_jobs")


def test_wrapping_breaks_between_words_and_inside_long_ones(package: Package) -> None:
    wrap = package("widgets.wrapped_text").wrap
    text = "one two three four five " + "x" * 80
    lines = wrap(text, 120, 11.0)
    assert len(lines) > 3
    assert "".join("".join(lines).split()) == "".join(text.split())
    assert wrap("short", 1000, 11.0) == ("short",)
    assert wrap("ab", 1, 11.0) == ("a", "b")
    assert wrap("", 100, 11.0) == ()


def test_menu_lists_the_operators(package: Package) -> None:
    drawn: list[Drawn] = []
    menu = package("panels.menus").VIEW3D_MT_tripo_add
    menu.draw(SimpleNamespace(layout=Layout(drawn)), sidebar.context(300))
    operators = [one.arguments["operator"] for one in drawn if one.function == "operator"]
    assert operators[:3] == ["tripo.text_to_3d", "tripo.image_to_3d", "tripo.multiview_to_3d"]


def test_preferences_grey_what_the_environment_decides(package: Package, sandbox: SandboxControl) -> None:
    drawn: list[Drawn] = []
    preferences = package("properties.preferences").get_preferences(bpy.context)
    recorder = Layout(drawn)
    for name in ("api_key", "api_url"):
        package("widgets.preferences")._draw_setting(recorder, preferences, name, "THREEDAISTUDIO_" + name.upper())
    assert [one.enabled for one in drawn if one.function == "prop"] == [False, False]
    assert "THREEDAISTUDIO_API_KEY" in labels(drawn)
    assert f"In force: {sandbox.api_url}" in labels(drawn) and API_KEY not in labels(drawn)


def test_preferences_are_in_groups_below_what_keeps_blender_offline(
    package: Package, monkeypatch: pytest.MonkeyPatch
) -> None:
    def shown() -> list[str]:
        drawn: list[Drawn] = []
        preferences = package("properties.preferences").get_preferences(bpy.context)
        package("widgets.preferences").draw(Layout(drawn), preferences, sidebar.context(900))
        assert {"extensions.userpref_allow_online"} <= {str(one.arguments.get("operator")) for one in drawn} or online
        return [one.text for one in drawn if one.function == "label"]

    groups = ["Account", "Spending", "New Models", "Storage", "Advanced"]
    online = True
    assert [text for text in shown() if text in groups] == groups
    online = False
    monkeypatch.setattr(bpy.context.preferences.system, "use_online_access", False)
    assert "Allow Online Access" in shown()[0]


# Registering


def test_panels_come_and_go(package: Package) -> None:
    def ours() -> set[str]:
        return {name for name in dir(bpy.types) if name.startswith(("TRIPO_PT", "TRIPO_UL", "VIEW3D_MT_tripo"))}

    panels = package("panels")
    menu_entries = list(bpy.types.VIEW3D_MT_add._dyn_ui_initialize())
    registered = ours()
    assert {name.rpartition(".")[2] for name in PANELS} <= registered
    panels.unregister()
    assert ours() == set()
    assert len(bpy.types.VIEW3D_MT_add._dyn_ui_initialize()) == len(menu_entries) - 1
    panels.register()
    assert ours() == registered
    assert len(bpy.types.VIEW3D_MT_add._dyn_ui_initialize()) == len(menu_entries)
