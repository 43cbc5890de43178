"""The lines of a deal: how they are read, what they are worth, whose they are, and who sees them."""

import json
from pathlib import Path
from typing import Any

import pytest
from tests.helpers.findings import caret, read

from walkaway import DeadLetter, Decision, Engine, Policy, Stream, load
from walkaway.advice.counteroffers.telling import telling
from walkaway.backtest.columnar.understood import LeftOut, refusal
from walkaway.deal.decode import Decoder
from walkaway.deal.encode import EventWriter
from walkaway.deal.line_items import figure_of
from walkaway.deal.position import packed, unpacked
from walkaway.decide.authority import rests_on

POLICY = load(Path(__file__).parents[3] / "features" / "policies" / "quotes").unwrap()
LINES = {"B-2": {"list": "1,000 USD", "family": "software"}, "A-1": {"list": "10,000 USD", "family": "hardware"}}
OPENED = {"type": "open", "facts": {"lines": LINES}}


def told(*events: dict[str, Any], policy: Policy = POLICY) -> list[Any]:
    """Decide the events of one deal."""
    lines = [
        json.dumps({"id": f"e{n}", "deal": "d", "at": f"2026-10-{n + 1:02d}T09:00:00Z", "actor": "ana", **e}).encode()
        for n, e in enumerate(events)
    ]
    return list(Stream(Engine(policy)).lines(lines, "deal.jsonl"))


def offered(lines: object, by: str = "us", **more: str) -> dict[str, Any]:
    """Return an offer of lines."""
    return {"type": "offer", "by": by, "terms": {"lines": lines, **more}}


def verdicts(*events: dict[str, Any]) -> list[str]:
    """Return what is answered to the events of one deal."""
    return [answer.verdict.value if isinstance(answer, Decision) else "dead" for answer in told(*events)]


def found(lines: object) -> list[tuple[str, str, str]]:
    """Return what is found in lines that an offer names: message, caret, hint."""
    (_, letter) = told(OPENED, offered(lines))
    assert isinstance(letter, DeadLetter)
    return [(f.message, caret(f), f.hint) for f in letter.findings]


def test_lines_are_the_same_in_whatever_order_and_form_they_are_written() -> None:
    """As an object or as text; kept in the order of their keys, and read back as they are written."""
    decoder, writer = Decoder(POLICY), EventWriter(POLICY)
    event = {"id": "1", "deal": "d", "at": "2026-10-05T09:00:00Z"}
    said = [
        {"B-2": {"discount": "5%"}, "A-1": {"discount": "2.50%"}},
        "B-2: discount 5%;A-1:discount  2.5%",
        "A-1: discount 2.5%; B-2: discount 5%",
    ]
    read_as = [decoder.decode(json.dumps(event | offered(each)).encode()).unwrap() for each in said]
    assert read_as[0] == read_as[1] == read_as[2]
    written = writer.content(read_as[0])
    assert written["terms"]["lines"] == "A-1: discount 2.5%; B-2: discount 5%"
    assert decoder.decode(json.dumps(written).encode()).unwrap() == read_as[0]


