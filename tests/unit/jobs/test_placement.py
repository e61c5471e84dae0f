"""Where models go, by numbers, and what a job's text holds."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from client.errors import InvalidRequest
from client.jobs.geometry import Box, box_around, fit
from client.jobs.placement import (
    FACINGS,
    Original,
    Placeholder,
    Placement,
    Units,
    problems,
    target_box,
    target_corners,
    transform,
)
from client.jobs.placement import validate as check

BOX = Box((-0.5, -0.2, -0.4), (0.7, 0.2, 0.6))
"""Bounds of a model as delivered: 1.2 long, 0.4 wide, 1 high, its origin somewhere inside."""


def landed(placement: Placement, box: Box = BOX, scale_length: float = 1.0) -> Box:
    moves = transform(placement, box, scale_length)
    return box_around(moves.apply(corner) for corner in box.corners)


def near(found: tuple[float, ...], *expected: float) -> bool:
    return found == pytest.approx(expected, abs=1e-6)


def test_as_delivered_at_the_origin_is_left_alone() -> None:
    assert transform(Placement(location="ORIGIN", ground=False), BOX, 1.0).is_identity


@pytest.mark.parametrize(
    ("placement", "place"),
    [
        (Placement(cursor=(1, 2, 3)), (1, 2, 3)),
        (Placement(cursor=(1, 2, 3), location="ORIGIN"), (0, 0, 0)),
        (Placement(cursor=(1, 2, 3), point=(4, 5, 6), location="POINT"), (4, 5, 6)),
    ],
)
def test_stands_where_it_was_asked_to(placement: Placement, place: tuple[float, ...]) -> None:
    x, y, z = place
    assert near(landed(placement).low, x - 0.5, y - 0.2, z), "on the ground"
    assert near(landed(placement._replace(ground=False)).low, x - 0.5, y - 0.2, z - 0.4), "by its origin"
    assert transform(placement, BOX, 1.0).only_moves


@pytest.mark.parametrize(
    ("facing", "front"), [("POS_X", (1, 0)), ("NEG_Y", (0, -1)), ("NEG_X", (-1, 0)), ("POS_Y", (0, 1))]
)
def test_turns_the_front(facing: str, front: tuple[float, float]) -> None:
    moves = transform(Placement(location="ORIGIN", ground=False, facing=facing), BOX, 1.0)
    assert moves.apply((1.0, 0.0, 0.0)) == (*front, 0.0), "exactly: no 6e-17"
    assert set(FACINGS) == {"POS_X", "NEG_Y", "NEG_X", "POS_Y"}


@pytest.mark.parametrize("facing", sorted(FACINGS))
@pytest.mark.parametrize(("metres", "scale_length", "units"), [(3.0, 1.0, 3.0), (3.0, 0.01, 300.0), (0.5, 2.0, 0.25)])
def test_fits_the_longest_side(facing: str, metres: float, scale_length: float, units: float) -> None:
    found = landed(Placement(cursor=(7, 8, 9), fit="METRES", size=metres, facing=facing), BOX, scale_length)
    assert max(found.size) == pytest.approx(units)
    assert found.low[2] == pytest.approx(9.0)


def test_stands_on_a_slope() -> None:
    slope = (1.0, 0.0, 1.0)
    placement = Placement(location="POINT", point=(1, 2, 3), normal=slope, fit="METRES", size=2.4)
    moves = transform(placement, BOX, 1.0)
    up = math.sqrt(0.5)
    for corner in BOX.corners:
        above = sum(a * b for a, b in zip(moves.apply(corner), (up, 0.0, up), strict=True)) - 4 * up
        assert above == pytest.approx(2.0 * (corner[2] + 0.4), abs=1e-6), "height above the slope"


@pytest.mark.parametrize("normal", [(0, 0, 1), (0, 0, -2), (0, 0, 0), (0, 1, 0), (0.1, -0.2, -0.999)])
def test_any_normal_makes_a_rotation(normal: tuple[float, float, float]) -> None:
    moves = transform(Placement(location="POINT", normal=normal), BOX, 1.0)
    rows = moves.rotation
    for a in range(3):
        for b in range(3):
            dot = sum(x * y for x, y in zip(rows[a], rows[b], strict=True))
            assert dot == pytest.approx(float(a == b), abs=1e-9)
    if any(normal):
        length = math.sqrt(sum(one * one for one in normal))
        assert [row[2] for row in rows] == pytest.approx([one / length for one in normal])


def placeholder(columns: list[tuple[float, float, float]], place: tuple[float, float, float], box: Box) -> Placeholder:
    rows = [(*(column[number] for column in columns), place[number]) for number in range(3)]
    return Placeholder("Cube", tuple(one for row in [*rows, (0, 0, 0, 1)] for one in row), box)


CUBE = Box((-1, -1, -1), (1, 1, 1))


def test_fits_into_a_scaled_placeholder() -> None:
    room = placeholder([(3, 0, 0), (0, 1, 0), (0, 0, 2)], (10, 20, 30), CUBE)  # 6 x 2 x 4
    found = landed(Placement(cursor=(1, 1, 1), fit="METRES", size=99, placeholder=room))
    assert near(found.size, 4.8, 1.6, 4.0), "as large as it goes: the height decides"
    assert near(found.low, 7.6, 19.2, 28.0), "in the middle, on the floor"
    middle = landed(Placement(placeholder=room._replace(box=Box((-1, -1, -1), (1, 1, 5))), ground=False))
    assert near(middle.centre, 10, 20, 34)


@pytest.mark.parametrize("mirror", [1.0, -1.0])
def test_turns_with_a_placeholder(mirror: float) -> None:
    c, s = math.cos(0.5), math.sin(0.5)
    room = placeholder([(2 * mirror * c, 2 * mirror * s, 0), (-2 * s, 2 * c, 0), (0, 0, 2)], (1, 0, 0), CUBE)
    moves = transform(Placement(placeholder=room, facing="NEG_Y"), BOX, 1.0)
    (x, y, z), (a, b, d) = moves.apply((1.0, 0.0, 0.0)), moves.apply((0.0, 0.0, 0.0))
    front = (x - a, y - b, z - d)
    assert front == pytest.approx((moves.scale * s, -moves.scale * c, 0.0)), "its -Y is the placeholder's"
    assert moves.scale == pytest.approx(4 / 1.2)


@pytest.mark.parametrize("facing", sorted(FACINGS))
@pytest.mark.parametrize("signs", [(a, b, c) for a in (1, -1) for b in (1, -1) for c in (1, -1)])
def test_a_mirrored_placeholder_keeps_its_front_and_its_up(signs: tuple[int, int, int], facing: str) -> None:
    c, s = math.cos(0.5), math.sin(0.5)
    turned = [(c, s, 0.0), (-s * 0.8, c * 0.8, 0.6), (s * 0.6, -c * 0.6, 0.8)]
    columns = [(sign * x, sign * y, sign * z) for sign, (x, y, z) in zip(signs, turned, strict=True)]
    room = placeholder(columns, (1, 2, 3), CUBE)
    moves = transform(Placement(placeholder=room, facing=facing), CUBE, 1.0)
    axis, sign = {"POS_X": (0, 1), "NEG_X": (0, -1), "POS_Y": (1, 1), "NEG_Y": (1, -1)}[facing]
    origin = moves.apply((0.0, 0.0, 0.0))
    for point, expected in (((1.0, 0.0, 0.0), [sign * x for x in columns[axis]]), ((0.0, 0.0, 1.0), columns[2])):
        found = [b - a for a, b in zip(origin, moves.apply(point), strict=True)]
        assert found == pytest.approx(expected), "its front" if point[0] else "what is up"
    (a, b, d), (e, f, g), (h, i, j) = moves.rotation
    assert a * (f * j - g * i) - b * (e * j - g * h) + d * (e * i - f * h) == pytest.approx(1.0), (
        "never mirrored itself"
    )


def test_flat_things_do_no_harm() -> None:
    flat = Box((0, 0, 0), (1, 0, 0))
    point = Box((0, 0, 0), (0, 0, 0))
    plane = placeholder([(1, 0, 0), (0, 1, 0), (0, 0, 1)], (0, 0, 0), Box((-1, -1, 0), (1, 1, 0)))
    assert transform(Placement(placeholder=plane), flat, 1.0).scale == 2.0
    assert transform(Placement(placeholder=plane), BOX, 1.0).scale == pytest.approx(2 / 1.2)
    nothing = placeholder([(0, 0, 0)] * 3, (1, 2, 3), point)
    for box in (flat, point, BOX, None):
        assert transform(Placement(placeholder=nothing), box, 1.0).scale == 1.0
        expected = 1.0 if box is None or not any(box.size) else 2 / max(box.size)
        assert transform(Placement(fit="METRES", size=2), box, 1.0).scale == expected


def test_without_bounds_it_is_moved_only() -> None:
    moves = transform(Placement(cursor=(1, 2, 3), fit="METRES", size=5), None, 1.0)
    assert moves.only_moves and moves.location == (1, 2, 3)


def test_expected_place() -> None:
    assert target_box(Placement(cursor=(1, 2, 3))) == ((0.5, 1.5, 3.0), (1.5, 2.5, 4.0))
    low, high = target_box(Placement(location="ORIGIN", fit="METRES", size=2.0), 0.01)
    assert near(low, -100, -100, 0) and near(high, 100, 100, 200)
    assert len(target_corners(Placement())) == 8


FULL = Placement(
    location="POINT",
    cursor=(1.5, 2.0, 3.0),
    point=(4.0, 5.0, 6.0),
    normal=(0.0, 1.0, 0.0),
    ground=False,
    fit="METRES",
    size=2.5,
    facing="NEG_Y",
    merge=True,
    merge_distance=0.001,
    smooth=True,
    smooth_angle=0.75,
    separate=True,
    parent=True,
    budget=True,
    budget_triangles=5000,
    budget_lods=3,
    budget_texture_size=512,
    placeholder=Placeholder("Cübe", tuple(float(one) for one in range(16)), CUBE),
    units=Units(30, 1.001, 0.01),
    original=Original(("Suzanne", "名前"), ("17:1", "17:2")),
    filepath=str(Path("/models/cup.fbx").absolute()),
    import_result=True,
)


def test_comes_back_from_its_text() -> None:
    assert Placement.from_json(FULL.to_json()) == FULL
    assert Placement.from_json(Placement().to_json()) == Placement()
    assert FULL.conversion == {
        "units": {"fps": 30, "fps_base": 1.001, "scale_length": 0.01},
        "merge_distance": 0.001,
        "smooth_angle": 0.75,
        "separate": True,
        "budget": {"triangles": 5000, "lods": 3, "texture_size": 512},
    }
    assert list(Placement().conversion) == ["units"]


@pytest.mark.parametrize("text", ["", "null", "[]", "17", '"CURSOR"', "{}", "{", '{"location": "MOON"}'])
def test_any_text_is_read(text: str) -> None:
    assert Placement.from_json(text) == Placement()


def test_old_text_is_read() -> None:
    assert Placement.from_json('{"location": "ORIGIN", "cursor": [1, 2, 3], "of_later": 1}') == Placement(
        location="ORIGIN", cursor=(1, 2, 3)
    )


@pytest.mark.parametrize("wrong", [None, "x", -1, [1, 2], [1, 2, "x"], [1, 2, float("nan")], {}, {"a": 1}, [[1], 2]])
@pytest.mark.parametrize("name", Placement._fields)
def test_a_wrong_field_has_its_default(name: str, wrong: object) -> None:
    document = json.loads(FULL.to_json()) | {name: wrong}
    read = Placement.from_json(json.dumps(document))
    assert read == FULL._replace(**{name: getattr(Placement(), name)})


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("location", "MOON"),
        ("fit", "HUGE"),
        ("facing", "UP"),
        ("size", 0.0),
        ("size", float("nan")),
        ("merge_distance", -1.0),
        ("smooth_angle", 4.0),
        ("budget_triangles", 50),
        ("budget_lods", 4),
        ("budget_texture_size", 10_000),
        ("point", (0.0, 0.0, math.inf)),
    ],
)
def test_wrong_values_are_refused(field: str, value: object) -> None:
    (problem,) = problems(Placement()._replace(**{field: value}))
    assert problem.field == field and len(str(problem.notice)) > 20 and str(problem.notice)[0].isupper()
    with pytest.raises(InvalidRequest, match=str(problem.notice)[:20]):
        check(Placement()._replace(**{field: value}))


def test_everything_else_is_fine() -> None:
    assert problems(FULL) == [] and problems(Placement()) == []


def test_a_box_is_fitted_into_another_by_its_longest_side() -> None:
    into = Box((10.0, 10.0, 10.0), (16.0, 14.0, 12.0))
    for size, degrees in (((3.0, 2.0, 1.0), 0), ((2.0, 3.0, 1.0), 90)):
        box = Box((-1.0, -1.0, -1.0), (size[0] - 1.0, size[1] - 1.0, size[2] - 1.0))
        moves = fit(box, into)
        found = box_around(moves.apply(corner) for corner in box.corners)
        assert near(found.low, *into.low) and near(found.high, *into.high), degrees
    assert fit(Box((0, 0, 0), (1, 1, 1)), Box((0, 0, 0), (1, 1, 1))).only_moves
