"""What is known of a submit after everything that can happen on its way: not sent, no answer, refused, or accepted.

Each cell is one press against a server, and perhaps a proxy, that does one thing wrong. NotSent may only be said when
no byte of the request left; the request may never leave twice.
"""

from __future__ import annotations

import datetime
import gzip
import ssl
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import trustme

from client import errors, failures
from client.api import TripoClient
from client.failures import NoAnswer, NotSent
from client.pace import Pace
from client.request import GenerationRequest
from client.schema import Kind
from client.settings import Account
from support.raw_server import ACCEPTED, TASK_ID, Act, Peer, answer, chunked, says, serving

KEY = "wire-test-key-0123456789"
REQUEST = GenerationRequest(Kind.TEXT, parameters={"prompt": "a sword"})
PATIENT = Pace(connect=30.0, opening=60.0, answer=60.0, whole_answer=60.0)
HOST = "api.example.test"

Outcome = type[errors.TripoError] | None
"""The error a submit ends with; None when it was accepted."""


@dataclass
class Company:
    """Certificates of a company that this machine trusts, and of one that it does not."""

    trusted: trustme.CA = field(default_factory=trustme.CA)
    other: trustme.CA = field(default_factory=trustme.CA)

    def context(self, authority: trustme.CA | None = None, host: str = "localhost", **options: Any) -> ssl.SSLContext:
        """What a server needs."""
        made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        (authority or self.trusted).issue_cert(host, **options).configure_cert(made)
        return made


@pytest.fixture(scope="module")
def company() -> Company:
    return Company()


