# SPDX-License-Identifier: GPL-3.0-or-later
"""Turn connection errors into sentences.

Whether a request was sent is decided elsewhere: `request_watch` knows, exceptions do not.
"""

from __future__ import annotations

import http.client
import ssl
from collections.abc import Iterator
from typing import cast

import requests
from urllib3.exceptions import HTTPError, LocationParseError
from urllib3.exceptions import ProxyError as ProxyFailure

BROKEN = (requests.RequestException, HTTPError, http.client.HTTPException, OSError)
"""What opening a connection and reading an answer raise when the connection breaks or falls silent."""

_PROXY_LOGIN = "The proxy asks for a login: enter its user name and password in the network's proxy settings"
_PROXY = "The proxy refuses the connection: check the network's proxy settings"
_CERTIFICATE = "The service's certificate is not trusted on this machine: check its date, or ask who runs the network"
_TLS = "No secure connection to the service is possible: check the service URL, or ask who runs the network"
_URL = "The service URL is not usable: correct it in the preferences"
_NETWORK = "The service cannot be reached: check the internet connection"


def sentence(error: BaseException) -> str:
    """Return what kept a connection from coming about and what to do, in one sentence for the artist."""
    chain = list(_chain(error))
    if any(isinstance(e, ssl.SSLCertVerificationError) or type(e).__name__ == "CertificateError" for e in chain):
        # By the type: the words are those of OpenSSL, of Windows or of macOS, there in the system's language.
        return _CERTIFICATE
    if any("CERTIFICATE_VERIFY_FAILED" in str(e) for e in chain):
        return _CERTIFICATE
    if any("Tunnel connection failed: 407" in str(e) for e in chain):
        return _PROXY_LOGIN
    if any(isinstance(e, requests.exceptions.ProxyError | requests.exceptions.InvalidProxyURL) for e in chain):
        return _PROXY
    if any(isinstance(e, ProxyFailure) or "Tunnel connection failed" in str(e) or "SOCKS" in str(e) for e in chain):
        return _PROXY
    if any(isinstance(e, ssl.SSLError | requests.exceptions.SSLError) for e in chain):
        return _TLS
    invalid = requests.exceptions.InvalidURL | requests.exceptions.InvalidSchema | requests.exceptions.MissingSchema
    if any(isinstance(e, invalid | LocationParseError | UnicodeError) for e in chain):
        return _URL
    return _NETWORK


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and those it came from: urllib3 and requests pack them into each other in several ways."""
    waiting, seen = [error], set[int]()
    while waiting:
        current = waiting.pop()
        if id(current) in seen:
            continue
        seen.add(id(current))
        yield current
        inner: list[object] = [current.__cause__, current.__context__, *cast(tuple[object, ...], current.args)]
        inner += [getattr(current, "reason", None), getattr(current, "original_error", None)]
        waiting += [e for e in inner if isinstance(e, BaseException)]
