# SPDX-License-Identifier: GPL-3.0-or-later
"""Run one background Blender in its own temporary folder, and speak its line protocol.

It reads one JSON line per conversion and answers with one line that starts with ``MARK``; everything else it prints
is Blender's own noise and goes to a log.
"""

from __future__ import annotations

import contextlib
import json
import logging
import math
import queue
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from ...files.disk import is_held, move, patiently
from ...formats.handover import UNMEASURED, Converted, Joined, Loss, Lost, Measured, Unreduced
from ...paths import Home, open_private
from ...redact import redact
from ...timings import Timings
from ..launch import MARK, converter_command, converter_environment, creation_flags
from .job_object import JobObject
from .memory_watch import LOOK_SECONDS, MemoryWatch
from .output_log import OutputLog, set_aside

log = logging.getLogger(__name__)

LOG_BYTES = 1 << 20
_LINE_LENGTH = 1 << 16
_ENDING_SECONDS = 5.0
_DRAIN_SECONDS = 1.0
_BLEND_STARTS = (b"BLENDER", b"\x28\xb5\x2f\xfd")
"""How a ``.blend`` begins: as it is, or compressed by Zstandard (Blender's manual, "Compress File")."""
_PNG_START = b"\x89PNG\r\n\x1a\n"
_JPEG_START = b"\xff\xd8\xff"
_BAKE = frozenset({"onto", "bake_from", "budget"})
"""Options of a conversion that may take as long as a bake."""
_MODEL_STARTS = (b"glTF", b"Kaydara ")


class ConverterUnavailable(Exception):
    """No background Blender can be started; ``was_started`` when it could but never came up."""

    def __init__(self, *, was_started: bool = False) -> None:
        super().__init__("it cannot be started")
        self.was_started = was_started


class ConverterCrashed(Exception):
    """The background Blender died, hung, or lied while it worked on a file."""


class ResultHeld(Exception):
    """What it wrote is sound, but another program does not let go of the file."""

    def __init__(self) -> None:
        super().__init__("another program holds what it wrote")


