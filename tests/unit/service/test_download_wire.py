"""Downloads from storages and networks as they are: packed, dripping, broken off, led astray."""

from __future__ import annotations

import gzip
import random
import zlib
from pathlib import Path
from typing import Any

import pytest

from client import errors
from client.service import exceptions
from client.service.download import download
from client.timings import Timings
from support.sandbox_service.raw_server import Act, Peer, answer, chunked, says, serving

MODEL = b"glTF" + random.Random(7).randbytes(300_000)
PACKED = gzip.compress(MODEL)
PATIENT = Timings(connect=30.0, opening=60.0, silence=60.0)
HURRIED = Timings(connect=30.0, opening=60.0, silence=0.5, slow_window=0.5, slow_bytes=1)
TAG = 'ETag: "one"'
GZIP = "Content-Encoding: gzip"
PAGE = b"<html><body>Please log in</body></html>"


def fetch(port: int, folder: Path, timings: Timings = PATIENT, **options: Any) -> bytes:
    """Download once; returns the file."""
    target = folder / "model"
    download(f"http://127.0.0.1:{port}/model.glb?Signature=secret", folder / "part", target, timings=timings, **options)
    return target.read_bytes()


WHOLE: dict[str, bytes] = {
    "as it is": answer(MODEL),
    "in chunks": chunked(MODEL, size=50_000),
    "until the end": answer(MODEL, length=None),
    "gzip": answer(PACKED, "200 OK", GZIP),
    "gzip in chunks": chunked(PACKED, "200 OK", GZIP, size=50_000),
    "gzip until the end": answer(PACKED, "200 OK", GZIP, length=None),
    "deflate": answer(zlib.compress(MODEL), "200 OK", "Content-Encoding: deflate"),
    "aws-chunked, declared only": answer(MODEL, "200 OK", "Content-Encoding: aws-chunked"),
    "gzip, declared only": answer(MODEL, "200 OK", GZIP),
    "after interim answers": b"HTTP/1.1 103 Early Hints\r\n\r\n" + answer(MODEL),
}


@pytest.mark.parametrize("data", WHOLE.values(), ids=WHOLE)
def test_a_model_comes_whole_however_it_is_sent(tmp_path: Path, data: bytes) -> None:
    with serving(says(data)) as server:
        assert fetch(server.port, tmp_path) == MODEL
    assert len(server.requests) == 1


def then(*steps: Any) -> Act:
    def act(peer: Peer) -> None:
        peer.read_request()
        for step in steps:
            if isinstance(step, bytes):
                peer.send(step)
            else:
                step(peer)

    return act


HEAD = b"HTTP/1.1 200 OK\r\n"
BROKEN: list[Any] = [
    pytest.param(says(answer(MODEL[:-5], length=len(MODEL))), PATIENT, id="shorter than declared"),
    pytest.param(says(answer(PACKED[:-5], "200 OK", GZIP, length=len(PACKED))), PATIENT, id="packed and shorter"),
    pytest.param(says(answer(PACKED[:-5], "200 OK", GZIP)), PATIENT, id="packed and cut"),
    pytest.param(says(answer(PACKED, "200 OK", GZIP, length=len(PACKED) + 9)), PATIENT, id="packed, wrong length"),
    pytest.param(says(answer(b"\x28\xb5\x2f\xfd", "200 OK", "Content-Encoding: zstd")), PATIENT, id="zstd"),
    pytest.param(says(chunked(MODEL, size=50_000)[:-9]), PATIENT, id="cut within a chunk"),
    pytest.param(says(answer(b"")), PATIENT, id="empty"),
    pytest.param(says(HEAD), PATIENT, id="cut within the headers"),
    pytest.param(then(answer(MODEL[:9], length=len(MODEL)), Peer.reset), PATIENT, id="reset"),
    pytest.param(then(HEAD, lambda p: p.drip(b"X: 1\r\n")), HURRIED, id="headers that drip"),
    pytest.param(then(HEAD, lambda p: p.flood(b"X: 1\r\n")), PATIENT, id="headers without end"),
    pytest.param(then(Peer.say_nothing), HURRIED, id="silence"),
    pytest.param(
        then(answer(b"", "200 OK", "Transfer-Encoding: chunked", length=None), lambda p: p.drip(b"0")),
        HURRIED,
        id="chunk size that drips",
    ),
    pytest.param(says(answer(b"", "302 Go", "Location: http://login.example/")), PATIENT, id="led to an http page"),
    pytest.param(says(answer(b"", "302 Go", "Location: ftp://127.0.0.1/x")), PATIENT, id="led to ftp"),
    pytest.param(says(answer(b"", "302 Go", "Location: http://[x")), PATIENT, id="led to no address"),
    pytest.param(says(answer(b"", "307 Go", "Location: /again")), PATIENT, id="led in circles"),
]


