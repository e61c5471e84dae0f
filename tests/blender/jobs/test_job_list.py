"""The job list without a window: what is found, what a row offers, what is copied; and that times and ids are shown."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import bpy
import pytest

from support.sandbox_service.service import API_KEY
from support.ui.layout import Drawn, Layout

Package = Callable[[str], ModuleType]


@pytest.fixture
def add(package: Package, home: Path) -> Callable[..., str]:
    """Put a job in some state into the store and into the list; returns its id."""
    schema, request, states = package("client.schema"), package("client.jobs.request"), package("client.jobs.states")
    store, session = package("client.store"), package("session.current")

    def insert(status: str, prompt: str = "a cup", **changes: Any) -> str:
        wanted = request.GenerationRequest(schema.TEXT, parameters={"prompt": prompt, "texture_quality": "detailed"})
        jobs = session.session().jobs
        job_id = jobs.insert(store.NewJob("account", wanted), status=states.Status[status])
        if changes:
            jobs.update(job_id, states.Status[status], **changes)
        session.session().touch()
        session.session().tick(deliver=False)
        return job_id

    return insert


def row(state: Any, job_id: str) -> Any:
    return next(one for one in state.jobs if one.job_id == job_id)


def test_search_by_words_and_states(package: Package, state: Any, add: Callable[..., str]) -> None:
    search = package("widgets.job_filter").search
    for status, name in (
        ("RUNNING", "a red chair"),
        ("IMPORTED", "a blue chair"),
        ("FAILED", "Red Lamp"),
        ("READY", "x"),
    ):
        add(status, name)

    def found(text: str, show: str = "ALL") -> set[str]:
        state.show = show
        flags = search(state, text, 1)
        assert not flags or len(flags) == len(state.jobs)
        return {job.name for job, flag in zip(state.jobs, flags or [1] * len(state.jobs), strict=True) if flag}

    assert len(found("")) == 4
    assert found("chair") == {"a red chair", "a blue chair"}
    assert found(" CHAIR  red ") == {"a red chair"}
    assert found("", "RUNNING") == {"a red chair"}
    assert found("", "READY") == {"x"}
    assert found("", "DONE") == {"a blue chair"}
    assert found("", "TROUBLE") == {"Red Lamp"}
    assert found("chair", "DONE") == {"a blue chair"}
    assert found("table") == set()
    job_id = add("RUNNING", "a table")
    assert found("table") == {"a table"}, "a new job is found although the question is the same"
    assert bpy.ops.tripo.cancel_job(job_id=job_id) == {"FINISHED"}
    assert found("", "RUNNING") == {"a red chair"}, "a job that changed its state is found under the new one"


def test_every_state_has_one_filter(package: Package) -> None:
    words, buttons = package("panels.job_texts"), package("panels.job_actions")
    status = package("client.jobs.states").Status
    for one in status:
        assert sum(one in states for states in package("widgets.job_filter").FILTERS.values()) == 1, one
        assert words.STATUS_WORDS[one] and buttons.actions(one)
        repeats = [action.operator for action in buttons.actions(one, kind="transfer_texture")]
        assert "tripo.generate_again" not in repeats, "nothing was generated"


@pytest.mark.parametrize("status", ["FAILED", "CANCELLED", "EXPIRED", "UNCERTAIN"])
def test_a_job_that_ended_with_its_file_offers_import_and_the_folder(package: Package, status: str) -> None:
    actions = package("panels.job_actions").actions
    both = ["tripo.import_job", "tripo.open_folder"]
    assert [one.operator for one in actions(status, has_file=True)][:2] == both
    assert not {one.operator for one in actions(status)} & set(both)


@pytest.mark.parametrize(
    ("status", "error", "message", "wanted", "unwanted"),
    [
        ("FAILED", "TASK_FAILED", "the prompt violates our content policy", "tripo.use_settings", "tripo.retry_job"),
        ("FAILED", "TASK_FAILED", "task failed with 2008", "tripo.use_settings", "tripo.retry_job"),
        ("FAILED", "NOT_ENOUGH_CREDITS", "There are not enough credits", "wm.url_open", None),
        ("UNCERTAIN", "NO_ANSWER", "It may have been charged", "tripo.recover_task", None),
        ("FAILED", "TASK_FAILED", "out of memory", None, None),
    ],
)
def test_what_helps_is_the_first_button_and_the_one_of_the_row(
    package: Package,
    state: Any,
    add: Callable[..., str],
    status: str,
    error: str,
    message: str,
    wanted: str,
    unwanted: str,
) -> None:
    buttons, job = package("panels.job_actions"), row(state, add(status, error=error, message=message))
    fix = buttons.remedy(job.status, job.kind, job.error, job.notice, job.request)
    assert (fix and fix.operator) == wanted
    assert buttons.row_action(job.status, model_here=False, fix=fix) == fix
    offered = [one.operator for one in buttons.actions(job.status, kind=job.kind, fix=fix)]
    assert offered[0] == (wanted or "tripo.retry_job") and unwanted not in offered
    assert ("tripo.use_settings" in offered) is (status == "FAILED"), "the prompt can be edited"
    drawn: list[Drawn] = []
    buttons.draw_action(Layout(drawn), buttons.BUY, job.job_id)
    assert drawn[0].properties.url.startswith("https://")


@pytest.mark.parametrize("is_all", [True, False], ids=["said alone", "said among others"])
def test_a_model_whose_objects_were_joined_offers_them_separate(
    package: Package, state: Any, add: Callable[..., str], is_all: bool
) -> None:
    notices, codes = package("client.notices"), package("client.jobs.notices").JobNotice
    said = notices.notice(codes.JOINED if is_all else codes.JOINED_TOO, before=300, after=2)
    if not is_all:
        said = notices.notice(codes.INCOMPLETE, losses=[notices.notice(codes.LOST_ANIMATION), said])
    offered: list[dict[str, Any]] = []
    for message in ("", said):
        job_id = add("IMPORTED", message=message, file="results/1/model.glb")
        state.active_job = [one.job_id for one in state.jobs].index(job_id)
        drawn: list[Drawn] = []
        package("panels.menus")._draw_chosen(Layout(drawn))
        offered += [vars(one.properties) for one in drawn if one.arguments.get("operator") == "tripo.import_job"]
    assert [one["separate"] for one in offered] == [True], "only where objects were joined"


def test_a_line_says_how_large_how_dear_and_how_long(package: Package, state: Any, add: Callable[..., str]) -> None:
    facts, scene = package("panels.job_details").job_facts, bpy.context.scene
    box, times = "[-0.5, -0.5, 0, 0.5, 0.5, 0.75]", {"submitted_at": 1000.0, "finished_at": 1041.0}
    ready = row(state, add("READY", faces=8124, bounds=box, **times))
    assert facts(ready, scene) == "8,124 faces · 1 m · 60 credits · 41 s"
    scene.unit_settings.system = "IMPERIAL"
    assert "3.28'" in facts(ready, scene), "the scene's units"
    assert facts(row(state, add("FAILED")), scene) == "Failed · 60 credits"


def test_the_age_of_the_balance_is_drawn_anew(
    package: Package, state: Any, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = package("session.job_list")
    shown, redrawn = module.JobListSync(home), list[object]()
    monkeypatch.setattr(module, "redraw_sidebars", lambda only_tab: redrawn.append(only_tab))
    state.balance_at = int(time.time()) - 5
    shown.apply()
    redrawn.clear()
    state.balance_at -= 40
    for _ in range(2):
        shown._slow_at = 0.0
        shown.apply()
    assert redrawn == ["Tripo"], "once, and the tab alone"


def test_newest_first(state: Any, add: Callable[..., str]) -> None:
    ids = [add("IMPORTED", f"cup {number}") for number in range(4)]
    assert [one.job_id for one in state.jobs] == ids[::-1]


@pytest.mark.parametrize(
    ("progress", "left", "text"),
    [(42, 35, "42% · 0:35"), (42, 3725, "42% · 1:02:05"), (97, -5, "97%"), (0, 0, "0%")],
)
def test_the_bar_counts_down(package: Package, progress: int, left: int, text: str) -> None:
    item = SimpleNamespace(status="RUNNING", progress=progress, finishes_at=1_000_000 + left)
    assert package("panels.job_texts").progress_text(item, 1_000_000.0) == text
    assert package("panels.job_texts").progress_text(item, 1_000_000.0, narrow=True) == f"{progress}%"


def test_the_end_is_shown_only_while_it_is_ahead(package: Package, state: Any, add: Callable[..., str]) -> None:
    at = time.time() + 60
    running, done = add("RUNNING", finishes_at=at), add("IMPORTED", finishes_at=at)
    assert row(state, running).finishes_at == int(at)
    assert row(state, done).finishes_at == 0


def test_details_say_what_was_asked_for(package: Package, state: Any, add: Callable[..., str]) -> None:
    job_id = add(
        "IMPORTED", "a cup " * 20, task_id="task-1", file="results/1/model.glb", size=3 * 2**20, sha256="ab" * 32
    )
    facts = {one.label: one.value for one in package("panels.job_details").request_facts(row(state, job_id).request)}
    assert facts["Texture Quality"] == "Detailed" and facts["Model"] == "v3.0"
    drawn: list[Drawn] = []
    context: Any = SimpleNamespace(
        region=SimpleNamespace(width=300),
        preferences=SimpleNamespace(
            system=SimpleNamespace(ui_scale=1.0), ui_styles=[SimpleNamespace(widget=SimpleNamespace(points=11.0))]
        ),
    )
    package("panels.job_details").draw_details(Layout(drawn), context, row(state, job_id))
    text = "".join(one.text for one in drawn)  # a long path is broken anywhere
    shown = ("Texture Quality", "Detailed", "Task ID", "task-1", "3.0 MB", "abababababab", "model.glb")
    assert [wanted for wanted in shown if wanted not in text] == [], text
    operators = [one.arguments["operator"] for one in drawn if one.function == "operator"]
    assert operators == ["tripo.copy_task_id"]


@pytest.mark.parametrize("text", ["", "{}", "[]", "null", '{"model_version": "9", "parameters": 1, "images": 2}'])
def test_a_request_that_cannot_be_read_is_no_trouble(package: Package, text: str) -> None:
    assert package("panels.job_details").request_facts(text) == ()


def test_facts_name_images_by_their_files(package: Package) -> None:
    document = {
        "model_version": "P1",
        "parameters": {"model_seed": 12345, "face_limit": 10000, "pbr": False, "compress": ""},
        "images": [
            {"slot": "front", "path": "/home/a/b.png", "url": ""},
            {"slot": "left", "url": "https://a/c.png?k=1"},
        ],
    }
    facts = package("panels.job_details").request_facts(json.dumps(document))
    assert {one.label for one in facts if one.is_ours} == {"PBR", "Compression"}, (
        "what is shown in the reader's language"
    )
    assert {one.label: one.value for one in facts} == {
        "Model": "P1",
        "Model Seed": "12345",
        "Face Limit": "10,000",
        "PBR": "Off",
        "Compression": "None",
        "Front": "b.png",
        "Left": "c.png",
    }


def copied(package: Package, operator: str, job_id: str) -> str:
    module = package("operators.jobs.clipboard")
    find = package("operators.jobs.find_job").find_job(package("session.current").session(), job_id)
    return getattr(module, operator).text(SimpleNamespace(), find)


def test_an_error_is_copied_with_its_ids(
    package: Package, add: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("THREEDAISTUDIO_API_KEY", API_KEY)
    job_id = add("FAILED", message="It went wrong: try again", error="NO_ANSWER", task_id="task-9")
    text = copied(package, "TRIPO_OT_copy_error", job_id)
    assert text.splitlines()[0] == "It went wrong: try again"
    assert all(word in text for word in ("NO_ANSWER", "task-9", job_id, "FAILED"))
    assert API_KEY not in text
    assert copied(package, "TRIPO_OT_copy_task_id", job_id) == "task-9"
    assert bpy.ops.tripo.copy_error(job_id=job_id) == {"FINISHED"}
    with pytest.raises(RuntimeError, match="given no task id"):
        bpy.ops.tripo.copy_task_id(job_id=add("FAILED", message="no"))


def test_thumbnails_are_bounded_and_let_go(package: Package, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    module = package("session.thumbnails")
    monkeypatch.setattr(module, "KEPT", 3)
    image = home / "thumbnail.png"
    image.write_bytes(b"not looked into")
    thumbnails = module.Thumbnails()
    for number in range(6):
        assert thumbnails.put((float(number), number, f"job{number}"), image) == 0
    thumbnails.put((9.0, 9, "gone"), home / "nothing.png")
    while thumbnails.is_behind:
        thumbnails.step("job5")
    assert set(thumbnails._previews.icons) == {"job0", "job1", "job5"}, "the newest and the chosen one"
    assert set(thumbnails._previews._collection) == set(thumbnails._previews.icons)
    thumbnails.step("job4")
    while thumbnails.is_behind:
        thumbnails.step("job4")
    assert set(thumbnails._previews.icons) == {"job0", "job1", "job4"}
    thumbnails.put((0.0, 0, "job0"), None)
    assert set(thumbnails._previews.icons) == {"job1", "job4"}
    thumbnails.close()
    assert thumbnails._previews._collection is None and not thumbnails.is_behind


def test_frame_is_for_models_in_the_scene(add: Callable[..., str], state: Any, package: Package) -> None:
    job_id = add("IMPORTED")
    with pytest.raises(RuntimeError, match="not in the scene"):
        bpy.ops.tripo.frame_job(job_id=job_id)
    collection = bpy.data.collections.new("cup")
    collection["tripo_job_id"] = job_id
    collection.objects.link(bpy.data.objects.new("cup", bpy.data.meshes.new("cup")))
    current = package("session.current").session()
    current.file.job_list.refresh_models()
    assert not row(state, job_id).model_here, "not linked to a scene"
    bpy.context.scene.collection.children.link(collection)
    current.file.job_list.refresh_models()
    actions = package("panels.job_actions").row_action
    if bpy.context.window_manager.windows:
        assert row(state, job_id).model_here
    assert actions("IMPORTED", model_here=True).operator == "tripo.frame_job"
    assert actions("IMPORTED", model_here=False) is None
