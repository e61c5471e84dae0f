"""The extension installs into a real window and shows its tab."""

from __future__ import annotations

from support.ui.inside import Steps, Ui

OPTIONS = {"profile": True}


def scenario(ui: Ui) -> Steps:
    ui.heartbeat.start()
    yield ui.open_sidebar("Tripo")
    yield 1.0
    ui.record("heartbeat", ui.heartbeat.stop())
    ui.record("timers", ui.profile.report())
    yield ui.screenshot("smoke")
