"""A backtest adds up the same whether deals are judged in columns or one by one, and says what it means."""

import json
import random
from typing import Any

import msgspec
import pytest

from walkaway.backtest import PastAnswer, backtested, changes, pairs, rules, total, verdicts
from walkaway.backtest.report import agreed, closing
from walkaway.backtest.run import Backtest, has_columns
from walkaway.backtest.sums import Outcomes
from walkaway.events import Verdict
from walkaway.policy import Policy, read

POLICY = """\
policy: p
version: 1
side: seller
currency: USD
deal:
  list_price: money
  segment: {one of: [smb, enterprise]}
issues:
  discount: {type: percent, start: 0%, worth: -1% of deal.list_price per 1%, want: 8%, walk: 20%}
  term: {type: months, start: 12 months, worth: 0.125% of deal.list_price per month}
  prepay: {type: yes/no, start: no, worth: 2% of deal.list_price}
package: {base: deal.list_price}
roles: [manager, director]
signals: [abuse]
rules:
  gift: {why: w, on: our terms, when: give.value > get.value, then: trade}
  cap: {why: w, on: our terms, when: offer.discount > CAP, then: escalate, to: director}
  abuse: {why: w, on: any, when: signals.abuse >= 1, then: walk, door: closed}
  small: {why: w, on: their offer, when: theirs.flat >= 1, then: hold, enforcement: advisory}
"""


def policy(cap: str) -> Policy:
    """Return the policy with a cap."""
    return read(POLICY.replace("CAP", cap).encode(), "policy.yaml", {}).unwrap()


def past(deals: int, seed: int = 5) -> bytes:
    """Return the events of some deals, a few of them agreed, lost or rude, some lines no events."""
    rng, lines = random.Random(seed), []
    for deal in range(deals):
        name = f"D{deal}"
        event: dict[str, Any] = {"type": "open", "facts": {"list_price": f"{rng.randrange(10, 90)},000 USD"}}
        event["facts"]["segment"] = rng.choice(["smb", "enterprise"])
        for number in range(rng.randrange(3, 14)):
            at = f"2026-{1 + deal % 12:02}-{1 + number:02}T09:00:00Z"
            lines.append(json.dumps({"id": f"e{number}", "deal": name, "at": at, **event}))
            by, way = rng.choice(["us", "them"]), rng.randrange(20)
            terms = {"discount": f"{rng.randrange(0, 25)}%", "term": f"{12 * rng.randrange(1, 4)} months"}
            event = {"type": "offer", "by": by, "terms": dict(rng.sample(sorted(terms.items()), rng.randrange(1, 3)))}
            if way < 4:
                event = {"type": "accept", "by": by}
            elif way == 4:
                event = {"type": "signal", "by": "them", "kind": "abuse"}
            elif way == 5:
                event = {"type": "close", "outcome": rng.choice(["won", "lost", "walked"])}
            elif way == 6:
                event = {"type": "approve", "approver": "dora", "role": "director", "terms": {"discount": "18%"}}
    return "\n".join([*lines, "no event", ""]).encode()


PAST = past(40)


@pytest.fixture(scope="module")
def by_engine() -> Backtest:
    """Return a backtest of deals that were decided one by one."""
    return backtested([PAST], policy("10%"), policy("12%"), segment="segment", columns=False)


@pytest.mark.bulk
@pytest.mark.skipif(not has_columns(), reason="needs the extra `bulk`: pip install -e '.[bulk]'")
def test_columns_add_up_to_the_same(by_engine: Backtest) -> None:
    """Every count, flip, amount and outcome, with the deals that columns leave out decided by the engine."""
    found = backtested([PAST], policy("10%"), policy("12%"), segment="segment").sums
    assert 0 < sum(found.exact.values()) < found.deals
    assert _rounded(found) == _rounded(by_engine.sums)


def _rounded(value: Any) -> Any:
    """Return sums in which neither the order of adding shows, nor why a deal was decided one by one."""
    match value:
        case float():
            return round(value, 9)
        case dict():
            return {key: _rounded(part) for key, part in value.items() if part != 0}
        case list():
            return sorted(map(repr, value))
        case msgspec.Struct():
            return {f: _rounded(getattr(value, f)) for f in value.__struct_fields__ if not f.startswith("exact")}
        case _:
            return value


