"""A form with a model: streamed from the disk, and safe to send again until its last byte was handed over."""

from __future__ import annotations

import socket
import threading
import tracemalloc
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from client.account import Account
from client.errors import InvalidRequest
from client.jobs.images import ImageSource
from client.jobs.model_source import ModelSource
from client.jobs.request import GenerationRequest
from client.schema import Kind
from client.service import exceptions
from client.service.api import TripoClient
from client.service.multipart import PIECE_BYTES, form
from client.timings import Timings
from support.sandbox_service.raw_server import ACCEPTED, Peer, answer, serving

KEY = "multipart-key-0123456789"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(60)
LARGE = 100 * 1024 * 1024
MOST_HELD = 32 * 1024 * 1024
PACE = Timings(connect=30.0, opening=60.0, answer=60.0, whole_answer=60.0)


def request(model: Path, *images: ImageSource) -> GenerationRequest:
    return GenerationRequest(Kind.TEXTURE_MODEL, None, {"prompt": "rusty iron"}, images, ModelSource(file=str(model)))


def model_of(folder: Path, size: int) -> Path:
    path = folder / "the artist's own name – 私.glb"
    with path.open("wb") as stream:
        stream.truncate(size)
    return path


def client(port: int) -> TripoClient:
    return TripoClient(Account(f"http://127.0.0.1:{port}", KEY), timings=PACE)


@contextmanager
def sink() -> Generator[tuple[int, list[int]]]:
    """A server that reads a request through one small buffer and accepts it; yields its port and what it counted."""
    listener = socket.create_server(("127.0.0.1", 0))
    counted: list[int] = []

    def read() -> None:
        connection, _ = listener.accept()
        with connection:
            buffer = bytearray(1 << 16)
            head = bytearray()
            while b"\r\n\r\n" not in head:
                head += connection.recv(1)
            length = next(
                int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")
            )
            left = length
            while left:
                left -= connection.recv_into(buffer, min(len(buffer), left))
            counted.append(length)
            connection.sendall(answer())

    thread = threading.Thread(target=read, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1], counted
    finally:
        listener.close()
        thread.join(30)


def test_an_upload_of_100_mb_holds_less_than_32_mb(tmp_path: Path) -> None:
    wanted = request(model_of(tmp_path, LARGE))
    told: list[tuple[int, int]] = []
    with sink() as (port, counted):
        client(port)  # what is imported at first use is no part of it
        tracemalloc.start()
        try:
            client(port).submit(wanted, lambda done, whole: told.append((done, whole)))
            _now, most = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert counted and counted[0] > LARGE
    assert most < MOST_HELD
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    assert LARGE < told[-1][0] < told[-1][1] == counted[0]


def test_a_form_is_as_long_as_it_says_and_tells_no_name(tmp_path: Path) -> None:
    image = tmp_path / "ada.png"
    image.write_bytes(PNG)
    model = model_of(tmp_path, 3 * PIECE_BYTES + 5)
    with form(request(model, ImageSource("style_image", path=str(image)))) as content:
        pieces = list(content)
        assert sum(map(len, pieces)) == len(content) and max(map(len, pieces)) <= PIECE_BYTES
    text = b"".join(pieces)
    assert b"artist" not in text and b"ada" not in text
    assert b'name="model"; filename="model.glb"\r\nContent-Type: model/gltf-binary\r\n' in text
    assert b'name="style_image"; filename="style_image.png"\r\nContent-Type: image/png\r\n' in text
    assert b'name="texture"\r\n\r\ntrue\r\n' in text


def test_the_last_piece_is_asked_for_when_all_others_were_sent(tmp_path: Path) -> None:
    with form(request(model_of(tmp_path, 2 * PIECE_BYTES))) as content:
        pieces = iter(content)
        sent, piece = 0, b""
        while not content.handed_over:
            piece = next(pieces)
            sent += len(piece)
        assert piece.endswith(b"--\r\n") and len(piece) < 100 and sent == len(content)


def read_only(size: int) -> object:
    """Read a part of a request, then break the connection."""

    def act(peer: Peer) -> None:
        seen = 0
        while seen < size:
            seen += len(peer.socket.recv(65536))
        peer.reset()

    return act


def test_a_connection_that_breaks_within_a_model_is_safe_to_send_again(tmp_path: Path) -> None:
    wanted = request(model_of(tmp_path, 64 * 1024 * 1024))
    with serving(read_only(200_000)) as server, pytest.raises(exceptions.NotSent) as caught:  # type: ignore[arg-type]
        client(server.port).submit(wanted)
    assert "model" in str(caught.value) and server.posts == 0


def test_a_connection_that_breaks_after_a_model_is_uncertain(tmp_path: Path) -> None:
    def act(peer: Peer) -> None:
        peer.read_request()
        peer.reset()

    with serving(act) as server, pytest.raises(exceptions.NoAnswer):
        client(server.port).submit(request(model_of(tmp_path, 300_000)))
    assert server.posts == 1


@pytest.mark.parametrize(("status", "expected"), [
    ("413 Payload Too Large", exceptions.RequestRefused),
    ("401 Unauthorized", exceptions.KeyRefused),
    ("408 Request Timeout", exceptions.NotSent),
    ("502 Bad Gateway", exceptions.NotSent),
])  # fmt: skip
def test_an_answer_that_comes_before_the_whole_model(tmp_path: Path, status: str, expected: type[Exception]) -> None:
    wanted = request(model_of(tmp_path, 64 * 1024 * 1024))

    def act(peer: Peer) -> None:
        peer.read_some()
        peer.send(answer(b"{}", status, "Connection: close"))
        peer.socket.shutdown(socket.SHUT_WR)

    with serving(act) as server, pytest.raises(expected):
        client(server.port).submit(wanted)


def test_a_model_that_shrinks_while_it_is_sent_is_no_paid_request(tmp_path: Path) -> None:
    path = model_of(tmp_path, 64 * 1024 * 1024)

    def shrink(done: int, whole: int) -> None:
        if path.stat().st_size > PIECE_BYTES:
            with path.open("r+b") as stream:
                stream.truncate(PIECE_BYTES)

    def act(peer: Peer) -> None:
        peer.read_request()
        peer.send(answer(ACCEPTED))

    with serving(act) as server, pytest.raises(InvalidRequest) as caught:
        client(server.port).submit(request(path), shrink)
    assert "changed" in str(caught.value) and server.posts == 0


@pytest.mark.parametrize("model", [ModelSource(job_id="0123456789ab"), ModelSource(objects=("Cube",), blend="x")])
def test_a_model_that_is_not_ready_is_not_sent(model: ModelSource) -> None:
    wanted = GenerationRequest(Kind.MESH_SEGMENTATION, None, model=model)
    with serving(Peer.say_nothing) as server, pytest.raises(InvalidRequest):
        client(server.port).submit(wanted)
    assert server.connections == []
