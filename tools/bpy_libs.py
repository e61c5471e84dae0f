"""Make sure the shared libraries that the bpy wheel links to are there.

    build/bpy-5.2 tools/bpy_libs.py

The wheel brings Blender but not X11 and OpenGL. As root on Debian what is missing is installed; elsewhere the
one command to run is printed.
"""

from __future__ import annotations

import ctypes
import importlib.util
import os
import re
import shutil
import subprocess
from pathlib import Path

PACKAGES = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libGLX.so.0": "libglx0",
    "libICE.so.6": "libice6",
    "libOpenGL.so.0": "libopengl0",
    "libSM.so.6": "libsm6",
    "libX11.so.6": "libx11-6",
    "libXext.so.6": "libxext6",
    "libXfixes.so.3": "libxfixes3",
    "libXi.so.6": "libxi6",
    "libXrender.so.1": "libxrender1",
    "libXxf86vm.so.1": "libxxf86vm1",
    "libgomp.so.1": "libgomp1",
    "libstdc++.so.6": "libstdc++6",
    "libxkbcommon.so.0": "libxkbcommon0",
}
"""Library name to Debian package. The names are those in `readelf -d` of the wheels 4.2.23 and 5.0.1."""

OPENED_LATER = ("libEGL.so.1", "libGL.so.1")
"""Not linked but opened by Blender when something is drawn without a window."""


def missing(module: Path) -> set[str]:
    """Names of the libraries not found: those one shared object is linked to, and those opened later."""
    listing = subprocess.run(["ldd", str(module)], capture_output=True, text=True).stdout
    names = set(re.findall(r"^\s*(\S+) => not found", listing, re.MULTILINE))
    for name in OPENED_LATER:
        try:
            ctypes.CDLL(name)
        except OSError:
            names.add(name)
    return names


def main() -> None:
    spec = importlib.util.find_spec("bpy")  # finds, does not load
    if spec is None or spec.origin is None:
        raise SystemExit("bpy is not installed in this environment")
    names = missing(Path(spec.origin))
    if not names:
        return
    unknown = names - PACKAGES.keys()
    if unknown:
        raise SystemExit(f"the bpy wheel needs {', '.join(sorted(unknown))}: find the packages")
    packages = sorted(PACKAGES[name] for name in names)
    apt = shutil.which("apt-get")
    if apt is None or os.geteuid() != 0:
        command = f"sudo apt-get install -y {' '.join(packages)}"
        raise SystemExit(f"the bpy wheel needs more libraries, run:  {command}")
    print(f"installing {' '.join(packages)}", flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    quiet = ["-qq", "-o", "Dpkg::Use-Pty=0"]
    subprocess.run([apt, *quiet, "update"], check=True, env=environment, stdout=subprocess.DEVNULL)
    install = [apt, *quiet, "install", "-y", "--no-install-recommends", *packages]
    subprocess.run(install, check=True, env=environment, stdout=subprocess.DEVNULL)
    still = missing(Path(spec.origin))
    if still:
        raise SystemExit(f"still missing: {', '.join(sorted(still))}")


if __name__ == "__main__":
    main()
