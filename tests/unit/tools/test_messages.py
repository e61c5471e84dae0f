"""The catalogues hold every text of the extension, and every text is marked or given to Blender as it is."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from client import errors
from client.service import exceptions
from tools.catalogue_checks import catalogues, complaints
from tools.message_texts import ROOT, collect, in_source, sources
from translations import catalogue

ERRORS = frozenset(
    name
    for module in (errors, exceptions)
    for name, kind in vars(module).items()
    if isinstance(kind, type) and issubclass(kind, errors.TripoError)
)
SHOWN = frozenset({"text", "title", "message", "confirm_text", "placeholder", "heading"})


@pytest.mark.parametrize("path", catalogues(), ids=lambda path: path.stem)
def test_the_catalogue_is_complete(path: Path) -> None:
    wrong = list(complaints(collect(), catalogue.read(path)))
    assert not wrong, "\n".join(wrong)


def untold(text: str) -> Iterator[str]:
    """Say which f-strings are shown without a translation: only whole texts have one."""
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.Call):
            continue
        called = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        shown = [keyword.value for keyword in node.keywords if keyword.arg in SHOWN and called]
        reported = node.args[1:2] if called == "report" else []
        told = node.args[:1] if ast.unparse(node.func) == "tell" else []
        for one in (*shown, *reported, *told):
            for branch in (one.body, one.orelse) if isinstance(one, ast.IfExp) else (one,):
                if isinstance(branch, ast.JoinedStr) and _has_words(branch):
                    yield f"{branch.lineno}: {ast.unparse(branch)}"
        for one in reported:
            is_constant = isinstance(one, ast.Name) and one.id.isupper()
            if (isinstance(one, ast.Name | ast.Attribute) and not is_constant) or _calls_str(one):
                yield f"{one.lineno}: {ast.unparse(one)}"


def _has_words(node: ast.JoinedStr) -> bool:
    return any(letter.isalpha() for part in node.values if isinstance(part, ast.Constant) for letter in str(part.value))


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


@pytest.mark.parametrize(
    "source",
    [
        "layout.label(text=f'{n} Credits')",
        "self.report({'INFO'}, f'{n} lines')",
        "self.report({'INFO'}, f'{n} lines' if n else _NOTHING)",
        "self.report({'ERROR'}, slot.problem)",
        "self.report({'ERROR'}, str(error))",
        "layout.label(text=tell(f'{n} Credits'))",
    ],
)
def test_untold_texts_are_found(source: str) -> None:
    assert len(list(untold(source))) == 1


def test_texts_without_words_need_no_telling() -> None:
    assert not list(untold("layout.label(text=tell(N_('{n} Credits'), n=n)); layout.label(text=f'{n} %')"))


@pytest.mark.parametrize(
    ("source", "messages"),
    [
        ("NAME: StringProperty(name='Key', description='What opens it')", {"Key", "What opens it"}),
        ("class A_OT_b:\n    'Open the door'\n    bl_idname = 'a.b'\n    bl_label = 'Open'", {"Open", "Open the door"}),
        ("class A:\n    'Not shown to anybody'\n    x = 1", set()),
        ("EnumProperty(items=[('A', 'One', 'The first', 'NONE', 0)])", {"One", "The first"}),
        ("layout.label(text='Run' if on else 'Stop')", {"Run", "Stop"}),
        ("self.report({'INFO'}, 'Copied')", {"Copied"}),
        ("tell(N_('{a:,} of {b}'), a=1, b=2)", {"{a:,} of {b}"}),
        ("_WORDS = N_('It costs '\n 'nothing')", {"It costs nothing"}),
        ("raise ValueError('No such thing here')", set()),
        ("_SHOWN = 'A sentence that nobody has marked'", set()),
        ("layout.prop(a, 'name', icon='NONE')", set()),
        ("bpy.ops.wm.call_menu(name='VIEW3D_MT_add')", set()),
    ],
)
def test_texts_are_found_where_they_are_marked_or_given_to_blender(source: str, messages: set[str]) -> None:
    assert {found.message for found in in_source(source, "panels/x.py")} == messages


def test_what_does_not_speak_to_blender_is_found_by_its_marks() -> None:
    assert not list(in_source("Thread(target=read, name='request-deadline')", "client/x.py"))
    assert [found.message for found in in_source("A = N_('Ready')", "client/x.py")] == ["Ready"]


def test_words_are_marked_in_full() -> None:
    """What stands between the parentheses of `N_` is a text: nothing that is put together has a translation."""
    wrong = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in sources()
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "N_"
        and not (len(node.args) == 1 and isinstance(node.args[0], ast.Constant))
    ]
    assert not wrong, "\n".join(wrong)


def test_what_an_error_says_is_marked() -> None:
    """An English sentence that an error is raised with has a code, or is marked."""
    wrong = [
        f"{path.relative_to(ROOT)}:{node.lineno}: {ast.unparse(node.args[0])}"
        for path in sources()
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name | ast.Attribute)
        and node.args
        and ast.unparse(node.func).split(".")[-1] in ERRORS
        and isinstance(node.args[0], ast.Constant | ast.JoinedStr)
    ]
    assert not wrong, "\n".join(wrong)


def test_complaints() -> None:
    wanted = {"One": "a.py", "{a:,} of {b}": "a.py", "Open…": "a.py"}
    assert not list(complaints(wanted, {"One": "一", "{a:,} of {b}": "{b} 之 {a:,}", "Open…": "打开…"}))
    wrong = list(complaints(wanted, {"{a:,} of {b}": "{a} 之 {a}", "Two": "二", "Open…": "打开"}))
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
