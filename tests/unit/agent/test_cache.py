"""The agent keeps the cache within its limit, as results come in."""

from __future__ import annotations

from client.account import CACHE_LIMIT_SETTING
from client.jobs.states import Status
from support.agent_lab.agents import World, until


def import_it(world: World, job_id: str) -> None:
    """What Blender does with a finished job."""
    job = world.reaches(job_id, Status.READY)
    files = [world.home.root / name for name in (job.file, job.blend)]
    assert job.kept == sum(path.stat().st_size for path in files) and job.used_at
    assert world.jobs.transition(job_id, Status.READY, Status.IMPORTED, used_at=job.used_at + 1)


def test_new_results_push_out_old_ones(world: World) -> None:
    old = world.submitted()
    world.run().join()
    import_it(world, old)
    world.database.set_setting(CACHE_LIMIT_SETTING, "20000")
    new = world.submitted()
    world.run().join()
    assert world.job(old).file == "" and world.job(old).thumbnail
    assert (world.home.root / world.job(new).blend).is_file(), "it is in no scene yet"
    assert sorted(path.name for path in world.home.result_folder(old).iterdir()) == ["thumbnail.png"]
    assert world.leftovers() == []


def pruned(world: World) -> str:
    """A job whose model was imported and whose files an agent has removed since the limit was lowered."""
    job_id = world.submitted()
    world.run().join()
    import_it(world, job_id)
    world.database.set_setting(CACHE_LIMIT_SETTING, "0")
    agent = world.run()
    until(lambda: world.job(job_id).file == "", "its files go")
    agent.join()
    return job_id


def test_a_lower_limit_is_noticed_at_the_next_start(world: World) -> None:
    job_id = pruned(world)
    assert world.job(job_id).status is Status.IMPORTED


def test_what_was_pruned_is_fetched_again_for_free(world: World) -> None:
    job_id = pruned(world)
    assert world.jobs.transition(job_id, Status.IMPORTED, Status.QUEUED)
    world.run().join()
    job = world.job(job_id)
    assert job.status is Status.READY and (world.home.root / job.blend).is_file()
    assert job.kept > job.size > 0
    assert world.submissions == 1
