"""The calendar: which day an instant is, what is left of its quarter, and days that a policy reckons with."""

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

import pytest
from tests.helpers.findings import BASE, read, shown

from walkaway import Engine, Stream
from walkaway.language.instants import EPOCH, instant_of
from walkaway.policy import Policy
from walkaway.policy import read as read_policy
from walkaway.policy.lint.days import ending
from walkaway.proof.formulas.common import apart
from walkaway_cli import fiscal

CSV = (Path(__file__).parents[3] / "features" / "policies" / "quarter" / "calendar.csv").read_bytes()
FISCAL = fiscal.Fiscal(start=2)
NEW_YORK = ZoneInfo("America/New_York")
WITH = BASE.replace("currency: USD\n", "currency: USD\ncalendar: {file: days.csv}\n")


def at(text: str) -> int:
    """Return an instant."""
    found = instant_of(text)
    assert found is not None
    return found


@pytest.fixture(scope="module")
def policy() -> Policy:
    """Return a policy with a calendar of 2026."""
    return read(WITH, {"days.csv": CSV}).unwrap()


@pytest.mark.parametrize(
    ("cut_off", "zone"), [(None, NEW_YORK), (time(18), NEW_YORK), (time(0, 30), ZoneInfo("Asia/Beirut"))]
)
def test_the_day_of_an_instant_is_that_of_the_clock_in_the_zone(cut_off: time | None, zone: ZoneInfo) -> None:
    """At random instants of three years: the date, or the next one from the cut-off hour on."""
    days = fiscal.days(FISCAL, range(2026, 2029), zone, cut_off, (5, 6), ())
    text = "\n".join(fiscal.lines(days)).encode()
    calendar = read(WITH, {"days.csv": text}).unwrap().calendar
    assert calendar is not None
    rng = Random(7)
    for _ in range(2_000):
        instant = rng.randrange(calendar.starts[0], calendar.ends) // 1_000_000 * 1_000_000
        clock = (EPOCH + timedelta(microseconds=instant)).astimezone(zone)
        day = clock.date()
        if cut_off is not None:
            begins = fiscal.beginning(day + timedelta(days=1), zone, cut_off)
            day += timedelta(days=instant >= begins)
        assert calendar.read("day", instant) == (day - date(1970, 1, 1)).days
        assert calendar.read("weekday", instant) == day.isoweekday()
        hours = calendar.read("hour", instant)
        assert hours is not None
        assert 0 <= hours <= 24


def test_what_is_left_of_a_quarter_counts_down_to_its_end(policy: Policy) -> None:
    """Days to 0 on the last one; business days with the day itself, to 0 behind the last."""
    calendar = policy.calendar
    assert calendar is not None
    friday, saturday = at("2026-10-30T16:00:00Z"), at("2026-10-31T16:00:00Z")
    assert [calendar.read("days_to_quarter_end", i) for i in (friday, saturday)] == [1, 0]
    assert [calendar.read("business_days_to_quarter_end", i) for i in (friday, saturday)] == [1, 0]
    assert calendar.read("days_to_quarter_end", at("2026-10-31T22:00:00Z")) == 91


def test_outside_the_table_nothing_is_known_and_every_event_is_held(policy: Policy) -> None:
    """The answer says which row is missing, and no counteroffer is shown."""
    calendar = policy.calendar
    assert calendar is not None
    assert calendar.read("day", calendar.starts[0] - 1) is None
    assert calendar.read("day", calendar.ends) is None
    assert calendar.read("day", calendar.ends - 1) == calendar.facts["day"][-1]
    facts = b'{"list_price":"100 USD","segment":"smb"}'
    lines = [
        b'{"id":"1","deal":"d","at":"2027-01-30T09:00:00Z","type":"open","facts":%b}' % facts,
        b'{"id":"2","deal":"d","at":"2027-02-05T09:00:00Z","type":"offer","by":"us","terms":{"discount":"9%"}}',
    ]
    opened, held = Stream(Engine(policy)).lines(lines, "deal")
    assert (opened.verdict, held.verdict) == ("proceed", "hold")
    assert [r.rule for r in held.reasons] == ["unprepared"]
    assert "State a row of the calendar `days.csv` for 2027-02-05T09:00:00Z." in str(held)


def test_a_policy_without_a_calendar_has_no_facts_of_one() -> None:
    """Who names one is told that there is none."""
    rule = BASE + "  example: {why: w, on: any, when: calendar.quarter = 1, then: hold}\n"
    assert shown(read(rule).findings) == [
        ("UNKNOWN_FACT", "calendar.quarter", "`calendar.quarter` is not a fact", "`walkaway facts` lists them all")
    ]


def test_a_condition_beyond_the_table_never_fires() -> None:
    """Of quarters there are four, and no other years than the table's."""
    rule = WITH + "  example: {why: w, on: our offer, when: calendar.fiscal_year > 2027, then: hold}\n"
    (finding,) = read(rule, {"days.csv": CSV}).findings
    assert finding.code.name == "NEVER_FIRES"


def test_a_calendar_that_ends_within_a_year_is_told_to_whoever_lints(policy: Policy) -> None:
    """From a year before its end on."""
    year = 365 * 86_400_000_000
    calendar = policy.calendar
    assert calendar is not None
    assert [*ending(policy, calendar.ends - year)] == []
    (finding,) = ending(policy, calendar.ends - year + 1)
    assert finding.message == "the calendar ends with 2027-01-31; then every deal is held"


