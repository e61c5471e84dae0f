"""What is known of a submit after everything that can happen to its answer: no answer, refused, or accepted.

Each cell is one press against a server that does one thing wrong. The request may never leave twice. What can happen
before it arrives is in `test_wire_ways`.
"""

from __future__ import annotations

import gzip
import zlib

import pytest

from client.account import Account
from client.jobs.request import GenerationRequest
from client.schema import Kind
from client.service import exceptions
from client.service.api import TripoClient
from client.service.exceptions import NoAnswer
from client.timings import Timings
from support.agent_lab.presses import HEAD, HURRIED, KEY, PACKED, PAGE, Outcome, after_request, row, submit
from support.sandbox_service.raw_server import ACCEPTED, TASK_ID, Act, Peer, answer, chunked, says, serving

INTERIM = b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n"
BARE = zlib.compressobj(wbits=-15)
BARE_DEFLATE = BARE.compress(ACCEPTED) + BARE.flush()
BOMB = gzip.compress(bytes(64 * 1024 * 1024), 9)


def half_then_reset(peer: Peer) -> None:
    peer.read_some()
    peer.reset()


AFTER_THE_FIRST_BYTE = [
    row("reset while the request comes in", half_then_reset, NoAnswer),
    row("reset without an answer", after_request(Peer.reset), NoAnswer),
    row("end without an answer", after_request(), NoAnswer),
    row("silence", after_request(Peer.say_nothing), NoAnswer, timings=HURRIED),
    row("end within the status line", after_request(b"HTTP/1.1 400 Bad"), NoAnswer),
    row("end after the status line", after_request(b"HTTP/1.1 400 Bad Request\r\n"), NoAnswer),
    row("end within the headers", after_request(b"HTTP/1.1 400 Bad Request\r\nContent-Type: a\r\n"), NoAnswer),
    row("reset within the headers", after_request(HEAD, Peer.reset), NoAnswer),
    row("no HTTP at all", after_request(b"SSH-2.0-OpenSSH_9.9\r\n"), NoAnswer),
    row("headers that drip", after_request(HEAD, lambda p: p.drip(b"X-Slow: 1\r\n")), NoAnswer, timings=HURRIED),
    row("one header that drips", after_request(HEAD, lambda p: p.drip(b"x")), NoAnswer, timings=HURRIED),
    row("headers without end", after_request(HEAD, lambda p: p.flood(b"X-More: 1\r\n")), NoAnswer),
    row("one header without end", after_request(HEAD, lambda p: p.flood(b"x" * 1000)), NoAnswer),
    row("body that drips", after_request(answer(b"", length=10**6), lambda p: p.drip(b" ")), NoAnswer, timings=HURRIED),
    row(
        "refusal whose headers drip",
        after_request(b"HTTP/1.1 429 Slow Down\r\n", lambda p: p.drip(b"X: 1\r\n")),
        NoAnswer,
        timings=HURRIED,
    ),
    row(
        "chunk size that drips",
        after_request(answer(b"", "200 OK", "Transfer-Encoding: chunked", length=None), lambda p: p.drip(b"0")),
        NoAnswer,
        timings=HURRIED,
    ),
    row("body without end", after_request(answer(b"", length=None), lambda p: p.flood(b" " * 1000)), NoAnswer),
    row("reset within the body", after_request(answer(b'{"tas', length=60), Peer.reset), NoAnswer),
    row("end within the body", after_request(answer(b'{"task_id": "5f0c7d1e-93', length=60)), NoAnswer),
    row("end within a chunk", after_request(chunked(ACCEPTED[:20])[:-8]), NoAnswer),
    row("end after the task id", after_request(answer(ACCEPTED[:60], length=90)), None),
    row("interim 100, then the answer", after_request(b"HTTP/1.1 100 Continue\r\n\r\n", answer()), None),
    row("interim 102, then the answer", after_request(b"HTTP/1.1 102 Processing\r\n\r\n" * 3, answer()), None),
    row("interim 103, then the answer", after_request(INTERIM * 2, answer()), None),
    row(
        "interim 100 and 103, then a refusal",
        after_request(INTERIM, answer(b"{}", "400 No")),
        exceptions.RequestRefused,
    ),
    row("interim answers without end", after_request(lambda p: p.flood(INTERIM)), NoAnswer),
    row("interim answers that drip", after_request(lambda p: p.drip(INTERIM)), NoAnswer, timings=HURRIED),
    row("interim answer and the end", after_request(INTERIM), NoAnswer),
    row("switching protocols", after_request(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n"), NoAnswer),
    row("refusal whose body breaks off", after_request(answer(b"{", "422 No", length=50)), exceptions.RequestRefused),
]

ENCODINGS = [
    row("identity", says(answer()), None),
    row("identity, declared", says(answer(ACCEPTED, "200 OK", "Content-Encoding: identity")), None),
    row("gzip", says(answer(PACKED, "200 OK", "Content-Encoding: gzip")), None),
    row("x-gzip in capitals", says(answer(PACKED, "200 OK", "content-encoding: X-GZIP")), None),
    row("gzip in two members", says(answer(PACKED + gzip.compress(b" "), "200 OK", "Content-Encoding: gzip")), None),
    row("gzip with padding", says(answer(PACKED + bytes(9), "200 OK", "Content-Encoding: gzip")), None),
    row("deflate of zlib", says(answer(zlib.compress(ACCEPTED), "200 OK", "Content-Encoding: deflate")), None),
    row("bare deflate", says(answer(BARE_DEFLATE, "200 OK", "Content-Encoding: deflate")), None),
    row("chunked", says(chunked(ACCEPTED)), None),
    row("chunked byte by byte", says(chunked(ACCEPTED, size=1)), None),
    row("gzip, chunked", says(chunked(PACKED, "200 OK", "Content-Encoding: gzip")), None),
    row("gzip until the end", says(answer(PACKED, "200 OK", "Content-Encoding: gzip", length=None)), None),
    row("gzip, declared only", says(answer(ACCEPTED, "200 OK", "Content-Encoding: gzip")), None),
    row("gzip cut", says(answer(PACKED[:-30], "200 OK", "Content-Encoding: gzip")), NoAnswer),
    row("gzip damaged", says(answer(PACKED[:12] + bytes(40), "200 OK", "Content-Encoding: gzip")), NoAnswer),
    row("gzip bomb", says(answer(BOMB, "200 OK", "Content-Encoding: gzip")), NoAnswer, "far too large"),
    row("unknown encoding", says(answer(b"\x28\xb5\x2f\xfd", "200 OK", "Content-Encoding: zstd")), NoAnswer),
    row(
        "refusal in gzip",
        says(answer(gzip.compress(b"{}"), "400 No", "Content-Encoding: gzip")),
        exceptions.RequestRefused,
    ),
    row("UTF-8 with a mark", says(answer(b"\xef\xbb\xbf" + ACCEPTED)), None),
    row("UTF-16 with a mark", says(answer(ACCEPTED.decode().encode("utf-16"))), None),
    row("UTF-16 without one", says(answer(ACCEPTED.decode().encode("utf-16-be"))), None),
    row("lower-case headers", says(answer().replace(b"Content-Length", b"content-length")), None),
    row("until the end of the connection", says(answer(length=None)), None),
]


@pytest.mark.parametrize(("act", "expected", "said", "timings"), AFTER_THE_FIRST_BYTE + ENCODINGS)
def test_an_answer_on_a_plain_connection(act: Act, expected: Outcome, said: str, timings: Timings) -> None:
    with serving(act) as server:
        outcome, sentence = submit(f"http://127.0.0.1:{server.port}", timings)
    assert (outcome, server.posts) == (expected, 0 if act is half_then_reset else 1)
    assert said in sentence
    assert len(server.connections) == 1


REFUSED = {
    400: exceptions.RequestRefused,
    402: exceptions.NotEnoughCredits,
    405: exceptions.RequestRefused,
    413: exceptions.RequestRefused,
    415: exceptions.RequestRefused,
    422: exceptions.RequestRefused,
    429: exceptions.RateLimited,
}
UNCLEAR = [
    *(101, 199, 200, 201, 202, 203, 204, 205, 206, 208, 226, 299),
    *(300, 301, 302, 303, 304, 305, 307, 308, 310),
    *(406, 407, 408, 409, 410, 411, 412, 414, 416, 417, 418, 421, 423, 424, 425, 426, 428, 431, 451, 460, 499),
    *(500, 501, 502, 503, 504, 505, 507, 508, 511, 520, 521, 522, 523, 524, 525, 530, 599, 600, 777, 999),
]


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 405, 413, 415, 422, 429])
def test_a_status_of_the_closed_list_says_not_accepted(status: int) -> None:
    with serving(says(answer(b'{"detail": "no"}', f"{status} Said"))) as server:
        outcome, _sentence = submit(f"http://127.0.0.1:{server.port}")
    assert outcome is not None and issubclass(outcome, REFUSED.get(status, exceptions.ServiceError))
    assert server.posts == 1


