"""Deals in another currency than their policy's: judged in their own, at the rate pinned when they open."""

import json
from fractions import Fraction
from functools import lru_cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.helpers.currencies import DRIFTING, POLICY, Event, abroad, decided, made, offer, opened, published

from walkaway import DeadLetter, Decision, Engine, Policy, Session, Stream, Verdict
from walkaway.deal.decode import Decoder
from walkaway.deal.encode import EventWriter, canonical
from walkaway.decide.gather import Gatherer
from walkaway.decide.render import render
from walkaway.policy import in_currency

MARCH = "2026-03-04T16:00:00Z"
LATER = "2026-04-16T16:00:00Z"


@pytest.fixture(scope="module")
def policy() -> Policy:
    """Return the policy with its rates."""
    return abroad()


@pytest.fixture(scope="module")
def drifting() -> Policy:
    """Return the policy with a rule on the drift of a rate."""
    return abroad(POLICY + DRIFTING)


def test_an_amount_of_the_policy_is_compared_as_a_fraction(policy: Policy) -> None:
    """Ten thousand dollars are no whole number of cents: a euro above is too much, and what is shown is less."""
    limit = 10_000 / Fraction(published("2026-03-04", "USD"))
    below = int(limit)
    assert limit.denominator > 100
    _, over, at = decided(
        policy,
        opened("EUR", MARCH, "1,000,000"),
        offer(MARCH, f"{(below + 1) / 10_000}%"),
        offer(MARCH, f"{below / 10_000}%", "e3"),
    )
    assert (at.verdict, over.verdict) == (Verdict.PROCEED, Verdict.ESCALATE)
    (reason,) = [r for r in over.reasons if r.rule == "big-give"]
    said = next(leaf for leaf in reason.leaves if leaf.text == "give.value > 10,000 USD")
    assert (said.seen, said.needed) == (f"{below + 1:,} EUR", f"<= {int(limit * 100) / 100:,.2f} EUR")
    assert at.currency == over.currency == "EUR"


def test_a_decision_names_each_rate_with_its_day_and_the_hash_of_its_row(policy: Policy) -> None:
    """A cross rate rests on two rows, a deal in the policy's own currency on none."""
    (found,) = decided(policy, opened("GBP", MARCH, "1,000"))
    assert not isinstance(found.rates, type(decided(policy, own())[0].rates))
    assert [(r.pair, r.day, r.published) for r in found.rates] == [
        ("GBP/EUR", "2026-03-04", "2026-03-04T15:30:00Z"), ("USD/EUR", "2026-03-04", "2026-03-04T15:30:00Z"),
    ]  # fmt: skip
    assert all(len(r.sha256) == 64 for r in found.rates)


def own() -> Event:
    """Return an opening that says nothing of a currency."""
    return {"id": "e1", "deal": "d", "at": MARCH, "type": "open", "facts": {"list_price": "1,000 USD"}}


def test_a_deal_in_the_policys_own_currency_is_as_it_was(policy: Policy) -> None:
    """Whether it says so or not; a rate for it is a mistake."""
    first, second = (decided(policy, own())[0], decided(policy, {**own(), "currency": "USD"})[0])
    assert first == second
    brings = {"rate": "1", "day": "2026-03-04", "source": "a bank"}
    assert "it is the policy's own currency" in dead(policy, {**own(), "fx": brings})


@pytest.mark.parametrize("currency", ["GBP", "ISK", "RUB", "TRY", "CHF"])
def test_without_a_rate_every_offer_is_held_and_the_answer_says_why(policy: Policy, currency: str) -> None:
    """N/A, a hole, an end, a beginning and nothing at all; the walk value that rests on it is not asked for."""
    at = {"GBP": "2026-04-03T12:00:00Z", "ISK": MARCH, "TRY": "2026-02-20T12:00:00Z"}.get(currency, LATER)
    _, held = decided(policy, opened(currency, at, "100,000"), offer(at, "5%"))
    assert held.verdict is Verdict.HOLD
    assert [r.rule for r in held.reasons] == ["unprepared"]
    (asked,) = [o for o in held.obligations if o.kind == "prepare"]
    assert asked.what.startswith(f"State a rate of {currency}: `rates.csv` has ")


