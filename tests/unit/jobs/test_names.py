"""Names in the scene are the first words of the prompt."""

from __future__ import annotations

import pytest

from client.jobs.names import LONGEST, name_in_scene, shortened, variation_of


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("a cup", "a cup"),
        ("a weathered bronze statue of an owl reading a bo", "a weathered bronze statue of an"),
        ("a small wooden boat, with a red, torn sail", "a small wooden boat, with a red"),
        ("2/4 a weathered bronze statue of an owl reading a…", "a weathered bronze statue of an 2/4"),
        ("1/2 a cup", "a cup 1/2"),
        ("x" * 48, "x" * LONGEST),
        ("一个小木船" * 9, ("一个小木船" * 9)[:16]),
        ("2/4 " + "一个小木船" * 9, ("一个小木船" * 9)[:16] + " 2/4"),
        ("é" * 40, "é" * 25),
    ],
)
def test_a_name_is_cut_after_a_word(title: str, name: str) -> None:
    assert name_in_scene(title) == name


def test_blender_has_room_for_what_stands_behind_a_name() -> None:
    """The number of a variation, a level of detail and a counter, in the 63 bytes of releases before 5.0."""
    assert len(f"{name_in_scene('4/4 ' + '机' * 90)}.001_LOD0".encode()) <= 63


def test_a_title_is_cut_after_a_word_and_marked() -> None:
    assert shortened("a cup", 48) == "a cup"
    assert shortened("a weathered bronze statue of an owl reading a book, on a mossy stone", 48) == (
        "a weathered bronze statue of an owl reading a…"
    )
    assert shortened("x" * 60, 48) == "x" * 47 + "…"


@pytest.mark.parametrize(
    ("title", "number"), [("2/4 a cup", "2"), ("a cup", ""), ("a/b", ""), ("24/7", "24"), ("1/", ""), ("", "")]
)
def test_the_number_of_a_variation_is_read_from_its_title(title: str, number: str) -> None:
    assert variation_of(title) == number
