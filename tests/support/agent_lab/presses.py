"""Presses against a server that does one thing wrong: what came of each, and the words for such servers."""

from __future__ import annotations

import gzip
from typing import Any

import pytest

from client import errors
from client.account import Account
from client.jobs.request import GenerationRequest
from client.schema import Kind
from client.service.api import TripoClient
from client.timings import Timings
from support.sandbox_service.raw_server import ACCEPTED, TASK_ID, Act, Peer

KEY = "wire-test-key-0123456789"
REQUEST = GenerationRequest(Kind.TEXT, parameters={"prompt": "a sword"})
PATIENT = Timings(connect=30.0, opening=60.0, answer=60.0, whole_answer=60.0)

Outcome = type[errors.TripoError] | None
"""The error a submit ends with; None when it was accepted."""


def submit(url: str, timings: Timings = PATIENT) -> tuple[Outcome, str]:
    """Press once; returns what came of it and its sentence."""
    try:
        task_id = TripoClient(Account(url, KEY), timings=timings).submit(REQUEST)
    except errors.TripoError as error:
        assert KEY not in str(error)
        return type(error), str(error)
    assert task_id == TASK_ID
    return None, ""


def row(name: str, act: Act, expected: Outcome, said: str = "", timings: Timings = PATIENT) -> Any:
    return pytest.param(act, expected, said, timings, id=name)


def after_request(*steps: Any) -> Act:
    """Read the request, then send bytes or do something with the peer."""

    def act(peer: Peer) -> None:
        peer.read_request()
        for step in steps:
            if isinstance(step, bytes):
                peer.send(step)
            else:
                step(peer)

    return act


HURRIED = Timings(connect=30.0, opening=60.0, answer=30.0, whole_answer=0.5)
"""For answers that never end: the limit is reached however slow the machine is."""
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
INTERIM = b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n"
PAGE = b"<html><body>Please log in</body></html>"
PACKED = gzip.compress(ACCEPTED)
