"""Keep the catalogues in translations/ in step with the texts of the extension.

python tools/messages.py check     what is missing, superfluous or has other fields; exit status 1 if anything is
python tools/messages.py update    add what is missing, to be filled in, and drop what is no longer said

Run with PYTHONPATH=.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path

from tools.catalogue_checks import catalogues, complaints, fields
from tools.message_texts import collect
from translations import catalogue

HEADER = """\
msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Language: {locale}\\n"
"""


def write(path: Path, wanted: Mapping[str, str], translated: Mapping[str, str]) -> None:
    """Write a catalogue anew, in the order of the places."""
    parts = [HEADER.format(locale=path.stem)]
    for message, place in wanted.items():
        mark = "#, python-brace-format\n" if fields(message) else ""
        parts.append(f"#: {place}\n{mark}msgid {_quoted(message)}\nmsgstr {_quoted(translated.get(message, ''))}\n")
    path.write_text("\n".join(parts), encoding="utf-8")


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def main() -> int:
    if sys.argv[1:] not in (["check"], ["update"]):
        raise SystemExit(__doc__)
    wanted, wrong = collect(), 0
    for path in catalogues():
        translated = catalogue.read(path)
        if sys.argv[1] == "update":
            write(path, wanted, translated)
        found = list(complaints(wanted, translated))
        wrong += len(found)
        print(*found, f"{path.name}: {len(wanted)} messages, {len(found)} complaints", sep="\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
