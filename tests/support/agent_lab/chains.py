"""A world of mesh tools: models to send, and chains of jobs."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from client.formats.selection import Selection, selection_beside, write_selection
from client.jobs.model_source import ModelSource
from client.jobs.request import GenerationRequest
from client.jobs.spending_limits import Limits
from client.jobs.states import Status
from client.schema import Kind
from client.store import NewJob
from client.store.jobs import new_job_id
from client.store.press import write_press
from sandbox.models import Recipe, build_model

from .agents import World, request_for
from .agents import world as make_world

MODEL = build_model(Recipe(words="a mug [triangles=500]"))
MODEL_HASH = f"sha256:{hashlib.sha256(MODEL).hexdigest()}"
STEPS = (Kind.TEXT, Kind.MESH_SEGMENTATION, Kind.TEXTURE_MODEL)


class ChainWorld:
    """A `World` with what presses of the mesh tools need."""

    def __init__(self, world: World) -> None:
        self.world = world
        world.converter.plan_exports(model=MODEL)
        for kind in (Kind.MESH_SEGMENTATION, Kind.TEXTURE_MODEL):  # so that the schedule looks often
            for _ in range(12):
                job_id = world.jobs.insert(NewJob("nobody", self.request(kind, ModelSource(job_id="0" * 12))))
                world.database.connection.execute(
                    "UPDATE job SET status = 'IMPORTED', hidden = 1, submitted_at = 1000, finished_at = 1000.5"
                    " WHERE job_id = ?",
                    (job_id,),
                )

    def press(self, model: ModelSource, kind: Kind = Kind.TEXTURE_MODEL, **parameters: Any) -> str:
        (job_id,) = self.press_all([NewJob(self.world.account.account_id, self.request(kind, model, **parameters))])
        return job_id

    def press_all(self, new: Sequence[NewJob], limits: Limits | None = None) -> list[str]:
        """As a press does: all of them or none, within the daily cap."""
        return write_press(self.world.database, new, limits or Limits())

    def chain(self, kinds: Sequence[Kind] = STEPS, limits: Limits | None = None, hold: int | None = None) -> list[str]:
        """Press a chain that begins with a generator; no agent finds its step ``hold`` before `hide_good_answer`."""
        ids = [new_job_id() for _ in kinds]
        account = self.world.account.account_id
        new = [NewJob(account, request_for(), job_id=ids[0], name="a mug")]
        for number in range(1, len(kinds)):
            request = self.request(kinds[number], ModelSource(job_id=ids[number - 1]))
            new.append(NewJob(account, request, job_id=ids[number], name=f"step {number}"))
        assert self.press_all(new, limits) == ids
        if hold is not None:
            self.world.jobs.update(ids[hold], Status.PREPARED, account_id="nobody")
        return ids

    def hide_good_answer(self, job_id: str) -> None:
        self.world.jobs.update(job_id, Status.PREPARED, account_id=self.world.account.account_id)

    def asked(self) -> int:
        """How many requests that cost credits have reached the service."""
        return sum(entry["kind"] == "submit" for entry in self.world.sandbox.state["requests"])

    def request(self, kind: Kind, model: ModelSource, **parameters: Any) -> GenerationRequest:
        if kind is Kind.TEXTURE_MODEL:
            parameters.setdefault("prompt", "rust")
        return GenerationRequest(kind, None, parameters, model=model)

    def selection(self) -> ModelSource:
        """What Blender writes of a selection."""
        blend = self.world.home.inputs / f"{os.urandom(16).hex()}.blend"
        blend.write_bytes(b"BLENDER-v402")
        write_selection(selection_beside(blend), Selection([("Suzanne", "")]))
        return ModelSource(objects=("Suzanne",), blend=f"inputs/{blend.name}")

    def inputs(self) -> list[str]:
        """The endings of what is in the folder for inputs."""
        return sorted(path.suffix for path in self.world.home.inputs.iterdir())

    def sent(self) -> list[tuple[str, str]]:
        """The mesh tools that were asked for, each with its model: a hash, or an address."""
        sent = [(one["endpoint"], one["parameters"]) for one in self.world.sandbox.state["submissions"]]
        return [(tool, given.get("model") or given["model_url"]) for tool, given in sent if tool != "text-to-3d"]

    def result_of(self, job_id: str) -> str:
        """The hash of a job's result."""
        return f"sha256:{self.world.job(job_id).sha256}"


@contextmanager
def chain_world(root: Path, **settings: Any) -> Generator[ChainWorld]:
    with make_world(root, **settings) as world:
        yield ChainWorld(world)
