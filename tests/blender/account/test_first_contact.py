"""The way in: a pasted key is checked at once, offline has its switch, the Sandbox its banner."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import bpy
import pytest

from support.sandbox_service.service import API_KEY, SandboxControl
from support.ui.sidebar import draw_all, labels, operators, property_of

Package = Callable[[str], ModuleType]


@pytest.fixture
def own(extension: str, sandbox: SandboxControl, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The preferences, with a service and without a key."""
    monkeypatch.delenv("THREEDAISTUDIO_API_KEY")
    preferences = bpy.context.preferences.addons[extension].preferences
    yield preferences
    preferences.api_key = ""
    state = bpy.context.window_manager.tripo
    for name in ("shows_key_check", "balance", "balance_at", "balance_problem", "balance_pending", "notice"):
        state.property_unset(name)


def run_timer(timer: Callable[[], float | None]) -> float | None:
    """Call a timer as often as it asks to be called at once: in a fresh Blender it imports a module at a beat."""
    for _ in range(50):
        again = timer()
        if again is None or again > 0.5:
            return again
    raise AssertionError("the timer never rests")


def answer(package: Package) -> None:
    """Tick until the balance has been told, or why not."""
    session = package("session.current").session()
    deadline = time.monotonic() + 30
    while session.awaits_balance and time.monotonic() < deadline:
        time.sleep(0.05)
        session.tick(deliver=False)
    session.tick(deliver=False)


def paste(package: Package, own: Any, key: str) -> None:
    own.api_key = key
    assert run_timer(package("operators.account.key_check").check) is None


def test_a_good_key_is_told_with_its_credits(
    package: Package, extension: str, own: Any, sandbox: SandboxControl
) -> None:
    sandbox.settings(balance=1234)
    paste(package, own, API_KEY)
    assert "Checking the key…" in labels(draw_all(extension))
    answer(package)
    drawn = draw_all(extension)
    assert "Key accepted: 1,234 credits" in labels(drawn)
    assert not property_of(drawn, "api_key"), "there is nothing to correct"
    assert package("operators.account.key_check").hide_good_answer() is None
    assert not any("Key accepted" in text for text in labels(draw_all(extension))), "it does not stay for ever"


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("api_key_expired", "has expired"),
        ("api_key_revoked", "was revoked"),
        ("invalid_api_key", "does not accept the API key"),
    ],
)
def test_a_refused_key_is_told_with_what_to_do(
    package: Package, extension: str, own: Any, sandbox: SandboxControl, code: str, words: str
) -> None:
    sandbox.settings(envelope="error_object")  # Django's words have no codes
    sandbox.add_fault("wallet", "http_401", times=1, code=code)
    paste(package, own, API_KEY)
    answer(package)
    drawn = draw_all(extension)
    (sentence,) = [one for one in drawn if one.function == "label" and words in one.text]
    assert sentence.alert
    assert property_of(drawn, "api_key"), "another one can be pasted right there"
    assert "getting-started" in operators(drawn)["wm.url_open"].properties.url
    assert package("operators.account.key_check").hide_good_answer() is None
    assert any(words in text for text in labels(draw_all(extension))), "a bad answer stays"


def test_no_network_is_told(package: Package, extension: str, own: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THREEDAISTUDIO_API_URL", "http://127.0.0.1:9")
    paste(package, own, API_KEY)
    answer(package)
    assert any("cannot be reached" in text for text in labels(draw_all(extension)))


def test_what_is_no_key_is_told_without_asking(
    package: Package, extension: str, own: Any, sandbox: SandboxControl
) -> None:
    paste(package, own, "hello")
    assert any("does not look like an API key" in text for text in labels(draw_all(extension)))
    assert not sandbox.state()["requests"]


def test_offline_waits_for_the_switch(package: Package, extension: str, own: Any, sandbox: SandboxControl) -> None:
    bpy.context.preferences.system.use_online_access = False
    own.api_key = API_KEY
    assert run_timer(package("operators.account.key_check").check) == 1.0
    drawn = draw_all(extension)
    assert any("Allow Online Access" in text for text in labels(drawn))
    assert bpy.ops.extensions.userpref_allow_online() == {"FINISHED"}
    assert operators(drawn)["extensions.userpref_allow_online"].text == "Allow Online Access"
    assert run_timer(package("operators.account.key_check").check) is None
    answer(package)
    assert any("Key accepted" in text for text in labels(draw_all(extension)))


def test_editing_the_key_asks_nothing_by_itself(
    package: Package, own: Any, sandbox: SandboxControl, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The callback may run while Blender draws: it is told to others, who come back later."""
    preferences = package("properties.preferences")
    told: list[int] = []
    preferences.on_account_change(lambda: told.append(1))
    try:
        own.api_key = API_KEY
        own.api_url = "https://api.example.com"
    finally:
        preferences.on_account_change(package("operators.account.key_check").account_changed)
        own.property_unset("api_url")
    assert len(told) == 2
    assert not package("session.current").is_open() or not sandbox.state()["requests"]


def test_without_a_key_the_sandbox_is_offered(extension: str, own: Any) -> None:
    drawn = draw_all(extension)
    assert {"tripo.try_sandbox", "wm.url_open", "preferences.addon_show"} <= set(operators(drawn))
    assert property_of(drawn, "api_key")


def test_the_banner_of_every_state_of_the_sandbox(
    package: Package, extension: str, own: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    module, settings = package("properties.sandbox_mode"), package("client.account")
    bpy.context.scene.tripo.prompt = "a chair"
    bpy.context.preferences.system.use_online_access = False
    account = settings.Account("http://127.0.0.1:9", "sandbox-0123456789", 120, settings.SANDBOX_ACCOUNT)
    starting, there, broken = module.Mode(True), module.Mode(True, account), module.Mode(True, None, "It has stopped")
    try:
        told = {starting: "Starting the Sandbox…", there: "Sandbox: made-up models", broken: "It has stopped"}
        for mode, words in told.items():
            module.change(mode)
            drawn = draw_all(extension)
            assert words in labels(drawn)
            assert "tripo.leave_sandbox" in operators(drawn)
            assert not property_of(drawn, "api_key") and "extensions.userpref_allow_online" not in operators(drawn)
            button = operators(drawn)["tripo.text_to_3d"]
            assert button.text == "Generate · Free" and button.enabled == (mode is there)
            assert not any("left" in text for text in labels(drawn)), "no balance"
            assert ("tripo.try_sandbox" in operators(drawn)) == (mode is broken)
    finally:
        module.change()


def test_numbers_are_written_for_people(package: Package) -> None:
    money = package("panels.credits")
    credit_text = package("client.jobs.spending_limits").credit_text
    assert [credit_text(one) for one in (60, "1234", "1234567.50", "", "many")] == [
        "60",
        "1,234",
        "1,234,567.50",
        "",
        "many",
    ]
    assert money.is_less("59.99", 60) and not money.is_less("60", 60) and not money.is_less("", 60)
    assert [str(money.age_notice(one)) for one in (3, 89, 100, 7200, 200_000)] == [
        "just now",
        "just now",
        "2 min ago",
        "2 h ago",
        "2 d ago",
    ]
