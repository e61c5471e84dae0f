"""Write docs/parameters.md from the schema; with ``--check``, tell whether it is up to date."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from client.schema import (  # noqa: E402
    BY_NAME,
    CONFLICTS,
    COSTS,
    ENDPOINTS,
    EVERY_VERSION,
    GENERATION,
    IMPLIED,
    MESH_TOOLS,
    NO_VERSION,
    NOTES,
    PARAMETERS,
    VERSION_LABELS,
    Conflict,
    Cost,
    Implied,
    Kind,
    ModelVersion,
    Note,
    Parameter,
    Scope,
)

TARGET = ROOT / "docs" / "parameters.md"

INTRODUCTION = """# Parameters and prices

Made from the schema in `client/schema/` by `python3.11 tools/parameter_table.py`; a test fails when it is out of date.
The names are the API's own, and those of the operators' arguments. "Source" says how well a fact is known: **A** the
service's Tripo reference, **B** its other public pages, **C** public programs that call the service, **U** Tripo's own
documents, **I** inferred; what is marked U or I is sent only when it differs from the default. What has no source is
the extension's own and sent as part of another parameter.
"""

MODELS = """They take no model version. Each works on exactly one of `object` (its name; the selection when nothing is
given), `job_id` (a finished job), `model` (a path; GLB, FBX, OBJ or STL up to 150 MB) and `model_url` (an `https`
address). Options of a conversion are sent only when they are set, since some of them double its price.
"""


def table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    """Return a Markdown table."""
    lines = [f"| {' | '.join(head)} |", "|" + "---|" * len(head)]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows)])


def bounds(scope: Scope) -> str:
    """Return the range of a scope in words."""
    if scope.minimum is None:
        return ""
    return f"from {scope.minimum:,}" if scope.maximum is None else f"{scope.minimum:,}–{scope.maximum:,}"


def where(scope: Scope | Cost) -> str:
    """Return the endpoints and versions of a scope in words."""
    kinds = "all" if scope.kinds == GENERATION else ", ".join(sorted(kind.value for kind in scope.kinds))
    versions = "" if scope.versions in (EVERY_VERSION, NO_VERSION) else " with " + ", ".join(sorted(scope.versions))
    return kinds + versions


def merged(scopes: Iterable[Scope]) -> list[Scope]:
    """Return the scopes with the same bounds as one, where all their endpoints take all their versions."""
    found: list[Scope] = []
    for scope in scopes:
        for number, one in enumerate(found):
            same = (one.minimum, one.maximum) == (scope.minimum, scope.maximum)
            same = same and bool(one.versions) == bool(scope.versions)
            if same and (one.kinds == scope.kinds or one.versions == scope.versions):
                found[number] = Scope(
                    one.versions | scope.versions, one.kinds | scope.kinds, scope.minimum, scope.maximum
                )
                break
        else:
            found.append(scope)
    return found


def spelled(value: object) -> str:
    """Return a value as a script writes it in JSON."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def row(parameter: Parameter, kinds: frozenset[Kind]) -> tuple[str, ...]:
    """Return one parameter's line for some endpoints."""
    values = parameter.type
    if parameter.choices:
        values = ", ".join(f"`{choice.value}`" if choice.value else "absent" for choice in parameter.choices)
    own = [scope for scope in parameter.scopes if scope.kinds & kinds]
    scopes = merged(own)
    ranges = [f"{bounds(scope)} ({where(scope)})" for scope in scopes if bounds(scope)]
    if len(scopes) == 1 and ranges:
        ranges = [bounds(scopes[0])]
    unit = " characters" if parameter.type == "string" and ranges else ""
    default = "absent" if parameter.default in (None, "", ()) else f"`{spelled(parameter.default)}`"
    if any(scope.required for scope in own):
        default = "required"
    return (
        f"`{parameter.name}`",
        parameter.help,
        values + (f"; {'; '.join(ranges)}{unit}" if ranges else ""),
        default,
        "; ".join(where(scope) for scope in scopes),
        "" if parameter.joins else ", ".join(dict.fromkeys(scope.source for scope in own)),
    )


def parameter_table(kinds: frozenset[Kind]) -> str:
    """Return the table of what some endpoints take."""
    taken = [one for one in PARAMETERS if any(scope.kinds & kinds for scope in one.scopes)]
    return table(
        ("name", "what it does", "values", "default", "where", "source"), [row(parameter, kinds) for parameter in taken]
    )


def price_when(cost: Cost) -> str:
    """Return when a surcharge comes."""
    said = [f"`{name}={spelled(value)}`" for name, value in cost.when.items()]
    if cost.any_of:
        said.append("any of " + ", ".join(f"`{name}`" for name in sorted(cost.any_of)) + " is set")
    return ", ".join(said) + ("" if cost.certain else "; the pages leave open whether it is added")


def sentences(about: Iterable[Conflict | Implied | Note], kinds: frozenset[Kind]) -> str:
    """Return the messages about some endpoints as a list, each once."""
    return "\n".join(dict.fromkeys(f"- {one.message}." for one in about if one.kinds & kinds))


def implications(kinds: frozenset[Kind]) -> str:
    """Return what is sent whatever was chosen."""

    def sent(one: Implied) -> str:
        if one.value == BY_NAME[one.name].default:
            return f"`{one.name}` is not sent"
        return f"`{one.name}={spelled(one.value)}` is sent"

    return "\n".join(
        f"- With `{one.other}={spelled(one.other_value)}`, {sent(one)}, whatever was chosen. {one.message}."
        for one in IMPLIED
        if one.kinds & kinds
    )


def document() -> str:
    """Return the whole page."""
    versions = table(
        ("model_version", "what it is"),
        [(f"`{version}`", VERSION_LABELS[version][1]) for version in ModelVersion],
    )
    base = table(
        ("operator", *(str(version) for version in ModelVersion)),
        [
            (f"`tripo.{endpoint.kind}`", *(str(endpoint.base_credits[version]) for version in ModelVersion))
            for endpoint in ENDPOINTS.values()
            if endpoint.has_versions
        ],
    )
    tools = table(
        ("operator", "credits"),
        [
            (f"`tripo.{endpoint.kind}`", str(endpoint.base_credits[None]))
            for endpoint in ENDPOINTS.values()
            if not endpoint.has_versions
        ],
    )
    extra = table(
        ("what", "credits", "when", "where"),
        [
            (
                cost.label,
                f"+{cost.credits}",
                price_when(cost),
                where(cost) if cost.kinds != GENERATION or cost.versions != EVERY_VERSION else "all generators",
            )
            for cost in COSTS
        ],
    )
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
            parameter_table(GENERATION),
            "\nNot together:\n",
            sentences(CONFLICTS, GENERATION),
            "\nImplied:\n",
            implications(GENERATION),
            "\nAllowed, and noted in the panel:\n",
            sentences(NOTES, GENERATION),
            "\n## Parameters of the mesh tools\n",
            MODELS,
            parameter_table(MESH_TOOLS),
            "\nNot together:\n",
            sentences(CONFLICTS, MESH_TOOLS),
            "- A texture follows either a prompt or an image; a style image needs a prompt.",
            "\nImplied:\n",
            implications(MESH_TOOLS),
            "\nAllowed, and noted:\n",
            sentences(NOTES, MESH_TOOLS),
            "\n## Images\n",
            "Each takes a path (PNG, JPEG, WebP; up to 20 MB), an `https` address or the name of an image datablock:\n",
            slots,
            "\n## Prices in credits\n",
            base,
            "",
            tools,
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
