"""Variations of one press: seeds that differ, names, places side by side."""

from __future__ import annotations

import random

import pytest

from client.jobs.geometry import Box
from client.jobs.placement import Placeholder, Placement, Units, place_of
from client.jobs.placement_choices import METRES, ORIGIN, POINT
from client.jobs.request import GenerationRequest, validate
from client.jobs.variations import beside, title_of, varied_seed, vary
from client.schema import SEED_MAX, Kind, ModelVersion
from client.schema.types import MOST_VARIATIONS

P1, V3 = ModelVersion.P1, ModelVersion.V3_0


def request(version: ModelVersion = P1, **values: int | str | bool) -> GenerationRequest:
    return GenerationRequest(Kind.TEXT, version, {"prompt": "a cup", **values})


@pytest.mark.parametrize(("version", "name"), [(P1, "model_seed"), (V3, "texture_seed")])
def test_seeds_are_distinct_and_valid(version: ModelVersion, name: str) -> None:
    assert varied_seed(Kind.TEXT, version) == name
    made = vary(request(version), MOST_VARIATIONS, random.Random(1))
    seeds = [one.parameters[name] for one in made]
    assert len(set(seeds)) == MOST_VARIATIONS
    for one in made:
        validate(one)
        assert one.parameters["prompt"] == "a cup" and one.price == request(version).price


def test_a_given_seed_is_counted_up() -> None:
    made = vary(request(model_seed=7, texture_seed=3), 3, random.Random(1))
    assert [one.parameters["model_seed"] for one in made] == [7, 8, 9]
    assert {one.parameters["texture_seed"] for one in made} == {3}
    over = vary(request(model_seed=SEED_MAX), 2, random.Random(1))
    assert [one.parameters["model_seed"] for one in over] == [SEED_MAX, 0]


def test_one_is_the_request_itself() -> None:
    assert vary(request(), 1, random.Random(1)) == (request(),)
    assert title_of("a cup", 0, 1) == "a cup"
    assert [title_of("a cup", number, 2) for number in range(2)] == ["1/2 a cup", "2/2 a cup"]


def test_they_stand_side_by_side() -> None:
    placement = Placement(cursor=(1.0, 2.0, 3.0))
    places = [place_of(beside(placement, number)) for number in range(3)]
    assert places == [(1.0, 2.0, 3.0), (2.25, 2.0, 3.0), (3.5, 2.0, 3.0)]
    large = Placement(location=ORIGIN, fit=METRES, size=4.0, units=Units(scale_length=0.01))
    assert place_of(beside(large, 1)) == pytest.approx((500.0, 0.0, 0.0))


def test_a_placeholder_takes_the_first_only() -> None:
    matrix = (1.0, 0.0, 0.0, 5.0, 0.0, 1.0, 0.0, 6.0, 0.0, 0.0, 1.0, 7.0, 0.0, 0.0, 0.0, 1.0)
    placement = Placement(placeholder=Placeholder("Cube", matrix, Box((-1.0, -1.0, -1.0), (1.0, 1.0, 1.0))))
    assert beside(placement, 0) == placement
    second = beside(placement, 1)
    assert second.placeholder is None and second.location == POINT
    assert second.point[0] > 6.0 and second.point[1:] == (6.0, 7.0)
