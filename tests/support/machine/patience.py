"""How long tests wait for what never comes."""

from __future__ import annotations

BUSY = 4.0
"""Limits are for an idle machine; a busy one has this many times as long. They end what hangs, and measure nothing."""
