"""What Blender shows of ours has an entry in the catalogues, and what a job says is in the interface's language."""
# ruff: noqa: RUF001

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import bpy
import pytest

Package = Callable[[str], ModuleType]

SAME_EVERYWHERE = frozenset({"P1", "v3.0", "v3.1", "Tripo", "−X", "+Y", ""})


def our_types() -> Iterator[Any]:
    """Blender's descriptions of our classes; operators have theirs behind the function that calls them."""
    for name in dir(bpy.types):
        if name.startswith("Tripo"):
            yield getattr(bpy.types, name).bl_rna
    for name in dir(bpy.ops.tripo):
        yield getattr(bpy.ops.tripo, name).get_rna_type()


def shown_texts() -> dict[str, str]:
    """Every text with the class and property that it belongs to."""
    texts: dict[str, str] = {}
    for one in our_types():
        if "_OT_" in one.identifier:
            label = getattr(bpy.types, one.identifier).bl_label
            texts |= {label: one.identifier, one.description: one.identifier}
        for prop in one.properties:
            if prop.identifier in ("rna_type", "name") or prop.identifier.startswith("bl_"):
                continue
            place = f"{one.identifier}.{prop.identifier}"
            own = () if prop.is_hidden and not prop.description else (prop.name, prop.description)
            texts |= dict.fromkeys(own, place)
            for item in getattr(prop, "enum_items_static", ()):
                texts |= {item.name: place, item.description: place}
    return texts


@pytest.mark.parametrize("locale", ["zh_HANS", "ja_JP"])
def test_what_blender_shows_is_in_the_catalogue(package: Package, locale: str) -> None:
    folder = Path(package("translations").__file__ or "").parent
    known = package("translations.catalogue").read(folder / f"{locale}.po")
    missing = [
        f"{place}: {text}" for text, place in shown_texts().items() if text not in known.keys() | SAME_EVERYWHERE
    ]
    assert len(known) > 400
    assert not missing, "\n".join(missing)


def test_english_loads_no_catalogue(package: Package) -> None:
    interface = package("translations.translate")
    assert interface._State.locale == ""
    assert interface.tell("Waiting in the queue") == "Waiting in the queue"
    assert not interface.refresh()


@pytest.mark.parametrize(
    ("spoken", "catalogue"),
    [
        ("zh_HANS", "zh_HANS"),
        ("zh", "zh_HANS"),
        ("ja_JP", "ja_JP"),
        ("ja", "ja_JP"),
        ("zh_HANT", ""),
        ("de", ""),
        ("", ""),
    ],
)
def test_the_catalogue_of_a_language(package: Package, spoken: str, catalogue: str) -> None:
    assert package("translations.translate").catalogue_for(spoken) == catalogue


@pytest.fixture
def speak(package: Package, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Switch the language of the interface. Blender as a Python module has none but English: its answers are made."""
    interface = package("translations.translate")
    told: list[str] = []

    def switch(locale: str) -> None:
        translations = SimpleNamespace(
            locale=locale, register=lambda _name, entries: told.extend(entries), unregister=lambda _name: told.clear()
        )
        context = SimpleNamespace(preferences=SimpleNamespace(view=SimpleNamespace(use_translate_interface=True)))
        monkeypatch.setattr(
            interface, "bpy", SimpleNamespace(app=SimpleNamespace(translations=translations), context=context)
        )
        assert interface.refresh() and told == ([locale] if interface.catalogue_for(locale) else [])

    yield switch
    interface.unregister()


def test_a_switch_of_language_changes_what_jobs_in_the_list_say(package: Package, speak: Callable[[str], None]) -> None:
    schema, store, states = package("client.schema"), package("client.store"), package("client.jobs.states")
    codes, notices = package("client.jobs.notices").JobNotice, package("client.notices")
    request = package("client.jobs.request").GenerationRequest(schema.TEXT, parameters={"prompt": "a cup"})
    session: Any = package("session.current").session()
    expired = notices.notice(codes.EXPIRED, when="2026-11-28")
    said = {
        "CANCELLED": notices.notice(codes.CANCELLED_UNSENT),
        "EXPIRED": expired,
        "FAILED": notices.notice(codes.SOURCE_FAILED, name="a mug", cause=expired),
        "UNCERTAIN": notices.text("Words from outside"),
    }
    for status, one in said.items():
        job_id = session.jobs.insert(store.NewJob("account", request), status=states.Status[status])
        session.jobs.update(job_id, states.Status[status], message=one)
    session.touch()
    session.tick(deliver=False)
    english = {
        "CANCELLED": "Cancelled before it was sent: nothing was charged",
        "EXPIRED": "The result expired on 2026-11-28: generate it again",
        "FAILED": "'a mug' has no result (The result expired on 2026-11-28), and nothing was charged for"
        " this: retry that job, then this one",
        "UNCERTAIN": "Words from outside",
    }
    assert messages() == english
    speak("ja_JP")
    assert messages() == {
        "CANCELLED": "送信前に取り消しました：課金されていません",
        "EXPIRED": "結果は 2026-11-28 に期限切れになりました：もう一度生成してください",
        "FAILED": "'a mug' に結果がないため（結果は 2026-11-28 に期限切れになりました）、これには課金されて"
        "いません：そのジョブを再試行してから、こちらを再試行してください",
        "UNCERTAIN": "Words from outside",
    }
    speak("zh_HANS")
    assert messages()["EXPIRED"] == "结果已于 2026-11-28 过期：请重新生成"
    speak("en_US")
    assert messages() == english


def messages() -> dict[str, str]:
    """What the jobs in the list say, by their states."""
    return {row.status: row.message for row in bpy.context.window_manager.tripo.jobs}