@pytest.mark.parametrize(("act", "timings"), BROKEN)
def test_what_breaks_off_or_leads_astray_is_tried_again(tmp_path: Path, act: Act, timings: Timings) -> None:
    with serving(act) as server, pytest.raises(errors.TripoError) as caught:
        fetch(server.port, tmp_path, timings)
    assert isinstance(caught.value, exceptions.DownloadFailed)
    assert not (tmp_path / "model").exists()
    assert "secret" not in str(caught.value)


def test_a_login_page_behind_a_redirect_is_no_model(tmp_path: Path) -> None:
    def act(peer: Peer) -> None:
        if b"/model.glb" in peer.read_request():
            peer.send(answer(b"", "302 Go", "Location: /login"))
        else:
            peer.send(answer(PAGE, kind="text/html; charset=utf-8"))

    with serving(act) as server, pytest.raises(exceptions.DownloadFailed, match="log in there"):
        fetch(server.port, tmp_path)
    assert not (tmp_path / "part").exists()


def test_the_body_of_a_redirect_is_not_read(tmp_path: Path) -> None:
    """It may be of any size."""

    def act(peer: Peer) -> None:
        if b"/model.glb" in peer.read_request():
            peer.send(answer(b"", "302 Go", "Location: /there", length=10**12))
            peer.say_nothing()
        else:
            peer.send(answer(MODEL))

    with serving(act) as server:
        assert fetch(server.port, tmp_path) == MODEL


def test_a_packed_part_is_never_continued(tmp_path: Path) -> None:
    asked: list[bytes] = []
    replies = [answer(PACKED[:200_000], "200 OK", GZIP, TAG, length=len(PACKED)), answer(MODEL, "200 OK", TAG)]

    def act(peer: Peer) -> None:
        asked.append(peer.read_request())
        peer.send(replies.pop(0))

    with serving(act) as server:
        with pytest.raises(exceptions.DownloadFailed):
            fetch(server.port, tmp_path)
        assert fetch(server.port, tmp_path) == MODEL
    assert not [head for head in asked if b"range:" in head.lower()]


def test_a_packed_range_is_not_put_behind_plain_bytes(tmp_path: Path) -> None:
    ranged = ("206 Partial Content", GZIP, TAG, f"Content-Range: bytes 100000-300003/{len(MODEL)}")
    replies = [
        answer(MODEL[:100_000], "200 OK", TAG, length=len(MODEL)),
        answer(gzip.compress(MODEL[100_000:]), *ranged),
        answer(MODEL, "200 OK", TAG),
    ]

    with serving(lambda peer: says(replies.pop(0))(peer)) as server:
        for _ in range(2):
            with pytest.raises(exceptions.DownloadFailed):
                fetch(server.port, tmp_path)
        assert fetch(server.port, tmp_path) == MODEL
    assert [b"range: bytes=100000-" in head.lower() for head in server.requests] == [False, True, False]


def test_a_bomb_ends_at_the_size_that_is_allowed(tmp_path: Path) -> None:
    bomb = gzip.compress(bytes(32 << 20), 9)
    with serving(says(answer(bomb, "200 OK", GZIP))) as server, pytest.raises(errors.ResultRefused, match="larger"):
        fetch(server.port, tmp_path, max_bytes=1 << 20)
    assert (tmp_path / "part").stat().st_size <= 2 << 20


def test_identity_is_asked_for(tmp_path: Path) -> None:
    with serving(says(answer(MODEL))) as server:
        fetch(server.port, tmp_path)
    assert b"accept-encoding: identity" in server.requests[0].lower()
