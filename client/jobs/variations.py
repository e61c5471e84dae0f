# SPDX-License-Identifier: GPL-3.0-or-later
"""Make several requests of one press: distinct seeds, places side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..schema import SEED_MAX, Kind, ModelVersion, parameters_for

if TYPE_CHECKING:
    import random

    from .placement import Placement
    from .request import GenerationRequest

_VARIED = ("model_seed", "texture_seed")
"""What is varied: the first that the endpoint takes. Where there is no seed of the shape, the service chooses one."""
_GAP = 1.25
"""Distance between two models, in sizes of one."""


def varied_seed(kind: Kind, version: ModelVersion | None) -> str:
    """Return the name of the seed that tells variations apart, empty when the endpoint takes none."""
    taken = {parameter.name for parameter in parameters_for(kind, version)}
    return next((name for name in _VARIED if name in taken), "")


def vary(request: GenerationRequest, count: int, chance: random.Random) -> tuple[GenerationRequest, ...]:
    """Return ``count`` requests that differ in one seed: counted up from a given one, else drawn by ``chance``.

    A single one is the request itself. Without a seed to set, all are alike and the service makes them differ.
    """
    name = varied_seed(request.kind, request.model_version)
    if count <= 1 or not name:
        return (request,) * max(1, count)
    first = request.parameters.get(name)
    if isinstance(first, int):
        seeds = [(first + number) % (SEED_MAX + 1) for number in range(count)]
    else:
        seeds = chance.sample(range(SEED_MAX + 1), count)
    return tuple(request._replace(parameters={**request.parameters, name: seed}) for seed in seeds)


def title_of(title: str, number: int, count: int) -> str:
    """Return the name of variation ``number``, counted from 0. The number comes first: a list cuts the end."""
    return f"{number + 1}/{count} {title}" if count > 1 else title


def beside(placement: Placement, number: int) -> Placement:
    """Return where variation ``number`` goes: in a row along X, as far apart as the models are expected to be large.

    The first takes the place itself; a placeholder, which has room for one, too.
    """
    from .placement import CURSOR, POINT, place_of, target_box

    if number == 0:
        return placement
    scale_length = placement.units.scale_length
    low, high = target_box(placement, scale_length)
    step = (high[0] - low[0]) * _GAP * number
    if placement.placeholder is not None:
        matrix = placement.placeholder.matrix
        x, y, z = matrix[3], matrix[7], matrix[11]
    else:
        x, y, z = place_of(placement)
        if placement.location == CURSOR:
            return placement._replace(cursor=(x + step, y, z))
    return placement._replace(location=POINT, point=(x + step, y, z), placeholder=None)
