"""The HTTP client against the sandbox, with everything that can go wrong on the way."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from client import errors
from client.account import Account
from client.jobs.request import GenerationRequest
from client.schema import Kind
from client.service import exceptions
from client.service.api import TripoClient
from client.service.http_errors import error_from, read_retry_after
from client.service.responses import TaskState, read_status
from client.timings import Timings
from sandbox import Sandbox
from support.sandbox_service.variety import vary

KEY = "api-test-key-0123456789"
REQUEST = GenerationRequest(Kind.TEXT, parameters={"prompt": "a sword"})


@pytest.fixture(scope="module")
def running() -> Iterator[Sandbox]:
    with Sandbox(keys=(KEY,), requests_per_minute=0, seconds=0, **vary(__name__, waits=False)) as sandbox:
        yield sandbox


@pytest.fixture
def service(running: Sandbox) -> Sandbox:
    running.reset()
    return running


@pytest.fixture
def client(service: Sandbox) -> TripoClient:
    return TripoClient(Account(service.api_url, KEY), timings=Timings(connect=2.0, answer=0.5))


def submissions(service: Sandbox) -> int:
    return len(service.state["submissions"])


def test_submit_status_balance(client: TripoClient, service: Sandbox) -> None:
    task_id = client.submit(REQUEST)
    status = client.status(task_id)
    assert status.state is TaskState.FINISHED and status.progress == 100
    assert f"/assets/{task_id}/" in status.assets[0]
    assert client.balance() == 1000 - 40


def test_nothing_is_sent_when_a_rule_is_broken(client: TripoClient, service: Sandbox) -> None:
    with pytest.raises(errors.InvalidRequest, match="Prompt is empty"):
        client.submit(GenerationRequest(Kind.TEXT))
    assert not service.state["requests"]


ANSWERS: list[tuple[str, dict[str, Any], type[errors.TripoError]]] = [
    ("http_400", {}, exceptions.RequestRefused),
    ("http_401", {}, exceptions.KeyRefused),
    ("http_402", {}, exceptions.NotEnoughCredits),
    ("http_403", {}, exceptions.Forbidden),
    ("http_404", {}, exceptions.NotFound),
    ("http_408", {}, exceptions.NoAnswer),
    ("http_413", {}, exceptions.RequestRefused),
    ("http_422", {}, exceptions.RequestRefused),
    ("http_429", {"retry_after": 7}, exceptions.RateLimited),
    ("http_302", {"location": "http://127.0.0.1:9/"}, exceptions.RequestRefused),
    ("http_500", {}, exceptions.NoAnswer),
    ("http_502", {"body": "<html>Bad gateway</html>"}, exceptions.NoAnswer),
    ("http_503", {"retry_after": 5}, exceptions.NoAnswer),
    ("http_504", {}, exceptions.NoAnswer),
    ("empty", {}, exceptions.NoAnswer),
    ("garbage", {}, exceptions.NoAnswer),
    ("empty_object", {}, exceptions.NoAnswer),
    ("json_list", {}, exceptions.NoAnswer),
    ("json_null", {}, exceptions.NoAnswer),
    ("html", {}, exceptions.NoAnswer),
    ("wrong_types", {}, exceptions.NoAnswer),
    ("reset_before", {}, exceptions.NoAnswer),
    ("reset_after", {}, exceptions.NoAnswer),
    ("hang_before", {}, exceptions.NoAnswer),
    ("hang_after", {}, exceptions.NoAnswer),
    ("cut", {}, exceptions.NoAnswer),
]


@pytest.mark.parametrize(("fault", "options", "expected"), ANSWERS, ids=[row[0] for row in ANSWERS])
def test_a_submit_that_goes_wrong(
    client: TripoClient, service: Sandbox, fault: str, options: dict[str, Any], expected: type[errors.TripoError]
) -> None:
    service.add_fault("submit", fault, **options)
    with pytest.raises(errors.TripoError) as caught:
        client.submit(REQUEST)
    assert type(caught.value) is expected
    assert submissions(service) <= 1
    assert KEY not in str(caught.value)
    if expected is not exceptions.NoAnswer:
        assert submissions(service) == 0


def test_retry_after_is_read(client: TripoClient, service: Sandbox) -> None:
    service.add_fault("status", "http_429", retry_after=24)
    with pytest.raises(exceptions.RateLimited) as caught:
        client.status("anything")
    assert caught.value.retry_after == 24
    service.add_fault("status", "http_429", retry_after_date=60)
    with pytest.raises(exceptions.RateLimited) as caught:
        client.status("anything")
    assert caught.value.retry_after is not None and 55 <= caught.value.retry_after <= 61
    assert read_retry_after("soon") is None
    assert read_retry_after("-5") == 0


def test_a_service_that_is_not_there_was_not_asked() -> None:
    client = TripoClient(Account("http://127.0.0.1:9", KEY), timings=Timings(connect=1.0, answer=1.0))
    with pytest.raises(exceptions.NotSent, match="cannot be reached"):
        client.submit(REQUEST)


def test_a_name_that_does_not_exist_was_not_asked() -> None:
    client = TripoClient(Account("https://api.does-not-exist.invalid", KEY), timings=Timings(connect=2.0, answer=2.0))
    with pytest.raises(exceptions.NotSent):
        client.submit(REQUEST)


def test_the_key_is_not_taken_from_netrc_nor_sent_on_a_redirect(
    client: TripoClient, service: Sandbox, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password secret\n")
    monkeypatch.setenv("NETRC", str(netrc))
    client.balance()
    service.add_fault("wallet", "http_307", location=service.storage_url + "/assets/")
    with pytest.raises(exceptions.RequestRefused):
        client.balance()
    assert all(entry["origin"] != "storage" for entry in service.state["requests"])


def test_the_balance_is_found_under_the_older_path(client: TripoClient, service: Sandbox) -> None:
    service.add_fault("wallet", "http_404")
    with pytest.raises(exceptions.NotFound):
        client.balance()
    assert not client.has_other_wallet
    with pytest.raises(errors.TripoError):
        client.balance()
    paths = [entry["path"] for entry in service.state["requests"]]
    assert paths == ["/account/user/wallet/", "/user/wallet/"]


def test_both_shapes_of_a_result_are_read() -> None:
    documented = {
        "status": "FINISHED",
        "progress": 100,
        "results": [{"asset": "https://a/x.glb", "asset_type": "3D_MODEL"}],
    }
    overview = {"status": "finished", "results": [{"asset_url": "https://a/x.glb", "thumbnail": "https://a/t.png"}]}
    assert read_status(documented).assets[0] == read_status(overview).assets[0] == "https://a/x.glb"
    assert read_status(overview).thumbnail_url == "https://a/t.png"


@pytest.mark.parametrize("progress", [None, "half", [], -5, 1e9, float("nan"), True])
def test_a_strange_progress_is_a_number_from_0_to_100(progress: object) -> None:
    assert 0 <= read_status({"status": "IN_PROGRESS", "progress": progress}).progress <= 100


def test_an_unknown_status_keeps_being_polled() -> None:
    assert read_status({"status": "QUEUED_FOR_REVIEW"}).state is TaskState.IN_PROGRESS


@pytest.mark.parametrize(
    "document",
    [
        {"error": {"code": "VALIDATION_FAILED", "message": "prompt is bad"}},
        {"error": "VALIDATION_FAILED", "message": "prompt is bad"},
        {"code": "VALIDATION_FAILED", "detail": "prompt is bad"},
        {"error_code": "VALIDATION_FAILED", "message": "prompt is bad"},
    ],
)
def test_the_error_envelope_is_found_wherever_it_is(document: dict[str, Any]) -> None:
    said = str(error_from(400, document, "", None))
    assert "prompt is bad" in said and "VALIDATION_FAILED" not in said


def test_error_texts_hold_no_key_no_html_and_no_query() -> None:
    said = f"bad key {KEY} Bearer abc see https://x.example/help?token=1"
    message = str(error_from(400, {"message": said}, "", None, KEY))
    assert KEY not in message and "abc" not in message and "token" not in message
    assert "<" not in str(error_from(500, None, "<html><b>oops</b></html>", None))
    assert "overloaded" in str(error_from(503, None, "overloaded, sorry\nstack trace", None))


@pytest.mark.parametrize("code", ["api_key_expired", "api_key_revoked", "invalid_api_key"])
def test_the_state_of_a_refused_key_is_told(code: str) -> None:
    word = {"api_key_expired": "expired", "api_key_revoked": "revoked"}.get(code, "does not accept")
    assert word in str(error_from(401, {"error": code}, "", None))


def test_a_task_id_cannot_bend_the_address(client: TripoClient, service: Sandbox) -> None:
    with pytest.raises(errors.InvalidSetting):
        client.status("../../account/user/wallet")
    assert not service.state["requests"]
