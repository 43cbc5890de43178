"""Published rates: the traps that files of them hold, one by one, on 60 days of `tests/cases/rates.csv`."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import pytest
from tests.helpers.currencies import POLICY, PUBLISHED, abroad, made, published, rates

from walkaway.language.diagnostics import Findings
from walkaway.language.instants import instant_of
from walkaway.policy import Policy, linted
from walkaway.policy.exchange import Exchange, Quote, quoted
from walkaway.policy.tables.rates import RateFile, read_rates


@pytest.fixture(scope="module")
def policy() -> Policy:
    """Return a policy with the rates."""
    return abroad()


def quote(policy: Policy, currency: str, at: str) -> Quote:
    """Return the rate of a currency at an instant."""
    instant = instant_of(at)
    assert instant is not None
    assert policy.exchange is not None
    assert policy.rates is not None
    return quoted(policy.exchange, policy.rates, "USD", currency, instant)


def test_the_file_holds_sixty_days_newest_first_with_a_column_that_has_no_name() -> None:
    """As it is published; no day of it is a Saturday or a Sunday."""
    header, *rows = PUBLISHED.read_text(encoding="utf-8").splitlines()
    days = [row.partition(",")[0] for row in rows]
    assert (len(rows), header[-1]) == (60, ",")
    assert days == sorted(days, reverse=True)


def test_the_rate_is_the_one_published_last_and_not_that_of_the_day(policy: Policy) -> None:
    """Half past four in Berlin a day's rate counts, in winter and in summer, and not a second before."""
    for day, before, summer in (("2026-03-04", "2026-03-03", 15), ("2026-04-15", "2026-04-14", 14)):
        early, late = (quote(policy, "EUR", f"{day}T{at}Z") for at in (f"{summer}:29:59", f"{summer}:30:00"))
        assert early.rate == 1 / Fraction(published(before, "USD"))
        assert late.rate == 1 / Fraction(published(day, "USD"))


def test_a_weekend_and_easter_have_the_rate_of_the_day_before(policy: Policy) -> None:
    """The longest wait is from Maundy Thursday to Tuesday, and six days never refuse it."""
    thursday = 1 / Fraction(published("2026-04-02", "USD"))
    assert quote(policy, "EUR", "2026-04-07T14:29:59Z").rate == thursday
    assert quote(policy, "EUR", "2026-04-07T14:30:00Z").rate != thursday
    assert quote(policy, "EUR", "2026-03-01T12:00:00Z").rate == 1 / Fraction(published("2026-02-27", "USD"))


def test_a_rate_is_exact_however_many_digits_it_has(policy: Policy) -> None:
    """A rate between two others is one fraction: no inverse is stored, and nothing is rounded between."""
    digits = {len(published(day, "HUF").partition(".")[2]) for day in ("2026-04-15", "2026-04-16", "2026-04-17")}
    assert len(digits) == 3
    found = quote(policy, "GBP", "2026-04-17T15:00:00Z")
    assert found.rate == Fraction(published("2026-04-17", "GBP")) / Fraction(published("2026-04-17", "USD"))
    assert [row.digits for row in found.rows] == [published("2026-04-17", c) for c in ("GBP", "USD")]


@pytest.mark.parametrize(
    ("currency", "at", "lacks"),
    [
        ("GBP", "2026-04-05T12:00:00Z", "a rate of GBP: `rates.csv` has N/A for 2026-04-02"),
        ("ISK", "2026-03-02T12:00:00Z", "a rate of ISK: `rates.csv` has N/A for 2026-02-27"),
        ("RUB", "2026-04-17T20:00:00Z", "a rate of RUB: `rates.csv` has N/A for 2026-04-17"),
        ("TRY", "2026-02-20T12:00:00Z", "a rate of TRY: `rates.csv` has N/A for 2026-02-19"),
        ("CHF", "2026-04-17T20:00:00Z", "a rate of CHF: `rates.csv` has none published by 2026-04-17T20:00:00Z"),
        ("EUR", "2026-01-22T12:00:00Z", "a rate of USD: `rates.csv` has none published by 2026-01-22T12:00:00Z"),
        (
            "EUR", "2026-04-24T12:00:00Z",
            "a rate of USD that is no older than 6 days: the last in `rates.csv` is of 2026-04-17",
        ),
    ],
    ids=["N/A", "a hole", "a currency that is gone", "before it was", "none", "before the file", "a stale file"],
)  # fmt: skip
def test_no_rate_is_guessed(policy: Policy, currency: str, at: str, lacks: str) -> None:
    """None is interpolated, carried over a hole, or taken from the end of a currency."""
    found = quote(policy, currency, at)
    assert (found.rate, found.lacks) == (None, lacks)