@pytest.fixture
def trusted(company: Company, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Company]:
    """The machine trusts the company, on a system of any kind."""
    store = tmp_path / "system.pem"
    company.trusted.cert_pem.write_to_path(str(store))
    monkeypatch.setenv("SSL_CERT_FILE", str(store))
    for name in ("NO_PROXY", "no_proxy", "HTTP_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.delenv(name, raising=False)
    yield company


def submit(url: str, pace: Pace = PATIENT) -> tuple[Outcome, str]:
    """Press once; returns what came of it and its sentence."""
    try:
        submitted = TripoClient(Account(url, KEY), pace=pace).submit(REQUEST)
    except errors.TripoError as error:
        assert KEY not in error.user_message
        return type(error), error.user_message
    assert submitted.task_id == TASK_ID
    return None, ""


def row(name: str, act: Act, expected: Outcome, said: str = "", pace: Pace = PATIENT) -> Any:
    return pytest.param(act, expected, said, pace, id=name)


def after_request(*steps: Any) -> Act:
    """Read the request, then send bytes or do something with the peer."""

    def act(peer: Peer) -> None:
        peer.read_request()
        for step in steps:
            if isinstance(step, bytes):
                peer.send(step)
            else:
                step(peer)

    return act


HURRIED = Pace(connect=30.0, opening=60.0, answer=30.0, whole_answer=0.5)
"""For answers that never end: the limit is reached however slow the machine is."""
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
INTERIM = b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n"
PACKED = gzip.compress(ACCEPTED)
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
    row("silence", after_request(Peer.say_nothing), NoAnswer, pace=HURRIED),
    row("end within the status line", after_request(b"HTTP/1.1 400 Bad"), NoAnswer),
    row("end after the status line", after_request(b"HTTP/1.1 400 Bad Request\r\n"), NoAnswer),
    row("end within the headers", after_request(b"HTTP/1.1 400 Bad Request\r\nContent-Type: a\r\n"), NoAnswer),
    row("reset within the headers", after_request(HEAD, Peer.reset), NoAnswer),
    row("no HTTP at all", after_request(b"SSH-2.0-OpenSSH_9.9\r\n"), NoAnswer),
    row("headers that drip", after_request(HEAD, lambda p: p.drip(b"X-Slow: 1\r\n")), NoAnswer, pace=HURRIED),
    row("one header that drips", after_request(HEAD, lambda p: p.drip(b"x")), NoAnswer, pace=HURRIED),
    row("headers without end", after_request(HEAD, lambda p: p.flood(b"X-More: 1\r\n")), NoAnswer),
    row("one header without end", after_request(HEAD, lambda p: p.flood(b"x" * 1000)), NoAnswer),
    row("body that drips", after_request(answer(b"", length=10**6), lambda p: p.drip(b" ")), NoAnswer, pace=HURRIED),
    row(
        "refusal whose headers drip",
        after_request(b"HTTP/1.1 429 Slow Down\r\n", lambda p: p.drip(b"X: 1\r\n")),
        NoAnswer,
        pace=HURRIED,
    ),
    row(
        "chunk size that drips",
        after_request(answer(b"", "200 OK", "Transfer-Encoding: chunked", length=None), lambda p: p.drip(b"0")),
        NoAnswer,
        pace=HURRIED,
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
        "interim 100 and 103, then a refusal", after_request(INTERIM, answer(b"{}", "400 No")), failures.RequestRefused
    ),
    row("interim answers without end", after_request(lambda p: p.flood(INTERIM)), NoAnswer),
    row("interim answers that drip", after_request(lambda p: p.drip(INTERIM)), NoAnswer, pace=HURRIED),
    row("interim answer and the end", after_request(INTERIM), NoAnswer),
    row("switching protocols", after_request(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n"), NoAnswer),
    row("refusal whose body breaks off", after_request(answer(b"{", "422 No", length=50)), failures.RequestRefused),
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
        failures.RequestRefused,
    ),
    row("UTF-8 with a mark", says(answer(b"\xef\xbb\xbf" + ACCEPTED)), None),
    row("UTF-16 with a mark", says(answer(ACCEPTED.decode().encode("utf-16"))), None),
    row("UTF-16 without one", says(answer(ACCEPTED.decode().encode("utf-16-be"))), None),
    row("lower-case headers", says(answer().replace(b"Content-Length", b"content-length")), None),
    row("until the end of the connection", says(answer(length=None)), None),
]


@pytest.mark.parametrize(("act", "expected", "said", "pace"), AFTER_THE_FIRST_BYTE + ENCODINGS)
def test_an_answer_on_a_plain_connection(act: Act, expected: Outcome, said: str, pace: Pace) -> None:
    with serving(act) as server:
        outcome, sentence = submit(f"http://127.0.0.1:{server.port}", pace)
    assert (outcome, server.posts) == (expected, 0 if act is half_then_reset else 1)
    assert said in sentence
    assert len(server.connections) == 1


REFUSED = {
    400: failures.RequestRefused,
    402: failures.NotEnoughCredits,
    405: failures.RequestRefused,
    413: failures.RequestRefused,
    415: failures.RequestRefused,
    422: failures.RequestRefused,
    429: failures.RateLimited,
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
    assert outcome is not None and issubclass(outcome, REFUSED.get(status, failures.ServiceError))
    assert server.posts == 1


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_to_elsewhere_says_not_accepted(status: int) -> None:
    with serving(says(answer(b"", f"{status} Moved", "Location: https://login.example/"))) as server:
        outcome, _sentence = submit(f"http://127.0.0.1:{server.port}")
    assert (outcome, server.posts) == (failures.RequestRefused, 1)


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


OPENING = Pace(connect=30.0, opening=0.5, answer=60.0, whole_answer=60.0)
"""For connections that never come about."""
ALERT = b"\x15\x03\x03\x00\x02\x02\x28"  # fatal, handshake_failure
SERVER_HELLO_BEGINS = b"\x16\x03\x03\x40\x00" + b"\x02\x00\x3f\xfc\x03\x03"


def greeted(*steps: Any) -> Act:
    """Read the first bytes of a handshake, then send bytes or do something."""

    def act(peer: Peer) -> None:
        peer.read_some()
        for step in steps:
            if isinstance(step, bytes):
                peer.send(step)
            else:
                step(peer)

    return act


HANDSHAKES = [
    row("alert", greeted(ALERT), NotSent, "secure connection"),
    row("plain HTTP on the port", greeted(b"HTTP/1.1 400 Bad Request\r\n\r\n"), NotSent, "secure connection"),
    row("reset within the handshake", greeted(Peer.reset), NotSent),
    row("end within the handshake", greeted(), NotSent),
    row("end at once", lambda peer: None, NotSent),
    row("handshake that drips", greeted(SERVER_HELLO_BEGINS, lambda p: p.drip(b"\0")), NotSent, pace=OPENING),
    row("silent handshake", greeted(Peer.say_nothing), NotSent, pace=OPENING),
]


@pytest.mark.parametrize(("act", "expected", "said", "pace"), HANDSHAKES)
def test_a_handshake_that_fails(trusted: Company, act: Act, expected: Outcome, said: str, pace: Pace) -> None:
    with serving(act) as server:
        outcome, sentence = submit(f"https://localhost:{server.port}", pace)
    assert (outcome, server.posts) == (expected, 0)
    assert said in sentence
    assert len(server.connections) == 1


YEARS_AGO = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
CERTIFICATES: list[Any] = [
    pytest.param({"of": "other"}, id="of an unknown authority"),
    pytest.param({"not_before": YEARS_AGO, "not_after": YEARS_AGO + datetime.timedelta(90)}, id="expired"),
    pytest.param({"host": "elsewhere.example"}, id="of another name"),
]


@pytest.mark.parametrize("options", CERTIFICATES)
def test_a_certificate_that_is_not_trusted(trusted: Company, options: dict[str, Any]) -> None:
    wanted = dict(options)
    authority = trusted.other if wanted.pop("of", "") else trusted.trusted
    context = trusted.context(authority, **wanted)

    def act(peer: Peer) -> None:
        peer.start_tls(context)
        says(answer())(peer)

    with serving(act) as server:
        outcome, sentence = submit(f"https://localhost:{server.port}")
    assert (outcome, server.posts) == (NotSent, 0)
    assert "certificate is not trusted" in sentence


OVER_TLS = [
    row("answer", says(answer()), None),
    row("answer in gzip", says(answer(PACKED, "200 OK", "Content-Encoding: gzip")), None),
    row("reset without an answer", after_request(Peer.reset), NoAnswer),
    row("end without an answer", after_request(), NoAnswer),
    row("silence", after_request(Peer.say_nothing), NoAnswer, pace=HURRIED),
    row("headers that drip", after_request(HEAD, lambda p: p.drip(b"X-Slow: 1\r\n")), NoAnswer, pace=HURRIED),
    row("reset within the body", after_request(answer(b'{"tas', length=60), Peer.reset), NoAnswer),
    row("refusal", says(answer(b"{}", "402 Pay")), failures.NotEnoughCredits),
]


@pytest.mark.parametrize(("act", "expected", "said", "pace"), OVER_TLS)
def test_an_answer_over_tls(trusted: Company, act: Act, expected: Outcome, said: str, pace: Pace) -> None:
    context = trusted.context()

    def secure(peer: Peer) -> None:
        peer.start_tls(context)
        act(peer)

    with serving(secure) as server:
        outcome, sentence = submit(f"https://localhost:{server.port}", pace)
    assert (outcome, server.posts) == (expected, 1)
    assert said in sentence


PAGE = b"<html><body>Please log in</body></html>"
TUNNEL = b"HTTP/1.1 200 Connection established\r\n\r\n"

AT_THE_PROXY = [
    row("403", says(answer(PAGE, "403 Forbidden")), NotSent, "proxy refuses"),
    row("407", says(answer(PAGE, "407 Login", "Proxy-Authenticate: Basic")), NotSent, "proxy asks for a login"),
    row("502", says(answer(PAGE, "502 Bad Gateway")), NotSent, "proxy refuses"),
    row("511 of a portal", says(answer(PAGE, "511 Network Authentication Required")), NotSent, "proxy refuses"),
    row("redirect of a portal", says(answer(PAGE, "302 Go", "Location: http://login.example/")), NotSent, "proxy"),
    row("page of a portal", says(answer(PAGE, kind="text/html")), NotSent),
    row("no HTTP", after_request(b"SSH-2.0-OpenSSH_9.9\r\n"), NotSent),
    row("end before a reply", after_request(), NotSent),
    row("reset before a reply", after_request(Peer.reset), NotSent),
    row("end at once", lambda peer: None, NotSent),
    row("silence", after_request(Peer.say_nothing), NotSent, pace=OPENING),
    row("reply that drips", after_request(lambda p: p.drip(b"x")), NotSent, pace=OPENING),
    row("headers that drip", after_request(HEAD, lambda p: p.drip(b"X: 1\r\n")), NotSent, pace=OPENING),
    row("headers without end", after_request(HEAD, lambda p: p.flood(b"X: 1\r\n")), NotSent, pace=OPENING),
    row("end after the reply", after_request(TUNNEL), NotSent),
    row("reset after the reply", after_request(TUNNEL, Peer.reset), NotSent),
    row("silent tunnel, then the end", after_request(TUNNEL, Peer.read_some), NotSent),
    row("silent tunnel, then a reset", after_request(TUNNEL, Peer.read_some, Peer.reset), NotSent),
    row("silent tunnel", after_request(TUNNEL, Peer.say_nothing), NotSent, pace=OPENING),
    row("tunnel to plain HTTP", after_request(TUNNEL, Peer.read_some, answer(PAGE, "400 Bad")), NotSent),
    row("tunnel with an alert", after_request(TUNNEL, Peer.read_some, ALERT), NotSent, "secure connection"),
]


@pytest.mark.parametrize(("act", "expected", "said", "pace"), AT_THE_PROXY)
def test_a_proxy_that_opens_no_tunnel(
    trusted: Company, monkeypatch: pytest.MonkeyPatch, act: Act, expected: Outcome, said: str, pace: Pace
) -> None:
    with serving(act) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.port}")
        outcome, sentence = submit(f"https://{HOST}", pace)
    assert (outcome, proxy.posts) == (expected, 0)
    assert said in sentence
    assert len(proxy.connections) == 1


IN_THE_TUNNEL = [
    row("answer", says(answer()), None),
    row("reset without an answer", after_request(Peer.reset), NoAnswer),
    row("end without an answer", after_request(), NoAnswer),
    row("silence", after_request(Peer.say_nothing), NoAnswer, pace=HURRIED),
    row("silence, then the end", after_request(b"HTTP/1.1 200 OK\r\n"), NoAnswer),
    row("headers that drip", after_request(HEAD, lambda p: p.drip(b"X: 1\r\n")), NoAnswer, pace=HURRIED),
    row("error of the proxy", says(answer(PAGE, "502 Bad Gateway")), NoAnswer),
    row("login of the proxy", says(answer(PAGE, "407 Login")), NoAnswer),
    row("page of a portal", says(answer(PAGE, kind="text/html")), NoAnswer),
    row("refusal", says(answer(b"{}", "400 No")), failures.RequestRefused),
]


@pytest.mark.parametrize(("act", "expected", "said", "pace"), IN_THE_TUNNEL)
def test_a_request_through_a_tunnel(
    trusted: Company, monkeypatch: pytest.MonkeyPatch, act: Act, expected: Outcome, said: str, pace: Pace
) -> None:
    context = trusted.context(host=HOST)

    def tunnel(peer: Peer) -> None:
        peer.read_request()
        peer.send(TUNNEL)
        peer.start_tls(context)
        act(peer)

    with serving(tunnel) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.port}")
        outcome, sentence = submit(f"https://{HOST}", pace)
    assert (outcome, proxy.posts) == (expected, 1)
    assert said in sentence
    assert [head.split(b" ")[0] for head in proxy.requests] == [b"CONNECT", b"POST"]
    assert KEY.encode() not in proxy.requests[0]


