# SPDX-License-Identifier: GPL-3.0-or-later
"""Tell why no connection came about.

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

from .notices import ServiceNotice

BROKEN = (requests.RequestException, HTTPError, http.client.HTTPException, OSError)
"""What opening a connection and reading an answer raise when the connection breaks or falls silent."""


def why_not_connected(error: BaseException) -> ServiceNotice:
    """Return what kept a connection from coming about."""
    chain = list(_chain(error))
    if any(isinstance(e, ssl.SSLCertVerificationError) or type(e).__name__ == "CertificateError" for e in chain):
        # By the type: the words are those of OpenSSL, of Windows or of macOS, there in the system's language.
        return ServiceNotice.CERTIFICATE
    if any("CERTIFICATE_VERIFY_FAILED" in str(e) for e in chain):
        return ServiceNotice.CERTIFICATE
    if any("Tunnel connection failed: 407" in str(e) for e in chain):
        return ServiceNotice.PROXY_LOGIN
    if any(isinstance(e, requests.exceptions.ProxyError | requests.exceptions.InvalidProxyURL) for e in chain):
        return ServiceNotice.PROXY
    if any(isinstance(e, ProxyFailure) or "Tunnel connection failed" in str(e) or "SOCKS" in str(e) for e in chain):
        return ServiceNotice.PROXY
    if any(isinstance(e, ssl.SSLError | requests.exceptions.SSLError) for e in chain):
        return ServiceNotice.TLS
    invalid = requests.exceptions.InvalidURL | requests.exceptions.InvalidSchema | requests.exceptions.MissingSchema
    if any(isinstance(e, invalid | LocationParseError | UnicodeError) for e in chain):
        return ServiceNotice.URL
    return ServiceNotice.NETWORK


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
