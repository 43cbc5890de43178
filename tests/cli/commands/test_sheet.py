"""Offers from a CSV, and offers in the deals of a log: `walkaway check` with a spreadsheet, and with a store."""

import csv
import json
import re
from pathlib import Path

import pytest
from tests.helpers.commands import Done, run
from tests.helpers.findings import unwrapped

RULES = str(Path(__file__).parents[3] / "rules" / "saas-discounting")
DEAL = f"{RULES}/deal.jsonl"
HEADER = "deal,discount,term,list_price,segment,decision_maker_known,pipeline_coverage,customer\n"
FACTS = '"100,000 USD",enterprise,yes,3.5'
AT = "2026-10-05T09:00:00Z"


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return a log with the shipped deal up to where it is open."""
    folder = tmp_path_factory.mktemp("log")
    lines = Path(DEAL).read_text(encoding="utf-8").splitlines(keepends=True)[:6]
    (folder / "deal.jsonl").write_text("".join(lines), encoding="utf-8")
    url = str(folder / "log.db")
    assert run("record", "--policy", RULES, "--store", url, str(folder / "deal.jsonl")).exit_code == 1
    return url


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in an empty folder."""
    monkeypatch.chdir(tmp_path)


def sheet(text: str, *words: str, file: str = "offers.csv") -> Done:
    """Ask about the offers of a CSV, each in a deal of its own unless something else is typed."""
    Path(file).write_text(text, encoding="utf-8")
    policy = () if "--store" in words else ("--policy", RULES)
    return run("check", *policy, "--at", AT, "--extra", "customer", *words, file)


def test_a_deal_of_the_log_is_asked_about_as_in_its_file(log: str) -> None:
    """The rep and the customer get the answers that the same events in a file give, and the log stays as it was."""
    file, before = str(Path(log).with_name("deal.jsonl")), Path(log).read_bytes()
    for words in (
        ("--offer", "discount=17%", "--actor", "ana"),
        ("--offer", "discount=7%", "--audience", "customer"),
        ("--offer", "discount=30%", "--audience", "customer", "--format", "json"),
    ):
        of_log = run("check", "--store", log, "--deal", "D-1042", *words)
        of_file = run("check", "--policy", RULES, "--deal", file, *words)
        assert of_log.exit_code == of_file.exit_code
        assert of_log.stdout == re.sub(r"\[[^]]*/policy", "[policy", of_file.stdout)
    typed = run("check", "--store", log, "--deal", "D-1042", "--interactive", given="discount=17%\ndiscount-\nsay\n")
    assert "ESCALATE  discount 17%" in typed.stdout
    assert "discount 16.5%" in typed.stdout
    assert Path(log).read_bytes() == before


def test_the_course_of_a_deal_of_the_log_is_shown_by_its_id(log: str) -> None:
    """As an argument, or as `--deal`."""
    shown = run("show", "--store", log, "--deal", "D-1042")
    assert (shown.exit_code, shown.stdout) == (0, run("show", "--store", log, "D-1042").stdout)
    assert shown.stdout.startswith("D-1042  under saas-discounting")


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (("--deal", "D-9", "--offer", "discount=1%"), "the log holds no deal `D-9`"),
        (("--deal", "D-1042", "--offer", "dscount=1%", "--at", "x"), "did you mean `discount`?"),
        (("--deal", "D-1042", "--offer", "dscount=1%", "--at", "x"), "--at:1:1: error[WA507]"),
        (("--deal", "D-1042", "--offer", "discount=1"), "--offer:1:10"),
        (("--deal", "D-1042", "--offer", "discount=1%", "--policy", RULES), "go with files"),
        (("--deal", "D-1042", "--offer", "discount=1%", "--format", "csv"), "--format csv is for EVENTS"),
        (("--deal", "D-1042"), "at least one --offer"),
        (("--deal", "D-1042", "--offer", "discount=1%", "-k", "key"), "--checkpoint and --key go together"),
    ],
)
def test_a_question_to_the_log_that_cannot_be_understood_is_told(log: str, words: tuple[str, ...], part: str) -> None:
    """Where it was typed; a store that is none, too."""
    done = run("check", "--store", log, *words)
    assert (done.exit_code, done.stdout, part in done.stderr) == (2, "", True), done
    assert run("check", "--store", "none.db", *words).exit_code == 2


def test_verdict_columns_stand_behind_the_cells_of_the_file() -> None:
    """Which stay as they are; each row is asked about alone, in the deal that its facts open."""
    rows = f"A-1,3%,36 months,{FACTS},=Alpha\nA-2,15%,,{FACTS},\nA-1,5%,,{FACTS},x\n"
    done = sheet(HEADER + rows, "--format", "csv", "--advice")
    assert done.exit_code == 1
    found = list(csv.DictReader(done.stdout.splitlines()))
    assert [list(row.values())[:8] for row in found] == list(csv.reader(rows.splitlines()))
    assert [(row["verdict"], row["deciding"], row["approvals"]) for row in found] == [
        ("proceed", "", ""),
        ("escalate", "below-want nothing-for-nothing", "manager"),
        ("trade", "nothing-for-nothing", ""),
    ]
    assert [bool(row["instead"]) for row in found] == [False, True, True]
    assert "instead" not in sheet(HEADER + rows, "--format", "csv").stdout.splitlines()[0]
    assert sheet(HEADER + rows.splitlines()[0] + "\n").exit_code == 0


