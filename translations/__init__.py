# SPDX-License-Identifier: GPL-3.0-or-later
"""Catalogues in other languages, and how sentences with values find their translation."""

from __future__ import annotations
