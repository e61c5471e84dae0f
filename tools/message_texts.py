"""Every text of the extension that an artist may read, collected from the syntax trees and the schema.

A text is found by its place (``name=``, ``bl_label``, an item of an enum …) or by its look: two words or more,
beginning like a sentence, in no place where only developers read. F-strings become patterns with numbered fields.
What is wrong inside a damaged file is told in English only: it is for a report.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from translations.sentences import ASIDE, LIST

ROOT = Path(__file__).resolve().parent.parent
READ_BY_ARTISTS = ("client", "converter", "properties", "widgets", "session", "operators", "panels")
"""Folders whose texts are collected."""

NOT_READ = (
    *("client/agent/__main__.py", "client/agent/main.py", "client/agent/converter/process.py", "client/jobs/states.py"),
    *("client/schema/*.py", "client/store/jobs.py", "client/formats/g*.py", "client/formats/f*.py"),
    *("client/formats/types.py", "client/formats/handover.py", "converter/worker.py", "converter/meshopt/*.py"),
    *("client/paths.py", "converter/animation.py"),
)
SPOKEN = ("client/jobs/notices.py", "panels/job_texts.py", "panels/credits.py")
"""Files in which every text is for the artist."""

NO_MESSAGES = frozenset(
    {"Bearer {0}", "Account({0}, [key])", "https://…", "VERSION 1", "{0} of job {1}", "Blender {0}"}
)

PLACES = frozenset(
    {
        "name",
        "description",
        "text",
        "title",
        "message",
        "confirm_text",
        "placeholder",
        "heading",
        "label",
        "default_name",
    }
)
"""Keyword arguments that are always shown."""

CLASS_PLACES = frozenset({"bl_label", "bl_description"})
TABLES = re.compile(r"(_WORDS|_LABELS|_ITEMS|ACTIONS|FILTERS|PRESETS|NOTES|_SHORT|_PLACES|_POINT|items)$")
"""Names whose short strings are shown: tables of words, and items of enums."""

DEVELOPERS_CALLS = frozenset(
    {
        *(
            "ValueError",
            "TypeError",
            "RuntimeError",
            "KeyError",
            "AssertionError",
            "NotImplementedError",
            "LookupError",
        ),
        *(
            "debug",
            "info",
            "warning",
            "error",
            "exception",
            "execute",
            "executescript",
            "add_argument",
            "compile",
            "log",
        ),
        *("ArgumentParser", "SystemExit", "getLogger", "print", "OSError", "EOFError", "fail", "Thread"),
    }
)
_SQL = re.compile(r"(SELECT|INSERT|UPDATE|DELETE|CREATE|PRAGMA|BEGIN|ATTACH|WITH) ")
_LOOK = re.compile(r"['\"“]?([A-Z]|\{0\})[^\n]*[ :;]\S")
_ASIDE = re.compile(r" \((.+)\)")
"""What is put into the middle of a sentence: found wherever it stands, without its parentheses."""
_LETTERS = re.compile(r"[A-Za-z]{2}")
_FIELD = re.compile(r"\{\d+\}")
_IDENTIFIER = re.compile(r"(?!PBR|UVs)[A-Z0-9_]+|[a-z0-9_.]+(/.*)?|\w+_(MT|HT|PT)_\w+")


@dataclass(frozen=True)
class Found:
    """A text and the file it stands in."""

    message: str
    place: str


def collect(root: Path = ROOT) -> dict[str, str]:
    """Return every message with the first file it was found in."""
    messages: dict[str, str] = {}
    for path in sources(root):
        name = path.relative_to(root).as_posix()
        for found in in_source(path.read_text(encoding="utf-8"), name):
            messages.setdefault(found.message, found.place)
    for mark in (ASIDE, LIST):
        messages.setdefault(mark, "translations/sentences.py")
    for found in in_schema():
        messages.setdefault(found.message, found.place)
    return messages


def sources(root: Path = ROOT) -> list[Path]:
    """Return the files that are looked through."""
    files = [*root.glob("*.py"), *(path for folder in READ_BY_ARTISTS for path in (root / folder).rglob("*.py"))]
    return sorted(path for path in files if not any(path.match(pattern) for pattern in NOT_READ))


def in_source(text: str, name: str) -> Iterator[Found]:
    """Find the messages of one file."""
    walker = _Walker(name)
    walker.visit(ast.parse(text, name))
    yield from walker.found


def in_schema() -> Iterator[Found]:
    """Find the texts that the schema gives to Blender's properties."""
    from client import schema
    from client.formats.sniff import Other
    from client.jobs.states import Status
    from client.schema import texts

    kinds: list[Any] = [schema.GENERATION, *(frozenset({kind}) for kind in schema.Kind)]
    for parameter in schema.PARAMETERS:
        yield Found(parameter.label, "schema")
        yield from (Found(texts.bounded_help(parameter, some), "schema") for some in kinds)
        if texts.has_switch(parameter):
            yield Found(texts.switch_label(parameter), "schema")
            yield Found(texts.switch_help(parameter), "schema")
        for choice in parameter.choices:
            yield from (Found(choice.label, "schema"), Found(choice.help, "schema"))
    for endpoint in schema.ENDPOINTS.values():
        yield from (Found(endpoint.label, "schema"), Found(endpoint.help, "schema"))
        for slot in endpoint.image_slots:
            yield from (Found(slot, "schema"), Found(slot.replace("_", " ").capitalize(), "schema"))
    yield from (Found(cost.label, "schema") for cost in schema.COSTS)
    for one in (*schema.CONFLICTS, *schema.IMPLIED, *schema.NOTES):
        yield Found(one.message, "schema")
    yield from (Found(help_, "schema") for _label, help_ in schema.VERSION_LABELS.values())
    for preset in schema.PRESETS.values():
        yield from (Found(preset.label, "schema"), Found(preset.help, "schema"))
    yield from (Found(kind.value, "client/formats/sniff.py") for kind in Other)
    yield from (Found(group.value, "schema") for group in schema.Group)
    yield from (Found(status.lower(), "client/jobs/states.py") for status in Status)


