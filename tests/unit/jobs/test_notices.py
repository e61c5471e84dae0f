"""A notice is a code and values: it goes into the store and comes back, and is said in any language."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from client.jobs.notices import JobNotice
from client.notices import N_, TEXT, Code, Notice, notice, read, render, text
from client.service.notices import ServiceNotice
from client.stored_notices import TABLES
from support.checks.plain_words import complaint

JOINED = notice(JobNotice.JOINED_TOO, before=3000, after=12)
BROKE_OFF = notice(ServiceNotice.BROKE_OFF)
GERMAN = {
    "The download broke off": "Der Download brach ab",
    "it goes on when the connection is back": "er geht weiter",
    "trying another file that 3D AI Studio offers": "eine andere Datei",
    "{cause}: {advice}": "{cause} – {advice}",
    "{first}; {rest}": "{first} / {rest}",
    "{before:,} objects are joined into {after:,}": "aus {before:,} werden {after:,}",
    "Incomplete: {losses}": "Unvollständig: {losses}",
    "Finished": "Fertig",
}


def german(words: str) -> str:
    return GERMAN.get(words, words)


@pytest.mark.parametrize(
    ("said", "english", "translated"),
    [
        (
            BROKE_OFF,
            "The download broke off: it goes on when the connection is back",
            "Der Download brach ab – er geht weiter",
        ),
        (
            notice(JobNotice.ANOTHER_FILE, cause=BROKE_OFF),
            "The download broke off: trying another file that 3D AI Studio offers",
            "Der Download brach ab – eine andere Datei",
        ),
        (
            notice(JobNotice.INCOMPLETE, losses=[JOINED, text("Finished")]),
            "Incomplete: 3,000 objects are joined into 12; Finished",
            "Unvollständig: aus 3,000 werden 12 / Fertig",
        ),
        (text("Finished"), "Finished", "Fertig"),
        (text("{n} of {m}", n=3, m="{n}"), "3 of {n}", "3 of {n}"),
        (text("a {brace}"), "a {brace}", "a {brace}"),
        (notice(ServiceNotice.NOT_WRITTEN), "The result cannot be written: make sure that the add-on's folder can be"
         " written", "The result cannot be written – make sure that the add-on's folder can be written"),
    ],
)  # fmt: skip
def test_a_notice_is_said_in_the_readers_language(said: Notice, english: str, translated: str) -> None:
    assert str(said) == english
    assert render(said, german) == translated
    assert read(said.to_text()) == said, "as the store keeps it"


@pytest.mark.parametrize("stored", ["Sending the request", "", "42", '["a"]', "null", '"x"', "[[]]", "[" * 5000])
def test_what_is_no_notice_is_shown_as_it_is(stored: str) -> None:
    """An agent of an earlier version writes plain sentences."""
    assert read(stored) == Notice(TEXT, {TEXT: stored})
    assert str(read(stored)) == stored


@pytest.mark.parametrize(
    "stored",
    [
        '["job.never_heard_of", {}]',
        '["job.downloaded", {}]',
        '["job.downloaded", {"done": "much"}]',
        '["job.incomplete", {"losses": [1, ["x", 2]]}]',
        '["text", {}]',
        '["text", {"text": "{a.b[c]}", "a": 1}]',
    ],
)
def test_a_damaged_notice_is_shown_somehow(stored: str) -> None:
    assert isinstance(str(read(stored)), str)


def test_plain_words_are_stored_as_they_are() -> None:
    assert text("No connection").to_text() == "No connection"
    assert json.loads(notice(JobNotice.QUEUED).to_text()) == ["job.queued", {}]


def test_texts_from_outside_are_cleaned_wherever_they_are() -> None:
    said = notice(JobNotice.ANOTHER_FILE, cause=notice(ServiceNotice.REFUSED, said=text("a {n}", n="key")))
    assert "key" not in said.clean(lambda words: words.replace("key", "")).to_text()


def values_of(words: str) -> Iterator[tuple[str, float | str]]:
    from tools.catalogue_checks import fields

    for name in fields(words):
        yield name, "thing" if f"{{{name}}}" in words else 1


@pytest.mark.parametrize("code", [code for table in TABLES for code in table], ids=lambda code: code.code)
def test_every_notice_is_a_plain_sentence(code: Code) -> None:
    words = dict(values_of(code.words + code.advice)) | {"said": "", "reason": "", "names": "", "cause": "It broke"}
    said = str(Notice(code.code, words))
    assert "{" not in said
    if code.advice:
        assert not complaint(said), complaint(said)


def test_codes_differ() -> None:
    codes = [code.code for table in TABLES for name, code in table.__members__.items() if name == code.name]
    assert len(codes) == len(set(codes)) == sum(len(table.__members__) for table in TABLES), "two have the same words"


def test_marking_changes_nothing() -> None:
    assert N_("Ready") == "Ready"
