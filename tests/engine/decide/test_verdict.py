"""One verdict out of all rules that fired; approvals that meet a rule, waivers that lift one (design.md, 1 and 6)."""

from itertools import permutations
from typing import NamedTuple

import pytest

from walkaway.deal.admission import Unfit
from walkaway.deal.position import Approval
from walkaway.decide.authority import Covering
from walkaway.decide.layers import _both
from walkaway.decide.verdict import Ruling, Standing, at_least, combine
from walkaway.events import Door, On, Verdict
from walkaway.language.codes import Code
from walkaway.language.diagnostics import InvalidInput
from walkaway.language.expr.tree import ALWAYS
from walkaway.policy.model import Concern, Effect, Enforcement, Rule

ROLES = ("manager", "director", "cfo")
UNTIL = "2026-12-31T00:00:00Z"


class Policied(NamedTuple):
    """As much of a policy as combining asks for."""

    roles: tuple[str, ...] = ROLES
    ranks: dict[str, int] = {role: rank for rank, role in enumerate(ROLES)}  # noqa: RUF012
    issues: tuple[str, ...] = ()
    lookup_keys: dict[str, tuple[str, ...]] = {}  # noqa: RUF012
    rests: dict[int, tuple[str, ...]] = {}  # noqa: RUF012


POLICY = Policied()


def rule(name, verdict=None, **options) -> Rule:
    """Return a rule that has fired."""
    effect = Effect(verdict, **{k: options.pop(k) for k in ("door", "to", "concludes") if k in options})
    return Rule(name, "w", frozenset({On.OUR_OFFER}), ALWAYS, effect, **options)


def approved(role="director", override=(), who="dana", rules=()) -> Approval:
    """Return an approval that covers the terms judged."""
    return Approval("a", who, who, role, {}, {}, None, override, rules, "r", {}, "")


def covered(*approvals) -> Covering:
    """Return approvals as the ones that cover."""
    return Covering(approvals, {})


EACH = [rule(v.value, v, door=Door.OPEN if v is Verdict.WALK else None) for v in Verdict]


def test_with_no_rule_firing_we_proceed():
    """Nothing speaks against it."""
    assert combine([], None, POLICY).verdict is Verdict.PROCEED


@pytest.mark.parametrize(
    ("door", "said", "stays"),
    [(Door.OPEN, Door.CLOSED, Door.CLOSED), (Door.CLOSED, Door.OPEN, Door.CLOSED), (Door.OPEN, None, Door.OPEN)],
)
def test_of_two_walks_the_closed_door_stands(door, said, stays):
    """Held against a walk by another door, a ruling to walk is no milder than either."""
    assert at_least(Ruling(Verdict.WALK, door, ()), Verdict.WALK, said).door is stays
    assert _both(Ruling(Verdict.WALK, door, ()), Ruling(Verdict.WALK, said, ())).door is stays


def test_verdicts_are_ordered():
    """From proceed to walk, as the design lists them."""
    assert [v.value for v in sorted(Verdict)] == ["proceed", "trade", "hold", "escalate", "refuse", "walk"]


@pytest.mark.parametrize("most", range(1, len(EACH)))
def test_the_most_severe_decides_in_any_order(most):
    """Every fired rule is reported, the most severe first; the order in which they come means nothing."""
    fired = EACH[max(0, most - 2) : most + 1]
    rulings = {combine(order, None, POLICY) for order in permutations(fired)}
    assert len(rulings) == 1
    ruling = rulings.pop()
    assert ruling.verdict is EACH[most].effect.verdict
    assert [f.rule.id for f in ruling.firings] == [r.id for r in reversed(fired)]


def test_a_walk_is_by_the_closed_door_where_any_rule_says_so():
    """Bad faith and a deal breaker at once: the door is closed."""
    by_open, by_closed = rule("a", Verdict.WALK, door=Door.OPEN), rule("b", Verdict.WALK, door=Door.CLOSED)
    assert combine([by_open], None, POLICY).door is Door.OPEN
    assert combine([by_open, by_closed], None, POLICY).door is Door.CLOSED
    assert combine([rule("c", Verdict.REFUSE)], None, POLICY).door is None


def test_equally_severe_reasons_are_told_by_their_concern():
    """Relationship, risk, value, then what names none, each by id; what is more severe comes first whatever it is."""
    names = {"d": Concern.RELATIONSHIP, "c": Concern.RISK, "a": Concern.VALUE, "b": Concern.VALUE, "0": None}
    fired = [rule(name, Verdict.HOLD, concern=concern) for name, concern in names.items()]
    for order in permutations([*fired, rule("z", Verdict.REFUSE)]):
        assert "".join(f.rule.id for f in combine(order, None, POLICY).firings) == "zdcab0"


