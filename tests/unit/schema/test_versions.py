"""What becomes of numbers when the model version changes, and when it changes back."""

from __future__ import annotations

import pytest

from client.schema import ModelVersion
from client.schema.versions import PutAside, bounds_of, fit

V3, V31, P1 = ModelVersion.V3_0, ModelVersion.V3_1, ModelVersion.P1


def test_the_bounds_are_those_of_the_version() -> None:
    assert bounds_of(V3)["face_limit"] == (500, 500_000) and bounds_of(P1)["face_limit"] == (48, 20_000)
    assert "image_seed" in bounds_of(P1) and "image_seed" not in bounds_of(V31)


@pytest.mark.parametrize(("value", "there", "shown"), [(100_000, P1, 20_000), (100, V3, 500), (700, P1, 700)])
def test_a_number_is_fitted_and_given_back(value: int, there: ModelVersion, shown: int) -> None:
    back = P1 if there is V3 else V3
    fitted, aside = fit({"face_limit": value}, {}, there)
    assert fitted == {"face_limit": shown}
    assert aside == ({} if shown == value else {"face_limit": PutAside(value, shown)})
    assert fit(fitted, aside, back) == ({"face_limit": value}, {})


def test_what_was_set_since_is_kept() -> None:
    _fitted, aside = fit({"face_limit": 100_000}, {}, P1)
    assert fit({"face_limit": 5_000}, aside, V3) == ({"face_limit": 5_000}, {})


def test_another_version_that_takes_it_gives_it_back_too() -> None:
    fitted, aside = fit({"face_limit": 100_000}, {}, P1)
    assert fit(fitted, aside, V31) == ({"face_limit": 100_000}, {})


def test_a_number_that_a_version_does_not_take_stays_as_it_is() -> None:
    aside = {"image_seed": PutAside(7, 3)}
    assert fit({"image_seed": 3, "face_limit": 700}, aside, V3) == ({"image_seed": 3, "face_limit": 700}, aside)
