# SPDX-License-Identifier: GPL-3.0-or-later
"""The shapes there are and the words that ask for them."""

from __future__ import annotations

import re
from collections.abc import Callable

from .kit import Kit, Model
from .machines import house, robot, rocket
from .nature import crystal, mushroom, tree
from .objects import chair, chest, mug, sword, vase

_ALL = (sword, mug, chair, chest, vase, tree, mushroom, crystal, robot, rocket, house)
SHAPES: dict[str, Callable[[Kit], Model]] = {shape.__name__: shape for shape in _ALL}
DEFAULT = "vase"
WORDS: dict[str, str] = {
    **dict.fromkeys(("sword", "blade", "katana", "dagger", "knife", "sabre", "weapon"), "sword"),
    **dict.fromkeys(("mug", "cup", "coffee", "tea", "tankard", "beaker"), "mug"),
    **dict.fromkeys(("chair", "seat", "stool", "throne", "furniture", "armchair"), "chair"),
    **dict.fromkeys(("chest", "treasure", "crate", "coffer", "box", "loot"), "chest"),
    **dict.fromkeys(("vase", "pot", "pottery", "urn", "amphora", "jar", "teapot", "bottle"), "vase"),
    **dict.fromkeys(("tree", "oak", "forest", "bonsai", "plant", "bush"), "tree"),
    **dict.fromkeys(("mushroom", "toadstool", "fungus"), "mushroom"),
    **dict.fromkeys(("crystal", "gem", "gemstone", "diamond", "amethyst", "quartz", "rock"), "crystal"),
    **dict.fromkeys(("robot", "android", "mech", "droid", "character", "toy"), "robot"),
    **dict.fromkeys(("rocket", "spaceship", "spacecraft", "missile", "shuttle"), "rocket"),
    **dict.fromkeys(("house", "cottage", "hut", "cabin", "building", "home", "barn"), "house"),
}


def shape_for(words: str) -> str:
    """The shape of the first word that names one, singular or plural; the default for none."""
    for word in re.findall(r"[a-z]+", words.lower()):
        for form in (word, word.removesuffix("s"), word.removesuffix("es")):
            if form in WORDS:
                return WORDS[form]
    return DEFAULT
