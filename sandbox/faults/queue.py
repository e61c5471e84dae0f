# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults to order: everything a service, a proxy or a wire may do wrong, one per matching request.

A fault is queued with `Faults.add(on, fault, times, **options)` and spent by the next request it matches.
There are four stages, named after when they strike:

* `before`: the request is answered (or dropped) without the service having seen it. Nothing is accepted or
  paid.
* `after`: the service does its work first, and only what comes back is spoiled. A request the service refuses
  by itself does not spend such a fault. Any fault of stage `before` can be moved here with the option
  `accepted=True`, and back with `False`.
* `effect`: something happens to the task, then the request is answered honestly.
* `way`: a connection through the proxy, or the start of TLS, goes wrong (targets `proxy` and `tls`).

`table.ROWS` is the list; the functions in `mechanisms` say their options. `http_NNN` exists for every status from
300 to 599.
"""

from __future__ import annotations

import re
import threading
from dataclasses import replace
from typing import Any

from .kinds import AFTER, BEFORE, WAY, Fault, Stage
from .table import ROWS

REQUESTS = ("submit", "status", "wallet", "asset", "thumbnail", "any")
WAYS = ("proxy", "tls")
TARGETS = (*REQUESTS, *WAYS)


class Faults:
    """The queue. First in, first to strike among those that match."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._queue: list[Fault] = []

    def add(self, on: str, fault: str, times: int = 1, *, about: str = "", **options: Any) -> None:
        """Queue a fault, for tasks whose prompt holds the text `about` only.

        Raises ValueError for an unknown target or name, or if nothing would ever strike.
        """
        if on not in TARGETS:
            raise ValueError(f"on: must be one of {', '.join(TARGETS)}")
        if fault not in ROWS and not re.fullmatch(r"http_[345]\d\d", fault):
            raise ValueError(f"fault: unknown name {fault}")
        if type(times) is not int or times < 1:
            raise ValueError("times: must be 1 or more")
        stage = _stage(fault, options)
        if (stage == WAY) != (on in WAYS) or (on in WAYS and on not in ROWS[fault].expect):
            raise ValueError(f"on: {fault} cannot strike {on}")
        row = ROWS.get(fault)
        given = {**row.options, **options} if row else options
        mode = row.does if row and isinstance(row.does, str) else ""
        with self._lock:
            self._queue.append(Fault(on, fault, times, given, stage, mode, about))

    def pop(self, kind: str, prompt: bytes = b"") -> Fault | None:
        """The next fault for this kind of request, spent once; `prompt` is that of its task, or all that came."""
        with self._lock:
            for fault in self._queue:
                is_meant = fault.about.encode() in prompt
                if is_meant and (fault.on == kind or (fault.on == "any" and kind in REQUESTS)):
                    fault.times -= 1
                    if not fault.times:
                        self._queue.remove(fault)
                    return replace(fault, times=1)
        return None

    def put_back(self, fault: Fault) -> None:
        """Put an unspent one back at the head of the queue."""
        with self._lock:
            self._queue.insert(0, fault)

    def clear(self) -> None:
        with self._lock:
            self._queue.clear()

    def pending(self) -> list[dict[str, Any]]:
        with self._lock:
            return [{"on": item.on, "fault": item.name, "times": item.times} for item in self._queue]


def _stage(name: str, options: dict[str, Any]) -> Stage:
    stage = ROWS[name].stage if name in ROWS else BEFORE
    if "accepted" in options and stage in (BEFORE, AFTER):
        return AFTER if options["accepted"] else BEFORE
    return stage
