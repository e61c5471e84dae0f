"""The documents say what is."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])


@pytest.mark.parametrize("program", ["parameter_table.py", "operator_table.py", "property_types.py", "rooms.py"])
def test_tables_are_made_from_what_they_show(program: str) -> None:
    done = subprocess.run([sys.executable, "-B", str(ROOT / "tools" / program), "--check"])
    assert done.returncode == 0, f"run python tools/{program}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_and_images_lead_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text("utf-8"))
    missing = [target for target in targets if "://" not in target and not (page.parent / target).exists()]
    assert not missing


def headings(page: Path) -> set[str]:
    """Return the headings of a page as links name them."""
    found = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), flags=re.M)
    return {re.sub(r"[^\w -]", "", one.lower()).replace(" ", "-") for one in found}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_to_headings_that_there_are(page: Path) -> None:
    links = re.findall(r"\]\(([^):]*)#([^)]+)\)", page.read_text("utf-8"))
    assert not [(target, part) for target, part in links if part not in headings(page.parent / (target or page.name))]


def test_the_guide_lists_its_parts() -> None:
    guide = ROOT / "docs" / "guide.md"
    text = guide.read_text("utf-8")
    listed = re.findall(r"^- \[(.+)\]\(#", text, flags=re.M)
    assert listed == re.findall(r"^## (.+)$", text, flags=re.M)


def test_the_guide_names_the_states_as_the_job_list_does() -> None:
    words = re.findall(
        r'Status\.\w+: N_\("([A-Z][a-z]+(?: [A-Z][a-z]+)?)"\)', (ROOT / "panels" / "job_texts.py").read_text("utf-8")
    )
    rows = re.findall(r"^\| ([A-Z][\w, ]+) \|", (ROOT / "docs" / "guide.md").read_text("utf-8"), flags=re.M)
    told = {word for row in rows for word in row.split(", ")}
    assert len(words) == 12 and set(words) <= told


def test_every_document_is_reached_from_the_readme() -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    assert not [page.name for page in PAGES if page.parent.name == "docs" and f"docs/{page.name}" not in text]


def test_the_window_suite_makes_every_image() -> None:
    made = "".join(path.read_text("utf-8") for path in (ROOT / "tests" / "gui" / "scenarios").glob("*.py"))
    names = {path.stem for path in (ROOT / "docs" / "images").iterdir()}
    assert not [name for name in sorted(names) if f'"{name}"' not in made]
    shown = "".join(page.read_text("utf-8") for page in PAGES)
    assert not [path.name for path in (ROOT / "docs" / "images").iterdir() if f"images/{path.name}" not in shown]
