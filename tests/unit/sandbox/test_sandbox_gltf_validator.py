"""The models against Khronos' own gltf-validator.

Needs node and npm; the package goes into a cache folder outside the repository.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import pytest

from sandbox.models import Recipe, build_model
from sandbox.models.shapes import SHAPES

PACKAGE = "gltf-validator@2.0.0-dev.3.10"
SCRIPT = """
const validator = require('gltf-validator'), fs = require('fs');
(async () => {
  const reports = {};
  for (const file of process.argv.slice(2)) {
    const report = await validator.validateBytes(new Uint8Array(fs.readFileSync(file)));
    reports[file] = report.issues;
  }
  console.log(JSON.stringify(reports));
})();
"""


@pytest.fixture(scope="module")
def validator() -> Path:
    """A folder whose node_modules hold the validator."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip("node and npm are not installed, so gltf-validator cannot run")
    cache = Path(os.environ.get("XDG_CACHE_HOME") or tempfile.gettempdir())
    folder = cache / "tripo-sandbox-gltf-validator"
    if not (folder / "node_modules" / "gltf-validator").is_dir():
        folder.mkdir(parents=True, exist_ok=True)
        command = ["npm", "install", "--prefix", str(folder), "--no-audit", "--no-fund", "--silent", PACKAGE]
        result = subprocess.run(command, capture_output=True, text=True, timeout=150, check=False)
        if result.returncode:
            pytest.skip(f"npm could not install gltf-validator: {result.stderr.strip()[-200:]}")
    return folder


def test_no_errors_and_no_warnings(validator: Path, tmp_path: Path) -> None:
    recipes = {name: Recipe(words=name, variation=name) for name in SHAPES}
    plain = {"texture": False, "pbr": False}
    variants: dict[str, dict[str, Any]] = {
        "parts": {**plain, "parts": True},
        "no_uv": {"uv": False},
        "no_pbr": {"pbr": False},
        "clay": {"texture": False},
        "tiny": {"face_limit": 48},
        "small": {"face_limit": 500},
        "detailed": {"detailed_texture": True, "detailed_geometry": True},
        "low": {"low_poly": True},
    }
    for name in ("robot", "crystal", "chest"):
        recipes |= {f"{name}_{key}": Recipe(words=name, variation=key, **value) for key, value in variants.items()}
    files: list[str] = []
    for name, recipe in recipes.items():
        path = tmp_path / f"{name}.glb"
        path.write_bytes(build_model(recipe))
        files.append(str(path))
    script = tmp_path / "validate.js"
    script.write_text(SCRIPT)
    environment = os.environ | {"NODE_PATH": str(validator / "node_modules")}
    result = subprocess.run(
        ["node", str(script), *files],
        capture_output=True,
        text=True,
        timeout=150,
        check=True,
        env=environment,
    )
    reports = json.loads(result.stdout)
    assert len(reports) == len(files)
    bad = {
        Path(file).name: [message for message in issues["messages"] if message["severity"] < 2][:3]
        for file, issues in reports.items()
        if issues["numErrors"] or issues["numWarnings"]
    }
    assert not bad