@pytest.mark.parametrize(
    ("enforcement", "standing"), [(Enforcement.ADVISORY, Standing.ADVISES), (Enforcement.SHADOW, Standing.SHADOW)]
)
def test_advice_and_trials_never_decide(enforcement, standing):
    """They are reported behind what decides, however severe; an advised walk closes no door."""
    advice = rule("a", Verdict.WALK, door=Door.CLOSED, enforcement=enforcement)
    ruling = combine([advice, rule("b", Verdict.TRADE)], None, POLICY)
    assert (ruling.verdict, ruling.door) == (Verdict.TRADE, None)
    assert [(f.rule.id, f.standing) for f in ruling.firings] == [("b", Standing.DECIDES), ("a", standing)]


def test_a_conclusion_decides_nothing():
    """It is there for other rules to read."""
    ruling = combine([rule("a", concludes="worn_down")], covered(approved("cfo", ("a",))), POLICY)
    assert (ruling.verdict, ruling.firings[0].standing) == (Verdict.PROCEED, Standing.CONCLUDES)


@pytest.mark.parametrize(("role", "met"), [("manager", False), ("director", True), ("cfo", True)])
def test_an_approval_meets_an_escalation_to_its_role_or_below(role, met):
    """A higher role stands in for a lower one, and who approved is named."""
    ruling = combine([rule("a", Verdict.ESCALATE, to="director")], covered(approved(role)), POLICY)
    assert ruling.verdict is (Verdict.PROCEED if met else Verdict.ESCALATE)
    assert (ruling.firings[0].standing, ruling.firings[0].by) == (
        (Standing.APPROVED, "dana") if met else (Standing.DECIDES, "")
    )


def test_an_approval_meets_nothing_but_escalations():
    """What is refused, held or to be traded stays so."""
    for each in (Verdict.TRADE, Verdict.HOLD, Verdict.REFUSE, Verdict.WALK):
        assert combine([rule("a", each)], covered(approved("cfo")), POLICY).verdict is each


@pytest.mark.parametrize(
    ("role", "named", "enforcement", "lifted"),
    [
        ("director", "a", Enforcement.OVERRIDABLE, True),
        ("cfo", "a", Enforcement.OVERRIDABLE, True),
        ("manager", "a", Enforcement.OVERRIDABLE, False),
        ("cfo", "b", Enforcement.OVERRIDABLE, False),
        ("cfo", "a", Enforcement.MANDATORY, False),
    ],
)
def test_a_waiver_lifts_an_overridable_rule_it_names(role, named, enforcement, lifted):
    """By the role the rule says, or one above it; never what is mandatory."""
    fired = rule("a", Verdict.REFUSE, enforcement=enforcement, by="director")
    ruling = combine([fired], covered(approved(role, (named,))), POLICY)
    assert ruling.verdict is (Verdict.PROCEED if lifted else Verdict.REFUSE)
    assert ruling.firings[0].standing is (Standing.WAIVED if lifted else Standing.DECIDES)


# Approvals in a deal: `big` escalates a discount above 10% to the director


def approve(deal, **event):
    """Record an approval by the director dana."""
    return deal(**{"type": "approve", "approver": "dana", "role": "director", **event})


def test_an_approval_covers_terms_no_worse_on_every_issue(told):
    """At the approved terms and better ones the rule is met; one unit worse on any issue it decides again."""
    approve(told, terms={"discount": "15%", "prepay": "yes"})
    told.them(discount="40%")
    told.them(discount="20%")
    seen = told.us(discount="15%", prepay="yes")
    assert (seen.verdict, seen.standings["big"]) == ("proceed", "approved")
    assert told.us(discount="14.9999%", prepay="yes", term="24 months").standings["big"] == "approved"
    assert told.us(discount="15.0001%").verdict == "escalate"
    assert told.us(discount="15%", prepay="no").verdict == "escalate"


def test_an_issue_an_approval_does_not_name_is_covered_at_its_start_value(told):
    """Gold support was not approved with the discount."""
    approve(told, terms={"discount": "15%"})
    assert told.us(discount="12%", prepay="yes").standings["big"] == "approved"
    assert told.us(support="gold").standings["big"] == "decides"


def test_an_approval_lasts_to_its_last_instant(told):
    """`until` is the last instant it covers; without one it lasts as long as the deal."""
    approve(told, terms={"discount": "15%"}, until="2026-10-02T12:00:00Z")
    offer = {"type": "offer", "by": "us", "actor": "rep", "terms": {"discount": "12%"}}
    assert told(**offer, at="2026-10-02T12:00:00Z").standings["big"] == "approved"
    assert told(**offer, at="2026-10-02T12:00:00.000001Z").standings["big"] == "decides"
    approve(told, terms={"discount": "15%"}, at="2026-10-02T13:00:00Z")
    assert told(**offer, at="2027-10-02T13:00:00Z").standings["big"] == "approved"


