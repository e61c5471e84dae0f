# SPDX-License-Identifier: GPL-3.0-or-later
"""Plan the models of placeholders: prompts from their names, and what was made of each already."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Collection, Iterable, Sequence
from enum import StrEnum
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from ..schema import Kind
from .notices import JobNotice
from .placement import Placement
from .states import LIVE, WITHOUT_MODEL, Status

if TYPE_CHECKING:
    from ..store import Job
    from .placement import Placeholder

_COPY = re.compile(r"(?:\.\d{3,})+$")
_APART = re.compile(r"[\s_.\-]+")
_NUMBERED = re.compile(r"^([^\W\d]{2,})\d+$")
_STAGE = r"blockout|blocking|placeholder|proxy|gr[ea]ybox|whitebox"
_BEFORE = re.compile(rf"{_STAGE}|sm|skm?|st|geom?|msh|mesh|obj|blk|bo|ph|wb|gb|te?mp")
"""Words that only say what kind an object is, when its name begins with them; after other words they count."""
_AFTER = re.compile(rf"{_STAGE}|geom?|mesh|grp|low|high|[lh]p|lod\d*|\d+")
"""The same, when its name ends with them."""
_GENERIC = re.compile(
    r"|b[eé]zier(curve|circle)|circle|cone|cube|curve|cylinder|empty|geometry|grid|icosphere|(meta|m)ball|monkey|object"
    r"|nurbs(curve|circle|path|surface|torus|sphere|cylinder)|plane|primitive|roundcube|sphere|suzanne"
    r"|surface|surf(sphere|torus|patch|curve|circle|cylinder)|text|torus|uvsphere|\d+"
)
"""Names that Blender gives by itself, without their spaces: they say nothing about what the object stands for."""


def prompt_from_name(name: str) -> str:
    """Return what an object is by its name, as the beginning of a prompt; empty when the name says nothing.

    "SM_BarrelRusty_01.002" is "barrel rusty"; what was typed as words keeps its capitals.
    """
    plain = _COPY.sub("", name.strip())
    is_typed = " " in plain
    words = [part for word in _APART.split(plain) if word for part in _parted(word)]
    while len(words) > 1 and _BEFORE.fullmatch(words[0].lower()):
        del words[0]
    while len(words) > 1 and _AFTER.fullmatch(words[-1].lower()):
        del words[-1]
    if words and (numbered := _NUMBERED.match(words[-1])):
        words[-1] = numbered[1]
    said = "".join(words).lower()
    if _GENERIC.fullmatch(said) or _BEFORE.fullmatch(said):
        return ""
    return " ".join(words if is_typed else map(_small, words))


def _parted(word: str) -> list[str]:
    """Return the words of a name that is written as BarrelRusty."""
    cuts = [0]
    for place, (before, here) in enumerate(pairwise(word), 1):
        follows = word[place + 1 : place + 2]
        if here.isupper() and (before.islower() or (before.isupper() and follows.islower())):
            cuts.append(place)
    return [word[start:end] for start, end in zip(cuts, [*cuts[1:], len(word)], strict=True)]


def _small(word: str) -> str:
    return word.lower() if word[:1].isupper() and not word[1:].isupper() else word


class Step(StrEnum):
    """What a press of Generate does for a placeholder."""

    SEND = "SEND"
    """Nothing was made of it yet, or with another prompt, or it failed at the service: it is sent, and paid."""
    WAIT = "WAIT"
    """It is under way, and comes by itself."""
    IMPORT = "IMPORT"
    """It is paid and not in the scene: it comes for free."""
    DONE = "DONE"
    """Its model is in the scene."""
    UNCLEAR = "UNCLEAR"
    """It may have been charged: a person has to decide that in the job list."""


class Wish(NamedTuple):
    """What is to be made of a placeholder; the prompt does not count where it is not sent."""

    kind: Kind
    prompt: str

    def is_of(self, other: Wish) -> bool:
        """Whether two wishes come to the same request."""
        return self.kind is other.kind and (self.kind is not Kind.TEXT or self.prompt == other.prompt)


class Made(NamedTuple):
    """A job that was made for a placeholder, what was wished for, and all places that its model takes."""

    job: Job
    wish: Wish
    places: tuple[Placeholder, ...]


def read_made(jobs: Iterable[Job]) -> list[Made]:
    """Return those of the jobs whose models take the place of something, in their order."""
    found: list[Made] = []
    for job in jobs:
        placement = Placement.from_json(job.placement)
        if placement.placeholder is not None and (wish := _wish_of(job)) is not None:
            found.append(Made(job, wish, (placement.placeholder, *placement.copies)))
    return found


def _wish_of(job: Job) -> Wish | None:
    try:
        prompt = json.loads(job.request)["parameters"].get("prompt", "")
        return Wish(Kind(job.kind), str(prompt).strip())
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def made_for(
    made: Sequence[Made], places: Sequence[Placeholder], noted: Collection[str], is_here: Callable[[str], bool]
) -> list[Made]:
    """Return those that were made for placeholders, in their order.

    ``noted`` are the jobs that the placeholders themselves name, under whatever name they had then; ``is_here`` tells
    whether a job's target is this scene. A file that was not saved after the press names neither: there the place
    itself tells, since it is as it was.
    """
    names = {one.name for one in places}

    def is_for(one: Made) -> bool:
        if one.job.job_id in noted:
            return True
        if is_here(one.job.target):
            return any(place.name in names for place in one.places)
        return any(_is_same(place, mine) for place in one.places for mine in places)

    return [one for one in made if is_for(one)]


def _is_same(one: Placeholder, other: Placeholder) -> bool:
    def numbers(place: Placeholder) -> tuple[float, ...]:
        return (*place.matrix, *place.box.low, *place.box.high)

    pairs = zip(numbers(one), numbers(other), strict=True)
    return one.name == other.name and all(math.isclose(a, b, rel_tol=1e-5, abs_tol=1e-6) for a, b in pairs)


def latest(made: Sequence[Made], wish: Wish) -> Job | None:
    """Return the newest job of a wish, of which one that did not end badly comes first; they are newest first."""
    alike = [one.job for one in made if one.wish.is_of(wish)]
    return next((job for job in alike if job.status not in WITHOUT_MODEL), alike[0] if alike else None)


def step_of(job: Job | None, *, in_scene: bool, comes: bool, is_paid: bool) -> Step:
    """Return what a press does, by the job of a wish.

    ``in_scene`` is whether its model is there, ``comes`` whether it is delivered into this scene by itself once it is
    ready, and ``is_paid`` whether a job that ended badly can go on without being paid again.
    """
    if job is None:
        return Step.SEND
    if job.status in LIVE:
        return Step.WAIT
    if job.status is Status.UNCERTAIN or job.notice.code == JobNotice.COPIED.code:
        return Step.UNCLEAR
    if in_scene:
        return Step.DONE
    if job.status is Status.READY and comes:
        return Step.WAIT
    return Step.SEND if job.status in WITHOUT_MODEL and not is_paid else Step.IMPORT


def minutes(count: int, per_minute: int, seconds: float) -> int:
    """Return about how long so many models take that need so many seconds each: every request of the budget either
    sends one or looks how one is."""
    return max(1, round(2 * count / max(1, per_minute) + seconds / 60)) if count else 0
