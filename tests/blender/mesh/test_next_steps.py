"""A mesh tool that works on the result of a job, finished or not: from its row, with one price and one question."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import bpy
import pytest

from support.machine.releases import both_ends
from support.sandbox_service.service import API_KEY, SandboxControl
from support.ui.layout import Drawn, Layout

Package = Callable[[str], ModuleType]

TOOLS = {"tripo.texture_model", "tripo.mesh_segmentation", "tripo.convert_model"}


class Rows:
    """Jobs in the store that no agent works on."""

    def __init__(self, package: Package, home: Path) -> None:
        self.package, self.home = package, home
        self.session: Any = package("session.current").session()
        self.status = package("client.jobs.states").Status
        self.schema = package("client.schema")

    def request(self, kind: str = "text_to_3d", source: str = "", **parameters: Any) -> Any:
        jobs = self.package("client.jobs.request")
        model = self.package("client.jobs.model_source").ModelSource(job_id=source) if source else None
        version = None if source else self.schema.DEFAULT_VERSION
        return jobs.GenerationRequest(self.schema.Kind(kind), version, parameters, model=model)

    def add(self, request: Any = None, status: str = "PREPARED", placement: str = "{}", file: str = "") -> str:
        new = self.package("client.store").NewJob("account", request or self.request(prompt="a mug"), placement)
        job_id: str = self.session.jobs.insert(new, status=self.status(status))
        if file:
            path = self.home / "results" / job_id / file
            path.parent.mkdir(parents=True)
            path.write_bytes(b"glTF")
            self.session.jobs.update(job_id, self.status(status), file=path.relative_to(self.home).as_posix())
        return job_id


@pytest.fixture
def rows(package: Package, extension: str, home: Path) -> Rows:
    return Rows(package, home)


def choose(package: Package, rows: Rows, **named: str) -> Any:
    given = {"object": "", "job_id": "", "model": "", "model_url": ""} | named
    return package("operators.mesh.source").choose(SimpleNamespace(**given), bpy.context, rows.session)


def test_a_job_under_way_can_be_worked_on(package: Package, rows: Rows) -> None:
    for status in ("PREPARED", "QUEUED", "CONVERTING"):
        job_id = rows.add(status=status)
        chosen = choose(package, rows, job_id=job_id)
        assert (chosen.source.job_id, chosen.awaits.job_id, chosen.objects) == (job_id, job_id, [])
    finished = choose(package, rows, job_id=rows.add(status="READY", file="model.glb"))
    assert finished.awaits is None


@pytest.mark.parametrize(("state", "said"), [
    ({"status": "FAILED"}, "has no model: retry that job first"),
    ({"status": "UNCERTAIN"}, "has no model"),
    ({"status": "READY"}, "no longer in the cache"),
    ({"status": "READY", "file": "model.3mf"}, "cannot be worked on"),
])  # fmt: skip
def test_a_job_without_a_model_is_refused_before_anything_is_sent(
    package: Package, rows: Rows, state: dict[str, str], said: str
) -> None:
    with pytest.raises(Exception, match=said):
        choose(package, rows, job_id=rows.add(**state))


@pytest.mark.parametrize(("format", "imported", "fits"), [
    ("FBX", False, True), ("GLTF", False, True), ("STL", False, True), ("OBJ", False, False), ("OBJ", True, True),
    ("USDZ", False, False), ("USDZ", True, True), ("3MF", False, False),
])  # fmt: skip
def test_a_conversion_under_way_is_worked_on_when_its_file_can_be_sent(
    package: Package, rows: Rows, format: str, imported: bool, fits: bool
) -> None:
    placement = package("client.jobs.placement").Placement(import_result=imported).to_json()
    job_id = rows.add(rows.request("convert_model", rows.add(), format=format), placement=placement)
    if fits:
        assert choose(package, rows, job_id=job_id).awaits.job_id == job_id
    else:
        with pytest.raises(Exception, match="choose the job that it was made from"):
            choose(package, rows, job_id=job_id)


def test_a_chain_is_asked_about_once_and_as_a_whole(package: Package, rows: Rows, extension: str) -> None:
    spending, chains = package("operators.account.spending"), package("client.store.chains")
    pricing = package("client.schema.pricing")
    first = rows.add()
    second = rows.add(rows.request("mesh_segmentation", first))
    price = pricing.price(rows.schema.Kind.CONVERT_MODEL, None, {"format": "FBX", "quad": True})
    preferences: Any = bpy.context.preferences.addons[extension].preferences

    def questions(unsent: Any) -> list[str]:
        found = spending.check_step(bpy.context, rows.session, "account", price, unsent)
        return [str(one) for one in found.questions]

    preferences.ask_above = 29
    try:
        assert len(questions(None)) == 1, "30 of 20–30 counts"
        preferences.ask_above = 140
        assert questions(None) == []
        whole = chains.price_of(chains.unsent_steps(rows.session.jobs, second))
        about, limit = questions(whole)
        assert about == "This step costs 20–30 credits and those before it, which are not sent yet, 120"
        assert "140" in limit
        preferences.ask_above = 150
        assert questions(whole) == []
    finally:
        preferences.property_unset("ask_above")


def test_a_dialog_above_the_limit_asks_before_anything_is_sent(
    package: Package, rows: Rows, extension: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in a window: what the dialog held goes through the question unchanged."""
    tool, asked = package("operators.mesh.tool"), list[Any]()
    kind = package("client.schema").Kind.TEXTURE_MODEL
    monkeypatch.setenv("THREEDAISTUDIO_API_KEY", API_KEY)
    monkeypatch.setattr(tool, "bpy", SimpleNamespace(app=SimpleNamespace(background=False)))
    monkeypatch.setattr(tool, "call", lambda operator, _how, **held: asked.append((operator, held)))
    preferences: Any = bpy.context.preferences.addons[extension].preferences
    preferences.ask_above = 130
    first = rows.add()
    second = rows.add(rows.request("mesh_segmentation", first))
    before = len(rows.session.jobs.recent(10))
    given = {"job_id": second, "prompt": "rust", "use_texture_seed": True, "texture_seed": 5}
    try:
        assert bpy.ops.tripo.texture_model(**given, from_dialog=True) == {"CANCELLED"}
    finally:
        preferences.property_unset("ask_above")
    ((asked_of, held),) = asked
    assert asked_of == kind and held.items() >= (given | {"from_dialog": True, "is_confirmed": True}).items()
    assert len(rows.session.jobs.recent(10)) == before