def test_a_worth_cannot_rest_on_the_calendar() -> None:
    """It is known only once the deal runs."""
    text = WITH.replace("per month}", "per month, most: 60 months, walk: 12 months}").replace(
        "walk: 12 months", "walk: 1 months * calendar.quarter"
    )
    (finding,) = read(text, {"days.csv": CSV}).findings
    assert finding.code.name == "NOT_FIXED"


@pytest.mark.parametrize(
    ("when", "renewal", "fires"),
    [
        ("deal.renewal - calendar.day < 30 days", "2026-12-04", False),
        ("deal.renewal - calendar.day < 30 days", "2026-12-03", True),
        ("deal.renewal in [2026-12-03, 2026-12-05]", "2026-12-05", True),
        ("deal.renewal not in [2026-12-03, 2026-12-05]", "2026-12-05", False),
        ("max(deal.renewal, 2026-12-10) = 2026-12-10", "2026-12-09", True),
        ("abs(deal.renewal - calendar.day) <= 2 weeks", "2026-11-18", True),
        ("calendar.day + calendar.days_to_quarter_end = 2027-01-31", "2026-12-09", True),
        ("deal.renewal - 1 day > calendar.day and deal.renewal > 2026-12-31", "2027-01-01", True),
    ],
)
def test_days_are_compared_and_what_lies_between_two_is_a_number_of_days(when: str, renewal: str, fires: bool) -> None:
    """On 4 November 2026."""
    text = WITH.replace("  segment:", "  renewal: day\n  segment:")
    policy = read(f"{text}  example: {{why: w, on: our offer, when: '{when}', then: refuse}}\n", {"days.csv": CSV})
    facts = f'{{"list_price":"100 USD","segment":"smb","renewal":"{renewal}"}}'
    lines = [
        f'{{"id":"1","deal":"d","at":"2026-11-03T09:00:00Z","type":"open","facts":{facts}}}'.encode(),
        b'{"id":"2","deal":"d","at":"2026-11-04T09:00:00Z","type":"offer","by":"us","terms":{"prepay":"yes"}}',
    ]
    answer = [*Stream(Engine(policy.unwrap())).lines(lines, "deal")][-1]
    assert (answer.verdict == "refuse") is fires


def test_a_table_may_be_keyed_by_days_and_hold_days() -> None:
    """Ranges meet at their ends, a gap is found, and cells of days are values."""
    text = (
        BASE.replace("  segment:", "  renewal: day\n  segment:")
        .replace("package:", "tables:\n  terms: {file: terms.csv, key: renewal}\npackage:")
        .replace("prepay:", "ends: {type: day, start: 'terms[deal.renewal].ends', worth: 0 USD per day}\n  prepay:")
    )
    table = b"renewal,ends\n<= 2026-12-31,2027-06-30\n>= 2027-01-01,2027-12-31\n"
    policy = read(text, {"terms.csv": table}).unwrap()
    assert policy.tables["terms"].columns["ends"].kind == "day"
    (finding,) = read(text, {"terms.csv": table.replace(b"2027-01-01", b"2027-01-02")}).findings
    assert finding.message == "table `terms` has no row for renewal 2027-01-01"


def test_a_day_has_no_instants_beyond_year_9999() -> None:
    """A start value past it is a dead letter, never another day."""
    text = BASE.replace("  segment:", "  renewal: day\n  segment:").replace(
        "prepay:", "ends: {type: day, start: deal.renewal + 4000000 days, worth: 0 USD per day}\n  prepay:"
    )
    line = (
        b'{"id":"1","deal":"d","at":"2026-11-03T09:00:00Z","type":"open",'
        b'"facts":{"list_price":"100 USD","segment":"smb","renewal":"2026-01-01"}}'
    )
    (letter,) = Stream(Engine(read(text).unwrap())).lines([line], "deal")
    assert "beyond the years 1 to 9999" in str(letter)


def test_the_time_is_that_of_utc_where_there_is_no_calendar(policy: Policy) -> None:
    """The policy's own day is the calendar's where it has one."""
    late = at("2026-03-01T23:30:00Z")
    bare = read(BASE).unwrap()
    assert policy.day_of(late) == bare.day_of(late) + 1
    assert datetime.fromtimestamp(late / 1_000_000, UTC).day == 1


def test_a_layer_below_keeps_the_calendar_of_the_one_above() -> None:
    """Its file is found from the layer that names it, and another one below is a finding."""
    rule = "rules:\n  example: {why: w, on: our offer, when: calendar.quarter = 4, then: hold}\n"
    below = f"policy: low\nversion: 1\nextends: up\n{rule}".encode()
    files = {"up/policy.yaml": WITH.encode(), "up/days.csv": CSV, "days.csv": CSV}
    found = read_policy(below, "policy.yaml", files.get).unwrap()
    assert found.calendar is not None
    assert found.above is not None
    assert found.above.calendar is not None
    other = below.replace(b"extends: up\n", b"extends: up\ncalendar: {file: days.csv}\n")
    assert [f.code.name for f in read_policy(other, "policy.yaml", files.get).findings] == ["LOOSER_THAN_LAYER"]


def test_nothing_is_proved_of_two_policies_with_different_calendars(policy: Policy) -> None:
    """`diff` says so; where one table was copied under another name they are the same."""
    other = read(WITH, {"days.csv": CSV.replace(b",yes\n", b",no\n", 1)})
    assert apart(policy, other.unwrap()) == ("the calendar",)
    renamed = read(WITH.replace("days.csv", "copy.csv"), {"copy.csv": CSV}).unwrap()
    assert apart(policy, renamed) == ()