class ConverterProcess:
    """A converter process. Used by one thread; only ``kill`` may be called from another."""

    def __init__(self, program: tuple[str, ...], home: Home, agent: str, timings: Timings) -> None:
        """Start the process; raises ConverterUnavailable."""
        self._timings = timings
        self._log_path = home.root / "converter.log"
        self._output_log = OutputLog()
        self._memory_watch = MemoryWatch()
        self._answers: queue.Queue[str | None] = queue.Queue()
        self._orders = 0
        self._is_up = False
        self._has_ended = False
        self._converted = Converted()
        try:
            home.scratch.mkdir(mode=0o700, parents=True, exist_ok=True)
            # The agent's name in front tells the next agent whose folder this was.
            self._folder = Path(tempfile.mkdtemp(prefix=f"{agent}-", dir=home.scratch))
        except OSError as error:
            raise ConverterUnavailable() from error
        try:
            self._process = subprocess.Popen(
                converter_command(program),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                cwd=self._folder,
                env=converter_environment(self._folder),
                creationflags=creation_flags(),
                text=True,
                encoding="utf-8",
                errors="replace",
            )
        except OSError as error:
            shutil.rmtree(self._folder, ignore_errors=True)
            raise ConverterUnavailable() from error
        self._job_object = JobObject(self._process)
        self._reader = threading.Thread(target=self._read, name="converter-output", daemon=True)
        self._reader.start()

    def is_alive(self) -> bool:
        """Whether the process runs."""
        return self._process.poll() is None

    def convert(self, source: Path, blend: Path, name: str, options: Mapping[str, Any]) -> tuple[str, Converted]:
        """Convert one file, by the ``options`` of the order; return nothing, or why the importer refuses it, and what
        is to be said of the model.

        ``blend`` appears complete or not at all: the child writes into its own folder, so that one left behind by a
        dead agent cannot get in the way. Raises ConverterCrashed, or ConverterUnavailable when it never came up.
        """
        made = self._new_file(".blend")
        bakes = not _BAKE.isdisjoint(options)
        seconds = self._timings.bake if bakes else self._timings.conversion
        order = {**options, "source": str(source), "target": str(made), "name": name, "seconds": seconds}
        reason = self._obey(order, made, blend, _BLEND_STARTS, seconds)
        return reason, self._converted

    def draw(self, source: Path, thumbnail: Path, *, is_model: bool) -> str:
        """Render a small PNG of a converted model, or write one of an image from elsewhere. Returns and raises as
        ``convert``."""
        made, seconds = self._new_file(".png"), self._timings.thumbnail
        order = {"blend" if is_model else "image": str(source), "thumbnail": str(made), "seconds": seconds}
        return self._obey(order, made, thumbnail, (_PNG_START,), seconds)

    def shelve(self, blend: Path, entry: Mapping[str, Any]) -> str:
        """Write a converted model anew, in its place, with an asset in it. Returns and raises as ``convert``."""
        made, seconds = self._new_file(".blend"), self._timings.conversion
        order = {"shelve": str(blend), "target": str(made), "entry": dict(entry), "seconds": seconds}
        return self._obey(order, made, blend, _BLEND_STARTS, seconds)

    def flatten(self, image: Path, target: Path, background: str) -> str:
        """Write an image as a JPEG, with a colour ("#rrggbb") behind what is transparent. Returns and raises as
        ``convert``."""
        made, seconds = self._new_file(".jpg"), self._timings.flatten
        order = {"flatten": str(image), "target": str(made), "background": background, "seconds": seconds}
        return self._obey(order, made, target, (_JPEG_START,), seconds)

    def export(self, blend: Path, target: Path) -> str:
        """Write the objects of a ``.blend`` as a model that the service takes: GLB or FBX, as the target is named.
        Returns and raises as ``convert``."""
        made, seconds = self._new_file(target.suffix), self._timings.export
        order = {"export": str(blend), "target": str(made), "seconds": seconds}
        return self._obey(order, made, target, _MODEL_STARTS, seconds)

    def _new_file(self, suffix: str) -> Path:
        self._orders += 1
        return self._folder / f"result-{self._orders}{suffix}"

    def _obey(
        self, order: Mapping[str, Any], made: Path, target: Path, starts: tuple[bytes, ...], seconds: float
    ) -> str:
        """Have an order carried out and move what it ``made`` to its place."""
        if not self._is_up:
            if self._answer(self._timings.converter_start) is None:
                raise ConverterUnavailable(was_started=True)
            self._is_up = True
        self._output_log.begin()
        self._tell(order)
        answer = self._answer(seconds)
        if answer is None:
            raise ConverterCrashed(self._end())
        found = _lost(answer.get("warnings")), _joined(answer.get("joined")), _measured(answer.get("measured"))
        self._converted = Converted(*found, _unreduced(answer.get("unreduced")))
        if not answer.get("ok"):
            return str(answer.get("reason") or "no reason given")
        try:
            patiently(lambda: _check_start(made, starts))
            with contextlib.suppress(OSError):
                made.chmod(0o600)
            move(made, target)
        except OSError as error:
            if is_held(error):
                raise ResultHeld() from error
            raise ConverterCrashed(f"its file cannot be taken over: {error.strerror}") from error
        return ""

    def _end(self) -> str:
        """Return how the process failed to answer."""
        if not self._has_ended:
            return "no answer"
        with contextlib.suppress(subprocess.TimeoutExpired):
            # Its output has ended; it may still be writing its memory to the disk.
            return f"it ended, exit code {self._process.wait(_ENDING_SECONDS)}"
        return "it closed its output"

    def printed(self) -> str:
        """Return the end of what was printed since the last order; all of it is there once the child is closed."""
        return self._output_log.text()

    def kill(self) -> None:
        """End the process at once, and let go of whoever waits for its answer."""
        with contextlib.suppress(OSError):
            self._process.kill()
        # Its output may not end with it: what it started itself holds the pipe, too.
        self._answers.put(None)

    def close(self) -> None:
        """End the process and remove its folder."""
        self.kill()
        self._process.wait()
        if self._process.stdin is not None:
            with contextlib.suppress(OSError):
                self._process.stdin.close()
        # All that it printed is in the pipe by now; the end of the pipe may never come (see `kill`).
        self._reader.join(_DRAIN_SECONDS)
        self._job_object.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _tell(self, order: Mapping[str, Any]) -> None:
        stdin = self._process.stdin
        assert stdin is not None
        try:
            stdin.write(json.dumps(dict(order)) + "\n")
            stdin.flush()
        except OSError as error:
            raise ConverterCrashed("it was gone") from error

    def _answer(self, seconds: float) -> dict[str, Any] | None:
        try:
            line = self._next_line(seconds)
            self._has_ended = line is None
            document: object = None if line is None else json.loads(line)
        except (queue.Empty, ValueError):
            return None
        return cast(dict[str, Any], document) if isinstance(document, dict) else None

    def _next_line(self, seconds: float) -> str | None:
        """Wait for a line, None at the end; raises queue.Empty, or ConverterCrashed for a process that is too large."""
        if not self._memory_watch.is_watched:
            return self._answers.get(timeout=seconds)
        deadline = time.monotonic() + seconds
        while True:
            left = deadline - time.monotonic()
            try:
                return self._answers.get(timeout=max(0.0, min(left, LOOK_SECONDS)))
            except queue.Empty:
                if left <= 0:
                    raise
            if self._memory_watch.is_too_large(self._process.pid):
                self.kill()
                raise ConverterCrashed("it took too much memory")

    def _read(self) -> None:
        """Pass on the answers and log the rest. Goes on reading whatever happens: a full pipe would hold the child."""
        stdout = self._process.stdout
        assert stdout is not None
        room = LOG_BYTES
        with contextlib.ExitStack() as stack:
            stack.enter_context(stdout)
            set_aside(self._log_path)
            try:
                output_log = stack.enter_context(open(self._log_path, "wb", buffering=0, opener=open_private))
            except OSError:
                output_log = None
            while line := stdout.readline(_LINE_LENGTH):
                if line.startswith(MARK):
                    self._answers.put(line[len(MARK) :])
                    continue
                self._output_log.add(line)
                if output_log is not None and room > 0:
                    room -= len(line)
                    with contextlib.suppress(OSError):
                        output_log.write(redact(line).encode(errors="replace"))
        self._answers.put(None)


