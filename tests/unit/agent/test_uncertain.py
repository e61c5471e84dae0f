"""An uncertain submit tells what the balance was before it and is now."""

from __future__ import annotations

from dataclasses import replace

from client.jobs.states import Status
from support.agent_lab.agents import FAST, HANGS_AFTER, World, until
from support.checks.plain_words import complaint


def test_the_balance_before_and_after_is_told(world: World) -> None:
    account_id = world.account.account_id
    world.balances.ask(account_id)
    world.run(timings=replace(FAST, idle_exit=HANGS_AFTER))
    until(lambda: world.balances.read(account_id).credits, "the balance is known")
    world.sandbox.add_fault("submit", "reset_after")
    job_id = world.press()
    world.reaches(job_id, Status.UNCERTAIN)
    until(lambda: "before and is" in str(world.job(job_id).notice), "the balances are told")
    job = world.job(job_id)
    now = world.balances.read(account_id).credits
    assert now is not None
    assert f"the balance was {now + job.credits:,f} credits before and is {now:,f} now" in str(job.notice)
    assert not complaint(str(job.notice))
    assert world.submissions == 1
