# SPDX-License-Identifier: GPL-3.0-or-later
"""The few things a fault can do: to an honest answer, instead of one, or to the task. The table puts them to use."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from email.utils import formatdate
from typing import Any, cast

from ..errors import error_response
from ..foreign_pages import page_of
from ..hostile import CONTENTS
from ..messages import Delivery, DeliveryKind, Response
from .kinds import Effect, Fault, Scene, Spoil

CODES = {400: "VALIDATION_FAILED", 401: "INVALID_API_KEY", 402: "INSUFFICIENT_CREDITS", 429: "RATE_LIMITED"}


def base(scene: Scene) -> Response:
    return scene.honest or Response.json(200, {})


def status_code(fault: Fault, scene: Scene) -> Response:
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
    return error_response(scene.service.settings.wording(), status, code, message, tuple(headers))


def body(body: bytes, content_type: str = "application/json") -> Spoil:
    def spoil(fault: Fault, scene: Scene) -> Response:
        return Response(int(fault.options.get("status", 200)), body, content_type)

    return spoil


def wrong_types(fault: Fault, scene: Scene) -> Response:
    value: dict[str, Any] = {
        "task_id": 7,
        "created_at": [],
        "status": 3,
        "progress": "half",
        "results": {"asset": 1},
        "balance": {},
    }
    return Response.json(200, value | {"failure_reason": 5})


def patch(drop: Sequence[str] = (), **fields: Any) -> Spoil:
    """Change fields of the honest JSON answer. Options `fields` (more of them) and `drop` (names to leave
    out).
    """

    def spoil(fault: Fault, scene: Scene) -> Response:
        honest = base(scene)
        try:
            value = cast(dict[str, Any], json.loads(honest.body))
        except ValueError:
            return honest
        value |= fields | fault.options.get("fields", {})
        for name in (*drop, *fault.options.get("drop", ())):
            value.pop(name, None)
        return replace(honest, body=json.dumps(value).encode())

    return spoil


def unknown_status(fault: Fault, scene: Scene) -> Response:
    """Option `word`."""
    word = fault.options.get("word", "QUEUED_FOR_REVIEW")
    return patch(status=word, progress=50, results=[])(fault, scene)


def missing_results(fault: Fault, scene: Scene) -> Response:
    options = {"drop": ["results"]}
    return patch(status="FINISHED", progress=100)(replace(fault, options=options), scene)


def stuck(fault: Fault, scene: Scene) -> Response:
    """Option `progress` (default 37)."""
    number = fault.options.get("progress", 37)
    return patch(status="IN_PROGRESS", progress=number, results=[], failure_reason=None)(fault, scene)


def asset_url(fault: Fault, scene: Scene) -> Response:
    """Option `url`: where the result is said to be."""
    result = {"asset": fault.options["url"], "asset_type": "3D_MODEL", "metadata": None}
    return patch(status="FINISHED", progress=100, results=[result])(fault, scene)


def deliver(kind: DeliveryKind, seconds: float = 0.0, amount: float = 0.0) -> Spoil:
    """The honest answer, badly delivered. Options `seconds` and `amount` (see `Delivery`)."""

    def spoil(fault: Fault, scene: Scene) -> Response:
        delivery = Delivery(
            kind,
            float(fault.options.get("seconds", seconds)),
            float(fault.options.get("amount", amount)),
        )
        return replace(base(scene), delivery=delivery)

    return spoil


def content(name: str) -> Spoil:
    def spoil(fault: Fault, scene: Scene) -> Response:
        body = CONTENTS[name](scene.asset)
        return Response(200, body, "model/gltf-binary", (("ETag", f'"fault-{name}"'), ("Accept-Ranges", "none")))

    return spoil


def huge(fault: Fault, scene: Scene) -> Response:
    """Says it is `bytes` long (default 50 GB) and then stops."""
    length = int(fault.options.get("bytes", 50 * 10**9))
    return replace(base(scene), status=200, declared_length=length, delivery=Delivery("cut", amount=1.0))


def no_range(fault: Fault, scene: Scene) -> Response:
    """The whole asset with 200, whatever range was asked for."""
    kept = tuple(item for item in base(scene).headers if item[0] != "Content-Range")
    return replace(base(scene), status=200, body=scene.asset, headers=kept)


def wrong_range(fault: Fault, scene: Scene) -> Response:
    """206 from byte 0, whatever was asked for, and Content-Range says so."""
    kept = tuple(item for item in base(scene).headers if item[0] != "Content-Range")
    length = len(scene.asset)
    content_range = ("Content-Range", f"bytes 0-{length - 1}/{length}")
    return replace(base(scene), status=206, body=scene.asset, headers=(*kept, content_range))


def fail(fault: Fault, scene: Scene) -> None:
    """The task fails now and is refunded. Option `reason`."""
    if scene.task is not None:
        scene.service.fail(scene.task, str(fault.options.get("reason", "The generation failed")))


def expire_urls(fault: Fault, scene: Scene) -> None:
    """Every URL given out for this task is void; a new status call gives a good one."""
    if scene.task is not None:
        scene.task.url_epoch += 1


def change_asset(fault: Fault, scene: Scene) -> None:
    """From now on this task's asset is another file, with another ETag."""
    if scene.task is not None:
        scene.task.generation += 1


