"""`walkaway rates`: a file of rates as it is published becomes one that a policy names; `lint --store` watches it."""

import csv
import json
import sqlite3
from pathlib import Path

import pytest
from tests.helpers.currencies import POLICY, opened, rates

from walkaway_cli.main import main

Capture = pytest.CaptureFixture[str]
BERLIN = ("--published", "16:30 Europe/Berlin")


def ran(*words: str) -> int:
    """Run a command and return its exit."""
    with pytest.raises(SystemExit) as stopped:
        main([*words])
    assert isinstance(stopped.value.code, int)
    return stopped.value.code


def test_a_row_for_each_rate_is_read_as_well_and_digits_stay_as_they_are(tmp_path: Path, capsys: Capture) -> None:
    """Oldest first, each with its instant; what is left out is left out."""
    file = tmp_path / "long.csv"
    file.write_text("day,currency,rate\n2026-03-30,GBP,0.80\n2026-03-27,GBP,0.8\n2026-03-27,CHF,\n", encoding="utf-8")
    assert ran("rates", str(file), *BERLIN) == 0
    assert capsys.readouterr().out.splitlines() == [
        "day,currency,rate,published",
        "2026-03-27,CHF,N/A,2026-03-27T15:30:00Z",
        "2026-03-27,GBP,0.8,2026-03-27T15:30:00Z",
        "2026-03-30,GBP,0.80,2026-03-30T14:30:00Z",
    ]
    assert ran("rates", str(file), *BERLIN, "--only", "GBP", "--since", "2026-03-30") == 0
    assert capsys.readouterr().out.splitlines()[1:] == ["2026-03-30,GBP,0.80,2026-03-30T14:30:00Z"]


@pytest.mark.parametrize(
    ("text", "options", "said"),
    [
        ("Date,GBP\n2026-03-02,0,8\n", BERLIN, "has a cell in a column without a name"),
        ("Date,GBP\n2026-03-02,x\n", BERLIN, "'x' is no rate of GBP; write digits with a point"),
        ("Date,GBP\n2.3.2026,1\n", BERLIN, "'2.3.2026' is no day"),
        ("Date,pound\n2026-03-02,1\n", BERLIN, "'pound' is no code of a currency"),
        ("Date,GBP\n2026-03-02,1\n2026-03-02,2\n", BERLIN, "GBP of 2026-03-02 has two rates"),
        ("", BERLIN, "is empty"),
        ("Date,GBP\n2026-03-02,1\n", (*BERLIN, "--only", "USD"), "has no rate of USD"),
        ("Date,GBP\n2026-03-02,1\n", (*BERLIN, "--only", "gbp"), "'gbp' is no code of a currency"),
        ("Date,GBP\n2026-03-02,1\n", ("--published", "16:30"), "is no hour in a zone"),
        ("Date,GBP\n2026-03-02,1\n", ("--published", "16:30 Europe/Berln"), "there is no zone 'Europe/Berln'"),
        ("Date,GBP\n2026-03-29,1\n", ("--published", "02:30 Europe/Berlin"), "there was no 02:30 on 2026-03-29"),
    ],
)
def test_a_file_that_says_something_else_is_refused(
    tmp_path: Path, capsys: Capture, text: str, options: tuple[str, ...], said: str
) -> None:
    """Nothing of it is written."""
    file = tmp_path / "rates.csv"
    file.write_text(text, encoding="utf-8")
    assert ran("rates", str(file), *options) == 2
    shown = capsys.readouterr()
    assert said in " ".join(shown.err.replace("│", " ").split())
    assert not shown.out


def test_a_row_that_was_written_anew_is_found_against_the_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    """A new row is none; an old one with other digits, or gone, is told with what decisions were made with."""
    monkeypatch.chdir(tmp_path)
    Path("policy.yaml").write_text(POLICY, encoding="utf-8")
    Path("rates.csv").write_bytes(rates())
    Path("deals.jsonl").write_text(json.dumps(opened("GBP", "2026-03-04T16:00:00Z", "1,000")), encoding="utf-8")
    assert ran("record", "--policy", ".", "--store", "log.db", "deals.jsonl") == 0
    capsys.readouterr()
    ran("lint", "--store", "log.db", ".")
    assert "WA408" not in capsys.readouterr().out
    old = next(line for line in rates().decode().splitlines() if line.startswith("2026-03-04,GBP"))
    digits = old.split(",")[2]
    for new, said in ((old.replace(digits, "0.9"), "is 0.9, published 2026-03-04T15:30:00Z"), ("", "is gone")):
        Path("rates.csv").write_text(rates().decode().replace(old, new), encoding="utf-8")
        assert ran("lint", "--store", "log.db", ".") == 1
        shown = " ".join(capsys.readouterr().out.split())
        assert f"the rate of GBP of 2026-03-04 {said}; decisions in the log were made with {digits}" in shown


def test_rates_of_a_log_are_verified_by_their_hash(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    """What lies beside the entries is not what it was once a digit of it is another."""
    monkeypatch.chdir(tmp_path)
    Path("policy.yaml").write_text(POLICY, encoding="utf-8")
    Path("rates.csv").write_bytes(rates())
    Path("deals.jsonl").write_text(json.dumps(opened("GBP", "2026-03-04T16:00:00Z", "1,000")), encoding="utf-8")
    ran("record", "--policy", ".", "--store", "log.db", "deals.jsonl")
    assert ran("log", "verify", "--store", "log.db") == 0
    with sqlite3.connect("log.db") as database:
        database.execute("UPDATE places SET place = CAST('2026-03-04,GBP/EUR,9,x' AS BLOB) WHERE name = 'rates'")
    capsys.readouterr()
    assert ran("log", "verify", "--store", "log.db") == 1
    assert "a published rate that decisions were made with is not the one it was" in capsys.readouterr().out


def test_a_row_of_offers_may_open_a_deal_in_another_currency(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    """The same discount costs more than ten thousand dollars in pounds, and less in dollars."""
    monkeypatch.chdir(tmp_path)
    Path("policy.yaml").write_text(POLICY, encoding="utf-8")
    Path("rates.csv").write_bytes(rates())
    at = "2026-03-04T16:00:00Z"
    rows = [f'A,{at},"1,000,000 GBP",GBP,0.9%', f'B,{at},"1,000,000 USD",,0.9%', f'C,{at},"1,000,000 JPY",JPY,0.9%']
    Path("offers.csv").write_text("\n".join(("deal,at,list_price,currency,discount", *rows)), encoding="utf-8")
    assert ran("check", "--policy", ".", "offers.csv", "--format", "csv") == 1
    verdicts = [row["verdict"] for row in csv.DictReader(capsys.readouterr().out.splitlines())]
    assert verdicts == ["escalate", "proceed", "proceed"]
