# SPDX-License-Identifier: GPL-3.0-or-later
"""Store objects as rows of a table, so that delivering many costs time in proportion to their number.

For each datablock that is appended Blender looks at all others (`BKE_lib_id_clear_library_data`), so that 3,000 objects
take four seconds. Making an object takes 50 µs. So an object that says nothing but where it stands, what it shows and
what it hangs on becomes a row; the delivery makes it anew. All others are appended.

Imports nothing of the extension: the converter writes the rows, the delivery in the artist's Blender reads them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Set
from typing import Any, NamedTuple, cast

import bpy
from mathutils import Matrix

MANY = 100
"""From this number on it is worth the trouble."""
A_FEW = 16
ROWS = "tripo_rows"
"""On the outer collection: the rows, as JSON; each has a name, the number of what it shows, those of its collections,
the number of what it hangs on, that of a row it hangs on, its properties and its custom properties."""
BLOCKS = "tripo_blocks"
"""On the outer collection: the datablocks that rows name by numbers; 0 is the outer collection itself."""

_TYPES = {"MESH", "EMPTY"}
_APART = {"name", "data", "parent", "tag", "dimensions", "active_material", "active_material_index"} | {
    "matrix_world",
    "matrix_local",
    "matrix_basis",
}
"""Properties that rows have a column for, or that follow from others."""
_ROTATION_MODE = "rotation_mode"
"""Set first: setting it changes the rotation."""

_Row = tuple[str, int, list[int], int, int, dict[str, Any], dict[str, Any]]


class Kind(NamedTuple):
    """What makes up a plain object besides its name, what it shows and hangs on: values that JSON can hold."""

    properties: dict[str, Any]
    custom: dict[str, Any]


class Plain(NamedTuple):
    """The plain objects of a collection; the ``free`` ones are needed by no datablock that is not among these."""

    kinds: dict[bpy.types.Object, Kind]
    free: dict[bpy.types.Object, Kind]


def find(collection: bpy.types.Collection) -> Plain:
    """Return the plain objects of a collection and of those below it."""
    known = _Kinds()
    kinds = {one: kind for one in collection.all_objects if (kind := known.describe(one)) is not None}
    free = dict(kinds)
    _drop_used(free, {collection, *collection.children_recursive})
    return Plain(kinds, free)


def note(collection: bpy.types.Collection) -> None:
    """Replace the plain objects of a collection and of those below it by rows, if they are many."""
    if len(collection.all_objects) < MANY:
        return
    described = find(collection).free
    if len(described) < MANY:
        return
    holders = [collection, *collection.children_recursive]
    numbers = {one: number for number, one in enumerate(described)}
    blocks: dict[Any, int] = {collection: 0}

    def block(one: Any) -> int:
        return -1 if one is None else blocks.setdefault(one, len(blocks))

    above: dict[Any, list[int]] = {one: [] for one in described}
    for holder in holders:
        for one in holder.objects:
            if one in above:
                above[one].append(block(holder))
    rows: list[_Row] = []
    for one, (properties, custom) in described.items():
        hangs_on = -1 if one.parent in numbers else block(one.parent)
        row = numbers.get(one.parent, -1) if one.parent is not None else -1
        rows.append((one.name, block(one.data), above[one], hangs_on, row, properties, custom))
    collection[ROWS] = json.dumps(rows)
    collection[BLOCKS] = {str(number): one for one, number in blocks.items() if number}
    bpy.data.batch_remove(list(described))


def restore(collection: bpy.types.Collection, *, a_few: bool = False) -> None:
    """Make the objects of the rows, and remove the notes; raises ValueError, leaving no object behind.

    With ``a_few`` no more than that many, of different datablocks and hanging on none of each other: an evaluated plain
    object shows the datablock itself, so that to look at all datablocks is to look at all plain objects.
    """
    text = collection.pop(ROWS, None)
    if text is None:
        return
    noted: Any = collection.get(BLOCKS, {})
    blocks: dict[int, Any] = {0: collection, -1: None} | {int(number): one for number, one in noted.items()}
    made: list[bpy.types.Object] = []
    try:
        rows = cast(list[_Row], json.loads(text))
        if a_few:
            rows = [(*row[:4], -1, *row[5:]) for row in list({row[1]: row for row in rows}.values())[:A_FEW]]
        for name, data, above, hangs_on, _row, properties, custom in rows:
            new = bpy.data.objects.new(name, blocks[data])
            made.append(new)
            for key, value in properties.items():
                setattr(new, key, value)
            for key, value in custom.items():
                new[key] = value
            for number in above:
                blocks[number].objects.link(new)
            if hangs_on != -1:
                new.parent = blocks[hangs_on]
        for new, row in zip(made, rows, strict=True):
            if row[4] != -1:
                new.parent = made[row[4]]
    except Exception as error:
        bpy.data.batch_remove(made)
        raise ValueError(f"the table of objects cannot be read: {error}") from error
    collection.pop(BLOCKS, None)


def _drop_used(described: dict[bpy.types.Object, Any], holders: Set[bpy.types.Collection]) -> None:
    """Take out what others need as a datablock: the target of a constraint, the parent of what is no row.

    Collections are named by rows, and all that a row can refer to is its parent.
    """
    users: Any = bpy.data.user_map(subset=list(described))
    left = [
        one
        for one in described
        if not all(user in described or user in holders or isinstance(user, bpy.types.Scene) for user in users[one])
    ]
    while left:
        one = left.pop()
        if described.pop(one, None) is not None and one.parent in described:
            left.append(one.parent)


class _Kinds:
    """What makes up an object, and how a new one is."""

    def __init__(self) -> None:
        properties = [one for one in bpy.types.Object.bl_rna.properties if one.identifier not in _APART]
        self._added = [one.identifier for one in properties if one.is_runtime]
        own = [one for one in properties if not one.is_readonly and not one.is_runtime]
        self._pointers = [one.identifier for one in own if one.type == "POINTER"]
        values = [one.identifier for one in own if one.type not in {"POINTER", "COLLECTION"}]
        values.sort(key=lambda name: name != _ROTATION_MODE)
        new = bpy.data.objects.new("new", None)
        try:
            self._new = {name: _comparable(getattr(new, name)) for name in values}
        finally:
            bpy.data.objects.remove(new)

    def describe(self, one: Any) -> Kind | None:
        """Return an object's properties that differ from a new one's and its custom ones; None if it has more."""
        if one.type not in _TYPES or one.animation_data is not None or one.library is not None:
            return None
        if len(one.modifiers) or len(one.constraints) or len(one.particle_systems) or one.asset_data is not None:
            return None
        if one.rigid_body is not None or one.rigid_body_constraint is not None:
            return None
        if any(slot.link != "DATA" for slot in one.material_slots):
            return None
        if any(getattr(one, name) is not None for name in self._pointers):
            return None
        custom = {key: _plain(one[key]) for key in one.keys()}  # noqa: SIM118 - a datablock is no dictionary
        if any(key in one.bl_rna.properties for key in custom) or not all(map(_is_simple, custom.values())):
            return None
        if any(one.is_property_set(name) for name in self._added):
            return None
        values = ((name, getattr(one, name), usual) for name, usual in self._new.items())
        properties = {
            name: _plain(value)
            for name, value, usual in values
            if (value[:] if isinstance(usual, tuple) else value) != usual
        }
        return Kind(properties, custom)


def _comparable(value: Any) -> Any:
    """Return a property's value as it is quickest to compare: a copy, of arrays as a tuple."""
    if isinstance(value, Matrix):
        return value.copy()
    return tuple(value) if hasattr(value, "__len__") and not isinstance(value, (str, set)) else value


def _plain(value: Any) -> Any:
    """Return a property's value as JSON has it."""
    if isinstance(value, (str, bool, int, float, set)):
        return value
    try:
        return [_plain(one) for one in cast(Iterator[Any], iter(value))]
    except TypeError:
        return value


def _is_simple(value: Any) -> bool:
    """Whether a custom property is the same after it has been JSON."""
    if isinstance(value, list):
        kinds = {type(one) for one in cast(list[Any], value)}
        return len(kinds) <= 1 and kinds <= {bool, int, float}
    return isinstance(value, (str, bool, int, float))
