"""What is wrong with the catalogues of translations, measured by the texts that there are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from string import Formatter

from tools.message_texts import ROOT


def complaints(wanted: Mapping[str, str], translated: Mapping[str, str]) -> Iterator[str]:
    """Say what is wrong with a catalogue, one line for each message."""
    for message, place in wanted.items():
        translation = translated.get(message)
        if translation is None:
            yield f"missing, {place}: {message}"
        elif fields(message) != fields(translation):
            yield f"other fields: {message}"
        elif message.endswith("…") != translation.endswith("…"):
            yield f"the ellipsis of a dialog is lost: {message}"
    for message in translated.keys() - wanted.keys():
        yield f"superfluous: {message}"


def fields(message: str) -> list[str]:
    """Return the names of a message's values, in their order."""
    return sorted(name for _text, name, _form, _conversion in Formatter().parse(message) if name is not None)


def catalogues() -> list[Path]:
    return sorted((ROOT / "translations").glob("*.po"))