@pytest.mark.parametrize(
    ("lines", "message", "hint"),
    [
        ("A-1: discount 5%", "line `B-2` of the deal is missing in these terms", "name every line"),
        ("A-1: discount 5%; B-2: discount 1%; C: discount 0%",
         "the deal has no line `C`", "its lines are `A-1`, `B-2`"),
        ("A-1: discount 5%; A-1: discount 1%", "`lines`: line `A-1` stands twice", "keep one of the two"),
        ({"A-1": {}, "B-2": {"discount": "1%"}}, "`lines`: line `A-1` lacks `discount`", "say it of every line"),
        ({"A-1": "5%"}, '`lines`: line `A-1` is an object, not `"5%"`', 'write `{"NAME": "…"}`'),
        ("A-1: discount 5%, rebate 1%", "`lines`: line `A-1` has no `rebate`", ""),
        ("A-1: discount 5%, discount 6%", "`lines`: `discount` of line `A-1` stands twice", "keep one of the two"),
        ("A-1: discount 5", "`lines`: `discount` of line `A-1`: `5` is not a percentage", "write `5%`"),
        ("A-1: discount 101%", "`lines`: `discount` of line `A-1`: ", "state what is so"),
        ("A-1: discount 1.00001%", "`lines`: `discount` of line `A-1`: `1.00001%` has more",
         "write four decimals"),
        ("A-1 discount 5%", "`lines`: `A-1 discount 5%` is no line", "write its key, a colon"),
        ("", "`lines`: there is no line", 'write `{"A-1"'),
        (12, "`lines`: `12` is no lines", 'write `{"A-1"'),
        ({"A:1": {"discount": "1%"}}, "`lines`: `A:1` cannot be the key of a line", "use 1 to 60 printable"),
        ({f"L{n}": {"discount": "0%"} for n in range(51)}, "`lines`: there are 51 lines, more than 50",
         "the policy takes"),
    ],
)  # fmt: skip
def test_lines_that_are_amiss_make_no_offer(lines: object, message: str, hint: str) -> None:
    """Too many, unknown, doubled, missing, or no value: each a finding, and nothing is taken of the rest."""
    told_of = found(lines)
    assert any(m.startswith(message) and h.startswith(hint) for m, _, h in told_of), told_of


def test_all_that_is_wrong_with_lines_is_told_at_once() -> None:
    """With the caret on what is meant."""
    told_of = found({"A-1": {"discount": "5"}, "B-2": {"rebate": "1%"}})
    assert [c for _, c, _ in told_of] == ["discount", "B-2", "rebate"]


def test_a_deal_states_its_lines_once() -> None:
    """Without them nothing is decided; terms name none before; and what worths rest on is not stated anew."""
    assert verdicts({"type": "open", "facts": {}}, offered("A-1: discount 0%")) == ["proceed", "dead"]
    other = {"type": "update", "facts": {"lines": {"A-1": {"list": "1 USD", "family": "software"}}}}
    answers = told(OPENED, other)
    assert isinstance(answers[1], DeadLetter)
    assert "worths or limits rest on it" in answers[1].findings[0].message
    assert (
        verdicts({"type": "open", "facts": {}}, {"type": "offer", "by": "us", "terms": {"term": "24 months"}})[1]
        == "hold"
    )


def test_equal_lines_agree_and_others_do_not() -> None:
    """An acceptance in words is one of the very lines; lines that come to the same are none."""
    ours = offered("A-1: discount 1%; B-2: discount 10%", term="60 months")
    same, other = "B-2: discount 10%; A-1: discount 1%", "A-1: discount 2%; B-2: discount 0%"
    won = {"type": "close", "outcome": "won"}
    assert verdicts(OPENED, ours, offered(same, "them", term="60 months"), won)[-1] == "proceed"
    assert verdicts(OPENED, ours, offered(other, "them", term="60 months"), won)[-1] == "hold"


def test_an_approval_covers_the_very_lines_that_it_names() -> None:
    """Not lines that come to the same, and not better ones."""
    deep = offered("A-1: discount 0%; B-2: discount 26%", term="60 months")
    approve = {"type": "approve", "approver": "dana", "role": "manager"}

    def approved(lines: str) -> list[str]:
        terms = {"lines": lines, "term": "60 months"}
        return verdicts(OPENED, {**approve, "actor": "dana", "terms": terms}, deep)

    assert approved("A-1: discount 0%; B-2: discount 26%") == ["proceed", "proceed", "proceed"]
    assert approved("A-1: discount 0%; B-2: discount 27%")[-1] == "escalate"
    assert approved("A-1: discount 1%; B-2: discount 26%")[-1] == "escalate"


def test_other_lines_that_were_cleared_let_nobody_approve_their_own() -> None:
    """However little they come to: who said lines that were not let through is a mover until those very lines are."""
    deep, shallow = "A-1: discount 0%; B-2: discount 26%", "A-1: discount 5%; B-2: discount 0%"
    by_ana, by_bob = ({**offered(deep, term="60 months"), "actor": who} for who in ("ana", "bob"))
    other = {**offered(shallow, term="60 months"), "actor": "bob"}
    terms = {"lines": deep, "term": "60 months"}
    approved = {"type": "approve", "approver": "ana", "role": "manager", "terms": terms}
    assert verdicts(OPENED, by_ana, other, approved, by_bob) == [
        "proceed",
        "escalate",
        "proceed",
        "proceed",
        "escalate",
    ]
    by_dana = {**approved, "approver": "dana", "actor": "dana"}
    assert verdicts(OPENED, by_ana, other, approved, by_dana, by_bob)[-1] == "proceed"


