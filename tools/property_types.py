"""Write below each class's Blender properties which types Python sees.

    python tools/property_types.py           write them
    python tools/property_types.py --check   fail when some are not up to date

Blender declares a property as an annotation that is a call, ``size: FloatProperty(...)``, in which no type checker sees
a type. The modules are imported here with a stand-in for bpy, so that what is made from tables and from the schema is
seen as Blender sees it.
"""

from __future__ import annotations

import ast
import importlib
import re
import sys
from collections.abc import Iterator, Mapping
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple
from unittest.mock import MagicMock

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = ("properties", "operators")
"""Folders whose classes are looked at; classes made by a call of ``type`` have no place for a block."""
MARK = "    if TYPE_CHECKING:  # made by tools/property_types.py"
OLD = re.compile(rf'((?<="""\n)\n)?{re.escape(MARK)}\n(        .*\n)+')
PACKAGE = "extension"
BLENDER = {"bpy", "bpy_extras", "bl_operators", "bl_ui", "bmesh", "mathutils", "gpu", "gpu_extras", "blf"}
TYPES = {
    "BoolProperty": "bool",
    "IntProperty": "int",
    "FloatProperty": "float",
    "StringProperty": "str",
    "EnumProperty": "str",
    "FloatVectorProperty": "Sequence[float]",
}


class Declared(NamedTuple):
    """A property: the function that declares it, the class it holds, and all it is declared with."""

    function: str
    holds: type | None
    words: Mapping[str, Any]

    @property
    def annotation(self) -> str:
        """The type of its value in Python; a datablock may be missing, a group never is."""
        if self.holds is None:
            return TYPES[self.function]
        name = self.holds.__name__
        if self.function == "CollectionProperty":
            return f"bpy.types.bpy_prop_collection_idprop[{name}]"
        return name if self.holds.__module__.startswith(PACKAGE) else f"bpy.types.{name} | None"


class _Module(ModuleType):
    """A module of Blender's in which every name that is asked for is there."""

    def __getattr__(self, name: str) -> object:
        if name.startswith("__"):
            raise AttributeError(name)
        if self.__name__ == "bpy" and name in ("types", "props", "utils"):
            return importlib.import_module(f"bpy.{name}")
        found: object = MagicMock()
        if self.__name__ == "bpy.props":
            found = lambda **words: Declared(name, words.get("type"), words)  # noqa: E731
        elif name[0].isupper():
            found = type(name, (), {"__module__": self.__name__})
        elif name == "register_classes_factory":
            found = lambda _classes: (None, None)  # noqa: E731
        elif name == "persistent":
            found = lambda function: function  # noqa: E731
        setattr(self, name, found)
        return found


class _Blender(MetaPathFinder, Loader):
    """Finds every module of Blender's."""

    def find_spec(self, fullname: str, path: object = None, target: object = None) -> ModuleSpec | None:
        """Tell that it is here."""
        is_blenders = fullname.partition(".")[0] in BLENDER
        return ModuleSpec(fullname, self, is_package=True) if is_blenders else None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """Make it."""
        return _Module(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Leave it empty: names come as they are asked for."""


def stand_in() -> None:
    """Let the extension's modules be imported without Blender, below the name `PACKAGE`."""
    sys.meta_path.insert(0, _Blender())
    package = ModuleType(PACKAGE)
    package.__path__ = [str(ROOT)]
    package.__package__ = PACKAGE
    sys.modules[PACKAGE] = package


def declared_in(module: ModuleType) -> dict[str, dict[str, Declared]]:
    """Return the properties of each class of a module, those of its bases left out."""
    found: dict[str, dict[str, Declared]] = {}
    for name, one in vars(module).items():
        if isinstance(one, type) and one.__module__ == module.__name__:
            notes = vars(one).get("__annotations__", {})
            found[name] = {key: value for key, value in notes.items() if isinstance(value, Declared)}
    return found


def with_types(text: str, declared: dict[str, dict[str, Declared]]) -> str:
    """Return a source text with the block of each class as it should be."""
    text = OLD.sub("", text)
    lines = text.splitlines(keepends=True)
    for node in reversed(list(_classes(text))):
        last, block = node.body[0], [MARK]
        for one in node.body:
            if (isinstance(one, ast.AnnAssign) and isinstance(one.annotation, ast.Call)) or (
                isinstance(one, ast.Assign) and ast.unparse(one.targets[0]) == "__annotations__"
            ):
                last = one
        if last is node.body[0] and isinstance(last, ast.Expr):  # the docstring
            block.insert(0, "")
        block += [f"        {name}: {one.annotation}" for name, one in declared.get(node.name, {}).items()]
        if block[-1] != MARK:
            lines.insert(last.end_lineno or 0, "\n".join(block) + "\n")
    return "".join(lines)


def modules(*folders: str) -> Iterator[tuple[Path, ModuleType]]:
    """Import the modules of folders, in the order of their paths; after `stand_in`."""
    for path in sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py")):
        name = path.relative_to(ROOT).with_suffix("").as_posix().replace("/", ".").removesuffix(".__init__")
        yield path, importlib.import_module(f"{PACKAGE}.{name}")


def _classes(text: str) -> Iterator[ast.ClassDef]:
    return (node for node in ast.parse(text).body if isinstance(node, ast.ClassDef))


def main() -> None:
    """Write the blocks, or check them."""
    stand_in()
    stale: list[str] = []
    for path, module in modules(*FOLDERS):
        text = path.read_text(encoding="utf-8")
        made = with_types(text, declared_in(module))
        if made != text:
            stale.append(path.relative_to(ROOT).as_posix())
            if "--check" not in sys.argv:
                path.write_text(made, encoding="utf-8")
    if stale and "--check" in sys.argv:
        raise SystemExit(f"run python tools/property_types.py: {', '.join(stale)}")


if __name__ == "__main__":
    main()
