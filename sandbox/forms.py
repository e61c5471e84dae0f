# SPDX-License-Identifier: GPL-3.0-or-later
"""Forms with files (multipart/form-data, RFC 7578), read strictly out of a file on the disk.

No library is used: the standard library has none that leaves a large file on the disk, and this package needs nothing
but it and numpy.
"""

from __future__ import annotations

import mmap
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from email.parser import BytesHeaderParser
from pathlib import Path

from .errors import ApiError, validation_failed

_LONGEST_HEAD = 8192
_LONGEST_TEXT = 64 * 1024
_BOUNDARY = re.compile(r"[0-9A-Za-z'()+_,./:=? -]{1,70}(?<! )")


@dataclass(frozen=True)
class Upload:
    """A file of a form."""

    file_name: str
    data: bytes


@dataclass(frozen=True)
class Form:
    """Texts by name, in their order, and files by name."""

    texts: dict[str, list[str]]
    files: dict[str, Upload]


def is_form(content_type: str) -> bool:
    """Whether a header announces a form with files."""
    return content_type.split(";")[0].strip().lower() == "multipart/form-data"


def read_form(content_type: str, path: Path | None) -> Form:
    """Read a form. Raises ApiError 415 for another content type, 400 for one that is not well formed."""
    if path is None or not is_form(content_type):
        raise ApiError(415, "UNSUPPORTED_MEDIA_TYPE", "Content-Type must be multipart/form-data")
    header = Message()
    header["Content-Type"] = content_type
    boundary = header.get_boundary()
    if boundary is None or not _BOUNDARY.fullmatch(boundary):
        raise validation_failed("The form has no valid boundary")
    if not path.stat().st_size:
        raise validation_failed("The form is empty")
    texts: dict[str, list[str]] = {}
    files: dict[str, Upload] = {}
    with path.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as data:
        for name, file_name, start, end in _parts(data, boundary.encode()):
            if name in files or (file_name is not None and name in texts):
                raise validation_failed(f"{name}: sent twice")
            if file_name is not None:
                files[name] = Upload(file_name, data[start:end])
                continue
            if end - start > _LONGEST_TEXT:
                raise validation_failed(f"{name}: too long")
            try:
                texts.setdefault(name, []).append(data[start:end].decode("utf-8"))
            except UnicodeDecodeError:
                raise validation_failed(f"{name}: must be UTF-8") from None
    return Form(texts, files)


def _parts(data: mmap.mmap, boundary: bytes) -> Iterator[tuple[str, str | None, int, int]]:
    """For each part its name, its file name, if it is a file, and where its content is."""
    line = b"--" + boundary
    at = len(line)
    if data[:at] != line:
        raise validation_failed("The form does not begin with its boundary")
    while data[at : at + 2] != b"--":
        begin = data.find(b"\r\n\r\n", at, at + _LONGEST_HEAD)
        if data[at : at + 2] != b"\r\n" or begin < 0:
            raise validation_failed("A part of the form has no head")
        end = data.find(b"\r\n" + line, begin + 2)
        if end < 0:
            raise validation_failed("The form is not whole")
        head = BytesHeaderParser().parsebytes(data[at + 2 : begin + 4])
        name = head.get_param("name", header="content-disposition")
        if head.get_content_disposition() != "form-data" or not isinstance(name, str) or not name:
            raise validation_failed("A part of the form has no name")
        file_name = head.get_filename()
        yield name, file_name, min(begin + 4, end), end
        at = end + 2 + len(line)
    if data[at + 2 :] not in (b"\r\n", b""):
        raise validation_failed("Something follows the end of the form")
