"""A task id in an answer to a submit is found wherever it is: it was paid for."""

from __future__ import annotations

import json
from typing import Any

import pytest

from client.service.responses import find_task_id

ID = "5f0c7d1e-93a4-4c58-9a51-0d1f6a8f2b77"

FOUND: list[Any] = [
    {"task_id": ID, "created_at": "2026-01-01T00:00:00Z"},
    {"taskId": ID},
    {"TaskID": ID},
    {"task-id": ID},
    {"data": {"task_id": ID}},
    {"data": {"id": ID}},
    {"result": {"task": {"id": ID}}},
    {"results": [{"status": "PENDING"}, {"taskId": ID}]},
    {"task": {"uuid": ID}},
    {"task": ID},
    {"id": ID, "status": "PENDING"},
    {"id": 3, "data": {"request": {"payload": {"generation_id": ID}}}},
    [{"task_id": ID}],
]


@pytest.mark.parametrize("document", FOUND, ids=json.dumps)
def test_a_task_id_is_found(document: Any) -> None:
    assert find_task_id(document, "", succeeded=True) == ID


@pytest.mark.parametrize("document", [{"task_id": ID, "detail": "oops"}, {"error": {"taskId": ID}}], ids=json.dumps)
def test_a_task_id_in_an_error_is_found(document: Any) -> None:
    assert find_task_id(document, "", succeeded=False) == ID


def test_a_short_id_under_its_documented_name_counts() -> None:
    assert find_task_id({"task_id": "t1"}, "", succeeded=True) == "t1"


@pytest.mark.parametrize(
    "document",
    [
        {"id": ID, "error": "bad prompt"},
        {"task_id": ["This field is unknown."]},
        {"task_id": "invalid"},
        {"task_id": "../wallet-1234"},
        {"request_id": ID},
        {"data": {"id": True}},
        {"user": {"id": ID}},
        None,
        "text",
        7,
        ["task_id"],
        {"task_id": ""},
        {"task_id": 7},
    ],
    ids=json.dumps,
)
def test_what_is_no_task_id_is_not_taken_for_one(document: Any) -> None:
    assert find_task_id(document, "", succeeded=False) == ""


def test_an_id_of_something_else_is_not_the_tasks() -> None:
    assert find_task_id({"user": {"id": ID}, "request_id": ID}, "", succeeded=True) == ""


def test_a_cut_answer_gives_its_id_when_that_is_whole() -> None:
    assert find_task_id(None, f'{{"task_id": "{ID}", "crea', succeeded=True) == ID
    assert find_task_id(None, f'{{"task_id": "{ID[:-4]}', succeeded=True) == ""


def test_a_deep_and_wide_answer_is_searched_within_bounds() -> None:
    deep: Any = {"task_id": ID}
    for _ in range(500):
        deep = {"data": deep}
    assert find_task_id(deep, "", succeeded=True) == ID
    assert find_task_id({"list": [0] * 200_000, "x": {"x": {"task_id": ID}}}, "", succeeded=True) in ("", ID)
