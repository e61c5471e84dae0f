"""How agents begin and end: one at a time, longer than Blender, at once when told, without losing an answer."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from client.account import Account
from client.agent.main import EXIT_NOT_NEEDED, EXIT_OK
from client.agent.messages import Failed, Message
from client.agent.tasks import Work
from client.jobs.request import GenerationRequest
from client.jobs.states import Status
from client.service.api import TripoClient
from client.service.exceptions import NotSent
from client.service.multipart import Progress
from client.service.responses import TaskStatus
from client.store import JobTable, open_database
from support.agent_lab.agents import FAST, KEY, World, until
from support.agent_lab.agents import world as make_world

STEADY = replace(FAST, idle_exit=60.0)
PATIENT = replace(FAST, slow_window=60.0, answer=30.0, silence=30.0)
SLOW = {"seconds": 0.05, "amount": 2}
"""An answer that takes about 2 s to arrive."""


def test_a_second_agent_is_not_needed(world: World) -> None:
    first = world.start(timings=STEADY)
    until(world.has_agent, "the first agent is at work")
    second = world.start(wait=False)
    assert world.leaves(second) == EXIT_NOT_NEEDED
    assert first.exit_code() is None
    lease = world.leases.holder(world.account.account_id)
    assert lease is not None and lease.pid == first.pid


def test_two_accounts_at_once(lone_world: World, tmp_path: Path) -> None:
    """Each agent works its own jobs in the same home and leaves the other's files alone."""
    world = lone_world
    world.sandbox.service.add_key("another-key-0123456789")
    other = Account(world.sandbox.api_url, "another-key-0123456789", 600)
    world.sandbox.add_fault("asset", "slow", 2)
    mine = world.submitted()
    first = world.run(timings=PATIENT)
    part = world.home.downloads / f"{mine}.part"
    until(lambda: part.exists() and part.stat().st_size, "the first agent downloads")
    folders = set(world.home.scratch.iterdir())
    theirs = world.press(other.account_id)
    mine_account, world.account = world.account, other
    second = world.run(timings=PATIENT)
    world.reaches(theirs, Status.DOWNLOADING)
    assert part.exists() and folders <= set(world.home.scratch.iterdir()), "the second agent's sweep spares the first"
    assert world.job(theirs).account_id != world.job(mine).account_id
    world.sandbox.faults.clear()
    second.stop()
    world.account = mine_account
    first.stop()
    assert world.job(mine).status is Status.DOWNLOADING and world.job(theirs).status is Status.DOWNLOADING
    again = world.run()
    assert world.ends(mine).status is Status.READY
    again.stop()
    assert world.job(theirs).status is Status.DOWNLOADING


def test_it_outlives_blender(lone_world: World) -> None:
    world = lone_world
    world.sandbox.set(seconds=1000.0)
    job_id = world.press()
    agent = world.start(outlive=True)
    world.reaches(job_id, Status.QUEUED)
    agent.hang_up()
    world.sandbox.finish()
    assert world.ends(job_id).status is Status.READY
    assert world.leaves(agent) == EXIT_OK
    assert world.leases.holder(world.account.account_id) is None
    assert world.leftovers() == []


def test_it_outlives_a_killed_blender(lone_world: World, tmp_path: Path) -> None:
    world = lone_world
    world.sandbox.set(seconds=1000.0)
    job_id = world.press()
    root = Path(__file__).resolve().parents[3]
    script = (
        "import sys, time\n"
        f"sys.path[:0] = [{str(root)!r}]\n"
        "from pathlib import Path\n"
        "from client.agent.launch import start_agent\n"
        "from client.paths import Home\n"
        "from client.timings import Timings\n"
        "from client.account import Account\n"
        f"agent = start_agent(Home(Path({str(world.home.root)!r})), Account({world.account.api_url!r}, {KEY!r}, 600),"
        f" python=sys.executable, converter={world.converter.program!r}, timings=Timings(idle_exit=0.3))\n"
        "print(agent.pid, flush=True)\n"
        "time.sleep(600)\n"
    )
    blender = subprocess.Popen([sys.executable, "-B", "-c", script], stdout=subprocess.PIPE)
    assert blender.stdout is not None
    agent = int(blender.stdout.readline())
    world.reaches(job_id, Status.QUEUED)
    blender.kill()
    blender.wait()
    blender.stdout.close()
    world.sandbox.finish()
    assert world.ends(job_id).status is Status.READY
    until(lambda: not Path(f"/proc/{agent}").exists(), "the agent leaves")


