"""The history of prompts: each once, the newest first, those with a star above all others."""

from __future__ import annotations

from pathlib import Path

import pytest

from client.jobs.request import GenerationRequest
from client.paths import Home
from client.schema import Kind
from client.store import Database, JobTable, NewJob, open_database
from client.store.prompts import STARS_SETTING, StoredPrompt, set_star, stored_prompts


@pytest.fixture
def database(tmp_path: Path) -> Database:
    return open_database(Home(tmp_path), durable=False, busy_seconds=1)


def press(database: Database, prompt: str) -> str:
    return JobTable(database).insert(NewJob("me", GenerationRequest(Kind.TEXT, parameters={"prompt": prompt})))


def texts(database: Database, limit: int = 10) -> list[str]:
    return [one.text for one in stored_prompts(database, limit)]


def test_the_newest_come_first_and_each_once(database: Database) -> None:
    for prompt in ("a chair", "a boat", " a chair ", "a rocket"):
        press(database, prompt)
    assert texts(database) == ["a rocket", "a chair", "a boat"]
    assert texts(database, 2) == ["a rocket", "a chair"]


def test_a_job_that_was_taken_off_the_list_leaves_its_prompt(database: Database) -> None:
    JobTable(database).hide(press(database, "a chair"))
    assert texts(database) == ["a chair"]


def test_a_star_keeps_a_prompt_at_the_top_until_it_is_taken_away(database: Database) -> None:
    for prompt in ("a chair", "a boat", "a rocket"):
        press(database, prompt)
    set_star(database, "a chair", True)
    set_star(database, "never sent", True)
    assert stored_prompts(database, 1) == [
        StoredPrompt("never sent", True),
        StoredPrompt("a chair", True),
        StoredPrompt("a rocket", False),
    ]
    set_star(database, "a chair", False)
    set_star(database, "never sent", False)
    assert texts(database) == ["a rocket", "a boat", "a chair"]


@pytest.mark.parametrize("stars", ["{", "{}", '[1, "", null]', "7"])
def test_stars_that_cannot_be_read_hide_no_history(database: Database, stars: str) -> None:
    press(database, "a chair")
    database.set_setting(STARS_SETTING, stars)
    assert stored_prompts(database, 10) == [StoredPrompt("a chair", False)]


def test_a_request_that_cannot_be_read_is_passed_over(database: Database) -> None:
    job_id = press(database, "a chair")
    for request in ("{", "[]", '{"parameters": {}}', '{"parameters": {"prompt": 7}}'):
        other = press(database, "broken")
        with database.transaction() as connection:
            connection.execute("UPDATE job SET request = ? WHERE job_id = ?", (request, other))
    assert job_id and texts(database) == ["a chair"]
