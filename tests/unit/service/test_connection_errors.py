"""What kept a connection from coming about is told whatever words the system has for it."""

from __future__ import annotations

import ssl

import pytest
import requests
from urllib3.exceptions import MaxRetryError, ProxyError, SSLError

from client.notices import notice
from client.service.connection_errors import why_not_connected

WORDS = [
    "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: certificate has expired (_ssl.c:1006)",
    "A certificate chain processed, but terminated in a root certificate which is not trusted by the trust provider.",
    "A required certificate is not within its validity period when verifying against the current system clock.",
    "Eine Zertifikatkette wurde zwar verarbeitet, endete jedoch mit einem Stammzertifikat.",
    "“localhost” certificate is not trusted",
    "“api.3daistudio.com” certificate is expired",
    "証明書は信頼されていません",
]


def packed(inner: Exception) -> Exception:
    """As urllib3 and requests hand it over."""
    return requests.exceptions.SSLError(MaxRetryError(None, "/", SSLError(inner)))  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize("words", WORDS)
def test_an_untrusted_certificate_in_the_words_of_any_system(words: str) -> None:
    assert "certificate is not trusted" in str(notice(why_not_connected(packed(ssl.SSLCertVerificationError(words)))))


@pytest.mark.parametrize("words", WORDS)
def test_an_untrusted_certificate_as_the_cause_of_something_else(words: str) -> None:
    try:
        try:
            raise ssl.SSLCertVerificationError(words)
        except ssl.SSLError as error:
            raise requests.ConnectionError("aborted") from error
    except requests.ConnectionError as error:
        assert "certificate is not trusted" in str(notice(why_not_connected(error)))


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (packed(ssl.SSLError(1, "[SSL: SSLV3_ALERT_HANDSHAKE_FAILURE]")), "secure connection"),
        (packed(ssl.SSLEOFError(8, "EOF occurred in violation of protocol")), "secure connection"),
        (requests.exceptions.ProxyError(ProxyError("Unable to connect to proxy", OSError())), "proxy refuses"),
        (requests.exceptions.ProxyError("Tunnel connection failed: 407 Login"), "proxy asks for a login"),
        (requests.exceptions.InvalidSchema("Missing dependencies for SOCKS support."), "proxy"),
        (requests.exceptions.InvalidProxyURL("bad"), "proxy"),
        (requests.exceptions.InvalidURL("bad"), "API URL is not usable"),
        (requests.exceptions.ConnectTimeout(), "cannot be reached"),
        (ConnectionRefusedError(), "cannot be reached"),
        (TimeoutError(), "cannot be reached"),
    ],
)
def test_every_other_trouble_says_what_to_do(error: Exception, expected: str) -> None:
    assert expected in str(notice(why_not_connected(error)))


def test_an_error_that_holds_itself_is_read_to_an_end() -> None:
    error = OSError("loop")
    error.__cause__ = error
    assert str(notice(why_not_connected(error)))
