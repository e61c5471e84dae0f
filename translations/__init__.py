# SPDX-License-Identifier: GPL-3.0-or-later
"""Catalogues in other languages, and how what is said is told in the language of the interface."""

from __future__ import annotations
