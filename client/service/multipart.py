# SPDX-License-Identifier: GPL-3.0-or-later
"""Stream a form with files from the disk (RFC 7578), without ever holding a file in memory.

Written here because `requests` builds such a body in memory as one piece of bytes, and its streaming companion,
requests-toolbelt, is one more wheel to ship for what this module does. It also has to tell whether the last byte was
handed over, which decides whether a paid request may be sent again.

The service wants forms for the mesh tools, with an address instead of a file too (B: its examples for `curl`).
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import IO, NamedTuple

from ..errors import InvalidRequest, Problem
from ..jobs import images, model_source
from ..jobs.request import GenerationRequest, sent_values
from ..notices import N_
from ..schema import Value

PIECE_BYTES = 1 << 16
Progress = Callable[[int, int], None]
"""Told how many bytes of how many were handed over."""


class FilePart(NamedTuple):
    """A file of a form; ``file_name`` is what the service is told, ``field`` what an error belongs to."""

    name: str
    path: str
    file_name: str
    mime: str
    field: str


class Multipart:
    """A body for one request: its length is known before it is read, and it can be read once.

    A context manager, which holds the files open. Raises InvalidRequest when a file cannot be opened, and while it is
    read when it has become shorter.
    """

    def __init__(
        self, texts: Sequence[tuple[str, str]], files: Sequence[FilePart], on_progress: Progress | None = None
    ) -> None:
        self._boundary = secrets.token_hex(16)
        self._on_progress = on_progress
        self._open = ExitStack()
        self._end = f"--{self._boundary}--\r\n".encode()
        self.handed_over = False
        """Whether the last bytes were given to the connection. Set just before, so that it is never wrong in the
        dangerous direction; until then no server can have the whole request."""
        head = b"".join(self._head(f'name="{name}"') + text.encode() + b"\r\n" for name, text in texts)
        self._parts: list[tuple[bytes, IO[bytes] | None, int, FilePart | None]] = [(head, None, 0, None)]
        for part in files:
            about = f'name="{part.name}"; filename="{part.file_name}"'
            head = self._head(about, f"Content-Type: {part.mime}\r\n")
            stream = self._opened(part)
            self._parts.append((head, stream, os.fstat(stream.fileno()).st_size, part))
        self._length = sum(len(head) + size + 2 * (part is not None) for head, _, size, part in self._parts)
        self._length += len(self._end)

    @property
    def content_type(self) -> str:
        """The value of the header."""
        return f"multipart/form-data; boundary={self._boundary}"

    def __len__(self) -> int:
        return self._length

    def __enter__(self) -> Multipart:
        return self

    def __exit__(self, *_args: object) -> None:
        self._open.close()

    def __iter__(self) -> Iterator[bytes]:
        """Yield the body in pieces; the last one is not asked for before the others were sent."""
        done = 0
        for piece in self._pieces():
            yield piece
            done += len(piece)
            if self._on_progress is not None:
                self._on_progress(done, self._length)
        self.handed_over = True
        yield self._end

    def _opened(self, part: FilePart) -> IO[bytes]:
        try:
            stream = open(part.path, "rb")  # noqa: SIM115 - closed with the others
        except OSError as error:
            self._open.close()
            raise InvalidRequest((_gone(part),)) from error
        return self._open.enter_context(stream)

    def _pieces(self) -> Iterator[bytes]:
        for head, stream, size, part in self._parts:
            if head:
                yield head
            if stream is None or part is None:
                continue
            left = size
            while left:
                piece = stream.read(min(PIECE_BYTES, left))
                if not piece:
                    raise InvalidRequest((_gone(part),))
                left -= len(piece)
                yield piece
            yield b"\r\n"

    def _head(self, about: str, more: str = "") -> bytes:
        return f"--{self._boundary}\r\nContent-Disposition: form-data; {about}\r\n{more}\r\n".encode()


def form(request: GenerationRequest, on_progress: Progress | None = None) -> Multipart:
    """Return the body of a mesh tool's request, whose model is a file or an address.

    Files are named after their field: how the artist calls them is nobody's business. Raises InvalidRequest.
    """
    texts = [(name, text) for name, value in sent_values(request).items() for text in _texts(value)]
    files: list[FilePart] = []
    model = request.model
    if model is not None and model.url:
        texts.append(("model_url", model.url))
    elif model is not None and model.file:
        suffix = Path(model.file).suffix.lower()
        mime = model_source.MIME_TYPES.get(suffix, "application/octet-stream")
        files.append(FilePart("model", model.file, f"model{suffix}", mime, model_source.FIELD))
    else:
        raise InvalidRequest((Problem.of(model_source.FIELD, N_("The model is not ready to be sent: press again")),))
    for image in request.images:
        if image.url:
            texts.append((f"{image.slot}_url", image.url))
        else:
            files.append(_image_part(image))
    return Multipart(texts, files, on_progress)


def _image_part(image: images.ImageSource) -> FilePart:
    path = image.sent or image.path
    problem, mime = images.check_file(image.slot, path), images.mime_of(path)
    if problem or mime is None:
        raise InvalidRequest((problem or images.changed(image.slot),))
    return FilePart(image.slot, path, f"{image.slot}{images.SUFFIXES[mime]}", mime, image.slot)


def _texts(value: Value) -> tuple[str, ...]:
    """Return a value as a form has it: booleans as JSON spells them, a list as one text for each of its items."""
    if isinstance(value, str):
        return (value,)
    if isinstance(value, tuple):
        return value
    return (json.dumps(value),)


def _gone(part: FilePart) -> Problem:
    if part.field == model_source.FIELD:
        return Problem.of(part.field, N_("The model changed while it was being sent: press again"))
    return images.changed(part.field)
