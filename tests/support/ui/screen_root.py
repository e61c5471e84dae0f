"""Where the windowed Blender of the GUI tests lives: on this machine, or in a Debian root entered by
`chroot`.

`BLENDER=/path/to/blender` means this machine. Otherwise the root in `TRIPO_GUI_ROOT` (default
`~/.cache/tripo-generator/trixie`, or the Debian that `GUI_SUITE` names), which `tools/gui_root.py` builds.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Generator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tools.debian_root import folder as root_folder
from tools.debian_root import window_suite
from tools.mounted_proc import mounted_proc


@dataclass(frozen=True)
class World:
    """A place to run programs in: `root` is None on this machine. `blender` is a path inside."""

    root: Path | None
    blender: str

    def command(self, arguments: Sequence[str]) -> list[str]:
        """What to start here to run `arguments` there."""
        return list(arguments) if self.root is None else ["chroot", str(self.root), *arguments]

    def inside(self, path: Path) -> str:
        """The name that a file on this machine has in there."""
        return str(path) if self.root is None else "/" + str(path.relative_to(self.root))

    @contextmanager
    def folder(self) -> Generator[Path]:
        """A new folder with a unique name that both sides see, deleted afterwards."""
        parent = None if self.root is None else self.root / "tmp"
        path = Path(tempfile.mkdtemp(prefix="tripo-gui-", dir=parent)).resolve()
        try:
            yield path
        finally:
            shutil.rmtree(path, ignore_errors=True)


@contextmanager
def open_world() -> Generator[World]:
    """The world of this run. Raises RuntimeError with what to do when there is none."""
    if blender := os.environ.get("BLENDER"):
        found = shutil.which(blender)
        if found is None:
            raise RuntimeError(f"BLENDER={blender} is no program")
        yield World(None, found)
        return
    root = root_folder(window_suite())
    if not (root / "usr/bin/blender").exists():
        raise RuntimeError(f"no Blender in {root}: run `make test-gui`, or give BLENDER=/path/to/blender")
    with mounted_proc(root):
        yield World(root, "/usr/bin/blender")


@contextmanager
def open_screen(world: World) -> Generator[str]:
    """The display to draw on: this machine's own when a Blender was given, else an Xvfb of ours on a free
    number."""
    if world.root is None and os.environ.get("DISPLAY"):
        yield os.environ["DISPLAY"]
        return
    if world.root is not None:
        sockets = world.root / "tmp/.X11-unix"
        sockets.mkdir(exist_ok=True)
        sockets.chmod(0o1777)
    elif shutil.which("Xvfb") is None:
        raise RuntimeError("no DISPLAY and no Xvfb: set the one, or install the other (xvfb)")
    options = ["-screen", "0", "1600x900x24", "+extension", "GLX", "-nolisten", "tcp", "-displayfd", "1"]
    with ExitStack() as stack:
        process = stack.enter_context(
            subprocess.Popen(
                world.command(["Xvfb", *options]),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
            )
        )
        stack.callback(process.terminate)  # runs before Popen waits
        assert process.stdout is not None
        number = process.stdout.readline().strip()
        if not number:
            raise RuntimeError("Xvfb did not start")
        yield f":{number}"
