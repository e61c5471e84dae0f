"""What enabling loads: Blender's every start pays for it, and the bench's milliseconds say too late who added what."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import pytest

MOST_MODULES = 54
"""As many as there are now: one more is a tenth of a millisecond and more at every start. What registers nothing is
imported where it is used."""
WITHOUT_A_WINDOW = ("session.paths", "client.paths")
"""What only a Blender without a window, as here, loads: it looks at once whether there is a store to list jobs from."""
FOREIGN = {"dataclasses", "decimal", "json", "logging", "requests", "sqlite3", "ssl", "subprocess", "urllib3", "uuid"}
"""Modules that are not to be loaded by us; which of them Blender loads by itself differs."""

SCRIPT = """
import bpy, json, sys
before = set(sys.modules)
bpy.ops.preferences.addon_enable(module={module!r})
loaded = sorted(set(sys.modules) - before)
ours = [name for name in loaded if name.startswith({module!r})]
dear = {{
    f"{{one.__module__}}.{{one.__qualname__}}"
    for name in ours
    for one in vars(sys.modules[name]).values()
    if isinstance(one, type) and one.__module__ in ours
    and (hasattr(one, "__dataclass_fields__") or issubclass(one, tuple))
}}
print("RESULT " + json.dumps([ours, [name for name in loaded if name not in ours], sorted(dear)]), flush=True)
"""


@pytest.fixture(scope="module")
def start(extension: str, tmp_path_factory: pytest.TempPathFactory) -> tuple[list[str], list[str], list[str]]:
    """What a fresh Blender has loaded once the extension is enabled: ours, others, and our dear classes.

    It has no store: without a window, the jobs of one are listed at once.
    """
    environment = {**os.environ, "TRIPO_GENERATOR_HOME": str(tmp_path_factory.mktemp("empty"))}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT.format(module=extension)],
        capture_output=True,
        text=True,
        timeout=60,
        env=environment,
    )
    answers = [line for line in done.stdout.splitlines() if line.startswith("RESULT ")]
    assert answers, done.stdout + done.stderr
    found: Any = json.loads(answers[0].removeprefix("RESULT "))
    return found[0], found[1], found[2]


def test_few_modules_are_loaded(start: tuple[list[str], list[str], list[str]]) -> None:
    ours, others, _dear = start
    assert len(ours) > 20, "it was enabled"
    ours = [name for name in ours if not name.endswith(WITHOUT_A_WINDOW)]
    assert len(ours) <= MOST_MODULES, "\n".join(ours)
    assert not FOREIGN & {name.partition(".")[0] for name in others}


def test_no_class_is_dear_to_define(start: tuple[list[str], list[str], list[str]]) -> None:
    """A named tuple compiles code for each field, a dataclass even more: ``client.record`` is for the start."""
    assert [name for name in start[2] if not name.endswith(".client.paths.Home")] == []
