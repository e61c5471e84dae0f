"""The balance: asked for when it has changed, believed when it is one, and compared with what was to be charged."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from client.account import Account
from client.jobs.credit_amounts import read_credits
from client.jobs.states import Status
from client.service.api import TripoClient
from client.service.responses import read_balance
from client.store import press
from client.store.balance import read_time
from client.store.ledger import Ledger
from client.stored_notices import read
from support.agent_lab.agents import World, until
from support.checks.plain_words import complaint


def known(world: World, credits: int) -> None:
    """Have the balance asked for and told while nothing is under way."""
    account_id = world.account.account_id
    world.sandbox.set_balance(credits)
    world.balances.ask(account_id)
    until(lambda: not world.balances.read(account_id).pending, "the balance is told")
    assert world.balances.read(account_id).credits == credits


def test_the_balance_is_asked_for_after_a_refund(world: World) -> None:
    world.run()
    known(world, 1000)
    world.ends(world.press(prompt="a mug [fail]"))
    until(lambda: not world.balances.read(world.account.account_id).pending, "the balance is asked for again")
    assert Ledger(world.database).spent_since(world.account.account_id, 0.0) == 0
    assert world.balances.read(world.account.account_id).credits == 1000


def charge_otherwise(world: World, by: int) -> None:
    """Let the next submit take other credits than its price says."""
    submit = world.sandbox.service.submit

    def taking(*arguments: Any, **options: Any) -> Any:
        answer = submit(*arguments, **options)
        world.sandbox.service.account(None).balance -= by
        world.sandbox.service.submit = submit  # type: ignore[method-assign]
        return answer

    world.sandbox.service.submit = taking  # type: ignore[method-assign]


def test_another_price_is_noticed_and_told(lone_world: World) -> None:
    world, account_id = lone_world, lone_world.account.account_id
    world.sandbox.set(seconds=1000.0)
    world.run()
    known(world, 1000)
    charge_otherwise(world, 20)
    job_id = world.press()
    price = world.job(job_id).credits
    world.reaches(job_id, Status.QUEUED, Status.RUNNING)
    world.balances.ask(account_id)
    note = str(read(until(lambda: world.balances.read(account_id).note, "it is told")))
    assert f"charged {price + 20} instead of {price} credits" in note and not complaint(note)
    assert Ledger(world.database).spent_since(account_id, 0.0) == world.job(job_id).credits == price + 20
    press.write_press(world.database, [new_job(world)], press.Limits())
    assert world.balances.read(account_id).note == "", "the next press has read it"


def new_job(world: World) -> Any:
    from support.agent_lab.new_jobs import NEW

    return type(NEW)(world.account.account_id, NEW.request)


def test_the_expected_price_is_not_told(lone_world: World) -> None:
    world, account_id = lone_world, lone_world.account.account_id
    world.sandbox.set(seconds=1000.0)
    world.run()
    known(world, 1000)
    job_id = world.press()
    world.reaches(job_id, Status.QUEUED, Status.RUNNING)
    world.balances.ask(account_id)
    until(lambda: not world.balances.read(account_id).pending, "the balance is told")
    assert world.balances.read(account_id).note == "" and world.job(job_id).balance_before == ""
    assert world.spent() == world.job(job_id).credits


def test_with_other_jobs_under_way_nobody_guesses(lone_world: World) -> None:
    world, account_id = lone_world, lone_world.account.account_id
    world.sandbox.set(seconds=1000.0)
    world.run()
    known(world, 1000)
    charge_otherwise(world, 20)
    first, second = world.press(), world.press(prompt="a second mug")
    for job_id in (first, second):
        world.reaches(job_id, Status.QUEUED, Status.RUNNING)
    world.balances.ask(account_id)
    until(lambda: not world.balances.read(account_id).pending, "the balance is told")
    assert world.balances.read(account_id).note == ""
    assert world.spent() == world.job(first).credits + world.job(second).credits


def test_an_unclear_job_says_nothing_that_another_job_could_have_caused(lone_world: World) -> None:
    world, account_id = lone_world, lone_world.account.account_id
    world.sandbox.set(seconds=1000.0)
    world.run()
    known(world, 1000)
    other = world.press(prompt="another mug")
    world.reaches(other, Status.QUEUED, Status.RUNNING)
    world.sandbox.add_fault("submit", "reset_after")
    unclear = world.press()
    world.reaches(unclear, Status.UNCERTAIN)
    until(lambda: not world.balances.read(account_id).pending, "the balance is told")
    assert "balance" not in str(world.job(unclear).notice)


ABSURD: list[object] = [
    "NaN",
    "sNaN",
    "Infinity",
    "1e400",
    float("inf"),
    float("nan"),
    "9" * 4000,
    None,
    "text",
    True,
    [],
    {},
]


@pytest.mark.parametrize("value", ABSURD, ids=lambda value: str(value)[:12])
def test_what_is_no_amount_is_not_believed(value: object) -> None:
    assert read_credits(value) is None
    assert read_time(value) is None


@pytest.mark.parametrize(
    ("value", "amount"), [("142.50", "142.5"), (-5, "-5"), (0, "0"), (12.5, "12.5"), ("1e-400", "0")]
)
def test_what_is_an_amount_is_believed(value: object, amount: str) -> None:
    assert read_credits(value) == Decimal(amount)


class Rambling(TripoClient):
    """Is told absurd balances."""

    def __init__(self, account: Account, value: object) -> None:
        super().__init__(account)
        self.value = value

    def balance(self) -> Decimal:
        return read_balance({"balance": self.value})


@pytest.mark.parametrize("value", [*ABSURD, -5, 10**30], ids=lambda value: str(value)[:12])
def test_an_absurd_balance_of_the_service_stops_no_job(world: World, value: object) -> None:
    world.balances.ask(world.account.account_id)
    job_id = world.press()
    world.run(client=Rambling(world.account, value))
    assert world.ends(job_id).status is Status.READY
    until(lambda: not world.balances.read(world.account.account_id).pending, "the question is settled")


@pytest.mark.parametrize("column", ["credits", "at", "asked", "steady", "note", "problem"])
@pytest.mark.parametrize("value", ["NaN", "9" * 4000, b"\xff", 10**18], ids=lambda value: str(value)[:12])
def test_an_absurd_row_stops_no_agent(world: World, column: str, value: object) -> None:
    account_id = world.account.account_id
    world.balances.answer(account_id, Decimal(5), steady=True)
    world.database.connection.execute(f"UPDATE balance SET {column} = ?", (value,))
    job_id = world.press()
    agent = world.run()
    assert world.ends(job_id).status is Status.READY
    agent.join()
