"""The plainest HTTP client there is, for a sandbox in the same process."""

from __future__ import annotations

import base64
import http.client
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from sandbox import DEFAULT_KEY, Sandbox
from sandbox.models.png import encode_png_gray

TEXT = "/v1/3d-models/tripo/text-to-3d/"
WALLET = "/account/user/wallet/"
KEY = f"Bearer {DEFAULT_KEY}"
PNG = encode_png_gray(4, 3)


def data_uri(data: bytes = PNG, kind: str = "png") -> str:
    return f"data:image/{kind};base64,{base64.b64encode(data).decode()}"


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def code(self) -> str:
        return self.json["error"]["code"]


class Client:
    """One request per connection; no redirects, no retries, no cookies."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox

    def send(
        self,
        method: str,
        url: str,
        body: Any = None,
        key: str | None = KEY,
        headers: dict[str, str] | None = None,
        timeout: float = 20,
    ) -> Answer:
        """`url` is a whole one, or a path of the API. A body that is no bytes goes as JSON."""
        whole = url if url.startswith("http") else self.sandbox.api_url + url
        parts = urlsplit(whole)
        assert parts.hostname is not None
        sent = dict(headers or {})
        if key is not None and not url.startswith("http"):
            sent.setdefault("Authorization", key)
        data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        if data is not None:
            sent.setdefault("Content-Type", "application/json")
        connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=timeout)
        try:
            target = parts.path + (f"?{parts.query}" if parts.query else "")
            connection.request(method, target, data, sent)
            answer = connection.getresponse()
            found = {name.lower(): value for name, value in answer.getheaders()}
            return Answer(answer.status, found, answer.read())
        finally:
            connection.close()

    def get(self, url: str, **options: Any) -> Answer:
        return self.send("GET", url, **options)

    def post(self, url: str, body: Any = None, **options: Any) -> Answer:
        return self.send("POST", url, {} if body is None else body, **options)

    def submit(self, **parameters: Any) -> str:
        """A text task that is accepted; its id."""
        answer = self.post(TEXT, {"prompt": "a mug", **parameters})
        assert answer.status == 200, answer.body
        return answer.json["task_id"]

    def status(self, task_id: str) -> Any:
        answer = self.get(f"/v1/generation-request/{task_id}/status/")
        assert answer.status == 200, answer.body
        return answer.json

    def finished(self, **parameters: Any) -> str:
        """The asset URL of a finished task."""
        task_id = self.submit(**parameters)
        self.sandbox.finish()
        return self.status(task_id)["results"][0]["asset"]
