"""The fault matrix: everything the service, a proxy or the wire may do wrong, and what becomes of the job.

Each case is one job, one sandbox and one agent. A passing trouble (`then_ready`) lasts until the job has said what
is wrong; then it ends, and the job must end READY without anybody's doing. The cases run side by side, since an
agent mostly waits. The last test prints the table.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from client.jobs.states import Status
from client.store import Job
from support.agent_lab.agents import FAST, World, until
from support.agent_lab.agents import world as make_world
from support.checks.cases import chosen
from support.checks.plain_words import complaint

READY, FAILED, UNCERTAIN, EXPIRED = Status.READY, Status.FAILED, Status.UNCERTAIN, Status.EXPIRED
AT_SERVICE = (Status.QUEUED, Status.RUNNING)
LOADING = (Status.DOWNLOADING,)
UNSENT = (Status.PREPARED,)
PATIENT = replace(FAST, about_task=600.0, about_key=600.0, same_bytes=600.0)
SOME_TEXT: dict[str, Any] = {"message": "Something is not as it should be"}


@dataclass(frozen=True)
class Case:
    """``on`` is the request that goes wrong; ``states`` and ``says`` are what the job shows of it."""

    on: str
    fault: str
    states: tuple[Status, ...]
    says: str
    then_ready: bool = False
    submissions: int = 1
    refunded: bool = False
    options: dict[str, Any] = field(default_factory=dict[str, Any])
    first: tuple[str, ...] = ()
    note: str = ""
    patient: bool = False

    @property
    def name(self) -> str:
        return "-".join(filter(None, (self.on, self.fault, self.note, "patient" if self.patient else "")))


def submit(fault: str, state: Status, says: str, submissions: int = 0, **options: Any) -> Case:
    return Case("submit", fault, (state,), says, submissions=submissions, options=options)


def unsure(fault: str, submissions: int, **options: Any) -> Case:
    return submit(fault, UNCERTAIN, "may have been charged.*dashboard", submissions, **options)


def passing(
    on: str, fault: str, states: tuple[Status, ...], says: str, *, patient: bool = False, **options: Any
) -> Case:
    return Case(on, fault, states, says, then_ready=True, options=options, patient=patient)


def final(on: str, fault: str, state: Status, says: str, **options: Any) -> Case:
    return Case(on, fault, (state,), says, options=options)


CASES = [
    # What a submit may be answered; nothing is sent twice, and only what is certainly unpaid fails or is sent again.
    submit("http_400", FAILED, "refused the request.*Something is not.*change the input", **SOME_TEXT),
    submit("http_401", FAILED, "does not accept the API key: copy it again"),
    submit("http_402", FAILED, "API wallet does not have enough credits.*: buy API credits", **SOME_TEXT),
    submit("http_403", FAILED, "does not allow this.*: check on its dashboard", **SOME_TEXT),
    submit("http_404", FAILED, "does not know.*: check the API URL", **SOME_TEXT),
    unsure("http_408", 0, **SOME_TEXT),
    unsure("http_409", 0, **SOME_TEXT),
    submit("http_413", FAILED, "refused the request", **SOME_TEXT),
    submit("http_422", FAILED, "refused the request", **SOME_TEXT),
    submit("http_302", FAILED, "API URL leads somewhere else", location="https://login.example/"),
    Case(
        "submit",
        "http_429",
        UNSENT,
        "Rate limit reached: the next request goes out in [34] s",
        True,
        options={"retry_after": 3},
    ),
    Case("submit", "http_429", UNSENT, "Rate limit reached", True, note="silent"),
    unsure("http_500", 0, **SOME_TEXT),
    unsure("http_502", 0, body="<html>Bad gateway</html>"),
    unsure("http_503", 0, **SOME_TEXT),
    unsure("http_504", 0, **SOME_TEXT),
    unsure("empty", 1),
    unsure("garbage", 1),
    unsure("empty_object", 1),
    unsure("json_list", 1),
    unsure("json_null", 1),
    unsure("wrong_types", 1),
    unsure("html", 0),
    unsure("reset_before", 0),
    unsure("reset_after", 1),
    unsure("hang_before", 0),
    unsure("hang_after", 1),
    Case("submit", "slow", (READY,), "Ready"),
    # What a look at a paid task may be answered; it is never given up for a passing trouble.
    passing("status", "http_500", AT_SERVICE, "is unavailable.*: asking again", **SOME_TEXT),
    passing("status", "http_502", AT_SERVICE, "asking again", body="<html>Bad gateway</html>"),
    passing("status", "http_503", AT_SERVICE, "asking again", **SOME_TEXT),
    passing("status", "http_504", AT_SERVICE, "asking again", **SOME_TEXT),
    passing("status", "http_429", AT_SERVICE, "Rate limit reached", retry_after=1),
    passing("status", "http_302", AT_SERVICE, "login page", location="https://login.example/"),
    passing("status", "http_407", AT_SERVICE, "asking again", **SOME_TEXT),
    passing("status", "http_408", AT_SERVICE, "asking again", **SOME_TEXT),
    passing("status", "empty", AT_SERVICE, "asking again"),
    passing("status", "garbage", AT_SERVICE, "asking again"),
    passing("status", "empty_object", AT_SERVICE, "asking again"),
    passing("status", "json_list", AT_SERVICE, "asking again"),
    passing("status", "wrong_types", AT_SERVICE, "asking again"),
    passing("status", "html", AT_SERVICE, "asking again"),
    passing("status", "reset_before", AT_SERVICE, "connection broke.*: check the internet"),
    passing("status", "hang_before", AT_SERVICE, "connection broke.*: check the internet"),
    passing("status", "unknown_status", (Status.RUNNING,), "About"),
    passing("status", "stuck", (Status.RUNNING,), "About"),
    passing("status", "backwards", (Status.RUNNING,), "About"),
    Case("status", "slow", (READY,), "Ready"),
    final(
        "status",
        "http_400",
        FAILED,
        "refused the request.*: try again later, or give 3D AI Studio's support the task id",
        **SOME_TEXT,
    ),
    final("status", "http_401", FAILED, "does not accept the API key"),
    final("status", "http_403", FAILED, "this task is another account's: check the task id"),
    final("status", "http_404", FAILED, "does not know this task: check the task id", **SOME_TEXT),
    final("status", "http_410", EXPIRED, r"expired on \d{4}-\d\d-\d\d \d\d:\d\d: generate it again"),
    # What it says of a paid task must be said for minutes before it is believed.
    *[
        passing("status", fault, AT_SERVICE, "asking again|API key", patient=True, **SOME_TEXT)
        for fault in ("http_400", "http_401", "http_403", "http_404", "http_410", "http_422")
    ],
    passing("status", "missing_results", AT_SERVICE, "shows no model yet: asking again"),
    passing("status", "empty_results", AT_SERVICE, "shows no model yet"),
    passing("status", "null_results", AT_SERVICE, "shows no model yet"),
    Case("status", "failed", (FAILED,), "could not be made.*given back.*try again", refunded=True),
    # What the storage may do. No result is published that is not whole and not what it should be.
    passing("asset", "http_403", LOADING, "link to the result no longer works: asking"),
    passing("asset", "http_404", LOADING, "link to the result no longer works: asking"),
    passing("asset", "http_410", LOADING, "link to the result no longer works: asking"),
    passing("asset", "http_429", LOADING, "storage answers with error 429: retrying"),
    passing("asset", "http_500", LOADING, "storage answers with error 500: retrying"),
    passing("asset", "http_503", LOADING, "retrying"),
    passing("asset", "reset_after", LOADING, "broke off: it goes on"),
    passing("asset", "hang_after", LOADING, "broke off: it goes on"),
    passing("asset", "slow", LOADING, "too slow: it goes on"),
    passing("asset", "empty", LOADING, "empty file: retrying"),
    Case("asset", "cut", (READY,), "Ready"),
    Case("asset", "longer", (READY,), "Ready"),
    Case("asset", "expire_urls", (READY,), "Ready"),
    Case("asset", "no_range", (READY,), "Ready", first=("cut",)),
    Case("asset", "wrong_range", (READY,), "Ready", first=("cut",)),
    Case("asset", "change_asset", (READY,), "Ready", first=("cut",)),
    Case("asset", "hostile_name", (READY,), "Ready"),
    # Wrong bytes are a failed download, unless the same come again and again.
    *[
        passing("asset", f"content_{content}", LOADING, "fetching it again", patient=True)
        for content in ("html", "random", "zip", "png", "truncated_glb", "glb_wrong_length")
    ],
    Case("asset", "content_glb_bad_json", (READY,), "Ready", note="once"),
    Case("asset", "content_glb_outside_image", (READY,), "Ready", note="once"),
    final("asset", "huge", FAILED, "larger than 2,048 MB: raise the limit"),
    passing("asset", "http_302", LOADING, "log in there with a web browser", location="http://203.0.113.7/model.glb"),
    final("status", "asset_url", FAILED, "not https: it was not fetched", url="http://203.0.113.7/model.glb"),
    Case("status", "asset_url", (FAILED,), "not https", options={"url": "file:///etc/passwd"}, note="file"),
    *[
        final("asset", f"content_{content}", FAILED, "it is kept in the add-on's folder")
        for content in (
            "html",
            "random",
            "zip",
            "png",
            "truncated_glb",
            "glb_wrong_length",
        )
    ],
]


@dataclass(frozen=True)
class Result:
    shown: Job
    ended: Job
    submissions: int
    charged: int
    leftovers: list[str]
    key_leaks: int
    key_in_files: list[str]


def shows(world: World, job_id: str, case: Case) -> Job | None:
    job = world.job(job_id)
    return job if job.status in case.states and re.search(case.says, str(job.notice)) else None


def play(case: Case, root: Any) -> Result:
    with make_world(root) as world:
        job_id = world.press() if case.on == "submit" else world.submitted()
        for fault in case.first:
            world.sandbox.add_fault(case.on, fault)
        once = case.states == (READY,) or case.refunded or (case.on == "submit" and not case.then_ready)
        world.sandbox.add_fault(case.on, case.fault, 1 if once else 10_000, **case.options)
        agent = world.run(timings=PATIENT if case.patient else FAST)
        try:
            shown = until(lambda: shows(world, job_id, case), f"{case.name} shows {case.says!r}", 90)
        except AssertionError as error:
            raise AssertionError(f"{error}; it shows {world.job(job_id)}") from None
        if case.then_ready:
            world.sandbox.faults.clear()
        ended = world.ends(job_id, 90)
        agent.join()
        return Result(
            shown,
            ended,
            world.submissions,
            int(world.spent()),
            world.leftovers(),
            int(world.sandbox.state["key_leaks"]),
            [
                path.name
                for path in world.home.root.rglob("*")
                if path.is_file() and world.account.api_key.encode() in path.read_bytes()
            ],
        )


@pytest.fixture(scope="module")
def results(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Future[Result]]]:
    """Every case that was asked for, played side by side."""
    wanted = chosen(request, Case)
    with ThreadPoolExecutor(10) as pool:
        yield {name: pool.submit(play, case, tmp_path_factory.mktemp(name)) for name, case in wanted.items()}


def test_there_are_enough_cases() -> None:
    assert len({case.name for case in CASES}) == len(CASES) >= 30


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_fault_ends_well(case: Case, results: dict[str, Future[Result]]) -> None:
    result = results[case.name].result()
    assert result.ended.status is (READY if case.then_ready else case.states[0])
    assert result.submissions == case.submissions, "one press is one submission, or none"
    for job in (result.shown, result.ended):
        assert not complaint(str(job.notice)), str(job.notice)
    assert result.leftovers == []
    assert result.key_leaks == 0 and result.key_in_files == []
    if case.on == "submit":
        spent = result.ended.status in (READY, Status.UNCERTAIN)
        assert result.charged == (result.ended.credits if spent else 0), "the ledger knows what may have been charged"
    if case.refunded:
        assert result.charged == 0, "what was charged was given back"
    assert bool(result.ended.error) == (result.ended.status is not READY)
    if result.ended.status is READY:
        assert result.ended.blend and result.ended.sha256 and result.ended.size > 0


def test_the_fault_table(results: dict[str, Future[Result]], print_table: Callable[[str], None]) -> None:
    lines = [f"{'fault':34} {'state':12} {'then':10} sentence"]
    for name, future in results.items():
        result = future.result()
        then = result.ended.status if result.ended.status is not result.shown.status else ""
        lines.append(f"{name:34} {result.shown.status:12} {then:10} {result.shown.notice!s}")
    print_table("\n".join(lines))
