"""A store knows which file it is: what waits in a copy is not sent a second time by itself."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from client.errors import ErrorCode
from client.jobs.notices import JobNotice
from client.jobs.states import Status
from client.paths import Home
from client.store import JobTable, NewJob, copied_store, open_database
from support.agent_lab.new_jobs import NEW
from support.agent_lab.old_store import OldStore


def write_one_in_every_state(home: Home) -> dict[Status, str]:
    database = open_database(home, durable=True, busy_seconds=1)
    jobs = JobTable(database)
    made = {status: jobs.insert(NewJob("account", NEW.request), status=status) for status in Status}
    database.close()
    return made


def states(home: Home) -> dict[str, tuple[Status, str]]:
    database = open_database(home, durable=True, busy_seconds=1)
    found = {job.job_id: (job.status, job.error) for job in JobTable(database).recent(100)}
    database.close()
    return found


def test_a_copys_waiting_jobs_ask_first_and_the_originals_do_not(home: Home, tmp_path: Path) -> None:
    made = write_one_in_every_state(home)
    copy = Home(tmp_path / "copy")
    shutil.copytree(home.root, copy.root)
    copied = states(copy)
    assert copied.pop(made[Status.PREPARED]) == (Status.FAILED, ErrorCode.ASK_FIRST)
    assert {job_id: status for job_id, (status, _) in copied.items()} == {
        job_id: status for status, job_id in made.items() if status is not Status.PREPARED
    }
    assert {job_id: status for job_id, (status, _) in states(home).items()} == {
        job_id: status for status, job_id in made.items()
    }


def test_what_is_pressed_in_the_copy_is_its_own(home: Home, tmp_path: Path) -> None:
    write_one_in_every_state(home)
    copy = Home(tmp_path / "copy")
    shutil.copytree(home.root, copy.root)
    states(copy)
    made = write_one_in_every_state(copy)
    assert states(copy)[made[Status.PREPARED]] == (Status.PREPARED, "")


def test_a_profile_restored_over_itself_asks_first(home: Home, tmp_path: Path) -> None:
    made = write_one_in_every_state(home)
    shutil.copytree(home.root, tmp_path / "backup")
    home.root.rename(tmp_path / "gone")  # a new file under the old name
    shutil.copytree(tmp_path / "backup", home.root)
    assert states(home)[made[Status.PREPARED]] == (Status.FAILED, ErrorCode.ASK_FIRST)


def test_another_machine_asks_first(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk cloned block by block: place and number of the file are the same."""
    made = write_one_in_every_state(home)
    monkeypatch.setattr(copied_store, "_machine", lambda: "another machine")
    assert states(home)[made[Status.PREPARED]] == (Status.FAILED, ErrorCode.ASK_FIRST)


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")
def test_a_store_reached_by_a_link_is_the_same(home: Home, tmp_path: Path) -> None:
    made = write_one_in_every_state(home)
    (tmp_path / "link").symlink_to(home.root)
    assert states(Home(tmp_path / "link"))[made[Status.PREPARED]] == (Status.PREPARED, "")


def test_a_store_of_version_1_asks_first_unless_its_agent_is_at_work(home: Home) -> None:
    old = OldStore(home.database)
    old.press("waits")
    old.close()
    assert states(home)["waits"] == (Status.FAILED, ErrorCode.ASK_FIRST)


def test_a_store_of_version_1_whose_agent_is_at_work_goes_on(home: Home) -> None:
    old = OldStore(home.database)
    old.press("waits")
    old.beat()
    assert states(home)["waits"] == (Status.PREPARED, "")
    assert states(home)["waits"] == (Status.PREPARED, "")
    old.close()


def test_the_sentences_name_the_button() -> None:
    for code in (JobNotice.COPIED, JobNotice.WAITED):
        assert code.advice == "press Retry to send it", "the label of a failed job's button in panels/job_actions.py"
