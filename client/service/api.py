# SPDX-License-Identifier: GPL-3.0-or-later
"""The HTTP client of the 3D AI Studio API: submit, status, balance.

Every call is one request: no automatic retry and no redirect is followed, so the caller decides what may be sent
again. The key goes into the ``Authorization`` header of requests to the API's own origin and nowhere else.
"""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import requests
from requests.auth import AuthBase

from ..account import Account
from ..errors import InvalidRequest, InvalidSetting, TripoError
from ..jobs.request import GenerationRequest, body, validate
from ..notices import notice
from ..redact import redact
from ..timings import DEFAULT_TIMINGS, Timings
from . import exceptions, http_errors, responses
from .connection_errors import BROKEN, why_not_connected
from .content_encoding import DecodingError
from .multipart import Multipart, Progress, form
from .notices import ServiceNotice
from .refusals import REDIRECTS, REFUSED
from .response_body import TooLarge, read_bounded
from .responses import TaskStatus
from .result_files import resolved
from .transport import Session

log = logging.getLogger(__name__)

WALLET_PATHS = ("/account/user/wallet/", "/user/wallet/")
"""The documented path of the balance, and the one of an older page."""
_LONGEST_NOTE = 2000


class _Bearer(AuthBase):
    """Adds the key; being an explicit ``auth``, it also keeps ``requests`` from looking into ``.netrc``."""

    def __init__(self, key: str) -> None:
        self._key = key

    def __call__(self, r: requests.PreparedRequest) -> requests.PreparedRequest:
        r.headers["Authorization"] = f"Bearer {self._key}"
        return r


