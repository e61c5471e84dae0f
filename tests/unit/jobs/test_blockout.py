"""Placeholders: prompts from their names, and which jobs were made for them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from client.account import SANDBOX_ACCOUNT
from client.jobs.blockout import Made, Step, Wish, latest, made_for, minutes, prompt_from_name, read_made, step_of
from client.jobs.geometry import Box, Transform, between, box_around
from client.jobs.placement import Placeholder, Placement, transform
from client.jobs.request import GenerationRequest
from client.jobs.states import Status
from client.schema import Kind
from client.store import JobTable, NewJob
from client.store.copied_store import COPIED

UNIT = (1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0)
BOX = Box((-1.0, -1.0, -1.0), (1.0, 1.0, 1.0))
CRATE, OTHER = Placeholder("crate", UNIT, BOX), Placeholder("crate", (*UNIT[:3], 5.0, *UNIT[4:]), BOX)
WISH = Wish(Kind.TEXT, "a crate")


@pytest.mark.parametrize(
    ("name", "prompt"),
    [
        ("crate", "crate"),
        ("barrel rusty", "barrel rusty"),
        ("crate.001", "crate"),
        ("SM_BarrelRusty_01.002", "barrel rusty"),
        ("blockout_chair", "chair"),
        ("lamp-post_low", "lamp post"),
        ("SM_Door_LOD0", "door"),
        ("TVStand", "TV stand"),
        ("barrel2", "barrel"),
        ("R2D2", "R2D2"),
        ("Eiffel Tower", "Eiffel Tower"),
        ("Fässer_Rostig", "fässer rostig"),
        ("木箱", "木箱"),
        *((name, "") for name in ("Cube", "Cube.003", "UV Sphere", "Mesh", "SM", "Plane.001", "BézierCurve", "01", "")),
    ],
)
def test_a_name_says_what_it_is_or_nothing(name: str, prompt: str) -> None:
    assert prompt_from_name(name) == prompt


@pytest.fixture
def made(jobs: JobTable) -> Callable[..., Made]:
    """Writes a job for a placeholder and returns it as it is read back."""

    def write(place: Placeholder = CRATE, target: str = "", status: Status = Status.PREPARED) -> Made:
        request = GenerationRequest(WISH.kind, parameters={"prompt": WISH.prompt})
        placement = Placement(placeholder=place, copies=(place._replace(name="crate.001"),)).to_json()
        job_id = jobs.insert(NewJob("account", request, placement, target), status=status)
        jobs.insert(NewJob("account", request))  # a model that takes no place
        jobs.insert(NewJob("another", request, placement))
        (found,) = [one for one in read_made(jobs.in_places("account")) if one.job.job_id == job_id]
        return found

    return write


def test_a_job_is_found_by_its_scene_its_place_or_the_note(made: Callable[..., Made]) -> None:
    one = made(target="scene")
    assert one.wish == WISH and [place.name for place in one.places] == ["crate", "crate.001"]

    def found(place: Placeholder, here: str = "", noted: str = "") -> list[Made]:
        return made_for([one], [place], {noted}, lambda token: token == here)

    assert found(OTHER, here="scene") == [one], "its placeholder was moved meanwhile"
    assert found(CRATE._replace(name="crate.001"), here="scene") == [one], "an instance goes there"
    assert not found(CRATE._replace(name="barrel"), here="scene")
    assert found(CRATE) == [one], "the file was not saved after the press: the scene has no token"
    assert not found(OTHER), "another file's crate"
    assert found(OTHER._replace(name="box"), noted=one.job.job_id) == [one], "the placeholder was renamed"


@pytest.mark.parametrize(
    ("status", "known", "step"),
    [
        (Status.RUNNING, {}, Step.WAIT),
        (Status.UNCERTAIN, {}, Step.UNCLEAR),
        (Status.READY, {"comes": True}, Step.WAIT),
        (Status.READY, {}, Step.IMPORT),
        (Status.IMPORTED, {}, Step.IMPORT),
        (Status.IMPORTED, {"in_scene": True}, Step.DONE),
        (Status.FAILED, {"is_paid": True}, Step.IMPORT),
        (Status.FAILED, {}, Step.SEND),
        (Status.CANCELLED, {}, Step.SEND),
    ],
)
def test_nothing_paid_or_under_way_is_sent(
    made: Callable[..., Made], status: Status, known: dict[str, bool], step: Step
) -> None:
    job = latest([made(status=status)], WISH)
    assert step_of(job, **{"in_scene": False, "comes": False, "is_paid": False} | known) is step


def test_what_another_copy_of_the_job_list_may_have_sent_is_for_a_person(made: Callable[..., Made]) -> None:
    job = replace(made(status=Status.FAILED).job, message=COPIED.to_text())
    assert step_of(job, in_scene=False, comes=False, is_paid=False) is Step.UNCLEAR


def test_what_one_key_has_paid_the_next_finds(made: Callable[..., Made], jobs: JobTable) -> None:
    one = made(status=Status.IMPORTED)
    assert one.job in jobs.in_places("a new key")
    assert not jobs.in_places(SANDBOX_ACCOUNT)


def test_another_prompt_is_another_wish(made: Callable[..., Made]) -> None:
    failed, done = made(status=Status.FAILED), made(status=Status.IMPORTED)
    assert latest([failed, done], WISH) == done.job, "what failed since does not hide what is there"
    assert latest([failed, done], Wish(Kind.TEXT, "a barrel")) is None
    assert latest([failed, done], Wish(Kind.MULTIVIEW, "a crate")) is None
    assert Wish(Kind.MULTIVIEW, "").is_of(Wish(Kind.MULTIVIEW, "a crate")), "no prompt is sent with views"


def test_a_model_goes_on_from_one_place_to_another() -> None:
    turned = Placeholder("b", (0.0, -2.0, 0.0, 3.0, 2.0, 0.0, 0.0, 4.0, 0.0, 0.0, 2.0, 5.0, 0.0, 0.0, 0.0, 1.0), BOX)
    own = Box((-0.5, -0.2, -0.4), (0.7, 0.2, 0.6))
    here, there = (transform(Placement(placeholder=one), own, 1.0) for one in (OTHER, turned))
    moved = box_around(between(here, there).apply(here.apply(corner)) for corner in own.corners)
    wanted = box_around(there.apply(corner) for corner in own.corners)
    for found, expected in zip(moved, wanted, strict=True):
        assert found == pytest.approx(expected, abs=1e-6)
    same = between(here, here._replace(scale=here.scale * (1 + 1e-9), location=(1.0, 2.0, 3.0)))
    assert same.only_moves and isinstance(same, Transform)


def test_more_models_take_longer_and_none_takes_no_time() -> None:
    assert minutes(0, 3, 60.0) == 0 < minutes(1, 60, 60.0) < minutes(10, 3, 60.0)


def test_copies_survive_the_store() -> None:
    placement = Placement(placeholder=CRATE, copies=(OTHER, CRATE._replace(name="crate.001")))
    assert Placement.from_json(placement.to_json()) == placement
    assert Placement.from_json('{"copies": [1, {"name": "x"}]}').copies == ()
