"""Where lines may end, in scripts with spaces and in scripts without."""
# ruff: noqa: RUF001

from __future__ import annotations

import pytest

from translations.linebreaks import words


@pytest.mark.parametrize(
    ("text", "units"),
    [
        ("one  two", ["one", "two"]),
        ("Largest 20,000 (50%) of v3.0", ["Largest", "20,000", "(50%)", "of", "v3.0"]),
        ("磁盘已满：请清理", ["磁", "盘", "已", "满：", "请", "清", "理"]),
        ("（文件）和「模型」。", ["（文", "件）", "和", "「模", "型」。"]),
        ("GLBファイルを", ["GLB", "ファ", "イ", "ル", "を"]),
        ("サーバーに", ["サー", "バー", "に"]),
        ("", []),
    ],
)
def test_units(text: str, units: list[str]) -> None:
    found = list(words(text))
    assert [unit for _gap, unit in found] == units
    assert "".join(gap + unit for gap, unit in found).split() == text.split()
