"""`walkaway backtest`: answers before and after in text and as JSON, of files, Parquet and the log."""

import json
import re
import time
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner, Result
from tests.engine.backtest.test_backtest import PAST, POLICY

from walkaway_cli.commands.backtest import command
from walkaway_cli.commands.record import command as record
from walkaway_cli.exits import NO, YES

pytestmark = pytest.mark.slow


def backtest(*arguments: str) -> Result:
    """Run the command."""
    return CliRunner().invoke(command, arguments, standalone_mode=False)


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stand in a folder with two policies and the past."""
    for name, cap in (("new", "10%"), ("old", "12%")):
        (tmp_path / f"{name}.yaml").write_text(POLICY.replace("CAP", cap), encoding="utf-8")
    (tmp_path / "past.jsonl").write_bytes(PAST)
    monkeypatch.chdir(tmp_path)


def test_no_line_is_wider_than_a_terminal() -> None:
    """And answers, changes, rules and outcomes all are told, with the sentence on causes."""
    done = backtest("new.yaml", "--against", "old.yaml", "--events", "past.jsonl")
    assert done.return_value == NO
    assert max(map(len, done.stdout.splitlines())) <= 80
    for part in ("288 events of 40 deals under `p@1 (", "by rule", "by segment", "by quarter", "approvals:"):
        assert part in done.stdout
    assert "association is not cause" in " ".join(done.stdout.split())
    assert "of the moves it hears" in " ".join(done.stdout.split())


def test_the_same_policy_changes_nothing() -> None:
    """The exit is yes."""
    done = backtest("old.yaml", "--against", "old.yaml", "--events", "past.jsonl")
    assert done.return_value == YES
    assert "no answer changes" in done.stdout


def test_policies_that_are_called_alike_are_told_apart() -> None:
    """By how their hashes begin; a policy against itself needs none."""
    done = backtest("new.yaml", "--against", "old.yaml", "--events", "past.jsonl")
    new, old = re.findall(r"`(\S+ \([0-9a-f]{8}\))`", " ".join(done.stdout.split()))
    assert new.split()[0] == old.split()[0]
    assert new != old
    assert "(" not in backtest("new.yaml", "--against", "new.yaml", "--events", "past.jsonl").stdout.partition("`\n")[0]


def test_json_adds_up() -> None:
    """Its counts are those of the text, and amounts are written as in events."""
    found = json.loads(
        backtest("new.yaml", "--against", "old.yaml", "--events", "past.jsonl", "--format", "json").stdout
    )
    assert found["events"] == sum(row["now"] for row in found["verdicts"])
    assert sum(row["count"] for row in found["pairs"]) == len(found["changed"])
    assert found["changes"]["rule"][0]["give_stopped"].endswith(" USD")


def test_nothing_read_is_no_answer() -> None:
    """It says which file, and does not claim that nothing changes."""
    Path("empty.jsonl").write_bytes(b"{}\n")
    done = backtest("new.yaml", "--events", "empty.jsonl")
    assert "no event of empty.jsonl was decided by every side; 1 line could not be read" in str(done.exception)
    assert "name the past" in str(backtest("new.yaml").exception)


def test_the_log_is_the_past_and_what_it_is_held_against() -> None:
    """Recorded under one policy, every answer of another is held against the answer that was given."""
    CliRunner().invoke(record, ["--policy", "old.yaml", "--store", "log.db", "past.jsonl"], standalone_mode=False)
    same = backtest("old.yaml", "--store", "log.db")
    assert same.return_value == YES
    assert "against the log" in same.stdout
    logged = json.loads(backtest("new.yaml", "--store", "log.db", "--format", "json").stdout)
    filed = json.loads(
        backtest("new.yaml", "--against", "old.yaml", "--events", "past.jsonl", "--format", "json").stdout
    )
    assert logged["pairs"] == filed["pairs"]
    assert logged["changes"] == filed["changes"]
    assert logged["roles"] == filed["roles"]


def test_parquet_is_read_by_its_columns() -> None:
    """A column for each field, and nulls for what an event does not say."""
    parquet = pytest.importorskip("pyarrow.parquet", reason="needs the extra `parquet`")
    arrow = pytest.importorskip("pyarrow")
    lines = [json.loads(line) for line in PAST.split(b"\n") if line.startswith(b"{")]
    names = {name for line in lines for name in line}
    rows = [{name: line.get(name) for name in sorted(names)} for line in lines[:60]]
    parquet.write_table(arrow.Table.from_pylist(rows), "a.parquet")
    parquet.write_table(arrow.table({"line": [json.dumps(line) for line in lines[60:]]}), "b.parquet")
    found, filed = (
        json.loads(backtest("new.yaml", "--against", "old.yaml", *past, "--format", "json").stdout)
        for past in (("--parquet", "*.parquet"), ("--events", "past.jsonl"))
    )
    assert found["pairs"] == filed["pairs"]


def test_a_segment_is_a_choice() -> None:
    """Another fact does not tell deals apart."""
    done = backtest("new.yaml", "--events", "past.jsonl", "--segment", "list_price")
    assert "`list_price` is no deal fact that is one of some words; known here: `segment`" in str(done.exception)


def test_a_page_has_pictures_and_fetches_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is well-formed, the same bytes in every time zone, and holds what the text has, no script and no address."""
    for file, zone in (("a.html", "America/Los_Angeles"), ("b.html", "Pacific/Kiritimati")):
        monkeypatch.setenv("TZ", zone)
        time.tzset()
        backtest("new.yaml", "--against", "old.yaml", "--events", "past.jsonl", "--html", file)
    monkeypatch.delenv("TZ")
    time.tzset()
    told = Path("a.html").read_text(encoding="utf-8")
    assert told == Path("b.html").read_text(encoding="utf-8")
    assert "<script" not in told
    assert [part for part in told.split('"') if "://" in part and part != "http://www.w3.org/2000/svg"] == []
    for part in ("<svg", "would be another", "By quarter", "association is not cause", "cap"):
        assert part in told
    for document in told.split("<svg")[1:]:
        ElementTree.fromstring("<svg" + document.partition("</svg>")[0] + "</svg>")


