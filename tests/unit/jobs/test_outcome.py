"""What becomes of a result is told by the job's kind, also by one that a later version wrote."""

from __future__ import annotations

import pytest

from client.jobs.outcome import Outcome, outcome_of


@pytest.mark.parametrize(
    ("kind", "outcome"),
    [
        ("text_to_3d", Outcome.NEW_MODEL),
        ("multiview_to_3d", Outcome.NEW_MODEL),
        ("texture_model", Outcome.NEW_LOOK),
        ("mesh_segmentation", Outcome.PARTS),
        ("convert_model", Outcome.SAVED_FILE),
        ("of_later", Outcome.NEW_MODEL),
    ],
)
def test_a_kind_has_its_outcome(kind: str, outcome: Outcome) -> None:
    assert outcome_of(kind) is outcome
