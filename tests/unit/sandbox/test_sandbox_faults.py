"""Every family of fault, as a client meets it, and what the service has then really done."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from typing import Any

import pytest

from sandbox.hostile import CONTENTS
from support.sandbox_service.loopback import TEXT, WALLET, Client

Start = Callable[..., Client]
BODY = {"prompt": "a mug"}


def tasks(client: Client) -> int:
    return len(client.sandbox.state["submissions"])


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 408, 409, 413, 418, 422, 429, 500, 502, 503, 504])
def test_statuses_come_before_the_service(client: Client, status: int) -> None:
    client.sandbox.add_fault("submit", f"http_{status}")
    assert client.post(TEXT, BODY).status == status
    assert tasks(client) == 0
    assert client.post(TEXT, BODY).status == 200


def test_a_gateway_may_give_up_on_what_was_accepted(client: Client) -> None:
    client.sandbox.add_fault("submit", "http_504", accepted=True)
    assert client.post(TEXT, BODY).status == 504
    assert tasks(client) == 1
    assert client.sandbox.state["balances"] == {"account-1": "960.00"}


def test_headers_and_bodies_of_statuses(client: Client) -> None:
    client.sandbox.add_fault("wallet", "http_429", retry_after=17)
    client.sandbox.add_fault("wallet", "http_503", retry_after_date=60)
    client.sandbox.add_fault("wallet", "http_400", code="CONTENT_POLICY", message="No.")
    client.sandbox.add_fault("wallet", "http_502", body="<html>Bad gateway</html>")
    first, second, third, fourth = (client.get(WALLET) for _ in range(4))
    assert (first.code, first.headers["retry-after"]) == ("RATE_LIMITED", "17")
    assert parsedate_to_datetime(second.headers["retry-after"]).tzinfo is not None
    assert third.json["error"] == {"code": "CONTENT_POLICY", "message": "No."}
    assert fourth.body == b"<html>Bad gateway</html>"


@pytest.mark.parametrize("status", [301, 302, 307, 308])
@pytest.mark.parametrize("on", ["submit", "asset"])
def test_redirects(client: Client, on: str, status: int) -> None:
    target = "http://localhost:9/elsewhere"
    asset = client.finished() if on == "asset" else ""
    client.sandbox.add_fault(on, f"http_{status}", location=target)
    answer = client.get(asset) if asset else client.post(TEXT, BODY)
    assert (answer.status, answer.headers["location"]) == (status, target)


@pytest.mark.parametrize(("fault", "body"), [
    ("empty", b""),
    ("empty_object", b"{}"),
    ("json_list", b'["task_id"]'),
    ("json_null", b"null"),
])  # fmt: skip
def test_strange_answers_to_an_accepted_submission(client: Client, fault: str, body: bytes) -> None:
    client.sandbox.add_fault("submit", fault)
    answer = client.post(TEXT, BODY)
    assert (answer.status, answer.body) == (200, body)
    assert tasks(client) == 1


def test_garbage_and_wrong_types(client: Client) -> None:
    client.sandbox.add_fault("any", "garbage")
    client.sandbox.add_fault("any", "wrong_types")
    with pytest.raises(ValueError):
        _ = client.get(WALLET).json
    assert client.get(WALLET).json["balance"] == {}


def test_a_page_of_html_comes_from_in_between(client: Client) -> None:
    client.sandbox.add_fault("submit", "html")
    answer = client.post(TEXT, BODY)
    assert (answer.status, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert tasks(client) == 0


@pytest.mark.parametrize(("fault", "accepted"), [("reset_before", 0), ("reset_after", 1)])
def test_resets(client: Client, fault: str, accepted: int) -> None:
    client.sandbox.add_fault("submit", fault)
    with pytest.raises(ConnectionResetError):
        client.post(TEXT, BODY)
    assert tasks(client) == accepted
    entry = client.sandbox.state["requests"][-1]
    assert (entry["status"], entry["ended"], entry["fault"]) == (None, "reset", fault)


@pytest.mark.parametrize(("fault", "accepted"), [("hang_before", 0), ("hang_after", 1)])
def test_hangs_end_when_the_client_gives_up(client: Client, fault: str, accepted: int) -> None:
    client.sandbox.add_fault("submit", fault)
    with pytest.raises(TimeoutError):
        client.post(TEXT, BODY, timeout=0.3)
    assert tasks(client) == accepted
    assert client.post(TEXT, BODY).status == 200


def test_hangs_end_with_the_sandbox(start: Start) -> None:
    client = start()
    client.sandbox.add_fault("wallet", "hang_before")
    failures: list[BaseException] = []

    def ask() -> None:
        try:
            client.get(WALLET, timeout=60)
        except OSError as error:
            failures.append(error)

    thread = threading.Thread(target=ask)
    thread.start()
    while not client.sandbox.state["requests"]:
        pass
    client.sandbox.stop()
    thread.join(30)
    assert len(failures) == 1


def test_a_fault_after_acceptance_waits_for_a_good_request(client: Client) -> None:
    client.sandbox.add_fault("submit", "reset_after")
    assert client.post(TEXT, {"prompt": ""}).status == 400
    with pytest.raises(ConnectionResetError):
        client.post(TEXT, BODY)
    assert tasks(client) == 1


def test_faults_queue_by_target_and_number(client: Client) -> None:
    client.sandbox.add_fault("status", "http_500", times=2)
    client.sandbox.add_fault("any", "http_502")
    assert client.get(WALLET).status == 502
    assert client.get(WALLET).status == 200
    task_id = client.submit()
    path = f"/v1/generation-request/{task_id}/status/"
    assert [client.get(path).status for _ in range(3)] == [500, 500, 200]
    assert client.sandbox.state["faults"] == []


def test_slow_answers_are_whole(client: Client) -> None:
    client.sandbox.add_fault("wallet", "slow", seconds=0.001, amount=4)
    assert client.get(WALLET).json == {"balance": "1000.00"}


# Status


@pytest.mark.parametrize(("fault", "options", "expected"), [
    ("unknown_status", {}, {"status": "QUEUED_FOR_REVIEW"}),
    ("unknown_status", {"word": "PAUSED"}, {"status": "PAUSED"}),
    ("empty_results", {}, {"status": "FINISHED", "results": []}),
    ("null_results", {}, {"status": "FINISHED", "results": None}),
    ("stuck", {}, {"status": "IN_PROGRESS", "progress": 37}),
    ("backwards", {}, {"status": "IN_PROGRESS", "progress": 1}),
    ("patch", {"fields": {"progress": 250, "eta": 9}}, {"progress": 250, "eta": 9}),
    ("asset_url", {"url": "http://evil.example/a.glb"}, {"status": "FINISHED"}),
])  # fmt: skip
def test_untrue_statuses(client: Client, fault: str, options: dict[str, Any], expected: dict[str, Any]) -> None:
    task_id = client.submit()
    client.sandbox.add_fault("status", fault, **options)
    status = client.status(task_id)
    assert {name: status[name] for name in expected} == expected
    if fault == "asset_url":
        assert status["results"][0]["asset"] == options["url"]
    assert client.status(task_id)["status"] == "PENDING"


def test_missing_fields(client: Client) -> None:
    task_id = client.submit()
    client.sandbox.add_fault("status", "missing_results")
    client.sandbox.add_fault("status", "patch", drop=["status", "progress"])
    assert "results" not in client.status(task_id)
    assert sorted(client.status(task_id)) == ["failure_reason", "results"]


def test_a_failure_to_order_is_a_real_one(client: Client) -> None:
    task_id = client.submit()
    client.sandbox.add_fault("status", "failed", reason="Unsafe content")
    for _ in range(2):
        status = client.status(task_id)
        assert (status["status"], status["failure_reason"]) == ("FAILED", "Unsafe content")
    assert client.get(WALLET).json == {"balance": "1000.00"}


# Assets


def test_asset_cut_short(client: Client) -> None:
    asset = client.finished()
    client.sandbox.add_fault("asset", "cut", amount=0.25)
    with pytest.raises(http.client.IncompleteRead) as caught:
        client.get(asset)
    whole = client.get(asset).body
    assert whole.startswith(caught.value.partial)
    assert 0 < len(caught.value.partial) < len(whole)


def test_asset_longer_than_it_says(client: Client) -> None:
    asset = client.finished()
    whole = client.get(asset)
    client.sandbox.add_fault("asset", "longer")
    assert client.get(asset).body == whole.body


def test_asset_that_claims_to_be_huge(client: Client) -> None:
    asset = client.finished()
    client.sandbox.add_fault("asset", "huge", bytes=10**7)
    with pytest.raises(http.client.IncompleteRead):
        client.get(asset)


def test_asset_that_changes_between_two_ranges(client: Client) -> None:
    asset = client.finished()
    before = client.get(asset)
    client.sandbox.add_fault("asset", "change_asset")
    headers = {"Range": "bytes=1000-", "If-Range": before.headers["etag"]}
    after = client.get(asset, headers=headers)
    assert after.status == 200
    assert after.headers["etag"] != before.headers["etag"]
    assert after.body != before.body
    assert client.get(asset).body == after.body


def test_ranges_that_are_not_kept(client: Client) -> None:
    asset = client.finished()
    whole = client.get(asset).body
    client.sandbox.add_fault("asset", "no_range")
    client.sandbox.add_fault("asset", "wrong_range")
    headers = {"Range": "bytes=1000-"}
    first, second = client.get(asset, headers=headers), client.get(asset, headers=headers)
    assert (first.status, first.body, "content-range" in first.headers) == (200, whole, False)
    assert (second.status, second.headers["content-range"].split("-")[0]) == (206, "bytes 0")


@pytest.mark.parametrize("name", sorted(CONTENTS))
def test_wrong_content_is_delivered_well(client: Client, name: str) -> None:
    asset = client.finished()
    client.sandbox.add_fault("asset", f"content_{name}")
    bad, good = client.get(asset), client.get(asset)
    assert (bad.status, bad.headers["content-type"]) == (200, "model/gltf-binary")
    assert bad.body != good.body
    assert good.body[:4] == b"glTF"


def test_expired_urls_are_replaced_by_the_next_status(client: Client) -> None:
    task_id = client.submit()
    client.sandbox.finish()
    asset = client.status(task_id)["results"][0]["asset"]
    client.sandbox.add_fault("asset", "expire_urls")
    assert [client.get(asset).status for _ in range(2)] == [403, 403]
    assert client.get(client.status(task_id)["results"][0]["asset"]).status == 200


@pytest.mark.parametrize("status", [403, 404, 410, 500])
def test_asset_statuses(client: Client, status: int) -> None:
    asset = client.finished()
    client.sandbox.add_fault("asset", f"http_{status}")
    assert [client.get(asset).status for _ in range(2)] == [status, 200]


def test_hostile_file_name(client: Client) -> None:
    asset = client.finished()
    client.sandbox.add_fault("asset", "hostile_name")
    assert ".." in client.get(asset).headers["content-disposition"]


@pytest.mark.parametrize(("on", "name", "times"), [
    ("elsewhere", "empty", 1), ("submit", "earthquake", 1), ("submit", "http_200", 1),
    ("submit", "http_600", 1), ("submit", "empty", 0), ("submit", "empty", True),
    ("proxy", "empty", 1), ("tls", "proxy_403", 1), ("submit", "proxy_403", 1), ("status", "tls_alert", 1),
])  # fmt: skip
def test_faults_that_do_not_exist(client: Client, on: str, name: str, times: int) -> None:
    with pytest.raises(ValueError):
        client.sandbox.add_fault(on, name, times)
