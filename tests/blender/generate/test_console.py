"""Progress lines of a Blender without a window, on consoles that cannot take them."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from types import ModuleType

import pytest

Package = Callable[[str], ModuleType]


class Broken(io.TextIOBase):
    """A pipe whose reader is gone, as Windows tells it."""

    def write(self, text: str) -> int:
        raise OSError(22, "Invalid argument")


def test_a_console_that_cannot_show_a_prompt_loses_no_job(package: Package, monkeypatch: pytest.MonkeyPatch) -> None:
    say = package("session.wait").say
    shown = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(shown, encoding="cp1252", errors="strict"))
    say("张伟's mug: QUEUED")
    assert shown.getvalue().replace(b"\r", b"") == b"tripo: \\u5f20\\u4f1f's mug: QUEUED\n"
    monkeypatch.setattr(sys, "stdout", Broken())
    say("a mug: RUNNING")
    monkeypatch.setattr(sys, "stdout", None)
    say("a mug: READY")
