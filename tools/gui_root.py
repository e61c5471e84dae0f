"""Build the Debian root with a windowed Blender for `make test-gui`; does nothing when it is there.

    PYTHONPATH=. python tools/gui_root.py

Goes to `TRIPO_GUI_ROOT`, default ~/.cache/tripo-generator/trixie: about 1.5 GB and two minutes, as root on
Debian. `GUI_SUITE=sid` makes a second one beside it, with the newest Blender that Debian has.
With `BLENDER=/path/to/blender` nothing is built. `DEBIAN_MIRROR` names another mirror.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tools.debian_root import folder as root_folder
from tools.debian_root import window_suite
from tools.mounted_proc import mounted_proc

PACKAGES = (
    *("blender", "xvfb", "imagemagick", "libgl1-mesa-dri", "libegl1", "libglx-mesa0"),
    *("python3-numpy", "python3-requests", "python3-cattr", "python3-zstandard"),
)
"""numpy, requests, … are inside official builds of Blender; Debian's package only recommends them."""

APT = ["apt-get", "-qq", "-o", "Dpkg::Use-Pty=0", "-o", "Acquire::Retries=3"]


def run(*command: str) -> None:
    """Run quietly; on failure show the end of what was said."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}
    done = subprocess.run(
        command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace"
    )
    if done.returncode != 0:
        tail = "\n".join((done.stdout + done.stderr).splitlines()[-30:])
        raise SystemExit(f"failed: {' '.join(command)}\n{tail}")


def complete(root: Path) -> bool:
    """Whether every package is installed there."""
    if not (root / "var/lib/dpkg/status").is_file() or (root / "debootstrap").exists():
        return False
    query = ["chroot", str(root), "dpkg-query", "-W", "-f", "${db:Status-Status}\n", *PACKAGES]
    done = subprocess.run(query, capture_output=True, text=True)
    return done.stdout.split() == ["installed"] * len(PACKAGES)


def remove(root: Path) -> None:
    """Delete an unfinished root, never through a mounted /proc."""
    if os.path.ismount(root / "proc"):
        run("umount", "--lazy", str(root / "proc"))
    if root.exists():
        run("rm", "-rf", "--one-file-system", str(root))


def build(root: Path) -> None:
    """Build beside, then rename: a root with the right name is a whole one."""
    partial = root.with_name(root.name + ".partial")
    remove(partial)
    partial.parent.mkdir(parents=True, exist_ok=True)
    mirror = [given] if (given := os.environ.get("DEBIAN_MIRROR")) else []  # else debootstrap's own
    run("debootstrap", "--variant=minbase", window_suite(), str(partial), *mirror)
    shutil.copy("/etc/resolv.conf", partial / "etc/resolv.conf")
    sockets = partial / "tmp/.X11-unix"
    sockets.mkdir(parents=True, exist_ok=True)
    for folder in (partial / "tmp", sockets):
        folder.chmod(0o1777)
    with mounted_proc(partial):
        run("chroot", str(partial), *APT, "install", "-y", "--no-install-recommends", *PACKAGES)
        run("chroot", str(partial), "apt-get", "clean")
    for leftover in (".lock", ".mounted"):
        partial.with_name(partial.name + leftover).unlink(missing_ok=True)
    remove(root)
    partial.rename(root)


def main() -> None:
    if os.environ.get("BLENDER"):
        return
    root = root_folder(window_suite())
    if os.geteuid() != 0:
        raise SystemExit(
            "The window tests build a Debian root and enter it by chroot, which only root may do.\n"
            "Run as root, or give a Blender: make test-gui BLENDER=/path/to/blender"
        )
    if complete(root):
        return
    if shutil.which("debootstrap") is None:
        if shutil.which("apt-get") is None:
            raise SystemExit("debootstrap is missing, and this is no Debian: give BLENDER=/path/to/blender")
        run(*APT, "update")
        run(*APT, "install", "-y", "--no-install-recommends", "debootstrap")
    print(f"building {root} (about two minutes, once)", flush=True)
    build(root)
    if not complete(root):
        raise SystemExit(f"{root} is still not complete")


if __name__ == "__main__":
    sys.exit(main())
