# SPDX-License-Identifier: GPL-3.0-or-later
"""Describe where a model comes from, for the artist's file.

A ``.blend`` is handed on. So nothing here tells the key, the images, or how folders on the artist's machine are
called.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from ..account import SANDBOX_ACCOUNT
from ..schema import ENDPOINTS, VERSION_LABELS, joined_text

if TYPE_CHECKING:
    from ..store import Job


def facts(job: Job, version: str = "") -> Mapping[str, str | int]:
    """Return the facts of a job by the names of custom properties; ``version`` is the extension's own.

    ``tripo_seeds`` is a JSON object, since a seed may be larger than an integer property holds. ``tripo_date`` is when
    the model was finished, in ISO 8601, UTC. ``tripo_press``, of variations only, is what those of one press share.
    """
    request = public_request(job.request)
    parameters = request.get("parameters", {})
    seeds = {name: value for name, value in parameters.items() if name.endswith("_seed")}
    return {
        "tripo_task_id": job.task_id or "",
        "tripo_job_id": job.job_id,
        "tripo_request": json.dumps(request, ensure_ascii=False, sort_keys=True) if request else "",
        "tripo_model_version": str(request.get("model_version") or ""),
        "tripo_seeds": json.dumps(seeds, sort_keys=True),
        "tripo_credits": 0 if job.account_id == SANDBOX_ACCOUNT else job.credits,
        "tripo_date": _date(job.finished_at or job.submitted_at or job.created_at),
        "tripo_sha256": job.sha256,
        "tripo_version": version,
        **({"tripo_press": job.press} if job.press else {}),
    }


def public_request(text: str) -> dict[str, Any]:
    """Return a job's request as plain data; of an image's path only the file name, of an address no query.

    Empty when the text cannot be read.
    """
    try:
        document: object = json.loads(text)
    except ValueError:
        return {}
    if not isinstance(document, dict):
        return {}
    request = cast(dict[str, Any], document)
    images = cast(list[object], request["images"]) if isinstance(request.get("images"), list) else []
    request["images"] = [_public_image(cast(dict[str, Any], one)) for one in images if isinstance(one, dict)]
    if isinstance(request.get("model"), dict):
        request["model"] = _public_model(cast(dict[str, Any], request["model"]))
    if not isinstance(request.get("parameters"), dict):
        request["parameters"] = {}
    return request


def _public_image(image: dict[str, Any]) -> dict[str, Any]:
    return {"slot": image.get("slot", ""), "path": _name(image.get("path", "")), "url": _bare(image.get("url", ""))}


def _public_model(model: dict[str, Any]) -> dict[str, Any]:
    kept: dict[str, Any] = {name: model[name] for name in ("job_id", "objects", "name") if name in model}
    kept |= {"file": _name(model["file"])} if model.get("file") else {}
    return kept | ({"url": _bare(model["url"])} if model.get("url") else {})


def _name(path: object) -> str:
    return str(path).replace("\\", "/").rsplit("/", 1)[-1]


def _bare(url: object) -> str:
    return str(url).partition("?")[0].partition("#")[0]


def _date(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class AssetFacts(NamedTuple):
    """What the Asset Browser tells about a model."""

    description: str
    author: str
    tags: tuple[str, ...]


def asset_facts(request_text: str) -> AssetFacts:
    """Return what to tell of the model that a request made; tolerates a request that cannot be read."""
    request = public_request(request_text)
    parameters, images = request.get("parameters", {}), request.get("images", [])
    texts = [joined_text("prompt", parameters)]
    texts += [str(image["path"] or image["url"]) for image in images]
    version = str(request.get("model_version") or "")
    label = next((words[0] for key, words in VERSION_LABELS.items() if key == version), version)
    mode = next((endpoint.label for kind, endpoint in ENDPOINTS.items() if kind == request.get("kind")), "")
    tags = tuple(tag for tag in ("Tripo", mode, label) if tag)
    return AssetFacts(", ".join(filter(None, texts)), f"Tripo {label} (3D AI Studio)".replace("  ", " "), tags)
