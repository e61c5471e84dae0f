"""A front of the sandbox that takes the mesh tools' forms and has each made as a text to 3D.

For tests of what the agent does around a submit: the sandbox's faults, counts and storage are behind it as always.
"""

from __future__ import annotations

import json
import re
import threading
from contextlib import suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socket import create_connection
from urllib.parse import urlsplit

_TOOL = re.compile(r"/v1/3d-models/tripo/(texture-model|convert-model|mesh-segmentation)/")
_OWN = frozenset({"host", "connection", "content-type", "content-length"})
_TEXT = "/v1/3d-models/tripo/text-to-3d/"


@dataclass(frozen=True)
class Form:
    """What came with one request: the tool, and the bytes of its model, or none."""

    tool: str
    model: bytes


class MeshFront:
    """Listens on loopback until `stop`."""

    def __init__(self, api_url: str) -> None:
        self.forms: list[Form] = []
        front = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_args: object) -> None:
                pass

            def do_GET(self) -> None:
                self._pass_on("GET", self.path, None)

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                tool = _TOOL.fullmatch(self.path)
                if tool is None:
                    self._pass_on("POST", self.path, body)
                    return
                parts = body.split(b"--" + self.headers["Content-Type"].split("boundary=")[1].encode())
                models = [part.split(b"\r\n\r\n", 1)[1][:-2] for part in parts if b'name="model"' in part]
                front.forms.append(Form(tool[1], b"".join(models)))
                asked = {"prompt": tool[1], "texture": False, "pbr": False, "face_limit": 500}
                self._pass_on("POST", _TEXT, json.dumps(asked).encode())

            def _pass_on(self, method: str, path: str, body: bytes | None) -> None:
                """Have the sandbox answer, in whatever manner."""
                parts = urlsplit(api_url)
                head = f"{method} {path} HTTP/1.1\r\nHost: {parts.netloc}\r\nConnection: close\r\n"
                kept = (one for one in self.headers.items() if one[0].lower() not in _OWN)
                head += "".join(f"{name}: {value}\r\n" for name, value in kept)
                head += "" if body is None else f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
                with suppress(OSError), create_connection((parts.hostname or "", parts.port or 80), 60) as connection:
                    connection.sendall(head.encode() + b"\r\n" + (body or b""))
                    while piece := connection.recv(1 << 16):
                        self.wfile.write(piece)
                self.close_connection = True

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
