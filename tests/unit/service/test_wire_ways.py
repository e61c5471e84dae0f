"""What is known of a submit after what can happen on its way to the service: names, proxies, tunnels, TLS.

Each cell is one press. Nothing is sent before tunnel and handshake stand; what was sent through them may have arrived.
"""

from __future__ import annotations

import datetime
import errno
import ssl
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import trustme

from client.service import exceptions
from client.service.exceptions import NoAnswer, NotSent
from client.timings import Timings
from support.agent_lab.presses import HEAD, HURRIED, KEY, PACKED, PAGE, Outcome, after_request, row, submit
from support.sandbox_service.certificates import server_context
from support.sandbox_service.raw_server import Act, Peer, answer, says, serving

HOST = "api.example.test"


@dataclass
class Company:
    """Certificates of a company that this machine trusts, and of one that it does not."""

    trusted: trustme.CA = field(default_factory=trustme.CA)
    other: trustme.CA = field(default_factory=trustme.CA)

    def context(self, authority: trustme.CA | None = None, host: str = "localhost", **options: Any) -> ssl.SSLContext:
        """What a server needs."""
        return server_context(authority or self.trusted, host, sends_root=authority is self.other, **options)


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


OPENING = Timings(connect=30.0, opening=0.5, answer=60.0, whole_answer=60.0)
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
    row("handshake that drips", greeted(SERVER_HELLO_BEGINS, lambda p: p.drip(b"\0")), NotSent, timings=OPENING),
    row("silent handshake", greeted(Peer.say_nothing), NotSent, timings=OPENING),
]


@pytest.mark.parametrize(("act", "expected", "said", "timings"), HANDSHAKES)
def test_a_handshake_that_fails(trusted: Company, act: Act, expected: Outcome, said: str, timings: Timings) -> None:
    with serving(act) as server:
        outcome, sentence = submit(f"https://localhost:{server.port}", timings)
    assert (outcome, server.posts) == (expected, 0)
    assert said in sentence
    assert len(server.connections) == 1


def test_nothing_is_written_plainly_where_no_handshake_took_place(
    trusted: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Python takes a connection that was reset at once for one without a peer, and shakes no hands."""

    def is_not_connected(*_arguments: Any) -> bytes:
        raise OSError(errno.ENOTCONN, "no peer")

    monkeypatch.setattr(ssl.SSLSocket, "getpeername", is_not_connected)
    monkeypatch.setattr(ssl.SSLSocket, "recv", is_not_connected)
    with serving(says(answer())) as server:
        outcome, _sentence = submit(f"https://localhost:{server.port}")
    assert (outcome, server.requests) == (NotSent, [])


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
    row("silence", after_request(Peer.say_nothing), NoAnswer, timings=HURRIED),
    row("headers that drip", after_request(HEAD, lambda p: p.drip(b"X-Slow: 1\r\n")), NoAnswer, timings=HURRIED),
    row("reset within the body", after_request(answer(b'{"tas', length=60), Peer.reset), NoAnswer),
    row("refusal", says(answer(b"{}", "402 Pay")), exceptions.NotEnoughCredits),
]


@pytest.mark.parametrize(("act", "expected", "said", "timings"), OVER_TLS)
def test_an_answer_over_tls(trusted: Company, act: Act, expected: Outcome, said: str, timings: Timings) -> None:
    context = trusted.context()

    def secure(peer: Peer) -> None:
        peer.start_tls(context)
        act(peer)

    with serving(secure) as server:
        outcome, sentence = submit(f"https://localhost:{server.port}", timings)
    assert (outcome, server.posts) == (expected, 1)
    assert said in sentence


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
    row("silence", after_request(Peer.say_nothing), NotSent, timings=OPENING),
    row("reply that drips", after_request(lambda p: p.drip(b"x")), NotSent, timings=OPENING),
    row("headers that drip", after_request(HEAD, lambda p: p.drip(b"X: 1\r\n")), NotSent, timings=OPENING),
    row("headers without end", after_request(HEAD, lambda p: p.flood(b"X: 1\r\n")), NotSent, timings=OPENING),
    row("end after the reply", after_request(TUNNEL), NotSent),
    row("reset after the reply", after_request(TUNNEL, Peer.reset), NotSent),
    row("silent tunnel, then the end", after_request(TUNNEL, Peer.read_some), NotSent),
    row("silent tunnel, then a reset", after_request(TUNNEL, Peer.read_some, Peer.reset), NotSent),
    row("silent tunnel", after_request(TUNNEL, Peer.say_nothing), NotSent, timings=OPENING),
    row("tunnel to plain HTTP", after_request(TUNNEL, Peer.read_some, answer(PAGE, "400 Bad")), NotSent),
    row("tunnel with an alert", after_request(TUNNEL, Peer.read_some, ALERT), NotSent, "secure connection"),
]


@pytest.mark.parametrize(("act", "expected", "said", "timings"), AT_THE_PROXY)
def test_a_proxy_that_opens_no_tunnel(
    trusted: Company, monkeypatch: pytest.MonkeyPatch, act: Act, expected: Outcome, said: str, timings: Timings
) -> None:
    with serving(act) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.port}")
        outcome, sentence = submit(f"https://{HOST}", timings)
    assert (outcome, proxy.posts) == (expected, 0)
    assert said in sentence
    assert len(proxy.connections) == 1


IN_THE_TUNNEL = [
    row("answer", says(answer()), None),
    row("reset without an answer", after_request(Peer.reset), NoAnswer),
    row("end without an answer", after_request(), NoAnswer),
    row("silence", after_request(Peer.say_nothing), NoAnswer, timings=HURRIED),
    row("silence, then the end", after_request(b"HTTP/1.1 200 OK\r\n"), NoAnswer),
    row("headers that drip", after_request(HEAD, lambda p: p.drip(b"X: 1\r\n")), NoAnswer, timings=HURRIED),
    row("error of the proxy", says(answer(PAGE, "502 Bad Gateway")), NoAnswer),
    row("login of the proxy", says(answer(PAGE, "407 Login")), NoAnswer),
    row("page of a portal", says(answer(PAGE, kind="text/html")), NoAnswer),
    row("refusal", says(answer(b"{}", "400 No")), exceptions.RequestRefused),
]


@pytest.mark.parametrize(("act", "expected", "said", "timings"), IN_THE_TUNNEL)
def test_a_request_through_a_tunnel(
    trusted: Company, monkeypatch: pytest.MonkeyPatch, act: Act, expected: Outcome, said: str, timings: Timings
) -> None:
    context = trusted.context(host=HOST)

    def tunnel(peer: Peer) -> None:
        peer.read_request()
        peer.send(TUNNEL)
        peer.start_tls(context)
        act(peer)

    with serving(tunnel) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.port}")
        outcome, sentence = submit(f"https://{HOST}", timings)
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
