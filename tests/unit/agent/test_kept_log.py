"""What a converter printed before it died or refused a file is kept beside that file, and says how."""

from __future__ import annotations

import os
import stat
from dataclasses import replace

from client.agent.converter.output_log import KEPT_BYTES, OutputLog, keep
from client.jobs.states import Status
from support.agent_lab.agents import FAST, HANGS_AFTER, World


def test_the_last_words_are_kept_beside_the_file(world: World) -> None:
    world.converter.plan("scream", "scream")
    job_id = world.submitted()
    world.run(timings=replace(FAST, conversion=HANGS_AFTER)).join()
    assert world.job(job_id).file == f"quarantine/{job_id}.glb"
    path = world.home.quarantine / f"{job_id}.log"
    text = path.read_text()
    assert text.startswith(f"model.glb of job {job_id}")
    assert text.count("Fatal Python error: of this turn") == 2
    assert "Try 1: it ended, exit code 11" in text and "Try 2: it ended, exit code 11" in text
    assert "secret" not in text and "https://example.org/a?[…]" in text
    assert len(text) < 2 * KEPT_BYTES + 500
    if os.name == "posix":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert "quarantine folder" in str(world.job(job_id).notice)


def test_only_the_words_about_this_file(world: World) -> None:
    world.converter.plan("noise", "refuse")
    first, second = world.submitted(), world.submitted()
    world.run().join()
    failed = next(job for job in (world.job(first), world.job(second)) if job.status is Status.FAILED)
    text = (world.home.quarantine / f"{failed.job_id}.log").read_text()
    assert "the importer's own words" in text and "it holds no objects" in text
    assert "xxx" not in text
    assert len(list(world.home.quarantine.iterdir())) == 2


def test_a_conversion_that_succeeds_after_all_leaves_no_log(world: World) -> None:
    world.converter.plan("scream", "good")
    job_id = world.submitted()
    world.run().join()
    assert world.job(job_id).status is Status.READY
    assert list(world.home.quarantine.iterdir()) == []
    old = (world.home.root / "converter.old.log").read_text()
    assert "Fatal Python error: of this turn" in old and "secret" not in old


def test_one_long_line_is_cut() -> None:
    output_log = OutputLog()
    output_log.add("a" * 3 * KEPT_BYTES)
    assert len(output_log.text()) == KEPT_BYTES
    output_log.begin()
    assert output_log.text() == ""


def test_a_place_that_cannot_be_written_is_no_error(world: World) -> None:
    keep(world.home.root / "nowhere" / "a.log", "title", [("it ended", "words")])
