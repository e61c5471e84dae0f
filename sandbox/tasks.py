# SPDX-License-Identifier: GPL-3.0-or-later
"""An account and its tasks: where a task stands follows from the time, what it makes from what was asked for."""

from __future__ import annotations

import math
import threading
from collections import deque
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from .answer_shapes import Manner
from .clock import iso
from .mesh_tools import convert, keeps_topology, read_model, segment, texture
from .mesh_tools.files import NAMES, write
from .models import Recipe, build_model, build_thumbnail
from .rules import Accepted, Endpoint

PENDING_PART = 0.1
_FORMATS = {"model.zip": "OBJ", "model.fbx": "FBX", "model.stl": "STL"}
"""What a generator's other files hold, made from its GLB."""


@dataclass
class Account:
    """One key's account. `label` names it wherever the key itself must not appear."""

    label: str
    balance: Decimal
    revoked: bool = False
    window: deque[float] = field(default_factory=deque[float])


@dataclass
class Task:
    """One paid generation. Times are the sandbox clock's; `duration` is fixed when it is accepted.

    `manner` is how it is reported; `is_reported_so` says that this is by order and stands above the settings.
    `early_looks` are those that found it finished without results.
    """

    task_id: str
    account: Account
    endpoint: Endpoint
    accepted: Accepted
    credits: int
    created: float
    duration: float
    monotonic: float
    fail_reason: str | None = None
    is_finished: bool = False
    generation: int = 0
    url_epoch: int = 0
    manner: Manner = field(default_factory=Manner)
    is_reported_so: bool = False
    early_looks: int = 0
    page_is_shown: bool = False
    topology: str = "any"
    cache: dict[tuple[str, int], bytes] = field(default_factory=dict[tuple[str, int], bytes])
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def prompt(self) -> bytes:
        return str(self.accepted.parameters.get("prompt") or "").encode()

    @property
    def ends(self) -> float:
        return self.created + self.duration

    def status(self, now: float) -> str:
        if now >= self.ends:
            return "FAILED" if self.fail_reason else "FINISHED"
        return "PENDING" if now < self.created + PENDING_PART * self.duration else "IN_PROGRESS"

    def progress(self, now: float) -> int:
        if now >= self.ends:
            return 0 if self.fail_reason else 100
        whole = (1 - PENDING_PART) * self.duration
        done = (now - self.created - PENDING_PART * self.duration) / whole
        return max(0, min(99, math.floor(100 * done)))

    def is_late(self) -> bool:
        """Count one look at the finished task; whether its results are not there yet."""
        with self.lock:
            late = self.early_looks < self.manner.late
            self.early_looks += late
        return late

    def takes_page(self) -> str:
        """The page that comes instead of the model now, for once; empty if none does."""
        with self.lock:
            page = "" if self.page_is_shown else self.manner.page
            self.page_is_shown = True
        return page

    @property
    def result_name(self) -> str:
        """What the one file of a mesh tool's result is called; empty for a generator, whose results vary."""
        if self.accepted.model is None:
            return ""
        if self.endpoint.tool == "convert-model":
            return NAMES[self.accepted.parameters["format"]]
        from_fbx = self.endpoint.tool == "texture-model" and self.accepted.model.suffix == ".fbx"
        return "model.fbx" if from_fbx else "model.glb"

    def _of_tool(self) -> bytes:
        """What a mesh tool makes of the model it was sent."""
        sent, values = self.accepted.model, self.accepted.parameters
        assert sent is not None
        model = sent.model or read_model(build_model(Recipe(words=sent.name, variation=sent.name)), ".glb")
        if self.endpoint.tool == "convert-model":
            return convert(model, values)
        if self.endpoint.tool == "mesh-segmentation":
            return segment(model)
        words = values.get("prompt") or " ".join(image.description for image in self.accepted.images)
        is_plain = self.manner == Manner()
        glb = texture(model, values, words, same_topology=keeps_topology(words, self.topology, is_plain=is_plain))
        return write(read_model(glb, ".glb"), "FBX") if self.result_name == "model.fbx" else glb

    def recipe(self) -> Recipe:
        """What the model is made from: the words, the options, and everything that varies it."""
        values = self.accepted.parameters
        words = values.get("prompt") or " ".join(image.description for image in self.accepted.images)
        seeds = [str(values.get(name)) for name in ("model_seed", "image_seed")]
        variation = "|".join([words, *(image.sha256 for image in self.accepted.images), *seeds])
        return Recipe(
            words=words,
            variation=variation + f"|{self.generation}" * bool(self.generation),
            texture_seed=values.get("texture_seed", 0),
            texture=values["texture"],
            pbr=values["pbr"],
            detailed_texture=values["texture_quality"] == "detailed",
            detailed_geometry=values.get("geometry_quality") == "detailed",
            low_poly=values.get("smart_low_poly", False),
            parts=values.get("generate_parts", False),
            uv=values["export_uv"],
            face_limit=values.get("face_limit"),
            auto_size=values["auto_size"],
            p1=self.endpoint.version == "p1",
        )

    def asset(self, name: str) -> bytes:
        """The bytes of one of `answer_shapes.FILES`, made on first use and kept."""
        key = (name, self.generation)
        with self.lock:
            if key not in self.cache:
                self.cache[key] = self._made(name)
            return self.cache[key]

    def _made(self, name: str) -> bytes:
        if self.accepted.model is not None:
            prompt = str(self.accepted.parameters.get("prompt", ""))
            return build_thumbnail(Recipe(words=prompt)) if name.endswith(".png") else self._of_tool()
        if name.endswith(".png"):
            return build_thumbnail(self.recipe())
        glb = self.cache.get(("model.glb", self.generation)) or build_model(self.recipe())
        wanted = _FORMATS.get(name)
        return glb if wanted is None else write(read_model(glb, ".glb"), wanted)

    def as_submission(self) -> dict[str, Any]:
        """What was asked for and what it cost, as JSON values without image bytes."""
        return {
            "task_id": self.task_id,
            "endpoint": self.endpoint.tool,
            "version": self.endpoint.version,
            "parameters": self.accepted.sent,
            "images": [image.as_json() for image in self.accepted.images],
            "credits": self.credits,
            "account": self.account.label,
            "monotonic": self.monotonic,
            "created_at": iso(self.created),
            "manner": dict(vars(self.manner)),
        }
