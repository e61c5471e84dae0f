"""What stands in the way of spending credits."""

from __future__ import annotations

from decimal import Decimal

from client.jobs.spending_limits import Limits, affordable, check


def test_a_usual_press_is_neither_asked_about_nor_refused() -> None:
    assert check(40, Limits(), spent_today=1000, balance=Decimal(40)) == (None, ())
    assert check(100, Limits(), spent_today=0, balance=None) == (None, ())


def test_a_dear_press_is_asked_about() -> None:
    (question,) = check(101, Limits(), spent_today=0, balance=None).questions
    assert str(question) == "The preferences ask you to confirm above 100 credits"
    assert check(40, Limits(ask_above=30), spent_today=0, balance=None).questions


def test_the_daily_cap_refuses_to_the_credit() -> None:
    limits = Limits(daily_cap=100)
    assert not check(40, limits, spent_today=60, balance=None).refusal
    refusal = check(40, limits, spent_today=61, balance=None).refusal
    assert "61 of today's 100" in str(refusal) and "daily cap" in str(refusal)
    assert check(1, Limits(daily_cap=0), spent_today=0, balance=None).refusal


def test_a_balance_that_does_not_suffice_is_asked_about() -> None:
    judgement = check(60, Limits(), spent_today=0, balance=Decimal("59.50"))
    assert not judgement.refusal
    assert "59.50" in str(judgement.questions[0])


def test_steps_that_are_not_sent_are_asked_about_together_and_counted_once() -> None:
    limits = Limits(ask_above=100, daily_cap=200)
    chain = check(80, limits, spent_today=120, balance=Decimal(150), unsent=80)
    assert not chain.refusal, "what is not sent is in what was spent today"
    assert [str(one).partition(" credits")[0] for one in chain.questions] == [
        "The last known balance is 150",
        "The preferences ask you to confirm above 100",
    ]
    assert "does not cover 160" in str(chain.questions[0])
    assert check(80, limits, spent_today=121, balance=None, unsent=80).refusal


def test_a_cap_allows_the_first_of_many_and_none_after_that() -> None:
    assert affordable([40, 60, 40, 20], Limits(daily_cap=150), 20) == 2, "the last would fit, but comes after"
    assert affordable([40, 60], Limits(), 10**6) == 2
    assert affordable([40], Limits(daily_cap=0), 0) == 0
