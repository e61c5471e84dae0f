"""The sandbox behind TLS and behind a proxy: both work, and each of their faults strikes before or after the service
has done its work, as its row says.
"""

from __future__ import annotations

import base64
import contextlib
import socket
import ssl
import threading
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
import trustme

from sandbox import DEFAULT_KEY, Sandbox
from sandbox.faults import ROWS
from support.sandbox_service.certificates import sandbox_certificates
from support.sandbox_service.loopback import TEXT, WALLET

HOST = "api.service.example"
BODY = b'{"prompt": "a mug"}'
LOSES_ANSWERS = {"tunnel_idle", "tunnel_reset_idle", "tunnel_answer_lost", "tunnel_answer_half"}
LETS_THROUGH = {"proxy_interim", "proxy_http_1_0"}
CERTIFICATES = {"tls_untrusted", "tls_wrong_name", "tls_expired"}
REQUEST = (
    f"POST {TEXT} HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\nAuthorization: Bearer {DEFAULT_KEY}\r\n"
    f"Content-Type: application/json\r\nContent-Length: {len(BODY)}\r\n\r\n"
).encode() + BODY


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def secured(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    folder = tmp_path_factory.mktemp("certificates")
    certificates = sandbox_certificates(authority, folder, HOST, "storage.service.example")
    with Sandbox(requests_per_minute=0, certificates=certificates, proxy=True, variety="plain") as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(secured: Sandbox) -> Sandbox:
    secured.reset()
    secured.set(proxy_login="", proxy_idle=0.0)
    return secured


class Refused(Exception):
    """The proxy did not open the tunnel."""


def through_tls(connection: socket.socket, authority: trustme.CA, name: str = HOST) -> bytes:
    """Send the request; what comes until the end."""
    context = ssl.create_default_context()
    authority.configure_trust(context)
    came = b""
    with context.wrap_socket(connection, server_hostname=name) as hidden:
        hidden.sendall(REQUEST)
        with contextlib.suppress(ssl.SSLError, ConnectionError):
            while piece := hidden.recv(65536):
                came += piece
    return came


def through_proxy(sandbox: Sandbox, authority: trustme.CA, login: str = "", timeout: float = 20.0) -> bytes:
    where = urlsplit(sandbox.proxy_url)
    with socket.create_connection((where.hostname or "", where.port or 0), timeout=timeout) as connection:
        lines = [f"CONNECT {HOST}:443 HTTP/1.1", f"Host: {HOST}:443"]
        if login:
            lines.append(f"Proxy-Authorization: Basic {base64.b64encode(login.encode()).decode()}")
        connection.sendall("\r\n".join([*lines, "", ""]).encode())
        head = b""
        while b"\r\n\r\n" not in head or (head.startswith(b"HTTP/1.1 100") and head.count(b"\r\n\r\n") < 2):
            piece = connection.recv(1)
            if not piece:
                raise Refused(head)
            head += piece
        last = head.removesuffix(b"\r\n\r\n").rpartition(b"\r\n\r\n")[2]
        if last.split(b" ")[1] != b"200":
            raise Refused(head)
        return through_tls(connection, authority)


def direct(sandbox: Sandbox, authority: trustme.CA, timeout: float = 20.0) -> bytes:
    where = urlsplit(sandbox.api_url)
    with socket.create_connection((where.hostname or "", where.port or 0), timeout=timeout) as connection:
        return through_tls(connection, authority)


def test_an_origin_speaks_tls(sandbox: Sandbox, authority: trustme.CA) -> None:
    assert sandbox.api_url.startswith("https://") and sandbox.storage_url.startswith("https://")
    assert b"task_id" in direct(sandbox, authority)


def test_a_tunnel_leads_to_the_service(sandbox: Sandbox, authority: trustme.CA) -> None:
    assert b"task_id" in through_proxy(sandbox, authority)
    assert sandbox.proxy is not None
    assert sandbox.proxy.log[-1] == ("CONNECT", f"{HOST}:443", "")


def test_a_plain_request_goes_through_the_proxy_too() -> None:
    with Sandbox(proxy=True, variety="plain") as sandbox:
        where = urlsplit(sandbox.proxy_url)
        with socket.create_connection((where.hostname or "", where.port or 0), timeout=20) as connection:
            lines = [f"GET http://{HOST}{WALLET} HTTP/1.1", f"Host: {HOST}", "Connection: close"]
            connection.sendall("\r\n".join([*lines, f"Authorization: Bearer {DEFAULT_KEY}", "", ""]).encode())
            came = b""
            while piece := connection.recv(65536):
                came += piece
    assert came.endswith(b'{"balance": "1000.00"}')


def test_a_proxy_may_want_a_login(sandbox: Sandbox, authority: trustme.CA) -> None:
    sandbox.set(proxy_login="ada:secret")
    with pytest.raises(Refused, match="407"):
        through_proxy(sandbox, authority)
    with pytest.raises(Refused, match="407"):
        through_proxy(sandbox, authority, "ada:wrong")
    assert b"task_id" in through_proxy(sandbox, authority, "ada:secret")


def test_a_proxy_may_drop_what_is_silent(sandbox: Sandbox, authority: trustme.CA) -> None:
    sandbox.set(proxy_idle=2.0)  # longer than a handshake takes on a busy machine
    sandbox.add_fault("submit", "hang_after")
    assert through_proxy(sandbox, authority) == b""
    assert len(sandbox.state["submissions"]) == 1


@pytest.mark.parametrize("name", [name for name, row in ROWS.items() if "proxy" in row.expect])
def test_a_fault_of_the_proxy_strikes_as_its_row_says(sandbox: Sandbox, authority: trustme.CA, name: str) -> None:
    if name in LOSES_ANSWERS:
        sandbox.add_fault("proxy", name, seconds=0.05)
    else:
        sandbox.add_fault("proxy", name)
    came = b""
    patience = 0.5 if name in ("proxy_hang", "tunnel_mute") else 20.0
    with contextlib.suppress(Refused, OSError):
        came = through_proxy(sandbox, authority, timeout=patience)
    assert (b"task_id" in came) == (name in LETS_THROUGH)
    assert len(sandbox.state["submissions"]) == (name in LETS_THROUGH | LOSES_ANSWERS)
    assert sandbox.state["faults"] == []
    assert b"task_id" in through_proxy(sandbox, authority), "the next connection works as ever"


@pytest.mark.parametrize("name", [name for name, row in ROWS.items() if "tls" in row.expect])
def test_a_fault_of_tls_strikes_before_anything_is_sent(sandbox: Sandbox, authority: trustme.CA, name: str) -> None:
    sandbox.add_fault("tls", name)
    wanted = ssl.SSLCertVerificationError if name in CERTIFICATES else OSError
    with pytest.raises(wanted):
        direct(sandbox, authority, 0.5 if name == "tls_hang" else 20.0)
    assert sandbox.state["submissions"] == []
    assert b"task_id" in direct(sandbox, authority), "the next connection works as ever"


def test_nothing_is_left_of_a_proxy_and_tls(authority: trustme.CA) -> None:
    before = set(threading.enumerate())
    with Sandbox(proxy=True, variety="plain") as sandbox:
        where = urlsplit(sandbox.proxy_url)
        idle = socket.create_connection((where.hostname or "", where.port or 0), timeout=20)
    assert set(threading.enumerate()) <= before
    idle.close()
