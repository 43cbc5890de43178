"""Policies as people write them wrongly: what each is told, and that it is right once it is written so."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.helpers.findings import caret, read

from walkaway import Checked, Policy
from walkaway.language import source

CASES = Path(__file__).parents[2] / "cases" / "wrong"
BASE = (CASES / "base.yaml").read_text(encoding="utf-8")
TABLE = (CASES / "base.csv").read_text(encoding="utf-8")
CALENDAR = (CASES / "calendar.csv").read_text(encoding="utf-8")
NAMES = sorted(path.stem for path in CASES.glob("*.yaml") if path.stem != "base")


def case(name: str) -> dict[str, str]:
    """Read a case: what stands at a place of the base wrongly, what it must be told, and what is right there."""
    root = source.read((CASES / f"{name}.yaml").read_bytes(), name).unwrap()
    assert isinstance(root, source.Mapping)
    return {key.value: value.value for key, value in root.entries if isinstance(value, source.Scalar)}


MATRIX = b"discount,approver\n<= 10%,nobody\n*,director\n"


def written(place: str, text: str, file: str = "policy.yaml") -> Checked[Policy]:
    """Read the base with *text* at a place: in place of a table, of words that stand once in a file, or at its end."""
    if place == "matrix.csv":
        more = "approvals: {table: matrix.csv, hit: first}\n"
        return read(BASE + more, {"caps.csv": TABLE.encode(), "matrix.csv": text.encode()})
    if place == "end":
        return read(f"{BASE}{text}\n", {"caps.csv": TABLE.encode(), "matrix.csv": MATRIX})
    if place == "caps.csv":
        return read(BASE, {"caps.csv": text.encode()})
    files = {"policy.yaml": BASE, "caps.csv": TABLE, "calendar.csv": CALENDAR}
    if file == "calendar.csv":
        files["policy.yaml"] += "calendar: {file: calendar.csv}\n"
    assert files[file].count(place) == 1
    files[file] = files[file].replace(place, text)
    return read(files.pop("policy.yaml"), {name: content.encode() for name, content in files.items()})


def numbers(text: str) -> Iterator[str]:
    """Yield the digits of a text, the signs between them left out."""
    for word in text.replace(",", "").replace(".", "").split("`"):
        yield from (digits for digits in "".join(c if c.isdigit() else " " for c in word).split())


def test_there_are_ninety_wrong_policies() -> None:
    """Of which all are right once they are written as they should be."""
    assert len(NAMES) >= 90
    assert not written("side: seller", "side: seller").findings


@pytest.mark.parametrize("name", NAMES)
def test_a_wrong_policy_is_told_what_to_write(name: str) -> None:
    """One finding, with its code, the text under the caret and the hint."""
    about = case(name)
    (finding,) = written(about["place"], about["wrong"], about.get("file", "policy.yaml")).findings
    assert (finding.code.value, caret(finding), finding.hint) == (about["code"], about["caret"], about["hint"])


@pytest.mark.parametrize("name", NAMES)
def test_a_policy_written_as_told_is_right(name: str) -> None:
    """Nothing is left to mend."""
    about = case(name)
    assert written(about["place"], about["right"], about.get("file", "policy.yaml")).findings == ()


@pytest.mark.parametrize("name", [n for n in NAMES if not any(value.endswith(".csv") for value in case(n).values())])
def test_a_hint_that_shows_a_number_shows_that_of_the_policy(name: str) -> None:
    """The digits of a hint are those that stand there wrongly, written in another way, or what they come to."""
    about = case(name)
    allowed = {d.strip("0") for d in (*numbers(about["wrong"]), *numbers(about["right"]))}
    assert {d.strip("0") for d in numbers(about["hint"])} <= allowed | {"", "125"}
