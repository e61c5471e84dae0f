"""Write docs/parameters.md from the schema; with ``--check``, tell whether it is up to date."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from client.schema import (  # noqa: E402
    CONFLICTS,
    COSTS,
    ENDPOINTS,
    EVERY_VERSION,
    GENERATION,
    IMPLIED,
    NOTES,
    PARAMETERS,
    VERSION_LABELS,
    ModelVersion,
    Parameter,
    Scope,
)

TARGET = ROOT / "docs" / "parameters.md"

INTRODUCTION = """# Parameters and prices

Made from the schema in `client/schema/` by `python3.11 tools/parameter_table.py`; a test fails when it is out of date.
The names are the API's own, and those of the operators' arguments. "Source" says how well a fact is known: **A** the
service's Tripo reference, **B** its other public pages, **C** public programs that call the service, **U** Tripo's own
documents, **I** inferred; what is marked U or I is sent only when it differs from the default.
"""


def table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    """Return a Markdown table."""
    lines = [f"| {' | '.join(head)} |", "|" + "---|" * len(head)]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows)])


def bounds(scope: Scope) -> str:
    """Return the range of a scope in words."""
    if scope.minimum is None or scope.maximum is None:
        return ""
    return f"{scope.minimum:,}–{scope.maximum:,}"


def where(scope: Scope) -> str:
    """Return the endpoints and versions of a scope in words."""
    kinds = "all" if scope.kinds == GENERATION else ", ".join(sorted(kind.value for kind in scope.kinds))
    versions = "" if scope.versions == EVERY_VERSION else " with " + ", ".join(sorted(scope.versions))
    return kinds + versions


def merged(scopes: Iterable[Scope]) -> list[Scope]:
    """Return the scopes with the same bounds as one, where all their endpoints take all their versions."""
    found: list[Scope] = []
    for scope in scopes:
        for number, one in enumerate(found):
            same = (one.minimum, one.maximum) == (scope.minimum, scope.maximum)
            if same and (one.kinds == scope.kinds or one.versions == scope.versions):
                found[number] = Scope(
                    one.kinds | scope.kinds, one.versions | scope.versions, scope.minimum, scope.maximum
                )
                break
        else:
            found.append(scope)
    return found


def row(parameter: Parameter) -> tuple[str, ...]:
    """Return one parameter's line."""
    values = parameter.type
    if parameter.choices:
        values = ", ".join(f"`{choice.value}`" if choice.value else "absent" for choice in parameter.choices)
    scopes = merged(parameter.scopes)
    ranges = [f"{bounds(scope)} ({where(scope)})" for scope in scopes if bounds(scope)]
    if len(scopes) == 1 and ranges:
        ranges = [bounds(scopes[0])]
    unit = " characters" if parameter.type == "string" and ranges else ""
    default = "absent" if parameter.default in (None, "") else f"`{str(parameter.default).lower()}`"
    return (
        f"`{parameter.name}`",
        parameter.help,
        values + (f"; {'; '.join(ranges)}{unit}" if ranges else ""),
        default,
        "; ".join(where(scope) for scope in scopes),
        ", ".join(dict.fromkeys(scope.source for scope in parameter.scopes)),
    )


def document() -> str:
    """Return the whole page."""
    versions = table(
        ("model_version", "what it is"),
        [(f"`{version}`", VERSION_LABELS[version][1]) for version in ModelVersion],
    )
    parameters = table(
        ("name", "what it does", "values", "default", "where", "source"), [row(parameter) for parameter in PARAMETERS]
    )
    base = table(
        ("operator", *(str(version) for version in ModelVersion)),
        [
            (f"`tripo.{endpoint.kind}`", *(str(endpoint.base_credits[version]) for version in ModelVersion))
            for endpoint in ENDPOINTS.values()
        ],
    )
    extra = table(
        ("what", "credits", "when", "versions"),
        [
            (
                cost.label,
                f"+{cost.credits}",
                ", ".join(f"`{name}={str(value).lower()}`" for name, value in cost.when.items()),
                "all" if cost.versions == EVERY_VERSION else ", ".join(sorted(cost.versions)),
            )
            for cost in COSTS
        ],
    )
    conflicts = "\n".join(f"- {conflict.message}." for conflict in CONFLICTS)
    implied = "\n".join(
        f"- With `{one.other}={str(one.other_value).lower()}`, `{one.name}={str(one.value).lower()}` is sent, whatever"
        f" was chosen. {one.message}."
        for one in IMPLIED
    )
    notes = "\n".join(f"- {note.message}." for note in NOTES)
    slots = "\n".join(
        f"- `tripo.{endpoint.kind}`: {', '.join(f'`{slot}`' for slot in endpoint.image_slots)}"
        for endpoint in ENDPOINTS.values()
        if endpoint.image_slots
    )
    return "\n".join(
        [
            INTRODUCTION,
            "## Model versions\n",
            versions,
            "\n## Parameters\n",
            parameters,
            "\nNot together:\n",
            conflicts,
            "\nImplied:\n",
            implied,
            "\nAllowed, and noted in the panel:\n",
            notes,
            "\n## Images\n",
            "Each takes a path (PNG, JPEG, WebP; up to 20 MB), an `https` address or the name of an image datablock:\n",
            slots,
            "\n## Prices in credits\n",
            base,
            "",
            extra,
            "",
        ]
    )


def main() -> int:
    """Write the page, or compare it."""
    text = document()
    if "--check" in sys.argv[1:]:
        return 0 if TARGET.exists() and TARGET.read_text("utf-8") == text else 1
    TARGET.write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
