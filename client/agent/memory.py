"""What the agent remembers of a job while it works on it; nothing here needs to survive it."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..forecast import Observation
from ..request import GenerationRequest
from ..schema import effective_values

LONGEST_TRAIL = 40
"""Observations kept per job."""


@dataclass
class JobMemory:
    """Notes on one job; times are monotonic seconds."""

    began: float = 0.0
    """When it was submitted, as far as this can be told."""
    seen: float = 0.0
    """When this agent first saw it."""
    busy: str = ""
    """The step that a thread is working on, or empty."""
    attempts: int = 0
    """Errors in a row of the present step."""
    not_before: float = 0.0
    """When the next try is due."""
    link: str = ""
    """The signed address of the result, kept in memory only."""
    picture: str = ""
    """The address of the service's own thumbnail, kept in memory only; empty when it has none."""
    dead_links: int = 0
    """How many addresses have been found dead."""
    finishes_at: float | None = None
    """When the service is expected to be finished, once it has said anything."""
    fetched: tuple[int, int | None] = (0, None)
    """Bytes downloaded so far and the whole size, written by the download's thread."""
    said: str = ""
    """The last words about waiting or downloading, and when."""
    said_at: float = 0.0
    observations: list[Observation] = field(default_factory=list[Observation])

    def observe(self, at: float, progress: int) -> None:
        """Remember an answer that said "not finished"."""
        self.observations.append(Observation(at, float(progress)))
        del self.observations[:-LONGEST_TRAIL]

    def succeeded(self) -> None:
        """Forget the errors of a step that went well."""
        self.attempts = 0
        self.not_before = 0.0


def forecast_key(request_text: str) -> str:
    """Return what decides how long a request takes: endpoint, version and the options that make it work harder.

    Empty for a request that cannot be read.
    """
    try:
        request = GenerationRequest.from_json(request_text)
    except (ValueError, KeyError, TypeError):
        return ""
    values = effective_values(request.kind, request.model_version, request.parameters)
    options = ("texture", "texture_quality", "geometry_quality", "smart_low_poly", "quad", "generate_parts")
    chosen = "/".join(f"{name}={values[name]}" for name in options if name in values)
    return f"{request.kind}/{request.model_version}/{chosen}"
