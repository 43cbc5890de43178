"""Mandates: who may say what by themselves, and whose mandate it is where they may not."""

import json
from random import Random
from types import SimpleNamespace
from typing import Any

import pytest
from tests.helpers.findings import BASE, caret, read

from walkaway import Code, Decision, Policy, Session
from walkaway.deal.decode import Decoder
from walkaway.language.expr.tree import truth

MANDATES = """mandates:
  rep: {discount: at most 10%, support: basic}
  solution-engineer: {may: [support, term]}
  manager: {discount: at most 15%}
"""
ISSUES = {"discount": (0, 60_000, 100_000, 120_000, 150_000, 180_000), "term": (6, 12, 24)}
WORDS = {"prepay": (0, 1), "support": ("basic", "gold")}


@pytest.fixture(scope="module")
def policy() -> Policy:
    """Return the base with mandates below its two roles, the director's without end."""
    return read(BASE + MANDATES).unwrap()


def may(role: str, issue: str, value: int | str) -> bool:
    """Tell a second time what a role may say of an issue."""
    if role == "director":
        return True
    if role == "manager":
        return issue != "discount" or int(value) <= 150_000
    if role == "rep" and issue in ("discount", "support"):
        return value == "basic" if issue == "support" else int(value) <= 100_000
    if role == "rep":
        return True
    return role == "solution-engineer" and issue in ("support", "term")


def asked(role: str, offered: dict[str, int | str], cleared: dict[str, int | str]) -> set[str]:
    """Tell a second time who is asked: for each issue the lowest role above whoever speaks that may say it."""
    found = set()
    above = ("director",) if role == "manager" else ("manager", "director")
    for issue, value in offered.items():
        moved = value != cleared[issue]
        if issue == "discount":
            moved = int(value) > int(cleared[issue])
        elif issue == "term":
            moved = int(value) < int(cleared[issue])
        elif issue == "support":
            moved = (value, cleared[issue]) == ("gold", "basic")
        if role != "director" and moved and not may(role, issue, value):
            found.add(next(each for each in above if may(each, issue, value)))
    return found


@pytest.mark.parametrize("role", ["rep", "solution-engineer", "manager", "director", ""])
def test_whoever_says_more_than_they_may_is_sent_to_the_lowest_who_may(policy: Policy, role: str) -> None:
    """Of each issue by itself; what was cleared anybody may say again, and who does not say their role may nothing."""
    rng = Random(role)
    for _ in range(150):
        offered, cleared = (
            {issue: rng.choice(values) for issue, values in {**ISSUES, **WORDS}.items()} for _ in range(2)
        )
        facts: dict[str, int | str | None] = {"offer.role": role or None}
        facts |= {f"offer.{i}": v for i, v in offered.items()} | {f"ours.cleared.{i}": v for i, v in cleared.items()}
        fired = {r.effect.to for r in policy.rules if r.made_of == "mandates" and truth(r.condition, facts)}
        assert fired == asked(role, offered, cleared), facts


PEOPLE = """people:
  ana: {names: [Ana Doe], role: rep}
  sol: {names: [Sol Reyes], role: solution-engineer}
  mo: {role: manager}
  dee: [Dee Low]
"""


@pytest.fixture(scope="module")
def peopled() -> Policy:
    """Return the same policy, which says of three people in which role they act."""
    return read(BASE + MANDATES + PEOPLE).unwrap()


class Dealing:
    """One deal of ours in memory."""

    def __init__(self, policy: Policy) -> None:
        self.session, self.day = Session(policy), 0
        self.happens(type="open", facts={"list_price": "9,000 USD", "segment": "smb"})

    def happens(self, **said: object) -> Decision:
        """Decide the next event."""
        self.day += 1
        at = f"2026-10-{self.day:02}T09:00:00Z"
        return self.session.decide({"id": str(self.day), "deal": "D", "at": at, **said})

    def offers(self, role: str, **terms: str) -> str:
        """Return the answer to an offer of ours."""
        who = {"actor": role or "somebody", **({"role": role} if role else {})}
        return self.happens(type="offer", by="us", terms=terms, **who).verdict.value


def of_mandates(decision: Decision) -> list[str]:
    """Return the mandates by which somebody is asked."""
    return [reason.rule for reason in decision.reasons if reason.rule.startswith("mandates-")]


def test_a_mandate_is_for_who_speaks(policy: Policy) -> None:
    """A rep's 9% may be sent, an engineer's may not; of what was cleared anybody may remind them."""
    deal = Dealing(policy)
    assert deal.offers("solution-engineer", discount="9%") == "escalate"
    assert deal.offers("", discount="9%") == "escalate"
    assert deal.offers("rep", discount="9%") == "proceed"
    assert deal.offers("solution-engineer", discount="9%", term="6 months") == "proceed"
    assert deal.offers("", discount="8%") == "proceed"
    assert deal.offers("rep", discount="12%") == "escalate"
    assert deal.offers("manager", discount="12%") == "proceed"
    assert deal.happens(type="accept", by="them").verdict.value == "proceed"


