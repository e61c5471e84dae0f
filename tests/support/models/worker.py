"""A converter process, driven as the agent drives it: JSON lines in, marked lines out."""

from __future__ import annotations

import json
import queue
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

MARK = "TRIPO-CONVERTER "


class Worker:
    """One converter under the `bpy` wheel; `folder` is that of the extension, or of the repository.

    `before` is Python that it runs first.
    """

    def __init__(self, folder: Path, before: str = "", **options: Any) -> None:
        script = str(folder / "converter" / "worker.py")
        command = [sys.executable, "-B", script]
        if before:
            start = f"import runpy, sys; sys.path.insert(0, {str(folder)!r})"
            command[2:] = ["-c", f"{start}\n{before}\nrunpy.run_path({script!r}, run_name='__main__')"]
        pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
        self.process = subprocess.Popen(command, **pipes, text=True, encoding="utf-8", errors="replace", **options)
        self.noise: list[str] = []
        self.measured: list[Any] | None = None
        """What the last answer told of the model's faces and corners; left out of the answer itself."""
        self._answers: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self._is_up = False

    def order(self, patience: float = 120.0, **order: Any) -> dict[str, Any] | None:
        """Give an order and wait for the answer; None when the process ends without one."""
        self.wait_up(patience)
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(order, default=str) + "\n")
        self.process.stdin.flush()
        return self._answer(patience)

    def convert(self, source: Path, target: Path, **more: Any) -> dict[str, Any] | None:
        return self.order(source=source, target=target, **more)

    def wait_up(self, seconds: float = 120.0) -> None:
        if not self._is_up:
            answer = self._answer(seconds)
            assert answer == {"ok": True, "up": True}, "".join(self.noise)
            self._is_up = True

    def close(self) -> int:
        """Close its input and wait for it to end; its exit code."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        try:
            return self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()
        finally:
            self._reader.join(5)

    def _answer(self, seconds: float) -> dict[str, Any] | None:
        line = self._answers.get(timeout=seconds)
        if line is None:
            return None
        answer = json.loads(line)
        self.measured = answer.pop("measured", None)
        return answer

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if line.startswith(MARK):
                self._answers.put(line[len(MARK) :])
            elif line.strip():
                self.noise.append(line)
        self._answers.put(None)
