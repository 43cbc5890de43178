"""What auditors ask of many decisions: who conceded, approved and lifted what, how often, and as columns."""

import csv
import json
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from tests.helpers.commands import misprinted, run
from tests.helpers.released import load
from tests.helpers.year import MANAGERS, REPS, deals

from walkaway import Session, open_store
from walkaway.log import DecisionRow, LogQuestion, Reports, recorded_history

ROOT = Path(__file__).parents[3]
POLICY = str(ROOT / "rules" / "saas-discounting")
DEALS = 24
OURS = ("open", "our offer", "our acceptance")


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return a log of some deals: conceded, approved, lifted, and gone past."""
    path = tmp_path_factory.mktemp("log") / "log.db"
    with Session(POLICY, str(path)) as session:
        session.decide_many([*deals(DEALS)])
    return str(path)


def lines(*words: str) -> list[dict[str, Any]]:
    """Return what a command answers as JSON lines."""
    return [json.loads(line) for line in run(*words, "--format", "json").stdout.splitlines()]


def exported(log: str, folder: Path, *words: str) -> list[dict[str, str]]:
    """Return the rows of an export as CSV."""
    file = folder / "out.csv"
    assert run("log", "export", "--store", log, "--format", "csv", "--to", str(file), *words).exit_code == 0
    with file.open(encoding="utf-8", newline="") as found:
        return list(csv.DictReader(found))


def decided(log: str) -> list[dict[str, Any]]:
    """Return every decision of the log, in words, with its event."""
    return lines("log", "show", "--store", log)


def amount(decision: dict[str, Any], fact: str) -> Decimal | None:
    """Return an amount that one of a decision's rules read."""
    said = [r["facts"][fact] for r in decision["reasons"] if fact in r["facts"]]
    return Decimal(said[0].removesuffix(" USD").replace(",", "")) if said else None


def test_what_conceded_is_what_gave_more_than_it_got(log: str) -> None:
    """As the words of the same decisions say, of our terms alone, in the quarter that is asked for."""
    found = lines("log", "show", "--store", log, "--conceded")
    assert 5 < len(found) < len(decided(log))
    expected = []
    for each in decided(log):
        give, get = (amount(each["decision"], f"{side}.value") for side in ("give", "get"))
        if (
            each["decision"]["on"] in (*OURS, "their acceptance")
            and give is not None
            and get is not None
            and give > get
        ):
            expected.append(each["entry"])
    numbers = [each["entry"] for each in found]
    assert set(expected) <= set(numbers)
    assert all("nothing-for-nothing" in {r["rule"] for r in each["decision"]["reasons"]} for each in found)
    by_quarter = {q: lines("log", "show", "--store", log, "--conceded", "--quarter", q) for q in ("2026Q4", "2027-q1")}
    assert {e["event"]["at"][:4] for e in by_quarter["2026Q4"]} == {"2026"}
    assert [e for part in by_quarter.values() for e in part] == [e for e in found if e["event"]["at"] < "2027-04"]


def test_a_line_says_what_was_given_and_who_approved(log: str) -> None:
    """With the rules that their approval met or lifted."""
    shown = run("log", "show", "--store", log, "--overridden", "--rule", "cumulative-cap").stdout.splitlines()
    assert shown
    assert all("waived by " in line and "cumulative-cap" in line for line in shown)
    (conceded, *_) = run("log", "show", "--store", log, "--conceded").stdout.splitlines()
    assert " USD, got " in conceded


@pytest.mark.parametrize("name", ["dana", " DANA"])
def test_what_rests_on_somebodys_approval_is_found_however_they_are_written(log: str, name: str) -> None:
    """A rule of the decision was met or lifted by them."""
    found = lines("log", "show", "--store", log, "--approved-by", name)
    resting = [
        e["entry"]
        for e in decided(log)
        if any("dana" in r["by"] and r["standing"] in ("approved", "waived") for r in e["decision"]["reasons"])
    ]
    assert resting == [each["entry"] for each in found] != []