def test_whose_mandate_it_is_agrees(policy: Policy) -> None:
    """Then it may be said; what they accept that nobody let through asks whoever would have been asked."""
    deal = Dealing(policy)
    assert deal.offers("rep", discount="14%") == "escalate"
    accepted = deal.happens(type="accept", by="them")
    assert [r.rule for r in accepted.reasons] == ["mandates-nobody-to-manager"]
    deal.happens(type="approve", approver="mo", role="manager", terms={"discount": "14%"})
    assert deal.offers("rep", discount="14%") == "proceed"


def test_somebody_has_the_mandate_of_the_role_that_the_policy_says(peopled: Policy) -> None:
    """By any of their names, without a word in the event; of whom it says none, the event may say it."""
    deal = Dealing(peopled)

    def offers(actor: str, **said: object) -> list[str]:
        answer = deal.happens(type="offer", by="us", actor=actor, **said)
        return [answer.verdict.value, *(r.rule for r in answer.reasons)]

    assert offers("Sol Reyes", terms={"support": "gold"}) == ["proceed"]
    assert offers("sol", terms={"discount": "1%"}) == ["escalate", "mandates-solution-engineer-to-manager"]
    assert offers("ANA  doe", terms={"discount": "10%"}) == ["proceed"]
    assert offers("ana", terms={"discount": "10.0001%"}) == ["escalate", "mandates-rep-to-manager"]
    assert offers("ana", role="rep", terms={"discount": "11%"}) == ["escalate", "mandates-rep-to-manager"]
    assert offers("Dee Low", terms={"discount": "11%"}) == ["escalate", "mandates-nobody-to-manager"]
    assert offers("dee", role="manager", terms={"discount": "11%"}) == ["proceed"]
    assert offers("mo", terms={"discount": "15%"}) == ["proceed"]
    assert of_mandates(deal.happens(type="offer", by="them", actor="sol", terms={"discount": "16%"})) == []


def test_somebody_takes_an_offer_in_their_role(peopled: Policy) -> None:
    """Whole or in part, and one that was replaced since; an opening with terms is said by whoever opens, too."""
    deal = Dealing(peopled)
    asked = deal.happens(type="offer", by="them", terms={"discount": "12%", "term": "12 months"})
    deal.happens(type="offer", by="them", terms={"discount": "11%"})
    taking = {"type": "accept", "by": "us"}
    assert of_mandates(deal.session.check("D", {"discount": "12%"}, actor="ana")) == ["mandates-rep-to-manager"]
    for who, wanted in (("ana", ["mandates-rep-to-manager"]), ("mo", [])):
        part = Dealing(peopled)
        part.happens(type="offer", by="them", terms={"discount": "12%", "term": "6 months"})
        assert of_mandates(part.happens(**taking, actor=who, issues=["discount"])) == wanted
    assert of_mandates(deal.happens(**taking, actor="mo", of=asked.event)) == []
    session = Session(peopled)
    facts = {"list_price": "9,000 USD", "segment": "smb"}
    opened = {"id": "1", "deal": "D", "at": "2026-10-01T09:00:00Z", "type": "open", "facts": facts}
    answer = session.decide({**opened, "actor": "sol", "terms": {"discount": "1%"}})
    assert of_mandates(answer) == ["mandates-solution-engineer-to-manager"]


def test_a_replaced_offer_is_taken_in_the_role_that_is_stated(policy: Policy) -> None:
    """As it was asked, so it is judged: a manager takes 12% of two offers ago."""
    deal = Dealing(policy)
    asked = deal.happens(type="offer", by="them", terms={"discount": "12%"})
    deal.happens(type="offer", by="them", terms={"discount": "11%"})
    assert of_mandates(deal.happens(type="accept", by="us", actor="mo", role="manager", of=asked.event)) == []


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        ({"type": "offer", "by": "us", "actor": "Ana Doe", "terms": {"discount": "11%"}}, "`Ana Doe` acts as `rep`"),
        ({"type": "accept", "by": "us", "actor": "ana"}, "`ana` acts as `rep`"),
        ({"type": "approve", "approver": "ana", "terms": {"discount": "11%"}}, "`ana` acts as `rep`"),
        ({"type": "kill", "approver": "mo", "reason": "r", "role": "director"}, "`mo` acts as `manager`"),
        ({"type": "approve", "approver": "dee", "terms": {"discount": "11%"}}, ""),
        ({"type": "approve", "approver": "mo", "terms": {"discount": "11%"}}, ""),
    ],
)
def test_nobody_states_the_role_of_another(peopled: Policy, said: dict[str, Any], wanted: str) -> None:
    """Neither to have a wider mandate, nor to approve; whom the policy gives no role states what they like."""
    line = json.dumps({"id": "2", "deal": "D", "at": "2026-10-02T09:00:00Z", "role": "manager", **said}).encode()
    line = line.replace(b'"deal": "D", ', b"") if said["type"] == "kill" else line
    found = Decoder(peopled).decode(line).findings
    assert [(f.code, caret(f), wanted in f.message) for f in found] == (
        [(Code.ROLE_OF_ANOTHER, '"role"', True)] if wanted else []
    )


