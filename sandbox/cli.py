# SPDX-License-Identifier: GPL-3.0-or-later
"""The sandbox as a process: prints one line of JSON when it is ready, and goes when it is told to or nobody
is left.
"""

from __future__ import annotations

import argparse
import json
import os
import queue
import signal
import sys
import threading
from collections.abc import Sequence

from .runner import DEFAULT_KEY, Sandbox
from .settings import CHOICES
from .standard_input import wait_for_bytes


def build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="sandbox", description="A stand-in for the 3D AI Studio Tripo API on loopback."
    )
    parser.add_argument("--port", type=int, default=0, help="port of the API (default: any free one)")
    parser.add_argument("--storage-port", type=int, default=0, help="port of the storage (default: any free one)")
    parser.add_argument(
        "--key", action="append", dest="keys", metavar="KEY", help=f"a valid key (default: {DEFAULT_KEY})"
    )
    parser.add_argument("--credits", type=int, default=1000, help="balance of each key's account")
    parser.add_argument("--requests-per-minute", type=int, default=3, help="limit for each key; 0 for none")
    parser.add_argument("--seconds", type=float, default=6.0, help="how long a generation takes")
    parser.add_argument("--seed", type=int, help="makes task ids repeatable")
    parser.add_argument("--variety", choices=CHOICES["variety"], default="full", help="how much answers vary")
    parser.add_argument("--variety-seed", type=int, default=0, help="chooses how exactly they vary")
    parser.add_argument("--certificate", metavar="FILE", help="speak TLS, with this certificate (PEM)")
    parser.add_argument("--certificate-key", metavar="FILE", help="the key of the certificate (PEM)")
    parser.add_argument("--proxy", action="store_true", help="have a proxy too; its address is printed as well")
    parser.add_argument("--control", action="store_true", help="answer under /_sandbox/ too")
    parser.add_argument("--exit-with-stdin", action="store_true", help="exit when standard input is closed")
    parser.add_argument("--parent-pid", type=int, metavar="PID", help="exit when this process is gone")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run until interrupted, terminated, or (as asked) left alone. Returns the exit status."""
    options = build_parser().parse_args(arguments)
    try:
        sandbox = Sandbox(
            port=options.port,
            storage_port=options.storage_port,
            keys=options.keys or (DEFAULT_KEY,),
            credits=options.credits,
            seed=options.seed,
            control=options.control,
            certificates={"": (options.certificate, options.certificate_key)} if options.certificate else None,
            proxy=options.proxy,
            variety=options.variety,
            variety_seed=options.variety_seed,
            requests_per_minute=options.requests_per_minute,
            seconds=options.seconds,
        ).start()
    except (OSError, ValueError) as error:
        print(f"sandbox: {error}", file=sys.stderr)
        return 2
    # No Event: a signal handler runs between any two steps of the main thread, which may be holding an Event's lock.
    # A SimpleQueue may be put into at any moment ("reentrant", Python's library reference).
    done: queue.SimpleQueue[None] = queue.SimpleQueue()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda _number, _frame: done.put(None))
    try:
        addresses = {"api_url": sandbox.api_url, "storage_url": sandbox.storage_url}
        if options.proxy:
            addresses["proxy_url"] = sandbox.proxy_url
        print(json.dumps(addresses), flush=True)
        if options.exit_with_stdin:
            threading.Thread(target=_wait_for_stdin, args=(done,), daemon=True).start()
        while not _comes(done, 0.5):
            if options.parent_pid is not None and not _is_running(options.parent_pid):
                break
    finally:
        sandbox.stop()
    return 0


def _comes(done: queue.SimpleQueue[None], seconds: float) -> bool:
    """Wait until it is said that this is the end; whether it was, in this time."""
    try:
        done.get(timeout=seconds)
    except queue.Empty:
        return False
    return True


def _wait_for_stdin(done: queue.SimpleQueue[None]) -> None:
    try:
        # The descriptor itself: a thread inside sys.stdin's buffer would hold its lock at interpreter exit.
        descriptor = sys.stdin.fileno()
        wait_for_bytes(descriptor)
        while os.read(descriptor, 4096):
            wait_for_bytes(descriptor)
    except (OSError, ValueError, AttributeError):
        pass
    done.put(None)


def _is_running(pid: int) -> bool:
    if os.name == "nt":
        import ctypes

        synchronize, still_waiting = 0x00100000, 0x102
        kernel = ctypes.windll.kernel32  # type: ignore[attr-defined]
        handle = kernel.OpenProcess(synchronize, False, pid)
        if not handle:
            return False
        running = kernel.WaitForSingleObject(handle, 0) == still_waiting
        kernel.CloseHandle(handle)
        return running
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True
