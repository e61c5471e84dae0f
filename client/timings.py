# SPDX-License-Identifier: GPL-3.0-or-later
"""Timeouts and intervals.

The defaults are what artists get; tests hand over shorter ones.
"""

from __future__ import annotations

from dataclasses import dataclass

DEFAULT_MAX_BYTES = 2 * 1024**3
"""Largest result that is fetched, in bytes, unless the artist allows more."""


@dataclass(frozen=True)
class Timings:
    """Durations in seconds."""

    tick: float = 0.1
    """How often the agent looks for changes in the store."""
    idle_exit: float = 10.0
    """How long an agent without work waits for more before it leaves."""
    store_busy: float = 2.0
    """How long one write waits for another process's; the heartbeat must not miss more than that."""
    store_trouble: float = 600.0
    """How long an agent whose Blender is gone waits for a store that cannot be written."""
    leave: float = 3.0
    """How long a leaving agent waits for downloads to stop. A submit that is under way is always waited for."""

    first_delay: float = 5.0
    """Delay after a first error; doubled after each further one."""
    longest_delay: float = 300.0
    disk_delay: float = 60.0
    """Delay after a full disk."""
    rarest_look: float = 1800.0
    """Longest delay between two looks at a finished task that shows no model yet, and between two downloads of bytes
    that are no model."""

    about_task: float = 600.0
    """For how long in a row a refusal about a paid task must be answered before it is believed."""
    about_key: float = 1800.0
    """For how long in a row the key must be refused before a paid job ends; it can be taken up again then."""
    same_bytes: float = 2 * 3600.0
    """For how long the storage must send the same bytes that are no model before they are refused."""

    connect: float = 10.0
    """Longest wait for one address of the service, or of the proxy."""
    opening: float = 30.0
    """Longest time until a request can be sent: connecting, the proxy's tunnel and the TLS handshake."""
    answer: float = 60.0
    """Longest silence of the service before a request counts as unanswered."""
    whole_answer: float = 120.0
    """Longest time for a whole answer of the service, from the end of the request, however it drips."""
    silence: float = 30.0
    """Longest silence within a download."""
    slow_window: float = 60.0
    slow_bytes: int = 64 * 1024
    """A download that brings fewer bytes than this in a ``slow_window`` starts over on a new connection."""
    longest_connection: float = 3600.0
    """A download of any speed takes a new connection after this."""
    watch: float = 48 * 3600.0
    """How long an agent goes on asking about a task that neither finishes nor fails, and works without a Blender."""

    converter_start: float = 90.0
    conversion: float = 300.0
    bake: float = 1800.0
    """How long a conversion may take that bakes a look, of images of up to 4096 pixels."""
    flatten: float = 60.0
    export: float = 900.0
    """How long the export of a selection may take."""
    thumbnail: float = 30.0
    """How long one thumbnail may take to fetch, and again to draw."""
    thumbnail_delay: float = 1.0
    """How long after a conversion its thumbnail is drawn at the earliest: the artist's Blender is busy importing."""
    thumbnails_alone: float = 120.0
    """How long an agent that has nothing else to do goes on making thumbnails."""
    shelf_alone: float = 600.0
    """How long an agent that has nothing else to do goes on putting models on the shelf."""
    converter_idle: float = 60.0
    """How long a background Blender that nobody needs is kept."""
    converter_ahead: float = 20.0
    """How long before a job is expected to finish the background Blender is started."""


DEFAULT_TIMINGS = Timings()