def test_a_policy_that_needs_no_rate_asks_for_none() -> None:
    """Shares of what the deal states are judged in a currency of which nobody published anything."""
    shares = POLICY.replace('worth: "3,000 USD"', "worth: 3% of deal.list_price").replace(
        'walk: "5,000 USD"', "walk: 50% of deal.list_price"
    )
    policy = abroad(shares.replace("10,000 USD", "10% of deal.list_price"))
    opening, answer = decided(policy, opened("CHF", LATER, "100,000"), offer(LATER, "9%"))
    assert (answer.verdict, answer.currency) == (Verdict.PROCEED, "CHF")
    assert opening.rates is answer.rates
    assert not isinstance(opening.rates, tuple)


def test_dinars_have_three_decimals_and_yen_none(policy: Policy) -> None:
    """A price with more of them is a finding, and nothing is rounded."""
    assert decided(policy, opened("KWD", MARCH, "10,000.125"))[0].verdict is Verdict.PROCEED
    for amount, currency, most in (
        ("10,000.1255", "KWD", "three decimals"), ("100.5", "JPY", "a whole number"),
        ("10.1255", "EUR", "two decimals"),
    ):  # fmt: skip
        said = dead(policy, opened(currency, MARCH, amount))
        assert f"`{amount} {currency}` has more digits than an amount in {currency} holds" in said
        assert most in said


def dead(policy: Policy, *events: Event) -> str:
    """Return what is said of the last of some events, which is a dead letter."""
    stream = Stream(Engine(policy))
    (*_, last) = [
        answer for n, event in enumerate(events, 1) for answer in stream.line(json.dumps(event).encode(), "d", n)
    ]
    assert isinstance(last, DeadLetter)
    return " ".join(f"{f.message}; {f.hint}" for f in last.findings)


@pytest.mark.parametrize(
    ("event", "said"),
    [
        (opened("SEK", MARCH, "100"), "they may be in USD, EUR, GBP"),
        (opened("EUR", MARCH, "100", fx={"rate": "x", "day": "2026-03-04", "source": "a"}), '`"x"` is no rate above'),
        (opened("EUR", MARCH, "100", fx={"rate": "0", "day": "2026-03-04", "source": "a"}), '`"0"` is no rate above'),
        (opened("EUR", MARCH, "100", fx={"rate": "1", "day": "4.3.2026", "source": "a"}), '`"4.3.2026"` is not a day'),
        (opened("EUR", MARCH, "100", fx={"rate": "1", "day": "2026-03-04"}), "the rate lacks `source`"),
        (opened("EUR", MARCH, "100", fx={"rate": "1", "days": 1}), "a rate has no field `days`"),
        (opened("EUR", MARCH, "100", fx="now"), '`"now"` is no rate'),
        ({**opened("EUR", MARCH, "100"), "facts": {"list_price": "100 USD"}}, "`100 USD` is not an amount in EUR"),
    ],
)
def test_a_wrong_currency_or_rate_is_a_dead_letter(policy: Policy, event: Event, said: str) -> None:
    """It is told, and nothing is guessed."""
    assert said in dead(policy, event)


def test_a_rate_that_an_event_brings_lies_within_the_drift_of_the_published_one(policy: Policy) -> None:
    """A bank's rate near it is pinned; one further away holds every offer."""
    near, far = ({"rate": rate, "day": "2026-03-04", "source": "a bank"} for rate in ("0.9", "0.5"))
    opening, big = decided(policy, opened("EUR", MARCH, "1,000,000", fx=near), offer(MARCH, "0.9001%"))
    assert (opening.verdict, big.verdict) == (Verdict.PROCEED, Verdict.ESCALATE)
    assert decided(policy, opened("EUR", MARCH, "1,000,000", fx=near), offer(MARCH, "0.9%"))[1].is_yes
    held = decided(policy, opened("EUR", MARCH, "1,000,000", fx=far), offer(MARCH, "0.1%"))[1]
    assert held.verdict is Verdict.HOLD
    assert "a rate within 5% of the one in `rates.csv`: `a bank` has 0.5" in held.obligations[0].what
    gone = opened("CHF", MARCH, "1,000,000", fx=near)
    assert decided(policy, gone, offer(MARCH, "0.1%"))[1].verdict is Verdict.HOLD