def test_it_ends_with_blender_when_asked_to(lone_world: World) -> None:
    world = lone_world
    world.sandbox.set(seconds=1000.0)
    job_id = world.press()
    agent = world.start(outlive=False)
    world.reaches(job_id, Status.QUEUED)
    agent.hang_up()
    assert world.leaves(agent) == EXIT_OK
    assert world.job(job_id).status is Status.QUEUED
    world.sandbox.finish()
    next_agent = world.start(outlive=True)
    assert world.ends(job_id).status is Status.READY and world.submissions == 1
    world.leaves(next_agent)


def test_offline_and_alone_it_leaves(lone_world: World) -> None:
    world = lone_world
    world.sandbox.set(seconds=1000.0)
    job_id = world.press()
    agent = world.start(outlive=True)
    world.reaches(job_id, Status.QUEUED)
    world.go_online(False)
    agent.hang_up()
    assert world.leaves(agent) == EXIT_OK
    assert world.job(job_id).status is Status.QUEUED


def test_what_is_unpaid_and_cannot_be_sent_keeps_no_agent_alive(tmp_path: Path) -> None:
    with make_world(tmp_path) as world:
        world.sandbox.stop()
        job_id = world.press()
        agent = world.start(outlive=True)
        until(lambda: world.job(job_id).error == "NOT_SENT", "it cannot be sent")
        assert agent.exit_code() is None, "a Blender is there that may want it"
        agent.hang_up()
        assert world.leaves(agent) == EXIT_OK
        assert world.job(job_id).status is Status.PREPARED


def test_a_crash_is_noticed_within_five_seconds(world: World) -> None:
    agent = world.start(timings=STEADY)
    until(world.has_agent, "the agent is at work")
    world.kill(agent)
    until(lambda: not world.has_agent(), "the crash is noticed", 5.0)


def test_told_to_stop_it_waits_for_the_answer_to_a_submit(world: World) -> None:
    world.sandbox.add_fault("submit", "slow", **SLOW)
    job_id = world.press()
    agent = world.start(timings=PATIENT)
    until(lambda: world.submissions, "the service has taken it")
    assert world.job(job_id).status is Status.SUBMITTING
    agent.leave()
    assert world.leaves(agent) == EXIT_OK
    job = world.job(job_id)
    assert job.status is Status.QUEUED
    assert job.task_id == world.sandbox.state["submissions"][0]["task_id"]
    assert world.spent() == job.credits
    assert world.leases.holder(world.account.account_id) is None


class Held(TripoClient):
    """Keeps the answer to a submit back until it may come."""

    def __init__(self, world: World) -> None:
        super().__init__(world.account, timings=FAST)
        self.may_come = threading.Event()

    def submit(self, request: GenerationRequest, on_progress: Progress | None = None) -> str:
        answer = super().submit(request, on_progress)
        assert self.may_come.wait(60)
        return answer


def see_a_beat(world: World) -> None:
    lease = world.leases.holder(world.account.account_id)
    assert lease is not None
    until(lambda: world.leases.holder(world.account.account_id) != lease, "it beats while it waits")


def test_while_it_waits_nobody_takes_over(world: World) -> None:
    """The heart goes on beating until the answer is written."""
    client = Held(world)
    job_id = world.press()
    agent = world.run(client=client)
    until(lambda: world.submissions, "the service has taken it")
    agent.agent.stop()
    see_a_beat(world)  # which may still be of its last round
    see_a_beat(world)
    assert world.job(job_id).status is Status.SUBMITTING
    assert world.leaves(world.start(wait=False)) == EXIT_NOT_NEEDED
    client.may_come.set()
    agent.join()
    assert world.job(job_id).status is Status.QUEUED


