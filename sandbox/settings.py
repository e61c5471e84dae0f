# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be set on a sandbox, before it starts or while it runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from .answer_shapes import SHAPES
from .errors import ENVELOPES

CHOICES: dict[str, tuple[str, ...]] = {
    "retry_after": ("none", "seconds", "date"),
    "envelope": ("any", *ENVELOPES),
    "result_shape": ("any", *SHAPES),
    "variety": ("full", "quick", "plain"),
    "topology": ("any", "same", "new"),
    "wallet_path": ("/account/user/wallet/", "/user/wallet/"),
}


@dataclass
class Settings:
    """Durations are in seconds of the sandbox's clock.

    `requests_per_minute` 0 means no limit. `count_refused` makes refused (429) requests count against the limit too.
    `retry_after` says what a 429 of the rate limit carries. `variety` is how much the service varies what is left
    open: `full`, `quick` (nothing that makes anybody wait) or `plain` (always the same); `variety_seed` chooses what
    exactly. `envelope` is how errors are worded: one of `errors.ENVELOPES`, or `any` (Django's way; the reference's
    when plain). `result_shape` is one of `answer_shapes.SHAPES`, or `any`: by task. `topology` is whether a retextured
    model keeps its mesh: `same`, `new`, or `any`: by the request (`same` when plain), unless its prompt says
    `[new topology]`. `storage_name` is the host in addresses of results (behind a proxy names need not exist).
    `proxy_login` is `user:password` that the proxy wants, `proxy_idle` after how many silent seconds it drops a
    connection, if not 0.
    """

    requests_per_minute: int = 3
    count_refused: bool = False
    seconds: float = 6.0
    retry_after: str = "none"
    envelope: str = "any"
    variety: str = "full"
    variety_seed: int = 0
    result_shape: str = "any"
    topology: str = "any"
    wallet_path: str = "/account/user/wallet/"
    submit_status: int = 200
    storage_name: str = ""
    proxy_login: str = ""
    proxy_idle: float = 0.0
    url_seconds: float = 3600.0
    result_seconds: float = 24 * 3600.0

    def wording(self) -> str:
        """The envelope that errors come in now."""
        if self.envelope != "any":
            return self.envelope
        return "error_object" if self.variety == "plain" else "django"

    def update(self, values: Mapping[str, Any]) -> None:
        """Set several at once, all or none. Raises ValueError for an unknown name or an unfit value."""
        known: dict[str, type] = {item.name: type(getattr(self, item.name)) for item in fields(self)}
        checked: dict[str, Any] = {}
        for name, value in values.items():
            if name not in known:
                raise ValueError(f"unknown setting: {name}")
            wanted = known[name]
            if wanted is float and isinstance(value, int) and not isinstance(value, bool):
                value = float(value)
            if type(value) is not wanted:
                raise ValueError(f"{name}: must be {wanted.__name__}")
            if name in CHOICES and value not in CHOICES[name]:
                raise ValueError(f"{name}: must be one of {', '.join(CHOICES[name])}")
            if isinstance(value, (int, float)) and value < 0:
                raise ValueError(f"{name}: must not be negative")
            checked[name] = value
        for name, value in checked.items():
            setattr(self, name, value)