def test_an_approval_rests_on_what_is_stated_of_lines() -> None:
    """As on any fact that the rule it lifts reads."""
    rule = next(r for r in POLICY.rules if r.id == "thin-quote")
    assert rests_on(POLICY, rule) == ("deal.lines",)


def test_a_partial_acceptance_takes_all_lines() -> None:
    """`lines` is one issue: whoever accepts it accepts every line."""
    theirs = offered("A-1: discount 5%; B-2: discount 0%", "them", term="60 months")
    assert verdicts(OPENED, theirs, {"type": "accept", "by": "us", "issues": ["lines"]})[-1] == "hold"
    assert verdicts(OPENED, theirs, {"type": "accept", "by": "us"})[-1] == "proceed"


def test_a_deal_with_lines_can_be_laid_aside() -> None:
    """And is the same afterwards."""
    decoder, engine = Decoder(POLICY), Engine(POLICY)
    position = None
    for n, event in enumerate((OPENED, offered("A-1: discount 1%; B-2: discount 0%"))):
        line = {"id": f"e{n}", "deal": "d", "at": f"2026-10-0{n + 1}T09:00:00Z", **event}
        position = engine.evaluate(position, decoder.decode(json.dumps(line).encode()).unwrap()).after
    assert position is not None
    again = unpacked(packed(position))
    assert again == position
    assert again.digest() == position.digest()


def test_columns_leave_lines_to_the_engine() -> None:
    """Which says so, and counts them."""
    assert refusal(POLICY) is LeftOut.LINES


def test_a_figure_that_holds_a_number_of_ours_tells_it() -> None:
    """A rule that reads it is one that agents hear nothing of, though its own condition holds none."""
    assert {r.id for r in telling(POLICY)} >= {"hardware-holds", "deep-line", "thin-quote", "never-below-cost"}
    plain = """\
policy: q
version: 1
side: seller
currency: USD
issues:
  term: {type: months, start: 12 months, worth: 100 USD per month}
lines:
  facts: {list: money, family: {one of: [a, b]}}
  issues: {off: {type: percent, start: 0%, worth: -1% of line.list per 1%}}
  any: {odd: line.family = a}
rules:
  none: {why: w, on: our terms, when: lines.odd, then: refuse}
"""
    assert "none" not in {r.id for r in telling(read(plain).unwrap())}


@pytest.mark.parametrize(
    ("costs", "total"),
    [(("400 USD", "600 USD"), 100_000), (("0 USD", "0 USD"), 0), (("400 USD", ""), None), (("", ""), None)],
)
def test_no_sum_of_some_lines_stands_for_that_of_all(costs: tuple[str, str], total: int | None) -> None:
    """A line of which it is not known what it costs leaves open what all of them do."""
    text = (Path(__file__).parents[3] / "features" / "policies" / "quotes" / "policy.yaml").read_text(encoding="utf-8")
    policy = read(text.replace("  sum:\n", "  sum:\n    cost: line.cost\n", 1)).unwrap()
    stated = {key: {"list": "1,000 USD", "family": "software"} for key in ("A", "B")}
    for line, cost in zip(stated.values(), costs, strict=True):
        line.update({"cost": cost} if cost else {})
    decode = Decoder(policy).decode
    event = {"id": "1", "deal": "d", "at": "2026-10-05T09:00:00Z"}
    opened = decode(json.dumps({**event, "type": "open", "facts": {"lines": stated}}).encode()).unwrap()
    said = decode(json.dumps({**event, **offered("A: discount 0%; B: discount 0%")}).encode()).unwrap()
    assert figure_of(policy, "cost", said.terms, {"deal.lines": opened.facts["lines"]}) == total
