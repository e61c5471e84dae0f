"""Entry of the converter process: ``blender --background … --python worker.py``, or ``python worker.py`` with ``bpy``.

Reads one JSON line per conversion from standard input: ``{"source": path, "target": path, "name": text}``. Answers
with one line, ``TRIPO-CONVERTER {"ok": true}`` or ``{"ok": false, "reason": text}``; the first such line says that
it is up. Ends when its input is closed.
"""

from __future__ import annotations

import json
import os
import sys
import traceback
from pathlib import Path

MARK = "TRIPO-CONVERTER "


def answer(document: dict[str, object]) -> None:
    """Write one answer at the start of a line of its own."""
    sys.stdout.write(f"\n{MARK}{json.dumps(document)}\n")
    sys.stdout.flush()


def serve() -> None:
    """Work until the input ends."""
    from converter.build import ImportFailed, build

    answer({"ok": True, "up": True})
    for line in sys.stdin:
        order = json.loads(line)
        try:
            build(Path(order["source"]), Path(order["target"]), str(order["name"]))
        except ImportFailed as error:
            answer({"ok": False, "reason": str(error)})
        except Exception as error:
            traceback.print_exc()
            answer({"ok": False, "reason": type(error).__name__})
        else:
            answer({"ok": True})


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    sys.dont_write_bytecode = True
    try:
        serve()
    except BaseException:
        traceback.print_exc()
        sys.stderr.flush()
        os._exit(1)
    # The `bpy` module may crash at interpreter exit; everything is written by now.
    sys.stdout.flush()
    os._exit(0)
