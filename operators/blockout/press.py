# SPDX-License-Identifier: GPL-3.0-or-later
"""Press Generate for a set: send what is new as far as the daily cap allows, bring what is paid, wait for the rest."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import bpy
from bpy.types import Context

from ...client.errors import TripoError
from ...client.jobs.blockout import Made, Step, Wish, latest, prompt_from_name, read_made
from ...client.jobs.request import GenerationRequest, problems
from ...client.jobs.states import WITH_MODEL, Status
from ...client.notices import N_, Notice, text
from ...client.schema import MULTIVIEW, TEXT, ModelVersion
from ...client.store import NewJob
from ...client.store.press import WrittenSet
from ...properties.parameters import values_of
from ...properties.scene import settings_of
from ...session import delivery
from ...session.orphaned_jobs import is_orphan
from ..account import spending
from ..base import call
from ..generate.request import placement_in
from .plan import Row, made_of, note

if TYPE_CHECKING:
    from ...client.account import Account
    from ...client.jobs.images import ImageSource
    from ...client.store import Job
    from ...properties.scene import TripoSceneSettings
    from ...session.session import Session
    from .views import OwnViews

_CAP = N_(
    "{count} placeholders wait for the daily cap: raise it in the preferences or wait until tomorrow, then generate for"
    " them again"
)
_BECAUSE = N_("{name}: {problem}")
_UNCLEAR = N_("{name} may have been charged: settle it in the job list")


class Pressed(NamedTuple):
    """What came of a press: the jobs whose models come, how many of them were sent now and for how many credits, and
    what was not done and why."""

    job_ids: list[str]
    sent: int
    credits: int
    undone: list[Notice]


def request_for(wish: Wish, settings: TripoSceneSettings, images: tuple[ImageSource, ...] = ()) -> GenerationRequest:
    """Return the request of a wish, with all other settings of the scene."""
    version = ModelVersion(settings.model_version)
    values = values_of(settings, wish.kind, version)
    if wish.kind is TEXT:
        values["prompt"] = wish.prompt
    return GenerationRequest(wish.kind, version, values, images)


def within_cap(context: Context, session: Session, account: Account, rows: Sequence[Row]) -> list[Row]:
    """Return the first of the rows that are to be sent, as many as the daily cap allows now; raises
    StoreUnavailable."""
    settings = settings_of(context.scene)
    total, found = 0, list[Row]()
    for row in rows:
        if row.step is Step.SEND and (row.wish.kind is MULTIVIEW or row.wish.prompt):
            total += request_for(row.wish, settings).price.total
            if spending.check_press(context, session, account.account_id, total).refusal:
                break
            found.append(row)
    return found


def press(
    context: Context, session: Session, account: Account, rows: Sequence[Row], views: OwnViews | None = None
) -> Pressed:
    """Send what is to be sent, and bring what is paid. ``views`` are those of the rows that `within_cap` named.

    A row that cannot be sent does not keep the others from it. Raises TripoError; then nothing was written.
    """
    images, failures = (views.images, views.failures) if views is not None else ({}, {})
    undone = [text(_UNCLEAR, name=row.name) for row in rows if row.step is Step.UNCLEAR]
    ready: list[Row] = []
    requests: list[GenerationRequest] = []
    waiting = 0
    for row in rows:
        if row.step is not Step.SEND:
            continue
        if row.name in failures:
            undone.append(text(_BECAUSE, name=row.name, problem=failures[row.name]))
            continue
        if waiting or (row.wish.kind is MULTIVIEW and row.name not in images):
            waiting += 1
            continue
        request = request_for(row.wish, settings_of(context.scene), images.get(row.name, ()))
        if found := problems(request):
            undone.append(text(_BECAUSE, name=row.name, problem=found[0].notice))
            continue
        ready.append(row)
        requests.append(request)
    written = _submit(context, session, account, ready, requests) if ready else WrittenSet([], 0)
    if waiting + written.waiting:
        undone.append(text(_CAP, count=waiting + written.waiting))
    sent = [(job_id, one.price.total) for job_id, one in zip(written.job_ids, requests, strict=True) if job_id]
    come = [job_id for job_id, _ in sent] + _bring(context, session, rows, undone)
    return Pressed(come, len(sent), sum(credits for _, credits in sent), undone)


def _submit(
    context: Context, session: Session, account: Account, rows: Sequence[Row], requests: Sequence[GenerationRequest]
) -> WrittenSet:
    """Write the jobs of rows, and note them on the placeholders."""
    scene = context.scene
    target = "" if bpy.app.background else session.file.scenes.claim(scene)
    new = [
        NewJob(account.account_id, request, placement_in(row.objects, scene).to_json(), target, _title(row))
        for row, request in zip(rows, requests, strict=True)
    ]
    row_of = {id(one): row for one, row in zip(new, rows, strict=True)}
    present: list[Made] = []

    def is_wanted(one: NewJob) -> bool:
        """Whether nothing more was made of a row than when the set was planned."""
        if not present:
            present.extend(read_made(session.jobs.in_places(account.account_id)))
        row = row_of[id(one)]
        found = latest(made_of(row.objects, present, session, scene), row.wish)
        return (found and found.job_id) == (row.job and row.job.job_id)

    written = session.submit_set(account, new, is_wanted)
    for row, job_id in zip(rows, written.job_ids, strict=True):
        note(row.objects, row.wish, job_id)
    return written


def _title(row: Row) -> str:
    """Return the name of a row's job: that of the placeholder where there is no prompt to tell it."""
    return "" if row.wish.kind is TEXT else prompt_from_name(row.name) or row.name


def _bring(context: Context, session: Session, rows: Sequence[Row], undone: list[Notice]) -> list[str]:
    """See that what is paid and what is under way comes into this scene; return the jobs to wait for. What fails is
    added to ``undone``."""
    come: list[str] = []
    for row in rows:
        job = row.job
        if job is None or row.step is Step.SEND:
            continue
        note(row.objects, row.wish, job.job_id)
        if row.step not in (Step.IMPORT, Step.WAIT):
            continue
        try:
            with session.patient():
                stands_still = is_orphan(session.file.reader, session.database, job)
            if row.step is Step.WAIT and not stands_still:
                _adopt(context, session, job)
                come.append(job.job_id)
            elif job.status not in WITH_MODEL:
                call("retry_job", "EXEC_DEFAULT", job_id=job.job_id)
            elif bpy.app.background or not (
                delivery.is_prepared(session.home, job) or delivery.has_file(session.home, job)
            ):
                call("import_job", "EXEC_DEFAULT", job_id=job.job_id)
            else:
                _queue(context, session, job)
        except TripoError as error:
            undone.append(text(_BECAUSE, name=row.name, problem=error.notice))
    return come


def _adopt(context: Context, session: Session, job: Job) -> None:
    """Let a job come into this scene that was asked for from a file which was not saved afterwards."""
    if not bpy.app.background and not session.file.scenes.has(job.target):
        target = session.file.scenes.claim(context.scene)
        with session.patient() as jobs:
            jobs.update(job.job_id, job.status, target=target)


def _queue(context: Context, session: Session, job: Job) -> None:
    """Let a finished model come once more, one at a time as all do."""
    target = session.file.scenes.claim(context.scene)
    with session.patient() as jobs:
        if job.status is Status.IMPORTED:
            jobs.transition(job.job_id, Status.IMPORTED, Status.READY, target=target)
        else:
            jobs.update(job.job_id, Status.READY, target=target)
    session.file.deliveries.refused.discard(job.job_id)
