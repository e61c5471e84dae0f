"""Reading what the service answers: tolerantly, since little of it is documented.

Unknown fields are ignored; both shapes of a result that the service's pages show are accepted.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import Any, cast
from urllib.parse import urlsplit

from . import failures
from .credits import read_credits
from .redact import redact
from .settings import is_loopback

RESULT_LIFETIME_SECONDS = 24 * 3600
"""How long the service keeps a result (A)."""

_LONGEST_QUOTE = 200


class TaskState(StrEnum):
    """The service's words for a task; one that is not known counts as IN_PROGRESS and keeps being polled."""

    PENDING = "PENDING"
    IN_PROGRESS = "IN_PROGRESS"
    FINISHED = "FINISHED"
    FAILED = "FAILED"


@dataclass(frozen=True)
class Submitted:
    """The service took the task and the credits."""

    task_id: str


@dataclass(frozen=True)
class TaskStatus:
    """What a status call says. ``progress`` is 0–100; addresses are signed and go into no log and no store."""

    state: TaskState
    progress: int
    failure_reason: str
    asset_url: str
    thumbnail_url: str


def read_submitted(document: object) -> Submitted:
    """Return the task id; raises UnreadableAnswer."""
    task_id = _mapping(document).get("task_id")
    if isinstance(task_id, str) and is_task_id(task_id):
        return Submitted(task_id)
    raise failures.UnreadableAnswer("The service's answer holds no task id")


_TASK_ID_NAMES = frozenset({"taskid", "taskuuid", "generationid", "generationrequestid", "jobid"})
_TASK_PLACES = frozenset({"", "data", "result", "results", "response", "task", "generation", "job"})
"""Where a plain ``id`` is the task's: in the answer itself, or in what these names hold."""
_TASK_ID_TEXT = re.compile(r'"(?:task|generation|job)[_-]?(?:id|uuid)"\s*:\s*"([A-Za-z0-9_-]{8,128})"', re.IGNORECASE)


def find_task_id(document: object, text: str, *, succeeded: bool) -> str:
    """Return the task id that an answer to a submit holds at any depth and in any usual spelling, "" without one.

    ``document`` is the parsed answer, None when it is no JSON: then ``text`` is searched, so that an answer that was
    cut within its braces still gives its id. A plain ``id`` counts only when the status was one of success: errors
    carry ids of their own.
    """
    plain = ""
    for place, name, value in _walk(document):
        if not isinstance(value, str) or not is_task_id(value):
            continue
        if name in _TASK_ID_NAMES and (_looks_made(value) or (succeeded and not place)):
            return value
        is_plain = name in ("id", "uuid", "task") and place in _TASK_PLACES
        if succeeded and is_plain and not plain and _looks_made(value):
            plain = value
    if document is None and (match := _TASK_ID_TEXT.search(text)) and _looks_made(match[1]):
        return match[1]
    return plain


def _looks_made(value: str) -> bool:
    """Tell whether an id was made by a machine, as words ("invalid", "unknown") are not."""
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
    """Tell whether a text can be a task id: it becomes part of an address."""
    return 0 < len(text) <= 128 and text.isascii() and all(c.isalnum() or c in "-_" for c in text)


def read_status(document: object) -> TaskStatus:
    """Return a task's status; raises UnreadableAnswer when there is no status word at all."""
    fields = _mapping(document)
    word = fields.get("status")
    if not isinstance(word, str) or not word:
        raise failures.UnreadableAnswer("The service's answer holds no status")
    try:
        state = TaskState(word.upper())
    except ValueError:
        state = TaskState.IN_PROGRESS
    asset_url = thumbnail_url = ""
    results = fields.get("results")
    for item in cast(list[object], results) if isinstance(results, list) else []:
        result = _fields(item)
        kind = result.get("asset_type")
        if not asset_url and kind in (None, "3D_MODEL"):
            asset_url = _text(result.get("asset")) or _text(result.get("asset_url"))
        thumbnail_url = thumbnail_url or _text(result.get("thumbnail"))
    asset_url = asset_url or _text(fields.get("asset_url"))
    thumbnail_url = thumbnail_url or _text(fields.get("thumbnail"))
    return TaskStatus(state, _progress(fields.get("progress")), _reason(fields), asset_url, thumbnail_url)


def read_balance(document: object) -> Decimal:
    """Return the credits; raises UnreadableAnswer."""
    balance = read_credits(_mapping(document).get("balance"))
    if balance is not None:
        return balance
    raise failures.UnreadableAnswer("The service's answer holds no balance")