def test_a_proxy_with_an_unknown_certificate_within_the_tunnel(
    trusted: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = trusted.context(trusted.other, host=HOST)

    def tunnel(peer: Peer) -> None:
        peer.read_request()
        peer.send(TUNNEL)
        peer.start_tls(context)
        says(answer())(peer)

    with serving(tunnel) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.port}")
        outcome, sentence = submit(f"https://{HOST}")
    assert (outcome, proxy.posts) == (NotSent, 0)
    assert "certificate is not trusted" in sentence


PROXIES = {
    "http://127.0.0.1:9": "proxy",
    "http://proxy.does-not-exist.invalid:3128": "proxy",
    "socks5://127.0.0.1:9": "proxy",
    "https://127.0.0.1:9": "proxy",
    "http://": "proxy",
}


@pytest.mark.parametrize("proxy", PROXIES)
def test_a_proxy_that_is_not_there(trusted: Company, monkeypatch: pytest.MonkeyPatch, proxy: str) -> None:
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    outcome, sentence = submit(f"https://{HOST}")
    assert outcome is NotSent
    assert PROXIES[proxy] in sentence


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:9", "https://localhost:9", "https://api.does-not-exist.invalid", "https://[::1]:9"]
)
def test_a_service_that_is_not_there(trusted: Company, monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.delenv("HTTPS_PROXY", raising=False)
    outcome, sentence = submit(url)
    assert outcome is NotSent
    assert "cannot be reached: check the internet connection" in sentence


def test_a_large_request_on_a_slow_line_takes_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Longer in all than any silence that is allowed: a picture of 20 MB behind a small office's line."""
    slow = Pace(connect=0.3, opening=60.0, answer=30.0, whole_answer=60.0)
    large = GenerationRequest(Kind.TEXT, parameters={"prompt": "x" * (24 << 20)})
    monkeypatch.setattr("client.api.validate", lambda _request: None)

    def act(peer: Peer) -> None:
        # Nothing is taken until longer after the connection than a connection may take to come about.
        peer.stopping.wait(0.6)
        says(answer())(peer)

    with serving(act) as server:
        submitted = TripoClient(Account(f"http://127.0.0.1:{server.port}", KEY), pace=slow).submit(large)
    assert (submitted.task_id, server.posts) == (TASK_ID, 1)


def test_a_refusal_before_the_request_is_read_is_heard() -> None:
    """nginx answers 413 at once and closes."""

    def act(peer: Peer) -> None:
        peer.read_some()
        peer.send(answer(PAGE, "413 Too Large", "Connection: close"))

    with serving(act) as server:
        outcome, _sentence = submit(f"http://127.0.0.1:{server.port}")
    assert (outcome, server.posts) == (failures.RequestRefused, 0)


def test_what_can_be_decoded_is_what_is_offered() -> None:
    with serving(says(answer())) as server:
        submit(f"http://127.0.0.1:{server.port}")
    offered = [line for line in server.requests[0].split(b"\r\n") if line.lower().startswith(b"accept-encoding")]
    assert offered == [b"Accept-Encoding: gzip, deflate"]
