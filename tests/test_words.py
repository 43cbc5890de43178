"""The words of the glossary stand in pages, messages and docstrings, and those it does without stand nowhere."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
GLOSSARY = ROOT / "docs" / "glossary.md"
ROW = re.compile(r"^\| ([^|]+?) \| ([^|]+?) \| ([^|]*?) ?\|$", re.MULTILINE)
ROWS = [row for row in ROW.findall(GLOSSARY.read_text(encoding="utf-8")) if row[0] != "say"]
"""Term, meaning, words that are not said, parted by commas."""

TERMS = [term for term, _, _ in ROWS]
AVOIDED = [word for _, _, words in ROWS for word in words.split(", ") if word]
QUOTING = (GLOSSARY, ROOT / "docs" / "principles.md")
"""Pages with words that are not ours: those to be avoided, and the statements of others."""

CODE = ("engine/walkaway/", "cli/")


def pages() -> Iterator[tuple[str, str]]:
    """Return the path and the text of every page that readers of walkaway are sent to."""
    found = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md", "engine/README.md")]
    found += [*(ROOT / "docs").glob("*.md"), *(ROOT / "engine").rglob("WA*.md")]
    for path in sorted(found):
        if path not in QUOTING:
            yield path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")


def texts() -> Iterator[tuple[str, str]]:
    """Return the place and the words of every docstring, message and help text in the code."""
    for path in sorted([*(ROOT / "engine").rglob("*.py"), *(ROOT / "cli").rglob("*.py")]):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value:
                yield f"{path.relative_to(ROOT).as_posix()}:{node.lineno}", node.value


@pytest.fixture(scope="module")
def written() -> dict[str, str]:
    """Return all that is written, by its place; white space of any kind is one space."""
    return {place: re.sub(r"\s+", " ", text) for place, text in (*pages(), *texts())}


def test_a_term_is_explained_once() -> None:
    """The glossary has one row for a term, and none that is also to be avoided."""
    assert len(TERMS) == len(set(TERMS)) > 40
    assert not set(TERMS) & set(AVOIDED)
    assert all(meaning.strip() for _, meaning, _ in ROWS)


@pytest.mark.parametrize("term", TERMS)
def test_every_term_is_in_use(term: str, written: dict[str, str]) -> None:
    """What the glossary explains is said somewhere, spelled as there; only a sentence may begin with a capital."""
    spelled = re.compile(rf"\b(?:{re.escape(term)}|{re.escape(term[:1].upper() + term[1:])})(?:s|d|ed)?\b")
    assert any(spelled.search(text) for text in written.values())


@pytest.mark.parametrize("word", AVOIDED)
def test_no_word_is_used_that_the_glossary_does_without(word: str, written: dict[str, str]) -> None:
    """One thing has one word, in pages, messages and docstrings."""
    said = re.compile(rf"\b{re.escape(word)}", re.IGNORECASE)
    assert [place for place, text in written.items() if said.search(text)] == []


def test_docstrings_return(written: dict[str, str]) -> None:
    """A docstring says what a function returns, and does not "give" it."""
    gives = re.compile(r"(?:Give|Gives|Tell whether)\b[^{]*\.")
    assert [p for p, text in written.items() if p.startswith(CODE) and gives.match(text)] == []
