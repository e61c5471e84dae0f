# SPDX-License-Identifier: GPL-3.0-or-later
"""Invoke a mesh tool from another operator, which has ended when the dialog is on the screen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import bpy

from ...client.errors import TripoError
from ...client.schema import Kind
from ..base import reported


def invoke_tool(kind: Kind, given: Mapping[str, Any]) -> None:
    """Open a tool's dialog, or its question; raises TripoError with what it reports instead."""
    tools: Any = bpy.ops
    try:
        getattr(tools.tripo, kind.value)("INVOKE_DEFAULT", **given)
    except RuntimeError as error:
        raise TripoError(reported(error)) from error
