# SPDX-License-Identifier: GPL-3.0-or-later
"""Follow a chain of jobs, each of which works on the result of the one before, back to what was sent."""

from __future__ import annotations

from ..jobs.request import GenerationRequest
from ..jobs.states import Status
from ..schema.pricing import Price, PriceLine
from .jobs import Job, JobTable


def unsent_steps(jobs: JobTable, job_id: str) -> list[Job]:
    """Return the steps of a chain up to this job that are not sent yet, the last one first; none when it was sent.
    Raises sqlite3.Error."""
    found: list[Job] = []
    job = jobs.get(job_id)
    while job is not None and job.status is Status.PREPARED and job not in found:
        found.append(job)
        job = jobs.get(job.source_job) if job.source_job else None
    return found


def price_of(steps: list[Job]) -> Price:
    """Return what steps cost together; one whose request cannot be read costs what was noted with it."""
    return Price(tuple(line for step in steps for line in _lines(step)))


def _lines(step: Job) -> tuple[PriceLine, ...]:
    try:
        return GenerationRequest.from_json(step.request).price.lines
    except (ValueError, KeyError, TypeError):  # an earlier version may have had a model version that is gone
        return (PriceLine(step.name, step.credits),)
