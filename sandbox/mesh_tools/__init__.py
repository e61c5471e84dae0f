# SPDX-License-Identifier: GPL-3.0-or-later
"""What the mesh tools make of a model that was sent: read it, then paint, split, rebuild or write it.

A model is read with its transforms applied, in glTF's axes: +Y up, in metres. That is enough of each format for what
Blender exports; what a stand-in cannot do (bake, animate) is accepted and has no effect.
"""

from __future__ import annotations

from .model import Model, Piece, UnreadableModel, read_model
from .results import convert, keeps_topology, segment, texture

__all__ = ["Model", "Piece", "UnreadableModel", "convert", "keeps_topology", "read_model", "segment", "texture"]
