"""The HTTP client of the 3D AI Studio API: submit, status, balance.

Every call is one request: no automatic retry and no redirect is followed, so the caller decides what may be sent
again. The key goes into the ``Authorization`` header of requests to the API's own origin and nowhere else.
"""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import requests
from requests.auth import AuthBase
from urllib3.exceptions import ConnectTimeoutError, HTTPError, MaxRetryError, NewConnectionError
from urllib3.exceptions import ProxyError as ProxyFailure

from . import answers, errors, failures
from .answers import Submitted, TaskStatus
from .network import SessionFactory, new_session
from .request import GenerationRequest, body, validate
from .settings import Account

CONNECT_SECONDS = 10.0
READ_SECONDS = 60.0
WHOLE_ANSWER_SECONDS = 120.0
MAX_ANSWER_BYTES = 4 * 1024 * 1024
WALLET_PATHS = ("/account/user/wallet/", "/user/wallet/")
"""The documented path of the balance, and the one of an older page."""

BROKEN = (requests.RequestException, HTTPError, http.client.HTTPException, OSError)
"""What reading an answer raises when the connection breaks or falls silent."""


class _Bearer(AuthBase):
    """Adds the key; being an explicit ``auth``, it also keeps ``requests`` from looking into ``.netrc``."""

    def __init__(self, key: str) -> None:
        self._key = key

    def __call__(self, r: requests.PreparedRequest) -> requests.PreparedRequest:
        r.headers["Authorization"] = f"Bearer {self._key}"
        return r


class TripoClient:
    """Talks to the service for one account.

    ``session_factory`` makes a session per call: a submit must not go out over a kept-alive connection that the
    server has just closed, since then nobody could tell whether it arrived.
    """

    def __init__(
        self,
        account: Account,
        session_factory: SessionFactory = new_session,
        timeouts: tuple[float, float] = (CONNECT_SECONDS, READ_SECONDS),
    ) -> None:
        self.account = account
        self._session_factory = session_factory
        self._timeouts = timeouts
        self._wallet_path = 0

    def submit(self, request: GenerationRequest) -> Submitted:
        """Send a request that costs credits; exactly one POST.

        Raises InvalidRequest before sending; NotSent, RequestRefused, KeyRefused, NotEnoughCredits, RateLimited when
        it was certainly not accepted; NoAnswer when it may have been.
        """
        validate(request)
        document = json.dumps(body(request)).encode()
        path = request.endpoint.url_path(request.model_version)
        try:
            return answers.read_submitted(self._call("POST", path, document))
        except (failures.UnreadableAnswer, failures.ServiceDown) as error:
            # Accepted or not: the answer does not say. An error of a gateway in between says nothing either.
            raise failures.NoAnswer(
                f"The service gave no clear answer ({error.user_message}): the request may have been charged"
            ) from error

    def status(self, task_id: str) -> TaskStatus:
        """Ask about a task; free of credits.

        Raises NotSent, NoAnswer, ServiceError, UnreadableAnswer.
        """
        if not answers.is_task_id(task_id):
            raise errors.InvalidSetting("This is not a task id: copy it again from the dashboard")
        return answers.read_status(self._call("GET", f"/v1/generation-request/{task_id}/status/"))

    def balance(self) -> Decimal:
        """Ask for the account's credits. Raises as ``status``.

        After NotFound the next call tries the other known path, if there is one (see ``has_other_wallet``).
        """
        try:
            return answers.read_balance(self._call("GET", WALLET_PATHS[self._wallet_path]))
        except failures.NotFound:
            if self.has_other_wallet:
                self._wallet_path += 1
            raise

    @property
    def has_other_wallet(self) -> bool:
        """Whether the balance may still be found under another path."""
        return self._wallet_path + 1 < len(WALLET_PATHS)

    def _call(self, method: str, path: str, content: bytes | None = None) -> object:
        headers = {"Accept": "application/json"}
        if content is not None:
            headers["Content-Type"] = "application/json"
        with self._session_factory() as session:
            try:
                response = session.request(
                    method,
                    self.account.api_url + path,
                    data=content,
                    headers=headers,
                    auth=_Bearer(self.account.api_key),
                    timeout=self._timeouts,
                    allow_redirects=False,
                    stream=True,
                )
                with response:
                    text = _read(response)
            except BROKEN as error:
                raise _network_error(error) from error
        document = _json(text)
        if not 200 <= response.status_code < 300:
            raise answers.error_from(
                response.status_code, document, text, response.headers.get("Retry-After"), self.account.api_key
            )
        return document


def pieces(response: requests.Response, size: int) -> Iterator[bytes]:
    """Yield the body as it arrives, up to ``size`` bytes at a time; raises one of ``BROKEN``.

    ``iter_content`` waits until it has ``size`` bytes, which a trickling server can draw out for hours: nobody could
    stop or time it meanwhile. An older urllib3 has no ``read1``: there, plain answers are read from the standard
    library's response below it.
    """
    read1 = getattr(response.raw, "read1", None)
    if read1 is None and "Content-Encoding" not in response.headers:
        read1 = getattr(getattr(response.raw, "_fp", None), "read1", None)
    if read1 is None:
        yield from response.iter_content(size)
        return
    while piece := read1(size):
        yield piece


def _read(response: requests.Response) -> str:
    """Return the body as text, bounded in size and time. A connection cut within it raises."""
    data = bytearray()
    deadline = time.monotonic() + WHOLE_ANSWER_SECONDS
    for piece in pieces(response, 65536):
        data += piece
        if time.monotonic() > deadline:
            raise requests.ReadTimeout("the answer trickles")
        if len(data) > MAX_ANSWER_BYTES:
            raise failures.UnreadableAnswer("The service's answer is far too large")
    return data.decode("utf-8", errors="replace")


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _network_error(error: Exception) -> errors.TripoError:
    """Return NotSent when the request certainly never left, else NoAnswer."""
    cause: object = error.args[0] if error.args else None
    if isinstance(cause, MaxRetryError):
        cause = cause.reason
    if isinstance(error, requests.exceptions.ProxyError) or isinstance(cause, ProxyFailure):
        return failures.NotSent("The proxy refuses the connection: check the network's proxy settings")
    if isinstance(error, requests.exceptions.SSLError) and "CERTIFICATE_VERIFY_FAILED" in str(error):
        return failures.NotSent(
            "The service's certificate is not trusted on this machine: check its date, or ask who runs the network"
        )
    # NewConnectionError covers a refused connection and a name that cannot be resolved.
    if isinstance(error, requests.exceptions.ConnectTimeout) or isinstance(
        cause, NewConnectionError | ConnectTimeoutError
    ):
        return failures.NotSent("The service cannot be reached: check the internet connection")
    if isinstance(error, requests.exceptions.InvalidURL | requests.exceptions.InvalidSchema):
        return failures.NotSent("The service URL is not usable: correct it in the preferences")
    return failures.NoAnswer("The connection broke before the service answered: check the internet connection")
