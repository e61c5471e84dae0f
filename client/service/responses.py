# SPDX-License-Identifier: GPL-3.0-or-later
"""Read what the service answers: tolerantly, since little of it is documented.

Unknown fields are ignored. What is in hand wins over words: an answer that holds a result's address is that of a
finished task, whatever its status says. Answers that are errors are read in `http_errors`.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any, cast
from urllib.parse import urlsplit

from ..account import is_loopback
from ..jobs.credit_amounts import read_credits
from ..notices import Notice, notice
from ..redact import redact
from . import exceptions
from .notices import ServiceNotice
from .result_files import find_assets

RESULT_LIFETIME_SECONDS = 24 * 3600
"""How long the service keeps a result (A)."""

_LONGEST_REASON = 200
_DEEPEST = 6


class TaskState(StrEnum):
    """What the service says of a task, whatever its word for it."""

    PENDING = "PENDING"
    IN_PROGRESS = "IN_PROGRESS"
    FINISHED = "FINISHED"
    FAILED = "FAILED"
    EXPIRED = "EXPIRED"
    """It has deleted the result."""


_FINISHED = frozenset(
    {"FINISHED", "FINISH", "SUCCESS", "SUCCEEDED", "SUCCESSFUL", "COMPLETED", "COMPLETE", "DONE", "READY"}
)
_FAILED = frozenset(
    {
        *("FAILED", "FAILURE", "FAIL", "ERROR", "ERRORED", "CANCELLED", "CANCELED", "BANNED", "BLOCKED", "REJECTED"),
        *("REFUSED", "ABORTED", "TERMINATED", "STOPPED", "REVOKED", "TIMEOUT", "TIMED_OUT", "DENIED", "REFUNDED"),
    }
)
_EXPIRED = frozenset({"EXPIRED", "DELETED", "REMOVED"})
_PENDING = frozenset({"PENDING", "QUEUED", "QUEUING", "IN_QUEUE", "WAITING", "CREATED", "SUBMITTED", "ACCEPTED"})
_STATUS_NAMES = ("status", "state", "task_status")
_ENVELOPES = ("data", "task", "result", "response", "generation_request")
"""Where an answer may keep its fields, one level down."""
_NO_REASON = frozenset({"", "none", "null", "nil", "n/a", "ok", "success", "false", "0", "-"})
_NUMBER = re.compile(r"(?i)(?:^|\bcode|\berror|\breason)\W{0,3}(2000|2008|2010|2020|100[0-5])(?!\d|[.,]\d|\s+[a-z])")
_NUMBERS: Mapping[str, ServiceNotice] = {
    "2000": ServiceNotice.MANY_TASKS,
    "2008": ServiceNotice.POLICY,
    "2010": ServiceNotice.SERVICE_CREDITS,
    "2020": ServiceNotice.NO_QUADS,
}
"""Numbers of Tripo, to which the service passes requests on (U)."""


@dataclass(frozen=True)
class TaskStatus:
    """What a status call says. ``progress`` is 0–100; ``assets`` are addresses of the result, the best first.

    Addresses are signed and go into no log and no store.
    """

    state: TaskState
    progress: int
    failure_reason: str
    assets: tuple[str, ...] = ()
    thumbnail_url: str = ""


_TASK_ID_NAMES = frozenset({"taskid", "taskuuid", "generationid", "generationrequestid", "jobid"})
_TASK_PLACES = frozenset({"", "data", "result", "results", "response", "task", "generation", "job"})
"""Where a plain ``id`` is the task's: in the answer itself, or in what these names hold."""
_TASK_ID_TEXT = re.compile(
    r"""\\?["'](?:task|generation|job)[_-]?(?:id|uuid)\\?["']\s*:\s*\\?["']([A-Za-z0-9_-]{8,128})\\?["']""",
    re.IGNORECASE,
)


def find_task_id(document: object, text: str, *, succeeded: bool) -> str:
    """Return the task id that an answer to a submit holds at any depth and in any usual spelling, "" without one.

    ``document`` is the parsed answer, None when it is no JSON: then ``text`` is searched, so that an answer that was
    cut within its braces still gives its id, as does one that is a text within JSON. A plain ``id`` counts only when
    the status was one of success: errors carry ids of their own.
    """
    plain = ""
    for place, name, value in _walk(document):
        if not isinstance(value, str) or not is_task_id(value):
            continue
        if name in _TASK_ID_NAMES and (_is_generated(value) or (succeeded and not place)):
            return value
        is_plain = name in ("id", "uuid", "task") and place in _TASK_PLACES
        if succeeded and is_plain and not plain and _is_generated(value):
            plain = value
    if not isinstance(document, dict | list) and (match := _TASK_ID_TEXT.search(text)) and _is_generated(match[1]):
        return match[1]
    return plain


def _is_generated(value: str) -> bool:
    """Whether an id was made by a machine, as words ("invalid", "unknown") are not."""
    return len(value) >= 8 and any(c.isdigit() for c in value)


