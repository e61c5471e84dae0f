"""Writes the maps that the bench of the window needs; no test."""

from __future__ import annotations

from support.measuring.realistic_models import SIZES, save_maps
from support.ui.inside import Steps, Ui

OPTIONS = {"timeout": 180, "own_test": True}


def scenario(ui: Ui) -> Steps:
    for side in SIZES.values():
        save_maps(ui.folder, side)
        yield 0.01
