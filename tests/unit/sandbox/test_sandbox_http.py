"""The sandbox from outside: endpoints, keys, credits, the rate limit, expiry, assets."""

from __future__ import annotations

import http.client
import json
import socket
import threading
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import pytest

from sandbox import Sandbox
from support.sandbox_service.loopback import KEY, PNG, TEXT, WALLET, Client, data_uri

Start = Callable[..., Client]
URL = {"image_url": "https://example.com/a.png"}


def test_a_task_from_submit_to_asset(start: Start) -> None:
    client = start(seconds=100.0)
    sandbox = client.sandbox
    answer = client.post(TEXT, {"prompt": "a rocket"})
    assert answer.status == 200
    assert sorted(answer.json) == ["created_at", "task_id"]
    assert answer.json["created_at"].endswith("Z")
    task_id = answer.json["task_id"]
    first = client.status(task_id)
    assert first == {"status": "PENDING", "progress": 0, "failure_reason": None, "results": []}
    sandbox.advance(55)
    half = client.status(task_id)
    assert (half["status"], half["results"]) == ("IN_PROGRESS", [])
    assert 45 <= half["progress"] <= 55
    sandbox.advance(44)
    assert client.status(task_id)["status"] == "IN_PROGRESS"
    sandbox.advance(1)
    done = client.status(task_id)
    assert (done["status"], done["progress"], done["failure_reason"]) == ("FINISHED", 100, None)
    [result] = done["results"]
    assert result["asset_type"] == "3D_MODEL"
    assert result["metadata"] is None
    assert result["asset"].startswith(sandbox.storage_url)
    asset = client.get(result["asset"])
    assert asset.status == 200
    assert asset.body[:4] == b"glTF"
    assert asset.headers["content-type"] == "model/gltf-binary"
    assert client.get(WALLET).json == {"balance": "960.00"}


@pytest.mark.parametrize("suffix", ["", "3.0/", "3.1/", "p1/"])
@pytest.mark.parametrize(("tool", "body"), [
    ("text-to-3d", {"prompt": "a mug"}),
    ("image-to-3d", {"image": data_uri()}),
    ("image-to-3d", URL),
    ("multiview-to-3d", {"images": [URL, {"image": data_uri()}]}),
])  # fmt: skip
def test_every_generation_endpoint(client: Client, tool: str, suffix: str, body: dict[str, Any]) -> None:
    assert client.post(f"/v1/3d-models/tripo/{tool}/{suffix}", body).status == 200
    [submission] = client.sandbox.state["submissions"]
    assert submission["endpoint"] == tool
    assert submission["version"] == (suffix.rstrip("/") or "3.0")


def test_submitted_images_are_kept_without_their_bytes(client: Client) -> None:
    client.post("/v1/3d-models/tripo/image-to-3d/", {"image": data_uri()})
    [submission] = client.sandbox.state["submissions"]
    [image] = submission["images"]
    assert (image["kind"], image["size"], image["width"], image["height"]) == ("png", len(PNG), 4, 3)
    assert submission["parameters"] == {"image": f"sha256:{image['sha256']}"}


@pytest.mark.parametrize(("method", "path", "status", "code"), [
    ("POST", TEXT.rstrip("/"), 404, "NOT_FOUND"),
    ("POST", TEXT + "2.5/", 404, "NOT_FOUND"),
    ("POST", TEXT + "P1/", 404, "NOT_FOUND"),
    ("POST", "/v1/3d-models/tripo/mesh-repair/", 404, "NOT_FOUND"),
    ("GET", "/", 404, "NOT_FOUND"),
    ("GET", "/user/wallet/", 404, "NOT_FOUND"),
    ("GET", WALLET.rstrip("/"), 404, "NOT_FOUND"),
    ("GET", "/_sandbox/state", 404, "NOT_FOUND"),
    ("GET", TEXT, 405, "METHOD_NOT_ALLOWED"),
    ("PUT", TEXT, 405, "METHOD_NOT_ALLOWED"),
    ("DELETE", WALLET, 405, "METHOD_NOT_ALLOWED"),
    ("POST", WALLET, 405, "METHOD_NOT_ALLOWED"),
    ("POST", "/v1/generation-request/x/status/", 405, "METHOD_NOT_ALLOWED"),
    ("GET", "/v1/generation-request/x/status/", 404, "NOT_FOUND"),
])  # fmt: skip
def test_wrong_path_or_method(client: Client, method: str, path: str, status: int, code: str) -> None:
    answer = client.send(method, path, b"{}" if method in ("POST", "PUT") else None)
    assert (answer.status, answer.code) == (status, code)
    assert ("allow" in answer.headers) == (status == 405)