def pattern_of(node: ast.JoinedStr) -> str:
    """Return an f-string with its values as numbered fields."""
    parts: list[str] = []
    number = 0
    for value in node.values:
        if isinstance(value, ast.Constant):
            parts.append(str(value.value))
        else:
            parts.append(f"{{{number}}}")
            number += 1
    return "".join(parts)


def text_of(node: ast.AST) -> str | None:
    """Return the message that a literal or an f-string stands for, or None."""
    if isinstance(node, ast.JoinedStr):
        return pattern_of(node)
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    return None


class _Walker(ast.NodeVisitor):
    def __init__(self, name: str) -> None:
        self.name = name
        self.found: list[Found] = []

    def _take(self, node: ast.AST, *, by_place: bool) -> None:
        text = text_of(node)
        if text is not None and (aside := _ASIDE.fullmatch(text)):
            text, by_place = aside[1], True
        if (
            text is None
            or text in NO_MESSAGES
            or text.endswith(" ")
            or "\\" in text
            or "\r" in text
            or " = '" in text
            or not _LETTERS.search(_FIELD.sub("", text))
        ):
            return
        placed = by_place and not _IDENTIFIER.fullmatch(text)
        looks = _LOOK.match(text) and not _SQL.match(text)
        if placed or looks:
            self.found.append(Found(text, self.name))

    def _take_all(self, node: ast.AST) -> None:
        for one in ast.walk(node):
            if not isinstance(one, ast.FormattedValue):
                self._take(one, by_place=True)

    def visit_Constant(self, node: ast.Constant) -> None:
        self._take(node, by_place=self.name in SPOKEN)

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        self._take(node, by_place=False)
        for value in node.values:
            if isinstance(value, ast.FormattedValue):
                self.visit(value.value)

    def visit_Expr(self, node: ast.Expr) -> None:
        if not isinstance(node.value, ast.Constant):  # else a docstring
            self.visit(node.value)

    def visit_Compare(self, node: ast.Compare) -> None:
        for one in (node.left, *node.comparators):
            if not isinstance(one, ast.Constant):  # else what somebody else's words are compared with
                self.visit(one)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        labels = {
            target.id
            for one in node.body
            if isinstance(one, ast.Assign)
            for target in one.targets
            if isinstance(target, ast.Name)
        }
        if "_OT_" in node.name and "bl_label" in labels and (tooltip := ast.get_docstring(node)):
            self.found.append(Found(tooltip, self.name))
        self.generic_visit(node)

    def visit_Assign(self, node: ast.Assign) -> None:
        names = [target.id for target in node.targets if isinstance(target, ast.Name)]
        self._assigned(names, node.value)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if isinstance(node.annotation, ast.Call):  # a property of Blender's
            self.visit(node.annotation)
        if node.value is not None:
            self._assigned([node.target.id] if isinstance(node.target, ast.Name) else [], node.value)

    def _assigned(self, names: list[str], value: ast.expr) -> None:
        if any(name in CLASS_PLACES for name in names):
            self._take(value, by_place=True)
        elif any(TABLES.search(name) for name in names):
            self._take_all(value)
        self.visit(value)

    def visit_Dict(self, node: ast.Dict) -> None:
        for key, value in zip(node.keys, node.values, strict=True):
            named = text_of(key) if key is not None else None
            if named == "items":
                self._take_all(value)
            elif named in PLACES:
                self._branches(value)
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if called in DEVELOPERS_CALLS:
            return
        for keyword in node.keywords:
            if keyword.arg in PLACES:
                self._branches(keyword.value)
            elif keyword.arg == "items":
                self._take_all(keyword.value)
        if called in ("Entry", "poll_message_set"):
            for one in node.args[-2:]:
                self._branches(one)
        if called == "tell" and node.args:
            self._branches(node.args[0])
        self.generic_visit(node)

    def _branches(self, node: ast.expr) -> None:
        """Take a text, or both texts of a choice."""
        if isinstance(node, ast.IfExp):
            self._branches(node.body)
            self._branches(node.orelse)
        else:
            self._take(node, by_place=True)
