"""HTTP sessions as company networks need them: the system's proxies, and the system's own store of certificates.

``requests`` trusts the certificates that it brings along, so a company's own authority is refused; ``truststore``
(MIT, a wheel in this extension's folder that only the agent loads) asks the operating system instead. Checking cannot
be switched off.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter

from .settings import is_loopback

USER_AGENT = "tripo-generator-for-blender"

SessionFactory = Callable[[], requests.Session]


class _SystemTrust(HTTPAdapter):
    """Never repeats a request by itself, and checks certificates as the operating system does."""

    def __init__(self, context: ssl.SSLContext | None) -> None:
        self._context = context
        super().__init__(max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> Any:
        """Make the pool for direct connections."""
        return super().init_poolmanager(*args, **self._with_context(kwargs))

    def proxy_manager_for(self, proxy: Any, **kwargs: Any) -> Any:
        """Make the pool for connections through a proxy."""
        return super().proxy_manager_for(proxy, **self._with_context(kwargs))

    def _with_context(self, kwargs: dict[str, Any]) -> dict[str, Any]:
        return kwargs if self._context is None else {**kwargs, "ssl_context": self._context}


class _Session(requests.Session):
    """Goes through the system's proxies, but never for loopback: a proxy has a loopback of its own."""

    def merge_environment_settings(self, url: Any, proxies: Any, stream: Any, verify: Any, cert: Any) -> Any:
        """Return the settings for one request; certificates are always checked."""
        settings = super().merge_environment_settings(url, proxies, stream, verify, cert)
        if is_loopback(urlsplit(str(url)).hostname):
            settings["proxies"] = {}
        return settings


def new_session() -> requests.Session:
    """Return a session that never repeats a request by itself and sends no browser-like extras."""
    session = _Session()
    session.mount("https://", _SystemTrust(_system_context()))
    session.mount("http://", HTTPAdapter(max_retries=0))
    session.headers["User-Agent"] = USER_AGENT
    return session


def _system_context() -> ssl.SSLContext | None:
    """Return a context that trusts what the system trusts; None where the wheel is missing (then ``requests``' own
    certificates are used)."""
    try:
        import truststore
    except ImportError:
        return None
    return truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
