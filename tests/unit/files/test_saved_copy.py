"""A result is saved whole or not at all, and never over another file."""

from __future__ import annotations

from pathlib import Path

import pytest

from client.files.saved_copy import save_copy


def test_a_file_of_the_same_name_is_kept(tmp_path: Path) -> None:
    source, target = tmp_path / "model.fbx", tmp_path / "out" / "cup.fbx"
    source.write_bytes(b"model")
    target.parent.mkdir()
    target.write_bytes(b"mine")
    assert save_copy(source, target) == target.with_name("cup_2.fbx")
    assert save_copy(source, target) == target.with_name("cup_3.fbx")
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

    monkeypatch.setattr("client.files.disk.replace", full)
    with pytest.raises(OSError, match="No space"):
        save_copy(source, folder / "cup.fbx")
    assert not list(folder.iterdir())
