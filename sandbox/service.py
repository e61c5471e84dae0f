# SPDX-License-Identifier: GPL-3.0-or-later
"""The service without its sockets: accounts, credits, the rate limit, tasks and their results.

Nothing runs in the background. Where a task stands follows from the clock, and is settled (failed ones
refunded) whenever somebody looks.
"""

from __future__ import annotations

import hashlib
import hmac
import math
import random
import threading
import time
import uuid
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from email.utils import formatdate
from typing import Any
from urllib.parse import urlencode

from .answer_shapes import choose_manner
from .clock import Clock
from .errors import ApiError
from .journal import WINDOW, Journal
from .messages import Request
from .prices import generation_cost, tool_cost
from .rules import Accepted, Endpoint
from .settings import Settings
from .tasks import Account, Task

FAIL_WORD = "[fail]"


class Service:
    """All the state of one sandbox. Every public method may be called from any thread."""

    def __init__(self, settings: Settings, keys: Iterable[str], credits: int | Decimal, seed: int | None) -> None:
        self.settings = settings
        self.clock = Clock()
        self.journal = Journal()
        self._keys = tuple(keys)
        self._credits = Decimal(credits)
        self._seed = seed
        self._lock = threading.RLock()
        self.reset()

    def reset(self) -> None:
        """Forget every task and request; accounts are as at the start. Settings and the clock stay."""
        with self._lock:
            source = random.Random(self._seed) if self._seed is not None else random.SystemRandom()
            self._random = source
            self._secret = source.randbytes(32)
            self._accounts = {
                key: Account(f"account-{number}", self._credits) for number, key in enumerate(self._keys, 1)
            }
            self._tasks: dict[str, Task] = {}
            self.journal.clear()

    # Accounts

    def account_for(self, request: Request) -> Account | None:
        """The account a request's key belongs to, revoked or not; None for no key or a wrong one."""
        scheme, _, key = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        with self._lock:
            return self._accounts.get(key.strip())

    def account(self, label: str | None = None) -> Account:
        """By label; without one, the first. Raises KeyError."""
        with self._lock:
            for account in self._accounts.values():
                if label in (None, account.label):
                    return account
        raise KeyError(label)

    def set_balance(self, credits: int | str | Decimal, label: str | None = None) -> None:
        self.account(label).balance = Decimal(credits)

    def revoke(self, key: str) -> None:
        """Make a key invalid from now on. Raises KeyError for one that never was."""
        with self._lock:
            self._accounts[key].revoked = True

    def add_key(self, key: str) -> None:
        with self._lock:
            self._accounts.setdefault(key, Account(f"account-{len(self._accounts) + 1}", self._credits))

    def count_request(self, account: Account) -> ApiError | None:
        """Count one request against the sliding 60 s window of its key; the refusal if it is one too many."""
        limit = self.settings.requests_per_minute
        now = self.clock.now()
        with self._lock:
            window = account.window
            while window and window[0] <= now - WINDOW:
                window.popleft()
            refused = bool(limit) and len(window) >= limit
            wait = max(1, math.ceil(window[-limit] + WINDOW - now)) if refused else 0
            if not refused or self.settings.count_refused:
                window.append(now)
        if not refused:
            return None
        headers: tuple[tuple[str, str], ...] = ()
        if self.settings.retry_after == "seconds":
            headers = (("Retry-After", str(wait)),)
        elif self.settings.retry_after == "date":
            headers = (("Retry-After", formatdate(time.time() + wait, usegmt=True)),)
        return ApiError(429, "RATE_LIMITED", f"Request was throttled. Expected available in {wait} seconds.", headers)

    def balance(self, account: Account) -> str:
        with self._lock:
            self._finish_tasks()
            return f"{account.balance:.2f}"

    # Tasks

    def submit(self, account: Account, endpoint: Endpoint, accepted: Accepted) -> Task:
        """Take the credits and make a task. Raises ApiError 402 when there are too few."""
        if accepted.model is None:
            cost = generation_cost(endpoint.tool, endpoint.version, accepted.parameters)
        else:
            cost = tool_cost(endpoint.tool, accepted.sent)
        with self._lock:
            self._finish_tasks()
            if account.balance < cost:
                raise ApiError(402, "INSUFFICIENT_CREDITS", "Not enough credits. Purchase more credits.")
            account.balance -= cost
            task = Task(
                task_id=str(uuid.UUID(bytes=self._random.randbytes(16), version=4)),
                account=account,
                endpoint=endpoint,
                accepted=accepted,
                credits=cost,
                created=self.clock.now(),
                duration=self.settings.seconds,
                monotonic=time.monotonic(),
                manner=choose_manner(self.settings.variety, self.settings.variety_seed, len(self._tasks)),
                topology=self.settings.topology,
            )
            if FAIL_WORD in str(accepted.parameters.get("prompt", "")).lower():
                task.fail_reason = "The generation failed"
            self._tasks[task.task_id] = task
            return task

    def task(self, task_id: str, account: Account | None = None) -> Task | None:
        """A task by its id; with an account, only if it is that account's own."""
        with self._lock:
            self._finish_tasks()
            task = self._tasks.get(task_id)
            return task if task is not None and account in (None, task.account) else None

    def tasks(self) -> list[Task]:
        with self._lock:
            return list(self._tasks.values())

    def fail(self, task: Task, reason: str) -> None:
        """Let a running or finished task fail now; its credits go back."""
        with self._lock:
            if not task.fail_reason:
                task.is_finished = False
            task.fail_reason = reason
            self._end_now(task)
            self._finish_tasks()

    def finish(self, task: Task) -> None:
        """End one task now, well or badly as it was going to."""
        with self._lock:
            self._end_now(task)
            self._finish_tasks()

    def finish_all(self) -> int:
        """End every running task now, well or badly as it was going to. Returns how many there were."""
        with self._lock:
            running = [task for task in self._tasks.values() if self.clock.now() < task.ends]
            for task in running:
                self._end_now(task)
            self._finish_tasks()
            return len(running)

    def _end_now(self, task: Task) -> None:
        task.duration = min(task.duration, max(0.0, self.clock.now() - task.created))

    def _finish_tasks(self) -> None:
        now = self.clock.now()
        for task in self._tasks.values():
            if not task.is_finished and now >= task.ends:
                task.is_finished = True
                if task.fail_reason:
                    task.account.balance += task.credits

    # Results

    def expired(self, task: Task) -> bool:
        return self.clock.now() >= task.ends + self.settings.result_seconds

    def signed_query(self, task: Task, name: str) -> str:
        """A query that lets anybody fetch this asset for a while, as an object store signs it (AWS Signature V4)."""
        now = self.clock.now()
        lifetime = int(self.settings.url_seconds)
        date = datetime.fromtimestamp(now, UTC).strftime("%Y%m%dT%H%M%SZ")
        values = {
            "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
            "X-Amz-Credential": f"SANDBOX/{date[:8]}/auto/s3/aws4_request",
            "X-Amz-Date": date,
            "X-Amz-Expires": str(lifetime),
            "X-Amz-SignedHeaders": "host",
            "X-Amz-Signature": self._signature(task, name, date, lifetime),
        }
        return urlencode(values)

    def signature_holds(self, task: Task, name: str, query: Mapping[str, str]) -> bool:
        """Whether a query was given out for this asset and its time is not over."""
        date, seconds = query.get("X-Amz-Date", ""), query.get("X-Amz-Expires", "")
        try:
            lifetime = int(seconds)
            signed = datetime.strptime(date, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC).timestamp()
        except ValueError:
            return False
        expected = self._signature(task, name, date, lifetime).encode()
        holds = hmac.compare_digest(query.get("X-Amz-Signature", "").encode(), expected)
        return holds and self.clock.now() < signed + lifetime

    def _signature(self, task: Task, name: str, date: str, lifetime: int) -> str:
        text = f"{task.task_id}/{name}?{date}&{lifetime}&{task.url_epoch}"
        return hmac.new(self._secret, text.encode(), hashlib.sha256).hexdigest()

    # For tests and the control endpoints

    def state(self) -> dict[str, Any]:
        """Everything a test may want to know, as JSON values and without any key or image bytes."""
        with self._lock:
            self._finish_tasks()
            now = self.clock.now()
            tasks = list(self._tasks.values())
            balances = {account.label: f"{account.balance:.2f}" for account in self._accounts.values()}
        entries = self.journal.entries()
        return {
            "clock": now,
            "settings": dict(vars(self.settings)),
            "balances": balances,
            "submissions": [task.as_submission() for task in tasks],
            "tasks": {task.task_id: self._task_state(task, now) for task in tasks},
            "requests": [entry.as_json() for entry in entries],
            "busiest_minute": self.journal.busiest_minute(),
            "key_leaks": sum(entry.origin == "storage" and entry.authorization for entry in entries),
        }

    def _task_state(self, task: Task, now: float) -> dict[str, Any]:
        return {
            "status": task.status(now),
            "progress": task.progress(now),
            "failure_reason": task.fail_reason if now >= task.ends else None,
            "credits": task.credits,
            "refunded": task.is_finished and task.fail_reason is not None,
            "expired": self.expired(task),
        }
