"""What an agent does not send by itself: jobs of a copied store, and jobs that have waited for more than a day."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

from client.errors import ErrorCode
from client.jobs.states import Status
from client.paths import Home
from client.store import JobTable, open_database
from support.agent_lab.agents import World


def press_long_ago(world: World, hours: float) -> str:
    job_id = world.press()
    world.database.connection.execute(
        "UPDATE job SET created_at = ? WHERE job_id = ?", (time.time() - hours * 3600.0, job_id)
    )
    return job_id


def test_a_job_that_has_waited_for_a_day_asks_first(world: World) -> None:
    old, recent = press_long_ago(world, 25.0), press_long_ago(world, 23.0)
    agent = world.run()
    assert world.ends(recent).status is Status.READY
    job = world.ends(old)
    assert (job.status, job.error, job.task_id) == (Status.FAILED, ErrorCode.ASK_FIRST, None)
    assert world.submissions == 1 and world.spent() == world.job(recent).credits
    agent.join()


def test_sent_once_more_it_goes_out(world: World) -> None:
    """As Retry writes it: the day begins anew."""
    job_id = press_long_ago(world, 25.0)
    world.run().join()
    assert world.jobs.transition(
        job_id, Status.FAILED, Status.PREPARED, message="", error="", task_id=None, pressed_at=time.time()
    )
    agent = world.run()
    assert world.ends(job_id).status is Status.READY and world.submissions == 1
    agent.join()


def test_original_and_copy_together_send_once_and_both_follow_what_was_paid(world: World, tmp_path: Path) -> None:
    waiting, paid, sending = world.press(prompt="waits"), world.submitted(), world.press(prompt="on its way")
    assert world.jobs.transition(sending, Status.PREPARED, Status.SUBMITTING)
    before = world.submissions
    shutil.copytree(world.home.root, tmp_path / "copy")
    original = world.home
    agent = world.run()
    assert world.ends(waiting).status is Status.READY and world.ends(paid).status is Status.READY
    agent.join()
    world.home = Home(tmp_path / "copy")
    copied = open_database(world.home, durable=False, busy_seconds=5.0)
    world.run().join()
    jobs = {job_id: JobTable(copied).get(job_id) for job_id in (waiting, paid, sending)}
    copied.close()
    world.home = original
    assert {job_id: job and (job.status, job.error) for job_id, job in jobs.items()} == {
        waiting: (Status.FAILED, ErrorCode.ASK_FIRST),
        paid: (Status.READY, ""),
        sending: (Status.UNCERTAIN, "NO_ANSWER"),
    }
    assert world.submissions == before + 1
