"""Names of files that come from a file: which of them stay inside a folder on every system."""

from __future__ import annotations

import binascii
import re
from pathlib import Path, PurePosixPath
from urllib.parse import unquote

from .errors import damaged, unsafe

WINDOWS_DEVICES = re.compile(r"(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)", re.IGNORECASE)
FORBIDDEN = re.compile(r'[\x00-\x1f\x7f<>:"|?*\\\ud800-\udfff]')
MAX_COMPONENTS = 16
BASE64_MARK = ";base64,"


def inside(name: str, longest: int) -> PurePosixPath | None:
    """The relative path that `name` (with forward slashes) means, or None if it is not one on every system.

    Refuses absolute paths, drives, backslashes, ``..``, control characters, names of Windows devices, and
    components that Windows would change (trailing dot or space).
    """
    if not name or len(name) > longest or name.startswith("/") or FORBIDDEN.search(name):
        return None
    parts = [part for part in name.split("/") if part not in ("", ".")]
    if not parts or len(parts) > MAX_COMPONENTS:
        return None
    for part in parts:
        if part == ".." or part[-1] in ". " or part[0] == " " or len(part.encode()) > 200:
            return None
        if WINDOWS_DEVICES.fullmatch(part.partition(".")[0].rstrip()):
            return None
    return PurePosixPath(*parts)


def reaches_out(reference: str) -> bool:
    """Whether a file name inside a model may lead out of its folder: tolerates relative Windows paths."""
    plain = reference.strip().strip('"').replace("\\", "/")
    if plain.startswith(("/", "~")) or "://" in plain or re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", plain):
        return True
    return ".." in plain.split("/") or "\x00" in plain


def data_of_uri(uri: str, limit: int) -> bytes:
    """The bytes of a base64 ``data:`` URI; raises UnsafeFile where it is malformed or larger than `limit`."""
    head, mark, payload = uri.partition(BASE64_MARK)
    if not mark or len(head) > 200:
        raise damaged("it embeds data in a way that is not understood")
    if len(payload) // 4 * 3 > limit:
        raise unsafe("it embeds too much data as text")
    try:
        return binascii.a2b_base64(payload.encode("ascii"), strict_mode=True)
    except ValueError as error:
        raise damaged("the data it embeds as text is broken") from error


def file_of_uri(uri: str, folder: Path | None) -> Path:
    """The file beside a glTF file that its relative `uri` names; raises UnsafeFile unless inside `folder`.

    Without a `folder` no file may be named at all.
    """
    if folder is None:
        raise unsafe("it refers to other files or addresses instead of holding everything itself")
    relative = inside(unquote(uri, errors="surrogateescape"), 1024)
    if relative is None:
        raise unsafe("it refers to a file or address outside of its folder")
    root = folder.resolve()
    path = (root / relative).resolve()
    if not path.is_relative_to(root):
        raise unsafe("it refers to a file outside of its folder")
    if not path.is_file():
        raise damaged("a file it refers to is missing")
    return path
