"""A look that is baked onto an object, as the agent handles it: free, unsent, and nothing is lost whoever is killed."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace

import pytest

from client.errors import InvalidRequest
from client.files import unneeded_files
from client.files.kept_model import kept_model
from client.jobs.model_source import ModelSource
from client.jobs.outcome import TRANSFER, Outcome, outcome_of
from client.jobs.placement import Original, Placement
from client.jobs.request import GenerationRequest
from client.jobs.spending_limits import Limits
from client.jobs.states import Status
from client.schema import Kind
from client.store import NewJob, press
from client.store.ledger import Ledger
from support.agent_lab.agents import FAST, World, until
from support.checks.plain_words import complaint

QUICK = replace(FAST, bake=0.4)
Transfer = Callable[[], str]


@pytest.fixture
def transfer(world: World) -> Transfer:
    """What Blender writes when the button is pressed."""

    def write() -> str:
        world.home.prepare()
        token = uuid.uuid4().hex
        for suffix in (".blend", ".selection"):
            (world.home.inputs / f"{token}{suffix}").write_bytes(b"BLENDER of the artist")
        model = ModelSource(objects=("Suzanne", "model"), blend=f"inputs/{token}.blend")
        request = GenerationRequest(Kind.TEXTURE_MODEL, None, model=model)
        placement = Placement(original=Original(("Suzanne",))).to_json()
        new = NewJob(world.account.account_id, request, placement, "", "rusty iron")
        return press.write_transfer(world.database, new)

    return write


def inputs(world: World) -> list[str]:
    return sorted(path.suffix for path in world.home.inputs.iterdir())


def events(world: World, word: str) -> list[str]:
    return [" ".join(one) for one in world.converter.events(word)]


def test_it_is_baked_and_nothing_is_sent_or_charged(world: World, transfer: Transfer) -> None:
    job_id = transfer()
    job = world.job(job_id)
    assert (job.kind, job.credits, job.status) == (TRANSFER, 0, Status.CONVERTING)
    agent = world.run()
    job = world.ends(job_id)
    assert (job.status, str(job.notice), job.file) == (Status.READY, "Ready to import", "")
    assert (world.home.root / job.blend).read_bytes().startswith(b"BLENDER")
    agent.join()
    assert world.submissions == 0 and Ledger(world.database).spent_since(job.account_id, 0.0) == 0
    assert events(world, "onto") == ["onto 1"]
    assert outcome_of(job.kind) is Outcome.NEW_LOOK and not job.thumbnail
    unneeded_files.remove_sent_models(world.home, world.database, 0.0)
    assert inputs(world) == [] and world.leftovers() == []


def test_its_request_cannot_be_sent(world: World, transfer: Transfer) -> None:
    """Whoever moves such a job to where requests are sent from spends nothing."""
    job_id = transfer()
    with pytest.raises((ValueError, KeyError, TypeError)):
        GenerationRequest.from_json(world.job(job_id).request)
    world.database.connection.execute("UPDATE job SET status = 'PREPARED' WHERE job_id = ?", (job_id,))
    world.run()
    job = world.ends(job_id)
    assert (job.status, job.error) == (Status.FAILED, InvalidRequest.code)
    assert world.submissions == 0


@pytest.mark.parametrize("mode", ["crash", "hang", "lie", "junk"])
def test_a_converter_that_dies_once_is_started_again(world: World, transfer: Transfer, mode: str) -> None:
    world.converter.plan(mode)
    job_id = transfer()
    world.run(timings=QUICK).join()
    assert world.job(job_id).status is Status.READY


@pytest.mark.parametrize("modes", [["crash", "crash"], ["hang", "hang"], ["refuse"]], ids=lambda one: one[0])
def test_what_cannot_be_baked_is_said_in_a_sentence_and_tried_again_for_free(
    world: World, transfer: Transfer, modes: list[str]
) -> None:
    world.converter.plan(*modes)
    job_id = transfer()
    world.run(timings=QUICK).join()
    job = world.job(job_id)
    assert job.status is Status.FAILED and str(job.notice).startswith("The look could not be baked")
    assert not complaint(str(job.notice))
    assert inputs(world) == [".blend", ".selection"], "the copies stay for another try"
    kept = kept_model(world.home, job)
    assert kept.file == job.file and not kept.blend
    press.write_retry(world.database, job, Status.CONVERTING, Limits(), {"message": "", "file": kept.file})
    world.run().join()
    assert world.job(job_id).status is Status.READY
    assert world.submissions == 0


def test_an_agent_that_is_killed_meanwhile_loses_nothing(world: World, transfer: Transfer) -> None:
    world.converter.plan("hang")
    job_id = transfer()
    agent = world.start(timings=replace(FAST, bake=60.0, idle_exit=60.0))
    until(lambda: events(world, "order"), "the converter bakes")
    world.kill(agent)
    assert world.job(job_id).status is Status.CONVERTING and inputs(world) == [".blend", ".selection"]
    world.start()
    assert world.ends(job_id).status is Status.READY


def test_one_whose_copies_are_gone_ends_with_the_reason(world: World, transfer: Transfer) -> None:
    job_id = transfer()
    for path in world.home.inputs.iterdir():
        path.unlink()
    world.run().join()
    job = world.job(job_id)
    assert (job.status, str(job.notice)) == (
        Status.FAILED,
        "The copy of the objects is gone: press Transfer Texture again",
    )
    assert not kept_model(world.home, job).is_there


@pytest.mark.parametrize(("kind", "option"), [("texture_model", "original"), ("convert_model", "bake_from")])
def test_what_was_paid_for_comes_though_its_extras_break_the_converter(world: World, kind: str, option: str) -> None:
    world.home.prepare()
    token = uuid.uuid4().hex
    blend = world.home.inputs / f"{token}.blend"
    blend.write_bytes(b"BLENDER of the artist")
    job_id = world.submitted()
    model = ModelSource(objects=("Suzanne",), blend=f"inputs/{token}.blend")
    parameters = {"prompt": "iron"} if kind == "texture_model" else {"format": "FBX"}
    request = GenerationRequest(Kind(kind), None, parameters, model=model)
    placement = Placement(import_result=True, bake_look=True)
    changes = {"kind": kind, "request": request.to_json(), "placement": placement.to_json()}
    world.jobs.update(job_id, Status.QUEUED, **changes)
    world.converter.plan("crash")
    world.run().join()
    job = world.job(job_id)
    assert job.status is Status.READY
    assert events(world, option) == [f"{option} {blend}"], "only at the first try"
    assert len(events(world, "order")) == 2
    assert ("the look could not be baked" in str(job.notice)) is (kind == "convert_model")