def test_told_to_stop_in_a_download_it_keeps_what_came(world: World) -> None:
    world.sandbox.add_fault("asset", "slow")
    job_id = world.submitted()
    agent = world.start(timings=PATIENT)
    part = world.home.downloads / f"{job_id}.part"
    until(lambda: part.exists() and part.stat().st_size, "some bytes are there")
    agent.leave()
    assert world.leaves(agent) == EXIT_OK
    assert world.job(job_id).status is Status.DOWNLOADING, "stopped is not failed"
    assert part.stat().st_size
    world.start()
    assert world.ends(job_id).status is Status.READY


def test_an_agent_that_slept_does_no_harm(world: World) -> None:
    """Stopped in the middle of a submit, it wakes up when another one has taken over: one task, one owner."""
    world.sandbox.add_fault("submit", "slow", seconds=0.02, amount=1)
    job_id = world.press()
    sleeper = world.start(timings=PATIENT)
    until(lambda: world.submissions, "the service has taken it")
    world.freeze(sleeper)
    other = world.start(timings=STEADY)
    assert world.reaches(job_id, Status.UNCERTAIN).task_id is None
    os.kill(sleeper.pid, signal.SIGCONT)
    assert world.leaves(sleeper) == EXIT_OK
    assert world.job(job_id).task_id == world.sandbox.state["submissions"][0]["task_id"], "the answer came late"
    assert world.ends(job_id).status is Status.READY
    assert other.exit_code() is None and world.submissions == 1


def test_an_agent_that_sleeps_before_it_sends_does_not_send(world: World) -> None:
    """Between writing SUBMITTING and sending it, the lease is looked at once more."""
    request = world.job(world.press()).request
    said: list[Message] = []
    Work(TripoClient(world.account), world.home, said.append, lambda: False).submit("job", request)
    assert [type(message.error) for message in said if isinstance(message, Failed)] == [NotSent]
    assert world.submissions == 0


# What the artist does meanwhile


def test_cancelled_in_the_middle_of_a_submit(world: World) -> None:
    world.sandbox.add_fault("submit", "slow", **SLOW)
    job_id = world.press()
    agent = world.run(timings=PATIENT)
    until(lambda: world.submissions, "the service has taken it")
    assert world.jobs.transition(job_id, Status.SUBMITTING, Status.CANCELLED, message="Cancelled here")
    until(lambda: world.job(job_id).task_id, "the task id is kept: what was paid can still be fetched")
    assert world.job(job_id).status is Status.CANCELLED
    assert world.spent() == world.job(job_id).credits
    agent.join()
    assert world.jobs.transition(job_id, Status.CANCELLED, Status.QUEUED)
    world.run()
    assert world.ends(job_id).status is Status.READY and world.submissions == 1


class Hooked(TripoClient):
    """Cancels a job just before anything is asked about it, and asks about other jobs only after that: a fault
    strikes the question that arrives first."""

    def __init__(self, world: World, job_id: str) -> None:
        super().__init__(world.account, timings=FAST)
        self.world = world
        self.job_id = job_id
        self.was_asked = threading.Event()

    def submit(self, request: GenerationRequest, on_progress: Progress | None = None) -> str:
        self.cancel()
        return super().submit(request, on_progress)

    def status(self, task_id: str) -> TaskStatus:
        if self.world.job(self.job_id).task_id != task_id:
            assert self.was_asked.wait(30), "the job that is to be cancelled is asked about"
            return super().status(task_id)
        self.cancel()
        try:
            return super().status(task_id)
        finally:
            self.was_asked.set()

    def cancel(self) -> None:
        before = self.world.job(self.job_id).status
        if before is not Status.CANCELLED:
            # A connection of its own: this is one of the agent's threads.
            database = open_database(self.world.home, durable=False, busy_seconds=5.0)
            assert JobTable(database).transition(self.job_id, before, Status.CANCELLED, message="Cancelled here")
            database.close()


@pytest.mark.parametrize("fault", ["reset_after", "http_402", "http_429", "hang_before"])
def test_cancelled_while_a_submit_goes_wrong(world: World, fault: str) -> None:
    world.sandbox.add_fault("submit", fault)
    job_id = world.press()
    agent = world.run(client=Hooked(world, job_id))
    agent.join()
    assert (world.job(job_id).status, str(world.job(job_id).notice)) == (Status.CANCELLED, "Cancelled here")