def reported(**manner: Any) -> Effect:
    """The task is finished, and told of in this manner from now on (see `answer_shapes.Manner`)."""

    def change(fault: Fault, scene: Scene) -> None:
        if scene.task is not None:
            scene.service.finish(scene.task)
            asked = {name: value for name, value in fault.options.items() if name in vars(scene.task.manner)}
            scene.task.manner = replace(scene.task.manner, **(manner | asked))
            scene.task.is_reported_so = True

    return change


def fixed(response: Response, **changes: Any) -> Response:
    """An answer whose body is not changed any more on its way out."""
    return replace(response, fixed=True, **changes)


def rewrite(change: Callable[[bytes], bytes], *headers: tuple[str, str], **fields: Any) -> Spoil:
    """The honest answer with its body changed byte by byte, and with these headers."""

    def spoil(fault: Fault, scene: Scene) -> Response:
        honest = base(scene)
        try:
            changed = change(honest.body)
        except ValueError:  # a file that is no text
            return honest
        return fixed(honest, body=changed, **fields).with_headers(*headers)

    return spoil


def rejson(change: Callable[[Any], Any], status: int | None = None) -> Spoil:
    """The honest JSON answer as another value, under its own status or this one."""

    def spoil(fault: Fault, scene: Scene) -> Response:
        try:
            value = change(json.loads(base(scene).body or b"{}"))
        except ValueError:
            return base(scene)
        return replace(base(scene), status=status or base(scene).status, body=json.dumps(value).encode())

    return spoil


def restatus(status: int, **fields: Any) -> Spoil:
    """The honest answer under another status."""
    return lambda fault, scene: replace(base(scene), status=status, **fields)


def reply(status: int, text: str | bytes, content_type: str, *headers: tuple[str, str]) -> Spoil:
    """An answer of its own, whatever was asked."""
    data = text if isinstance(text, bytes) else text.encode()
    return lambda fault, scene: Response(status, data, content_type, headers)


def django(status: int, message: str, code: str = "") -> Spoil:
    """A refusal as Django REST words it."""
    return lambda fault, scene: error_response("django", status, code or f"HTTP_{status}", message)


def headers(*added: tuple[str, str], **fields: Any) -> Spoil:
    """The honest answer with more headers, or with other fields of `Response`."""
    return lambda fault, scene: fixed(base(scene), headers=(*base(scene).headers, *added), **fields)


def raw(write: Callable[[bytes], bytes]) -> Spoil:
    """Bytes in the place of a whole answer, made from its body; then the connection ends."""
    return lambda fault, scene: replace(base(scene), raw=write(base(scene).body))


def without(*names: str) -> Spoil:
    """The honest answer without these headers."""

    def spoil(fault: Fault, scene: Scene) -> Response:
        kept = tuple(item for item in base(scene).headers if item[0] not in names)
        return replace(base(scene), headers=kept)

    return spoil


def redirect(location: str, status: int = 302) -> Spoil:
    """To another place. Option `location`."""
    return lambda fault, scene: Response(
        status, b"", "text/html", (("Location", str(fault.options.get("location", location))),)
    )


def page(name: str) -> Spoil:
    """What a storage sends now and then instead of an object."""
    return lambda fault, scene: page_of(name)
