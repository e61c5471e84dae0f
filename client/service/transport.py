# SPDX-License-Identifier: GPL-3.0-or-later
"""Make HTTP sessions that use the system's proxies and certificates.

``requests`` trusts the certificates that it brings along, so a company's own authority is refused; ``truststore``
(MIT, a wheel in this extension's folder that only the agent loads) asks the operating system instead. Checking cannot
be switched off.
"""

from __future__ import annotations

import ssl
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter

from ..account import is_loopback
from .content_encoding import ACCEPTED
from .request_watch import RequestWatch, watch_pools

USER_AGENT = "tripo-generator-for-blender"


class _Adapter(HTTPAdapter):
    """Never repeats a request by itself, tells the watch of every connection, and checks certificates as the
    operating system does."""

    def __init__(self, watch: RequestWatch, context: ssl.SSLContext | None = None) -> None:
        self._watch = watch
        self._context = context
        super().__init__(max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> Any:
        """Make the pool for direct connections."""
        super().init_poolmanager(*args, **self._with_context(kwargs))
        watch_pools(self.poolmanager, self._watch)

    def proxy_manager_for(self, proxy: Any, **kwargs: Any) -> Any:
        """Make the pool for connections through a proxy."""
        manager = super().proxy_manager_for(proxy, **self._with_context(kwargs))
        watch_pools(manager, self._watch)
        return manager

    def _with_context(self, kwargs: dict[str, Any]) -> dict[str, Any]:
        return kwargs if self._context is None else {**kwargs, "ssl_context": self._context}


class Session(requests.Session):
    """Goes through the system's proxies, but never for loopback: a proxy has a loopback of its own.

    For one request at a time: ``watch`` tells what became of it and ends it in time, once ``watch.start`` was called.
    """

    def __init__(self) -> None:
        super().__init__()
        self.watch = RequestWatch()
        self.mount("https://", _Adapter(self.watch, _system_context()))
        self.mount("http://", _Adapter(self.watch))
        self.headers["User-Agent"] = USER_AGENT
        self.headers["Accept-Encoding"] = ACCEPTED

    def merge_environment_settings(self, url: Any, proxies: Any, stream: Any, verify: Any, cert: Any) -> Any:
        """Return the settings for one request; certificates are always checked."""
        settings = super().merge_environment_settings(url, proxies, stream, verify, cert)
        if is_loopback(urlsplit(str(url)).hostname):
            settings["proxies"] = {}
        # An older requests takes an empty CURL_CA_BUNDLE in the environment for leave to check nothing.
        settings["verify"] = settings["verify"] or True
        return settings

    def resolve_redirects(self, *_args: Any, **_kwargs: Any) -> Any:
        """Follow nothing: ``requests`` would read the body of every redirect, whatever its size."""
        return iter(())

    def close(self) -> None:
        """Close the connections."""
        super().close()
        self.watch.close()


def _system_context() -> ssl.SSLContext | None:
    """Return a context that trusts what the system trusts; None where the wheel is missing (then ``requests``' own
    certificates are used)."""
    try:
        import truststore
    except ImportError:
        return None
    return truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
