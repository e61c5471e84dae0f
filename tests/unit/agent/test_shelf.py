"""The shelf: filled when it was asked for, after everything else, with old results and new names."""

from __future__ import annotations

from dataclasses import replace

import pytest

from client.account import SHELF_SETTING
from client.files.own_files import bytes_of
from client.jobs.shelf import catalog_of, entry_of
from client.jobs.states import Status
from support.agent_lab.agents import FAST, World, until


def asked(world: World) -> World:
    world.database.set_setting(SHELF_SETTING, "on")
    return world


def test_nothing_is_put_there_unless_asked_for(world: World) -> None:
    job_id = world.submitted()
    world.run().join()
    assert world.job(job_id).thumbnail and not world.job(job_id).shelf
    assert not world.converter.events("shelving")


def test_old_results_new_ones_new_names_and_pins_come_onto_the_shelf(world: World) -> None:
    old = world.submitted()
    world.run().join()
    asked(world)
    new = world.submitted()
    agent = world.run(timings=replace(FAST, idle_exit=60.0))
    until(lambda: world.job(new).shelf and world.job(old).shelf, "both are on the shelf")
    assert world.jobs.update(old, world.job(old).status, name="a red mug")
    until(lambda: world.job(old).shelf == "a red mug", "the new name is on the shelf")
    for pinned in (True, False):
        world.jobs.pin(old, pinned)
        until(lambda: world.job(old).shelf_pinned == pinned, "the shelf says whether it is pinned")  # noqa: B023
    agent.stop()
    tags = [event[3] for event in world.converter.events("shelving") if event[4:] == ["a", "red", "mug"]]
    assert tags == ["Tripo,Text-to-3D,v3.0", "Tripo,Text-to-3D,v3.0,Pinned", "Tripo,Text-to-3D,v3.0"]
    job = world.job(old)
    blend = world.home.root / job.blend
    assert blend.read_bytes().endswith(b" on the shelf") and job.kept == bytes_of(world.home, job.file, job.blend)
    assert all(event[2] == "True" for event in world.converter.events("shelving")), "with the thumbnail"
    catalogs = (world.home.results / "blender_assets.cats.txt").read_text()
    catalog = catalog_of(job)
    assert f"{catalog.catalog_id}:{catalog.path}:" in catalogs and catalog.path.endswith("/Text to 3D")
    assert world.leftovers() == []


def test_what_is_made_anew_is_put_there_again(world: World) -> None:
    job_id = asked(world).submitted()
    agent = world.run(timings=replace(FAST, idle_exit=60.0))
    until(lambda: world.job(job_id).shelf, "it is on the shelf")
    assert world.jobs.transition(job_id, Status.READY, Status.CONVERTING)
    until(lambda: len(world.converter.events("shelving")) == 2, "it is put there again")
    agent.stop()
    assert world.job(job_id).shelf


@pytest.mark.parametrize("prompt", ["a cup\nwith:\x00 a \u2028 break", "x" * 5000])
def test_a_prompt_is_one_line_of_bounded_length(world: World, prompt: str) -> None:
    job = world.job(world.press(prompt=prompt))
    entry = entry_of(job, "1.2.3")
    for text in (entry["name"], entry["description"], catalog_of(job).path):
        assert text.isprintable() and 0 < len(text) <= 1000
    assert ":" not in catalog_of(job).path
