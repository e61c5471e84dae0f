"""The sandbox as a process: it says where it is, serves, and leaves with its parent."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any
from urllib.request import ProxyHandler, Request, build_opener

import pytest

from sandbox import cli

ROOT = Path(__file__).resolve().parents[3]
AS_MODULE = [sys.executable, "-B", "-m", "sandbox"]
AS_FOLDER = [sys.executable, "-I", "-B", str(ROOT / "sandbox")]


@contextmanager
def running(command: list[str], *arguments: str, cwd: Path = ROOT) -> Generator[tuple[subprocess.Popen[str], str]]:
    process = subprocess.Popen(
        [*command, *arguments], cwd=cwd, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        where = json.loads(process.stdout.readline())
        assert sorted(where) == ["api_url", "storage_url"]
        yield process, where["api_url"]
    finally:
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            assert pipe is not None
            pipe.close()


def balance(api_url: str, key: str) -> object:
    request = Request(api_url + "/account/user/wallet/", headers={"Authorization": f"Bearer {key}"})
    with build_opener(ProxyHandler({})).open(request, timeout=20) as answer:
        return json.load(answer)


@pytest.mark.parametrize("command", [AS_MODULE, AS_FOLDER], ids=["module", "folder"])
def test_serves_and_ends_with_stdin(command: list[str], tmp_path: Path) -> None:
    cwd = ROOT if command is AS_MODULE else tmp_path
    options = ("--key", "one", "--key", "two", "--credits", "70", "--exit-with-stdin")
    with running(command, *options, cwd=cwd) as (process, api_url):
        assert balance(api_url, "one") == balance(api_url, "two") == {"balance": "70.00"}
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(30) == 0


def test_ends_when_told_to() -> None:
    with running(AS_MODULE) as (process, api_url):
        assert balance(api_url, "sandbox-key") == {"balance": "1000.00"}
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0


def test_ends_when_told_to_at_any_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    """A signal handler runs on the main thread, before any call, also of what waiting itself calls."""
    handlers: list[Callable[[int, None], None]] = []
    monkeypatch.setattr(cli.signal, "signal", lambda _number, handler: handlers.append(handler))

    def before_every_call(_frame: FrameType, _event: str, _argument: Any) -> None:
        if handlers:
            handlers[0](signal.SIGTERM, None)

    def run() -> None:
        sys.settrace(before_every_call)
        cli.main([])

    process = threading.Thread(target=run, daemon=True)
    process.start()
    process.join(30)
    assert not process.is_alive()


def test_ends_with_the_process_it_watches() -> None:
    watched = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        with running(AS_MODULE, "--parent-pid", str(watched.pid)) as (process, _):
            watched.kill()
            watched.wait()
            assert process.wait(30) == 0
    finally:
        watched.kill()
        watched.communicate()


def test_says_why_it_cannot_start() -> None:
    command = [*AS_MODULE, "--seconds", "-1"]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert (result.returncode, result.stdout) == (2, "")
    assert "seconds" in result.stderr
