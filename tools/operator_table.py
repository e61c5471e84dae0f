"""Write docs/operators.md from the operators' own declarations; with ``--check``, tell whether it is up to date.

python tools/operator_table.py [--check]
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any

from property_types import ROOT, Declared, modules, stand_in

sys.path.insert(0, str(ROOT))

from client.schema import BY_NAME

TARGET = ROOT / "docs" / "operators.md"
INTRODUCTION = """# Operators

Made from the operators' declarations by `python3.11 tools/operator_table.py`; a test fails when it is out of date. All
of them are called as `bpy.ops.tripo.NAME(…)`. Without a window a call returns when its work is done; what goes wrong is
a `RuntimeError` with the reason. [The parameters](parameters.md) of generation and the mesh tools have a page of their
own, with their ranges and prices.
"""
NAMES = frozenset({"job_id", "object", "model", "model_url"})
"""What an operator works on: told first, and often hidden in dialogs, which are about one already."""
ROOMS = {
    "generate": "Generate",
    "blockout": "Sets",
    "mesh": "Mesh tools",
    "jobs": "Jobs",
    "stacks": "Variations and looks",
    "images": "Images",
    "placement": "Placement",
    "account": "Account",
}
"""Folders of operators and their headings, in the order of the page."""


def operators(folder: str) -> Iterator[type]:
    """Yield the operator classes of a folder, in the order of their names."""
    found: dict[str, type] = {}
    for _path, module in modules(f"operators/{folder}"):
        found |= {one.bl_idname: one for one in _classes(module)}
    yield from (found[name] for name in sorted(found))


def _classes(module: ModuleType) -> Iterator[Any]:
    for one in (*vars(module).values(), *getattr(module, "classes", ())):
        if isinstance(one, type) and str(vars(one).get("bl_idname", "")).startswith("tripo."):
            yield one


def arguments(operator: type) -> dict[str, Declared]:
    """Return what a script may pass, that of base classes last; parameters of the service are left out."""
    found: dict[str, Declared] = {}
    for one in operator.__mro__:
        for name, declared in vars(one).get("__annotations__", {}).items():
            if isinstance(declared, Declared) and declared.function != "CollectionProperty":
                found.setdefault(name, declared)
    sent = set(BY_NAME) if hasattr(operator, "kind") else set[str]()
    names = sorted(found, key=lambda name: name not in NAMES)
    return {name: found[name] for name in names if name not in sent and _is_public(name, found[name])}


def _is_public(name: str, declared: Declared) -> bool:
    """Whether a script has a use for it: what dialogs hide is the panel's, and so are lengths in the scene's units."""
    if name.startswith("shown_") or not declared.words.get("description"):
        return False
    return name in NAMES or "HIDDEN" not in declared.words.get("options", ())


def section(operator: Any) -> str:
    """Return the lines of one operator."""
    lines = [f"### `{operator.bl_idname}`", "", f"{operator.__doc__.strip().splitlines()[0]}.", ""]
    for name, declared in arguments(operator).items():
        lines.append(f"- `{name}`: {declared.words['description']}{_default(declared)}")
    return "\n".join(lines).rstrip()


def _default(declared: Declared) -> str:
    default, items = declared.words.get("default"), declared.words.get("items")
    if isinstance(items, list | tuple) and all(isinstance(item, tuple) for item in items):
        choices = ", ".join(f"`{item[0]}`" for item in items)
        return f" ({choices})"
    if default is None or default == "" or isinstance(default, tuple | list | set):
        return ""
    return f" (`{default!r}`)" if isinstance(default, str) else f" (`{default}`)"


def page() -> str:
    """Return the whole page."""
    stand_in()
    parts = [INTRODUCTION]
    for folder, heading in ROOMS.items():
        parts.append(f"## {heading}\n")
        parts += [f"{section(one)}\n" for one in operators(folder)]
    return "\n".join(parts)


def main() -> None:
    """Write the page, or check it."""
    made = page()
    if "--check" in sys.argv:
        if not TARGET.exists() or TARGET.read_text(encoding="utf-8") != made:
            raise SystemExit("run python tools/operator_table.py")
        return
    TARGET.write_text(made, encoding="utf-8")


if __name__ == "__main__":
    main()
