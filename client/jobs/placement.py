# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a finished model is placed and how it is prepared.

Lengths that end up in the scene (cursor, point, a placeholder's matrix) are in the scene's own units, as Blender's
properties hold them; ``size`` and ``merge_distance`` are in metres, whatever the scene's unit scale.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import PurePath
from typing import Any, NamedTuple, cast

from ..errors import InvalidRequest, Problem
from ..notices import N_
from .geometry import (
    NOWHERE,
    Box,
    Rows,
    Transform,
    Vector,
    add,
    box_around,
    rotation_about_z,
    rotation_in,
    rotation_to,
    times,
    turn,
    vector,
)
from .outcome import Outcome, outcome_of
from .placement_choices import (
    BUDGET_LIMITS,
    CURSOR,
    DELIVERED,
    FACINGS,
    FITS,
    LARGEST_DISTANCE,
    LARGEST_SIZE,
    LOCATIONS,
    MERGE_DISTANCE,
    METRES,
    POINT,
    SMALLEST_SIZE,
    SMOOTH_ANGLE,
    TEXTURE_SIZE,
    TRIANGLES,
)

EXPECTED = Box((-0.5, -0.5, 0.0), (0.5, 0.5, 1.0))
"""Metres that a model takes about its origin as delivered, before it is known: the longest side is 1 m."""


EDIT_READY = ("merge_seams", "euler", "apply_scale")
"""Fields of a placement that say how a new model is prepared for editing; preferences have the same names."""


class Units(NamedTuple):
    """What importers ask a scene for: the frame rate for keyframes, metres per unit for sizes."""

    fps: int = 24
    fps_base: float = 1.0
    scale_length: float = 1.0


class Placeholder(NamedTuple):
    """An object to be replaced, as it was when Generate was pressed.

    ``matrix`` are the sixteen numbers of its world matrix, row by row; ``box`` is its bounding box in its own space;
    ``token`` names it within the running Blender, as those of an `Original`.
    """

    name: str
    matrix: tuple[float, ...]
    box: Box
    token: str = ""


class Original(NamedTuple):
    """The objects that a mesh tool worked on, by their names.

    ``tokens`` name them within the running Blender, so that renaming them meanwhile does no harm; see
    ``properties.placement_values.original_of``.
    """

    names: tuple[str, ...] = ()
    tokens: tuple[str, ...] = ()


class Placement(NamedTuple):
    """All choices about one delivery."""

    location: str = CURSOR
    cursor: Vector = NOWHERE
    """Where the 3D cursor was at the press."""
    point: Vector = NOWHERE
    """Where the model stands when ``location`` is POINT."""
    normal: Vector | None = None
    """Of the surface at ``point``: the model's up axis follows it."""
    ground: bool = True
    """The lowest point is at the place; otherwise the model's own origin is."""
    fit: str = DELIVERED
    size: float = 1.0
    """Metres of the longest side when ``fit`` is METRES."""
    facing: str = "POS_X"
    merge: bool = False
    merge_distance: float = MERGE_DISTANCE
    smooth: bool = False
    smooth_angle: float = SMOOTH_ANGLE
    separate: bool = False
    """Keep static objects apart, however many they are."""
    parent: bool = False
    """Put an empty above the model."""
    budget: bool = False
    """Reduce a new model to the numbers of a budget."""
    budget_triangles: int = TRIANGLES
    budget_lods: int = 0
    """How many coarser levels of detail there are besides."""
    budget_texture_size: int = TEXTURE_SIZE
    """Pixels of an image's longest side."""
    avoid: bool = False
    """Stand beside what is visible at the place, not inside it: asked for by the panel, never by a script."""
    merge_seams: bool = False
    """Merge the vertices that the file holds twice along seams."""
    euler: bool = False
    """Let objects turn by XYZ angles."""
    apply_scale: bool = False
    """Leave no scale on objects."""
    placeholder: Placeholder | None = None
    """Wins over the location and the size."""
    copies: tuple[Placeholder, ...] = ()
    """Where instances of the model go, beside the one in the placeholder: in others that are alike."""
    units: Units = Units()
    original: Original | None = None
    """What the result belongs to; None for a new model."""
    filepath: str = ""
    """Where a converted file is saved: an absolute path."""
    import_result: bool = False
    """Whether a converted file comes into the scene as well."""
    saved: str = ""
    """Where it was saved: ``filepath``, or a path beside it when there was a file already."""
    bake_look: bool = False
    """Whether what comes gets the look of the original, baked onto UV maps of its own."""

    def to_json(self) -> str:
        """Return the placement as JSON text for the store."""
        document = self._asdict() | {"units": self.units._asdict(), "placeholder": None, "original": None}
        document["copies"] = [_as_data(one) for one in self.copies]
        if self.original is not None:
            document["original"] = self.original._asdict()
        if self.placeholder is not None:
            document["placeholder"] = _as_data(self.placeholder)
        return json.dumps(_rounded(document))

    @classmethod
    def from_json(cls, text: str) -> Placement:
        """Return the placement of a job; what is missing or makes no sense has its default. Never raises."""
        try:
            document = json.loads(text)
        except ValueError:
            return cls()
        return _read(cls(), cast(Mapping[str, Any], document)) if isinstance(document, dict) else cls()

    @property
    def conversion(self) -> dict[str, Any]:
        """The part that the converter does, as its order takes it."""
        found: dict[str, Any] = {"units": self.units._asdict()}
        if self.merge:
            found["merge_distance"] = self.merge_distance
        if self.smooth:
            found["smooth_angle"] = self.smooth_angle
        if self.separate:
            found["separate"] = True
        if self.budget:
            found["budget"] = {name.removeprefix("budget_"): getattr(self, name) for name in BUDGET_LIMITS}
        found |= {name: True for name in EDIT_READY if getattr(self, name)}
        return found


def needs_blend(kind: str, placement: str) -> bool:
    """Whether the result of a job, whose placement is this JSON text, is made ready for Blender: not one that is only
    saved as a file, which may be of a format that Blender does not read."""
    return outcome_of(kind) is not Outcome.SAVED_FILE or Placement.from_json(placement).import_result


def problems(placement: Placement) -> list[Problem]:
    """Return what cannot be done, one sentence each."""
    found: list[Problem] = []
    if placement.location not in LOCATIONS:
        found.append(Problem.of("location", N_("Choose the 3D cursor, the world origin or a point as the place")))
    if placement.fit not in FITS:
        found.append(Problem.of("fit", N_("Choose the size as delivered, the real-world size or a size in metres")))
    if placement.facing not in FACINGS:
        found.append(Problem.of("facing", N_("Choose where the front faces: POS_X, NEG_Y, NEG_X or POS_Y")))
    if not SMALLEST_SIZE <= placement.size <= LARGEST_SIZE:
        words = N_("Choose a size between {smallest} m and {largest:,.0f} m")
        found.append(Problem.of("size", words, smallest=SMALLEST_SIZE, largest=LARGEST_SIZE))
    if not 0.0 <= placement.merge_distance <= LARGEST_DISTANCE:
        words = N_("Choose a merge distance between 0 m and {largest:g} m")
        found.append(Problem.of("merge_distance", words, largest=LARGEST_DISTANCE))
    if not 0.0 <= placement.smooth_angle <= math.pi:
        found.append(Problem.of("smooth_angle", N_("Choose a smoothing angle between 0° and 180°")))
    found += _budget_problems(placement)
    numbers = [*placement.cursor, *placement.point, *(placement.normal or ())]
    if not all(map(math.isfinite, numbers)):
        found.append(Problem.of("point", N_("The place is not a point in space: choose another one")))
    return found


def _budget_problems(placement: Placement) -> list[Problem]:
    words = {
        "budget_triangles": N_("Choose a budget between {smallest:,} and {largest:,} triangles"),
        "budget_lods": N_("Choose between {smallest} and {largest} levels of detail"),
        "budget_texture_size": N_("Choose textures between {smallest:,} and {largest:,} pixels"),
    }
    return [
        Problem.of(name, words[name], smallest=smallest, largest=largest)
        for name, (smallest, largest) in BUDGET_LIMITS.items()
        if not smallest <= getattr(placement, name) <= largest
    ]


def validate(placement: Placement) -> None:
    """Raise InvalidRequest when a placement cannot be carried out."""
    found = problems(placement)
    if found:
        raise InvalidRequest(tuple(found))


def place_of(placement: Placement) -> Vector:
    """Return the point where the model goes, when no placeholder says otherwise."""
    return {CURSOR: placement.cursor, POINT: placement.point}.get(placement.location, NOWHERE)


def transform(placement: Placement, box: Box | None, scale_length: float) -> Transform:
    """Return what moves a model, whose bounds as delivered are ``box`` in scene units, to its place.

    ``scale_length`` is the scene's number of metres in a unit. Without a box neither ground nor sizes can be kept.
    """
    turned = rotation_about_z(FACINGS.get(placement.facing, 0))
    upright = None if box is None else box_around(turn(turned, corner) for corner in box.corners)
    if placement.placeholder is not None:
        return _into_placeholder(placement.placeholder, upright, turned, ground=placement.ground)
    scale = 1.0
    if placement.fit == METRES and upright is not None and max(upright.size) > 0.0:
        scale = placement.size / scale_length / max(upright.size)
    rotation = turned
    lift: Vector = (0.0, 0.0, -upright.low[2] * scale) if placement.ground and upright is not None else NOWHERE
    if placement.location == POINT and placement.normal is not None:
        tilt = rotation_to(placement.normal)
        rotation, lift = times(tilt, turned), turn(tilt, lift)
    location = add(place_of(placement), lift)
    return Transform(scale, rotation, location)


def longest_side(placement: Placement, bounds: Box) -> float:
    """Return how many metres long a model, whose bounds as delivered are in metres, will be at its place."""
    return placement.size if placement.fit == METRES else max(bounds.size)


def target_corners(placement: Placement, scale_length: float = 1.0, bounds: Box | None = None) -> tuple[Vector, ...]:
    """Return the eight corners, in the scene's space, of where a model that is not there yet is expected.

    They are those of a box as `itertools.product` orders them: x slowest, z fastest. ``bounds`` are the model's as
    delivered, in metres, where they are known.
    """
    expected = Box(*(vector(one / scale_length for one in corner) for corner in bounds or EXPECTED))
    moves = transform(placement, expected, scale_length)
    return tuple(moves.apply(corner) for corner in expected.corners)


def target_box(placement: Placement, scale_length: float = 1.0) -> tuple[Vector, Vector]:
    """Return the lowest and the highest corner, in the scene's space, of where a model is expected."""
    return box_around(target_corners(placement, scale_length))


def _into_placeholder(placeholder: Placeholder, upright: Box | None, turned: Rows, *, ground: bool) -> Transform:
    """Fit the model into a placeholder's box, as large as it goes, upon its floor or about its middle."""
    rows = [placeholder.matrix[start : start + 4] for start in (0, 4, 8)]
    columns = [vector(row[number] for row in rows) for number in range(3)]
    stretch = [math.sqrt(sum(one * one for one in column)) for column in columns]
    # The model's front is along X; `turned` says along which axis of the placeholder it goes.
    rotation = rotation_in(columns, front=0 if turned[0][0] else 1)
    room = [side * factor for side, factor in zip(placeholder.box.size, stretch, strict=True)]
    anchor = _anchor(placeholder.box, ground=ground)
    location = vector(sum(a * b for a, b in zip(row, (*anchor, 1.0), strict=True)) for row in rows)
    if upright is None:
        return Transform(1.0, times(rotation, turned), location)
    ratios = [have / need for have, need in zip(room, upright.size, strict=True) if have > 1e-6 and need > 1e-6]
    scale = min(ratios, default=1.0)
    offset = turn(rotation, vector(-one * scale for one in _anchor(upright, ground=ground)))
    return Transform(scale, times(rotation, turned), add(location, offset))


def _anchor(box: Box, *, ground: bool) -> Vector:
    x, y, z = box.centre
    return (x, y, box.low[2] if ground else z)


def _as_data(placeholder: Placeholder) -> dict[str, Any]:
    return placeholder._asdict() | {"box": placeholder.box}


def _rounded(value: Any) -> Any:
    """Return a JSON document with the digits that a single-precision property has."""
    if isinstance(value, float):
        return float(f"{value:.9g}")
    if isinstance(value, Mapping):
        return {name: _rounded(one) for name, one in cast(Mapping[str, Any], value).items()}
    if isinstance(value, (list, tuple)):
        return [_rounded(one) for one in cast(list[Any], value)]
    return value


_FLAGS = frozenset(name for name, default in Placement()._asdict().items() if isinstance(default, bool))


def _read(default: Placement, document: Mapping[str, Any]) -> Placement:
    found: dict[str, Any] = {}
    for name, value in document.items():
        if name in ("cursor", "point", "normal"):
            found[name] = _numbers(value, 3)
        elif name == "placeholder":
            found[name] = _read_placeholder(value)
        elif name == "copies":
            copies = map(_read_placeholder, cast(list[Any], value) if isinstance(value, list) else [])
            found[name] = tuple(one for one in copies if one is not None)
        elif name == "units":
            found[name] = _read_units(value)
        elif name in ("location", "fit", "facing"):
            choices = {"location": LOCATIONS, "fit": FITS, "facing": tuple(FACINGS)}[name]
            found[name] = value if value in choices else None
        elif name == "original":
            found[name] = _read_original(value)
        elif name in ("filepath", "saved"):
            found[name] = value if isinstance(value, str) and PurePath(value).is_absolute() else None
        elif name in _FLAGS:
            found[name] = value if isinstance(value, bool) else None
        elif name in BUDGET_LIMITS:
            smallest, largest = BUDGET_LIMITS[name]
            found[name] = value if type(value) is int and smallest <= value <= largest else None
        elif name in ("size", "merge_distance", "smooth_angle"):
            numbers = _numbers([value], 1)
            found[name] = numbers[0] if numbers and numbers[0] >= 0.0 else None
    return default._replace(**{name: value for name, value in found.items() if value is not None})


def _read_placeholder(value: Any) -> Placeholder | None:
    if not isinstance(value, dict):
        return None
    fields = cast(dict[str, Any], value)
    box: Any = fields.get("box")
    matrix = _numbers(fields.get("matrix"), 16)
    corners = [_numbers(corner, 3) for corner in box] if isinstance(box, list) and len(box) == 2 else []  # pyright: ignore
    if matrix is None or len(corners) != 2 or None in corners or not isinstance(fields.get("name"), str):
        return None
    low, high = cast(list[Vector], corners)
    return Placeholder(fields["name"], matrix, Box(low, high), str(fields.get("token", "")))


def _read_original(value: Any) -> Original | None:
    if not isinstance(value, dict):
        return None
    fields = cast(dict[str, Any], value)
    lists = [fields.get(name) for name in Original._fields]
    texts = [tuple(str(one) for one in cast(list[Any], some)) if isinstance(some, list) else () for some in lists]
    return Original(*texts) if texts[0] else None


def _read_units(value: Any) -> Units | None:
    if not isinstance(value, dict):
        return None
    fields = cast(dict[str, Any], value)
    numbers = _numbers([fields.get(name) for name in Units._fields], 3)
    if numbers is None or min(numbers) <= 0.0:
        return None
    return Units(max(1, round(numbers[0])), numbers[1], numbers[2])


def _numbers(value: Any, count: int) -> tuple[float, ...] | None:
    if not isinstance(value, (list, tuple)) or len(cast(list[Any], value)) != count:
        return None
    try:
        numbers = tuple(float(one) for one in cast(list[Any], value))
    except (TypeError, ValueError):
        return None
    return numbers if all(map(math.isfinite, numbers)) else None
