"""The converter as the agent sees it: a background Blender, started early, reused, and replaced when it dies.

Untrusted files are parsed in that child only. It reads one JSON line per conversion and answers with one line that
starts with ``MARK``; everything else it prints is Blender's own noise and goes to a log.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import queue
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

from ..errors import ResultRefused
from ..home import Home, open_private
from .launch import child_environment, creation_flags
from .messages import Failed, Message, WasConverted

log = logging.getLogger(__name__)

MARK = "TRIPO-CONVERTER "
CONVERSION_SECONDS = 300.0
START_SECONDS = 90.0
TRIES = 2
"""A crash or a hang is tried once more."""
WORKER = Path(__file__).resolve().parents[2] / "converter" / "worker.py"


class ConverterUnavailable(Exception):
    """No background Blender can be started on this machine."""


class ConverterCrashed(Exception):
    """The background Blender died or hung while it worked on a file."""


def converter_command(program: tuple[str, ...]) -> list[str]:
    """Return the child's command line for a program: Blender itself, or the Python of the ``bpy`` wheel."""
    if Path(program[0]).name.lower().startswith("python"):
        return [*program, "-B", str(WORKER)]
    options = ["--background", "--factory-startup", "--disable-autoexec", "--offline-mode", "--python-exit-code", "1"]
    return [*program, *options, "--python", str(WORKER)]


class Converter:
    """Runs conversions one after another on a thread of its own; every method returns at once."""

    def __init__(self, program: tuple[str, ...], home: Home, report: Callable[[Message], None]) -> None:
        self._program = program
        self._home = home
        self._report = report
        self._orders: queue.SimpleQueue[tuple[str, str, str] | str] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._child: _Child | None = None
        self._closing = False
        self._warm = False

    def warm_up(self) -> None:
        """Start the child, so that it is up when the first file comes."""
        if not self._warm and self._program:
            self._warm = True
            self._order("start")

    def rest(self) -> None:
        """End an idle child."""
        if self._warm:
            self._warm = False
            self._order("end")

    def convert(self, job_id: str, file: str, name: str) -> None:
        """Turn a file of the home folder into a ``.blend`` beside it; reports WasConverted or Failed."""
        self._warm = True
        self._order((job_id, file, name))

    def close(self) -> None:
        """End everything; a conversion in progress is given up and starts again with the next agent."""
        self._closing = True
        child = self._child
        if child is not None:
            child.kill()
        if self._thread is not None:
            self._order("close")
            self._thread.join()

    def _order(self, order: tuple[str, str, str] | str) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="converter", daemon=True)
            self._thread.start()
        self._orders.put(order)

    def _run(self) -> None:
        while True:
            order = self._orders.get()
            try:
                if order == "start":
                    self._started()
                elif order in ("end", "close"):
                    self._end_child()
                    if order == "close":
                        return
                elif isinstance(order, tuple):
                    self._convert(*order)
            except ConverterUnavailable:
                log.warning("the converter cannot be started ahead of time")
            except Exception:
                log.exception("the converter's thread met an error")
                self._end_child()
                if isinstance(order, tuple):
                    self._report(WasConverted(order[0], "", _FALLBACK))

    def _convert(self, job_id: str, file: str, name: str) -> None:
        source = self._home.root / file
        blend = source.with_name("model.blend")
        for attempt in range(1, TRIES + 1):
            try:
                answer = self._started().convert(source, blend, name)
            except ConverterUnavailable:
                self._report(WasConverted(job_id, "", _FALLBACK))
                return
            except ConverterCrashed as error:
                self._end_child()
                if self._closing:
                    return
                log.warning("conversion of %s, try %d: %s", job_id, attempt, error)
                continue
            if answer.get("ok"):
                self._report(WasConverted(job_id, blend.relative_to(self._home.root).as_posix(), ""))
            else:
                reason = str(answer.get("reason", ""))
                log.warning("conversion of %s was refused: %s", job_id, answer)
                self._report(Failed("convert", job_id, ResultRefused(_refused(reason))))
            return
        self._report(Failed("convert", job_id, ResultRefused(_refused("its importer crashed twice"))))

    def _started(self) -> _Child:
        if self._child is None or not self._child.is_alive():
            self._end_child()
            if not self._program:
                raise ConverterUnavailable
            self._child = _Child(converter_command(self._program), self._home)
        return self._child

    def _end_child(self) -> None:
        if self._child is not None:
            self._child.close()
            self._child = None


_FALLBACK = "Ready; no background Blender could be started, so the import will hold Blender for a moment"


def _refused(reason: str) -> str:
    because = f" ({reason.rstrip('. ')})" if reason else ""
    return f"Blender cannot read this result{because}: the file is kept in the add-on's folder for a report"


class _Child:
    """One running background Blender with its own temporary folder."""

    def __init__(self, command: list[str], home: Home) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix=f"{os.getpid()}-", dir=home.scratch))
        self._answers: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._log_path = home.root / "converter.log"
        environment = child_environment(os.environ)
        environment |= {
            name: str(self._folder)
            for name in ("TMPDIR", "TEMP", "TMP", "BLENDER_USER_RESOURCES", "XDG_CACHE_HOME", "XDG_CONFIG_HOME")
        }
        try:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                cwd=self._folder,
                env=environment,
                creationflags=creation_flags(),
                text=True,
                encoding="utf-8",
                errors="replace",
            )
        except OSError as error:
            shutil.rmtree(self._folder, ignore_errors=True)
            raise ConverterUnavailable from error
        self._reader = threading.Thread(target=self._read, name="converter-output", daemon=True)
        self._reader.start()
        self._is_up = False

    def is_alive(self) -> bool:
        """Whether the process runs."""
        return self._process.poll() is None

    def convert(self, source: Path, blend: Path, name: str) -> dict[str, object]:
        """Convert one file; raises ConverterCrashed, or ConverterUnavailable when it never came up."""
        if not self._is_up:
            if self._answer(START_SECONDS) is None:
                raise ConverterUnavailable
            self._is_up = True
        order = json.dumps({"source": str(source), "target": str(blend), "name": name})
        stdin = self._process.stdin
        assert stdin is not None
        try:
            stdin.write(order + "\n")
            stdin.flush()
        except OSError as error:
            raise ConverterCrashed("it was gone") from error
        answer = self._answer(CONVERSION_SECONDS)
        if answer is None:
            raise ConverterCrashed(f"no answer, exit code {self._process.poll()}")
        return answer

    def kill(self) -> None:
        """End the process at once."""
        with contextlib.suppress(OSError):
            self._process.kill()

    def close(self) -> None:
        """End the process and remove its folder."""
        self.kill()
        self._process.wait()
        if self._process.stdin is not None:
            with contextlib.suppress(OSError):
                self._process.stdin.close()
        self._reader.join()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _answer(self, seconds: float) -> dict[str, object] | None:
        deadline = time.monotonic() + seconds
        try:
            line = self._answers.get(timeout=max(0.0, deadline - time.monotonic()))
            return None if line is None else json.loads(line)
        except (queue.Empty, ValueError):
            return None

    def _read(self) -> None:
        stdout = self._process.stdout
        assert stdout is not None
        with open(self._log_path, "w", encoding="utf-8", opener=open_private) as noise, stdout:
            for line in stdout:
                if line.startswith(MARK):
                    self._answers.put(line[len(MARK) :])
                else:
                    noise.write(line[:2000])
                    noise.flush()
        self._answers.put(None)
