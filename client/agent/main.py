# SPDX-License-Identifier: GPL-3.0-or-later
"""Run the agent: read the configuration, take the lease, work, leave when nothing is left."""

from __future__ import annotations

import contextlib
import faulthandler
import logging
import os
import queue
import signal
import sqlite3
import sys
import threading
import uuid
from collections.abc import Callable
from pathlib import Path

from ..errors import TripoError
from ..paths import Home
from ..redact import RedactingFormatter
from ..service.api import TripoClient
from ..store import Database, LeaseTable, open_database
from ..store.rate_budget import RateTable
from .converter.queue import Converter
from .launch import AgentConfig
from .lease_keeper import LeaseKeeper
from .loop import Agent, Starter
from .messages import Message
from .shared_log import SharedLog
from .starter_pipe import StarterPipe
from .tasks import Work

log = logging.getLogger(__name__)

EXIT_OK = 0
EXIT_BAD_START = 2
EXIT_NOT_NEEDED = 3
"""Another agent works this account's jobs already."""
EXIT_STORE = 4
EXIT_CRASH = 5

LOG_BYTES = 512 * 1024
LOG_FILES = 2
_SIGNALS = ("SIGTERM", "SIGHUP", "SIGINT", "SIGBREAK")
"""Signals that ask the agent to leave, where they exist: a logout and a closed terminal send them as much as a process
manager."""


def main() -> int:
    """Run the agent; returns its exit code."""
    pipe = StarterPipe()
    try:
        config = AgentConfig.from_line(pipe.read_line())
        home = Home(Path(config.home))
    except (ValueError, TypeError, KeyError) as error:
        _complain(f"the agent was started wrongly: {type(error).__name__}")
        return EXIT_BAD_START
    _set_up_log(home, config.account.api_key)
    _tell_threads_on_signal()
    try:
        database = open_database(home, durable=True, busy_seconds=config.timings.store_busy, thorough=True)
    except TripoError as error:
        log.error("%s", error)
        _complain(str(error))
        return EXIT_STORE
    with contextlib.closing(database):
        return _work(config, home, database, pipe)


def _work(config: AgentConfig, home: Home, database: Database, pipe: StarterPipe) -> int:
    account, name = config.account, uuid.uuid4().hex
    # From before the lease is taken: an agent that is told to leave must give it back.
    told_to_leave: list[bool] = []  # no Event: a handler must take no lock (see Agent.stop)
    _on_signals(lambda: told_to_leave.append(True))
    lease_keeper = LeaseKeeper(LeaseTable(database), account.account_id, name, os.getpid())
    try:
        if not lease_keeper.renew():
            return EXIT_NOT_NEEDED
    except sqlite3.Error as error:
        log.error("the store cannot be used: %s", error)
        return EXIT_STORE
    log.info("agent %s starts for account %s", os.getpid(), account.account_id)
    inbox: queue.Queue[Message] = queue.Queue()  # no SimpleQueue: see Agent._wait_for_news
    client = TripoClient(account, timings=config.timings)
    agent = Agent(
        database,
        home,
        account.account_id,
        RateTable(database, account.account_id, account.requests_per_minute),
        lease_keeper,
        Work(client, home, inbox.put, lease_keeper.is_ours, config.max_result_bytes, config.timings),
        inbox,
        Converter(config.converter, home, inbox.put, name, config.timings),
        Starter(lambda: pipe.is_gone, config.outlive),
        config.timings,
    )
    _on_signals(agent.stop)
    pipe.watch(agent.stop)
    if told_to_leave:
        agent.stop()
    try:
        agent.run()
    except Exception:
        log.exception("the agent met an error")
        return EXIT_CRASH
    finally:
        with contextlib.suppress(sqlite3.Error):
            lease_keeper.stop()
        log.info("agent %s leaves", os.getpid())
        logging.shutdown()
    return EXIT_OK


def _on_signals(leave: Callable[[], None]) -> None:
    """Call ``leave`` at every signal that asks a process to end."""
    for name in _SIGNALS:
        number = getattr(signal, name, None)
        if number is not None:
            signal.signal(number, lambda _number, _frame: leave())


def _set_up_log(home: Home, *secrets: str) -> None:
    """Log to a rotating file that only its owner can read, or to nowhere when it cannot be written."""
    os.umask(0o077)
    logging.raiseExceptions = False  # a full disk must not fill the file for start-up errors either
    root = logging.getLogger()
    root.setLevel(logging.INFO)
    logging.getLogger("urllib3").setLevel(logging.WARNING)
    try:
        home.prepare()
        handler = SharedLog(home.log, maxBytes=LOG_BYTES, backupCount=LOG_FILES, encoding="utf-8")
    except OSError as error:
        _complain(f"no log can be written: {error.strerror}")
        root.addHandler(logging.NullHandler())
        return
    handler.setFormatter(RedactingFormatter("%(asctime)s %(levelname)s %(name)s: %(message)s", *secrets))
    root.addHandler(handler)
    sys.excepthook = lambda kind, error, trace: log.critical("uncaught", exc_info=(kind, error, trace))
    threading.excepthook = lambda args: log.critical(
        "uncaught in a thread", exc_info=(args.exc_type, args.exc_value or args.exc_type(), args.exc_traceback)
    )


def _tell_threads_on_signal() -> None:
    """Write what every thread is doing to standard error at SIGUSR1, where there is one: to find out why it hangs."""
    number = getattr(signal, "SIGUSR1", None)
    if number is not None:
        with contextlib.suppress(OSError, ValueError, AttributeError, RuntimeError):  # there is no standard error
            faulthandler.register(number)


def _complain(sentence: str) -> None:
    """Say on standard error, which the starter keeps in a file, what cannot be said in the log."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        sys.stderr.write(sentence + "\n")
        sys.stderr.flush()
