"""A service that tells the key, a token and a signed address in every text: they are kept nowhere."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from client.account import Account
from client.jobs.states import Status
from client.notices import text
from client.store import BalanceTable, JobTable, NewJob
from client.store.ledger import Ledger, Outcome
from support.agent_lab.agents import KEY, World, request_for, until
from support.checks import secrets

TOKEN = "eyJhbGciOi.someone-elses-token"
SIGNATURE = "5f4dcc3b5aa765d61d8327deb882cf99"
SAID = f"refused {KEY} of Bearer {TOKEN} at https://storage.example/model.glb?X-Amz-Signature={SIGNATURE} for good"
CUT = f"it is {KEY[:20]}"
"""A sentence that ends in the middle of the key."""
TASK = "task-0123456789"


class Gossip(ThreadingHTTPServer):
    """Answers every request with the same document, and tells the key in it."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers: dict[str, tuple[int, Any]] = {}
        """Status and document of POST and GET, and of the wallet."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self._answer("wallet" if "wallet" in self.path or "balance" in self.path else "GET")

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self._answer("POST")

    def _answer(self, kind: str) -> None:
        assert isinstance(self.server, Gossip)
        status, document = self.server.answers.get(kind, (403, {"detail": SAID}))
        data = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("X-Request-Id", KEY)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@pytest.fixture
def gossip() -> Iterator[Gossip]:
    server = Gossip()
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def world(world: World, gossip: Gossip) -> World:
    world.account = Account(gossip.url, KEY, 600)
    return world


def leaks(folder: Path) -> list[str]:
    return [one for word in (KEY, KEY[:20], TOKEN, SIGNATURE) for one in secrets.in_files(word, folder)]


REFUSALS = [
    (400, {"error": {"code": KEY, "message": SAID}}),
    (400, {"error": SAID}),
    (402, {"detail": SAID}),
    (403, {"detail": SAID}),
    (422, {"prompt": [SAID, CUT]}),
    (422, {"detail": [{"loc": ["body", KEY], "msg": SAID}]}),
]


@pytest.mark.parametrize("answer", REFUSALS, ids=lambda answer: str(answer)[:40])
def test_a_refused_request_keeps_no_secret(world: World, gossip: Gossip, answer: tuple[int, Any]) -> None:
    gossip.answers["POST"] = answer
    job_id = world.press()
    agent = world.start()
    job = world.ends(job_id)
    assert job.status in (Status.FAILED, Status.UNCERTAIN)
    world.balances.ask(world.account.account_id)
    until(lambda: world.balances.read(world.account.account_id).problem, "the balance is refused, too")
    world.leaves(agent)
    assert leaks(world.home.root) == []


@pytest.mark.parametrize("reason", [SAID, CUT], ids=["whole", "cut"])
def test_a_failed_task_keeps_no_secret(world: World, gossip: Gossip, reason: str) -> None:
    gossip.answers["GET"] = (200, {"status": "FAILED", "failure_reason": reason, "id": KEY, "results": []})
    job_id = world.jobs.insert(NewJob(world.account.account_id, request_for()), status=Status.QUEUED, task_id=TASK)
    agent = world.start()
    job = world.ends(job_id)
    world.leaves(agent)
    assert job.status is Status.FAILED and "[key]" in str(job.notice)
    assert leaks(world.home.root) == []


def test_no_table_takes_a_secret(world: World) -> None:
    """The gate is the connection: it does not matter which table a text is for."""
    world.database.add_secret(KEY)
    job_id = world.jobs.insert(NewJob("account", request_for(prompt=f"a mug {KEY}"), name=SAID, target=KEY))
    world.jobs.update(job_id, Status.PREPARED, message=SAID, error=CUT, task_id=KEY, balance_before=KEY)
    job = world.job(job_id)
    assert str(job.notice).startswith("refused [key] of Bearer [key] at https://storage.example/model.glb?[…]")
    assert Ledger(world.database).record_charge(job, Outcome.CHARGED, KEY)
    world.database.set_setting("note", KEY)
    BalanceTable(world.database).ask("account")
    BalanceTable(world.database).fail("account", text(SAID))
    world.database.reopen()
    JobTable(world.database).restore(job.__class__(**{**vars(job), "message": SAID}))
    assert leaks(world.home.root) == []


def test_the_whole_address_of_an_image_is_still_sent(world: World) -> None:
    """The service needs its query."""
    url = f"https://example.com/cat.png?signature={SIGNATURE}"
    job = world.job(world.jobs.insert(NewJob("account", request_for(image_url=url))))
    assert url in job.request
