"""`walkaway check --as-of`: what a deal's events would have been decided under the limits in force on another day."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from walkaway import Core, Engine, Policy, Stream, load
from walkaway.policy import dated
from walkaway_cli.main import main, walkaway

POLICY = Path(__file__).parents[3] / "features" / "policies" / "dated"
EVENTS = """\
{"id": "e1", "deal": "D-1", "at": "2026-12-31T23:00:00Z", "type": "open", "facts": {"segment": "smb"}}
{"id": "e2", "deal": "D-1", "at": "2027-01-15T09:00:00Z", "type": "offer", "by": "us", "terms": {"discount": "15%"}}
"""
OLD, NEW = 20_818, 20_819
"""2026-12-31 and 2027-01-01, when the limit goes from 15% to 12%."""


@pytest.fixture
def deal(tmp_path: Path) -> Path:
    """Return a deal that opened an hour before the limit changed."""
    file = tmp_path / "deal.jsonl"
    file.write_text(EVENTS, encoding="utf-8")
    return file


def check(*options: str | Path, given: str | None = None) -> Result:
    """Run the command in this process."""
    arguments = ["check", "--policy", str(POLICY), *map(str, options)]
    return CliRunner().invoke(walkaway, arguments, standalone_mode=False, input=given)


@pytest.mark.parametrize(
    ("day", "verdict", "room"),
    [("2026-10-01", "proceed", "0%"), ("2026-12-31", "proceed", "0%"),
     ("2027-01-01", "refuse", "-3%"), ("2027-03-31", "refuse", "-3%")],
)  # fmt: skip
def test_the_limits_are_those_of_the_day_asked_about(deal, day, verdict, room):
    """From the first day of the policy to its last, the day before the change and the day itself among them."""
    answers = [json.loads(line) for line in check("--as-of", day, "--format", "json", deal).output.splitlines()]
    assert [(a["verdict"], a["room"]["discount"]) for a in answers[1:]] == [(verdict, room)]
    assert [a["as_of"] for a in answers] == [day, day]


def test_only_an_answer_as_of_another_day_says_so(deal):
    """It says so in every answer, in words and in JSON; the decision on record has no such field."""
    assert check("--as-of", "2027-01-01", deal).output.count("\n  As of 2027-01-01 UTC: decided under") == 2
    assert "As of" not in check(deal).output
    assert "as_of" not in check("--format", "json", deal).output


def test_an_answer_as_of_the_opening_day_is_the_decision_on_record_but_for_saying_so(deal):
    """The same digests too: nothing but the day is different, so nothing else may be."""
    asked = check("--as-of", "2026-12-31", "--format", "json", deal).output
    assert asked.replace('"as_of":"2026-12-31",', "") == check("--format", "json", deal).output


@pytest.mark.parametrize("day", ["2026-09-30", "2027-04-01"])
def test_a_day_on_which_the_policy_is_not_in_force_is_no_question(deal, capsys, day):
    """It is said when the policy is in force; nothing is decided."""
    with pytest.raises(SystemExit, match=r"^2$"):
        main(["check", "--policy", str(POLICY), "--as-of", day, str(deal)])
    out, err = capsys.readouterr()
    assert not out
    assert f"policy `dated` is not in force on {day} UTC, only from 2026-10-01 to 2027-03-31" in err


@pytest.mark.parametrize("day", ["2027-1-1", "2027-02-30", "today", "", "2027-01-01T00:00:00Z"])
def test_what_is_no_day_is_told_how_days_are_written(deal, capsys, day):
    """A day and nothing else, and no day that the user did not write."""
    with pytest.raises(SystemExit, match=r"^2$"):
        main(["check", "--policy", str(POLICY), "--as-of", day, str(deal)])
    assert f"{day!r} is no day; write YYYY-MM-DD, which is a UTC day" in capsys.readouterr().err


def test_a_deal_that_could_not_open_on_its_own_day_is_decided_as_of_a_day_on_which_it_could(tmp_path):
    """The question is about the day asked, whatever the deal's own day was."""
    file = tmp_path / "late.jsonl"
    file.write_text(EVENTS.replace("2026-12-31", "2026-06-01"), encoding="utf-8")
    assert "WA609" in check(file).stderr
    assert check("--as-of", "2026-10-01", file).return_value == 0


def test_one_more_offer_can_be_asked_about_as_of_a_day(deal):
    """On the screen, in JSON and in a session; what passes then stands there."""
    shown = check("--as-of", "2027-01-01", "--deal", deal, "--offer", "discount=14%")
    assert shown.return_value == 1
    assert "\n  As of 2027-01-01 UTC: decided under the limits in force" in shown.output
    assert "discount 12%" in shown.output
    session = check("--as-of", "2027-01-01", "--deal", deal, "--interactive", given="discount=14%\nquit\n").output
    assert "\n  As of 2027-01-01 UTC: decided under" in session
    assert check("--deal", deal, "--offer", "discount=14%").return_value == 0


def test_a_customer_is_not_told_of_limits_of_another_day(deal, capsys):
    """What they are told would pass for an offer that stands."""
    arguments = ["check", "--policy", str(POLICY), "--deal", str(deal), "--offer", "discount=14%"]
    with pytest.raises(SystemExit, match=r"^2$"):
        main([*arguments, "--as-of", "2027-01-01", "--audience", "customer"])
    assert "what a customer is told rests on the limits in force" in capsys.readouterr().err


@pytest.fixture
def policy() -> Policy:
    return load(POLICY).unwrap()


def test_facts_that_come_later_are_looked_up_by_the_day_asked_about(policy):
    """The row is that day's, also where the fact that chooses it came by an update."""
    lines = [line.encode() for line in EVENTS.replace('"segment": "smb"', "").splitlines()]
    told = b'{"id":"e3","deal":"D-1","at":"2027-01-16T09:00:00Z","type":"update","facts":{"segment":"smb"}}'
    for day, room in ((OLD, "0%"), (NEW, "-3%")):
        stream = Stream(Engine(dated.as_of(policy, day), Core.PLAIN))
        *_, last = stream.lines([lines[0], told, lines[1].replace(b"2027-01-15", b"2027-01-17")], "deal.jsonl")
        assert last.room["discount"] == room


def test_a_policy_knows_on_which_days_it_is_in_force(policy):
    """Both bounds are included; the message names those there are."""
    assert [dated.is_in_force(policy, d) for d in (20_726, 20_727, 20_908, 20_909)] == [False, True, True, False]
    with pytest.raises(dated.NotInForce, match="`dated` is not in force on 2026-09-30 UTC, only from 2026-10-01 to"):
        dated.as_of(policy, 20_726)
