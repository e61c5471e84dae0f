"""Steps of a chain in the store: what names what, what counts as spent, and what must not leave the cache."""

from __future__ import annotations

import time

import pytest

from client.account import CACHE_LIMIT_SETTING
from client.agent.requests import OLDEST_PRESS_SECONDS, has_waited_too_long
from client.errors import InvalidSetting
from client.jobs.model_source import ModelSource
from client.jobs.request import GenerationRequest
from client.jobs.spending_limits import Limits
from client.jobs.states import Status
from client.paths import Home
from client.schema import Kind
from client.store import Database, JobTable, NewJob, chains, press, result_cache
from client.store.jobs import new_job_id
from support.agent_lab.new_jobs import NEW


def segment(source: str) -> NewJob:
    return NewJob(NEW.account_id, GenerationRequest(Kind.MESH_SEGMENTATION, None, model=ModelSource(job_id=source)))


def finished(home: Home, jobs: JobTable, status: Status = Status.IMPORTED) -> str:
    """A job whose model is in the cache."""
    job_id = jobs.insert(NEW, status=status, task_id="task")
    file = home.result_folder(job_id) / "model.glb"
    file.parent.mkdir()
    file.write_bytes(b"x" * 100)
    jobs.update(job_id, status, file=file.relative_to(home.root).as_posix(), kept=100, finished_at=time.time())
    return job_id


def test_a_later_step_names_the_job_it_works_on(jobs: JobTable) -> None:
    first = new_job_id()
    account, request = NEW.account_id, NEW.request
    ids = press.write_press(jobs.database, [NewJob(account, request, job_id=first), segment(first)], Limits())
    found = [jobs.get(one) for one in ids]
    assert [one and (one.job_id, one.source_job, one.prepared) for one in found] == [
        (first, "", ""),
        (ids[1], first, ""),
    ]


def test_a_chain_that_the_cap_forbids_is_not_written_in_part(jobs: JobTable) -> None:
    first = new_job_id()
    new = [NewJob(NEW.account_id, NEW.request, job_id=first), segment(first)]
    total = sum(one.request.price.total for one in new)
    with pytest.raises(InvalidSetting):
        press.write_press(jobs.database, new, Limits(daily_cap=total - 1))
    assert jobs.recent(10) == []
    press.write_press(jobs.database, new, Limits(daily_cap=total))
    with pytest.raises(InvalidSetting):  # both count from the press on
        press.write_press(jobs.database, [NEW], Limits(daily_cap=total))


@pytest.mark.parametrize("hidden", [False, True])
def test_a_model_that_a_later_step_waits_for_stays_in_the_cache(home: Home, database: Database, hidden: bool) -> None:
    jobs = JobTable(database)
    first = finished(home, jobs)
    if hidden:
        jobs.hide(first)
    later = jobs.insert(segment(first))
    database.set_setting(CACHE_LIMIT_SETTING, "1")
    assert not result_cache.prune_one(home, database, time.time())
    assert result_cache.clear(home, database, time.time()) == 0
    assert result_cache.usage(home, database, time.time()).models == 0
    jobs.transition(later, Status.PREPARED, Status.CANCELLED)
    assert result_cache.clear(home, database, time.time()) == 1


def test_a_later_step_has_waited_only_since_its_source_is_finished(home: Home, jobs: JobTable) -> None:
    first = jobs.get(finished(home, jobs))
    assert first is not None
    later = jobs.get(jobs.insert(segment(first.job_id)))
    assert later is not None
    old = time.time() - OLDEST_PRESS_SECONDS - 60
    jobs.update(later.job_id, Status.PREPARED, pressed_at=old)
    later = jobs.get(later.job_id)
    assert later is not None and has_waited_too_long(later) and not has_waited_too_long(later, first)


def test_a_chain_costs_what_its_steps_cost_that_are_not_sent(jobs: JobTable) -> None:
    first = new_job_id()
    second = segment(first)
    ids = press.write_press(jobs.database, [NewJob(NEW.account_id, NEW.request, job_id=first), second], Limits())
    rebuilt = GenerationRequest(
        Kind.CONVERT_MODEL, None, {"format": "FBX", "quad": True}, (), ModelSource(job_id=ids[1])
    )
    third = jobs.insert(NewJob(NEW.account_id, rebuilt))
    steps = chains.unsent_steps(jobs, third)
    assert [one.job_id for one in steps] == [third, ids[1], first]
    price = chains.price_of(steps)
    expected = NEW.request.price.total + second.request.price.total
    assert (price.lowest, price.total) == (expected + 20, expected + 30)
    jobs.transition(first, Status.PREPARED, Status.SUBMITTING)
    jobs.transition(first, Status.SUBMITTING, Status.QUEUED, task_id="task")
    assert [one.job_id for one in chains.unsent_steps(jobs, third)] == [third, ids[1]]
    assert chains.unsent_steps(jobs, first) == [] and chains.price_of([]).total == 0


OTHER_VERSION = (
    '{"images": [], "kind": "mesh_segmentation", "model": {"job_id": "0"}, "model_version": "P1", "parameters": {}}'
)


@pytest.mark.parametrize("text", ["{", OTHER_VERSION], ids=["cut", "a model version that the tool does not have"])
def test_a_step_whose_request_is_damaged_costs_what_was_noted(jobs: JobTable, text: str) -> None:
    first = jobs.insert(NEW)
    jobs.update(first, Status.PREPARED, request=text, credits=55)
    assert chains.price_of(chains.unsent_steps(jobs, first)).text == "55"


def test_a_press_is_asked_about_with_the_steps_before_it(jobs: JobTable) -> None:
    first = jobs.get(jobs.insert(NEW))
    assert first is not None
    account, price = NEW.account_id, 90
    limits = Limits(ask_above=100, daily_cap=first.credits + price)
    alone = press.check_press(jobs.database, account, price, limits)
    assert (alone.refusal, alone.questions) == (None, ())
    chain = press.check_press(jobs.database, account, price, limits, first.credits)
    assert chain.refusal is None, "the cap counts each step once"
    assert len(chain.questions) == 1
