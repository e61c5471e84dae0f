"""The repository's Python files as syntax trees."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path, PurePosixPath

from tools.rooms import ROOMS

ROOT = Path(__file__).resolve().parents[3]
LEFT_OUT = {".git", ".venv", "build", "dist", "demo-output", "node_modules", "__pycache__"}


@dataclass(frozen=True)
class Source:
    """A Python file: its path from the root with forward slashes, and its text."""

    path: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text, self.path)

    @property
    def part(self) -> str:
        """The room, or ``__init__`` for the root's."""
        parts = PurePosixPath(self.path).parts
        return parts[0] if len(parts) > 1 else PurePosixPath(self.path).stem

    @property
    def shipped(self) -> bool:
        return self.part in ROOMS or self.part == "__init__"

    @property
    def nodes(self) -> Iterator[ast.AST]:
        return ast.walk(self.tree)

    @cached_property
    def imports(self) -> list[tuple[int, str, bool]]:
        """Line, dotted name, whether it is relative; relative names are given from the root of the
        extension."""
        package = PurePosixPath(self.path).parts[:-1]
        found: list[tuple[int, str, bool]] = []
        for node in self.nodes:
            if isinstance(node, ast.Import):
                found += [(node.lineno, alias.name, False) for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                up = max(node.level - 1, 0)
                base = package[: len(package) - up] if node.level else ()
                module = (*base, *(node.module.split(".") if node.module else ()))
                names = [".".join((*module, alias.name)) for alias in node.names]
                found += [(node.lineno, name, node.level > 0) for name in names]
        return found


def files(folder: Path = ROOT) -> Iterator[Path]:
    """Every file of the repository but those that are made."""
    for path in sorted(folder.iterdir()):
        if path.name in LEFT_OUT:  # in a second working tree, .git is a file
            continue
        if path.is_dir():
            if not path.name.endswith("_cache"):
                yield from files(path)
        elif path.is_file():
            yield path


@cache
def sources() -> list[Source]:
    """All Python files."""
    found = [path for path in files() if path.suffix == ".py"]
    return [Source(path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")) for path in found]
