"""Rules that never matter are found over all offers, each with an offer that shows it, and live rules are not."""

from pathlib import Path

import pytest
from tests.helpers.findings import caret
from tests.helpers.proving import PLAIN, policy_of

from walkaway import Diagnostic, load
from walkaway.policy import read
from walkaway.proof.dead import strict

pytestmark = pytest.mark.solver

RULES = Path(__file__).parents[3] / "rules"


def found(*rules: str) -> list[Diagnostic]:
    """Return what is found in the plain policy with some rules more."""
    return list(strict(policy_of(PLAIN + "".join(f"  {rule}\n" for rule in rules)), lambda: 0.0, 600.0))


def codes(*rules: str) -> list[tuple[str, str]]:
    """Return each finding's code with the rule under its caret."""
    return [(f.code.name, caret(f)) for f in found(*rules)]


BUYERS = [pytest.param(p, marks=pytest.mark.packs) for p in sorted(RULES.glob("buying-principles/[a-hp][-o]*.yaml"))]
SHIPPED = sorted(p for p in RULES.glob("*/policy.yaml") if p.parent.name != "buying-principles")


@pytest.mark.parametrize("policy", [*SHIPPED, *sorted(RULES.glob("principles/[a-h]-*.yaml")), *BUYERS])
def test_no_rule_that_ships_is_idle(policy: Path) -> None:
    """In the policies that ship every rule can make a difference; but the pack of principles sets all three numbers."""
    idle = [caret(f) for f in strict(load(policy).unwrap(), lambda: 0.0, 120.0)]
    assert idle == (["three-numbers"] if load(policy).unwrap().name.endswith("principles") else [])


@pytest.mark.parametrize(
    "when",
    [
        "give.value > 0 USD and give.issues = 0",
        "offer.first and ours.flat >= 1",
        "ours.concessions = 0 and ours.last_give > 0 USD",
        "room.discount < 0% and room.beyond_walk = 0",
        "ours.in_a_row >= 1 and theirs.in_a_row >= 1",
    ],
)
def test_facts_that_never_go_together_make_a_rule_dead(when: str) -> None:
    """What follows only from how facts hang together is no text to compare, and is proved."""
    (finding,) = found(f"never: {{why: w, on: our offer, when: {when}, then: hold}}")
    assert (finding.code.value, caret(finding)) == ("WA705", "never")
    assert finding.message == "rule `never` never fires: no event in any position that can be satisfies its condition"


def test_a_hidden_rule_names_what_hides_it_and_an_offer() -> None:
    """2% past the walk value `beyond-walk` refuses already."""
    (finding,) = found("far: {why: w, on: our offer, when: room.discount < -2%, then: hold}")
    assert finding.code.value == "WA706"
    assert finding.message == (
        "rule `far` never decides: wherever it gives `hold`, `beyond-walk` gives a more severe verdict"
    )
    assert finding.hint == (
        "make its condition wider or its verdict more severe, or remove it; "
        "for example: list_price 100,000 USD; we offer discount 30% → refuse"
    )


def test_several_rules_together_may_hide_one() -> None:
    """No single rule stands wherever the hidden one does."""
    rules = (
        "all: {why: w, on: our offer, when: give.value > 0 USD, then: hold}",
        "low: {why: w, on: our offer, when: give.value <= 9000 USD, then: refuse}",
        "high: {why: w, on: our offer, when: give.value > 8000 USD, then: refuse}",
    )
    (finding,) = (f for f in found(*rules) if caret(f) == "all")
    assert "`hold`, others give a more severe verdict" in finding.message


def test_a_rule_that_an_approval_lets_through_is_not_hidden() -> None:
    """Where the escalation is met the milder rule decides."""
    rules = (
        "ask: {why: w, on: our offer, when: give.value > 0 USD, then: escalate, to: manager}",
        "wait: {why: w, on: our offer, when: give.value > 5000 USD, then: hold}",
    )
    assert codes(*rules) == []


