"""The model of a mesh tool is there, whole and small enough, before its request is sent; a chain goes step by step."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from client.errors import InvalidSetting
from client.jobs import model_source
from client.jobs.model_source import ModelSource
from client.jobs.notices import JobNotice
from client.jobs.request import GenerationRequest
from client.jobs.spending_limits import Limits
from client.jobs.states import Status
from client.schema import Kind
from client.service.api import TripoClient
from client.service.multipart import Progress
from client.store.ledger import Ledger
from support.agent_lab.agents import FAST, until
from support.agent_lab.chains import MODEL, MODEL_HASH, ChainWorld, chain_world


@pytest.fixture
def chains(tmp_path: Path) -> Iterator[ChainWorld]:
    with chain_world(tmp_path) as made:
        yield made


def test_a_selection_is_exported_sent_and_removed(chains: ChainWorld) -> None:
    world = chains.world
    job_id = chains.press(chains.selection())
    assert chains.inputs() == [".blend", ".selection"]
    world.run().join()
    job = world.job(job_id)
    assert job.status is Status.READY and chains.sent() == [("texture-model", MODEL_HASH)]
    assert job.prepared.startswith("inputs/") and job.prepared.endswith(".glb")
    assert chains.inputs() == [] and world.leftovers() == []


def test_the_copy_of_the_objects_goes_once_it_is_exported(chains: ChainWorld) -> None:
    world = chains.world
    world.sandbox.add_fault("submit", "http_402")
    job_id = chains.press(chains.selection())
    world.run().join()
    assert world.job(job_id).status is Status.FAILED
    assert chains.inputs() == [".glb"], "it may be sent again"
    assert world.jobs.transition(job_id, Status.FAILED, Status.PREPARED, message="", error="")
    world.run().join()
    assert world.job(job_id).status is Status.READY and chains.inputs() == []
    assert len(world.converter.events("exporting")) == 1


@pytest.mark.parametrize("modes", [("refuse",), ("crash", "crash")])
def test_nothing_is_sent_when_the_selection_cannot_be_exported(chains: ChainWorld, modes: tuple[str, ...]) -> None:
    world = chains.world
    world.converter.plan_exports(*modes)
    job_id = chains.press(chains.selection())
    world.run().join()
    job = world.job(job_id)
    assert (job.status, job.error) == (Status.FAILED, "NO_MODEL") and "nothing was charged" in str(job.notice)
    assert world.submissions == 0 and world.spent() == 0


def test_a_crash_of_the_export_is_tried_once_more(chains: ChainWorld) -> None:
    chains.world.converter.plan_exports("crash")
    job_id = chains.press(chains.selection())
    chains.world.run().join()
    assert chains.world.job(job_id).status is Status.READY and chains.world.submissions == 1


def test_without_a_background_blender_no_selection_is_sent(chains: ChainWorld) -> None:
    job_id = chains.press(chains.selection())
    chains.world.run(converter=()).join()
    assert chains.world.job(job_id).error == "NO_MODEL" and chains.world.submissions == 0


def test_a_model_that_is_too_large_is_told_before_anything_is_sent(
    chains: ChainWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(model_source, "MAX_BYTES", len(MODEL) - 1)
    job_id = chains.press(chains.selection())
    chains.world.run().join()
    job = chains.world.job(job_id)
    assert job.status is Status.FAILED and "the largest allowed is" in str(job.notice)
    assert chains.world.submissions == 0


def test_a_job_that_is_cancelled_during_the_export_is_not_sent(chains: ChainWorld) -> None:
    world = chains.world
    world.converter.plan_exports("hang")
    job_id = chains.press(chains.selection())
    other = world.press()
    agent = world.run()
    until(lambda: world.converter.events("exporting"), "the export is under way")
    until(lambda: str(world.job(job_id).notice) == "Preparing the mesh", "the row says so")
    assert world.jobs.transition(job_id, Status.PREPARED, Status.CANCELLED)
    assert world.ends(other).status is Status.READY, "its converter is free again"
    agent.join()
    assert world.submissions == 1 and chains.inputs() == []


def test_the_next_agent_exports_anew_and_pays_once(chains: ChainWorld) -> None:
    world = chains.world
    world.converter.plan_exports("hang")
    job_id = chains.press(chains.selection())
    agent = world.start()
    until(lambda: world.converter.events("exporting"), "the export is under way")
    world.kill(agent)
    until(lambda: not world.has_agent(), "its lease ends")
    world.run().join()
    assert world.job(job_id).status is Status.READY and world.submissions == 1
    assert world.leftovers() == [] and chains.inputs() == []


def test_a_copy_that_is_gone_is_told_as_such(chains: ChainWorld) -> None:
    gone = ModelSource(objects=("Suzanne",), blend=f"inputs/{'0' * 32}.blend")
    outside = ModelSource(objects=("Suzanne",), blend="../outside.blend")
    jobs = [chains.press(source) for source in (gone, outside)]
    chains.world.run().join()
    assert {chains.world.job(one).error for one in jobs} == {"NO_MODEL"} and chains.world.submissions == 0


def test_a_file_is_sent_as_it_is_and_stays(chains: ChainWorld, tmp_path: Path) -> None:
    path = tmp_path / "my own.glb"
    path.write_bytes(MODEL)
    job_id = chains.press(ModelSource(file=str(path)), Kind.MESH_SEGMENTATION)
    chains.world.run().join()
    assert chains.world.job(job_id).status is Status.READY and chains.sent() == [("mesh-segmentation", MODEL_HASH)]
    assert path.read_bytes() == MODEL and chains.world.converter.events("exporting") == []


def test_an_address_needs_no_file(chains: ChainWorld) -> None:
    job_id = chains.press(ModelSource(url="https://example.com/model.glb"))
    chains.world.run().join()
    assert chains.world.job(job_id).status is Status.READY and chains.sent() == [
        ("texture-model", "https://example.com/model.glb")
    ]


@pytest.mark.parametrize("status", [Status.READY, Status.IMPORTED])
def test_a_finished_job_is_a_source_whatever_became_of_it(chains: ChainWorld, status: Status) -> None:
    world = chains.world
    first = world.press()
    world.run().join()
    if status is Status.IMPORTED:
        world.jobs.transition(first, Status.READY, Status.IMPORTED)
        world.jobs.hide(first)
    later = chains.press(ModelSource(job_id=first))
    world.run().join()
    assert world.job(later).status is Status.READY and chains.sent() == [("texture-model", chains.result_of(first))]


def test_a_result_in_a_format_that_is_not_taken_is_exported(chains: ChainWorld) -> None:
    world = chains.world
    first = world.press()
    world.run().join()
    file = world.home.root / world.job(first).file
    world.jobs.update(
        first, Status.READY, file=file.rename(file.with_suffix(".zip")).relative_to(world.home.root).as_posix()
    )
    later = chains.press(ModelSource(job_id=first))
    world.run().join()
    assert world.job(later).status is Status.READY and chains.sent() == [("texture-model", MODEL_HASH)]
    assert world.converter.events("exporting")[0][3].endswith("model.blend") and chains.inputs() == []


def test_a_source_without_its_file_is_told(chains: ChainWorld) -> None:
    world = chains.world
    first = world.press()
    world.run().join()
    world.jobs.update(first, Status.READY, file="", blend="")
    later, lost = chains.press(ModelSource(job_id=first)), chains.press(ModelSource(job_id="0" * 12))
    world.run().join()
    for one in (later, lost):
        assert world.job(one).error == "NO_MODEL" and "import it again" in str(world.job(one).notice)
    assert world.submissions == 1


def test_a_chain_goes_step_by_step(chains: ChainWorld) -> None:
    world = chains.world
    ids = chains.chain()
    world.run().join()
    assert [world.job(one).status for one in ids] == [Status.READY] * 3
    assert chains.sent() == [
        ("mesh-segmentation", chains.result_of(ids[0])),
        ("texture-model", chains.result_of(ids[1])),
    ]
    assert [one.job_id for one in Ledger(world.database).entries()] == ids
    assert world.spent() == sum(world.job(one).credits for one in ids)


def test_a_later_step_waits_unpaid_and_says_for_what(chains: ChainWorld) -> None:
    world = chains.world
    world.sandbox.set(seconds=1000.0)
    ids = chains.chain()
    agent = world.run()
    world.reaches(ids[0], Status.QUEUED)
    until(lambda: str(world.job(ids[2]).notice), "it says why it waits")
    assert [str(world.job(one).notice) for one in ids[1:]] == ["Waiting for 'a mug'", "Waiting for 'step 1'"]
    assert [world.job(one).status for one in ids[1:]] == [Status.PREPARED] * 2 and world.submissions == 1
    agent.stop()


@pytest.mark.parametrize("end", ["failed at the service", "refused", "cancelled"])
def test_a_step_without_a_result_ends_the_chain_unpaid(chains: ChainWorld, end: str) -> None:
    world = chains.world
    if end == "failed at the service":
        world.sandbox.add_fault("status", "failed")
    elif end == "refused":
        world.sandbox.add_fault("submit", "http_402")
    else:
        world.sandbox.set(seconds=1000.0)
    ids = chains.chain()
    agent = world.run()
    if end == "cancelled":
        world.reaches(ids[0], Status.QUEUED)
        assert world.jobs.transition(ids[0], world.job(ids[0]).status, Status.CANCELLED, message="Cancelled here")
    agent.join()
    assert [world.job(one).status for one in ids[1:]] == [Status.CANCELLED] * 2
    assert [world.job(one).error for one in ids[1:]] == ["NO_MODEL"] * 2
    said = [str(world.job(one).notice) for one in ids]
    assert "'a mug' has no result" in said[1] and "nothing was charged" in said[1]
    assert "'step 1' has no result" in said[2]
    assert [world.job(one).notice.code for one in ids[1:]] == [JobNotice.SOURCE_FAILED.code] * 2
    assert chains.sent() == [] and {one.job_id for one in Ledger(world.database).entries()} <= {ids[0]}


def test_a_step_that_nobody_knows_of_holds_the_chain_until_a_person_acts(chains: ChainWorld) -> None:
    world = chains.world
    world.sandbox.add_fault("submit", "reset_after")
    ids = chains.chain()
    agent = world.run()
    assert world.ends(ids[0]).status is Status.UNCERTAIN
    until(lambda: str(world.job(ids[1]).notice) == "Waiting for 'a mug'", "the next one waits")
    agent.starter_gone.set()
    agent.join()
    assert [world.job(one).status for one in ids[1:]] == [Status.PREPARED] * 2 and world.submissions == 1
    task_id = world.sandbox.state["submissions"][0]["task_id"]
    assert world.jobs.transition(ids[0], Status.UNCERTAIN, Status.QUEUED, task_id=task_id, error="")
    world.run().join()
    assert [world.job(one).status for one in ids] == [Status.READY] * 3, [world.job(one) for one in ids]
    assert world.submissions == 3


def test_the_daily_cap_counts_the_whole_chain_at_the_press(chains: ChainWorld) -> None:
    prices = [20, 80, 20]
    with pytest.raises(InvalidSetting, match="raise the daily cap"):
        chains.chain(limits=Limits(daily_cap=sum(prices) - 1))
    assert chains.world.jobs.in_states([Status.PREPARED]) == []
    ids = chains.chain(limits=Limits(daily_cap=sum(prices)))
    assert [chains.world.job(one).credits for one in ids] == prices


def test_the_row_says_how_much_of_a_model_is_sent(chains: ChainWorld) -> None:
    """Held by the client in the middle of the upload."""
    world = chains.world
    told, go_on = threading.Event(), threading.Event()

    class Slow(TripoClient):
        def submit(self, request: GenerationRequest, on_progress: Progress | None = None) -> str:
            assert on_progress is not None
            on_progress(12 << 20, 80 << 20)
            told.set()
            assert go_on.wait(60)
            return super().submit(request, on_progress)

    job_id = chains.press(chains.selection())
    agent = world.run(client=Slow(world.account, timings=FAST))
    assert told.wait(60)
    until(lambda: str(world.job(job_id).notice) == "Uploading, 12 of 80 MB", "the row says so")
    assert world.job(job_id).status is Status.SUBMITTING
    go_on.set()
    agent.join()
    assert world.job(job_id).status is Status.READY


def test_the_row_says_that_the_mesh_is_prepared(chains: ChainWorld) -> None:
    chains.world.converter.plan_exports("hang")
    job_id = chains.press(chains.selection())
    agent = chains.world.run()
    until(lambda: str(chains.world.job(job_id).notice) == "Preparing the mesh", "the row says so")
    agent.stop()
    assert chains.world.job(job_id).status is Status.PREPARED and chains.world.submissions == 0


def test_an_export_that_was_whole_before_the_crash_is_not_made_again(chains: ChainWorld) -> None:
    source = chains.selection()
    (chains.world.home.root / source.blend).with_suffix(".glb").write_bytes(MODEL)
    job_id = chains.press(source)
    chains.world.run().join()
    assert chains.world.job(job_id).status is Status.READY and chains.sent() == [("texture-model", MODEL_HASH)]
    assert chains.world.converter.events("exporting") == [] and chains.inputs() == []