def test_every_event_is_counted_once(by_engine: Backtest) -> None:
    """Answers before and now, and lines that are no events of their deals, are all lines there are."""
    sums, lines = by_engine.sums, len([line for line in PAST.split(b"\n") if line])
    assert sums.events == sum(old for _, old, _ in verdicts(by_engine)) == sum(new for _, _, new in verdicts(by_engine))
    assert sums.events + sums.unread == lines
    assert sums.deals == 40


def test_a_tighter_cap_only_makes_answers_stricter(by_engine: Backtest) -> None:
    """Each change is told by its rule, its segment and its quarter, and these come to all of them."""
    assert total(by_engine).changed == sum(count for _, _, count in pairs(by_engine)) > 0
    first = next(row for row in changes(by_engine, "rule") if row.name == "cap")
    assert first.stricter > 0
    for by in ("segment", "quarter"):
        assert sum(row.changed for row in changes(by_engine, by)) == total(by_engine).changed


def test_what_is_stopped_is_what_terms_of_ours_give() -> None:
    """An offer of 11% that was let through by its prepayment and would be escalated: 11,000 given for what it gets."""
    lines = [
        {"id": "e1", "deal": "d", "at": "2026-10-01T09:00:00Z", "type": "open"}
        | {"facts": {"list_price": "100,000 USD", "segment": "smb"}},
        {"id": "e2", "deal": "d", "at": "2026-10-02T09:00:00Z", "type": "offer", "by": "us"}
        | {"terms": {"discount": "11%", "term": "84 months", "prepay": "yes"}},
    ]
    found = backtested([b"\n".join(map(msgspec.json.encode, lines))], policy("10%"), policy("12%"))
    assert pairs(found) == [("proceed", "escalate", 1)]
    row = total(found)
    assert (row.give_stopped, row.get_stopped, row.give_freed) == (1_100_000, 1_100_000, 0)
    assert (found.sums.added, found.sums.saved, found.sums.new.roles["director"]) == (1, 0, 1)


def test_the_log_is_held_against_as_it_answered() -> None:
    """What it has no answer for is left out."""
    new = policy("10%")
    recorded = {("D1", f"e{n}"): PastAnswer(Verdict.REFUSE, rule="old-rule") for n in range(3)}
    found = backtested([PAST], new, recorded=recorded)
    assert found.sums.events == 3
    assert {flip.old for flip in found.sums.flips} == {"refuse"}
    assert found.compared


@pytest.mark.parametrize("columns", [True, False])
def test_where_a_policy_is_held_against_the_log_is_not(columns: bool) -> None:
    """It says nothing of how that policy answers, whichever way deals are decided."""
    recorded = {("D1", f"e{n}"): PastAnswer(Verdict.REFUSE, rule="old-rule") for n in range(3)}
    alone, both = (
        backtested([PAST], policy("10%"), policy("12%"), log, columns=columns).sums for log in (None, recorded)
    )
    assert alone.events > 3
    assert (both.events, both.flips) == (alone.events, alone.flips)


def test_a_rule_that_is_never_alone_is_named_with_its_like() -> None:
    """Of two rules with one condition neither decides alone, and each is redundant with the other."""
    twice = read(
        POLICY.replace("CAP", "10%")
        .replace(
            "  abuse:",
            "  again: {why: w, on: our terms, when: offer.discount > 10%, then: escalate, to: director}\n  abuse:",
        )
        .encode(),
        "policy.yaml",
        {},
    ).unwrap()
    rows = {row.rule: row for row in rules(backtested([PAST], twice))}
    assert rows["cap"].fires == rows["again"].fires > 0
    assert rows["cap"].alone == rows["again"].alone == 0
    assert "again" in rows["cap"].redundant_with


def test_intervals_are_those_of_the_books() -> None:
    """Wilson's for 8 of 10, and the normal one of a mean; one case has no width, none has no interval."""
    share = agreed(Outcomes(deals=10, agreed=8))
    assert share is not None
    assert (round(share.low, 4), round(share.high, 4)) == (0.4902, 0.9433)
    mean = closing(Outcomes(5, 4, 4, 3.6, 3.26))
    assert mean is not None
    assert (mean.value, round(mean.low, 4), round(mean.high, 4)) == (0.9, 0.82, 0.98)
    assert agreed(Outcomes()) is None
    assert closing(Outcomes(1, 1)) is None
