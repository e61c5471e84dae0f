"""The architecture, read off the syntax trees: who imports whom, and what no module may contain.

Each rule is a function from a source file to its offences. The first test runs all rules over the repository,
the second feeds each rule a bad snippet: a rule that cannot fail proves nothing.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import PurePosixPath

import pytest

from support.checks.source_files import ROOT, Source, files, sources
from tools.rooms import NOT_SHIPPED, ROOMS

BLENDER = {
    "bpy",
    "bpy_extras",
    "bmesh",
    "mathutils",
    "gpu",
    "blf",
    "bl_ui",
    "bl_ext",
    "addon_utils",
    "idprop",
}
THREADS = {"threading", "_thread", "multiprocessing", "concurrent", "asyncio"}
NETWORK = {"requests", "urllib3", "socket", "ssl", "http.client", "urllib.request"}

PURE = {"client", "sandbox"}

# Code whose standard output is its product.
MAY_PRINT = {
    "client/agent/__main__.py",
    "converter/worker.py",  # the result line that the agent reads
    "session/wait.py",  # progress of a job in a Blender without a window
    "sandbox/__main__.py",
    "sandbox/cli.py",
}
MAX_LINES = 400
MAX_INIT_LINES = 50


Offences = Iterator[str]
Rule = Callable[[Source], Offences]


def among(name: str, modules: set[str]) -> bool:
    """Whether a dotted name is one of the modules or inside one."""
    return any(name == module or name.startswith(f"{module}.") for module in modules)


def runs_by_itself(source: Source) -> bool:
    """Whether it is a program started with the extension's folder on the path, never imported by Blender."""
    return source.part == "converter" or source.path.endswith("/__main__.py")


def no_blender_in_pure_code(source: Source) -> Offences:
    if source.part in PURE:
        for line, name, _ in source.imports:
            if among(name, BLENDER):
                yield f"{line}: {name} in code that runs without Blender"


def dependencies_point_one_way(source: Source) -> Offences:
    if not source.shipped:
        return
    may = set(ROOMS) if source.part == "__init__" else {source.part, *ROOMS[source.part].imports}
    for line, name, relative in source.imports:
        own = name.split(".")[0] in ROOMS
        if own and not among(name, may):
            yield f"{line}: {source.part} imports {name}"
        elif own and not relative and not runs_by_itself(source):
            yield f"{line}: {name} by its absolute name, which it does not have in Blender"


def threads_only_in_pure_code(source: Source) -> Offences:
    if source.shipped and source.part not in PURE:
        for line, name, _ in source.imports:
            if among(name, THREADS):
                yield f"{line}: {name} in Blender's process"


def network_only_in_pure_code(source: Source) -> Offences:
    if source.shipped and source.part not in PURE:
        for line, name, _ in source.imports:
            if among(name, NETWORK):
                yield f"{line}: {name} in Blender's process"


def tools_need_no_tests(source: Source) -> Offences:
    if source.part == "tools":
        for line, name, _ in source.imports:
            if among(name, {"support", "tests"}):
                yield f"{line}: {name}, which is the tests' own"


def no_star_import(source: Source) -> Offences:
    for node in source.nodes:
        if isinstance(node, ast.ImportFrom) and any(alias.name == "*" for alias in node.names):
            yield f"{node.lineno}: star import"


def no_bare_except(source: Source) -> Offences:
    for node in source.nodes:
        if isinstance(node, ast.ExceptHandler) and node.type is None:
            yield f"{node.lineno}: bare except"


def print_only_in_command_line_code(source: Source) -> Offences:
    if not source.shipped or source.path in MAY_PRINT:
        return
    for node in source.nodes:
        if isinstance(node, ast.Name) and node.id == "print":
            yield f"{node.lineno}: print"


def root_init_is_a_table_of_contents(source: Source) -> Offences:
    if source.path != "__init__.py":
        return
    if (count := len(source.text.splitlines())) > MAX_INIT_LINES:
        yield f"{count} lines, more than {MAX_INIT_LINES}"
    for node in source.nodes:
        if isinstance(node, ast.ClassDef):
            yield f"{node.lineno}: class {node.name}"


def files_are_read_in_one_sitting(source: Source) -> Offences:
    if (count := len(source.text.splitlines())) > MAX_LINES:
        yield f"{count} lines, more than {MAX_LINES}"