def test_the_pinned_rate_stays_and_drift_is_a_fact(drifting: Policy) -> None:
    """An unchanged offer is no concession on any day; a rule may hold it where the rate has run away."""
    answers = decided(
        drifting, opened("HUF", "2026-01-26T16:00:00Z", "40,000,000"), offer("2026-01-26T16:00:00Z", "5%"),
        offer("2026-04-16T16:00:00Z", "5%", "e3"),
    )  # fmt: skip
    assert [a.verdict for a in answers] == [Verdict.PROCEED, Verdict.PROCEED, Verdict.HOLD]
    assert answers[1].room == answers[2].room
    assert {r.day for r in answers[2].rates} == {"2026-01-26", "2026-04-16"}  # type: ignore[union-attr]
    assert {r.day for r in answers[1].rates} == {"2026-01-26"}  # type: ignore[union-attr]


def test_where_todays_rate_is_missing_and_a_rule_looks_at_it_the_offer_is_held(drifting: Policy) -> None:
    """A drift that nobody knows is not taken for none."""
    _, held = decided(drifting, opened("GBP", MARCH, "40,000"), offer("2026-04-03T12:00:00Z", "5%"))
    assert held.verdict is Verdict.HOLD
    assert "a rate of GBP: `rates.csv` has N/A for 2026-04-02" in held.obligations[0].what


def test_a_deal_stays_in_its_currency(policy: Policy) -> None:
    """Prices said in euros are none in pounds; a deal that goes on in pounds is another, with a base of its own."""
    said = dead(policy, opened("EUR", MARCH, "100"), {**update(MARCH), "currency": "GBP"})
    assert "an event of type `update` has no field `currency`; a deal stays in its currency: close it" in said


def update(at: str, name: str = "u1", fx: object = "now", actor: str = "rep") -> Event:
    """Return an update that pins a rate."""
    return {"id": name, "deal": "d", "at": at, "type": "update", "fx": fx, "actor": actor}


def test_an_update_pins_the_rate_anew_and_weighs_the_ledger_at_it() -> None:
    """What was cleared is worth what it is at the new rate; the terms are the same."""
    policy = abroad(file=made(("2026-03-03", "USD", "2"), ("2026-03-09", "USD", "1")))
    session = Session(policy)
    events = [opened("EUR", MARCH, "100,000"), offer(MARCH, "2%", reference="yes")]
    assert [session.decide(e).verdict for e in events] == [Verdict.PROCEED, Verdict.PROCEED]
    before = session.history("d").turns[-1].ours
    again = session.decide(update("2026-03-10T12:00:00Z"))
    assert again.verdict is Verdict.PROCEED
    told = session.check("d", {"discount": "2%"}, at="2026-03-10T13:00:00Z")
    # a reference is worth 3,000 USD: 1,500 EUR at the first rate, 3,000 EUR at the second
    assert (before, told.room["package"]) == (9_950_000, "96,000 EUR")
    asked = session.ask("d", {"discount": "3%"}, at="2026-03-10T13:00:00Z", search=False).decision
    assert {r.day for r in asked.rates} == {"2026-03-09"}  # type: ignore[union-attr]


def test_a_limit_that_a_new_rate_loosens_waits_as_any_limit_does() -> None:
    """A rep cannot choose the day on which a limit is lowest."""
    policy = abroad(file=made(("2026-03-03", "USD", "1"), ("2026-03-09", "USD", "2")))
    _, _, asked, told = decided(
        policy, opened("EUR", MARCH, "100,000"), offer(MARCH, "2%"), update("2026-03-10T12:00:00Z"),
        offer("2026-03-10T12:00:00Z", "2%", "e3"),
    )  # fmt: skip
    assert (asked.verdict, [r.rule for r in asked.reasons]) == (Verdict.ESCALATE, ["loosened-limit"])
    assert told.room["package"] == "93,000 EUR"


