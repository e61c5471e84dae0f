"""What is written into the artist's file about a model's origin."""

from __future__ import annotations

import json

import pytest

from client.account import SANDBOX_ACCOUNT
from client.jobs.images import ImageSource
from client.jobs.provenance import facts, public_request
from client.jobs.request import GenerationRequest
from client.jobs.states import Status
from client.schema import IMAGE, TEXT, ModelVersion
from client.store import Job, JobTable, NewJob


def made_job(jobs: JobTable, request: GenerationRequest, **changes: str | int | float | None) -> Job:
    job_id = jobs.insert(NewJob("account", request), status=Status.QUEUED, task_id="task-1")
    jobs.update(job_id, Status.QUEUED, **{"message": "", **changes})
    job = jobs.get(job_id)
    assert job is not None
    return job


def test_all_facts(jobs: JobTable) -> None:
    seeds = {"model_seed": 2**40, "texture_seed": 7}
    request = GenerationRequest(TEXT, ModelVersion.P1, {"prompt": "茶壺", **seeds})
    job = made_job(jobs, request, finished_at=1_700_000_000.5, sha256="ab" * 32)
    told = facts(job, "1.2.3")
    assert all(name.startswith("tripo_") for name in told)
    assert (told["tripo_task_id"], told["tripo_job_id"]) == ("task-1", job.job_id)
    assert told["tripo_model_version"] == "P1"
    assert json.loads(str(told["tripo_seeds"])) == seeds
    assert told["tripo_credits"] == request.price.total
    assert told["tripo_date"] == "2023-11-14T22:13:20Z"
    assert (told["tripo_sha256"], told["tripo_version"]) == ("ab" * 32, "1.2.3")
    assert "茶壺" in str(told["tripo_request"])
    assert GenerationRequest.from_json(str(told["tripo_request"])) == request
    jobs.update(job.job_id, Status.QUEUED, account_id=SANDBOX_ACCOUNT)
    assert "tripo_press" not in told, "it is no variation"
    pretended = jobs.get(job.job_id)
    assert pretended is not None and facts(pretended)["tripo_credits"] == 0, "the Sandbox takes no credits"


@pytest.mark.parametrize("path", ["/home/jane.doe/secret/cup.png", r"C:\Users\jane.doe\secret\cup.png"])
def test_no_folder_and_no_signature_of_a_image(jobs: JobTable, path: str) -> None:
    images = (ImageSource("front", path), ImageSource("left", url="https://a.example/x/b.png?sig=secret#secret"))
    told = facts(made_job(jobs, GenerationRequest(IMAGE, images=images)))
    assert not any(word in str(value) for value in told.values() for word in ("jane", "secret"))
    front, left = GenerationRequest.from_json(str(told["tripo_request"])).images
    assert (front.path, left.url) == ("cup.png", "https://a.example/x/b.png")


def test_no_seed_given(jobs: JobTable) -> None:
    assert facts(made_job(jobs, GenerationRequest(TEXT)))["tripo_seeds"] == "{}"


@pytest.mark.parametrize("text", ["", "nonsense", "[1]", '{"images": 3, "parameters": "x"}', '{"images": [1]}'])
def test_a_damaged_request_is_no_obstacle(text: str) -> None:
    assert public_request(text).get("parameters", {}) == {}
