"""Answers as the real service and its storage give them: a paid model is fetched whatever is said on the way.

The status calls are told by the test, the storage is a plain server on loopback.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import requests

from client.jobs.states import Status
from client.service import exceptions
from client.service.api import TripoClient
from client.service.responses import TaskStatus, read_status
from client.store import Job
from client.store.ledger import Ledger
from support.agent_lab.agents import FAST, World, until
from support.checks.plain_words import complaint

PATIENT = replace(FAST, about_task=600.0, about_key=600.0, same_bytes=600.0)
HTML = b"<!doctype html><html><body>Welcome to our network</body></html>"
S3 = b'<?xml version="1.0"?><Error><Code>SlowDown</Code><RequestId>1</RequestId></Error>'
UNKNOWN = exceptions.NotFound("3D AI Studio does not know this task: check the task id", status=404)
KEY = exceptions.KeyRefused("3D AI Studio does not accept the API key: copy it again", status=401)
FORBIDDEN = exceptions.Forbidden("3D AI Studio does not allow this: check on its dashboard", status=403)


class Storage:
    """Serves what each path has in store, one after the other; the last stays. None is a 404."""

    def __init__(self) -> None:
        self.files: dict[str, list[bytes | None]] = {}
        self.asked: list[str] = []
        storage = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                path = self.path.partition("?")[0]
                storage.asked.append(path)
                left = storage.files.get(path, [None])
                body = left.pop(0) if len(left) > 1 else left[0]
                self.send_response(404 if body is None else 200)
                self.send_header("Content-Length", str(len(body or b"")))
                self.end_headers()
                self.wfile.write(body or b"")

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True)
        self.thread.start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture
def storage() -> Iterator[Storage]:
    one = Storage()
    yield one
    one.close()


class Told(TripoClient):
    """Answers status calls with what it was told: documents or errors in order, the last again and again."""

    answers: list[Any]
    calls: int = 0

    def status(self, task_id: str) -> TaskStatus:
        self.calls += 1
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return read_status(answer, self.account.api_url)


@pytest.fixture
def told(world: World) -> Told:
    return Told(world.account)


@pytest.fixture
def model(world: World) -> bytes:
    """A sound GLB, as the sandbox makes them, at its first asking."""
    world.sandbox.set(variety="plain")
    job = world.job(world.submitted())
    world.jobs.transition(job.job_id, Status.QUEUED, Status.CANCELLED)
    return requests.get(TripoClient(world.account).status(str(job.task_id)).assets[0], timeout=30).content


def offer(storage: Storage, *names: str, status: str = "FINISHED") -> dict[str, Any]:
    """A status answer that offers these files of the storage."""
    results = [{"asset": f"{storage.url}/{name}?X-Sig=secret", "asset_type": "3D_MODEL"} for name in names]
    return {"status": status, "progress": 100, "results": results}


def test_a_model_that_is_shown_late_is_fetched(world: World, told: Told, storage: Storage, model: bytes) -> None:
    storage.files["/m.glb"] = [model]
    told.answers = [{"status": "FINISHED", "results": []}]
    job_id = world.submitted()
    agent = world.run(client=told)
    until(lambda: told.calls > 12, "it is looked at far more often than a few times")
    waiting = world.job(job_id)
    assert waiting.status is Status.QUEUED and "shows no model yet" in str(waiting.notice)
    told.answers = [{"status": "FINISHED", "results": [{"asset": None}]}, offer(storage, "m.glb")]
    assert world.ends(job_id).status is Status.READY
    agent.join()


def test_a_model_that_never_comes_expires_with_the_services_time(world: World, told: Told) -> None:
    told.answers = [{"status": "FINISHED", "results": []}]
    job_id = world.submitted(age=25 * 3600.0)
    world.run(client=told).join()
    job = world.job(job_id)
    assert job.status is Status.EXPIRED and told.calls > 2, "one answer and a clock are not enough"


def test_finished_without_a_model_and_with_a_reason_fails_at_once(world: World, told: Told) -> None:
    reason = "An error occurred while processing the input image"
    told.answers = [{"status": "FINISHED", "results": [{"asset": None}], "failure_reason": reason}]
    job_id = world.submitted()
    world.run(client=told).join()
    job = world.job(job_id)
    assert (job.status, job.error, told.calls) == (Status.FAILED, "TASK_FAILED", 1)
    assert reason in str(job.notice) and "given back" in str(job.notice) and not complaint(str(job.notice))
    assert Ledger(world.database).entries()[-1].outcome == "refunded"


@pytest.mark.parametrize("word", ["ERROR", "CANCELLED", "banned", "failed"])
def test_a_word_of_failure_ends_the_job(world: World, told: Told, word: str) -> None:
    told.answers = [{"status": word, "failure_reason": "code 2008"}]
    job_id = world.submitted()
    world.run(client=told).join()
    job = world.job(job_id)
    assert job.status is Status.FAILED and "content policy" in str(job.notice) and not complaint(str(job.notice))


@pytest.mark.parametrize("word", ["POSTPROCESSING", "PENDING", "FAILED", ""])
def test_an_address_means_finished(world: World, told: Told, storage: Storage, model: bytes, word: str) -> None:
    storage.files["/m.glb"] = [model]
    told.answers = [offer(storage, "m.glb", status=word)]
    job_id = world.submitted()
    world.run(client=told).join()
    assert world.job(job_id).status is Status.READY
    assert "refunded" not in {entry.outcome for entry in Ledger(world.database).entries()}


WRONG = {
    "a portal's page": lambda model: HTML,
    "an error of the storage": lambda model: S3,
    "a cut object": lambda model: model[: len(model) // 2],
    "nothing": lambda model: b"",
    "zeros": lambda model: bytes(len(model)),
    "an error as JSON": lambda model: json.dumps({"message": "Forbidden"}).encode(),
    "a packed object": lambda model: b"\x1f\x8b" + model,
    "an image": lambda model: b"\x89PNG\r\n\x1a\n" + model,
}


@pytest.mark.parametrize("times", [1, 5])
@pytest.mark.parametrize("what", WRONG)
def test_wrong_bytes_are_a_failed_download(
    world: World, told: Told, storage: Storage, model: bytes, what: str, times: int
) -> None:
    storage.files["/m.glb"] = [*[WRONG[what](model)] * times, model]
    told.answers = [offer(storage, "m.glb")]
    job_id = world.submitted()
    world.run(client=told, timings=PATIENT).join()
    job = world.job(job_id)
    assert job.status is Status.READY and job.error == "", job
    assert len(storage.asked) == times + 1
    # A connection that a busy machine was too slow for is tried again at the same address.
    assert what == "nothing" or told.calls >= max(2, times), "with a fresh address each time"
    assert list(world.home.quarantine.iterdir()) == [] and world.leftovers() == []


def test_the_same_wrong_bytes_for_hours_are_refused_and_kept(world: World, told: Told, storage: Storage) -> None:
    storage.files["/m.glb"] = [HTML]
    told.answers = [offer(storage, "m.glb")]
    job_id = world.submitted()
    world.run(client=told).join()
    job = world.job(job_id)
    assert job.status is Status.FAILED and len(storage.asked) >= 4
    assert str(job.notice).startswith("The downloaded file is a web page") and not complaint(str(job.notice))
    assert (world.home.quarantine / f"{job_id}.bin").read_bytes() == HTML


@pytest.mark.parametrize(
    "first",
    [[None], [HTML], [b"glTF\x02\0\0\0\xff\0\0\0\xeb\0\0\0JSON{}"], [None, HTML, S3, None, HTML, HTML]],
    ids=["gone", "a page", "broken", "something else each time"],
)
def test_the_next_asset_is_tried_before_the_job_fails(
    world: World, told: Told, storage: Storage, model: bytes, first: list[bytes | None]
) -> None:
    storage.files |= {"/best.glb": first, "/other.fbx": [model]}
    told.answers = [offer(storage, "other.fbx", "best.glb")]
    job_id = world.submitted()
    world.run(client=told).join()
    assert storage.asked[0] == "/best.glb" and storage.asked[-1] == "/other.fbx"
    assert world.job(job_id).status is Status.READY


def test_the_next_asset_is_tried_when_blender_cannot_read_the_best(
    world: World, told: Told, storage: Storage, model: bytes
) -> None:
    storage.files |= {"/best.glb": [model], "/other.glb": [_retold(model)]}
    told.answers = [offer(storage, "best.glb", "other.glb")]
    world.converter.plan("refuse")
    job_id = world.submitted()
    world.run(client=told).join()
    assert storage.asked == ["/best.glb", "/best.glb", "/other.glb"]
    job = world.job(job_id)
    assert job.status is Status.READY and job.file == f"results/{job_id}/model.glb"
    assert list(world.home.quarantine.iterdir()) == []


def _retold(model: bytes) -> bytes:
    """The same model in other bytes: a space more in its description, which ends in padding."""
    end = 20 + int.from_bytes(model[12:16], "little")
    text = model[20:end].rstrip(b" ")
    text += b" " * (4 + -len(text) % 4)
    whole = model[:12] + len(text).to_bytes(4, "little") + model[16:20] + text + model[end:]
    return whole[:8] + len(whole).to_bytes(4, "little") + whole[12:]


def test_a_file_that_blender_cannot_read_is_refused_when_it_came_twice(
    world: World, told: Told, storage: Storage, model: bytes
) -> None:
    storage.files["/m.glb"] = [model]
    told.answers = [offer(storage, "m.glb")]
    world.converter.plan("refuse")
    job_id = world.submitted()
    world.run(client=told).join()
    job = world.job(job_id)
    assert job.status is Status.FAILED and job.error == "RESULT_REFUSED"
    assert "Blender cannot read this result (it holds no objects)" in str(job.notice)
    assert storage.asked == ["/m.glb"] * 2 and len(world.converter.events("order")) == 1


def test_a_file_that_was_spoiled_on_its_way_is_read_the_second_time(
    world: World, told: Told, storage: Storage, model: bytes
) -> None:
    storage.files["/m.glb"] = [_retold(model), model]
    told.answers = [offer(storage, "m.glb")]
    world.converter.plan("refuse", "good")
    job_id = world.submitted()
    world.run(client=told).join()
    assert world.job(job_id).status is Status.READY and len(world.converter.events("order")) == 2
    assert list(world.home.quarantine.iterdir()) == []


@pytest.mark.parametrize(("error", "times"), [(UNKNOWN, 3), (UNKNOWN, 20), (KEY, 20), (FORBIDDEN, 20)])
def test_a_refusal_that_passes_ends_nothing(
    world: World, told: Told, storage: Storage, model: bytes, error: Exception, times: int
) -> None:
    storage.files["/m.glb"] = [model]
    told.answers = [*[error] * times, offer(storage, "m.glb")]
    job_id = world.submitted()
    world.run(client=told, timings=PATIENT).join()
    assert world.job(job_id).status is Status.READY and told.calls > times


@pytest.mark.parametrize(
    ("error", "says"),
    [(FORBIDDEN, "another account's.*task id"), (UNKNOWN, "does not know this task"), (KEY, "API key")],
)
def test_a_refusal_that_stays_ends_the_job_until_it_is_retried_for_free(
    world: World, told: Told, storage: Storage, model: bytes, error: exceptions.ServiceError, says: str
) -> None:
    storage.files["/m.glb"] = [model]
    told.answers = [error]
    job_id = world.submitted()
    world.run(client=told).join()
    job = world.job(job_id)
    with pytest.raises(AssertionError, match=says):
        raise AssertionError(str(job.notice))
    assert (job.status, job.error) == (Status.FAILED, error.code) and not complaint(str(job.notice))
    assert job.task_id, "so it is asked about again, not sent again"
    sent = world.submissions
    told.answers = [offer(storage, "m.glb")]
    assert world.jobs.transition(job_id, Status.FAILED, Status.QUEUED, message="Taken up again", error="")
    world.run(client=told).join()
    assert world.job(job_id).status is Status.READY and world.submissions == sent


@pytest.mark.parametrize("status", [Status.FAILED, Status.CANCELLED, Status.EXPIRED, Status.UNCERTAIN])
def test_a_model_on_the_disk_is_made_ready_from_every_state(
    world: World, told: Told, model: bytes, status: Status
) -> None:
    told.answers = [UNKNOWN]
    job = _with_file(world, model, status)
    assert world.jobs.transition(job.job_id, status, Status.CONVERTING)
    world.run(client=told).join()
    assert world.job(job.job_id).status is Status.READY and told.calls == 0


def _with_file(world: World, model: bytes, status: Status) -> Job:
    job = world.job(world.submitted())
    file = world.home.result_folder(job.job_id) / "model.glb"
    file.parent.mkdir(parents=True)
    file.write_bytes(model)
    world.database.connection.execute(
        "UPDATE job SET status = ?, file = ?, updated_at = ? WHERE job_id = ?",
        (status.value, file.relative_to(world.home.root).as_posix(), time.time(), job.job_id),
    )
    return world.job(job.job_id)
