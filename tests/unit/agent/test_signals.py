"""A signal that arrives while the agent waits for news does not make it wait for ever."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
WAIT = """
import queue, signal, time
from types import SimpleNamespace
from client.agent import loop

TICK = 0.2


def outlast_the_wait(number, frame):
    end = time.monotonic() + 2 * TICK
    while time.monotonic() < end:
        pass


signal.signal(signal.SIGALRM, outlast_the_wait)
signal.setitimer(signal.ITIMER_REAL, TICK / 4)
agent = SimpleNamespace(_unwritten=None, _trouble_since=None, inbox=queue.Queue(), timings=SimpleNamespace(tick=TICK))
loop.Agent._wait_for_news(agent)
print("goes on")
"""


def test_the_wait_for_news_ends_although_a_signal_came_at_its_end() -> None:
    command = [sys.executable, "-B", "-c", WAIT]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == "goes on\n"


def test_the_agent_makes_no_queue_that_can_wait_for_ever() -> None:
    for name in ("main.py", "loop.py", "converter/process.py"):
        text = (ROOT / "client" / "agent" / name).read_text(encoding="utf-8")
        assert "SimpleQueue()" not in text and "SimpleQueue[" not in text, name
