"""The type checker sees every shipped file."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

from support.checks.source_files import ROOT, sources

PLANTED = '\nplanted: int = "text"\n'


def plant(folder: Path) -> set[str]:
    """Write a tree of all shipped files with an error in each, and return their paths.

    Of their own texts only the comments are kept: they may switch checks off, the rest would only take time.
    """
    planted: set[str] = set()
    for source in (one for one in sources() if one.shipped):
        path = folder / source.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(re.findall(r"^[ \t]*#.*\n", source.text, re.M)) + PLANTED, encoding="utf-8")
        planted.add(source.path)
    return planted


def test_an_error_in_any_shipped_file_is_reported(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    planted = plant(tree)
    (tree / "pyproject.toml").write_bytes((ROOT / "pyproject.toml").read_bytes())
    (tree / ".venv").symlink_to(ROOT / ".venv")
    command = [sys.executable, "-m", "pyright", "--outputjson", "--project", str(tree)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tree)
    found = json.loads(done.stdout)["generalDiagnostics"]
    errors = [one for one in found if one["severity"] == "error" and '"Literal[' in one["message"]]
    reported = {Path(os.path.relpath(one["file"], tree.resolve())).as_posix() for one in errors}
    assert planted - reported == set(), "pyright does not see these files"
