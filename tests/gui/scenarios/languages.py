"""The sidebar in Chinese and Japanese, taken over while Blender runs; given back with the extension."""
# ruff: noqa: RUF001

from __future__ import annotations

import time
from typing import Any

import bpy

from support.ui import artist
from support.ui.inside import Steps, Ui

OPTIONS = {"timeout": 180, "sandbox": ("--requests-per-minute", "120", "--seconds", "600")}

WAITING = "Waiting in the queue"


def told(text: str) -> str:
    return bpy.app.translations.pgettext(text, "Operator")


def scenario(ui: Ui) -> Steps:
    artist.hurry()
    interface: Any = artist.module("translations.translate")
    view = bpy.context.preferences.view
    yield ui.open_sidebar("Tripo")
    with ui.override():
        bpy.ops.tripo.text_to_3d(
            "EXEC_DEFAULT", prompt="红色的蘑菇，带白色斑点，放在一个很旧的木制托盘上，旁边有一只蜗牛"
        )
    yield ui.wait_until(lambda: artist.statuses() == ["QUEUED"], 60, "the job is sent")
    for language, balance, queue in (
        ("zh_HANS", "查询余额", "正在排队"),
        ("ja_JP", "残高を確認", "順番待ち"),
    ):
        view.language = language
        view.use_translate_interface = view.use_translate_tooltips = True
        yield ui.wait_until(lambda balance=balance: told("Check Balance") == balance, 10, language)
        assert [job.message for job in artist.jobs()] == [queue], "a job that is in the list already"
        assert interface.tell("Generate · {credits} Credits", credits=40) != "Generate · 40 Credits"
        yield ui.redraw()
        yield 0.5
        yield ui.screenshot(f"sidebar-{language}")
        view.use_translate_interface = False
        assert [job.message for job in artist.jobs()] == [WAITING]
        view.use_translate_interface = True
    ui.record("load_ms", load_ms(interface))
    view.language = "en_US"
    yield ui.wait_until(lambda: told("Check Balance") == "Check Balance", 10, "English again")
    # What is put together at run time follows with the next pulse.
    yield ui.wait_until(lambda: [job.message for job in artist.jobs()] == [WAITING], 10, "English everywhere")

    view.language = "ja_JP"
    bpy.ops.preferences.addon_disable(module=artist.MODULE)
    assert told("Check Balance") == "Check Balance", "disabled means gone"
    bpy.ops.preferences.addon_enable(module=artist.MODULE)
    assert told("Check Balance") == "残高を確認", "there from the start"
    view.language = "en_US"


def load_ms(interface: Any) -> list[float]:
    """What a start in Japanese pays, and what one sentence costs that was not told before."""
    interface.unregister()
    began = time.perf_counter()
    interface.register()
    loaded = time.perf_counter()
    interface.tell("About {minutes} min left", minutes=3)
    first = time.perf_counter()
    interface.tell("About {minutes} min left", minutes=4)
    return [
        round((one - other) * 1000, 3)
        for one, other in ((loaded, began), (first, loaded), (time.perf_counter(), first))
    ]
