"""The sandbox's storage from outside: signatures, expiry, ranges."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from support.sandbox_service.loopback import KEY, Client

Start = Callable[..., Client]


def test_a_key_is_refused_and_noted_by_the_storage(client: Client) -> None:
    asset = client.finished()
    assert client.get(asset, headers={"Authorization": KEY}).status == 400
    state = client.sandbox.state
    assert state["key_leaks"] == 1
    assert state["requests"][-1]["authorization"] is True
    assert "sandbox-key" not in json.dumps(state)


def test_signatures(client: Client) -> None:
    asset = client.finished()
    other = client.finished()
    assert client.get(asset.split("?")[0]).status == 403
    assert client.get(asset[:-1] + ("0" if asset[-1] != "0" else "1")).status == 403
    assert client.get(asset.split("?")[0] + "?" + other.split("?")[1]).status == 403
    assert client.get(asset.replace("Expires=", "Expires=9")).status == 403
    assert client.get(client.sandbox.storage_url + "/assets/../../etc/passwd").status == 404
    assert client.send("POST", asset, b"x").status == 405


def test_urls_expire_and_a_status_call_gives_a_fresh_one(client: Client) -> None:
    task_id = client.submit()
    client.sandbox.finish()
    old = client.status(task_id)["results"][0]["asset"]
    client.sandbox.advance(3600)
    assert client.get(old).status == 403
    assert client.get(client.status(task_id)["results"][0]["asset"]).status == 200


def test_results_are_gone_after_a_day(client: Client) -> None:
    task_id = client.submit()
    client.sandbox.finish()
    client.sandbox.advance(24 * 3600 - 60)
    asset = client.status(task_id)["results"][0]["asset"]
    assert client.get(asset).status == 200
    client.sandbox.advance(60)
    assert client.get(asset).status == 410
    status = client.status(task_id)
    assert status["results"] == []
    assert "24 hours" in status["failure_reason"]


def test_an_unfinished_asset_is_not_there(client: Client) -> None:
    task_id = client.submit()
    assert client.get(f"{client.sandbox.storage_url}/assets/{task_id}/model.glb").status == 404


def test_ranges(client: Client) -> None:
    asset = client.finished()
    whole = client.get(asset)
    size = len(whole.body)
    assert int(whole.headers["content-length"]) == size
    assert whole.headers["accept-ranges"] == "bytes"
    assert whole.headers["etag"].startswith('"')

    def part(wanted: str, **headers: str) -> Any:
        return client.get(asset, headers={"Range": wanted, **headers})

    for wanted, start, end in (
        ("bytes=0-99", 0, 99),
        ("bytes=100-", 100, size - 1),
        ("bytes=-50", size - 50, size - 1),
        (f"bytes=-{size * 2}", 0, size - 1),
        (f"bytes={size - 1}-{size * 9}", size - 1, size - 1),
    ):
        answer = part(wanted)
        assert answer.status == 206
        assert answer.headers["content-range"] == f"bytes {start}-{end}/{size}"
        assert answer.headers["etag"] == whole.headers["etag"]
        assert answer.body == whole.body[start : end + 1]
        assert int(answer.headers["content-length"]) == end - start + 1
    for wanted in (f"bytes={size}-", "bytes=-0"):
        answer = part(wanted)
        assert (answer.status, answer.headers["content-range"]) == (416, f"bytes */{size}")
    for wanted in ("bytes=5-2", "bytes=a-b", "bytes=-", "lines=0-1", "bytes=0-1,4-5"):
        assert part(wanted).body == whole.body
    assert part("bytes=9-", **{"If-Range": whole.headers["etag"]}).status == 206
    assert part("bytes=9-", **{"If-Range": whole.headers["last-modified"]}).status == 206
    assert part("bytes=9-", **{"If-Range": '"other"'}).status == 200
    assert part("bytes=9-", **{"If-Range": "W/" + whole.headers["etag"]}).status == 200
    head = client.send("HEAD", asset)
    assert (head.status, head.body, head.headers["content-length"]) == (200, b"", str(size))


# Connections
