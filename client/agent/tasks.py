# SPDX-License-Identifier: GPL-3.0-or-later
"""The tasks of the agent's threads: each waits for network or disk and reports one message."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from .. import formats
from ..account import is_loopback_url
from ..errors import InvalidRequest, Problem, TripoError
from ..files.disk import move
from ..files.own_files import remove_file
from ..files.saved_copy import save_copy
from ..formats.errors import DamagedFile
from ..formats.glb import HEADER as GLB_HEADER
from ..jobs.notices import JobNotice
from ..jobs.placement import Placement
from ..jobs.request import GenerationRequest, with_model_file
from ..notices import notice
from ..paths import Home
from ..service.api import TripoClient
from ..service.download import download
from ..service.exceptions import DownloadFailed, NoAnswer, NotFound, NotSent, WrongBytes
from ..service.retry import Step
from ..store import Job
from ..timings import DEFAULT_MAX_BYTES, Timings
from .messages import (
    BalanceMoved,
    Failed,
    Message,
    WasBalanced,
    WasFetched,
    WasPolled,
    WasSaved,
    WasStopped,
    WasSubmitted,
)

log = logging.getLogger(__name__)


class _Stopped(Exception):
    """A download may not go on: offline, cancelled, or the agent leaves."""


def part_path(home: Home, job_id: str) -> Path:
    """Return where a job's unfinished download is."""
    return home.downloads / f"{job_id}.part"


@dataclass(frozen=True)
class Work:
    """What the pieces need. ``report`` may be called from any thread; ``is_ours`` tells whether this agent may still
    act for the account."""

    client: TripoClient
    home: Home
    report: Callable[[Message], None]
    is_ours: Callable[[], bool] = lambda: True
    max_bytes: int = DEFAULT_MAX_BYTES
    timings: Timings = field(default_factory=Timings)

    def submit(
        self,
        job_id: str,
        request_text: str,
        model: Path | None = None,
        on_progress: Callable[[int, int], None] | None = None,
    ) -> None:
        """Send a request that costs credits; ``model`` is the file to send of one that names a selection or a job."""

        def run() -> Message:
            request = GenerationRequest.read(request_text)
            if request is None:
                raise InvalidRequest((Problem("", notice(JobNotice.DAMAGED_REQUEST)),))
            if not self.is_ours():
                raise NotSent(JobNotice.ASLEEP)
            sent = with_model_file(request, str(model)) if model is not None else request
            task_id = self.client.submit(sent, on_progress)
            # Also in the log, in case the store cannot be written: with the task id the result can be fetched.
            log.info("job %s was accepted as task %s", job_id, task_id)
            return WasSubmitted(job_id, task_id)

        self._do(Step.SUBMIT, job_id, run)

    def poll(self, job_id: str, task_id: str) -> None:
        """Ask about a task."""
        self._do(Step.STATUS, job_id, lambda: WasPolled(job_id, self.client.status(task_id), time.monotonic()))

    def balance(self) -> None:
        """Ask for the credits."""

        def run() -> Message:
            has_other = self.client.has_other_wallet
            try:
                return WasBalanced(self.client.balance())
            except NotFound:
                if has_other:
                    return BalanceMoved()
                raise

        self._do(Step.BALANCE, "", run)

    def fetch(self, job_id: str, url: str, keep_on: Callable[[int, int | None], bool]) -> None:
        """Download a result and look at it; ``keep_on`` is told the progress and says whether to go on."""

        def progress(done: int, whole: int | None) -> None:
            if not keep_on(done, whole):
                raise _Stopped

        def run() -> Message:
            complete = self.home.downloads / f"{job_id}.whole"
            try:
                result = download(
                    url,
                    part_path(self.home, job_id),
                    complete,
                    progress=progress,
                    max_bytes=self.max_bytes,
                    timings=self.timings,
                    loopback=is_loopback_url(self.client.account.api_url),
                )
            except _Stopped:
                return WasStopped(job_id)
            return WasFetched(job_id, self._publish(job_id, complete, result.sha256), result.size, result.sha256)

        self._do(Step.DOWNLOAD, job_id, run)

    def save(self, job: Job) -> None:
        """Copy a result to where the artist wants it; a file that is there already is kept."""
        target = Path(Placement.from_json(job.placement).filepath)
        folder = str(target.parent)
        try:
            saved = save_copy(self.home.root / job.file, target, job.sha256, job.job_id)
        except Exception as error:
            log.warning("the result of job %s cannot be saved", job.job_id, exc_info=not isinstance(error, OSError))
            reason = getattr(error, "strerror", None) or type(error).__name__
            gone = notice(JobNotice.NO_FOLDER, folder=folder)
            other = notice(JobNotice.NOT_SAVED, folder=folder, reason=reason)
            self.report(WasSaved(job.job_id, "", other if target.parent.is_dir() else gone))
        else:
            self.report(WasSaved(job.job_id, str(saved)))

    def _publish(self, job_id: str, complete: Path, sha256: str) -> Path:
        """Look at a complete file and move it to its job's folder, or out of harm's way; returns where it is."""
        refused = self.home.quarantine / f"{job_id}.bin"
        try:
            model = formats.inspect(complete)
        except formats.FormatError as error:
            log.warning("the result of %s is no model: %s", job_id, error)
            whole = isinstance(error, formats.UnsafeFile) and _may_be_whole(complete, error)
            move(complete, refused)
            again = notice(JobNotice.FETCHING_AGAIN, cause=error.notice)
            raise WrongBytes(again, sha256=sha256, is_model=whole) from error
        # What the address says of the format is not believed.
        target = self.home.result_folder(job_id) / f"model{model.format.suffix}"
        move(complete, target)
        remove_file(refused)
        return target

    def _do(self, step: Step, job_id: str, run: Callable[[], Message]) -> None:
        try:
            message = run()
        except TripoError as error:
            message = Failed(step, job_id, error)
        except Exception:
            log.exception("%s of job %s went wrong", step, job_id)
            message = Failed(step, job_id, _unexpected(step))
        self.report(message)


def _may_be_whole(file: Path, error: formats.UnsafeFile) -> bool:
    """Whether a refused file came as it was made, as far as this can be told: a cut one is only damaged.

    A GLB says in its header how long it is.
    """
    if not isinstance(error, DamagedFile):
        return True
    with file.open("rb") as stream:
        head = stream.read(GLB_HEADER.size)
    if len(head) < GLB_HEADER.size or not head.startswith(b"glTF"):
        return False
    return GLB_HEADER.unpack(head)[2] == file.stat().st_size


def _unexpected(step: Step) -> TripoError:
    """Return what an error of our own means: for a submit, that it may have been sent."""
    return DownloadFailed(JobNotice.INSIDE) if step is Step.DOWNLOAD else NoAnswer(JobNotice.INSIDE)