def test_overlapping_rules_are_both_named() -> None:
    """Two rules of one verdict that fire together change no verdict, either of them."""
    rules = (
        "one: {why: w, on: our offer, when: ours.flat >= 1 and ours.offers >= 1, then: hold}",
        "two: {why: w, on: our offer, when: ours.flat >= 1, then: hold}",
    )
    assert codes(*rules) == [("OVERLAPPING_RULE", "one"), ("OVERLAPPING_RULE", "two")]


def test_a_permission_that_another_rule_overrules_is_named() -> None:
    """`proceed` never makes an answer milder; where something else is said it means nothing."""
    (finding,) = found("small: {why: w, on: our offer, when: give.value < 900 USD, then: proceed}")
    assert finding.code.value == "WA708"
    assert finding.message.startswith("rule `small` says `proceed` where `")


def test_out_of_time_nothing_is_claimed() -> None:
    """What is not decided is no finding."""
    ticks = iter(range(10_000))
    policy = policy_of(
        PLAIN + "  never: {why: w, on: our offer, when: give.value > 0 USD and give.issues = 0, then: hold}\n"
    )
    assert list(strict(policy, lambda: float(next(ticks)), 0.5)) == []


KEYS = ("a", "b", "c", "d", "e", "f")


def large_table(rows: list[str]) -> list[Diagnostic]:
    """Return what is found in a table of six numeric keys, whose regions are too many to try."""
    head = ",".join((*KEYS, "cap"))
    text = "\n".join((head, *rows)) + "\n"
    deal = "".join(f"  {key}: count\n" for key in KEYS)
    policy = PLAIN.replace("deal:\n", f"deal:\n{deal}")
    policy = policy.replace("roles:", f"tables: {{caps: {{file: caps.csv, key: [{', '.join(KEYS)}]}}}}\nroles:")
    cell = f"caps[{', '.join(f'deal.{key}' for key in KEYS)}].cap"
    policy += f"  cap: {{why: w, on: our offer, when: 'offer.discount > {cell}', then: refuse}}\n"
    checked = read(policy.encode(), "policy.yaml", {"caps.csv": text.encode()}.get)
    assert [f.code.value for f in checked.findings] == ["WA402"]
    return list(strict(checked.unwrap(), lambda: 0.0, 600.0))


TENS = [f"{n * 10}..{n * 10 + 9}" for n in range(9)]
LOW = [f"{ten},*,*,*,*,*,{n}%" for n, ten in enumerate(TENS)]
HIGH = [f">= 90,{ten},{ten},{ten},{ten},{ten},{n}%" for n, ten in enumerate(TENS)]


def test_a_gap_in_a_large_table_is_found() -> None:
    """The keys of a deal without a row stand in the message."""
    (finding,) = large_table(LOW + HIGH)
    assert finding.code.value == "WA404"
    assert finding.message.startswith("table `caps` has no row for a ")


def test_rows_of_a_large_table_that_overlap_are_found() -> None:
    """Each of the two lines is named; a row for everything else closes the gap."""
    findings = large_table([*LOW, *HIGH, ">= 85,0..5,0..5,0..5,0..5,0..5,1%"])
    assert [f.code.value for f in findings] == ["WA404", "WA405"]
    assert findings[1].message.startswith("this line and line ")
    assert findings[1].span.line == len(LOW) + len(HIGH) + 2


def test_a_rule_of_a_layer_above_is_no_finding_for_the_layer_below(tmp_path):
    """Whoever owns the lower layer cannot remove it; the rule of their own that adds nothing is one."""
    (tmp_path / "upper.yaml").write_text(PLAIN, encoding="utf-8")
    low = tmp_path / "low.yaml"
    again = "  fair: {why: w, on: our terms, when: 'give.value > get.value', then: trade}\n"
    low.write_text(f"policy: low\nversion: 1\nextends: upper.yaml\nrules:\n{again}", encoding="utf-8")
    policy = load(low).unwrap()
    own = [f.message for f in strict(policy, lambda: 0.0, 120.0, str(low))]
    every = [f.message for f in strict(policy, lambda: 0.0, 120.0)]
    assert [m for m in every if "`even`" in m]
    assert not [m for m in own if "`even`" in m]
