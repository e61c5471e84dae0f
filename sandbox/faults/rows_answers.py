# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults of what an answer says: bodies that are no JSON, other JSON than expected, odd values."""

from __future__ import annotations

import json
import random
from typing import Any

from ..foreign_pages import PORTAL
from .kinds import (
    AFTER,
    BALANCE,
    BEFORE,
    EFFECT,
    EVERYWHERE_UNREAD,
    LOOK,
    LOST,
    READY,
    UNDERSTOOD,
    UNREAD,
    Row,
)  # fmt: skip
from .mechanisms import (
    asset_url,
    body,
    fail,
    missing_results,
    patch,
    rejson,
    reply,
    rewrite,
    stuck,
    unknown_status,
    wrong_types,
)  # fmt: skip

_HTML = "text/html; charset=utf-8"
_REASON = "An error occurred while processing the input image"


def _deep(value: Any) -> Any:
    for _ in range(6):
        value = {"data": value}
    return value


def _bottomless(data: bytes) -> bytes:
    return data[:-1] + b', "deep": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"


def _number(value: dict[str, Any]) -> dict[str, Any]:
    return value | {"task_id": 814_711} if "task_id" in value else value | {"status": 3}


def _renamed(value: dict[str, Any]) -> dict[str, Any]:
    return {{"task_id": "id", "status": "state", "balance": "credits"}.get(name, name): value[name] for name in value}


def _camel(value: dict[str, Any]) -> dict[str, Any]:
    words = {"task_id": "taskId", "created_at": "createdAt", "failure_reason": "failureReason"}
    return {words.get(name, name): value[name] for name in value}


