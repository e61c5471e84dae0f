"""The program that agents of tests start in Blender's place, from the test's side: what it is to do and what it did."""

from __future__ import annotations

import stat
import sys
from pathlib import Path

FAKE = Path(__file__).resolve().with_name("fake_converter.py")


class FakeConverter:
    """The program that agents start in Blender's place, and what it has done."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True)
        self.folder = folder
        if sys.platform == "win32":  # a script is no program there
            self.program: tuple[str, ...] = (sys.executable, "-I", "-B", "-S", str(FAKE), str(folder))
            return
        program = folder / "fake-blender"
        program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -I -B -S "{FAKE}" "{folder}"\n')
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
        self.program = (str(program),)

    def plan(self, *modes: str) -> None:
        """Say how the next orders go (see `fake_converter.MODES`)."""
        (self.folder / "modes").write_text("\n".join(modes))

    def plan_images(self, *modes: str) -> None:
        """Say how the next thumbnails go: good, refuse, crash or hang."""
        (self.folder / "image-modes").write_text("\n".join(modes))

    def plan_exports(self, *modes: str, model: bytes = b"") -> None:
        """Say how the next exports go: good, refuse, crash or hang; and what a good one makes."""
        (self.folder / "export-modes").write_text("\n".join(modes))
        if model:
            (self.folder / "export.glb").write_bytes(model)

    def events(self, word: str) -> list[list[str]]:
        """What has happened, by its first word: start, order or done."""
        file = self.folder / "events"
        lines = file.read_text().splitlines() if file.exists() else []
        return [line.split() for line in lines if line.split()[0] == word]

    @property
    def pid(self) -> int:
        """The process started last."""
        return int(self.events("start")[-1][1])