class TripoClient:
    """Talks to the service for one account.

    Each call has a session of its own: a submit must not go out over a kept-alive connection that the server has just
    closed, since then nobody could tell whether it arrived. ``timings`` limits how long a call takes.
    """

    def __init__(self, account: Account, timings: Timings = DEFAULT_TIMINGS) -> None:
        self.account = account
        self._timings = timings
        self._wallet_path = 0

    def submit(self, request: GenerationRequest, on_progress: Progress | None = None) -> str:
        """Send a request that costs credits and return the id of its task; exactly one POST. A model is a file or an
        address by now, and ``on_progress`` is told how much of it was sent.

        Raises InvalidRequest before sending, or when a file changed while it was sent; NotSent when no byte of it left
        this machine, of a form when its last byte did not; RequestRefused, KeyRefused, NotFound, NotEnoughCredits,
        RateLimited when the service said that it was not accepted (see `refusals`); NoAnswer in every other case: it
        may have been charged.
        """
        validate(request)
        path = request.endpoint.url_path(request.model_version)
        if not request.endpoint.needs_model:
            return self._submitted(self._ask("POST", path, json.dumps(body(request)).encode()))
        with form(request, on_progress) as content:
            answer = self._ask("POST", path, content, content.content_type)
        if not content.handed_over and not answer.succeeded and answer.status not in REFUSED:
            raise exceptions.NotSent(self._error(answer).notice)
        return self._submitted(answer)

    def _submitted(self, answer: _Answer) -> str:
        """Return the id of an accepted request's task; raises as ``submit``."""
        task_id = responses.find_task_id(answer.document, answer.text, succeeded=answer.succeeded)
        if task_id:
            return task_id
        if answer.status in REFUSED or answer.leads_elsewhere:
            raise self._error(answer)
        self._note(answer)
        if answer.broken is not None:
            raise exceptions.NoAnswer(_broken(answer.broken)) from answer.broken
        said = notice(ServiceNotice.NO_TASK_ID) if answer.succeeded else self._error(answer).notice
        raise exceptions.NoAnswer(ServiceNotice.UNCLEAR, answer=said)

    def status(self, task_id: str) -> TaskStatus:
        """Ask about a task; free of credits.

        Raises NotSent, NoAnswer, ServiceError, UnreadableAnswer.
        """
        if not responses.is_task_id(task_id):
            raise InvalidSetting(ServiceNotice.NOT_A_TASK_ID)
        document = self._call("GET", f"/v1/generation-request/{task_id}/status/")
        return responses.read_status(document, self.account.api_url, self.account.api_key)

    def balance(self) -> Decimal:
        """Ask for the account's credits. Raises as ``status``.

        After NotFound the next call tries the other known path, if there is one (see ``has_other_wallet``).
        """
        try:
            return responses.read_balance(self._call("GET", WALLET_PATHS[self._wallet_path]))
        except exceptions.NotFound:
            if self.has_other_wallet:
                self._wallet_path += 1
            raise

    @property
    def has_other_wallet(self) -> bool:
        """Whether the balance may still be found under another path."""
        return self._wallet_path + 1 < len(WALLET_PATHS)

    def _call(self, method: str, path: str) -> object:
        """Return the document of an answer with a status of success; raises otherwise."""
        answer = self._ask(method, path)
        if not answer.succeeded:
            raise self._error(answer)
        if isinstance(answer.broken, TooLarge | DecodingError):
            raise exceptions.UnreadableAnswer(_broken(answer.broken)) from answer.broken
        if answer.broken is not None:
            raise exceptions.NoAnswer(_broken(answer.broken)) from answer.broken
        return answer.document

    def _ask(
        self, method: str, path: str, content: bytes | Multipart | None = None, kind: str = "application/json"
    ) -> _Answer:
        """Send one request and return what came back; raises NotSent, or NoAnswer when not even a head came."""
        headers = {"Accept": "application/json"}
        if content is not None:
            headers["Content-Type"] = kind
        url = self.account.api_url + path
        timings = self._timings
        with Session() as session:
            session.watch.start(opening=timings.opening, silence=timings.answer, answer=timings.whole_answer)
            try:
                response = session.request(
                    method,
                    url,
                    data=content,
                    headers=headers,
                    auth=_Bearer(self.account.api_key),
                    timeout=(timings.connect, timings.answer),
                    allow_redirects=False,
                    stream=True,
                )
            except InvalidRequest:  # a file changed while it was read
                raise
            except Exception as error:
                raise _not_answered(session, error, content) from error
            with response:
                data, broken = read_bounded(response, session.watch)
        text = data.decode(json.detect_encoding(data), errors="replace")
        location = response.headers.get("Location", "")
        return _Answer(
            status=response.status_code,
            leads_elsewhere=response.status_code in REDIRECTS and bool(location) and resolved(location, url) != url,
            retry_after=response.headers.get("Retry-After"),
            kind=response.headers.get("Content-Type", ""),
            text=text,
            document=_json(text),
            broken=broken,
        )

    def _error(self, answer: _Answer) -> exceptions.ServiceError:
        return http_errors.error_from(
            answer.status, answer.document, answer.text, answer.retry_after, self.account.api_key
        )

    def _note(self, answer: _Answer) -> None:
        """Keep in the log what could not be read: it may be all there is to find a paid task by."""
        shown = redact(answer.text, self.account.api_key)[:_LONGEST_NOTE]
        cut = f", broken off ({type(answer.broken).__name__})" if answer.broken is not None else ""
        log.warning("a submit was answered with status %s, %s%s: %r", answer.status, answer.kind[:100], cut, shown)


@dataclass(frozen=True)
class _Answer:
    """An answer as far as it came: ``broken`` is why its body is not whole; ``document`` is None when it is no JSON."""

    status: int
    leads_elsewhere: bool
    retry_after: str | None
    kind: str
    text: str
    document: Any
    broken: Exception | None

    @property
    def succeeded(self) -> bool:
        return 200 <= self.status < 300


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _not_answered(session: Session, error: Exception, content: bytes | Multipart | None) -> TripoError:
    """Return NotSent when no byte of the request left this machine, whatever failed, or not the last one of a form;
    else NoAnswer."""
    watch = session.watch
    if not isinstance(error, BROKEN):
        log.exception("a request went wrong inside the add-on")
    if not watch.began:
        log.info("a request was not sent: %s", error)
        return exceptions.NotSent(why_not_connected(error))
    if isinstance(content, Multipart) and not content.handed_over:
        log.info("a form was sent in part: %s", error)
        return exceptions.NotSent(ServiceNotice.BROKE_SENDING)
    log.info("no answer came to a request that was sent %s: %s", "whole" if watch.whole else "in part", error)
    return exceptions.NoAnswer(_broken(error))


def _broken(error: Exception) -> ServiceNotice:
    if isinstance(error, TooLarge):
        return ServiceNotice.TOO_LARGE_ANSWER
    return ServiceNotice.UNREADABLE if isinstance(error, DecodingError) else ServiceNotice.BROKE
