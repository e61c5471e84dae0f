"""Files that others hold for a moment, as Windows lets them; and what "on the disk" means on macOS."""

from __future__ import annotations

import errno
import os
import sys
import types
from pathlib import Path

import pytest

from client.agent.converter import output_log
from client.files import asset_catalog, disk
from client.files.disk import move
from client.service.download import discard


def held(number: int = 32) -> PermissionError:
    error = PermissionError(13, "The process cannot access the file")
    error.winerror = number  # type: ignore[attr-defined]  # as Windows sets it
    return error


class Scanner:
    """Holds every file for the first tries to rename or to remove one."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, tries: int, number: int = 32) -> None:
        self.tries = tries
        self.number = number
        self.waited: list[float] = []
        monkeypatch.setattr(disk.os, "replace", self._wrapped(os.replace))
        monkeypatch.setattr(Path, "unlink", self._wrapped(Path.unlink))
        monkeypatch.setattr(disk.time, "sleep", self.waited.append)

    def _wrapped(self, real):  # type: ignore[no-untyped-def]
        def act(*arguments, **named):  # type: ignore[no-untyped-def]
            if self.tries:
                self.tries -= 1
                raise held(self.number)
            return real(*arguments, **named)

        return act


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    source, target = tmp_path / "new", tmp_path / "folder" / "there"
    source.write_bytes(b"new")
    return source, target


@pytest.mark.parametrize("number", [5, 32, 33])
def test_a_result_that_a_scanner_holds_is_published_all_the_same(
    files: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    scanner = Scanner(monkeypatch, 6, number)
    move(*files)
    assert files[1].read_bytes() == b"new" and not files[0].exists()
    assert scanner.waited == sorted(scanner.waited) and scanner.waited[0] < scanner.waited[-1], "the pauses grow"


def test_an_unfinished_download_that_a_scanner_holds_is_removed(
    files: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    Scanner(monkeypatch, 3)
    discard(files[0])
    assert not files[0].exists()


def test_a_catalog_and_a_log_that_are_held_are_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Scanner(monkeypatch, 2)
    asset_catalog.ensure_catalog(tmp_path)
    assert asset_catalog.CATALOG_ID in (tmp_path / asset_catalog.FILE_NAME).read_text()
    (tmp_path / "converter.log").write_text("old")
    Scanner(monkeypatch, 2)
    output_log.set_aside(tmp_path / "converter.log")
    assert (tmp_path / "converter.old.log").read_text() == "old"


def test_waiting_for_who_holds_a_file_has_an_end(files: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    Scanner(monkeypatch, 10**9)
    now = [0.0]
    monkeypatch.setattr(disk.time, "monotonic", lambda: now[0])
    monkeypatch.setattr(disk.time, "sleep", lambda pause: now.__setitem__(0, now[0] + pause))
    with pytest.raises(PermissionError):
        disk.replace(files[0], files[1], 5.0)
    assert 4.0 < now[0] <= 5.0


def test_what_is_no_sharing_trouble_is_told_at_once(files: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disk.time, "sleep", lambda _pause: pytest.fail("it waited"))
    with pytest.raises(FileNotFoundError):
        disk.replace(files[0], files[1])


def test_macos_is_asked_for_more_than_fsync(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []
    double = types.SimpleNamespace(fcntl=lambda _descriptor, what: asked.append(what), F_FULLFSYNC=51)
    monkeypatch.setitem(sys.modules, "fcntl", double)
    monkeypatch.setattr(disk.os, "fsync", lambda _descriptor: asked.append("fsync"))
    with (tmp_path / "file").open("wb") as stream:
        disk.keep(stream.fileno(), "darwin")
        disk.keep(stream.fileno(), "linux")
    assert asked == [51, "fsync"]


def test_a_file_system_that_does_not_know_it_is_asked_for_fsync(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []

    def refuse(_descriptor: int, _what: int) -> None:
        raise OSError(45, "Operation not supported")

    monkeypatch.setitem(sys.modules, "fcntl", types.SimpleNamespace(fcntl=refuse, F_FULLFSYNC=51))
    monkeypatch.setattr(disk.os, "fsync", lambda _descriptor: asked.append("fsync"))
    with (tmp_path / "file").open("wb") as stream:
        disk.keep(stream.fileno(), "darwin")
    assert asked == ["fsync"]


def test_a_file_is_moved_to_another_disk_in_one_step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As when the results folder is a link."""
    source, target = tmp_path / "a", tmp_path / "results" / "b"
    source.write_bytes(b"model")
    real = os.replace

    def other_disk(old: Path, new: Path) -> None:
        if Path(old).parent != Path(new).parent:
            raise OSError(errno.EXDEV, "Invalid cross-device link")
        real(old, new)

    monkeypatch.setattr(os, "replace", other_disk)
    move(source, target)
    assert target.read_bytes() == b"model" and not source.exists()
    assert [path.name for path in target.parent.iterdir()] == ["b"]


PUBLISHERS = ("client", "converter", "operators", "sandbox")
ALLOWED = {
    "client/files/disk.py",
    "client/store/opening.py",  # the first try: only then others are asked to let go
}


def test_nothing_renames_a_file_but_the_patient_way() -> None:
    root = Path(__file__).resolve().parents[3]
    words = ("os.replace(", "os.rename(", "shutil.move(", ".rename(")
    found = [
        f"{path.relative_to(root).as_posix()}: {word}"
        for part in PUBLISHERS
        for path in (root / part).rglob("*.py")
        for word in words
        if path.relative_to(root).as_posix() not in ALLOWED and word in path.read_text("utf-8")
    ]
    assert not found