def error_from(
    status: int, document: object, text: str, retry_after: str | None, *secrets: str
) -> failures.ServiceError:
    """Return the error for an answer with a status of 400 or more (or a redirect), as a sentence to act on.

    The envelope is not documented: code and text are looked for where the service's pages and common practice put
    them; else the first line of the body is quoted.
    """
    code, said = _envelope(document)
    if not said and document is None:
        said = _first_line(text)
    said = redact(said, *secrets)[:_LONGEST_QUOTE].rstrip(". ")
    quoted = f" (the service says: {said})" if said else ""
    if status == 401 or status == 403:
        return failures.KeyRefused(_key_sentence(code), status=status, service_code=code)
    if status == 402:
        return failures.NotEnoughCredits(
            f"The account has not enough credits for this: buy credits, or choose cheaper options{quoted}",
            status=status,
            service_code=code,
        )
    if status in (404, 410):
        return failures.NotFound(
            f"The service does not know this task or address{quoted}: check the task id and the service URL",
            status=status,
            service_code=code,
        )
    if status == 429:
        return failures.RateLimited(
            "The service asks for fewer requests: waiting before the next one",
            status=status,
            service_code=code,
            retry_after=read_retry_after(retry_after),
        )
    if status >= 500:
        return failures.ServiceDown(
            f"The service has a problem of its own (status {status}){quoted}: try again later",
            status=status,
            service_code=code,
        )
    if 300 <= status < 400:
        return failures.RequestRefused(
            "The service URL leads somewhere else: check it in the preferences", status=status, service_code=code
        )
    return failures.RequestRefused(
        f"The service refused the request (status {status}){quoted}: change the input or the options",
        status=status,
        service_code=code,
    )


def read_retry_after(value: str | None, now: datetime | None = None) -> float | None:
    """Return a Retry-After header in seconds from now (seconds or an HTTP date; RFC 9110), at most an hour."""
    if not value:
        return None
    try:
        seconds = float(value)
    except ValueError:
        try:
            moment = parsedate_to_datetime(value)
        except (ValueError, TypeError):
            return None
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        seconds = (moment - (now or datetime.now(UTC))).total_seconds()
    return min(max(seconds, 0.0), 3600.0) if seconds == seconds else None


def is_safe_url(url: str) -> bool:
    """Tell whether a result may be fetched from an address: ``https``, or ``http`` on a loopback address."""
    try:
        parts = urlsplit(url)
        if parts.scheme == "http":
            return is_loopback(parts.hostname)
        return parts.scheme == "https" and bool(parts.hostname)
    except ValueError:
        return False


def _key_sentence(code: str) -> str:
    word = code.lower()
    if "expired" in word:
        return "The API key has expired: make a new one on the service's dashboard and paste it in the preferences"
    if "revoked" in word:
        return "The API key was revoked: make a new one on the service's dashboard and paste it in the preferences"
    return "The service does not accept the API key: copy it again from the dashboard into the preferences"


def _envelope(document: object) -> tuple[str, str]:
    """Return the error code and the text of an answer, empty where there is none."""
    if not isinstance(document, dict):
        return "", ""
    fields = _fields(cast(object, document))
    inner_value = fields.get("error")
    inner = _fields(inner_value)
    code = said = ""
    for candidate in (
        inner.get("code"),
        fields.get("code"),
        fields.get("error_code"),
        inner_value,
        fields.get("detail"),
    ):
        word = _text(candidate)
        if word and " " not in word:
            code = word
            break
    for candidate in (fields.get("message"), fields.get("detail"), inner.get("message"), inner_value):
        word = _text(candidate)
        if word and word != code:
            said = _first_line(word)
            break
    return code[:64], said


def _reason(fields: Mapping[str, Any]) -> str:
    return _first_line(_text(fields.get("failure_reason")))[:_LONGEST_QUOTE]


def _first_line(text: str) -> str:
    stripped = text.strip()
    if not stripped or stripped.startswith("<"):
        return ""
    return "".join(c if c.isprintable() else " " for c in stripped.splitlines()[0])


def _progress(value: object) -> int:
    if isinstance(value, int | float) and not isinstance(value, bool) and value == value:
        return int(min(max(value, 0), 100))
    return 0


def _fields(value: object) -> Mapping[str, Any]:
    """Return a JSON object, or an empty one in the place of anything else."""
    return cast(Mapping[str, Any], value) if isinstance(value, dict) else {}


def _mapping(document: object) -> Mapping[str, Any]:
    if isinstance(document, dict):
        return _fields(cast(object, document))
    raise failures.UnreadableAnswer("The service's answer is not what its API describes")


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
