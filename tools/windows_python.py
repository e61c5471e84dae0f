"""Make a Windows CPython 3.11 with Blender's module that runs under Wine, and run tests in it.

    python tools/windows_python.py                        make it, or bring it up to date
    python tools/windows_python.py test TESTS [OPTIONS]   and run pytest in it: unit/… and, with a ZIP, blender/…

Needs Wine, MinGW's compiler and a CPython 3.11 with pip; on Debian, as root, the first two are installed. Where they
cannot be had it says so and ends well: these tests are then left out. Python itself comes from a wheel that ships it
for games (`panda3d`), its own modules from the CPython 3.11 at hand; `python.exe` is a few lines of C. It goes to
`TRIPO_WINDOWS_PYTHON`, default ~/.cache/tripo-generator/windows-python: about 1.5 GB and some minutes.

Wine enforces sharing modes, locks, TerminateProcess and pipes as Windows does, but neither MAX_PATH nor access rights.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import tomllib
import zipfile
from pathlib import Path
from typing import IO

import environments

PACKAGES = {"wine": "wine wine64", "x86_64-w64-mingw32-gcc": "gcc-mingw-w64-x86-64"}
PROGRAM = r"""
#include <windows.h>
int wmain(int argc, wchar_t **argv) {
    wchar_t path[32768]; DWORD n = GetModuleFileNameW(NULL, path, 32768);
    while (n && path[n - 1] != L'\\') n--;
    lstrcpyW(path + n, L"python311.dll");
    HMODULE library = LoadLibraryW(path);
    int (*run)(int, wchar_t **) = library ? (void *)GetProcAddress(library, "Py_Main") : NULL;
    return run ? run(argc, argv) : 121;
}
"""
RANDOM = r"""
#include <windows.h>
BOOLEAN NTAPI SystemFunction036(PVOID, ULONG);
__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE p, SIZE_T n) { return SystemFunction036(p, (ULONG)n); }
"""
"""`bcryptprimitives.dll`, which Wine 8 has not and `cryptography` asks for random numbers."""
NOT_NEEDED = ("site-packages", "dist-packages", "test", "lib-dynload", "idlelib", "ensurepip", "config-*", "__py*__")
PLATFORM = ("--only-binary=:all:", "--no-deps", "--platform=win_amd64", "--python-version=3.11")
FOLDERS = ("unit/", "blender/")
"""Of tests, each with a Python of its own: those in Blender import what is installed, never the repository."""
GCC = ("x86_64-w64-mingw32-gcc", "-s", "-O1")


class LeftOut(Exception):
    """Why there is no Windows Python on this machine."""


def folder() -> Path:
    """Where it is."""
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(os.environ.get("TRIPO_WINDOWS_PYTHON") or Path(cache) / "tripo-generator" / "windows-python")


def windows_path(path: Path | str) -> str:
    """How a Windows program calls an absolute path of this machine; nothing stays nothing."""
    return f"Z:{path}".replace("/", "\\") if path else ""


def wine(root: Path, *arguments: str) -> int:
    """Run a Windows program, its output to ours; the exit code. Its streams must be pipes or nothing, never files."""
    environment = os.environ | {
        "TRIPO_ZIP": windows_path(os.environ.get("TRIPO_ZIP", "")),
        "WINEPREFIX": str(root / "prefix"),
        "WINEDEBUG": "-all",
        "WINEDLLOVERRIDES": "mscoree=;mshtml=;winedbg.exe=",
        "OPENBLAS_NUM_THREADS": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONUNBUFFERED": "1",
        "PYTHONUTF8": "0",
    }
    process = subprocess.Popen(
        ["wine", *arguments],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    reader = threading.Thread(target=show, args=(process.stdout,), daemon=True)
    reader.start()
    code = process.wait()
    reader.join(5)  # a process that outlives the program may hold its output
    return code


def show(lines: IO[str]) -> None:
    """Print what comes, as it comes."""
    for line in lines:
        print(line, end="", flush=True)


def tools() -> None:
    """See that there are Wine and the compiler; raises LeftOut."""
    missing = [package for program, package in PACKAGES.items() if shutil.which(program) is None]
    if not missing:
        return
    install = ["apt-get", "-qq", "-o", "Dpkg::Use-Pty=0", "install", "-y", "--no-install-recommends"]
    words = " ".join(missing)
    if os.getuid() != 0 or shutil.which("apt-get") is None:
        raise LeftOut(f"install {words} first")
    print(f"installing {words}", flush=True)
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for command in (["apt-get", "-qq", "update"], [*install, *words.split()]):
        if subprocess.run(command, env=environment, stdout=subprocess.DEVNULL).returncode:
            raise LeftOut(f"apt-get cannot install {words}")


def requirements() -> list[str]:
    """All packages with their versions: nothing is resolved, as pip would do so for Linux."""
    groups = tomllib.loads((environments.ROOT / "pyproject.toml").read_text())["dependency-groups"]
    return environments.requirements(groups, "windows")


def fetch(root: Path, base: str, wanted: list[str]) -> Path:
    """Download the wheels; raises LeftOut."""
    wheels = root / "wheels"
    pip = [base, "-m", "pip", "download", "-qq", "--disable-pip-version-check", "--no-input", *PLATFORM]
    if subprocess.run([*pip, "-d", str(wheels), *wanted]).returncode:
        raise LeftOut("its wheels cannot be fetched")
    return wheels


def unpack(root: Path, base: str, wheels: Path) -> None:
    """Lay the Python out as its installer would."""
    packages = root / "Lib" / "site-packages"
    stdlib = subprocess.run(
        [base, "-c", "import sysconfig; print(sysconfig.get_path('stdlib'))"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    shutil.copytree(stdlib, root / "Lib", ignore=shutil.ignore_patterns(*NOT_NEEDED), dirs_exist_ok=True)
    (root / "DLLs").mkdir(exist_ok=True)
    for wheel in wheels.glob("*.whl"):
        with zipfile.ZipFile(wheel) as archive:
            if not wheel.name.startswith("panda3d"):
                archive.extractall(packages)
                continue
            for name in archive.namelist():
                place = Path(name)
                is_ours = place.name in ("python311.dll", "VCRUNTIME140.dll", "sqlite3.dll") or (
                    place.suffix == ".dll" and place.name.startswith("lib")
                )
                if place.parent.name == "deploy_libs" and (is_ours or place.suffix == ".pyd"):
                    target = root / ("DLLs" if place.suffix == ".pyd" else "") / place.name
                    target.write_bytes(archive.read(name))


def build(root: Path) -> None:
    """Compile `python.exe`, `python3.dll`, which wheels for every CPython ask for, and what Wine has not."""
    run = {"cwd": root, "check": True}
    (root / "python.c").write_text(PROGRAM)
    (root / "random.c").write_text(RANDOM)
    subprocess.run([*GCC, "-municode", "-o", "python.exe", "python.c"], **run)
    subprocess.run([*GCC, "-shared", "-o", "bcryptprimitives.dll", "random.c", "-ladvapi32"], **run)
    listing = subprocess.run(
        ["x86_64-w64-mingw32-objdump", "-p", "python311.dll"], cwd=root, capture_output=True, text=True, check=True
    ).stdout
    table = listing.partition("[Ordinal/Name Pointer] Table")[2].partition("\n\n")[0].splitlines()[1:]
    names = [line.split()[-1] for line in table if line.strip()]
    exports = "".join(f"{name} = python311.{name}\n" for name in names)
    (root / "python3.def").write_text(f"LIBRARY python3.dll\nEXPORTS\n{exports}")
    linking = ["-shared", "-nostdlib", "-nostartfiles", "-Wl,--entry=0", "-o", "python3.dll", "python3.def"]
    subprocess.run([*GCC, *linking], **run)


def make(root: Path) -> None:
    """Make it, unless it is there; `installed.txt` is written last. Raises LeftOut."""
    tools()
    base = environments.find_python("3.11")
    if not base:
        raise LeftOut("there is no CPython 3.11 whose modules it could take")
    wanted = requirements()
    stamp = root / "installed.txt"
    if stamp.is_file() and stamp.read_text() == "\n".join(wanted):
        return
    print(f"making a Windows Python in {root}", flush=True)
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir(parents=True)
    wheels = fetch(root, base, wanted)
    unpack(root, base, wheels)
    build(root)
    shutil.rmtree(wheels)
    if wine(root, "wineboot", "-i"):
        raise LeftOut("Wine does not start here")
    wine(root, "reg", "add", r"HKCU\Software\Wine", "/v", "Version", "/d", "win10", "/f")
    modules = "sys, bpy, ssl, sqlite3, ctypes, numpy, requests, cryptography.x509"
    check = f"import {modules}; print('Python', sys.version)"
    if wine(root, str(root / "python.exe"), "-I", "-c", check):
        raise SystemExit(f"the Windows Python in {root} does not work")
    stamp.write_text("\n".join(wanted))


def test(root: Path, arguments: list[str]) -> int:
    """Run pytest in it, with what tests need in other words there; 0, or the exit code of one that failed."""
    options = [argument for argument in arguments if not argument.startswith(FOLDERS)]
    failed = 0
    for folder in FOLDERS:
        tests = [argument for argument in arguments if argument.startswith(folder)]
        if not tests:
            continue
        with tempfile.TemporaryDirectory(prefix="tripo-windows-") as scratch:
            basetemp = f"--basetemp={windows_path(scratch)}\\tests"
            pytest = [str(root / "python.exe"), "-m", "pytest", "-q", "-p", "support.machine.windows"]
            # A limit ends the whole run there, and all is slower.
            failed = wine(root, *pytest, basetemp, "--timeout=600", *tests, *options) or failed
    return failed


def main() -> int:
    root = folder()
    root.parent.mkdir(parents=True, exist_ok=True)
    with open(root.with_name("windows-python.lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            make(root)
        except LeftOut as why:
            print(f"Windows Python left out: {why}")
            return 0
    if sys.argv[1:2] != ["test"]:
        return 0
    os.chdir(environments.ROOT / "tests")
    return test(root, sys.argv[2:])


if __name__ == "__main__":
    raise SystemExit(main())
