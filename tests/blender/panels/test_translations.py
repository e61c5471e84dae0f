"""All that Blender itself shows of ours has an entry in the catalogues: names, descriptions, enum items."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import bpy
import pytest

Package = Callable[[str], ModuleType]

SAME_EVERYWHERE = frozenset({"P1", "v3.0", "v3.1", "Tripo", "−X", "+Y", ""})


def our_types() -> Iterator[Any]:
    """Blender's descriptions of our classes; operators have theirs behind the function that calls them."""
    for name in dir(bpy.types):
        if name.startswith("Tripo"):
            yield getattr(bpy.types, name).bl_rna
    for name in dir(bpy.ops.tripo):
        yield getattr(bpy.ops.tripo, name).get_rna_type()


def shown_texts() -> dict[str, str]:
    """Every text with the class and property that it belongs to."""
    texts: dict[str, str] = {}
    for one in our_types():
        if "_OT_" in one.identifier:
            label = getattr(bpy.types, one.identifier).bl_label
            texts |= {label: one.identifier, one.description: one.identifier}
        for prop in one.properties:
            if prop.identifier in ("rna_type", "name") or prop.identifier.startswith("bl_"):
                continue
            place = f"{one.identifier}.{prop.identifier}"
            own = () if prop.is_hidden and not prop.description else (prop.name, prop.description)
            texts |= dict.fromkeys(own, place)
            for item in getattr(prop, "enum_items_static", ()):
                texts |= {item.name: place, item.description: place}
    return texts


@pytest.mark.parametrize("locale", ["zh_HANS", "ja_JP"])
def test_what_blender_shows_is_in_the_catalogue(package: Package, locale: str) -> None:
    folder = Path(package("translations").__file__ or "").parent
    known = package("translations.catalogue").read(folder / f"{locale}.po")
    missing = [
        f"{place}: {text}" for text, place in shown_texts().items() if text not in known.keys() | SAME_EVERYWHERE
    ]
    assert len(known) > 400
    assert not missing, "\n".join(missing)


def test_english_loads_no_catalogue(package: Package) -> None:
    interface = package("translations.interface")
    assert interface._State.locale == ""
    assert interface.tell("Waiting in the service's queue") == "Waiting in the service's queue"
    assert not interface.refresh()


@pytest.mark.parametrize(
    ("spoken", "catalogue"),
    [
        ("zh_HANS", "zh_HANS"),
        ("zh", "zh_HANS"),
        ("ja_JP", "ja_JP"),
        ("ja", "ja_JP"),
        ("zh_HANT", ""),
        ("de", ""),
        ("", ""),
    ],
)
def test_the_catalogue_of_a_language(package: Package, spoken: str, catalogue: str) -> None:
    assert package("translations.interface").catalogue_for(spoken) == catalogue
