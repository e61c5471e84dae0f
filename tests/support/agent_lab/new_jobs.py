"""A job for tests to which it does not matter which."""

from __future__ import annotations

from client.jobs.request import GenerationRequest
from client.schema import Kind
from client.store import NewJob

NEW = NewJob("account", GenerationRequest(Kind.TEXT, parameters={"prompt": "a sword"}))