def test_rows_are_asked_about_in_the_deals_of_a_log_or_of_a_file(log: str) -> None:
    """With the answer that one question about each gets; in text a line says which offer, and what instead."""
    file = str(Path(log).with_name("deal.jsonl"))
    text = "deal,discount,actor\nD-1042,17%,ana\nD-1042,7%,\n"
    answers = [
        sheet(text, *words, "--format", "json", "--advice").stdout for words in (("--store", log), ("--deal", file))
    ]
    alone = run("check", "--store", log, "--deal", "D-1042", "--offer", "discount=17%", "--format", "json", "--at", AT)
    assert alone.exit_code == 2  # the instant is earlier than the deal's latest event
    assert answers == ["", ""]
    Path("offers.csv").write_text(text, encoding="utf-8")
    asked = run("check", "--store", log, "offers.csv", "--format", "json", "--advice")
    words = ("--offer", "discount=17%", "--actor", "ana", "--format", "json")
    one = run("check", "--store", log, "--deal", "D-1042", *words)
    assert json.loads(asked.stdout.splitlines()[0]) == json.loads(one.stdout)
    shown = run("check", "--policy", RULES, "--deal", file, "offers.csv").stdout
    assert shown.startswith("ESCALATE  D-1042 · discount 17%\n")


WRONG = [
    (
        "deal,discount\nA,5\n,3%\nB,\n",
        ["WA504", "offers.csv:2:3", "write `5%`", "3:1", "names no deal", "offers nothing"],
    ),
    (HEADER + 'A,5,36 mo,"50.000 USD",huge,yes,3.5,\n', ["2:3", "2:5", "2:12", "2:24", "`huge`"]),
    (HEADER + f"A,5%,,{FACTS},\nA,6%,,{FACTS.replace('3.5', '4')},\n", ["3:", "WA602", "another `pipeline_coverage`"]),
    ("dael,discount\nA,5%\n", ["1:1", "no column is called `deal`"]),
    ("deal,dscount,extra\nA,5%,x\n", ["1:6", "did you mean `discount`?", "1:14", "--extra extra"]),
    ("deal,discount,discount\nA,5%,6%\n", ["`discount` names two columns"]),
    ("deal,discount\n", ["there are no offers below the header"]),
    ("deal;discount\nA;5%\n", ["WA401", "separates its cells by semicolons"]),
    ("deal,list_price\nA,100,000 USD\n", ["the row has 3 cells", "put quotes around"]),
    ('deal,discount\nA,"5%\n', ["WA401", "never closed"]),
    ("", ["WA401", "is empty"]),
    ("deal,discount,at\nA,5%,noon\n", ["2:6", "WA507"]),
    ("deal,discount\n" + "A" * 300 + ",5%\n", ["2:1", "WA503"]),
]


@pytest.mark.parametrize(("text", "parts"), WRONG, ids=range(len(WRONG)))
def test_every_mistake_in_a_csv_is_told_at_its_cell(text: str, parts: list[str]) -> None:
    """All at once, with what to write; no row is answered then."""
    done = sheet(text)
    assert (done.exit_code, done.stdout) == (2, ""), done
    for part in parts:
        assert part in unwrapped(done.stderr)


def test_a_deal_that_there_is_not_is_told_at_its_cell(log: str) -> None:
    """With the one that is meant."""
    Path("offers.csv").write_text("deal,discount\nD-1024,5%\n", encoding="utf-8")
    done = run("check", "--store", log, "offers.csv")
    assert (done.exit_code, "offers.csv:2:1: error[WA601]" in done.stderr) == (2, True)
    assert "did you mean `D-1042`?" in done.stderr


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (("--policy", RULES, "offers.csv", DEAL), "is asked about alone"),
        (("--policy", RULES, "offers.csv", "--interactive"), "and without --offer"),
        (("offers.csv",), "give --policy"),
        (("--policy", RULES, "--store", "a.db", "offers.csv"), "go without it"),
        (("--policy", RULES, "none.csv"), "none.csv cannot be read"),
        (("--policy", RULES, DEAL, "--extra", "x"), "--extra goes with a CSV"),
    ],
)
def test_what_does_not_go_with_a_csv_is_refused(words: tuple[str, ...], part: str) -> None:
    """Nothing is passed over."""
    Path("offers.csv").write_text(HEADER + f"A,5%,,{FACTS},\n", encoding="utf-8")
    done = run("check", *words)
    assert (done.exit_code, done.stdout, part in done.stderr) == (2, "", True), done


def test_decisions_of_events_are_rows_too() -> None:
    """With a header, and a row for each event."""
    done = run("check", "--policy", RULES, DEAL, "--format", "csv")
    rows = list(csv.DictReader(done.stdout.splitlines()))
    events = Path(DEAL).read_text(encoding="utf-8").splitlines()
    assert [row["event"] for row in rows] == [json.loads(line)["id"] for line in events]
    assert rows[2]["verdict"] == "trade"
    assert rows[2]["rules"] == "nothing-for-nothing"
