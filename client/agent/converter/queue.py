# SPDX-License-Identifier: GPL-3.0-or-later
"""Queue conversions for a background Blender that is started early and reused.

Untrusted files are parsed in that child only.
"""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ...errors import ResultRefused, TripoError
from ...files.disk import SPARE_DISK_BYTES, free_bytes
from ...files.own_files import remove_file
from ...formats.handover import Loss, Lost, Unreduced
from ...jobs.notices import JobNotice
from ...jobs.transparency import WHITE
from ...paths import Home
from ...service.exceptions import DiskFull, FileHeld, NoConverter
from ...service.retry import Step
from ...timings import Timings
from ..messages import Failed, ImagesFlattened, Message, ModelExported, WasConverted
from . import notices
from .orders import AnyOrder, Conversion, Drawing, Export, Extra, Flattening, ImageToFlatten, Shelving
from .output_log import keep
from .process import ConverterCrashed, ConverterProcess, ConverterUnavailable, ResultHeld

log = logging.getLogger(__name__)

TRIES = 2
"""A crash or a hang is tried once more."""
_EXTRAS = frozenset({"original", "bake_from", "budget"})
"""Options that a conversion does without when it is tried once more: what was paid for comes first."""


class Converter:
    """Runs conversions one after another on a thread of its own; every method but ``close`` returns at once."""

    def __init__(
        self, program: tuple[str, ...], home: Home, report: Callable[[Message], None], agent: str, timings: Timings
    ) -> None:
        self._program = program
        self._home = home
        self._report = report
        self._agent = agent
        self._timings = timings
        self._orders: queue.SimpleQueue[AnyOrder] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._child: ConverterProcess | None = None
        self._dropped: set[str] = set()
        self._present = ""
        self._drawing = False
        self._makes_room = False
        self._closing = False
        self._warm = False
        self._thread: threading.Thread | None = None

    def warm_up(self) -> None:
        """Start the child, so that it is up when the first file comes."""
        if not self._warm and self._program:
            self._order("start")

    def rest(self) -> None:
        """End an idle child."""
        if self._warm:
            self._order("end")

    def convert(self, job_id: str, file: str, name: str, options: Mapping[str, Any]) -> None:
        """Turn a file of the home folder into the job's ``model.blend``; reports WasConverted or Failed.

        ``options`` are those of the converter's order (`client.jobs.placement.Placement.conversion`).
        """
        with self._lock:
            self._dropped.discard(job_id)
        blend = self._home.result_folder(job_id) / "model.blend"
        self._order(Conversion(job_id, self._home.root / file, blend, name, options))

    def drop(self, job_id: str) -> None:
        """Give up a conversion or an export that nobody wants any more; nothing is reported."""
        with self._lock:
            self._dropped.add(job_id)
            if self._present == job_id and self._child is not None:
                self._child.kill()

    def draw(self, job_id: str, source: Path, *, is_model: bool) -> None:
        """Make the job's thumbnail, of a ``.blend`` or of an image; reports ThumbnailMade or NoThumbnail."""
        self._order(Drawing(job_id, source, is_model))

    def shelve(self, job_id: str, blend: Path, name: str, entry: Mapping[str, Any]) -> None:
        """Write the job's ``.blend`` anew with an asset in it (`client.jobs.shelf`); reports Shelved, with ``name``."""
        self._order(Shelving(job_id, blend, name, entry))

    def flatten(self, job_id: str, images: Sequence[ImageToFlatten]) -> None:
        """Write copies of images without transparency; reports ImagesFlattened. A thumbnail in progress makes room."""
        self.make_room()
        self._order(Flattening(job_id, images))

    def export(self, job_id: str, blend: Path, target: Path) -> None:
        """Write the objects of a ``.blend`` as a model to send; reports ModelExported. A thumbnail in progress makes
        room."""
        with self._lock:
            self._dropped.discard(job_id)
        self.make_room()
        self._order(Export(job_id, blend, target))

    def make_room(self) -> None:
        """Give up the extra in progress: there is a model to convert soon. It is reported as to be done again."""
        with self._lock:
            if self._drawing and not self._makes_room and self._child is not None:
                self._makes_room = True
                self._child.kill()

    def close(self) -> None:
        """End everything; a conversion in progress is given up and starts again with the next agent."""
        with self._lock:
            self._closing = True
            if self._child is not None:
                self._child.kill()
        if self._thread is not None:
            self._orders.put("end")
            self._thread.join()

    def _order(self, order: AnyOrder) -> None:
        self._warm = order != "end"
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="converter", daemon=True)
            self._thread.start()
        self._orders.put(order)

    def _run(self) -> None:
        while not self._closing:
            order = self._orders.get()
            try:
                if isinstance(order, Conversion):
                    self._convert(order)
                elif isinstance(order, Extra):
                    self._do_extra(order)
                elif isinstance(order, Flattening):
                    self._flatten(order)
                elif isinstance(order, Export):
                    self._export(order)
                elif order == "start":
                    self._started()
                else:
                    self._end_child()
            except ConverterUnavailable:
                log.warning("no background Blender can be started ahead of time")
            except Exception:
                log.exception("the converter's thread met an error")
                self._end_child()
                if isinstance(order, Conversion):
                    self._refuse(order, "")
                elif isinstance(order, Extra):
                    self._report(order.answer("an error"))
                elif isinstance(order, Flattening):
                    self._report(ImagesFlattened(order.job_id, {}, "an error"))
                elif isinstance(order, Export):
                    self._report(ModelExported(order.job_id, order.target, "an error"))
        self._end_child()

    def _convert(self, order: Conversion) -> None:
        tries: list[tuple[str, str]] = []
        for attempt in range(1, TRIES + 1):
            if not self._begin(order):
                return
            try:
                child = self._started()
                options = {name: value for name, value in order.options.items() if attempt == 1 or name not in _EXTRAS}
                reason, converted = child.convert(order.source, order.blend, order.name, options)
            except ResultHeld:
                log.warning("conversion of %s: its file is held by another program", order.job_id)
                self._report(Failed(Step.CONVERT, order.job_id, FileHeld(JobNotice.HELD)))
                return
            except (ConverterCrashed, ConverterUnavailable) as error:
                tries.append((str(error), self._end_child()))
                if self._closing or order.job_id in self._dropped:
                    return
                log.warning("conversion of %s, try %d: %s", order.job_id, attempt, error)
                if isinstance(error, ConverterUnavailable) and (attempt == TRIES or not error.was_started):
                    unavailable = self._unless_disk_is_full(NoConverter(JobNotice.NO_CONVERTER))
                    self._report(Failed(Step.CONVERT, order.job_id, unavailable))
                    return
                continue
            finally:
                self._present = ""
            if reason:
                log.warning("conversion of %s was refused: %s", order.job_id, reason)
                self._refuse(order, reason, (*tries, (reason, child.printed())))
            else:
                remove_file(self._report_path(order))
                blend = order.blend.relative_to(self._home.root).as_posix()
                without = order.options.keys() - options.keys()
                if "bake_from" in without:
                    converted = converted._replace(lost=[*converted.lost, Lost(Loss.LOOK)])
                if "budget" in without:
                    converted = converted._replace(unreduced=Unreduced.FAILED)
                self._report(WasConverted(order.job_id, blend, notices.converted(converted), converted.measured))
            return
        self._refuse(order, "Blender ended twice" if "onto" in order.options else "its importer crashed twice", tries)

    def _do_extra(self, order: Extra) -> None:
        """Try once: a model is complete without it."""
        with self._lock:
            if self._closing:
                return
            self._drawing, self._makes_room = True, False
        is_late = False
        try:
            reason = order.carry_out(self._started(), self._home)
        except (ConverterCrashed, ConverterUnavailable, ResultHeld) as error:
            self._end_child()
            reason, is_late = str(error), isinstance(order, Shelving) and not isinstance(error, ConverterCrashed)
        with self._lock:
            self._drawing, made_room = False, self._makes_room
        self._report(order.answer(reason, again=bool(reason) and (made_room or is_late or self._closing)))
        if made_room:
            # It was killed, maybe just after its last word. The next one starts while the model is still on its way.
            self._end_child()
            self._started()

    def _flatten(self, order: Flattening) -> None:
        copies: dict[str, Path] = {}
        reason = ""
        for image in order.images:
            made = image.source, image.target, image.background or WHITE
            reason = self._tried(order, lambda child, made=made: child.flatten(*made))
            if self._closing:
                return
            if reason:
                break
            copies[image.slot] = image.target
        self._report(ImagesFlattened(order.job_id, copies, reason))

    def _export(self, order: Export) -> None:
        if not self._begin(order):
            return
        try:
            reason = self._tried(order, lambda child: child.export(order.blend, order.target))
        finally:
            self._present = ""
        if not (self._closing or order.job_id in self._dropped):
            self._report(ModelExported(order.job_id, order.target, reason))

    def _tried(self, order: Flattening | Export, act: Callable[[ConverterProcess], str]) -> str:
        """Do something, once more if the child dies of it; return nothing, or why it cannot be."""
        reason = ""
        for _ in range(TRIES):
            try:
                return act(self._started())
            except (ConverterCrashed, ConverterUnavailable, ResultHeld) as error:
                self._end_child()
                reason = str(error)
                log.warning("what job %s sends: %s", order.job_id, error)
                is_hopeless = isinstance(error, ConverterUnavailable) and not error.was_started
                is_dropped = isinstance(order, Export) and order.job_id in self._dropped
                if is_hopeless or is_dropped or self._closing:
                    break
        return reason

    def _begin(self, order: Conversion | Export) -> bool:
        with self._lock:
            if self._closing or order.job_id in self._dropped:
                self._dropped.discard(order.job_id)
                return False
            self._present = order.job_id
            return True

    def _report_path(self, order: Conversion) -> Path:
        """Where the log of a conversion that failed is kept, beside its file."""
        return self._home.quarantine / f"{order.job_id}.log"

    def _refuse(self, order: Conversion, reason: str, tries: Sequence[tuple[str, str]] = ()) -> None:
        """Report a file that cannot be converted, and keep what was printed about it."""
        said = notices.not_transferred(reason) if "onto" in order.options else notices.refused(reason)
        error = self._unless_disk_is_full(ResultRefused(said))
        if not isinstance(error, DiskFull):
            keep(self._report_path(order), f"{order.source.name} of job {order.job_id}", tries)
        self._report(Failed(Step.CONVERT, order.job_id, error))

    def _unless_disk_is_full(self, error: TripoError) -> TripoError:
        """Return why a conversion failed: the error, unless the disk is to blame for it."""
        try:
            if free_bytes(self._home.root) < SPARE_DISK_BYTES:
                return DiskFull(JobNotice.DISK_FULL)
        except OSError:
            log.warning("the free space cannot be told")
        return error

    def _started(self) -> ConverterProcess:
        child = self._child
        if child is not None and child.is_alive():
            return child
        self._end_child()
        if not self._program:
            raise ConverterUnavailable()
        child = ConverterProcess(self._program, self._home, self._agent, self._timings)
        with self._lock:
            self._child = child
            if self._closing:
                child.kill()
        return child

    def _end_child(self) -> str:
        """End the child, if there is one; return the last that it printed."""
        with self._lock:
            child, self._child = self._child, None
        if child is None:
            return ""
        child.close()
        return child.printed()