def _check_start(made: Path, starts: tuple[bytes, ...]) -> None:
    with made.open("rb") as stream:
        if not stream.read(8).startswith(starts):
            raise ConverterCrashed("what it wrote is not what it should be")


def _lost(warnings: object) -> list[Lost]:
    """Read the warnings of an answer; malformed ones are left out."""
    found: list[Lost] = []
    for one in cast(list[object], warnings) if isinstance(warnings, list) else []:
        with contextlib.suppress(TypeError, ValueError):
            loss, name = cast(tuple[str, str], one)
            found.append(Lost(Loss(loss), str(name)))
    return found


def _joined(numbers: object) -> Joined | None:
    """Read how many objects were joined; None when the numbers make no sense."""
    match numbers:
        case [int(before), int(after)] if before >= after > 0:
            return Joined(before, after)
        case _:
            return None


def _measured(answer: object) -> Measured:
    """Read how large a model is; `UNMEASURED` when the numbers make no sense."""
    try:
        faces, bounds, full_faces = cast(tuple[int, list[float], int], answer)
        corners = [float(one) for one in bounds]
        faces, full_faces = int(faces), int(full_faces)
    except (TypeError, ValueError):
        return UNMEASURED
    makes_sense = min(faces, full_faces) >= 0 and len(corners) in (0, 6) and all(map(math.isfinite, corners))
    return Measured(faces, corners, full_faces) if makes_sense else UNMEASURED


def _unreduced(answer: object) -> Unreduced | None:
    """Read why a model is larger than its budget; None when the reason is unknown."""
    with contextlib.suppress(ValueError):
        return Unreduced(str(answer))
    return None
