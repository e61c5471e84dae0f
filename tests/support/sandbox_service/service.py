"""The sandbox as a process of its own, and a handle on its control endpoints.

Shared by all kinds of tests, and copied into the Blender of the GUI tests: needs only `requests`.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from types import TracebackType
from typing import IO, Any, cast

import requests

from .variety import vary_by_argument

ROOT = Path(__file__).resolve().parents[3]
API_KEY = "sandbox-key-0123456789abcdef"
"""Any key will do for the sandbox; this one is looked for where no key may be."""


class SandboxControl:
    """What a test says to a running sandbox, at `<api_url>/_sandbox/…`. Each call raises on a refusal."""

    def __init__(self, api_url: str, storage_url: str = "") -> None:
        self.api_url = api_url.rstrip("/")
        self.storage_url = storage_url.rstrip("/")
        self._session = requests.Session()
        self._session.trust_env = False  # no proxy between a test and loopback
        self._first_settings = self.settings()

    def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """One control request: `path` below `/_sandbox/`, answer as a dictionary."""
        url = f"{self.api_url}/_sandbox/{path}"
        answer = self._session.request(method, url, json=body, timeout=30)
        if not answer.ok:
            raise RuntimeError(f"{method} {url}: {answer.status_code} {answer.text[:300]}")
        document: Any = answer.json() if answer.content else {}
        return cast(dict[str, Any], document)

    def state(self) -> dict[str, Any]:
        """What the service has seen: `submissions`, `tasks`, `requests`, `balances`, `key_leaks`, …"""
        return self.call("GET", "state")

    def add_fault(self, on: str, fault: str, times: int = 1, **options: Any) -> dict[str, Any]:
        """Let the next `times` requests of kind `on` (submit, status, wallet, asset, thumbnail, any) go wrong."""
        return self.call("POST", "faults", {"on": on, "fault": fault, "times": times, **options})

    def mend(self) -> None:
        """Take back all faults that have not come yet."""
        self.call("POST", "mend")

    def advance(self, seconds: float) -> dict[str, Any]:
        """Turn the service's clock forward: generations progress, signed addresses and results age."""
        return self.call("POST", "clock", {"advance": seconds})

    def settings(self, **values: Any) -> dict[str, Any]:
        """Change settings while it runs (or `balance`, `revoke_key`, `add_key`); the settings after that."""
        return self.call("POST", "settings", values)["settings"]

    def finish(self) -> dict[str, Any]:
        """End every generation that runs, now."""
        return self.call("POST", "finish")

    def reset(self) -> None:
        """Forget tasks, faults and requests; settings are as when this object was made. The clock stays."""
        self.call("POST", "reset")
        self.settings(**self._first_settings)

    def close(self) -> None:
        self._session.close()


def _first_line(stream: IO[bytes], seconds: float) -> bytes:
    """What comes first; nothing when it does not come in time. Windows cannot `select` a pipe."""
    lines: list[bytes] = []
    reader = threading.Thread(target=lambda: lines.append(stream.readline()), daemon=True)
    reader.start()
    reader.join(seconds)
    return lines[0] if lines else b""


class Sandbox:
    """`python -m sandbox --control --port 0 …`, started by `with` or `start`, ended by `stop`.

    `arguments` are further command-line arguments. The process gets no key and no address of ours.
    """

    def __init__(self, *arguments: str, python: str = sys.executable) -> None:
        watch = ["--parent-pid", str(os.getpid())]
        accept = ["--key", API_KEY]
        self._command = [
            python,
            "-B",
            "-m",
            "sandbox",
            "--control",
            "--port",
            "0",
            *accept,
            *watch,
            *vary_by_argument(os.environ.get("PYTEST_CURRENT_TEST", "").rpartition(" ")[0]),
            *arguments,
        ]
        self._process: subprocess.Popen[bytes] | None = None
        self._errors: Any = None
        self.control: SandboxControl

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self, timeout: float = 30.0) -> SandboxControl:
        """Start and wait for the addresses; RuntimeError with what the process wrote instead."""
        left_out = {"THREEDAISTUDIO_API_KEY", "THREEDAISTUDIO_API_URL", "TRIPO_GENERATOR_HOME"}
        environment = {name: value for name, value in os.environ.items() if name not in left_out}
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the process
        self._process = subprocess.Popen(
            self._command,
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=self._errors,
        )
        assert self._process.stdout is not None
        line = _first_line(self._process.stdout, timeout)
        try:
            addresses: dict[str, str] = json.loads(line)
            self.control = SandboxControl(addresses["api_url"], addresses["storage_url"])
        except (ValueError, OSError, RuntimeError) as error:
            self.stop()
            raise RuntimeError(f"the sandbox did not start: {error}, {line!r}\n{self.errors()}") from None
        return self.control

    def errors(self) -> str:
        """What it has written to standard error so far."""
        if self._errors is None or self._errors.closed:
            return ""
        self._errors.seek(0)
        return self._errors.read().decode(errors="replace")

    def kill(self) -> None:
        """As if the machine of the service had lost power."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def stop(self) -> None:
        """End the process; harmless when there is none."""
        if self._process is None:
            return
        with contextlib.suppress(AttributeError):
            self.control.close()
        self._process.terminate()
        try:
            self._process.wait(60)
        except subprocess.TimeoutExpired:
            self.kill()
        if self._process.stdout is not None:
            self._process.stdout.close()
        self._process = None

    def __enter__(self) -> Sandbox:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