@pytest.mark.parametrize("key", [None, "Bearer wrong", "Bearer ", "sandbox-key", "Token sandbox-key", "Basic eDp5"])
def test_wrong_key(client: Client, key: str | None) -> None:
    answer = client.post(TEXT, {"prompt": "a mug"}, key=key)
    assert (answer.status, answer.code) == (401, "INVALID_API_KEY")
    assert client.get(WALLET, key=key).code == "invalid_api_key"
    assert client.sandbox.state["submissions"] == []


def test_revoked_key(client: Client) -> None:
    client.sandbox.revoke_key("sandbox-key")
    assert client.get(WALLET).code == "api_key_revoked"
    assert client.post(TEXT, {"prompt": "a mug"}).code == "INVALID_API_KEY"


def test_a_task_is_its_accounts_own(start: Start) -> None:
    client = start(keys=("first", "second"))
    task_id = client.post(TEXT, {"prompt": "a mug"}, key="Bearer first").json["task_id"]
    path = f"/v1/generation-request/{task_id}/status/"
    assert client.get(path, key="Bearer first").status == 200
    assert client.get(path, key="Bearer second").status == 404
    assert client.sandbox.state["balances"] == {"account-1": "960.00", "account-2": "1000.00"}


def test_validation_costs_nothing(client: Client) -> None:
    answer = client.post(TEXT, {"prompt": "a mug", "face_limit": 3})
    assert (answer.status, answer.code) == (400, "VALIDATION_FAILED")
    assert "face_limit" in answer.json["error"]["message"]
    assert client.post(TEXT, b"{").status == 400
    assert client.get(WALLET).json == {"balance": "1000.00"}


def test_insufficient_credits(start: Start) -> None:
    client = start(credits=79)
    client.submit()
    answer = client.post(TEXT, {"prompt": "a mug"})
    assert (answer.status, answer.code) == (402, "INSUFFICIENT_CREDITS")
    client.sandbox.set_balance("40.00")
    client.submit()
    assert client.get(WALLET).json == {"balance": "0.00"}


def test_failure_gives_the_credits_back_once(client: Client) -> None:
    task_id = client.submit(prompt="a broken mug [FAIL]")
    assert client.get(WALLET).json == {"balance": "960.00"}
    client.sandbox.advance(1000)
    assert client.get(WALLET).json == {"balance": "1000.00"}
    status = client.status(task_id)
    assert (status["status"], status["results"]) == ("FAILED", [])
    assert status["failure_reason"]
    assert client.get(WALLET).json == {"balance": "1000.00"}
    assert client.sandbox.state["tasks"][task_id]["refunded"] is True


# The rate limit


def test_rate_limit_is_a_sliding_minute_over_all_requests(start: Start) -> None:
    client = start(requests_per_minute=3)
    task_id = client.submit()
    client.sandbox.advance(30)
    client.status(task_id)
    client.get(WALLET)
    for _ in range(2):
        answer = client.get(WALLET)
        assert (answer.status, answer.code) == (429, "RATE_LIMITED")
        assert "retry-after" not in answer.headers
    client.sandbox.advance(30)
    assert client.get(WALLET).status == 200
    assert client.get(WALLET).status == 429
    client.sandbox.advance(30)
    assert [client.get(WALLET).status for _ in range(3)] == [200, 200, 429]
    assert client.sandbox.state["busiest_minute"] == {"account-1": 10}


def test_rate_limit_is_per_key_and_refused_submissions_are_free(start: Start) -> None:
    client = start(requests_per_minute=1, keys=("first", "second"))
    for key in ("Bearer first", "Bearer second"):
        assert client.get(WALLET, key=key).status == 200
        assert client.post(TEXT, {"prompt": "a mug"}, key=key).status == 429
    assert client.sandbox.state["submissions"] == []


def test_refused_requests_may_count_too(start: Start) -> None:
    client = start(requests_per_minute=1, count_refused=True)
    assert client.get(WALLET).status == 200
    client.sandbox.advance(40)
    assert client.get(WALLET).status == 429
    client.sandbox.advance(40)
    assert client.get(WALLET).status == 429


def test_retry_after(start: Start) -> None:
    client = start(requests_per_minute=1, retry_after="seconds")
    client.get(WALLET)
    client.sandbox.advance(20)
    assert 35 <= int(client.get(WALLET).headers["retry-after"]) <= 40
    client.sandbox.set(retry_after="date")
    assert parsedate_to_datetime(client.get(WALLET).headers["retry-after"]).tzinfo is not None


# Envelopes and shapes that are not documented


