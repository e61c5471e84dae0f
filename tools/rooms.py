"""The rooms of the extension: what is in each folder, and which folders it may import. Written once, here.

`tools/package.py` ships these folders, `tests/unit/tools/test_layout.py` keeps the directions, and the table in
docs/architecture.md is made from them:

    python tools/rooms.py           write the table
    python tools/rooms.py --check   fail when it is not up to date
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "architecture.md"
BEGIN, END = "<!-- rooms: made by tools/rooms.py -->\n", "<!-- end of rooms -->\n"


@dataclass(frozen=True)
class Room:
    """A folder: what is in it, and what it may import besides itself (folders, or modules with a dot)."""

    holds: str
    imports: tuple[str, ...] = ()
    inside: tuple[tuple[str, str], ...] = ()
    """Its own folders, and what is in each."""


ROOMS: dict[str, Room] = {
    "client": Room(
        "everything that knows the service; no Blender",
        inside=(
            ("schema", "one list of everything that can be asked for: endpoints, parameters, presets, prices"),
            ("service", "HTTP: requests, answers, errors, downloads; nothing else speaks HTTP"),
            ("jobs", "what a job is and says: request, images, states, placement, spending, notices; data and rules"),
            ("store", "the SQLite file: jobs, lease, rate budget, balance, ledger, migrations, cache"),
            ("files", "files, most of them below the home folder: how they are written, named and removed"),
            ("agent", "the process that waits: its loop, tasks, transitions; `polling`: when to look"),
            ("agent/converter", "the agent's side of the background Blender"),
            ("formats", "what a downloaded file is, and whether it may be handed to an importer"),
        ),
    ),
    "converter": Room(
        "the background Blender: import a file, clean it up, write a `.blend`, draw a thumbnail",
        ("client.formats", "client.files", "client.notices"),
        inside=(("meshopt", "the decoder of compressed glTF buffers"),),
    ),
    "translations": Room(
        "catalogues, and how a notice is told in the interface's language", ("client.notices", "client.stored_notices")
    ),
    "properties": Room(
        "what Blender stores: settings of a scene, the list in the window manager, preferences, placement",
        ("client", "translations"),
    ),
    "widgets": Room("drawing shared by panels, dialogs and preferences", ("properties", "client", "translations")),
    "session": Room(
        "what runs between clicks: timer, job list, delivery queue, agent supervisor, Sandbox process",
        (
            *("widgets", "properties", "client", "translations"),
            *("converter.edit_ready", "converter.plain_objects", "converter.prepared_look"),
        ),
        inside=(("delivery", "a finished model into the scene: append, place, restore, provenance, asset"),),
    ),
    "operators": Room(
        "buttons, a folder for each topic",
        ("session", "widgets", "properties", "client", "translations"),
        inside=(
            ("generate", "the three generators, once more, presets; from properties to a request"),
            ("images", "ways to get an image into a slot, and what is sent of it"),
            ("blockout", "models for a set of placeholders: the table, their own views, the press"),
            ("placement", "where models go: picked with the mouse, defaults"),
            ("jobs", "stop, import, retry, reduce, rename, remove; the cache, the shelf in the Asset Browser"),
            ("stacks", "variations and the looks of an object: show one, flip through them, keep one"),
            ("mesh", "the mesh tools: what is sent of a selection, a look baked onto it, parts as face sets"),
            ("account", "balance, spending, key check, the switch of the Sandbox"),
        ),
    ),
    "panels": Room(
        "the sidebar tab and the menus; writes nothing",
        ("operators", "session", "widgets", "properties", "client", "translations"),
    ),
    "sandbox": Room(
        "a strict stand-in for the service on loopback; standard library and numpy",
        inside=(
            ("faults", "what it can be told to do wrong"),
            ("models", "what it answers with"),
            ("mesh_tools", "what it makes of a model that it is sent"),
        ),
    ),
    "wheels": Room("pure-Python packages that Blender does not bring along"),
}
"""All folders that are shipped, each after those it may import."""

FILES = ("LICENSE", "__init__.py", "blender_manifest.toml")
"""What is shipped beside them."""

NOT_SHIPPED: dict[str, str] = {
    "tools": "development scripts",
    "tests": "`unit` (no Blender), `blender` (the ZIP in the `bpy` wheels), `gui` (a real window), `bench`, `support`",
    "docs": "what is written down",
}


def table() -> str:
    """Return the table of all rooms in Markdown."""
    lines = ["| folder | what is in it | may import |", "|---|---|---|"]
    for name, room in ROOMS.items():
        may = ", ".join(f"`{other}`" for other in room.imports)
        lines.append(f"| `{name}/` | {room.holds} | {may} |")
        lines += [f"| `{name}/{folder}/` | {holds} | |" for folder, holds in room.inside]
    lines += [f"| `{name}/` | {holds}; not shipped | |" for name, holds in NOT_SHIPPED.items()]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Write the table, or check it."""
    text = PAGE.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    made = f"{before}{BEGIN}\n{table()}\n{END}{after}"
    if sys.argv[1:] == ["--check"]:
        raise SystemExit(None if made == text else "run python tools/rooms.py")
    PAGE.write_text(made, encoding="utf-8")


if __name__ == "__main__":
    main()
