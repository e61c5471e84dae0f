"""No module imports itself by way of others."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from pathlib import PurePosixPath

from support.checks.source_files import Source, sources


def dotted(path: str) -> str:
    """The name of a module relative to the root."""
    parts = PurePosixPath(path).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imported(source: Source, known: Mapping[str, Source]) -> set[str]:
    """The modules that a file imports when it runs: what is imported for the type checker alone does not count."""
    quiet = {
        line
        for node in source.nodes
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
        for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)
    }
    found = set()
    for line, name, _ in source.imports:
        if line not in quiet:
            found.add(name if name in known else name.rpartition(".")[0])
    return found & known.keys() - {""}


def find_circles(imports: Mapping[str, set[str]]) -> list[list[str]]:
    """Ways that lead back to where they began, one for each that a walk in depth meets."""
    circles: list[list[str]] = []
    done: set[str] = set()

    def walk(name: str, way: list[str]) -> None:
        if name in way:
            circles.append([*way[way.index(name) :], name])
        elif name not in done:
            for other in sorted(imports[name]):
                walk(other, [*way, name])
            done.add(name)

    for name in sorted(imports):
        walk(name, [])
    return circles


def test_no_module_imports_itself_through_others() -> None:
    """Nor late, inside a function: there is always a module that both can import."""
    known = {dotted(source.path): source for source in sources() if source.shipped}
    imports = {name: {to for to in imported(source, known) if to != name} for name, source in known.items()}
    circles = find_circles(imports)
    assert not circles, "\n".join(" -> ".join(circle) for circle in circles)


def test_a_circle_is_found() -> None:
    assert find_circles({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}}) == [["a", "b", "c", "a"]]
    assert not find_circles({"a": {"b", "c"}, "b": {"c"}, "c": set()})
