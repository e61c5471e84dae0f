# SPDX-License-Identifier: GPL-3.0-or-later
"""Models made on the spot: a shape by the words of the prompt, varied by its hash and the seeds, written as
GLB.

Orientation: glTF's +Y is up, the model stands on the ground (y = 0) about the origin, and its front faces
glTF's +X. Blender's importer maps glTF (x, y, z) to (x, -z, y), so that in Blender the front faces +X, as the
service's results do. The longest side is 1 m, unless `auto_size` asks for the thing's natural size.

`compress` changes nothing here: the stand-in has no mesh compression and sends plain buffers. `quad` neither:
glTF has only triangles.
"""

from __future__ import annotations

from .build import Recipe, build_model, build_thumbnail

__all__ = ["Recipe", "build_model", "build_thumbnail"]