def test_a_step_whose_source_failed_can_wait_for_it_again(package: Package, rows: Rows) -> None:
    steps, find_job = package("operators.jobs.stop_and_resume"), package("operators.jobs.find_job").find_job
    first = rows.add(status="FAILED")
    later = rows.add(rows.request("mesh_segmentation", first), status="CANCELLED")
    rows.session.jobs.update(later, rows.status.CANCELLED, error="NO_MODEL")
    assert steps.changes_of(rows.session, find_job(rows.session, later))["error"] == ""
    assert rows.session.jobs.transition(later, rows.status.CANCELLED, rows.status.PREPARED)
    rows.session.jobs.transition(later, rows.status.PREPARED, rows.status.CANCELLED, error="")
    with pytest.raises(Exception, match="never sent"):  # by the artist
        steps.changes_of(rows.session, find_job(rows.session, later))


def drawn_by(name: str, **context: Any) -> list[Drawn]:
    drawn: list[Drawn] = []
    getattr(bpy.types, name).draw(
        SimpleNamespace(layout=Layout(drawn)), SimpleNamespace(scene=bpy.context.scene, **context)
    )
    return drawn


def test_the_tools_of_a_row_work_on_its_job(state: Any) -> None:
    for number in range(2):
        state.jobs.add().job_id = f"job{number}"
    state.active_job = 1
    drawn = [one for one in drawn_by("VIEW3D_MT_tripo_next_step") if one.function == "operator"]
    others = {"tripo.generate_again", "tripo.show_on_shelf", "tripo.pin_job"}
    assert {one.arguments["operator"] for one in drawn} == TOOLS | others
    assert {one.properties.job_id for one in drawn} == {"job1"}


def test_only_our_list_has_our_entries_in_its_context_menu(package: Package, state: Any) -> None:
    def entries(**context: Any) -> list[Drawn]:
        drawn: list[Drawn] = []
        package("panels.menus")._draw_row(SimpleNamespace(layout=Layout(drawn)), SimpleNamespace(**context))
        return drawn

    assert entries() == [] == entries(ui_list=SimpleNamespace(bl_idname="MATERIAL_UL_matslots"))
    ours = SimpleNamespace(bl_idname="TRIPO_UL_jobs")
    assert entries(ui_list=ours)[-1].arguments["menu"] == "VIEW3D_MT_tripo_next_step"
    for number in range(3):
        job = state.jobs.add()
        job.job_id, job.name, job.status = f"job{number}", f"cup {number}", "READY"
    state.active_job = 1
    alone = entries(ui_list=ours)[1:]
    assert alone[0].text == "cup 1", "it says which job is meant: the right button chooses none"
    assert [one.text for one in alone if one.function == "operator"] == ["Import", "Rename…", "Remove from List"]
    state.jobs[0].selected = state.jobs[2].selected = True
    several = entries(ui_list=ours)[1:]
    assert several[0].text == "2 jobs"
    assert [one.text for one in several if one.function == "operator"] == ["Import", "Remove from List"]


