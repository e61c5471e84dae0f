"""F3 finds ours by the words people type; a dialog has the cursor in its prompt and sends nothing by itself."""

from __future__ import annotations

from typing import Any

from support.ui import artist
from support.ui.inside import Steps, Ui

OPTIONS = {"timeout": 150, "sandbox": ("--requests-per-minute", "120", "--seconds", "2")}
WORDS = ("generate", "image", "texture", "balance", "tripo")


def balances(ui: Ui) -> list[Any]:
    return [one for one in ui.sandbox.state()["requests"] if "wallet" in str(one)]


def scenario(ui: Ui) -> Steps:
    artist.hurry()
    for word in WORDS:
        yield ui.search(word, confirm=False)
        yield ui.screenshot(f"search-{word}")
        yield ui.press("ESC")
        yield 0.3
    yield ui.search("generate from text")
    yield 0.5
    yield ui.screenshot("dialog")
    assert not artist.jobs(), "the dialog sends nothing by itself"
    yield ui.press("ESC")  # out of the field
    yield ui.press("ESC")
    yield 0.5
    assert not ui.sandbox.state()["submissions"]

    before = len(balances(ui))
    yield ui.search("balance")
    yield ui.wait_until(lambda: len(balances(ui)) > before, 20, "the first thing found asks for the balance")

    yield ui.search("generate")
    yield 0.5
    yield ui.type_text("a chair")
    yield ui.screenshot("dialog-typed")
    yield ui.press("RET")
    yield 0.3
    yield ui.press("RET")
    yield ui.wait_until(artist.jobs, 10, "the dialog made a job")
    yield ui.wait_until(artist.collections, 60, "the model")
    assert artist.jobs()[0].name == "a chair"