def test_an_update_gives_a_deal_the_rate_that_it_lacked(policy: Policy) -> None:
    """What was offered meanwhile is weighed then."""
    answers = decided(
        policy, opened("TRY", "2026-02-20T12:00:00Z", "4,000,000"), offer("2026-02-20T12:00:00Z", "5%"),
        update("2026-03-11T16:00:00Z"), offer("2026-03-11T16:00:00Z", "5%", "e3"),
    )  # fmt: skip
    assert [a.verdict for a in answers][1::2] == [Verdict.HOLD, Verdict.PROCEED]


def test_a_deal_does_not_go_on_from_one_in_another_currency(policy: Policy) -> None:
    """Their word in euros says nothing of pounds: the deal that follows begins anew."""
    first = [opened("EUR", MARCH, "100,000", party="acme"), {**offer(MARCH, "9%"), "by": "them"}]
    follows = opened("GBP", MARCH, "100,000", "d2", party="acme", follows="d")
    session = Session(policy)
    for event in (*first, follows):
        session.decide(event)
    assert session.state("d2").theirs == {"discount": "0%", "reference": "no"}


def test_a_counteroffer_is_in_the_deals_currency_and_passes() -> None:
    """The search knows the converted policy, its limits and its steps."""
    price = POLICY.replace(
        "issues:\n",
        'issues:\n  price: {type: money, start: deal.list_price, worth: "1 USD per 1 USD", walk: "80,000 USD"}\n',
    )
    session = Session(abroad(price))
    session.decide(opened("EUR", MARCH, "100,000"))
    told = session.ask("d", {"price": "60,000 EUR"}, actor="rep")
    assert told.decision.verdict is Verdict.REFUSE
    assert told.decision.counteroffers
    for found in told.decision.counteroffers:
        if not found.when:
            assert found.terms["price"].endswith(" EUR")  # type: ignore[union-attr]
            assert session.check("d", found.terms, actor="rep").verdict is found.verdict


@lru_cache
def at_rate(rate: str) -> Policy:
    """Return the policy with so many euros for a dollar."""
    return abroad(file=made(("2026-03-03", "USD", str(float(1 / Fraction(rate))))))


RATES = st.sampled_from(["0.5", "2", "1.25", "0.8", "4"])


@settings(max_examples=10)
@given(rate=RATES, price=st.integers(1, 4_000), steps=st.lists(st.integers(0, 320), min_size=1, max_size=4))
def test_a_deal_is_answered_as_the_same_deal_in_the_policys_own_currency(
    rate: str, price: int, steps: list[int]
) -> None:
    """Everything stated times the rate: the same verdicts, rules and rooms, by both cores."""
    policy = at_rate(rate)
    amount = Fraction(price * 100) * Fraction(rate)
    offers = [offer(MARCH, f"{step / 10}%", f"e{n}") for n, step in enumerate(steps, 2)]
    there = decided(policy, opened("EUR", MARCH, f"{float(amount)}".removesuffix(".0")), *offers)
    here = decided(policy, {**own(), "facts": {"list_price": f"{price * 100} USD"}}, *offers)
    assert [(d.verdict, [r.rule for r in d.reasons]) for d in there] == [
        (d.verdict, [r.rule for r in d.reasons]) for d in here
    ]
    assert [d.room.get("discount") for d in there] == [d.room.get("discount") for d in here]
    assert all(d.cores.agree and len(d.cores.ran) == 2 for d in there)


def test_evidence_is_told_in_the_deals_currency(policy: Policy) -> None:
    """The decision is the same from its evidence, and no other currency can tell it."""
    euros = in_currency(policy, "EUR")
    engine = Engine(euros)
    decode = Decoder(euros).decode
    event = decode(json.dumps(opened("EUR", MARCH, "1,000,000")).encode()).unwrap()
    position = engine.evaluate(None, event).after
    found = engine.evaluate(position, decode(json.dumps(offer(MARCH, "9%")).encode()).unwrap())
    evidence = Gatherer(engine.renderer).evidence(found, position.digest())
    assert render(euros, evidence) == engine.record(found, position.digest())
    with pytest.raises(Exception, match="its deal is in EUR"):
        render(policy, evidence)