def test_a_hole_ends_where_rates_go_on(policy: Policy) -> None:
    """Before it and behind it the rate is that of its day."""
    assert quote(policy, "ISK", "2026-02-18T20:00:00Z").rate is not None
    assert quote(policy, "ISK", "2026-03-26T20:00:00Z").rate is not None


def test_two_rates_of_different_days_make_none() -> None:
    """One currency may have ended the day before: what is between them is no rate that anybody published."""
    found = quote(
        abroad(file=made(("2026-03-03", "GBP", "0.83"), ("2026-03-04", "USD", "1.1"))), "GBP", "2026-03-04T20:00:00Z"
    )
    assert found.lacks == "rates of one day: the last in `rates.csv` are GBP of 2026-03-03 and USD of 2026-03-04"


def test_money_that_drops_zeros_under_its_old_code_is_told() -> None:
    """Six zeros less make another currency; under one code the rows before and after are no rates of one thing."""
    findings = Findings()
    rows = b"day,currency,rate\n2026-03-03,TRY,51000000\n2026-03-04,TRY,51.02\n"
    read_rates(Exchange(("USD", "TRY"), "rates.csv", "EUR", 0), rows, "rates.csv", findings)
    (found,) = findings
    assert (found.severity, found.span.line) == ("warning", 3)
    assert found.message == "the rate of TRY jumps to 51.02: a currency that drops zeros has a new code"


def wrong() -> Iterator[tuple[str, str, str]]:
    """Yield a file, the text under the caret and the message."""
    head = "day,currency,rate\n"
    yield head + '2026-03-03,GBP,"0,83"', "0,83", "column `rate`: `0,83` is no rate above nothing"
    yield head + "2026-03-03,GBP,0", "0", "column `rate`: `0` is no rate above nothing"
    yield head + "2026-03-03,GBP,8.3e-1", "8.3e-1", "column `rate`: `8.3e-1` is no rate above nothing"
    yield head + "3.3.2026,GBP,0.83", "3.3.2026", "column `day`: `3.3.2026` is not a day"
    yield head + "2026-03-03,pound,0.83", "pound", "column `currency`: `pound` is no code of a currency"
    yield head + "2026-03-03,EUR,1", "EUR", "column `currency`: `EUR` is what the rates are for one of"
    yield head + "2026-03-03,GBP,1\n2026-03-03,GBP,2", "2026-03-03,GBP,2", "GBP of 2026-03-03 stands twice"
    yield head + "2026-03-03,GBP,1,2", "2026-03-03,GBP,1,2", "this row has 4 cells; the header names 3 columns"
    yield "day,currency,rates\n", "rates", "the file of rates has no column `rates`"
    yield "day,rate\n", "day,rate", "the file of rates has no column `currency`"
    yield "Date,USD,JPY,\n", "Date,USD,JPY,", "no column of this file is one of a file of rates"
    yield (
        "day,currency,rate,published\n", "published",
        "the policy says when rates are published, and so does this column",
    )  # fmt: skip


@pytest.mark.parametrize(("text", "under", "message"), [*wrong()])
def test_a_wrong_file_is_told_and_gives_no_rate(text: str, under: str, message: str) -> None:
    """What is wrong has its place; until it is mended no deal that needs a rate gets one."""
    exchange, findings = Exchange(("USD", "GBP"), "rates.csv", "EUR", 0, 10**15), Findings()
    file = RateFile(exchange, data=text.encode())
    file.checked(findings)
    (found,) = findings
    start = found.span.column - 1
    assert (found.message, found.span.text[start : start + found.span.length]) == (message, under)
    assert found.hint
    assert file.last("GBP", 10**18) is None


def test_a_file_that_has_grown_is_read_again(tmp_path: Path) -> None:
    """A process that runs for weeks has tomorrow's rate tomorrow, and none while the file is being written."""
    file = tmp_path / "rates.csv"
    file.write_bytes(rates())
    (tmp_path / "policy.yaml").write_text(POLICY, encoding="utf-8")
    policy = linted(tmp_path).unwrap()
    assert quote(policy, "EUR", "2026-04-20T20:00:00Z").rate == 1 / Fraction(published("2026-04-17", "USD"))
    file.write_bytes(rates() + b"2026-04-20,USD,1.2,2026-04-20T14:30:00Z\n")
    assert quote(policy, "EUR", "2026-04-20T20:00:00Z").rate == 1 / Fraction("1.2")
    file.write_bytes(rates() + b"2026-04-20,USD,1.2,2026-04-")
    assert quote(policy, "EUR", "2026-04-20T20:00:00Z").lacks
    file.unlink()
    assert quote(policy, "EUR", "2026-04-20T20:00:00Z").lacks


def test_the_file_is_no_part_of_the_policys_hash() -> None:
    """It grows daily, and deals are pinned to versions of the policy."""
    assert abroad().sha256 == abroad(file=b"day,currency,rate,published\n").sha256
    assert "rates.csv" not in abroad().files
