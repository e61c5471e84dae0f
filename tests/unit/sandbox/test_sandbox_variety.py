"""The sandbox as the real world: encodings, interim answers, headers, Django's errors, assets in many shapes."""

from __future__ import annotations

import io
import zipfile
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from sandbox import DEFAULT_KEY, Sandbox
from sandbox.answer_shapes import FILES, PAGES, SHAPES, VARIED, choose_manner
from support.sandbox_service.loopback import TEXT, WALLET, Client
from support.sandbox_service.raw import RawAnswer, ask

SMALL = {"prompt": "a mug", "texture": False, "pbr": False, "face_limit": 500}


@pytest.fixture(scope="module")
def full() -> Iterator[Sandbox]:
    with Sandbox(requests_per_minute=0, seconds=0, credits=10**9, variety="full") as sandbox:
        yield sandbox


def wallet(sandbox: Sandbox, accept: str) -> RawAnswer:
    return ask("GET", sandbox.api_url + WALLET, DEFAULT_KEY, accept=accept)


@pytest.mark.parametrize(("offered", "codings"), [
    ("gzip", {"gzip"}),
    ("deflate", {"deflate"}),
    ("gzip, deflate, br, zstd", {"gzip", "deflate"}),
    ("gzip;q=0.5", {"gzip"}),
    ("identity", {""}),
    ("br", {""}),
    ("", {""}),
])  # fmt: skip
def test_what_is_offered_is_used(full: Sandbox, offered: str, codings: set[str]) -> None:
    full.reset()
    answers = [wallet(full, offered) for _ in range(12)]
    assert {answer.headers.get("content-encoding", "") for answer in answers} == codings
    assert all(answer.json == {"balance": "1000000000.00"} for answer in answers)


def test_a_compressed_answer_is_really_compressed(full: Sandbox) -> None:
    full.reset()
    answer = wallet(full, "gzip")
    assert b"\x1f\x8b\x08" in answer.data
    assert b"balance" not in answer.data


def test_answers_vary_in_every_way(full: Sandbox) -> None:
    full.reset()
    answers = [wallet(full, "gzip") for _ in range(40)]
    seen: Counter[str] = Counter()
    for answer in answers:
        headers = answer.headers
        seen["chunked"] += "transfer-encoding" in headers
        seen["length"] += "content-length" in headers
        seen["103"] += 103 in answer.interim
        seen["100"] += 100 in answer.interim
        seen["102"] += 102 in answer.interim
        seen["lower"] += "vary" in answer.names
        seen["upper"] += "Vary" in answer.names
        seen["cookies"] += "set-cookie" in headers
        seen["bom"] += answer.body.startswith(b"\xef\xbb\xbf")
        seen[headers["server"]] += 1
        assert "cf-ray" in headers and "accept-encoding" in headers["vary"].lower()
    missing = {"chunked", "length", "103", "100", "102", "lower", "upper", "cookies", "bom", "cloudflare"} - set(+seen)
    assert not missing


def test_the_same_seed_gives_the_same_answers(full: Sandbox) -> None:
    def look(seed: int) -> list[str]:
        full.set(variety_seed=seed)
        full.reset()
        for _ in range(6):
            wallet(full, "gzip")
        return [entry["manner"] for entry in full.state["requests"]]

    assert look(3) == look(3) != look(4)


def test_plain_answers_are_always_the_same(full: Sandbox) -> None:
    full.set(variety="plain")
    try:
        assert len({wallet(full, "gzip").alike for _ in range(5)}) == 1
        assert choose_manner("plain", 0, 3).shape == "asset"
    finally:
        full.set(variety="full")