def _walk(document: object) -> Iterator[tuple[str, str, object]]:
    """Yield every named value, nearest first, as the name of what holds it, its own name, and the value; both names
    in lower case without punctuation. Bounded."""
    waiting: deque[tuple[str, object]] = deque([("", document)])
    for _ in range(10_000):
        if not waiting:
            return
        place, value = waiting.popleft()
        if isinstance(value, dict):
            for key, inner in cast(dict[str, object], value).items():
                name = re.sub(r"[\W_]", "", key.lower())
                yield place, name, inner
                waiting.append((name, inner))
        elif isinstance(value, list):
            waiting.extend((place, inner) for inner in cast(list[object], value))


def is_task_id(text: str) -> bool:
    """Whether a text can be a task id: it becomes part of an address."""
    return 0 < len(text) <= 128 and text.isascii() and all(c.isalnum() or c in "-_" for c in text)


def read_status(document: object, api_url: str = "", *secrets: str) -> TaskStatus:
    """Return a task's status; raises UnreadableAnswer when it holds neither a status word nor a result.

    Addresses may be relative to ``api_url``; ``secrets`` are taken out of the reason.
    """
    fields = _mapping(document)
    if not _word(fields):
        fields = next((inner for name in _ENVELOPES if _word(inner := fields_of(fields.get(name)))), fields)
    found = find_assets(_mapping(document), api_url)
    word = _word(fields)
    if not word and not found.assets:
        raise exceptions.UnreadableAnswer(ServiceNotice.NO_STATUS)
    state = TaskState.FINISHED if found.assets else _state(word)
    reason = redact(_reason(fields), *secrets)[:_LONGEST_REASON]
    return TaskStatus(state, _progress(fields.get("progress")), reason, found.assets, found.thumbnail)


def reason_in_words(reason: str) -> Notice | str:
    """Return the service's reason for a failure as one sentence, with plain words for a number that it may hold."""
    match = _NUMBER.search(reason)
    said = reason.rstrip(". ").replace(". ", ", ")
    if match is None:
        return said
    return notice(ServiceNotice.MEANS, reason=said, meaning=notice(_NUMBERS.get(match[1], ServiceNotice.BEHIND)))


def read_balance(document: object) -> Decimal:
    """Return the credits; raises UnreadableAnswer."""
    balance = read_credits(_mapping(document).get("balance"))
    if balance is not None:
        return balance
    raise exceptions.UnreadableAnswer(ServiceNotice.NO_BALANCE)


def is_safe_url(url: str) -> bool:
    """Whether a result may be fetched from an address: ``https``, or ``http`` on a loopback address."""
    try:
        parts = urlsplit(url)
        if parts.scheme == "http":
            return is_loopback(parts.hostname)
        return parts.scheme == "https" and bool(parts.hostname)
    except ValueError:
        return False


def _state(word: str) -> TaskState:
    """Return what a status word means; one that is not known keeps being polled."""
    for words, state in ((_FINISHED, TaskState.FINISHED), (_PENDING, TaskState.PENDING), (_EXPIRED, TaskState.EXPIRED)):
        if word in words:
            return state
    return TaskState.FAILED if word in _FAILED else TaskState.IN_PROGRESS


def _word(fields: Mapping[str, Any]) -> str:
    for name in _STATUS_NAMES:
        word = fields.get(name)
        if isinstance(word, str) and word.strip():
            return re.sub(r"[\s-]+", "_", word.strip().upper())
    return ""


def _reason(fields: Mapping[str, Any]) -> str:
    """Return why a task failed, in the service's words."""
    for name in ("failure_reason", "failure_message", "error_message", "error"):
        said = _text_of(fields.get(name), 0)
        if said.lower() not in _NO_REASON:
            return said
    return ""


def _text_of(value: object, depth: int) -> str:
    """Return what a value says, as one line."""
    if isinstance(value, str):
        return " ".join("".join(c if c.isprintable() else " " for c in value).split())
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    if depth > _DEEPEST:
        return ""
    if isinstance(value, list):
        return "; ".join(filter(None, (_text_of(item, depth + 1) for item in cast(list[object], value)[:5])))
    fields = fields_of(value)
    if not fields:  # without asking further, which would take thousands of calls for what is not there
        return ""
    parts = [_text_of(fields.get(name), depth + 1) for name in ("code", "message", "detail", "reason")]
    return ": ".join(filter(None, parts))


def _progress(value: object) -> int:
    if isinstance(value, str):
        try:
            value = float(value.strip().removesuffix("%"))
        except ValueError:
            return 0
    if isinstance(value, int | float) and not isinstance(value, bool) and value == value:
        return int(min(max(value, 0), 100))
    return 0


def fields_of(value: object) -> Mapping[str, Any]:
    """Return a JSON object, or an empty one in the place of anything else."""
    return cast(Mapping[str, Any], value) if isinstance(value, dict) else {}


def _mapping(document: object) -> Mapping[str, Any]:
    if isinstance(document, dict):
        return fields_of(cast(object, document))
    raise exceptions.UnreadableAnswer(ServiceNotice.UNDOCUMENTED)