def test_somebody_approves_for_a_role_below_theirs() -> None:
    """Who acts as a director may say so as a manager."""
    policy = read(BASE + MANDATES + "people: {di: {role: director}, mo: {role: manager}}\n").unwrap()
    approval = {"id": "2", "deal": "D", "at": "2026-10-02T09:00:00Z", "type": "approve", "terms": {"discount": "11%"}}
    lines = [json.dumps({**approval, "approver": w, "role": r}).encode() for w in ("di", "mo") for r in policy.roles]
    assert [bool(Decoder(policy).decode(line).findings) for line in lines] == [False, False, False, True]


def test_a_layer_below_may_say_who_acts_in_which_role_and_not_otherwise() -> None:
    """What it says counts for the mandates above, too; of whom the layer above speaks it says nothing else."""
    upper = BASE + MANDATES + "people: {ana: {role: rep}, mo: [Mo]}\n"
    lower = "extends: above.yaml\npolicy: lower\nversion: 1\npeople: {sol: {role: solution-engineer}}\n"
    policy = read(lower, {"above.yaml": upper.encode()}).unwrap()
    deal = Dealing(policy)
    for actor, terms, wanted in (
        ("sol", {"support": "gold"}, "proceed"),
        ("ana", {"discount": "9%"}, "proceed"),
        ("sol", {"discount": "10%"}, "escalate"),
        ("mo", {"discount": "10%"}, "escalate"),
    ):
        assert deal.happens(type="offer", by="us", actor=actor, terms=terms).verdict.value == wanted
    for more in ("people: {ana: {role: manager}}\n", "people: {mo: {names: [Mo], role: manager}}\n"):
        found = read(lower.partition("people")[0] + more, {"above.yaml": upper.encode()}).findings
        assert [f.code for f in found] == [Code.LOOSER_THAN_LAYER]


def test_their_offer_is_answered_for_who_may(policy: Policy) -> None:
    """Whether to take what they ask for does not hang on a mandate: somebody has it."""
    deal = Dealing(policy)
    assert deal.happens(type="offer", by="them", terms={"discount": "5%"}).verdict.value == "proceed"


def test_a_question_is_asked_in_a_role(policy: Policy) -> None:
    """What an offer would be depends on who would say it."""
    session = Dealing(policy).session
    answers = {r: session.check("D", {"discount": "9%"}, role=r).verdict.value for r in ("rep", "manager", "other", "")}
    assert answers == {"rep": "proceed", "manager": "proceed", "other": "escalate", "": "escalate"}


def test_a_role_of_theirs_is_a_slip(policy: Policy) -> None:
    """Nobody knows in which role the other side speaks."""
    with pytest.raises(Exception, match="what they do has none"):
        Dealing(policy).happens(type="offer", by="them", role="rep", terms={"discount": "5%"})


@pytest.mark.parametrize(
    ("roles", "role"),
    [
        (["rep"], "rep"),
        (["rep", "approver:manager"], "manager"),
        (["approver:manager", "approver:director"], "director"),
        (["auditor"], ""),
    ],
)
def test_over_http_the_token_says_the_role(policy: Policy, roles: list[str], role: str) -> None:
    """An approver's highest that the policy knows, else that of a rep; where there are no mandates, none."""
    deals = pytest.importorskip("walkaway_edge.http.deals", reason="the extra `serve` is not installed")
    identity = pytest.importorskip("walkaway_edge.http.identity").identity
    call = SimpleNamespace(who=identity("ana", roles))
    assert deals.capacity(call, SimpleNamespace(policy=policy)) == role
    assert deals.capacity(call, SimpleNamespace(policy=read(BASE).unwrap())) == ""


@pytest.mark.parametrize(
    ("name", "says", "approves"), [("ana", "", None), ("mo", "", "manager"), ("dee", "director", "director")]
)
def test_over_http_the_policy_says_the_role_where_it_does(
    peopled: Policy, name: str, says: str, approves: str | None
) -> None:
    """A token that says director says it of whom the policy gives no role; a manager approves as one, a rep not."""
    deals = pytest.importorskip("walkaway_edge.http.deals", reason="the extra `serve` is not installed")
    identity = pytest.importorskip("walkaway_edge.http.identity").identity
    problem = pytest.importorskip("walkaway_edge.http.answers").Problem
    call, session = (
        SimpleNamespace(who=identity(name, ["approver:manager", "approver:director"])),
        SimpleNamespace(policy=peopled),
    )
    assert deals.capacity(call, session) == says
    if approves is None:
        with pytest.raises(problem):
            deals.authority(call, session)
    else:
        assert deals.authority(call, session) == approves
