"""A converter without Blender: speaks the line protocol of `converter/worker.py` and does what it is told.

    python fake_converter.py FOLDER

`FOLDER/modes` holds one word per line, each used up by one order (see `MODES`); without one, `good`. What happens is
written to `FOLDER/events`, one line each, so that a test can wait for it.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

MARK = "TRIPO-CONVERTER "
FLAT = bytes.fromhex("ffd8ffe000104a46494600010100000100010000ffc0000b080003000401011100") + bytes(20)
"""As much of a JPEG as a header tells, of 4 by 3 pixels."""
MODES = {
    "good": "converts",
    "crash": "ends in the middle of its work",
    "scream": "prints a great deal and ends in the middle of its work",
    "hang": "writes half a file and never answers",
    "stuck": "as above, and does not notice when its input ends: only the limits of a real one end it",
    "survived": "starts a process that lives on with its output in hand, and never answers",
    "partly": "converts, and says what is missing, some of it in a way that makes no sense",
    "joined": "converts, and says that it has joined objects",
    "refuse": "says that the file is no good",
    "lie": "says that it is done and has written nothing",
    "junk": "writes something that is no Blender file",
    "babble": "answers with something that is no answer",
    "noise": "prints far more than a pipe holds, then converts",
    "no-start": "ends before it is up",
    "asleep": "never comes up",
}
WARNINGS = [["image missing", "a\nb.png"], ["animation", ""], ["image missing", "c.png"], ["?", ""], 7, [[], 1, 2]]


def draw(folder: Path, order: dict[str, str], happened: Callable[[str], None], answer: Callable[[str], None]) -> None:
    """Make a thumbnail, as the first word of `FOLDER/image-modes` says: good, refuse, crash, hang."""
    file = folder / "image-modes"
    words = file.read_text().split() if file.exists() else []
    mode = words[0] if words else "good"
    file.write_text("\n".join(words[1:]))
    source = order.get("image") or order["blend"]
    happened(f"drawing {os.getpid()} {mode} {'image' if 'image' in order else 'blend'} {source}")
    if mode == "hang":
        sys.stdin.read()
        os._exit(0)
    if mode == "crash":
        os._exit(11)
    if mode == "refuse":
        answer('{"ok": false, "reason": "NothingToSee"}')
        return
    Path(order["thumbnail"]).write_bytes(b"\x89PNG\r\n\x1a\n" + Path(source).read_bytes()[:16])
    answer('{"ok": true}')
    happened(f"drawn {os.getpid()}")


def flatten(
    folder: Path, order: dict[str, str], happened: Callable[[str], None], answer: Callable[[str], None]
) -> None:
    """Flatten an image, as the first word of `FOLDER/flatten-modes` says: good, refuse, crash, hang."""
    file = folder / "flatten-modes"
    words = file.read_text().split() if file.exists() else []
    mode = words[0] if words else "good"
    file.write_text("\n".join(words[1:]))
    happened(f"flattening {os.getpid()} {mode} {order['background']} {order['flatten']}")
    if mode == "hang":
        sys.stdin.read()
        os._exit(0)
    if mode == "crash":
        os._exit(11)
    if mode == "refuse":
        answer('{"ok": false, "reason": "it is no image"}')
        return
    Path(order["target"]).write_bytes(FLAT)
    answer('{"ok": true}')
    happened(f"flattened {os.getpid()}")


def export(folder: Path, order: dict[str, str], happened: Callable[[str], None], answer: Callable[[str], None]) -> None:
    """Export a selection, as the first word of `FOLDER/export-modes` says: good, refuse, crash, hang."""
    file = folder / "export-modes"
    words = file.read_text().split() if file.exists() else []
    mode = words[0] if words else "good"
    file.write_text("\n".join(words[1:]))
    happened(f"exporting {os.getpid()} {mode} {order['export']}")
    if mode == "hang":
        Path(order["target"]).write_bytes(b"glTF half")
        sys.stdin.read()
        os._exit(0)
    if mode == "crash":
        os._exit(11)
    if mode == "refuse":
        answer('{"ok": false, "reason": "it has no faces"}')
        return
    Path(order["target"]).write_bytes((folder / "export.glb").read_bytes())
    answer('{"ok": true, "faces": 12}')
    happened(f"exported {os.getpid()}")


def main(folder: Path) -> None:
    def happened(text: str) -> None:
        with (folder / "events").open("a") as events:
            events.write(text + "\n")

    def next_mode(*only: str) -> str:
        file = folder / "modes"
        words = file.read_text().split() if file.exists() else []
        if not words or (only and words[0] not in only):
            return "good"
        file.write_text("\n".join(words[1:]))
        return words[0]

    def answer(text: str) -> None:
        sys.stdout.write(f"\n{MARK}{text}\n")
        sys.stdout.flush()

    happened(f"start {os.getpid()} {os.getcwd()}")
    start = next_mode("no-start", "asleep")
    if start == "no-start":
        os._exit(3)
    if start == "asleep":
        sys.stdin.read()
        os._exit(0)
    answer('{"ok": true, "up": true}')
    for line in sys.stdin:
        order = json.loads(line)
        if "flatten" in order:
            flatten(folder, order, happened, answer)
            continue
        if "export" in order:
            export(folder, order, happened, answer)
            continue
        if "thumbnail" in order:
            draw(folder, order, happened, answer)
            continue
        if "shelve" in order:
            entry = order["entry"]
            tags = ",".join(entry["tags"]).replace(" ", "-")
            happened(f"shelving {os.getpid()} {'preview' in entry} {tags} {entry['name']}")
            Path(order["target"]).write_bytes(Path(order["shelve"]).read_bytes() + b" on the shelf")
            answer('{"ok": true}')
            continue
        target = Path(order["target"])
        mode = next_mode()
        for extra in {"original", "bake_from", "onto", "budget"} & order.keys():
            happened(f"{extra} {order[extra]}")
        happened(f"order {os.getpid()} {mode} {order['source']}")
        if mode == "hang":
            target.with_suffix(".partial.blend").write_bytes(b"BLENDER half")
            sys.stdin.read()  # until the agent closes the pipe or dies
            os._exit(0)
        if mode == "survived":
            survivor = subprocess.Popen([sys.executable, "-I", "-S", "-c", "import time; time.sleep(600)"])
            happened(f"survivor {survivor.pid}")
            sys.stdin.read()
            os._exit(0)
        if mode == "stuck":
            target.with_suffix(".partial.blend").write_bytes(b"BLENDER half")
            sys.path.insert(0, str(Path(__file__).resolve().parents[3]))
            from converter.limits import end_with_parent

            end_with_parent()
            happened(f"stuck {os.getpid()} {order['seconds']}")
            while True:
                signal.pause()
        if mode == "crash":
            target.with_suffix(".partial.blend").write_bytes(b"BLENDER half")
            os._exit(11)
        if mode == "scream":
            sys.stdout.write("x" * 100 + "\n" + "a line of noise\n" * 20_000)
            sys.stdout.write("GET https://example.org/a?Signature=secret\nFatal Python error: of this turn\n")
            sys.stdout.flush()
            os._exit(11)
        if mode == "refuse":
            print("the importer's own words")
            answer('{"ok": false, "reason": "it holds no objects"}')
            continue
        if mode == "babble":
            answer("[1, 2")
            continue
        if mode == "noise":
            for _ in range(5000):
                sys.stdout.write("x" * 400 + "\n")
        if mode == "junk":
            target.write_bytes(b"<html>")
        elif mode != "lie":
            target.write_bytes(b"BLENDER-v402 " + Path(order["source"]).read_bytes()[:16])
        told = {
            "partly": {"warnings": WARNINGS, "joined": [1, "2"], "measured": [7, [1, 2, 3]]},
            "joined": {"joined": [3000, 12], "measured": [8124, [-0.5, -0.25, 0, 0.5, 0.25, 1], 20_000]},
        }
        answer(json.dumps({"ok": True} | told.get(mode, {})))
        happened(f"done {os.getpid()}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
    os._exit(0)