def annotations_are_postponed(source: Source) -> Offences:
    """Except Blender's properties: each that is postponed is compiled by Blender at its every start."""
    has_code = any(not isinstance(node, ast.Expr) for node in source.tree.body)
    postpones = "__future__.annotations" in {name for _, name, _ in source.imports}
    if declares_properties(source):
        if postpones:
            yield "`from __future__ import annotations`, for which Blender compiles every property at its start"
    elif has_code and not postpones:
        yield "no `from __future__ import annotations`"


def declares_properties(source: Source) -> bool:
    """Whether a class has annotations that are calls."""
    bodies = [node.body for node in source.nodes if isinstance(node, ast.ClassDef)]
    return source.shipped and any(
        isinstance(node, ast.AnnAssign) and isinstance(node.annotation, ast.Call) for body in bodies for node in body
    )


def the_licence_is_named(source: Source) -> Offences:
    if source.shipped and not source.text.startswith("# SPDX-License-Identifier: GPL-3.0-or-later\n"):
        yield "1: no SPDX-License-Identifier"


RULES: list[Rule] = [
    no_blender_in_pure_code,
    dependencies_point_one_way,
    threads_only_in_pure_code,
    tools_need_no_tests,
    network_only_in_pure_code,
    no_star_import,
    no_bare_except,
    print_only_in_command_line_code,
    root_init_is_a_table_of_contents,
    files_are_read_in_one_sitting,
    annotations_are_postponed,
    the_licence_is_named,
]

# Places outside the repository, in pieces so that this file does not name them.
FOREIGN = re.compile(r"(?<![\w.])/" + r"work\b|\.\./" + r"shared\b")


def foreign_places(text: str) -> Offences:
    for number, line in enumerate(text.splitlines(), 1):
        if FOREIGN.search(line):
            yield f"{number}: names a place outside the repository: {line.strip()[:80]}"


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_repository_keeps_the_rule(rule: Rule) -> None:
    checked = sources()
    assert {*ROOMS, "__init__"} - {"wheels"} <= {source.part for source in checked}
    offences = [f"{source.path}:{offence}" for source in checked for offence in rule(source)]
    assert not offences, "\n".join(offences)


def test_every_shipped_file_belongs_to_a_layer() -> None:
    parts = {source.part for source in sources()}
    assert parts <= ROOMS.keys() | NOT_SHIPPED.keys() | {"__init__"}


def test_a_room_imports_only_rooms_above_it() -> None:
    names = list(ROOMS)
    for place, name in enumerate(names):
        assert {other.split(".")[0] for other in ROOMS[name].imports} <= set(names[:place]), name


def test_every_room_and_folder_that_is_listed_exists_and_the_other_way_round() -> None:
    listed = {*ROOMS, *NOT_SHIPPED, *(f"{name}/{folder}" for name, room in ROOMS.items() for folder, _ in room.inside)}
    listed.add("client/agent/polling")
    folders = {str(PurePosixPath(source.path).parent) for source in sources() if source.shipped} - {"."}
    assert not [name for name in listed if not (ROOT / name).is_dir()]
    assert folders <= listed


def test_allow_list_names_files_that_exist() -> None:
    missing = [path for path in MAY_PRINT if not (ROOT / path).is_file()]
    assert not missing


def test_nothing_names_a_place_outside_the_repository() -> None:
    offences: list[str] = []
    for path in files():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue  # an image or a model
        offences += [f"{path.relative_to(ROOT)}:{offence}" for offence in foreign_places(text)]
    assert not offences, "\n".join(offences)


LICENCE = "# SPDX-License-Identifier: GPL-3.0-or-later\n"
FUTURE = "from __future__ import annotations\n"

