# SPDX-License-Identifier: GPL-3.0-or-later
"""Read what Blender keeps by the element into arrays."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def to_array(values: Any, name: str, width: int = 1, kind: type = np.float32) -> NDArray[Any]:
    """Return a property of all elements of a collection: (n), or (n, width) where each has so many numbers."""
    numbers = np.empty(len(values) * width, kind)
    values.foreach_get(name, numbers)
    return numbers if width == 1 else numbers.reshape(-1, width)
