"""A rule in one English sentence, the same where it is listed and where an answer quotes it."""

from pathlib import Path

import pytest
from tests.helpers.findings import BASE, read, with_rule

from walkaway import Session, load
from walkaway.decide.sentences import sentence_of

ROOT = Path(__file__).parents[3]
WHEN = {
    "offer.discount > 10% and known(theirs.last.discount)": (
        "discount is above 10% and discount in their latest offer is known"
    ),
    "known(deal.growth) and deal.growth < 2": "the deal's growth is below 2",
    "offer.prepay": "prepay is yes",
    "not offer.prepay or offer.support = gold": "prepay is no or support is gold",
    "offer.support in [basic, gold]": "support is basic or gold",
    "not (offer.support in [basic, gold])": "support is neither basic nor gold",
    "not known(batna.worth)": "the worth of our best alternative is not known",
    "5 USD < give.value": "what we give is above 5 USD",
    "give.value > 2 * get.value": "what we give is above `2 * get.value`",
    "ours.offers < 3": "the number of our offers is at most 2",
    "offer.discount > 1% and (offer.prepay or offer.term > 2 months) and offer.first": (
        "discount is above 1%, and either prepay is yes or term is above 2 months, and it is its party's first offer"
    ),
    "not (offer.prepay and offer.first)": "prepay is no or it is not its party's first offer",
    "approved.manager": "`manager` has approved these terms",
}


@pytest.mark.parametrize("when", WHEN)
def test_a_condition_is_a_clause(when: str) -> None:
    """Facts by their nouns, bounds in words, `not` where it belongs, and no doubt about what joins what."""
    policy = read(with_rule(when)).unwrap()
    assert (
        sentence_of(policy, next(r for r in policy.rules if r.id == "example"))
        == f"Our offer is answered with hold where {WHEN[when]}."
    )


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ("on: our terms, then: trade", "Our terms are answered with trade."),
        ("on: any, then: walk, door: closed", "Every event is answered with walk by the closed door."),
        ("on: tick, then: {conclude: late}", "A tick concludes `late`."),
        (
            "on: [their offer, signal], then: escalate, to: {role: manager, count: 2}",
            "Their offer or a signal is answered with escalate to 2 people of `manager`.",
        ),
        (
            "on: [our terms, their offer], then: hold, enforcement: overridable, by: director",
            "Our terms or their offer is answered with hold, unless `director` lifts it.",
        ),
        ("on: close, then: refuse, enforcement: advisory", "A close is answered with refuse, as advice."),
        ("on: update, then: hold, enforcement: shadow", "An update is answered with hold, on trial."),
    ],
)
def test_what_a_rule_does_is_said_to_what_it_hears(more: str, sentence: str) -> None:
    """Every effect and every enforcement has its words."""
    policy = read(f"{BASE}  it: {{why: w, when: yes, {more}}}\n").unwrap()
    assert sentence_of(policy, next(r for r in policy.rules if r.id == "it")) == sentence


def test_every_shipped_rule_is_one_sentence() -> None:
    """It begins with a capital, and ends with its only full stop."""
    for folder in sorted((ROOT / "rules").iterdir()):
        policy = load(folder).unwrap()
        for rule in policy.rules:
            said = sentence_of(policy, rule)
            assert said[0].isupper(), said
            assert said.count(". ") == 0, said
            assert said.endswith("."), said


def test_a_verdict_quotes_the_sentence() -> None:
    """A reason holds it, word for word as it is listed."""
    session = Session(ROOT / "rules" / "saas-discounting")
    at = {"deal": "D", "at": "2026-10-05T09:00:00Z"}
    session.decide({"id": "1", "type": "open", "facts": {"list_price": "9,000 USD", "segment": "smb"}, **at})
    decision = session.decide({"id": "2", "type": "offer", "by": "us", "terms": {"discount": "5%"}, **at})
    quoted = {r.rule: r.sentence for r in decision.reasons}
    assert quoted["nothing-for-nothing"] == "Our terms are answered with trade where what we give is above what we get."
    assert quoted == {
        r.id: sentence_of(session.policy, r) for r in session.policy.rules if r.id in quoted and not r.built_in
    }
