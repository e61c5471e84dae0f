"""The public glTF tools of npm, installed once into a cache outside of the repository, and what is done with them."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

PACKAGES = ("meshoptimizer@1.3.0", "gltfpack@1.3.0", "@gltf-transform/cli@4.5.1")

EXPAND = """
import { pathToFileURL } from 'node:url';
import fs from 'node:fs';
const [, , modules, source, target] = process.argv;
const { MeshoptDecoder: D } = await import(pathToFileURL(`${modules}/meshoptimizer/meshopt_decoder.mjs`));
await D.ready;
const file = fs.readFileSync(source);
const length = file.readUInt32LE(12);
const json = JSON.parse(file.subarray(20, 20 + length));
const binary = file.subarray(28 + length);
const names = ['EXT_meshopt_compression', 'KHR_meshopt_compression'];
const parts = [];
let size = 0;
for (const view of json.bufferViews) {
  const packed = names.map((name) => view.extensions?.[name]).find(Boolean);
  let data;
  if (packed) {
    data = new Uint8Array(packed.count * packed.byteStride);
    const start = packed.byteOffset ?? 0;
    const stream = binary.subarray(start, start + packed.byteLength);
    D.decodeGltfBuffer(data, packed.count, packed.byteStride, stream, packed.mode, packed.filter);
    names.forEach((name) => delete view.extensions[name]);
  } else {
    const start = view.byteOffset ?? 0;
    data = binary.subarray(start, start + view.byteLength);
  }
  view.buffer = 0; view.byteOffset = size; view.byteLength = data.length;
  parts.push(data, new Uint8Array((4 - data.length % 4) % 4));
  size += data.length + (4 - data.length % 4) % 4;
}
json.buffers = [{ byteLength: size }];
for (const key of ['extensionsUsed', 'extensionsRequired'])
  if (json[key]) json[key] = json[key].filter((name) => !names.includes(name));
let text = Buffer.from(JSON.stringify(json));
text = Buffer.concat([text, Buffer.alloc((4 - text.length % 4) % 4, ' ')]);
const word = (...values) => { const b = Buffer.alloc(4 * values.length); values.forEach((v, i) => b.writeUInt32LE(v, 4 * i)); return b; };
fs.writeFileSync(target, Buffer.concat([Buffer.from('glTF'), word(2, 28 + text.length + size, text.length),
  Buffer.from('JSON'), text, word(size), Buffer.from('BIN\\0'), ...parts]));
"""


class NpmMissing(Exception):
    """The tools cannot be had; the text says why."""


def node_modules(packages: tuple[str, ...] = PACKAGES) -> Path:
    """Return a folder with these npm packages, installed on first use; raises NpmMissing.

    One process installs at a time, into a folder that gets its name when it is complete: what is there is never changed.
    """
    if not shutil.which("node"):  # a cache may be seen from where no node is
        raise NpmMissing("node is not installed")
    place = cache_folder("npm") / hashlib.sha256("\n".join(packages).encode()).hexdigest()[:16]
    with installing(place) as new:
        if new is not None:
            _install(new, packages)
    return place / "node_modules"


def cache_folder(name: str) -> Path:
    """Return where things from registries are kept between runs of the tests."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "tripo-generator" / name
    cache.mkdir(parents=True, exist_ok=True)
    return cache


@contextmanager
def installing(place: Path) -> Generator[Path | None]:
    """Have a folder filled by one process, whoever else waits for it: yields where to write, None if it is there.

    The folder appears when the block ends well, and not otherwise.
    """
    with place.with_suffix(".lock").open("w") as lock:
        _lock(lock)
        if place.is_dir():
            yield None
            return
        part = Path(tempfile.mkdtemp(prefix=f"{place.name}-", dir=place.parent))
        try:
            yield part
            os.replace(part, place)
        finally:
            shutil.rmtree(part, ignore_errors=True)


def _lock(file: IO[str]) -> None:
    """Wait until no other process has the file locked; it is let go when the file is closed."""
    if sys.platform == "win32":
        import msvcrt

        while True:
            with suppress(OSError):  # It gives up after ten seconds.
                return msvcrt.locking(file.fileno(), msvcrt.LK_LOCK, 1)
    import fcntl

    fcntl.flock(file, fcntl.LOCK_EX)


def _install(folder: Path, packages: tuple[str, ...]) -> None:
    if not shutil.which("npm"):
        raise NpmMissing("npm is not installed")
    command = ["npm", "install", "--prefix", str(folder), "--no-audit", "--no-fund", "--ignore-scripts", *packages]
    try:
        result = subprocess.run(command, capture_output=True, text=True, timeout=600)
    except subprocess.TimeoutExpired as error:
        raise NpmMissing("npm did not install the packages in time") from error
    if result.returncode:
        raise NpmMissing(f"npm could not install the packages: {result.stderr.strip()[-200:]}")


def run(*command: str | Path) -> None:
    """Run a program; raises AssertionError with what it said."""
    result = subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=120)
    assert result.returncode == 0, result.stderr + result.stdout


def gltfpack(modules: Path, source: Path, target: Path, *options: str) -> None:
    run("node", modules / "gltfpack" / "cli.js", "-i", source, "-o", target, *options)


def gltf_transform(modules: Path, command: str, source: Path, target: Path, *options: str) -> None:
    run("node", modules / "@gltf-transform" / "cli" / "bin" / "cli.js", command, source, target, *options)


def expand(modules: Path, source: Path, target: Path) -> None:
    """Expand a GLB compressed with meshopt by meshoptimizer's own decoder."""
    script = target.with_suffix(".mjs")
    script.write_text(EXPAND)
    run("node", script, modules, source, target)
