"""Jobs of a key that was replaced: the account's new key goes on with them, another account's does not."""

from __future__ import annotations

import pytest

from client.account import Account
from client.jobs.notices import JobNotice
from client.jobs.states import Status
from client.store.ledger import Ledger, Outcome
from support.agent_lab.agents import World

NEW_KEY = "the-new-key-of-somebody-0123456789"


def tried_with_a_new_key(world: World, job_id: str, *, of_the_same_account: bool) -> Account:
    """As Retry writes it once the new key is in the preferences."""
    service = world.sandbox.service
    if of_the_same_account:
        service._accounts[NEW_KEY] = service._accounts[world.account.api_key]
    else:
        service.add_key(NEW_KEY)
    former, world.account = world.account, Account(world.sandbox.api_url, NEW_KEY, 600)
    changes = {"account_id": world.account.account_id, "former_account": former.account_id}
    assert world.jobs.update(job_id, world.job(job_id).status, **changes)
    return former


def paid(world: World) -> str:
    job_id = world.submitted()
    job = world.job(job_id)
    Ledger(world.database).record_charge(job, Outcome.CHARGED, job.task_id or "")
    return job_id


def test_the_accounts_new_key_takes_the_job_over_with_what_it_cost(lone_world: World) -> None:
    world = lone_world
    job_id = paid(world)
    former = tried_with_a_new_key(world, job_id, of_the_same_account=True)
    agent = world.run()
    job = world.ends(job_id)
    assert (job.status, job.account_id, job.former_account) == (Status.READY, world.account.account_id, "")
    ledger = Ledger(world.database)
    assert ledger.spent_since(former.account_id, 0.0) == 0
    assert ledger.spent_since(world.account.account_id, 0.0) == job.credits
    assert world.submissions == 1
    agent.join()


def test_another_accounts_key_says_so_and_the_job_stays(lone_world: World) -> None:
    world = lone_world
    job_id = paid(world)
    former = tried_with_a_new_key(world, job_id, of_the_same_account=False)
    agent = world.run()
    job = world.ends(job_id)
    assert (job.status, job.account_id, job.former_account) == (Status.FAILED, former.account_id, "")
    assert job.notice.code == JobNotice.UNKNOWN_TO_KEY.code and job.task_id
    assert Ledger(world.database).spent_since(former.account_id, 0.0) == job.credits
    agent.join()
    world.account = former
    world.jobs.transition(job_id, Status.FAILED, Status.QUEUED)
    agent = world.run()
    assert world.ends(job_id).status is Status.READY and world.submissions == 1
    agent.join()


@pytest.mark.parametrize("fault", ["http_401", "http_403", "http_404"])
def test_a_first_refusal_is_believed_of_a_job_that_is_only_tried(lone_world: World, fault: str) -> None:
    world = lone_world
    job_id = paid(world)
    former = tried_with_a_new_key(world, job_id, of_the_same_account=True)
    world.sandbox.add_fault("status", fault)
    agent = world.run()
    job = world.ends(job_id)
    assert (job.status, job.account_id) == (Status.FAILED, former.account_id) and "key" in str(job.notice).lower()
    agent.join()


def test_trouble_on_the_way_is_no_refusal(lone_world: World) -> None:
    world = lone_world
    job_id = paid(world)
    tried_with_a_new_key(world, job_id, of_the_same_account=True)
    world.sandbox.add_fault("status", "http_503", 2)
    agent = world.run()
    assert world.ends(job_id).status is Status.READY
    agent.join()