def test_a_job_that_ended_without_a_model_offers_no_next_step(package: Package, state: Any) -> None:
    job = state.jobs.add()
    for status in package("client.jobs.states").Status:
        job.job_id, job.status, job.kind = "job", status.value, "text_to_3d"
        drawn: list[Drawn] = []
        package("panels.jobs").draw(Layout(drawn), SimpleNamespace(region=SimpleNamespace(width=300), **{
            "preferences": bpy.context.preferences, "scene": bpy.context.scene,
        }))  # fmt: skip
        offered = any(one.arguments.get("menu") == "VIEW3D_MT_tripo_next_step" for one in drawn)
        ended_well = status.value not in ("UNCERTAIN", "FAILED", "CANCELLED", "EXPIRED")
        assert offered == ended_well, status


def operator_like(**values: Any) -> Any:
    """What a dialog of Retopologize or Convert holds: as the caller gave it, the rest as it is by default."""
    defaults: dict[str, Any] = {
        "quad": False, "format": "GLTF", "use_face_limit": False, "face_limit": 10000, "scale_factor": 1.0,
        "import_result": False,
    }  # fmt: skip
    return SimpleNamespace(**defaults | values, properties=SimpleNamespace(is_property_set=values.__contains__))


def test_a_dialog_begins_with_what_was_used_last_in_this_file(package: Package, tmp_path: Path, extension: str) -> None:
    memory, kind = package("operators.mesh.memory"), package("client.schema").Kind.CONVERT_MODEL
    scene: Any = bpy.context.scene
    quads = {"format": "FBX", "quad": True}
    memory.remember(operator_like(**quads, use_face_limit=True, face_limit=700, import_result=False), kind, scene)
    memory.remember(operator_like(format="STL", scale_factor=2.0), kind, scene)
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "file.blend"))
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=False)
    fresh = operator_like()
    memory.recall(fresh, kind, bpy.context.scene)
    assert fresh.format == "GLTF"
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "file.blend"))
    again = operator_like(**quads, import_result=True)
    memory.recall(again, kind, bpy.context.scene)
    assert (again.format, again.face_limit, again.use_face_limit) == ("FBX", 700, True)
    assert again.import_result, "what the button gives comes first"
    convert = operator_like()
    memory.recall(convert, kind, bpy.context.scene)
    assert (convert.format, convert.scale_factor, convert.quad) == ("STL", 2.0, False)


def test_the_panels_prices_are_those_that_the_dialogs_begin_with(package: Package, extension: str) -> None:
    mesh, tools = package("panels.mesh"), package("properties.tools_used")
    kind = package("client.schema").Kind.TEXTURE_MODEL
    number = next(index for index, tool in enumerate(mesh._TOOLS) if tool.kind is kind)
    assert mesh._price_of(number, "") == "20"
    used = tools.with_used("", kind, {"texture_quality": "detailed", "style_image": "/a.png"})
    assert mesh._price_of(number, used) == "50"
    for damaged in ("[]", "{", '{"texture_model": 3}', '{"texture_model": {"prompt": []}}'):
        assert mesh._price_of(number, damaged) == "20"


@pytest.mark.parametrize(("kind", "parameters"), [
    ("texture_model", {"prompt": "rust", "texture_seed": 3, "pbr": False, "texture_quality": "detailed",
                       "texture": True, "texture_alignment": "geometry", "bake": True}),
    ("convert_model", {"format": "FBX", "quad": True, "face_limit": 300, "part_names": ("a", "b")}),
])  # fmt: skip
def test_a_tool_once_more_begins_with_the_same_options(
    package: Package, rows: Rows, kind: str, parameters: dict[str, Any]
) -> None:
    request = rows.request(kind, "0123456789ab", **parameters)
    given = package("operators.mesh.again").arguments_of(request)
    known = getattr(bpy.ops.tripo, kind).get_rna_type().properties
    assert set(given) <= set(known.keys())
    values = package("properties.parameters").values_of(SimpleNamespace(**given), rows.schema.Kind(kind), None)
    assert {name: values[name] for name in parameters} == parameters


@both_ends
@pytest.mark.usefixtures("short_past")
def test_a_step_on_an_unfinished_job_waits_for_it(quick: SandboxControl, package: Package, extension: str) -> None:
    session, account = package("session.current").session(), package("properties.account").get_account(bpy.context)
    schema = package("client.schema")
    request = package("client.jobs.request").GenerationRequest(schema.TEXT, parameters={"prompt": "a mug"})
    first = session.submit(account, request, "{}", "")
    assert bpy.ops.tripo.mesh_segmentation(job_id=first) == {"FINISHED"}
    assert [one["endpoint"] for one in quick.state()["submissions"]] == ["text-to-3d", "mesh-segmentation"]
    later = next(row for row in bpy.context.window_manager.tripo.jobs if row.job_id != first)
    assert (later.name, later.status) == ("Parts of a mug", "IMPORTED")