@pytest.mark.parametrize(("envelope", "find"), [
    ("error_object", lambda body: json.loads(body)["error"]["code"]),
    ("error_string", lambda body: json.loads(body)["error"]),
    ("code", lambda body: json.loads(body)["code"]),
    ("error_code", lambda body: json.loads(body)["error_code"]),
    ("detail", lambda body: json.loads(body)["detail"]),
    ("detail_text", lambda body: json.loads(body)["code"]),
    ("text", lambda body: body.decode().split(":")[0]),
])  # fmt: skip
def test_envelopes(start: Start, envelope: str, find: Callable[[bytes], str]) -> None:
    answer = start(envelope=envelope).post(TEXT, {})
    assert (answer.status, find(answer.body)) == (400, "VALIDATION_FAILED")


def test_the_other_result_shape_has_a_thumbnail(start: Start) -> None:
    client = start(result_shape="asset_url")
    task_id = client.submit()
    client.sandbox.finish()
    [result] = client.status(task_id)["results"]
    assert sorted(result) == ["asset_url", "thumbnail"]
    assert client.get(result["asset_url"]).body[:4] == b"glTF"
    image = client.get(result["thumbnail"])
    assert (image.headers["content-type"], image.body[:4]) == ("image/png", b"\x89PNG")


def test_the_older_wallet_path_can_be_served_instead(start: Start) -> None:
    client = start(wallet_path="/user/wallet/")
    assert client.get(WALLET).status == 404
    assert client.get("/user/wallet/").json == {"balance": "1000.00"}


# Storage


def test_one_connection_serves_many_requests(client: Client) -> None:
    parts = urlsplit(client.sandbox.api_url)
    assert parts.hostname is not None
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=20)
    try:
        connection.connect()
        first = connection.sock
        for method, path, body in (
            ("GET", WALLET, None),
            ("POST", TEXT, b"{"),
            ("GET", "/nowhere", None),
        ) * 3:
            headers = {"Authorization": KEY, "Content-Type": "application/json"}
            connection.request(method, path, body, headers)
            connection.getresponse().read()
            assert connection.sock is first
    finally:
        connection.close()


@pytest.mark.parametrize(("head", "status"), [
    (b"Transfer-Encoding: chunked\r\n", b"411"),
    (b"", b"411"),
    (b"Content-Length: -1\r\n", b"400"),
    (b"Content-Length: 999999999999\r\n", b"413"),
])  # fmt: skip
def test_badly_framed_bodies(client: Client, head: bytes, status: bytes) -> None:
    parts = urlsplit(client.sandbox.api_url)
    assert parts.hostname is not None and parts.port is not None
    with socket.create_connection((parts.hostname, parts.port), timeout=20) as connection:
        connection.sendall(b"POST " + TEXT.encode() + b" HTTP/1.1\r\nHost: x\r\n" + head + b"\r\n")
        answer = b""
        while piece := connection.recv(4096):
            answer += piece
    assert answer.split()[1] == status


def test_the_log_has_every_request_and_no_query(client: Client) -> None:
    asset = client.finished()
    client.get(asset)
    client.get(WALLET, key=None)
    log = client.sandbox.state["requests"]
    assert [(entry["origin"], entry["kind"], entry["method"], entry["status"]) for entry in log] == [
        ("api", "submit", "POST", 200),
        ("api", "status", "GET", 200),
        ("storage", "asset", "GET", 200),
        ("api", "wallet", "GET", 401),
    ]
    assert [entry["authorization"] for entry in log] == [True, True, False, False]
    assert [entry["account"] for entry in log] == ["account-1", "account-1", "account-1", "none"]
    assert "Signature" not in json.dumps(log)
    assert [entry["monotonic"] for entry in log] == sorted(entry["monotonic"] for entry in log)


def test_nothing_is_left_after_stop() -> None:
    before = set(threading.enumerate())
    with Sandbox() as sandbox:
        urls = [urlsplit(sandbox.api_url), urlsplit(sandbox.storage_url)]
        idle = [socket.create_connection((url.hostname or "", url.port or 0), timeout=20) for url in urls]
        assert len(set(threading.enumerate()) - before) >= 2
    assert set(threading.enumerate()) == before
    for url, connection in zip(urls, idle, strict=True):
        connection.close()
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection((url.hostname or "", url.port or 0), timeout=20)
    sandbox.stop()
    with pytest.raises(RuntimeError):
        _ = sandbox.api_url


def test_a_taken_port_leaves_nothing_open(client: Client) -> None:
    taken = urlsplit(client.sandbox.api_url).port or 0
    before = set(threading.enumerate())
    with pytest.raises(OSError, match="in use"):
        Sandbox(storage_port=taken).start()
    assert set(threading.enumerate()) == before


def test_a_seed_makes_task_ids_repeatable(start: Start) -> None:
    assert start(seed=5).submit() == start(seed=5).submit() != start(seed=6).submit()


@pytest.mark.parametrize("wrong", [{"speed": 3}, {"seconds": "6"}, {"seconds": -1}, {"envelope": "xml"}])
def test_wrong_settings(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Sandbox(**wrong)
