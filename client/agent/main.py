"""The agent process: reads its configuration, takes the account's lease, works, and leaves when nothing is left."""

from __future__ import annotations

import contextlib
import logging
import logging.handlers
import os
import queue
import signal
import sys
import threading
import uuid
from pathlib import Path

from ..api import TripoClient
from ..errors import TripoError
from ..home import Home
from ..redact import RedactingFormatter
from ..settings import Account
from ..store import LeaseTable, open_database
from .conversion import Converter
from .launch import AgentConfig
from .loop import Agent
from .messages import Message
from .work import Work

log = logging.getLogger(__name__)

EXIT_OK = 0
EXIT_BAD_START = 2
EXIT_NOT_NEEDED = 3
"""Another agent works this account's jobs already."""
EXIT_STORE = 4

BUSY_SECONDS = 30.0


class Starter:
    """Watches the pipe to the Blender that started us; it closes when that Blender ends or hangs up."""

    def __init__(self) -> None:
        self.gone = threading.Event()
        threading.Thread(target=self._watch, name="starter", daemon=True).start()

    def _watch(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            while os.read(0, 4096):
                pass
        self.gone.set()


def main() -> int:
    """Run the agent; returns its exit code."""
    try:
        config = AgentConfig.from_line(_read_line())
    except (ValueError, TypeError, KeyError):
        return EXIT_BAD_START
    home = Home(Path(config.home))
    account = Account(config.api_url, config.api_key, config.requests_per_minute)
    try:
        database = open_database(home, durable=True, busy_seconds=BUSY_SECONDS)
    except TripoError:
        return EXIT_STORE
    _set_up_log(home, config.api_key)
    name = uuid.uuid4().hex
    leases = LeaseTable(database)
    if not leases.take(account.account_id, name, os.getpid()):
        database.close()
        return EXIT_NOT_NEEDED
    log.info("agent %s starts for account %s", os.getpid(), account.account_id)
    starter = Starter()
    inbox: queue.SimpleQueue[Message] = queue.SimpleQueue()
    agent = Agent(
        database,
        home,
        account.account_id,
        account.requests_per_minute,
        Work(TripoClient(account), home, inbox.put),
        inbox,
        Converter(config.converter, home, inbox.put),
        name=name,
        pid=os.getpid(),
        starter_gone=starter.gone.is_set,
        outlive=config.outlive,
    )
    signal.signal(signal.SIGTERM, lambda _number, _frame: agent.stop())
    try:
        agent.run()
    except Exception:
        log.exception("the agent met an error")
        raise
    finally:
        with contextlib.suppress(Exception):
            leases.release(account.account_id, name)
            database.close()
        log.info("agent %s leaves", os.getpid())
        logging.shutdown()
    return EXIT_OK


def _read_line() -> bytes:
    """Read one line from standard input, unbuffered: what follows belongs to the watcher."""
    data = bytearray()
    while not data.endswith(b"\n"):
        byte = os.read(0, 1)
        if not byte or len(data) > 65536:
            break
        data += byte
    return bytes(data)


def _set_up_log(home: Home, *secrets: str) -> None:
    """Log to a rotating file that only its owner can read."""
    os.umask(0o077)
    handler = logging.handlers.RotatingFileHandler(home.log, maxBytes=512 * 1024, backupCount=2, encoding="utf-8")
    handler.setFormatter(RedactingFormatter("%(asctime)s %(levelname)s %(name)s: %(message)s", *secrets))
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    logging.getLogger("urllib3").setLevel(logging.WARNING)
    sys.excepthook = lambda kind, error, trace: log.critical("uncaught", exc_info=(kind, error, trace))
