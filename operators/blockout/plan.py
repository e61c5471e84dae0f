# SPDX-License-Identifier: GPL-3.0-or-later
"""Plan a set: which objects get a model, what it is made from, and what was made of them already.

What was asked for is noted on the placeholders, so that it is saved with the file: a set is resumed by asking once
more. The store tells what is under way or paid already: it knows more than a file that was not saved.
"""

from __future__ import annotations

import json
import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from bpy.types import Context, Object, Scene

from ...client.errors import InvalidRequest, Problem
from ...client.jobs.blockout import Made, Step, Wish, latest, made_for, prompt_from_name, read_made, step_of
from ...client.notices import N_
from ...client.schema import MULTIVIEW, TEXT, Kind
from ...properties.placement_values import placeholder_of, present_of
from ...session.delivered_models import PROPERTY, collections_of

if TYPE_CHECKING:
    from ...client.account import Account
    from ...client.store import Job
    from ...session.session import Session

KEY = "tripo_blockout"
"""Custom property of a placeholder: what was last asked for, when, and by which job."""
_STANDS_FOR_ONE = frozenset({"MESH", "CURVE", "SURFACE", "META", "FONT", "EMPTY"})
KINDS: Mapping[str, Kind] = {kind.name: kind for kind in (TEXT, MULTIVIEW)}


class Row(NamedTuple):
    """Placeholders that show the same, the first of which is sent; what is wished for, the job that was made of that
    wish, if any, and what a press does now."""

    objects: Sequence[Object]
    wish: Wish
    job: Job | None
    step: Step

    @property
    def name(self) -> str:
        """What it is called in a table: the name of the first."""
        return self.objects[0].name


def placeholders_in(context: Context) -> list[Object]:
    """Return the selected placeholders; without any those of the scene that were asked for before and still show."""
    chosen = [one for one in context.selected_objects if is_placeholder(one)]
    if chosen:
        return chosen
    return [one for one in context.scene.objects if KEY in one and is_placeholder(one) and not one.hide_viewport]


def is_placeholder(one: Object) -> bool:
    """Whether a model may take an object's place: one of this file that has a size, and is not of a model itself."""
    if one.type not in _STANDS_FOR_ONE or one.library is not None:
        return False
    above: Object | None = one
    while above is not None and PROPERTY not in above:
        above = above.parent
    return above is None


def named(names: Iterable[str], scene: Scene) -> list[Object]:
    """Return objects by their names; raises InvalidRequest."""
    found: list[Object] = []
    for name in names:
        one = scene.objects.get(name)
        if one is None or not is_placeholder(one):
            words = N_("'{name}' is not an object of this scene that a model can replace")
            raise InvalidRequest((Problem.of("objects", words, name=name),))
        found.append(one)
    return found


def note_wishes(objects: Iterable[Object], prompts: Mapping[str, str], views: Collection[str]) -> None:
    """Note what is asked for on all objects that show the same as one of these names; the rest keeps what it has."""
    for alike in _alike(objects):
        names = [one.name for one in alike]
        prompt = next((prompts[name].strip() for name in names if name in prompts), None)
        has_views = not set(names).isdisjoint(views)
        if prompt is not None or has_views:
            note(alike, Wish(MULTIVIEW if has_views else TEXT, prompt or ""))


def note(objects: Iterable[Object], wish: Wish, job_id: str = "") -> None:
    """Note on placeholders what is asked for, and the job that makes it."""
    for one in objects:
        one[KEY] = {"prompt": wish.prompt, "kind": wish.kind.name, "at": time.time(), "job_id": job_id}


def plan(context: Context, session: Session, account: Account, objects: Iterable[Object]) -> list[Row]:
    """Return a row for all objects that show the same, by name. Raises StoreUnavailable."""
    context.view_layer.update()  # what a script has just moved has its place then
    session.file.scenes.refresh()
    with session.patient() as jobs:
        session.file.reader.use(account)
        made = read_made(jobs.in_places(account.account_id))
    return [_row(alike, made, session, context.scene) for alike in _alike(objects)]


