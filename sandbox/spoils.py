# SPDX-License-Identifier: GPL-3.0-or-later
"""What each fault does: to an honest answer, instead of one, or to the task. See `faults.py` for when they strike."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from email.utils import formatdate
from typing import Any, Literal, cast

from .errors import error_response
from .hostile import CONTENTS
from .messages import Delivery, DeliveryKind, Response
from .service import Service
from .tasks import Task

Stage = Literal["before", "after", "effect"]
CODES = {400: "VALIDATION_FAILED", 401: "INVALID_API_KEY", 402: "INSUFFICIENT_CREDITS", 429: "RATE_LIMITED"}
HTML = b"<!DOCTYPE html><html><head><title>Sign in</title></head><body><h1>Welcome</h1></body></html>"


@dataclass
class Fault:
    """One queued fault; `times` is how many requests it still strikes."""

    on: str
    name: str
    times: int = 1
    options: dict[str, Any] = field(default_factory=dict[str, Any])

    @property
    def stage(self) -> Stage:
        stage = _stage(self.name)
        if "accepted" in self.options and stage != "effect":
            return "after" if self.options["accepted"] else "before"
        return stage


@dataclass(frozen=True)
class Scene:
    """What a fault may look at: the service, the task asked about, the honest answer and the honest asset, if
    any.
    """

    service: Service
    task: Task | None = None
    honest: Response | None = None
    asset: bytes = b""


Spoil = Callable[[Fault, Scene], Response]


def _base(scene: Scene) -> Response:
    return scene.honest or Response.json(200, {})


def _status_code(fault: Fault, scene: Scene) -> Response:
    """`http_NNN`: options `code`, `message`, `body`, `retry_after` (seconds), `retry_after_date` (seconds
    ahead), `location`.
    """
    status = int(fault.name.removeprefix("http_"))
    headers: list[tuple[str, str]] = []
    if "retry_after" in fault.options:
        headers.append(("Retry-After", str(fault.options["retry_after"])))
    if "retry_after_date" in fault.options:
        moment = time.time() + float(fault.options["retry_after_date"])
        headers.append(("Retry-After", formatdate(moment, usegmt=True)))
    if "location" in fault.options:
        headers.append(("Location", str(fault.options["location"])))
    if "body" in fault.options:
        return Response(status, str(fault.options["body"]).encode(), "text/html; charset=utf-8", tuple(headers))
    if status < 400 and status != 300:
        return Response(status, b"", "text/plain", tuple(headers))
    code = str(fault.options.get("code", CODES.get(status, f"HTTP_{status}")))
    message = str(fault.options.get("message", f"Fault: HTTP {status}"))
    return error_response(scene.service.settings.envelope, status, code, message, tuple(headers))


def _body(body: bytes, content_type: str = "application/json") -> Spoil:
    def spoil(fault: Fault, scene: Scene) -> Response:
        return Response(int(fault.options.get("status", 200)), body, content_type)

    return spoil


def _wrong_types(fault: Fault, scene: Scene) -> Response:
    value: dict[str, Any] = {
        "task_id": 7,
        "created_at": [],
        "status": 3,
        "progress": "half",
        "results": {"asset": 1},
        "balance": {},
    }
    return Response.json(200, value | {"failure_reason": 5})


def _patch(**fields: Any) -> Spoil:
    """Change fields of the honest JSON answer. Options `fields` (more of them) and `drop` (names to leave
    out).
    """

    def spoil(fault: Fault, scene: Scene) -> Response:
        base = _base(scene)
        try:
            value = cast(dict[str, Any], json.loads(base.body))
        except ValueError:
            return base
        value |= fields | fault.options.get("fields", {})
        for name in fault.options.get("drop", ()):
            value.pop(name, None)
        return replace(base, body=json.dumps(value).encode())

    return spoil


def _unknown_status(fault: Fault, scene: Scene) -> Response:
    """Option `word`."""
    word = fault.options.get("word", "QUEUED_FOR_REVIEW")
    return _patch(status=word, progress=50, results=[])(fault, scene)


def _missing_results(fault: Fault, scene: Scene) -> Response:
    options = {"drop": ["results"]}
    return _patch(status="FINISHED", progress=100)(replace(fault, options=options), scene)


def _stuck(fault: Fault, scene: Scene) -> Response:
    """Option `progress` (default 37)."""
    number = fault.options.get("progress", 37)
    return _patch(status="IN_PROGRESS", progress=number, results=[], failure_reason=None)(fault, scene)


def _asset_url(fault: Fault, scene: Scene) -> Response:
    """Option `url`: where the result is said to be."""
    result = {"asset": fault.options["url"], "asset_type": "3D_MODEL", "metadata": None}
    return _patch(status="FINISHED", progress=100, results=[result])(fault, scene)


def _deliver(kind: DeliveryKind, seconds: float = 0.0, amount: float = 0.0) -> Spoil:
    """The honest answer, badly delivered. Options `seconds` and `amount` (see `Delivery`)."""

    def spoil(fault: Fault, scene: Scene) -> Response:
        delivery = Delivery(
            kind,
            float(fault.options.get("seconds", seconds)),
            float(fault.options.get("amount", amount)),
        )
        return replace(_base(scene), delivery=delivery)

    return spoil


def _content(name: str) -> Spoil:
    def spoil(fault: Fault, scene: Scene) -> Response:
        body = CONTENTS[name](scene.asset)
        return Response(200, body, "model/gltf-binary", (("ETag", f'"fault-{name}"'), ("Accept-Ranges", "none")))

    return spoil


def _huge(fault: Fault, scene: Scene) -> Response:
    """Says it is `bytes` long (default 50 GB) and then stops."""
    length = int(fault.options.get("bytes", 50 * 10**9))
    return replace(_base(scene), status=200, declared_length=length, delivery=Delivery("cut", amount=1.0))


def _no_range(fault: Fault, scene: Scene) -> Response:
    """The whole asset with 200, whatever range was asked for."""
    kept = tuple(item for item in _base(scene).headers if item[0] != "Content-Range")
    return replace(_base(scene), status=200, body=scene.asset, headers=kept)


def _wrong_range(fault: Fault, scene: Scene) -> Response:
    """206 from byte 0, whatever was asked for, and Content-Range says so."""
    kept = tuple(item for item in _base(scene).headers if item[0] != "Content-Range")
    length = len(scene.asset)
    content_range = ("Content-Range", f"bytes 0-{length - 1}/{length}")
    return replace(_base(scene), status=206, body=scene.asset, headers=(*kept, content_range))


def _hostile_name(fault: Fault, scene: Scene) -> Response:
    name = ("Content-Disposition", 'attachment; filename="../../../../evil.glb"')
    return replace(_base(scene), headers=(*_base(scene).headers, name))


_SPOILS: dict[str, tuple[Stage, Spoil]] = {
    "empty": ("after", _body(b"")),
    "garbage": ("after", _body(random.Random(1).randbytes(300))),
    "empty_object": ("after", _body(b"{}")),
    "json_list": ("after", _body(b'["task_id"]')),
    "json_null": ("after", _body(b"null")),
    "html": ("before", _body(HTML, "text/html; charset=utf-8")),
    "wrong_types": ("after", _wrong_types),
    "patch": ("after", _patch()),
    "unknown_status": ("after", _unknown_status),
    "missing_results": ("after", _missing_results),
    "empty_results": ("after", _patch(status="FINISHED", progress=100, results=[])),
    "null_results": ("after", _patch(status="FINISHED", progress=100, results=None)),
    "stuck": ("after", _stuck),
    "backwards": ("after", _patch(status="IN_PROGRESS", progress=1, results=[], failure_reason=None)),
    "asset_url": ("after", _asset_url),
    "reset_before": ("before", _deliver("reset")),
    "reset_after": ("after", _deliver("reset")),
    "hang_before": ("before", _deliver("hang", 120)),
    "hang_after": ("after", _deliver("hang", 120)),
    "slow": ("after", _deliver("trickle", 0.05, 16)),
    "cut": ("after", _deliver("cut", 0, 0.5)),
    "longer": ("after", _deliver("extra", 0, 4096)),
    "huge": ("after", _huge),
    "no_range": ("after", _no_range),
    "wrong_range": ("after", _wrong_range),
    "hostile_name": ("after", _hostile_name),
    **{f"content_{name}": ("after", _content(name)) for name in CONTENTS},
}


def _fail(fault: Fault, scene: Scene) -> None:
    """`failed`: the task fails now and is refunded. Option `reason`."""
    if scene.task is not None:
        scene.service.fail(scene.task, str(fault.options.get("reason", "The generation failed")))


def _expire_urls(fault: Fault, scene: Scene) -> None:
    """`expire_urls`: every URL given out for this task is void; a new status call gives a good one."""
    if scene.task is not None:
        scene.task.url_epoch += 1


def _change_asset(fault: Fault, scene: Scene) -> None:
    """`change_asset`: from now on this task's asset is another file, with another ETag."""
    if scene.task is not None:
        scene.task.generation += 1


_EFFECTS: dict[str, Callable[[Fault, Scene], None]] = {
    "failed": _fail,
    "expire_urls": _expire_urls,
    "change_asset": _change_asset,
}
NAMES = (*_SPOILS, *_EFFECTS)


def _stage(name: str) -> Stage:
    if name in _EFFECTS:
        return "effect"
    return _SPOILS[name][0] if name in _SPOILS else "before"


def spoil(fault: Fault, scene: Scene) -> Response:
    """The answer a fault of stage `before` or `after` leads to."""
    if fault.name in _SPOILS:
        return _SPOILS[fault.name][1](fault, scene)
    return _status_code(fault, scene)


def apply_effect(fault: Fault, scene: Scene) -> None:
    _EFFECTS[fault.name](fault, scene)