@pytest.mark.parametrize(("sweeps", "part"), [(1, "<polyline"), (2, "<rect")])
def test_a_sweep_is_a_curve_or_a_map(sweeps: int, part: str) -> None:
    """In text, as JSON and as a page, with one row for each value or pair."""
    options = [o for s in ("rules.cap=6%..10%:2%", "discount.walk=10%..20%:10%")[:sweeps] for o in ("--sweep", s)]
    done = backtest("new.yaml", "--events", "past.jsonl", *options, "--html", "s.html")
    assert done.return_value == NO
    assert max(map(len, done.stdout.splitlines())) <= 80
    assert part in Path("s.html").read_text(encoding="utf-8")
    found = json.loads(backtest("new.yaml", "--events", "past.jsonl", *options, "--format", "json").stdout)
    assert len(found["rows"]) == 3 * (2 if sweeps == 2 else 1)
    assert found["rows"][0]["values"][0] == "6%"


def test_every_changed_answer_can_be_written() -> None:
    """As JSON lines and as Parquet; both hold what the text counts."""
    parquet = pytest.importorskip("pyarrow.parquet", reason="needs the extra `parquet`")
    for file in ("c.jsonl", "c.parquet"):
        backtest("new.yaml", "--against", "old.yaml", "--events", "past.jsonl", "--changes", file)
    lines = [json.loads(line) for line in Path("c.jsonl").read_text(encoding="utf-8").splitlines()]
    assert parquet.read_table("c.parquet").to_pylist() == lines
    assert {line["rule"] for line in lines} >= {"cap"}
    backtest("new.yaml", "--against", "old.yaml", "--events", "past.jsonl", "--answers", "a.parquet")
    answers = parquet.read_table("a.parquet").to_pylist()
    told = json.loads(backtest("new.yaml", "--events", "past.jsonl", "--format", "json").stdout)
    assert len(answers) == told["events"]
    assert sum("cap" in row["rules"] for row in answers) == next(
        r["fires"] for r in told["rules"] if r["rule"] == "cap"
    )
    assert "ends in .jsonl" in str(backtest("new.yaml", "--events", "past.jsonl", "--changes", "c.csv").exception)
