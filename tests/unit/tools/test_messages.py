"""The catalogues hold every text of the extension, and sentences with values find their translation."""

from __future__ import annotations

import ast
import re
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from client.account import check_api_key
from client.errors import InvalidSetting
from client.formats.errors import damaged
from client.formats.handover import Converted, Joined, Loss, Lost
from client.formats.sniff import Other
from client.jobs import notices
from client.service import connection_errors, download
from client.service.http_errors import error_from
from tools.catalogue_checks import catalogues, complaints
from tools.message_texts import ROOT, collect, in_source, pattern_of, sources
from translations import catalogue
from translations.sentences import ASIDE, LIST, Sentences

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
        reported = node.args[1:2] if called == "report" else []
        for one in (*shown, *reported):
            for branch in (one.body, one.orelse) if isinstance(one, ast.IfExp) else (one,):
                if isinstance(branch, ast.JoinedStr) and any(letter.isalpha() for letter in pattern_of(branch)):
                    yield f"{branch.lineno}: {pattern_of(branch)}"
        for one in reported:
            is_constant = isinstance(one, ast.Name) and one.id.isupper()
            if (isinstance(one, ast.Name | ast.Attribute) and not is_constant) or _calls_str(one):
                yield f"{one.lineno}: {ast.unparse(one)}"


def _calls_str(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "str"


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
    assert list(untold("self.report({'INFO'}, f'{n} lines' if n else _NOTHING)")) == ["1: {0} lines"]
    assert list(untold("self.report({'ERROR'}, slot.problem)")) == ["1: slot.problem"]
    assert list(untold("self.report({'ERROR'}, str(error))")) == ["1: str(error)"]
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
        ("quoted = f' (the service says: {said})'", {"the service says: {0}"}),
        ("if 'Tunnel connection failed' in str(e): pass", set()),
        ("Thread(target=read, name='request-deadline')", set()),
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
        ("It is full: tidy up", "Es ist voll: aufräumen"),
        ("It is full: asking again", "Es ist voll: neuer Versuch"),
        ("Wood is full: asking again", "Wood ist voll: neuer Versuch"),
        ("Late (Ready)", "Late (Ready)"),
        ("Ready (wood.png)", "Bereit [wood.png]"),
        ("Waiting for Ready; Ready (a, b)", "Warten auf Bereit / Bereit [a, b]"),
        ("Waiting for Ready; Unknown", "Warten auf Ready; Unknown"),
        ("Stop (It is full: tidy up): wait", "Halt [Es ist voll: aufräumen]: warten"),
        ("Lost: a is bad (x); b is bad", "Weg: A ist schlecht [x] / B ist schlecht"),
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
        "Stop{0}: wait": "Halt{0}: warten",
        "Lost: {0}": "Weg: {0}",
        "a is bad": "A ist schlecht",
        "b is bad": "B ist schlecht",
        "{0} is bad ({1})": "{0} ist schlecht ({1})",
        "Waiting for {0}": "Warten auf {0}",
        "It is full: tidy up": "Es ist voll: aufräumen",
        "{0} is full: tidy up": "{0} ist voll: aufräumen",
        ASIDE: " [{0}]",
        LIST: "{0} / {1}",
    }
    assert Sentences(messages).tell(sentence) == told


def test_a_value_may_look_like_a_field() -> None:
    assert Sentences({"{0} left": "noch {0}"}).tell("{1} left") == "noch {1}"


def put_together() -> Iterator[str]:
    """Yield sentences that are made of others, as the agent writes them into jobs."""
    document = {"detail": "x"}
    for status in (400, 401, 402, 403, 404, 429, 503, 302):
        error = error_from(status, document, "", None)
        yield error.user_message
        yield notices.again(error)
        yield notices.given_up(error)
        yield f"The service gave no clear answer ({error.user_message}): the request may have been charged"
    for key in ("tsk_0123456789", "tcli_0123456789", "msy_0123456789"):
        yield error_from(401, document, "", None, key).user_message
        with pytest.raises(InvalidSetting) as refused:
            check_api_key(key)
        yield refused.value.user_message
    for number in ("2000", "2008", "2010", "2020", "1001"):
        yield notices.failed_at_service(number)
    yield notices.converted(Converted([Lost(loss, "wood.png") for loss in Loss] + [Lost(Loss.IMAGE)]))
    yield notices.converted(Converted([Lost(loss) for loss in Loss], Joined(3000, 12)))
    yield notices.converted(Converted((), Joined(3000, 12)))
    for kind in Other:
        reason = f"The downloaded file is {kind.value}, not a 3D model."
        yield from (notices.fetching_again(reason), notices.not_a_model(reason), notices.once_more(reason))
    for reason in (damaged("x").user_message, notices.refused("x"), notices.refused("Draco 7")):
        yield from (notices.another_file(reason), notices.once_more(reason))
    yield notices.refused("The model file needs KHR_x, which Blender 5.0.1 cannot read.")
    for error in (requests.ConnectionError(), requests.exceptions.ProxyError(), ssl.SSLError(), UnicodeError()):
        yield connection_errors.sentence(error)
        yield download._not_reached(error)
        yield notices.another_file(download._not_reached(error))


@pytest.mark.parametrize("path", catalogues(), ids=lambda path: path.stem)
def test_no_english_is_left_in_what_is_put_together(path: Path) -> None:
    catalogue_of = Sentences(catalogue.read(path))
    told = {sentence: catalogue_of.tell(sentence) for sentence in put_together()}
    english = {sentence: text for sentence, text in told.items() if re.search(r"[a-z]+ (?!AI )[a-z]+", text)}
    assert len(told) > 80
    assert not english, "\n".join(f"{sentence}\n  {text}" for sentence, text in english.items())