def _alike(objects: Iterable[Object]) -> list[list[Object]]:
    """Return objects in groups that share a mesh, or whatever else they show."""
    found: dict[Any, list[Object]] = {}
    for one in sorted(set(objects), key=lambda one: (one.name.casefold(), one.name)):
        found.setdefault(one.data or one.instance_collection or one, []).append(one)
    return list(found.values())


def _row(objects: Sequence[Object], made: Sequence[Made], session: Session, scene: Scene) -> Row:
    mine = made_of(objects, made, session, scene)
    wish = _wish_of(objects, mine)
    job = latest(mine, wish)
    if job is None:
        return Row(objects, wish, None, Step.SEND)
    from ...client.jobs.notices import JobNotice
    from ...client.jobs.states import Status
    from ..jobs.stop_and_resume import next_status

    account = session.file.reader.account
    is_other_key = account is not None and account.account_id != job.account_id
    is_unknown = is_other_key and job.notice.code == JobNotice.UNKNOWN_TO_KEY.code  # another person's
    step = step_of(
        job,
        in_scene=bool(collections_of(job.job_id, scene)) or session.claims.is_delivered(job.job_id),
        comes=session.file.scenes.find(job.target) == scene and job.job_id not in session.file.deliveries.refused,
        is_paid=next_status(session, job) is not Status.PREPARED and not is_unknown,
    )
    return Row(objects, wish, job, step)


def made_of(objects: Sequence[Object], made: Sequence[Made], session: Session, scene: Scene) -> list[Made]:
    """Return what was made for objects before, newest first.

    A copy of a placeholder has its note too: it does not count while what it was copied from is there.
    """
    noted: set[str] = set()
    places_of = {one.job.job_id: one.places for one in made}
    for one in objects:
        job_id = str(_noted(one).get("job_id", ""))
        others = (present_of(place, scene) for place in places_of.get(job_id, ()))
        if not any(_noted(one).get("job_id") == job_id for one in others if one is not None and one not in objects):
            noted.add(job_id)
    places, scenes = [placeholder_of(one) for one in objects], session.file.scenes
    return made_for(made, places, noted, lambda token: scenes.find(token) == scene)


def _wish_of(objects: Sequence[Object], made: Sequence[Made]) -> Wish:
    """Return what is asked for: what was noted last, or sent after that; else text made from the name."""
    notes = sorted((_noted(one) for one in objects), key=lambda one: float(one.get("at", 0.0)))
    last = notes[-1]
    if made and made[0].job.created_at > float(last.get("at", 0.0)):
        return made[0].wish
    if last:
        return Wish(KINDS.get(str(last.get("kind")), TEXT), str(last.get("prompt", "")))
    return Wish(TEXT, prompt_from_name(objects[0].name))


def _noted(one: Object) -> dict[str, Any]:
    found: Any = one.get(KEY)
    return found.to_dict() if hasattr(found, "to_dict") else {}


def names_in(text: str, field: str = "objects") -> list[str]:
    """Return the names in an argument: a JSON list, or with commas between them; raises InvalidRequest."""
    if text.strip().startswith("["):
        return [str(one) for one in _read_json(field, text, list)]
    return [name.strip() for name in text.split(",") if name.strip()]


def prompts_in(text: str) -> dict[str, str]:
    """Return the prompts in an argument by the names of objects: a JSON object of texts; raises InvalidRequest."""
    found: dict[str, Any] = _read_json("prompts", text, dict) if text.strip() else {}
    if not all(isinstance(prompt, str) for prompt in found.values()):
        raise _unreadable("prompts")
    return found


def _read_json(field: str, text: str, kind: type) -> Any:
    try:
        found: object = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, kind):
        raise _unreadable(field)
    return found


def _unreadable(field: str) -> InvalidRequest:
    words = N_("The JSON in {field} cannot be read: correct it")
    return InvalidRequest((Problem.of(field, words, field=field),))
