# SPDX-License-Identifier: GPL-3.0-or-later
"""The control endpoints under /_sandbox/, for tests in another process. Only there when asked for, never
counted or logged.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, cast

from .faults import Faults
from .messages import Request, Response
from .service import Service
from .wire import CONTROL_PREFIX


class Control:
    """`GET state`; `POST faults | mend | clock | settings | finish | reset`, each with a JSON object or an
    empty body; `mend` takes all faults back.
    """

    def __init__(self, service: Service, faults: Faults, reset: Callable[[], None]) -> None:
        self._service = service
        self._faults = faults
        self._reset = reset

    def handle(self, request: Request) -> Response:
        name = request.path.removeprefix(CONTROL_PREFIX).rstrip("/")
        if (request.method, name) == ("GET", "state"):
            return Response.json(200, self._service.state() | {"faults": self._faults.pending()})
        if request.method != "POST":
            return Response.json(404, {"error": f"no such control: {request.method} {name}"})
        try:
            body: Any = json.loads(request.body or b"{}")
            if not isinstance(body, dict):
                raise ValueError("the body must be an object")
            return Response.json(200, self._act(name, cast(dict[str, Any], body)))
        except LookupError as error:
            return Response.json(404, {"error": f"not found: {error}"})
        except (TypeError, ValueError, ArithmeticError) as error:
            return Response.json(400, {"error": str(error)})

    def _act(self, name: str, body: dict[str, Any]) -> dict[str, Any]:
        match name:
            case "faults":
                self._faults.add(**body)
                return {"faults": self._faults.pending()}
            case "mend":
                self._faults.clear()
                return {"faults": []}
            case "clock":
                self._service.clock.advance(float(body["advance"]))
                return {"clock": self._service.clock.now()}
            case "settings":
                self._change(body)
                return {"settings": dict(vars(self._service.settings))}
            case "finish":
                return {"finished": self._service.finish_all()}
            case "reset":
                self._reset()
                return {}
            case _:
                raise LookupError(name)

    def _change(self, body: dict[str, Any]) -> None:
        """Settings by name, and `balance` (of `account`, else the first), `revoke_key`, `add_key`."""
        rest = {k: v for k, v in body.items() if k not in ("balance", "account", "revoke_key", "add_key")}
        self._service.settings.update(rest)
        if "balance" in body:
            self._service.set_balance(str(body["balance"]), body.get("account"))
        if "revoke_key" in body:
            self._service.revoke(body["revoke_key"])
        if "add_key" in body:
            self._service.add_key(body["add_key"])
