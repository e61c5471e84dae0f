# SPDX-License-Identifier: GPL-3.0-or-later
"""The one error of the meshopt decoder."""

from __future__ import annotations


class MeshoptError(Exception):
    """A meshopt stream, or the GLB that holds it, is malformed; ``detail`` says how."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail
