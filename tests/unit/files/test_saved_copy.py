"""A result is saved whole or not at all, and never over another file."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from client.files import saved_copy
from client.files.saved_copy import is_saved
from client.jobs.placement import Placement


def save_copy(source: Path, target: Path, token: str = "job") -> Path:
    sha256 = hashlib.sha256(source.read_bytes()).hexdigest() if source.exists() else ""
    return saved_copy.save_copy(source, target, sha256, token)


def test_a_file_of_the_same_name_is_kept(tmp_path: Path) -> None:
    source, target = tmp_path / "model.fbx", tmp_path / "out" / "cup.fbx"
    source.write_bytes(b"model")
    target.parent.mkdir()
    target.write_bytes(b"mine")
    assert save_copy(source, target) == target.with_name("cup_2.fbx")
    source.write_bytes(b"other")
    assert save_copy(source, target) == target.with_name("cup_3.fbx")
    source.write_bytes(b"model")
    assert target.read_bytes() == b"mine" and source.read_bytes() == b"model"
    assert sorted(one.name for one in target.parent.iterdir()) == ["cup.fbx", "cup_2.fbx", "cup_3.fbx"]


@pytest.mark.parametrize("missing", ["source", "folder"])
def test_nothing_is_left_when_it_fails(tmp_path: Path, missing: str) -> None:
    source, folder = tmp_path / "model.fbx", tmp_path / "out"
    if missing != "source":
        source.write_bytes(b"model")
    if missing != "folder":
        folder.mkdir()
    with pytest.raises(FileNotFoundError):
        save_copy(source, folder / "cup.fbx")
    assert not folder.exists() or not list(folder.iterdir())


def test_a_disk_that_fails_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = tmp_path / "model.fbx"
    source.write_bytes(b"model")
    folder = tmp_path / "out"
    folder.mkdir()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.link", full)
    monkeypatch.setattr("client.files.disk.replace", full)
    with pytest.raises(OSError, match="No space"):
        save_copy(source, folder / "cup.fbx")
    assert not list(folder.iterdir())


@pytest.mark.parametrize("links", [True, False])
def test_who_was_killed_before_saying_so_has_saved_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, links: bool
) -> None:
    def none(*_: object) -> None:
        raise OSError(95, "Operation not supported")

    if not links:
        monkeypatch.setattr("os.link", none)
    source, target = tmp_path / "model.fbx", tmp_path / "out" / "cup.fbx"
    source.write_bytes(b"model")
    target.parent.mkdir()
    (target.parent / ".cup.fbx.job.part").write_bytes(b"mo")  # killed in the middle
    assert save_copy(source, target) == target
    assert save_copy(source, target) == target
    assert [one.name for one in target.parent.iterdir()] == ["cup.fbx"] and target.read_bytes() == b"model"


def test_a_job_is_saved_when_its_file_is_where_it_was_put(tmp_path: Path) -> None:
    saved = tmp_path / "cup.fbx"
    wanted = Placement(filepath=str(saved))
    assert is_saved("text_to_3d", wanted.to_json()) and is_saved("convert_model", "{}")
    assert not is_saved("convert_model", wanted.to_json())
    wanted = wanted._replace(saved=str(saved))
    assert not is_saved("convert_model", wanted.to_json())
    saved.write_bytes(b"model")
    assert is_saved("convert_model", wanted.to_json())
