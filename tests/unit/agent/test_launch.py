"""Starting the agent: where the key goes and where it does not, and what a bad start looks like."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from client.account import KEY_VARIABLE, Account
from client.agent.launch import AgentConfig, agent_command, child_environment, creation_flags
from client.agent.main import EXIT_BAD_START, EXIT_OK, EXIT_STORE
from client.timings import Timings
from support.agent_lab.agents import FAST, KEY, World, until

ACCOUNT = Account("https://api.example", KEY, 3)
CONFIG = AgentConfig("/home/x", ACCOUNT, ("/opt/blender",), False, 5_000_000, FAST)


def test_the_configuration_survives_the_pipe() -> None:
    assert AgentConfig.from_line(CONFIG.to_line()) == CONFIG
    assert CONFIG.to_line().count(b"\n") == 1


def test_the_key_is_not_in_its_repr() -> None:
    assert KEY not in repr(CONFIG)


def test_the_defaults_are_the_promised_ones() -> None:
    plain = AgentConfig("/home/x", ACCOUNT)
    assert plain.outlive and plain.max_result_bytes == 2 * 1024**3 and plain.timings == Timings()
    assert Timings().idle_exit <= 30


@pytest.mark.parametrize("line", [b"", b"\n", b"nonsense\n", b"[]\n", b"{}\n", b'{"home": 1}\n', b"x" * 100_000])
def test_a_bad_start_is_told(line: bytes) -> None:
    done = subprocess.run(agent_command(sys.executable), input=line, capture_output=True, timeout=60)
    assert done.returncode == EXIT_BAD_START
    assert b"started wrongly" in done.stderr and b"Traceback" not in done.stderr


def test_a_store_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    config = AgentConfig(str(blocked / "home"), Account("http://127.0.0.1:9", KEY))
    done = subprocess.run(agent_command(sys.executable), input=config.to_line(), capture_output=True, timeout=60)
    assert done.returncode == EXIT_STORE
    assert b"check that the folder can be written" in done.stderr and KEY.encode() not in done.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="/proc")
def test_the_key_reaches_it_over_the_pipe_only(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(KEY_VARIABLE, KEY)
    agent = world.start()
    until(world.has_agent, "the agent is at work")
    command = Path(f"/proc/{agent.pid}/cmdline").read_bytes()
    environment = Path(f"/proc/{agent.pid}/environ").read_bytes()
    assert b"client" in command and KEY.encode() not in command
    assert b"PATH=" in environment and KEY.encode() not in environment
    assert KEY_VARIABLE.encode() not in environment
    assert world.leaves(agent) == EXIT_OK


def test_its_pipe_is_not_inherited_by_others(world: World) -> None:
    """Or the agent would not notice that Blender is gone as long as any later child of Blender lives."""
    agent = world.start(outlive=False, timings=Timings())
    until(world.has_agent, "the agent is at work")
    later = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    try:
        agent.hang_up()
        assert world.leaves(agent) == EXIT_OK
    finally:
        later.kill()
        later.wait()


def test_children_get_no_key_and_a_plain_python() -> None:
    given = {KEY_VARIABLE: KEY, "PYTHONPATH": "/x", "PYTHONHOME": "/x", "PYTHONSTARTUP": "/x", "HTTPS_PROXY": "p"}
    assert child_environment(given) == {"HTTPS_PROXY": "p"}
    assert agent_command("python")[1:3] == ["-I", "-B"]


def test_no_console_window_on_windows() -> None:
    no_window, new_group = 0x08000000, 0x00000200
    assert creation_flags("win32") == no_window | new_group
    assert creation_flags("linux") == creation_flags("darwin") == 0


def test_stopping_one_that_has_left_is_harmless(world: World) -> None:
    agent = world.start()
    world.leaves(agent)
    agent.hang_up()
    agent.leave()
    agent.leave()


def test_launching_needs_no_network_code() -> None:
    """Blender imports the launcher: that must not bring `requests` or `sqlite3` with it."""
    root = str(Path(__file__).resolve().parents[3])
    script = (
        f"import sys, json; sys.path[:0] = [{root!r}]; import client.agent.launch;"
        "print(json.dumps([name for name in ('requests', 'urllib3', 'sqlite3') if name in sys.modules]))"
    )
    done = subprocess.run(
        [sys.executable, "-B", "-c", script], capture_output=True, check=True, env={**os.environ, "PYTHONPATH": ""}
    )
    assert json.loads(done.stdout) == []
