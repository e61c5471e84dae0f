# SPDX-License-Identifier: GPL-3.0-or-later
"""The API origin: paths, methods, keys, the rate limit, and what each endpoint answers."""

from __future__ import annotations

import re
from collections.abc import Callable

from .clock import iso
from .errors import ApiError, error_response
from .faults import Faults, Scene, affect, spoil
from .forms import read_form
from .journal import Entry
from .messages import Request, Response
from .rules import ENDPOINTS, Endpoint, read_json, validate
from .service import Service
from .status import status_answer
from .tasks import Account, Task
from .tool_rules import TOOLS, validate_form

_SUBMIT = re.compile(r"/v1/3d-models/tripo/([a-z0-9-]+)/(?:([a-z0-9.]+)/)?")
_STATUS = re.compile(r"/v1/generation-request/([0-9A-Za-z-]+)/status/")


class Api:
    """Answers requests. `storage_url` is a call: the port is known only once the sockets listen."""

    def __init__(self, service: Service, faults: Faults, storage_url: Callable[[], str]) -> None:
        self._service = service
        self._faults = faults
        self._storage_url = storage_url

    def handle(self, request: Request, entry: Entry) -> Response:
        """Answer one request and note in `entry` what it was. Faults `before` come before any check."""
        kind, allowed, target = self._route(request.path)
        entry.kind = kind
        account = self._service.account_for(request)
        entry.account = account.label if account else "unknown" if entry.authorization else "none"
        refusal = self._service.count_request(account) if account else None

        task = self._service.task(target, account) if kind == "status" and isinstance(target, str) else None
        fault = self._faults.pop(kind, task.prompt if task else request.body)
        scene = Scene(self._service, task)
        if fault is not None:
            entry.fault = fault.name
            if fault.stage == "before":
                return spoil(fault, scene)
            if fault.stage == "effect":
                affect(fault, scene)
        try:
            response = self._answer(request, kind, allowed, target, account, refusal)
        except ApiError as error:
            if fault is not None and fault.stage == "after":
                self._faults.put_back(fault)
                entry.fault = None
            return self._error(error)
        if fault is not None and fault.stage == "after":
            return spoil(fault, Scene(self._service, task, response))
        return response

    def _error(self, error: ApiError) -> Response:
        envelope = self._service.settings.wording()
        return error_response(envelope, error.status, error.code, error.message, error.headers)

    def _route(self, path: str) -> tuple[str, str, Endpoint | str | None]:
        """(kind, allowed method, what it is about); kind `other` for a path that is not there."""
        if match := _SUBMIT.fullmatch(path):
            tool, version = match.groups()
            endpoint = TOOLS.get(tool) if version is None else None
            endpoint = endpoint or ENDPOINTS.get((tool, version or "3.0"))
            return ("submit", "POST", endpoint) if endpoint else ("other", "", None)
        if match := _STATUS.fullmatch(path):
            return "status", "GET", match.group(1)
        if path == self._service.settings.wallet_path:
            return "wallet", "GET", None
        return "other", "", None

    def _answer(
        self,
        request: Request,
        kind: str,
        allowed: str,
        target: Endpoint | str | None,
        account: Account | None,
        refusal: ApiError | None,
    ) -> Response:
        if kind == "other":
            hint = "" if request.path.endswith("/") else " (paths end with a slash)"
            raise ApiError(404, "NOT_FOUND", f"No such endpoint{hint}")
        if request.method != allowed:
            raise ApiError(405, "METHOD_NOT_ALLOWED", f'Method "{request.method}" not allowed.', (("Allow", allowed),))
        if account is None or account.revoked:
            raise _key_error(kind, account)
        if refusal is not None:
            raise refusal
        if isinstance(target, Endpoint):
            return self._submit(request, target, account)
        if isinstance(target, str):
            return self._status(target, account)
        return Response.json(200, {"balance": self._service.balance(account)})

    def _submit(self, request: Request, endpoint: Endpoint, account: Account) -> Response:
        kind = request.headers.get("content-type", "")
        if endpoint.encoding == "json":
            accepted = validate(endpoint, read_json(kind, request.body))
        else:
            accepted = validate_form(endpoint, read_form(kind, request.spool))
        task = self._service.submit(account, endpoint, accepted)
        answer = {"task_id": task.task_id, "created_at": iso(task.created)}
        return Response.json(self._service.settings.submit_status, answer)

    def _status(self, task_id: str, account: Account) -> Response:
        task = self._service.task(task_id, account)
        if task is None:
            raise ApiError(404, "NOT_FOUND", "No PublicAPIGenerationRequest matches the given query.")
        return Response.json(200, status_answer(self._service, task, lambda name: self._signed(task, name)))

    def _signed(self, task: Task, name: str) -> str:
        return f"{self._storage_url()}/assets/{task.task_id}/{name}?{self._service.signed_query(task, name)}"


def _key_error(kind: str, account: Account | None) -> ApiError:
    """The credit balance page documents lower-case codes of its own, the generation pages INVALID_API_KEY."""
    revoked = account is not None
    if kind == "wallet":
        return ApiError(401, "api_key_revoked" if revoked else "invalid_api_key", "Invalid or missing API key.")
    return ApiError(401, "INVALID_API_KEY", "Invalid or missing API key.")