@pytest.mark.parametrize("status", [301, 302, 307, 308])
@pytest.mark.parametrize("location", ["https://login.example/", "http://[x"])
def test_a_redirect_to_elsewhere_says_not_accepted(status: int, location: str) -> None:
    with serving(says(answer(b"", f"{status} Moved", f"Location: {location}"))) as server:
        outcome, _sentence = submit(f"http://127.0.0.1:{server.port}")
    assert (outcome, server.posts) == (exceptions.RequestRefused, 1)


@pytest.mark.parametrize("status", UNCLEAR)
@pytest.mark.parametrize(
    "body", [b"", b'{"detail": "no"}', b"<html><body>502</body></html>"], ids=["-", "json", "html"]
)
def test_every_other_status_leaves_a_submit_unclear(status: int, body: bytes) -> None:
    with serving(says(answer(body, f"{status} Said"))) as server:
        outcome, sentence = submit(f"http://127.0.0.1:{server.port}")
    assert (outcome, server.posts) == (NoAnswer, 1)
    assert "<" not in sentence


def test_a_303_and_a_redirect_to_itself_leave_a_submit_unclear() -> None:
    itself = "Location: /v1/3d-models/tripo/text-to-3d/3.1/"
    for status, location in [(303, "Location: https://login.example/"), (307, itself), (307, "Location: ")]:
        with serving(says(answer(b"", f"{status} See", location))) as server:
            path = f"http://127.0.0.1:{server.port}"
            outcome, _sentence = submit(path)
            asked = server.requests[0].split(b" ")[1].decode()
        if location == itself and not itself.endswith(asked):
            continue  # the model version has another path now
        assert (outcome, server.posts) == (NoAnswer, 1)


