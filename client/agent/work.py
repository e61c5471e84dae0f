"""The pieces of work that run in the agent's threads: each waits for network or disk and reports one message."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from .. import formats
from ..api import TripoClient
from ..download import discard, download
from ..errors import DownloadFailed, NoAnswer, ResultRefused, TripoError
from ..formats import Format
from ..home import Home
from ..request import GenerationRequest
from .messages import Failed, Message, WasBalanced, WasFetched, WasPolled, WasSubmitted

log = logging.getLogger(__name__)


SUFFIXES: Mapping[Format, str] = {
    Format.GLB: ".glb",
    Format.GLTF: ".gltf",
    Format.ZIP: ".zip",
    Format.USDZ: ".usdz",
    Format.USDC: ".usdc",
    Format.USDA: ".usda",
    Format.FBX: ".fbx",
    Format.FBX_ASCII: ".fbx",
    Format.OBJ: ".obj",
    Format.STL: ".stl",
    Format.STL_ASCII: ".stl",
    Format.PLY: ".ply",
    Format.THREEMF: ".3mf",
}
"""How a result is named once its content is known; what the address says is not believed."""


class Stopped(TripoError):
    """The agent was told to stop (offline, cancelled) in the middle of a download."""

    code = "STOPPED"


@dataclass(frozen=True)
class Work:
    """What the pieces need. ``report`` may be called from any thread."""

    client: TripoClient
    home: Home
    report: Callable[[Message], None]

    def submit(self, job_id: str, request_text: str) -> None:
        """Send a request that costs credits."""

        def run() -> Message:
            request = GenerationRequest.from_json(request_text)
            return WasSubmitted(job_id, self.client.submit(request).task_id)

        self._do("submit", job_id, run)

    def poll(self, job_id: str, task_id: str) -> None:
        """Ask about a task."""
        self._do("status", job_id, lambda: WasPolled(job_id, self.client.status(task_id), time.monotonic()))

    def balance(self) -> None:
        """Ask for the credits."""
        self._do("balance", "", lambda: WasBalanced(self.client.balance()))

    def fetch(self, job_id: str, url: str, keep_on: Callable[[int, int | None], bool]) -> None:
        """Download a result and look at it; ``keep_on`` is told the progress and says whether to go on."""

        def progress(done: int, whole: int | None) -> None:
            if not keep_on(done, whole):
                raise Stopped("The download was stopped")

        def run() -> Message:
            part = self.home.downloads / f"{job_id}.part"
            folder = self.home.result_folder(job_id)
            result = download(url, part, folder / "model", progress=progress)
            try:
                model = formats.inspect(result.path)
            except formats.FormatError as error:
                discard(part)
                kept = self.home.quarantine / f"{job_id}.bin"
                result.path.replace(kept)
                folder.rmdir()
                raise ResultRefused(error.user_message) from error
            suffix = SUFFIXES[model.format]
            result.path.replace(result.path.with_suffix(suffix))
            return WasFetched(job_id, result, suffix)

        self._do("download", job_id, run)

    def _do(self, step: str, job_id: str, run: Callable[[], Message]) -> None:
        try:
            message = run()
        except TripoError as error:
            message = Failed(step, job_id, error)
        except Exception:
            log.exception("%s of job %s went wrong", step, job_id)
            message = Failed(step, job_id, _unexpected(step))
        self.report(message)


def _unexpected(step: str) -> TripoError:
    """Return what an error of our own means: for a submit, that it may have been sent."""
    sentence = "Something went wrong inside the add-on: see the log in its folder"
    return DownloadFailed(sentence) if step == "download" else NoAnswer(sentence)
