# SPDX-License-Identifier: GPL-3.0-or-later
"""A running sandbox: both origins, their faults and their state, as one object."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from .api import Api
from .content_network import Edge
from .control import Control
from .faults import Faults
from .journal import Entry
from .messages import Request, Response
from .proxy import Proxy
from .service import Service
from .settings import Settings
from .storage import Storage
from .tls import Certificate
from .wire import Server

DEFAULT_KEY = "sandbox-key"


class Sandbox:
    """The whole stand-in, usable as a context manager.

    `settings` are those of `Settings` (`requests_per_minute`, `seconds`, `envelope`, …). `keys` each have
    their own account with `credits`. A `seed` makes task ids repeatable. With `control`, the API origin also
    answers under /_sandbox/. With `certificates` both origins speak TLS: the one under "" is shown, those under
    `untrusted`, `wrong_name` and `expired` when a fault of that name strikes. With `proxy` there is one at
    `proxy_url`, for which hosts with "storage" in their name are the storage and all others the API.

        with Sandbox(requests_per_minute=0, seconds=0.2) as sandbox:
            sandbox.add_fault("submit", "reset_after")
            ... talk to sandbox.api_url ...
            assert len(sandbox.state["submissions"]) == 1
    """

    def __init__(
        self,
        *,
        port: int = 0,
        storage_port: int = 0,
        keys: Iterable[str] = (DEFAULT_KEY,),
        credits: int = 1000,
        seed: int | None = None,
        control: bool = False,
        certificates: Mapping[str, Certificate] | None = None,
        proxy: bool = False,
        **settings: Any,
    ) -> None:
        self._ports = (port, storage_port)
        self._with_control = control
        self._with_proxy = proxy
        self._certificates = dict(certificates or {})
        self.proxy: Proxy | None = None
        self.settings = Settings()
        self.settings.update(settings)
        self.service = Service(self.settings, keys, credits, seed)
        self.faults = Faults()
        self.edge = Edge(self.settings)
        self._servers: tuple[Server | Proxy, ...] = ()

    def start(self) -> Sandbox:
        """Listen on both sockets. Raises OSError when a port is taken; then nothing is left open."""
        if self._servers:
            raise RuntimeError("the sandbox is already running")
        service = self.service
        api = Api(service, self.faults, self._storage_address)
        storage = Storage(service, self.faults)

        def answer_api(request: Request, entry: Entry) -> Response:
            # An address without a host leads here: the files are behind the API's own name too.
            if request.path.startswith("/assets/"):
                entry.origin = "storage"
                return answer_storage(request, entry)
            return self.edge.dress(request, api.handle(request, entry), entry)

        def answer_storage(request: Request, entry: Entry) -> Response:
            return self.edge.dress(request, storage.handle(request, entry), entry)

        control = Control(service, self.faults, self.reset).handle if self._with_control else None
        common = (service.journal, service.clock, self._certificates, self.faults)
        made: list[Server | Proxy] = []
        try:
            made.append(Server(self._ports[0], "api", answer_api, control, *common))
            made.append(Server(self._ports[1], "storage", answer_storage, None, *common))
            if self._with_proxy:
                self.proxy = Proxy(0, self.faults, self.settings, self._route)
                made.append(self.proxy)
        except OSError:
            for server in made:
                server.close()
            raise
        self._servers = tuple(made)
        for server in self._servers:
            server.start()
        return self

    def _route(self, host: str, port: int) -> tuple[str, int]:
        """Where the proxy leads to: never off this machine."""
        if host == "127.0.0.1":
            return host, port
        return "127.0.0.1", self._servers[1 if "storage" in host else 0].server_port

    def stop(self) -> None:
        """Close both sockets and every connection, and wait for the threads. May be called twice."""
        servers, self._servers = self._servers, ()
        for server in servers:
            server.stopping.set()
        for server in servers:
            server.close()

    def __enter__(self) -> Sandbox:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _storage_address(self) -> str:
        name = self.settings.storage_name
        return f"https://{name}" if name else self.storage_url

    @property
    def api_url(self) -> str:
        return self._server(0).url

    @property
    def storage_url(self) -> str:
        return self._server(1).url

    @property
    def proxy_url(self) -> str:
        return self._server(2).url

    def _server(self, index: int) -> Server | Proxy:
        if not self._servers:
            raise RuntimeError("the sandbox is not running")
        return self._servers[index]

    # What the control endpoints do, for tests in the same process

    @property
    def state(self) -> dict[str, Any]:
        """A snapshot; the same as GET /_sandbox/state (see `Service.state`), plus `faults` still queued."""
        return self.service.state() | {"faults": self.faults.pending()}

    def add_fault(self, on: str, fault: str, times: int = 1, *, about: str = "", **options: Any) -> None:
        """Queue a fault (see `faults`), for tasks with `about` in their prompt only. Raises ValueError for one that
        does not exist.
        """
        self.faults.add(on, fault, times, about=about, **options)

    def advance(self, seconds: float) -> None:
        """Put the clock forward: tasks, the rate limit's window, signatures and results age."""
        self.service.clock.advance(seconds)

    def set(self, **settings: Any) -> None:
        """Change settings while running. Raises ValueError."""
        self.settings.update(settings)

    def set_balance(self, credits: int | str, account: str | None = None) -> None:
        self.service.set_balance(credits, account)

    def revoke_key(self, key: str) -> None:
        self.service.revoke(key)

    def finish(self) -> int:
        """End every running task now; how many there were."""
        return self.service.finish_all()

    def reset(self) -> None:
        """Forget tasks, requests and faults; refill the accounts."""
        self.faults.clear()
        self.edge.reset()
        self.service.reset()