BAD: list[tuple[Rule, str, str]] = [
    (no_blender_in_pure_code, "client/a.py", "import bpy"),
    (no_blender_in_pure_code, "client/agent/a.py", "def f():\n    from bpy.types import Object"),
    (no_blender_in_pure_code, "sandbox/a.py", "import mathutils.noise"),
    (dependencies_point_one_way, "sandbox/a.py", "from ..client import schema"),
    (dependencies_point_one_way, "sandbox/a.py", "import client.schema"),
    (dependencies_point_one_way, "client/a.py", "from .. import sandbox"),
    (dependencies_point_one_way, "client/agent/a.py", "from ...sandbox.rules import x"),
    (dependencies_point_one_way, "client/a.py", "from ..operators import x"),
    (dependencies_point_one_way, "client/a.py", "from ..properties import preferences"),
    (dependencies_point_one_way, "client/a.py", "from client.schema import x"),
    (dependencies_point_one_way, "properties/a.py", "from .. import operators"),
    (dependencies_point_one_way, "operators/a.py", "from ..panels import jobs"),
    (dependencies_point_one_way, "operators/delivery/a.py", "from ... import panels"),
    (dependencies_point_one_way, "panels/a.py", "from ..sandbox import cli"),
    (dependencies_point_one_way, "converter/a.py", "from ..operators import x"),
    (threads_only_in_pure_code, "operators/a.py", "import threading"),
    (threads_only_in_pure_code, "panels/a.py", "from concurrent.futures import ThreadPoolExecutor"),
    (threads_only_in_pure_code, "__init__.py", "from threading import Thread"),
    (network_only_in_pure_code, "operators/a.py", "import requests"),
    (network_only_in_pure_code, "properties/preferences.py", "from urllib import request"),
    (tools_need_no_tests, "tools/a.py", "from support.models import made"),
    (no_star_import, "tools/a.py", "from os import *"),
    (no_bare_except, "client/a.py", "try:\n    pass\nexcept:\n    pass"),
    (print_only_in_command_line_code, "operators/a.py", "print(1)"),
    (print_only_in_command_line_code, "client/a.py", "show = print"),
    (root_init_is_a_table_of_contents, "__init__.py", "class A: pass"),
    (root_init_is_a_table_of_contents, "__init__.py", "\n" * 51),
    (files_are_read_in_one_sitting, "tests/unit/test_a.py", "x = 1\n" * 401),
    (the_licence_is_named, "client/a.py", FUTURE),
    (annotations_are_postponed, "tests/a.py", '"""Text."""\nimport os'),
    (annotations_are_postponed, "properties/scene.py", FUTURE + "class A:\n    x: IntProperty()"),
]

GOOD: list[tuple[str, str]] = [
    (
        "client/agent/a.py",
        FUTURE + "import threading\nimport requests\nfrom ..store import jobs\nfrom ... import client",
    ),
    (
        "operators/a.py",
        FUTURE + "import bpy\nfrom .. import __package__ as base\nfrom ..client.schema import x",
    ),
    ("operators/a.py", FUTURE + "from urllib.parse import urlsplit"),
    ("panels/a.py", FUTURE + "from ..operators import x\nfrom ..properties import y\nfrom . import base"),
    ("__init__.py", FUTURE + "from . import operators, panels, properties"),
    ("properties/scene.py", "class A:\n    x: IntProperty()"),
    ("sandbox/cli.py", FUTURE + "print('ready')"),
    ("tests/unit/test_a.py", FUTURE + "from client import schema\nimport threading\nprint(1)"),
    (
        "converter/worker.py",
        FUTURE + "import bpy\nfrom client.formats import x\nfrom converter.build import y",
    ),
    ("client/agent/__main__.py", FUTURE + "from client.agent.main import main"),
    ("converter/__init__.py", '"""Text only."""'),
    ("client/__init__.py", ""),
]


@pytest.mark.parametrize(("rule", "path", "text"), BAD)
def test_rule_can_fail(rule: Rule, path: str, text: str) -> None:
    assert list(rule(Source(path, text)))


def test_every_rule_has_a_bad_example() -> None:
    assert {rule for rule, _, _ in BAD} == set(RULES)


@pytest.mark.parametrize(("path", "text"), GOOD)
def test_rules_let_good_code_pass(path: str, text: str) -> None:
    assert [offence for rule in RULES for offence in rule(Source(path, LICENCE + text))] == []


@pytest.mark.parametrize("text", ["see /" + "work/main", "open('../" + "shared/design.md')", "cd /" + "work"])
def test_foreign_places_are_found(text: str) -> None:
    assert list(foreign_places(text))


@pytest.mark.parametrize("text", ["client/worker.py", "the frame/work split", "converter/work.py", "a/workspace"])
def test_other_text_is_not_foreign(text: str) -> None:
    assert not list(foreign_places(text))
