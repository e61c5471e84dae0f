"""The table of job states."""

from __future__ import annotations

import pytest

from client.jobs.states import ENDED, LIVE, TRANSITIONS, IllegalTransition, Status, check


def test_every_state_is_either_live_or_ended() -> None:
    assert set(Status) == LIVE | ENDED
    assert not LIVE & ENDED
    assert set(TRANSITIONS) == set(Status)


def test_every_state_can_be_reached_from_the_first() -> None:
    reached = {Status.PREPARED}
    while True:
        further = reached.union(*(TRANSITIONS[state] for state in reached))
        if further == reached:
            break
        reached = further
    assert reached == set(Status)


def test_nothing_but_a_person_or_the_late_answer_leaves_uncertain() -> None:
    assert Status.SUBMITTING not in TRANSITIONS[Status.UNCERTAIN]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (Status.PREPARED, Status.QUEUED),
        (Status.QUEUED, Status.SUBMITTING),
        (Status.RUNNING, Status.PREPARED),
        (Status.DOWNLOADING, Status.READY),
        (Status.IMPORTED, Status.SUBMITTING),
        (Status.EXPIRED, Status.IMPORTED),
    ],
)
def test_illegal_steps_raise(before: Status, after: Status) -> None:
    with pytest.raises(IllegalTransition):
        check(before, after)


def test_legal_steps_pass() -> None:
    for before, followers in TRANSITIONS.items():
        for after in followers:
            check(before, after)
