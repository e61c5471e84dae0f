"""The asset catalog: found or added where Blender looks for it, and nothing else in the file touched."""

from __future__ import annotations

import stat
import sys
import uuid
from pathlib import Path

import pytest

from client.files.asset_catalog import CATALOG_ID, FILE_NAME, ensure_catalog, library_root

OTHER = "5a9c2f6e-0000-4000-8000-123456789abc"


def entries(root: Path) -> list[str]:
    lines = (root / FILE_NAME).read_text().splitlines()
    return [line for line in lines if line and not line.startswith("#") and line != "VERSION 1"]


def test_a_new_file(tmp_path: Path) -> None:
    assert ensure_catalog(tmp_path) == CATALOG_ID == str(uuid.UUID(CATALOG_ID))
    assert "VERSION 1" in (tmp_path / FILE_NAME).read_text().splitlines()
    assert entries(tmp_path) == [f"{CATALOG_ID}:Tripo:Tripo"]
    before = (tmp_path / FILE_NAME).read_bytes()
    assert ensure_catalog(tmp_path) == CATALOG_ID
    assert (tmp_path / FILE_NAME).read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == [FILE_NAME]


@pytest.mark.parametrize("newline", [b"\n", b"\r\n"])
@pytest.mark.parametrize("ends", [True, False])
def test_others_stay(tmp_path: Path, newline: bytes, ends: bool) -> None:
    content = newline.join([b"# mine", b"VERSION 1", b"", f"{OTHER}:Props/Caf\xe9:Props".encode("latin-1")])
    content += newline if ends else b""
    (tmp_path / FILE_NAME).write_bytes(content)
    assert ensure_catalog(tmp_path) == CATALOG_ID
    written = (tmp_path / FILE_NAME).read_bytes()
    line = f"{CATALOG_ID}:Tripo:Tripo".encode()
    assert written == content + (b"" if ends else newline) + line + newline


def test_the_artists_own_catalog_is_used(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text(f"VERSION 1\n{OTHER}:Tripo:My name for it\n")
    assert ensure_catalog(tmp_path) == OTHER
    assert len(entries(tmp_path)) == 1


def test_a_catalog_of_another_path_is_added_beside_it(tmp_path: Path) -> None:
    ensure_catalog(tmp_path)
    assert ensure_catalog(tmp_path, OTHER, "2026-11/Text to 3D") == OTHER
    assert ensure_catalog(tmp_path, OTHER, "2026-11/Text to 3D") == OTHER
    assert entries(tmp_path) == [f"{CATALOG_ID}:Tripo:Tripo", f"{OTHER}:2026-11/Text to 3D:2026-11-Text to 3D"]


def test_a_renamed_one_is_still_ours(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text(f"VERSION 1\n{CATALOG_ID}:Generated/Tripo:Generated-Tripo\n")
    assert ensure_catalog(tmp_path) == CATALOG_ID
    assert len(entries(tmp_path)) == 1


@pytest.mark.parametrize("text", ["VERSION 2\n", "something else\n"])
def test_what_is_not_known_is_left_alone(tmp_path: Path, text: str) -> None:
    (tmp_path / FILE_NAME).write_text(text)
    assert ensure_catalog(tmp_path) == CATALOG_ID
    assert (tmp_path / FILE_NAME).read_text() == text


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX modes")
def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).mkdir()
    with pytest.raises(OSError):
        ensure_catalog(tmp_path)
    assert stat.S_ISDIR((tmp_path / FILE_NAME).stat().st_mode)
    assert [path.name for path in tmp_path.iterdir()] == [FILE_NAME]


def test_where_blender_looks(tmp_path: Path) -> None:
    library, elsewhere = tmp_path / "library", tmp_path / "project"
    libraries = [Path(), tmp_path / "another", library]
    assert library_root(library / "props" / "cup.blend", libraries) == library
    assert library_root(elsewhere / "cup.blend", libraries) == elsewhere
