"""What is wrong with the catalogues of translations, measured by the texts that there are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from tools.message_texts import ROOT
from translations.sentences import fields


def complaints(wanted: Mapping[str, str], translated: Mapping[str, str]) -> Iterator[str]:
    """Say what is wrong with a catalogue, one line for each message."""
    for message, place in wanted.items():
        translation = translated.get(message)
        if translation is None:
            yield f"missing, {place}: {message}"
        elif sorted(fields(message)) != sorted(fields(translation)):
            yield f"other fields: {message}"
        elif message.endswith("…") != translation.endswith("…"):
            yield f"the ellipsis of a dialog is lost: {message}"
    for message in translated.keys() - wanted.keys():
        yield f"superfluous: {message}"


def catalogues() -> list[Path]:
    return sorted((ROOT / "translations").glob("*.po"))