@pytest.mark.parametrize("number", range(30))
def test_every_task_ends_with_a_model(full: Sandbox, number: int) -> None:
    """However it is told of: a client that is patient and reads everything finds a GLB."""
    if number == 0:
        full.reset()
    task_id = ask("POST", full.api_url + TEXT, DEFAULT_KEY, SMALL).json["task_id"]
    path = f"/v1/generation-request/{task_id}/status/"
    files: list[str] = []
    looks = 0
    while not files and looks < 5:
        answer: dict[str, Any] = ask("GET", full.api_url + path, DEFAULT_KEY).json
        assert answer["status"].upper() == "FINISHED"
        told = [item.get("asset") or item.get("asset_url") for item in answer["results"]]
        files = [address for address in told if address and ".glb?" in address]
        looks += 1
    address = files[-1]
    if address.startswith("//"):
        address = "http:" + address
    elif address.startswith("/"):
        address = full.api_url + address
    first, second = ask("GET", address), ask("GET", address)
    manner = full.state["submissions"][-1]["manner"]
    assert (first.body[:4] == b"glTF") == (manner["page"] == "")
    assert second.body[:4] == b"glTF"
    assert looks == manner["late"] + 1


def test_manners_are_of_all_kinds() -> None:
    manners = [choose_manner("full", 0, number) for number in range(300)]
    assert {manner.shape for manner in manners} == set(VARIED)
    assert {manner.page for manner in manners} == {"", *PAGES}
    assert {manner.late for manner in manners} == {0, 1, 2}
    assert {manner.words for manner in manners} == {"upper", "lower", "title"}
    quick = [choose_manner("quick", 0, number) for number in range(300)]
    assert {(manner.late, manner.page) for manner in quick} == {(0, "")}


@pytest.mark.parametrize("shape", SHAPES)
def test_every_file_of_a_shape_is_there(client: Client, shape: str) -> None:
    client.sandbox.set(result_shape=shape)
    task_id = client.submit(texture=False, pbr=False, face_limit=500)
    client.sandbox.finish()
    for result in client.status(task_id)["results"]:
        address = result.get("asset") or result.get("asset_url")
        if address is None:
            continue
        address = "http:" + address if address.startswith("//") else address
        answer = client.get(address, key=None)
        assert answer.status == 200, address
        name = address.partition("?")[0].rpartition("/")[2]
        assert answer.headers["content-type"] == FILES[name]
        assert sniff_of(answer.body) == name.rpartition(".")[2]


def sniff_of(data: bytes) -> str:
    """The suffix that fits the content."""
    if data.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            assert {"model.obj", "model.mtl"} <= set(archive.namelist())
        return "zip"
    known = {b"glTF": "glb", b"\x89PNG": "png", b"Kayd": "fbx", b"made": "stl"}
    return known[data[:4]]


@pytest.mark.parametrize(("body", "words"), [
    ({"prompt": "a mug", "face_limit": 3}, "face_limit"),
    ({"prompt": "a mug", "quad": True, "generate_parts": True, "texture": False, "pbr": False}, "quad"),
    ([], "non_field_errors"),
])  # fmt: skip
def test_a_refusal_is_worded_by_field(full: Sandbox, body: Any, words: str) -> None:
    answer = ask("POST", full.api_url + TEXT, DEFAULT_KEY, body)
    assert answer.status == 400
    [(field, said)] = answer.json.items()
    assert field == words and isinstance(said[0], str)


def test_refusals_are_djangos(full: Sandbox) -> None:
    api = full.api_url
    assert "detail" in ask("GET", api + WALLET, "wrong").json
    path = "/v1/generation-request/00000000-0000-4000-8000-000000000000/status/"
    missing = ask("GET", api + path, DEFAULT_KEY)
    assert (missing.status, missing.json) == (
        404, {"detail": "No PublicAPIGenerationRequest matches the given query."},
    )  # fmt: skip
    wrong = ask("GET", api + TEXT, DEFAULT_KEY)
    assert (wrong.status, wrong.json) == (405, {"detail": 'Method "GET" not allowed.'})


def test_a_throttled_request_says_how_long(full: Sandbox) -> None:
    full.reset()
    full.set(requests_per_minute=1)
    try:
        wallet(full, "")
        answer = wallet(full, "")
    finally:
        full.set(requests_per_minute=0)
    assert answer.status == 429
    assert answer.json["detail"].startswith("Request was throttled. Expected available in ")


def test_a_key_is_refused_by_a_storage_that_varies(full: Sandbox) -> None:
    assert ask("GET", f"{full.storage_url}/assets/x", DEFAULT_KEY).status == 400
