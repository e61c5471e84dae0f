"""Every text of the extension that an artist may read: those marked with `N_`, those that Blender's own interface takes
and translates by itself (labels, descriptions, reports), and those of the schema.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from tools.rooms import ROOMS

ROOT = Path(__file__).resolve().parent.parent
IN_BLENDER = ("properties", "widgets", "session", "operators", "panels")
"""Rooms whose code calls Blender's interface."""
NAMED = frozenset({"name", "description", "text", "title", "message", "confirm_text", "placeholder", "heading"})
"""Arguments of Blender's that it translates."""
PLACED = {"report": 1, "poll_message_set": 0}
"""Calls of Blender's that translate an argument without a name: which one."""
CLASS_TEXTS = frozenset({"bl_label", "bl_description"})
CLASS_ID = re.compile(r"\w+_(?:HT|MT|OT|PT|UL)_\w+")
"""The name of a class of Blender's, as a call that opens a menu takes it: no text."""


class Found(NamedTuple):
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
    for found in in_schema():
        messages.setdefault(found.message, found.place)
    return messages


def sources(root: Path = ROOT) -> list[Path]:
    """Return the files that are looked through."""
    return sorted([*root.glob("*.py"), *(path for room in ROOMS for path in (root / room).rglob("*.py"))])


def in_source(text: str, name: str) -> Iterator[Found]:
    """Find the messages of one file."""
    in_blender = name.split("/")[0] in IN_BLENDER
    for node in ast.walk(ast.parse(text, name)):
        shown = [*_marked(node), *(_given_to_blender(node) if in_blender else ())]
        yield from (Found(one, name) for one in shown if _is_text(one))


def _is_text(message: str) -> bool:
    return any(letter.isalpha() for letter in message) and not CLASS_ID.fullmatch(message)


def _marked(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "N_":
        yield from _constants(node.args[0])


def _given_to_blender(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.ClassDef):
        yield from _of_class(node)
    for name, value in _arguments(node):
        if name in NAMED:
            yield from _constants(value)
        elif name == "items":
            yield from (text for item in _elements(value) for one in _elements(item)[1:3] for text in _constants(one))
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in PLACED:
        yield from (text for one in node.args[PLACED[node.func.attr] :] for text in _constants(one))


def _arguments(node: ast.AST) -> Iterator[tuple[object, ast.expr]]:
    """Yield the named arguments of a call, and those that are kept in a dictionary for one."""
    if isinstance(node, ast.Call):
        yield from ((keyword.arg, keyword.value) for keyword in node.keywords)
    elif isinstance(node, ast.Dict):
        names = [key.value if isinstance(key, ast.Constant) else None for key in node.keys]
        yield from zip(names, node.values, strict=True)


def _of_class(node: ast.ClassDef) -> Iterator[str]:
    values = {
        target.id: one.value
        for one in node.body
        if isinstance(one, ast.Assign)
        for target in one.targets
        if isinstance(target, ast.Name) and target.id in CLASS_TEXTS
    }
    for value in values.values():
        yield from _constants(value)
    if "_OT_" in node.name and "bl_label" in values and (tooltip := ast.get_docstring(node)):
        yield tooltip


def _elements(node: ast.expr) -> list[ast.expr]:
    return node.elts if isinstance(node, ast.Tuple | ast.List) else []


def _constants(node: ast.expr) -> Iterator[str]:
    """Yield a text, or both texts of a choice."""
    if isinstance(node, ast.IfExp):
        yield from _constants(node.body)
        yield from _constants(node.orelse)
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value


def in_schema() -> Iterator[Found]:
    """Find the texts that the schema gives to Blender's properties."""
    from client import schema
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
            yield from (Found(slot, "schema"), Found(slot.replace("_", " ").title(), "schema"))
    yield from (Found(cost.label, "schema") for cost in schema.COSTS)
    for one in (*schema.CONFLICTS, *schema.IMPLIED, *schema.NOTES):
        yield Found(one.message, "schema")
    yield from (Found(help_, "schema") for _label, help_ in schema.VERSION_LABELS.values())
    yield from (Found(label, "schema") for label in schema.VERSION_CHOICES.values())
    for preset in schema.PRESETS.values():
        yield from (Found(preset.label, "schema"), Found(preset.help, "schema"))
    yield from (Found(group.value, "schema") for group in schema.Group)
    yield from (Found(status.lower(), "client/jobs/states.py") for status in Status)
