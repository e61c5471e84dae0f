# SPDX-License-Identifier: GPL-3.0-or-later
"""Wait for a job in a Blender without a window, where timers and modal operators do not run."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from bpy.types import Context, Operator

from ..client.errors import StoreUnavailable
from ..client.jobs.states import ENDED, Status
from ..client.notices import N_, Notice
from ..translations.translate import tell
from .operator_return import OperatorReturn

if TYPE_CHECKING:
    from ..client.store import Job
    from .session import Session

STEP_SECONDS = 0.1
STORE_SECONDS = 60.0
"""How long the job list may be out of reach before the operator gives up waiting; the job goes on without it."""


def say(text: str) -> None:
    """Write one progress line. Never raises: the job has been sent, even if the console cannot show the line or is
    gone."""
    stream = sys.stdout
    with contextlib.suppress(OSError, ValueError, AttributeError):
        encoding = getattr(stream, "encoding", None) or "ascii"
        stream.write(f"tripo: {text}\n".encode(encoding, "backslashreplace").decode(encoding))
        stream.flush()


def wait_and_deliver(operator: Operator, context: Context, session: Session, job_id: str) -> OperatorReturn:
    """Wait until the job has ended and put the model into the scene, or report why there is none.

    An interrupt leaves the job to the agent; it can be imported later with ``tripo.import_job``.
    """
    try:
        return _wait_and_deliver(operator, context, session, job_id)
    except StoreUnavailable as error:
        operator.report({"ERROR"}, tell(error.notice))
        return {"CANCELLED"}


def _wait_and_deliver(operator: Operator, context: Context, session: Session, job_id: str) -> OperatorReturn:
    """Do the same; raises StoreUnavailable when the job list cannot be used, before or at the delivery."""
    job = _wait(session, job_id)
    session.tick(deliver=False)  # the list shows how it ended, too
    if job is not None and job.is_live:
        operator.report({"ERROR"}, _about(job, session.problem))
        return {"CANCELLED"}
    if job is None:
        operator.report({"ERROR"}, "The job is no longer in the job list")
        return {"CANCELLED"}
    if job.status is Status.IMPORTED:
        operator.report({"ERROR"}, _about(job, N_("another Blender has imported it")))
        return {"CANCELLED"}
    if job.status is not Status.READY:
        operator.report({"ERROR"}, _about(job, job.message or job.status.value))
        return {"CANCELLED"}
    with session.patient():
        problem = session.deliver(job, context.scene)
    session.tick(deliver=False)
    if problem:
        operator.report({"ERROR"}, _about(job, problem))
        return {"CANCELLED"}
    say(f"Imported {job.name}")
    return {"FINISHED"}


def wait_and_deliver_all(
    operator: Operator, context: Context, session: Session, job_ids: Sequence[str]
) -> OperatorReturn:
    """Do the same for several jobs, one after the other; what fails is reported and does not keep the rest away."""
    results = [wait_and_deliver(operator, context, session, job_id) for job_id in job_ids]
    return next((result for result in results if result != {"FINISHED"}), {"FINISHED"})


def _wait(session: Session, job_id: str) -> Job | None:
    """Return the job when it has ended, or still live when nobody works on it any more.

    Raises StoreUnavailable when the job list cannot be read for a while.
    """
    said = ""
    read_at = time.monotonic()
    while True:
        session.tick(deliver=False)
        try:
            with session.patient() as jobs:
                job = jobs.get(job_id)
            read_at = time.monotonic()
        except StoreUnavailable:
            if time.monotonic() - read_at > STORE_SECONDS:
                raise
            time.sleep(STEP_SECONDS)
            continue
        if job is None and session.store.is_settling:
            time.sleep(STEP_SECONDS)
            continue
        if job is None or job.hidden:
            return None
        text = _line(job)
        if text != said:
            said = text
            say(text)
        if job.status in ENDED or session.problem:
            return job
        time.sleep(STEP_SECONDS)


def _about(job: Job, said: str | Notice) -> str:
    return f"{job.name}: {tell(said)}"


def _line(job: Job) -> str:
    words = [f"{job.name}: {job.status.value}"]
    if job.progress and job.status not in ENDED:
        words.append(f"{job.progress} %")
    if job.message and job.status is not Status.READY:
        words.append(f"({job.notice})")
    return " ".join(words)
