"""The catalogues hold every text of the extension, and sentences with values find their translation."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.catalogues import catalogues, complaints
from support.messages import ROOT, collect, in_source, pattern_of, sources
from translations import catalogue
from translations.sentences import Sentences

SHOWN = frozenset({"text", "title", "message", "confirm_text", "placeholder", "heading"})


@pytest.mark.parametrize("path", catalogues(), ids=lambda path: path.stem)
def test_the_catalogue_is_complete(path: Path) -> None:
    wrong = list(complaints(collect(), catalogue.read(path)))
    assert not wrong, "\n".join(wrong)


def untold(text: str) -> Iterator[str]:
    """Say which f-strings are shown without a translation: Blender only knows whole texts."""
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.Call):
            continue
        called = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        shown = [keyword.value for keyword in node.keywords if keyword.arg in SHOWN and called]
        shown += node.args[1:2] if called == "report" else []
        for one in shown:
            if isinstance(one, ast.JoinedStr) and any(letter.isalpha() for letter in pattern_of(one)):
                yield f"{one.lineno}: {pattern_of(one)}"


def test_what_is_put_together_is_told() -> None:
    wrong = [
        f"{path.relative_to(ROOT)}:{offence}"
        for path in sources()
        for offence in untold(path.read_text("utf-8"))
        if path.relative_to(ROOT).parts[0] != "client"
    ]
    assert not wrong, "\n".join(wrong)


def test_untold_texts_are_found() -> None:
    assert list(untold("layout.label(text=f'{n} Credits')")) == ["1: {0} Credits"]
    assert list(untold("self.report({'INFO'}, f'{n} lines')")) == ["1: {0} lines"]
    assert not list(untold("layout.label(text=tell(f'{n} Credits')); layout.label(text=f'{n} %')"))


@pytest.mark.parametrize(
    ("source", "messages"),
    [
        ("NAME: StringProperty(name='Key', description='What opens it')", {"Key", "What opens it"}),
        ("class A_OT_b:\n    'Open the door'\n    bl_idname = 'a.b'\n    bl_label = 'Open'", {"Open", "Open the door"}),
        ("class A:\n    'Not shown to anybody'\n    x = 1", set()),
        ("_ITEMS = [('A', 'One', 'The first', 'NONE', 0)]", {"One", "The first"}),
        ("layout.label(text='Run' if on else 'Stop')", {"Run", "Stop"}),
        ("layout.label(text=tell(f'{a:,} of {b[0]!r}'))", {"{0} of {1}"}),
        ("return f'It costs {n} credits' 'more'", {"It costs {0} creditsmore"}),
        ("raise ValueError('No such thing here')", set()),
        ("log(__name__).warning('It went %s wrong', 1)", set()),
        ("db.execute('DELETE FROM job')", set()),
        ("layout.prop(a, 'name', icon='NONE')", set()),
    ],
)
def test_texts_are_found_by_place_and_look(source: str, messages: set[str]) -> None:
    assert {found.message for found in in_source(source, "panels/x.py")} == messages


def test_complaints() -> None:
    wanted = {"One": "a.py", "{0} of {1}": "a.py", "Open…": "a.py"}
    assert not list(complaints(wanted, {"One": "一", "{0} of {1}": "{1} 之 {0}", "Open…": "打开…"}))
    wrong = list(complaints(wanted, {"{0} of {1}": "{0} 之 {0}", "Two": "二", "Open…": "打开"}))
    assert [one.partition(":")[0] for one in wrong] == [
        "missing, a.py",
        "other fields",
        "the ellipsis of a dialog is lost",
        "superfluous",
    ]


def test_a_catalogue_is_read_as_gettext_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "xx.po"
    path.write_text(
        'msgid ""\nmsgstr ""\n"Language: xx\\n"\n\n#: a.py\nmsgid "one \\"two\\" \\\\n"\nmsgstr "eins"\n\n'
        '#, fuzzy\nmsgid "unsure"\nmsgstr "unsicher"\n\nmsgid ""\n"long "\n"line"\nmsgstr "lange "\n"Zeile"\n\n'
        '#, python-brace-format\nmsgid "{0} left"\nmsgstr "noch {0}"\n\nmsgid "empty"\nmsgstr ""\n#~ msgid "old"\n',
        encoding="utf-8",
    )
    assert catalogue.read(path) == {'one "two" \\n': "eins", "long line": "lange Zeile", "{0} left": "noch {0}"}
    path.write_text('msgid "a"\nmsgstr "b"\nnonsense\n', encoding="utf-8")
    with pytest.raises(ValueError, match="line 3"):
        catalogue.read(path)


@pytest.mark.parametrize(
    ("sentence", "told"),
    [
        ("Ready", "Bereit"),
        ("3 of 5 MB", "von 5 MB 3"),
        ("The disk is full: asking again", "Die Platte ist voll: neuer Versuch"),
        ("No idea: asking again", "No idea: neuer Versuch"),
        ("It is damaged: too short: look", "Kaputt (too short), siehe"),
        ("It is damaged: too short.", "Kaputt: too short."),
        ("Unknown", "Unknown"),
        ("42", "42"),
        ("", ""),
        ("Waiting for Ready", "Warten auf Bereit"),
    ],
)
def test_sentences_are_found_by_their_pattern(sentence: str, told: str) -> None:
    messages = {
        "Ready": "Bereit",
        "{0} of {1} MB": "von {1} MB {0}",
        "The disk is full": "Die Platte ist voll",
        "{0}: asking again": "{0}: neuer Versuch",
        "It is damaged: {0}: look": "Kaputt ({0}), siehe",
        "It is damaged: {0}.": "Kaputt: {0}.",
        "Waiting for {0}": "Warten auf {0}",
    }
    assert Sentences(messages).tell(sentence) == told


def test_a_value_may_look_like_a_field() -> None:
    assert Sentences({"{0} left": "noch {0}"}).tell("{1} left") == "noch {1}"