@pytest.mark.parametrize("fault", ["http_404", "failed", "hang_before", "stuck", "slow"])
def test_cancelled_while_it_is_asked_about(world: World, fault: str) -> None:
    """An answer about a job that is not ours to move any more changes nothing, and harms nobody."""
    job_id, other = world.submitted(), world.submitted()
    world.sandbox.add_fault("status", fault)
    agent = world.run(client=Hooked(world, job_id))
    assert world.ends(other).status is Status.READY
    agent.join()
    assert (world.job(job_id).status, str(world.job(job_id).notice)) == (Status.CANCELLED, "Cancelled here")


def test_cancelled_in_the_middle_of_a_download(world: World) -> None:
    world.sandbox.add_fault("asset", "slow")
    job_id = world.submitted()
    agent = world.run(timings=PATIENT)
    part = world.home.downloads / f"{job_id}.part"
    until(lambda: part.exists() and part.stat().st_size, "some bytes are there")
    assert world.jobs.transition(job_id, Status.DOWNLOADING, Status.CANCELLED)
    until(lambda: not part.exists(), "nothing is kept of it")
    agent.join()
    assert world.job(job_id).status is Status.CANCELLED and world.leftovers() == []


def test_a_finished_result_is_fetched_before_anything_else(world: World) -> None:
    done = world.submitted()
    world.jobs.transition(done, Status.QUEUED, Status.DOWNLOADING)
    pressed = world.press()
    agent = world.run()
    assert world.ends(done).status is Status.READY and world.ends(pressed).status is Status.READY
    # As they were announced: which of two threads is heard first is chance.
    rows = world.database.connection.execute("SELECT purpose FROM request_stamp ORDER BY stamp_id").fetchall()
    assert [row["purpose"] for row in rows][:2] == ["status", "submit"]
    agent.join()


# What it leaves on the disk


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX modes")
def test_its_files_are_private_and_hold_no_secret(world: World) -> None:
    world.sandbox.add_fault("asset", "http_403")
    job_id = world.press()
    world.balances.ask(world.account.account_id)
    agent = world.start()
    assert world.ends(job_id).status is Status.READY
    world.leaves(agent)
    assert stat.S_IMODE(world.home.root.stat().st_mode) == 0o700
    assert "was accepted as task" in world.log()
    for path in world.home.root.rglob("*"):
        assert not stat.S_IMODE(path.stat().st_mode) & 0o077, path
        if path.is_file():
            content = path.read_bytes()
            assert KEY.encode() not in content, path
            assert b"Signature=" not in content, path


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX modes")
def test_the_log_is_rotated(tmp_path: Path) -> None:
    """In a process of its own: it sets up the logging of the whole process."""
    root = Path(__file__).resolve().parents[3]
    script = (
        f"import sys, logging\nsys.path[:0] = [{str(root)!r}]\n"
        "from pathlib import Path\nfrom client.agent import main\nfrom client.paths import Home\n"
        f"main.LOG_BYTES = 2000\nmain._set_up_log(Home(Path({str(tmp_path / 'home')!r})), 'the-secret')\n"
        "for number in range(300):\n    logging.getLogger('x').info('%d the-secret http://a/b?c=d', number)\n"
    )
    subprocess.run([sys.executable, "-B", "-c", script], check=True)
    files = sorted((tmp_path / "home").glob("agent.log*"))
    assert [file.name for file in files] == ["agent.log", "agent.log.1", "agent.log.2"]
    for file in files:
        assert file.stat().st_size <= 2000 and stat.S_IMODE(file.stat().st_mode) == 0o600
        assert "the-secret" not in file.read_text() and "c=d" not in file.read_text()


def test_what_an_ended_agent_left_is_swept_up(world: World) -> None:
    job_id = world.submitted()
    gone, scratch = "0123456789ab", world.home.scratch / f"{'0123abcd' * 4}-abcd_123"
    (world.home.downloads / f"{gone}.part").write_bytes(b"x")
    (world.home.downloads / f"{gone}.part.etag").write_text('"x"')
    (world.home.downloads / f"{job_id}.whole").write_bytes(b"x")
    scratch.mkdir()
    (scratch / "half.blend").write_bytes(b"x")
    agent = world.run()
    assert world.ends(job_id).status is Status.READY
    agent.join()
    assert world.leftovers() == []
