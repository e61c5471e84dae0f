"""Company networks: a certificate authority of their own, a proxy, and no way around checking."""

from __future__ import annotations

import http.server
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme

from client.account import Account
from client.service import exceptions
from client.service.api import TripoClient
from sandbox import Sandbox
from support.sandbox_service.certificates import server_context
from support.sandbox_service.variety import vary

KEY = "network-test-key-0123456789"
ROOT = Path(__file__).resolve().parents[3]


class _Wallet(http.server.BaseHTTPRequestHandler):
    """Answers every GET with a balance, and remembers nothing."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        body = b'{"balance": "7.00"}'
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


class _Proxy(http.server.BaseHTTPRequestHandler):
    """Refuses every CONNECT, and remembers where to."""

    asked: list[str]

    def do_CONNECT(self) -> None:
        self.asked.append(self.path)
        self.send_error(403)

    def log_message(self, format: str, *args: object) -> None:
        pass


def serve(handler: type[http.server.BaseHTTPRequestHandler]) -> http.server.ThreadingHTTPServer:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


@pytest.fixture
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def company(authority: trustme.CA) -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Wallet)
    context = server_context(authority, sends_root=True)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"https://localhost:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


@pytest.mark.skipif(sys.platform != "linux", reason="the system's store is a file only there")
def test_the_systems_certificates_are_trusted(
    company: str, authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = tmp_path / "system.pem"
    authority.cert_pem.write_to_path(str(store))
    monkeypatch.setenv("SSL_CERT_FILE", str(store))
    assert TripoClient(Account(company, KEY)).balance() == 7


def test_an_unknown_authority_is_refused_with_a_sentence(company: str) -> None:
    with pytest.raises(exceptions.NotSent, match="certificate is not trusted"):
        TripoClient(Account(company, KEY)).balance()


def test_the_systems_proxy_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    _Proxy.asked = []
    server = serve(_Proxy)
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{server.server_address[1]}")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    try:
        with pytest.raises(exceptions.NotSent, match="proxy"):
            TripoClient(Account("https://api.example.invalid", KEY)).balance()
    finally:
        server.shutdown()
        server.server_close()
    assert _Proxy.asked == ["api.example.invalid:443"]


def test_loopback_needs_no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    with Sandbox(keys=(KEY,), **vary(__name__)) as sandbox:
        assert TripoClient(Account(sandbox.api_url, KEY)).balance() == 1000


def test_checking_cannot_be_switched_off_from_outside(company: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PYTHONHTTPSVERIFY", "CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE"):
        monkeypatch.setenv(name, "0" if name.startswith("PYTHON") else "")
    with pytest.raises(exceptions.NotSent, match="certificate is not trusted"):
        TripoClient(Account(company, KEY)).balance()


def test_the_agent_finds_the_wheel() -> None:
    """The wheel is imported where it lies, in the extension's folder, by an isolated Python."""
    wheels = list((ROOT / "wheels").glob("truststore-*.whl"))
    assert len(wheels) == 1
    code = f"import sys; sys.path.append({str(wheels[0])!r}); import truststore; print(truststore.__file__)"
    done = subprocess.run([sys.executable, "-I", "-S", "-B", "-c", code], capture_output=True, text=True, check=True)
    assert "truststore-" in done.stdout and ".whl" in done.stdout