@pytest.mark.parametrize("status", [200, 201, 202, 207, 302, 400, 404, 409, 422, 429, 500, 502, 504, 524, 600])
def test_a_task_id_wins_over_any_status(status: int) -> None:
    with serving(says(answer(b'{"data": {"taskId": "%s"}}' % TASK_ID.encode(), f"{status} Said"))) as server:
        outcome, _sentence = submit(f"http://127.0.0.1:{server.port}")
    assert (outcome, server.posts) == (None, 1)


def test_what_could_not_be_read_is_kept_in_the_log_without_the_key(caplog: pytest.LogCaptureFixture) -> None:
    said = f'{{"detail": "task made for {KEY}, see https://x.example/t?sig=abc"}} ' + "x" * 10_000
    with serving(says(answer(said.encode(), "500 Oops"))) as server:
        submit(f"http://127.0.0.1:{server.port}")
    kept = [record.getMessage() for record in caplog.records if "status 500" in record.getMessage()]
    assert len(kept) == 1 and "task made for [key]" in kept[0]
    assert KEY not in kept[0] and "sig=" not in kept[0] and len(kept[0]) < 3000


def test_a_large_request_on_a_slow_line_takes_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Longer in all than any silence that is allowed: an image of 20 MB behind a small office's line."""
    slow = Timings(connect=0.3, opening=60.0, answer=30.0, whole_answer=60.0)
    large = GenerationRequest(Kind.TEXT, parameters={"prompt": "x" * (24 << 20)})
    monkeypatch.setattr("client.service.api.validate", lambda _request: None)

    def act(peer: Peer) -> None:
        # Nothing is taken until longer after the connection than a connection may take to come about.
        peer.stopping.wait(0.6)
        says(answer())(peer)

    with serving(act) as server:
        task_id = TripoClient(Account(f"http://127.0.0.1:{server.port}", KEY), timings=slow).submit(large)
    assert (task_id, server.posts) == (TASK_ID, 1)


def test_a_refusal_before_the_request_is_read_is_heard() -> None:
    """nginx answers 413 at once and closes."""

    def act(peer: Peer) -> None:
        peer.read_some()
        peer.send(answer(PAGE, "413 Too Large", "Connection: close"))

    with serving(act) as server:
        outcome, _sentence = submit(f"http://127.0.0.1:{server.port}")
    assert (outcome, server.posts) == (exceptions.RequestRefused, 0)


def test_what_can_be_decoded_is_what_is_offered() -> None:
    with serving(says(answer())) as server:
        submit(f"http://127.0.0.1:{server.port}")
    offered = [line for line in server.requests[0].split(b"\r\n") if line.lower().startswith(b"accept-encoding")]
    assert offered == [b"Accept-Encoding: gzip, deflate"]
