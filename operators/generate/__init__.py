# SPDX-License-Identifier: GPL-3.0-or-later
"""Generate a model, from the panel, from a dialog or once more."""

from __future__ import annotations

from ...properties.registration import register_all
from . import generate, generate_again, presets, prompt, prompt_history

register, unregister = register_all(generate, generate_again, presets, prompt, prompt_history)