def test_a_rule_is_counted_by_what_became_of_it_and_by_whom(log: str) -> None:
    """As many as the decisions in full say; a decision counts once for each."""
    asked = ("log", "count", "--store", log, "--rule", "cumulative-cap")
    expected: dict[tuple[str, str], int] = {}
    for each in decided(log):
        reasons = [r for r in each["decision"]["reasons"] if r["rule"] == "cumulative-cap"]
        for key in {(r["standing"], r["by"] or "nobody") for r in reasons}:
            expected[key] = expected.get(key, 0) + 1
    found = {(r["standing"], r["person"]): r["decisions"] for r in lines(*asked, "--by", "standing", "--by", "person")}
    assert found == expected
    overridden = lines(*asked, "--overridden", "--by", "person", "--by", "role")
    assert {(r["person"], r["decisions"]) for r in overridden} == {
        (person, number) for (standing, person), number in expected.items() if standing == "waived"
    }
    assert {r["role"] for r in overridden} == {"cfo"}


def test_decisions_are_counted_by_quarter_and_by_facts_of_their_deals(log: str) -> None:
    """In order of time, or the most first; every decision counts."""
    quarters = lines("log", "count", "--store", log, "--by", "quarter")
    assert [q["quarter"] for q in quarters] == sorted(q["quarter"] for q in quarters)
    assert sum(q["decisions"] for q in quarters) == len(decided(log))
    segments = lines("log", "count", "--store", log, "--by", "segment")
    assert {s["segment"] for s in segments} == {"enterprise", "smb"}
    assert sum(s["deals"] for s in segments) == DEALS
    assert segments[0]["decisions"] >= segments[1]["decisions"]
    (whole,) = lines("log", "count", "--store", log, "--breach")
    assert whole["decisions"] == sum(
        e["decision"]["verdict"] != "proceed"
        and e["decision"]["on"] in ("open", "our offer", "our acceptance", "close")
        for e in decided(log)
    )
    text = run("log", "count", "--store", log, "--by", "month", "--by", "on", "--format", "csv").stdout
    rows = list(csv.DictReader(text.splitlines()))
    assert sum(int(r["decisions"]) for r in rows) == len(decided(log))


def test_columns_hold_the_figures_that_the_course_of_a_deal_shows(log: str, tmp_path: Path) -> None:
    """Give, get and balance of every move, in CSV as in Parquet, with decimals and timestamps there."""
    rows = exported(log, tmp_path, "--personal")
    assert len(rows) == len(decided(log))
    with closing(open_store(log)) as store:
        courses = {d: recorded_history(store, d) for d in {r["deal"] for r in rows}}
    turns = {(d, t.event): t for d, course in courses.items() for t in course.turns}
    for row in rows:
        turn = turns[row["deal"], row["event"]]
        if row["on"] == "our offer":
            assert (Decimal(row["give"]) * 100, Decimal(row["get"]) * 100 >= (turn.get or 0)) == (turn.give, True)
        if turn.balance is not None:
            assert Decimal(row["balance"]) * 100 == turn.balance
    file = str(tmp_path / "all.parquet")
    assert run("log", "export", "--store", log, "--format", "parquet", "--to", file, "--personal").exit_code == 0
    typed = pytest.importorskip("pyarrow.parquet").read_table(file)
    assert str(typed.schema.field("at").type) == "timestamp[us, tz=UTC]"
    assert str(typed.schema.field("give").type).startswith("decimal128")
    assert typed.schema.field("terms.term").metadata == {b"unit": b"months"}
    found = typed.to_pylist()
    assert [r["balance"] for r in found] == [Decimal(r["balance"]) for r in rows]
    assert [r["give"] for r in found] == [Decimal(r["give"]) if r["give"] else None for r in rows]
    offers = [r for r in found if r["terms.term"] is not None]
    assert {r["terms.term"] for r in offers} == {12, 36}
    assert all(isinstance(r["terms.discount"], Decimal) for r in offers)
    waived = [r for r in found if "cumulative-cap=waived" in r["standing"].split()]
    assert waived
    assert all(r["approver"] in MANAGERS and r["role"] == "cfo" for r in waived)
    assert all("cumulative-cap=policy.yaml:" in r["lines"] for r in waived)