ANSWERS = (
    # No JSON at all
    Row("empty", AFTER, body(b""), EVERYWHERE_UNREAD, "200 without a body"),
    Row("blank", AFTER, body(b" \r\n\r\n "), UNREAD, "200 and only white space"),
    Row("garbage", AFTER, body(random.Random(1).randbytes(300)), UNREAD, "200 and random bytes"),
    Row("html", BEFORE, body(PORTAL, _HTML), UNREAD, "200 and a page from in between; the service saw nothing"),
    Row("html_after", AFTER, body(PORTAL, _HTML), UNREAD, "200 and a page in the place of the service's answer"),
    Row("html_as_json", AFTER, body(PORTAL), UNREAD, "a page that calls itself JSON"),
    Row("half_json", AFTER, rewrite(lambda data: data[: len(data) // 3]), UNREAD, "JSON that ends in the middle"),
    Row("python_json", AFTER, rewrite(lambda data: data.replace(b'"', b"'")), UNDERSTOOD, "JSON with single quotes"),
    # JSON, written unusually
    Row("bom", AFTER, rewrite(lambda data: b"\xef\xbb\xbf" + data), UNDERSTOOD, "UTF-8 with a byte order mark"),
    Row("utf16", AFTER, rewrite(lambda data: data.decode().encode("utf-16")), UNDERSTOOD, "UTF-16 with a mark"),
    Row("utf16_le", AFTER, rewrite(lambda data: data.decode().encode("utf-16-le")), UNDERSTOOD,
        "UTF-16 without a mark"),
    Row("utf32", AFTER, rewrite(lambda data: data.decode().encode("utf-32")), UNDERSTOOD, "UTF-32"),
    Row("json_twice", AFTER, rewrite(lambda data: data + b"\n" + data), UNDERSTOOD, "two JSON values, one a line"),
    Row("json_tail", AFTER, rewrite(lambda data: data + b"\n<!-- 0.03 s -->"), UNDERSTOOD, "a comment behind the JSON"),
    Row("json_prefix", AFTER, rewrite(lambda data: b")]}',\n" + data), UNDERSTOOD, "a guard before the JSON"),
    Row("json_in_text", AFTER, rejson(json.dumps), UNDERSTOOD, "JSON inside a JSON text"),
    Row("json_big", AFTER, rewrite(lambda data: data + b" " * 2_000_000), UNDERSTOOD, "2 MB of white space behind"),
    Row("json_huge", AFTER, rewrite(lambda data: data + b" " * 20_000_000), UNDERSTOOD, "20 MB of white space behind"),
    Row("json_bottomless", AFTER, rewrite(_bottomless), UNDERSTOOD, "100,000 lists in each other beside the answer"),
    # JSON of another form
    Row("empty_object", AFTER, body(b"{}"), UNREAD, "an object without any field"),
    Row("json_list", AFTER, body(b'["task_id"]'), UNREAD, "a list that only names the field"),
    Row("json_null", AFTER, body(b"null"), UNREAD, "null"),
    Row("json_number", AFTER, body(b"200"), UNREAD, "a number"),
    Row("in_list", AFTER, rejson(lambda value: [value]), UNDERSTOOD, "the answer in a list"),
    Row("in_data", AFTER, rejson(lambda value: {"ok": True, "data": value}), UNDERSTOOD, "the answer under `data`"),
    Row("in_deep", AFTER, rejson(_deep), UNDERSTOOD, "the answer six levels down"),
    Row("null_fields", AFTER, rejson(lambda value: dict.fromkeys(value)), UNREAD, "every field is null"),
    Row("renamed", AFTER, rejson(_renamed), UNDERSTOOD, "`id` for `task_id`, `state` for `status`"),
    Row("camel", AFTER, rejson(_camel), {"submit": READY, "status": READY}, "`taskId` for `task_id`"),
    Row("numbers", AFTER, rejson(_number), UNREAD, "a task id, or a status, that is a number"),
    Row("wrong_types", AFTER, wrong_types, UNREAD, "every field has a type it cannot have"),
    Row("evil_id", AFTER, rejson(lambda value: value | {"task_id": "../../account"}), UNREAD, "a path for a task id"),
    Row("patch", AFTER, patch(), UNDERSTOOD, "fields changed as ordered: options `fields`, `drop`"),
    # Balances
    *(
        Row(f"balance_{name}", AFTER, rewrite(lambda _, text=text: b'{"balance": %s}' % text), BALANCE,
            f"the balance is {text.decode()[:40]}")
        for name, text in (
            ("nan", b"NaN"), ("infinite", b"Infinity"), ("null", b"null"), ("negative", b'"-40.00"'),
            ("absurd", b'"9e999999"'), ("long", b"1" * 5000), ("number", b"150.5"), ("words", b'"plenty"'),
            ("commas", b'"1,250.00"'), ("object", b'{"api": "150.00"}'),
        )
    ),
    # Looks at a task
    Row("unknown_status", AFTER, unknown_status, LOOK, "a status word nobody knows: option `word`"),
    Row("missing_results", AFTER, missing_results, LOOK, "FINISHED without the field `results`"),
    Row("empty_results", AFTER, patch(status="FINISHED", progress=100, results=[]), LOOK, "FINISHED, no results yet"),
    Row("null_results", AFTER, patch(status="FINISHED", progress=100, results=None), LOOK, "FINISHED, results null"),
    Row("results_object", AFTER, patch(status="FINISHED", results={"asset": None}), LOOK, "results are no list"),
    Row("results_odd", AFTER, patch(status="FINISHED", results=[None, 7, "x", [], {}]), LOOK, "results of no use"),
    Row("stuck", AFTER, stuck, LOOK, "IN_PROGRESS, whatever is true: option `progress`"),
    Row("backwards", AFTER, patch(status="IN_PROGRESS", progress=1, results=[], failure_reason=None), LOOK,
        "the progress goes backwards"),
    *(
        Row(f"progress_{name}", AFTER, patch(status="IN_PROGRESS", progress=value, results=[]), LOOK,
            f"the progress is {value!r:.40}")
        for name, value in (
            ("text", "37%"), ("negative", -5), ("over", 250), ("null", None), ("nan", float("nan")),
            ("infinite", float("inf")), ("long", 10**400), ("part", 0.42),
        )
    ),
    *(
        Row(f"word_{word.lower()}", AFTER, patch(status=word, results=[], failure_reason=None), LOOK,
            f"the status word is {word}, and nothing else is there yet")
        for word in ("SUCCESS", "COMPLETED", "DONE", "RUNNING", "QUEUED", "PROCESSING", "FINISHING")
    ),
    *(
        Row(f"word_{word.lower()}", AFTER, patch(status=word, results=[], failure_reason=_REASON), LOST,
            f"the status word is {word}, with a reason")
        for word in ("ERROR", "CANCELLED", "FAILURE", "BANNED")
    ),
    Row("word_expired", AFTER, patch(status="EXPIRED", results=[]), LOOK, "expired by its word, long before its time"),
    Row("failed", EFFECT, fail, LOST, "the task fails now, with the credits given back: option `reason`", refunds=True),
    Row("failed_policy", EFFECT, fail, LOST, "the task fails with one of Tripo's numbers",
        {"reason": "Task failed with code 2008: content policy"}, refunds=True),
    Row("failed_key_echo", EFFECT, fail, LOST, "the reason of the failure quotes a key",
        {"reason": "Bearer sandbox-key was rejected upstream"}, refunds=True),
    Row("finished_with_reason", AFTER, patch(
        status="FINISHED", results=[{"asset": None, "asset_type": "3D_MODEL"}], failure_reason=_REASON), LOST,
        "FINISHED without an asset, and with the reason: a failure"),
    Row("reason_is_number", AFTER, patch(status="FAILED", results=[], failure_reason=2008), LOST, "reason: a number"),
    Row("reason_is_object", AFTER, patch(status="FAILED", results=[], failure_reason={"code": 2008, "message": "No"}),
        LOST, "the reason is an object"),
    Row("asset_url", AFTER, asset_url, LOOK, "the result is somewhere else: option `url`",
        {"url": "http://203.0.113.7/model.glb"}),
    Row("reply", BEFORE, reply(200, b'{"detail": "Service warming up"}', "application/json"), UNREAD,
        "200 that says it is not ready"),
    Row("unauthorized_200", BEFORE, reply(200, b'{"code": 401, "message": "login required"}', "application/json"),
        UNREAD, "200 that holds an error"),
)  # fmt: skip