def test_nobody_approves_what_they_moved(told):
    """Who said terms that were not let through approves neither these nor what anybody says after them (law 10)."""
    approve(told, terms={"discount": "15%"})
    offer = {"type": "offer", "by": "us", "terms": {"discount": "12%"}}
    for same in ("dana", " Dana", "DANA ", "d\u0061na"):
        assert told(**offer, actor=same).standings["big"] == "decides"
    assert told(**offer, actor="rep").standings["big"] == "decides"
    approve(told, approver="chris", role="cfo", terms={"discount": "15%"})
    assert told(**offer, actor="dana").standings["big"] == "approved"


def test_nobody_approves_for_somebody_who_is_not_known(told):
    """An offer without an actor is judged, and no approval counts for it (law 10)."""
    approve(told, terms={"discount": "15%"})
    seen = told(type="offer", by="us", terms={"discount": "12%"})
    assert (seen.verdict, seen.standings["big"]) == ("escalate", "decides")


def test_an_approval_covers_an_acceptance_of_ours(told):
    """Accepting is judged like an offer of ours with their terms."""
    told.them(discount="12%")
    assert told(type="accept", by="us", actor="rep").verdict == "escalate"
    approve(told, terms={"discount": "12%"})
    assert told(type="accept", by="us", actor="rep").verdict == "proceed"


def test_an_approval_moves_no_walk_value(told):
    """Beyond it no approval helps."""
    approve(told, role="cfo", terms={"discount": "30%"})
    seen = told.us(discount="20.0001%", prepay="yes")
    assert (seen.verdict, seen.standings["beyond-walk"], seen.standings["big"]) == ("refuse", "decides", "approved")


def test_a_waiver_lifts_its_rule_for_the_terms_it_covers(told):
    """As long as it lasts, and for nothing worse than what was approved."""
    waiver = {"override": ["long"], "reason": "a hospital signs for five years", "until": UNTIL}
    long = {"term": "60 months"}
    assert told.us(**long).verdict == "refuse"
    approve(told, terms=long, **waiver)
    seen = told.us(**long)
    assert (seen.verdict, seen.standings["long"], seen.decision.reasons[0].by) == ("proceed", "waived", "dana")
    assert told.us(**long, prepay="yes").verdict == "proceed"
    assert told.us(**long, support="gold").verdict == "refuse"


@pytest.mark.parametrize(
    ("event", "what", "near"),
    [
        ({"override": ["lnog"]}, "there is no rule `lnog` to lift", '"lnog"'),
        ({"override": ["lied"]}, "rule `lied` is mandatory and cannot be lifted", '"lied"'),
        ({"override": ["beyond-walk"]}, "rule `beyond-walk` is mandatory and cannot be lifted", '"beyond-walk"'),
        (
            {"override": ["long"], "role": "manager"},
            "rule `long` is for `director` to lift, not for `manager`",
            '"role"',
        ),
    ],
)
def test_a_waiver_that_may_not_be_is_refused(told, event, what, near):
    """No role lifts what is mandatory, built-in rules included, nor a rule that a higher role must lift."""
    with pytest.raises(Unfit) as raised:
        approve(told, terms={"term": "60 months"}, reason="r", until=UNTIL, **event)
    assert (raised.value.code, str(raised.value), raised.value.near) == (Code.WAIVER_REFUSED, what, near)


@pytest.mark.parametrize("lacking", ["reason", "until"])
def test_a_waiver_gives_its_reason_and_its_end(told, lacking):
    """Who lifts a rule says why, and for how long."""
    whole = {"override": ["long"], "reason": "they asked", "until": UNTIL}
    with pytest.raises(InvalidInput, match="a waiver \\(`override`\\) wants a `reason` and an `until`"):
        approve(told, terms={"term": "60 months"}, **{k: v for k, v in whole.items() if k != lacking})


def test_words_of_a_decision_compare_by_their_place_and_equal_their_text():
    """A verdict is its word, and more severe than another one whatever the alphabet says; doors and standings alike."""
    assert (Verdict.PROCEED, Door.CLOSED, Standing.DECIDES) == ("proceed", "closed", "decides")
    assert Verdict.PROCEED < Verdict.ESCALATE <= "escalate" < Verdict.WALK
    assert {Verdict.HOLD: 1}["hold"] == 1
    assert max(Door) is Door.CLOSED
    assert list(Standing) == sorted(Standing)
    with pytest.raises(ValueError, match="milder"):
        _ = Verdict.HOLD < "milder"