def test_an_export_keeps_names_sealed_unless_it_is_asked_for_them(log: str, tmp_path: Path) -> None:
    """Approvers as actors; the same filters choose its rows."""
    rows = exported(log, tmp_path, "--overridden")
    assert rows
    assert all(r["approver"].startswith("sealed:") and r["role"] == "cfo" for r in rows)
    assert not {r["actor"] for r in rows} & {*REPS, *MANAGERS}


def test_names_that_were_erased_are_sealed(log: str, tmp_path: Path) -> None:
    """What the salts at hand open is shown; what rests on an erased name is counted as such."""
    copy = tmp_path / "copy.db"
    copy.write_bytes(Path(log).read_bytes())
    asked = ("log", "count", "--store", str(copy), "--overridden", "--by", "person")
    before = {r["person"]: r["decisions"] for r in lines(*asked)}
    gone = next(iter(before))
    erased = run(
        "log", "erase", "--store", str(copy), "--person", gone, "--by", "noa", "--reason", "r", "--at", "2027-12-01"
    )
    assert erased.exit_code == 0, erased
    after = {r["person"]: r["decisions"] for r in lines(*asked)}
    assert after == {("sealed" if name == gone else name): number for name, number in before.items()}
    assert "waived by sealed" in run("log", "show", "--store", str(copy), "--overridden").stdout
    assert run("log", "show", "--store", str(copy), "--approved-by", gone).exit_code == 1


def test_bytes_leave_out_only_what_does_not_fit(log: str) -> None:
    """What is found is what is found by looking at every entry."""
    questions = (
        LogQuestion(conceded=True),
        LogQuestion(overridden=True),
        LogQuestion(rule="below-want"),
        LogQuestion(approved_by="max"),
        LogQuestion(rule="cumulative-cap", overridden=True, approved_by="sam"),
    )
    with closing(open_store(log)) as store:
        reports = Reports(store)
        every: list[DecisionRow] = [*reports.rows(LogQuestion())]
        for question in questions:
            found = [row.entry.n for row in reports.rows(question)]
            assert found == [row.entry.n for row in every if row.fits(question)] != []


def test_a_log_of_an_earlier_release_is_asked_as_well(tmp_path: Path) -> None:
    """Its decisions are in words, which say which rules fired and who approved."""
    store = tmp_path / "old.db"
    load("0.1.0", store)
    assert run("log", "count", "--store", str(store), "--by", "rule", "--by", "person").exit_code == 0
    assert run("log", "show", "--store", str(store), "--conceded").exit_code in (0, 1)
    rows = exported(str(store), tmp_path)
    assert {"deal", "verdict", "give", "terms.discount"} <= rows[0].keys()
    assert any(r["give"] for r in rows)


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (("log", "show", "--quarter", "2026Q5"), "is no quarter; write YEAR and the quarter"),
        (("log", "show", "--quarter", "2026Q1", "--since", "2026-01-01"), "goes without --since"),
        (("log", "show", "--conceded", "D-1/e01"), "give one decision, or what to search for"),
        (("log", "count", "--by", "segmnt"), "did you mean `segment`?"),
        (("log", "count", "--by", "rule", "--by", "rule"), "names one twice"),
        (("log", "count", "--rule", "cumulativ-cap"), "did you mean `cumulative-cap`?"),
        (("log", "count", "--deal", "D-x"), "the log has no deal `D-x`"),
        (("log", "export", "--quarter", "Q3"), "is no quarter"),
    ],
)
def test_a_question_that_cannot_be_understood_is_told(log: str, words: tuple[str, ...], part: str) -> None:
    """And nothing is answered."""
    done = run(*words, "--store", log)
    assert (done.exit_code, done.stdout, part in done.stderr) == (2, "", True), done


def test_nothing_that_fits_is_a_no(log: str) -> None:
    """As of a quarter before the first deal."""
    for words in (("log", "show"), ("log", "count", "--by", "rule")):
        done = run(*words, "--store", log, "--quarter", "2020Q1")
        assert (done.exit_code, done.stderr.splitlines()[-1]) == (1, "no decision fits")


def test_the_page_of_the_log_shows_what_is_answered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its commands, one after the other in an empty folder."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "rules").symlink_to(ROOT / "rules")
    assert misprinted(ROOT / "docs" / "log.md") == []