def test_what_is_written_of_an_event_is_read_back(policy: Policy) -> None:
    """Its currency, the rate that it brings, and `now`."""
    euros = in_currency(policy, "EUR")
    brings = {"rate": "0.90", "day": "2026-03-04", "source": "a bank"}
    for event in (opened("EUR", MARCH, "1,000", fx=brings), update(MARCH), update(MARCH, fx=brings)):
        read = Decoder(euros).decode(json.dumps(event).encode()).unwrap()
        content = EventWriter(euros).content(read)
        assert Decoder(euros).decode(canonical(content)).unwrap() == read
        assert content.get("fx") == event.get("fx")


def test_a_late_event_is_judged_with_the_rates_that_were_known(drifting: Policy) -> None:
    """Folded where it belongs, the others are judged as they were."""
    stream = Stream(Engine(drifting), allow_late=True)
    events = [
        opened("EUR", MARCH, "100,000"),
        offer("2026-03-06T12:00:00Z", "5%"),
        offer("2026-03-05T12:00:00Z", "3%", "e3"),
    ]
    answers = [a for n, e in enumerate(events, 1) for a in stream.line(json.dumps(e).encode(), "d", n)]
    assert all(isinstance(a, Decision) and a.verdict is Verdict.PROCEED for a in answers)


def test_functions_written_for_a_policy_answer_abroad_as_the_rooms_do(policy: Policy) -> None:
    """The same evidence, with the currency and the rates, and the same deal after it, byte by byte."""
    euros = in_currency(policy, "EUR")
    engine, rooms, decode = Engine(euros), Engine(euros), Decoder(euros).decode
    rooms.generated.applies = False
    events = [
        opened("EUR", MARCH, "1,000,000"), offer(MARCH, "0.3%", "e1b"), {**offer(MARCH, "20%", "e2"), "by": "them"},
        offer(MARCH, "0.8%", "e3"), offer(MARCH, "9%", "e4"), {**offer(MARCH, "15%", "e5"), "by": "them"},
        {"id": "r", "deal": "d", "at": MARCH, "type": "reject", "by": "them"}, offer(MARCH, "35%", "e6"),
        {"id": "t", "deal": "d", "at": MARCH, "type": "tick"}, update(LATER), offer(LATER, "2%", "e7"),
        {**offer(LATER, "2%", "e8"), "by": "them"},
    ]  # fmt: skip
    one = other = None
    for number, said in enumerate(events):
        event = decode(json.dumps(said).encode()).unwrap()
        is_written = one is not None and engine.generated.answer(one, event, "", None) is not None
        assert is_written is (number > 1 and said["type"] != "update" and number != 10), number
        before = "" if one is None else one.digest()
        answer, expected = engine.answer(one, event, before), rooms.answer(other, event, before)
        assert answer == expected
        one, other = answer[1], expected[1]
        assert one.digest() == other.digest()
    assert engine.generated.applies
    assert not Engine(in_currency(abroad(POLICY + DRIFTING), "EUR")).generated.applies


def test_what_hangs_on_a_term_is_weighed_anew_with_it() -> None:
    """A fee of a hundred dollars a month for a year, and two hundred for two: at the second rate twice the euros."""
    text = (
        POLICY.replace(
            "issues:\n",
            """issues:
  term: {type: months, values: [12 months, 24 months], start: 12 months}
  fee: {type: count, start: 0, by: term, worth: {12 months: "-100 USD per 1", 24 months: "-200 USD per 1"}}
""",
        )
        .replace("package: {base:", "package: {by: term, base: {12 months: deal.list_price, 24 months:")
        .replace('deal.list_price, walk: "5,000 USD"}', 'deal.list_price}, walk: "5,000 USD"}')
    )
    policy = abroad(text, made(("2026-03-03", "USD", "2"), ("2026-03-09", "USD", "1")))
    session = Session(policy)
    session.decide(opened("EUR", MARCH, "100,000"))
    assert session.decide(offer(MARCH, "0%", fee="3", term="24 months")).is_yes
    assert session.history("d").turns[-1].ours == 9_970_000
    session.decide(update("2026-03-10T12:00:00Z"))
    told = session.check("d", {"fee": "3"}, at="2026-03-10T13:00:00Z")
    assert told.room["package"] == "94,400 EUR"
