"""The crash matrix of chains: kill -9 of the agent between and within the steps of generate → segment → texture.

Real processes, each case in a home and beside a service of its own. Whatever is killed, each step is sent and charged
once and the chain ends with three results; where the kill hits a request that is on its way a person says what came of
it, as for a single job. The last test prints the table.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from client.agent.launch import AgentProcess
from client.jobs.model_source import ModelSource
from client.jobs.states import Status
from client.schema import Kind
from client.store import NewJob
from client.store.jobs import new_job_id
from client.store.ledger import Ledger
from support.agent_lab.agents import FAST, until
from support.agent_lab.chains import ChainWorld, chain_world
from support.checks.cases import chosen

PATIENT = replace(FAST, slow_window=60.0, answer=30.0, silence=30.0, conversion=60.0)
LINGERING = replace(PATIENT, idle_exit=60.0)
"""For an agent that is to be killed."""


@dataclass(frozen=True)
class End:
    states: list[Status]
    submissions: int
    charged: list[int]
    inputs: list[str]
    leftovers: list[str]


@dataclass(frozen=True)
class Case:
    """``act`` presses a chain, kills where ``name`` says, and returns its jobs once the next agent works."""

    name: str
    act: Callable[[ChainWorld], list[str]]


def kill_and_go_on(chains: ChainWorld, agent: AgentProcess) -> None:
    chains.world.kill(agent)
    chains.world.sandbox.faults.clear()
    chains.world.sandbox.set(seconds=0.0)
    chains.world.sandbox.finish()
    chains.world.start()


def nothing_sent(chains: ChainWorld) -> list[str]:
    chains.world.go_online(False)
    ids = chains.chain()
    agent = chains.world.start(timings=LINGERING)
    until(lambda: str(chains.world.job(ids[0]).notice), "the agent says why it waits")
    chains.world.kill(agent)
    chains.world.go_online(True)
    chains.world.start()
    return ids


def held_at(step: int, status: Status) -> Callable[[ChainWorld], list[str]]:
    """The service takes long over this step."""

    def act(chains: ChainWorld) -> list[str]:
        world = chains.world
        ids = chains.chain(hold=step)
        agent = world.start(timings=LINGERING)
        if step:
            world.reaches(ids[step - 1], Status.READY)
        world.sandbox.set(seconds=1000.0)
        chains.hide_good_answer(ids[step])
        world.reaches(ids[step], Status.QUEUED)
        if status is Status.RUNNING:
            world.sandbox.advance(500)
            world.reaches(ids[step], Status.RUNNING)
        kill_and_go_on(chains, agent)
        return ids

    return act


def downloading(step: int) -> Callable[[ChainWorld], list[str]]:
    def act(chains: ChainWorld) -> list[str]:
        world = chains.world
        ids = chains.chain(hold=step)
        agent = world.start(timings=LINGERING)
        if step:
            world.reaches(ids[step - 1], Status.READY)
        world.sandbox.add_fault("asset", "slow")
        chains.hide_good_answer(ids[step])
        part = world.home.downloads / f"{ids[step]}.part"
        until(lambda: part.exists() and part.stat().st_size > 100, "some bytes are there")
        kill_and_go_on(chains, agent)
        return ids

    return act


def converting(step: int) -> Callable[[ChainWorld], list[str]]:
    def act(chains: ChainWorld) -> list[str]:
        world = chains.world
        ids = chains.chain(hold=step)
        agent = world.start(timings=LINGERING)
        if step:
            world.reaches(ids[step - 1], Status.READY)
        before = len(world.converter.events("order"))
        world.converter.plan("hang")
        chains.hide_good_answer(ids[step])
        until(lambda: len(world.converter.events("order")) > before, "the converter is at work")
        assert world.job(ids[step]).status is Status.CONVERTING
        kill_and_go_on(chains, agent)
        return ids

    return act


def converter_dies(step: int) -> Callable[[ChainWorld], list[str]]:
    def act(chains: ChainWorld) -> list[str]:
        world = chains.world
        ids = chains.chain(hold=step)
        world.start(timings=PATIENT)
        if step:
            world.reaches(ids[step - 1], Status.READY)
        before = len(world.converter.events("order"))
        world.converter.plan("hang")
        chains.hide_good_answer(ids[step])
        until(lambda: len(world.converter.events("order")) > before, "the converter is at work")
        os.kill(world.converter.pid, signal.SIGKILL)
        return ids

    return act


def between(step: int) -> Callable[[ChainWorld], list[str]]:
    """After one step has its result and before the next is sent."""

    def act(chains: ChainWorld) -> list[str]:
        world = chains.world
        ids = chains.chain(hold=step)
        agent = world.start(timings=LINGERING)
        world.reaches(ids[step - 1], Status.READY)
        world.kill(agent)
        chains.hide_good_answer(ids[step])
        world.start()
        return ids

    return act


def sending(step: int, fault: str) -> Callable[[ChainWorld], list[str]]:
    """The request is on its way, unseen or accepted: nobody knows, until a person says so."""

    def act(chains: ChainWorld) -> list[str]:
        world = chains.world
        ids = chains.chain(hold=step)
        agent = world.start(timings=LINGERING)
        if step:
            world.reaches(ids[step - 1], Status.READY)
        world.sandbox.add_fault("submit", fault)
        chains.hide_good_answer(ids[step])
        world.reaches(ids[step], Status.SUBMITTING)
        if fault == "hang_after":
            until(lambda: world.submissions == step + 1, "the service has taken it")
        else:
            until(lambda: chains.asked() == step + 1, "the request is on its way")
        kill_and_go_on(chains, agent)
        assert world.ends(ids[step]).status is Status.UNCERTAIN
        if fault == "hang_after":
            task_id = world.sandbox.state["submissions"][step]["task_id"]
            assert world.jobs.transition(ids[step], Status.UNCERTAIN, Status.QUEUED, task_id=task_id, error="")
        else:
            assert world.submissions == step
            assert world.jobs.transition(ids[step], Status.UNCERTAIN, Status.PREPARED, message="", error="")
        world.start()
        return ids

    return act


def exporting(chains: ChainWorld) -> list[str]:
    """A chain that begins with a selection: texture → segment → texture."""
    world = chains.world
    world.converter.plan_exports("hang")
    ids = [new_job_id() for _ in range(3)]
    kinds = (Kind.TEXTURE_MODEL, Kind.MESH_SEGMENTATION, Kind.TEXTURE_MODEL)
    models = (chains.selection(), ModelSource(job_id=ids[0]), ModelSource(job_id=ids[1]))
    account = world.account.account_id
    chains.press_all(
        [
            NewJob(account, chains.request(kind, model), job_id=job_id)
            for kind, model, job_id in zip(kinds, models, ids, strict=True)
        ]
    )
    agent = world.start(timings=LINGERING)
    until(lambda: world.converter.events("exporting"), "the export is under way")
    kill_and_go_on(chains, agent)
    return ids


CASES = [
    Case("nothing sent", nothing_sent),
    Case("step 1 sending, unseen", sending(0, "hang_before")),
    Case("step 1 running", held_at(0, Status.RUNNING)),
    Case("step 1 converting", converting(0)),
    Case("between steps 1 and 2", between(1)),
    Case("step 2 sending, unseen", sending(1, "hang_before")),
    Case("step 2 sending, accepted", sending(1, "hang_after")),
    Case("step 2 queued", held_at(1, Status.QUEUED)),
    Case("step 2 downloading", downloading(1)),
    Case("step 2 converting", converting(1)),
    Case("converter at step 2", converter_dies(1)),
    Case("between steps 2 and 3", between(2)),
    Case("step 3 sending, accepted", sending(2, "hang_after")),
    Case("step 3 running", held_at(2, Status.RUNNING)),
    Case("step 3 converting", converting(2)),
    Case("selection being exported", exporting),
]


def play(case: Case, root: Path) -> End:
    with chain_world(root) as chains:
        world = chains.world
        ids = case.act(chains)
        states = [world.ends(one, seconds=60.0).status for one in ids]
        world.all_leave()
        entries = Ledger(world.database).entries()
        return End(
            states,
            world.submissions,
            [sum(one.outcome == "charged" for one in entries if one.job_id == job_id) for job_id in ids],
            chains.inputs(),
            world.leftovers(),
        )


@pytest.fixture(scope="module")
def ends(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Future[End]]]:
    wanted = chosen(request, Case)
    with ThreadPoolExecutor(3 if sys.platform == "win32" else 6) as pool:
        yield {name: pool.submit(play, case, tmp_path_factory.mktemp("chain")) for name, case in wanted.items()}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_crash_within_a_chain_costs_nothing(case: Case, ends: dict[str, Future[End]]) -> None:
    end = ends[case.name].result()
    assert end.states == [Status.READY] * 3
    assert end.submissions == 3, "each step is sent once"
    assert end.charged == [1, 1, 1], "each step is charged once"
    assert end.inputs == [] and end.leftovers == []


def test_the_chain_table(ends: dict[str, Future[End]], print_table: Callable[[str], None]) -> None:
    lines = [f"{'killed':26} {'ends':22} {'submissions':12} {'charged':10} left over"]
    for case in CASES:
        if case.name in ends:
            end = ends[case.name].result()
            left = ", ".join([*end.inputs, *end.leftovers]) or "nothing"
            charged = " ".join(map(str, end.charged))
            lines.append(f"{case.name:26} {' '.join(end.states):22} {end.submissions:<12} {charged:10} {left}")
    print_table("\n".join(lines))
