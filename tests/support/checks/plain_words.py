"""Whether a sentence is one that an artist understands and can act on."""

from __future__ import annotations

import re

_JARGON = re.compile(
    r"HTTP|JSON|[Ee]rrno|Traceback|Exception|\b\w+Error\b|urllib|requests\.|[Ss]ocket|sqlite|SSL|\bNone\b|\bnull\b"
    r"|[Tt]imeout|timed out|\bEOF\b|0x[0-9a-f]|\bDNS\b|<|>|\{|\}|\\|/tmp|Signature|://|_",
)
_NAMES = re.compile(r"\b(?:KHR|EXT)(?:_[A-Za-z]+)+|\b(?:face_limit|negative_prompt|settings\.[A-Z_]+)\b")
"""Names of glTF, of the API and of the service that are quoted because they say what is wrong."""
_ADVICE = re.compile(
    r": |; |^Waiting |^Sending the request$|^Flattening |^About |^Downloading|^Ready to import$|^Making it ready"
    r"|^Preparing the mesh$|^Uploading, |^$"
)


def complaint(sentence: str) -> str:
    """Return what is wrong with a sentence, or nothing."""
    if found := _JARGON.search(_NAMES.sub("name", sentence)):
        return f"{found[0]!r} is no word for an artist"
    if "\n" in sentence or re.search(r"[.!?] [A-Z]", sentence) or sentence.endswith("."):
        return "it is not one sentence without a full stop"
    if sentence and not re.match(r"[A-Z']|3D AI Studio", sentence):
        return "it does not begin like a sentence"
    if len(sentence) > 200:
        return "it is too long to be read"
    if not _ADVICE.search(sentence):
        return "it does not say what to do or what happens next"
    return ""
