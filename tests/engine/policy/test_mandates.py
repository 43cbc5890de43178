"""Mandates: who may say what by themselves, and whose mandate it is where they may not."""

from random import Random
from types import SimpleNamespace

import pytest
from tests.helpers.findings import BASE, read

from walkaway import Decision, Policy, Session
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
