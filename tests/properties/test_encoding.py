# Over 400 lines: one table of the deals that random ones seldom reach.
"""The formulas that proofs rest on, computed for real positions: they say what the engine says, and nothing it denies.

Formulas take known numbers as well as a solver's, so every one is simply computed at each event of random deals. The
count of events is that of WALKAWAY_ENCODED; the full size is millions:

    WALKAWAY_ENCODED=2000000 pytest --timeout 0 -s tests/properties/test_encoding.py
"""

from collections import Counter

import pytest
from hypothesis import given, seed
from tests.helpers.deciding import follow
from tests.helpers.encoded import assert_encoded
from tests.helpers.findings import BASE
from tests.helpers.generated import Case, decoded
from tests.helpers.proving import PLAIN, policy_of
from tests.helpers.strategies import SEED, bounded, cases, size

from walkaway.deal.decode import Decoder
from walkaway.deal.encode import canonical
from walkaway.deal.facts import FIGURES as DERIVED
from walkaway.decide.engine import Core, Engine
from walkaway.events import Verdict
from walkaway.policy import FILE, read
from walkaway.proof.formulas import logic
from walkaway.proof.formulas.facts import FIGURES, is_free
from walkaway.proof.layers import alone

pytestmark = [pytest.mark.slow, pytest.mark.solver, pytest.mark.search]

EVENTS = size("WALKAWAY_ENCODED", 150, 1_000)
A_ROUND = 20


def test_formulas_know_every_fact_that_is_derived() -> None:
    """The two tables of figures have the same entries; every other path is one of the position, or of a group."""
    assert {n for n in FIGURES if not n.startswith("position.")} <= DERIVED.keys()
    free = {e.path for e in policy_of(PLAIN).catalog.values() if is_free(e)}
    assert free == {
        "by_stated", "is_stated", "since_stated", "earlier", "party_last", "party_left_closed", "since_party_closed",
        "position.others.deals", "position.others.open_deals", "position.others.walked", "position.others.won",
        "ours_final", "theirs_final", "ours_halted", "ours_unsent", "theirs_probes", "open_follows", "update_loosens",
        "update_outside",
    }  # fmt: skip


def test_formulas_say_what_the_engine_says(capsys: pytest.CaptureFixture[str]) -> None:
    """At every event of random deals all facts, the fired rules and the verdict are the engine's; constraints hold."""
    seen: Counter[str] = Counter()

    def check(case: Case) -> None:
        policy = case.read()
        if policy is None:
            return
        engine = Engine(policy, Core.PLAIN)
        for step in follow(engine, decoded(policy, case.lines())):
            assert_encoded(policy, engine, step)
            seen["events"] += 1
            seen[step.decision.verdict.value] += 1
            seen["unprepared"] += not step.prepared
            seen["approved"] += bool(step.found.covering)

    def is_enough() -> bool:
        return seen["events"] >= EVENTS and all(seen[v.value] for v in Verdict) and bool(seen["approved"])

    round_ = 0
    while not is_enough() and seen["events"] < 20 * EVENTS:  # a few deals may miss what is rare
        seed(SEED + round_)(bounded(A_ROUND)(given(cases())(check)))()
        round_ += 1
    with capsys.disabled():
        print(f"\nWALKAWAY_SEED={SEED}", ", ".join(f"{n:,} {what}" for what, n in sorted(seen.items())))
    assert all(seen[v.value] for v in Verdict)
    assert seen["unprepared"] > seen["events"] / 50
    assert seen["approved"]


def test_known_formulas_are_known() -> None:
    """Nothing of a solver is left in a formula over known numbers."""
    assert logic.is_known(logic.choose(True, 1, 0), logic.both(True, 1 > 0), logic.times(2, 5))


ASKING = """\
policy: asking
version: 1
side: seller
currency: USD
deal: {list_price: money}
issues:
  discount: {type: percent, start: 0%, worth: -1% of deal.list_price per 1%}
roles: [manager, director]
rules:
  given: {why: w, on: our terms, when: give.value > 0 USD, then: escalate, to: manager}
  last-look: {why: w, on: close, when: theirs.offers >= 1, then: escalate, to: manager}
"""
AT = "2026-03-02T09:00:00Z"


@pytest.mark.parametrize("approved", [False, True])
def test_what_asks_and_what_an_approval_lifts_are_the_same_in_formulas(approved: bool) -> None:
    """Their offer of which accepting asks somebody asks too; a rule on the close itself is lifted by nobody."""
    engine = Engine(policy_of(ASKING), Core.PLAIN)
    head = {"deal": "D", "at": AT}
    approval = {
        **head,
        "id": "a",
        "type": "approve",
        "approver": "dana",
        "role": "manager",
        "terms": {"discount": "5%"},
    }
    events = [
        {**head, "id": "1", "type": "open", "facts": {"list_price": "1,000 USD"}},
        {**head, "id": "2", "type": "offer", "by": "them", "terms": {"discount": "5%"}},
        {**head, "id": "3", "type": "accept", "by": "us", "actor": "ann"},
        *([approval | {"terms": {"discount": "5%"}}] if approved else []),
        {**head, "id": "4", "type": "close", "outcome": "won"},
    ]
    decoder = Decoder(engine.policy)
    steps = list(follow(engine, [decoder.decode(canonical(event)).unwrap() for event in events]))
    assert [s.decision.verdict.value for s in steps[1:3]] == ["escalate", "escalate"]
    for step in steps:
        assert_encoded(engine.policy, engine, step)


CONCLUDING = """\
  a-reads: {why: w, on: our offer, when: concluded.big, then: hold}
  z-concludes: {why: w, on: our offer, when: offer.discount >= 1%, then: {conclude: big}}
"""


def test_formulas_draw_a_conclusion_before_those_who_read_it() -> None:
    """Whatever the rules are called: the one that reads it stands first in the alphabet."""
    engine = Engine(policy_of(ASKING.partition("  given:")[0] + CONCLUDING), Core.PLAIN)
    head, decoder = {"deal": "D", "at": AT}, Decoder(engine.policy)
    events = [
        {**head, "id": "1", "type": "open", "facts": {"list_price": "1,000 USD"}},
        {**head, "id": "2", "type": "offer", "by": "us", "actor": "ann", "terms": {"discount": "1%"}},
    ]
    steps = list(follow(engine, [decoder.decode(canonical(event)).unwrap() for event in events]))
    assert steps[-1].decision.verdict == "hold"
    for step in steps:
        assert_encoded(engine.policy, engine, step)


LEAVING = """\
  leave: {why: w, on: signal, when: signals.pressure >= 1, then: walk, door: open}
  gone: {why: w, on: our acceptance, when: left.open, then: refuse}
signals: [pressure]
"""


def test_formulas_bring_us_back_by_the_same_moves_of_theirs() -> None:
    """We left by the open door: their first offer, or a concession of theirs, brings us back, and nothing else does."""
    engine = Engine(policy_of(ASKING.partition("  given:")[0] + LEAVING), Core.PLAIN)
    decoder = Decoder(engine.policy)
    opening = {"type": "open", "facts": {"list_price": "1,000 USD"}}
    left = {"type": "signal", "by": "them", "kind": "pressure", "confirmed": True}
    first, again, less = ({"type": "offer", "by": "them", "terms": {"discount": f"{d}%"}} for d in (9, 9, 8))
    for moves, back in (([left, first], True), ([first, left, again], False), ([first, left, less], True)):
        events = [{"id": str(n), "deal": "D", "at": AT, **event} for n, event in enumerate([opening, *moves])]
        steps = list(follow(engine, [decoder.decode(canonical(event)).unwrap() for event in events]))
        accepting = steps[-1].found.accepting
        assert accepting is not None
        assert ("gone" not in {f.rule.id for f in accepting.ruling.firings}) is back
        for step in steps:
            assert_encoded(engine.policy, engine, step)


BARGAINING = (
    ASKING.partition("roles:")[0].replace(
        "issues:\n", "issues:\n  term: {type: months, start: 12 months, worth: 0.125% of deal.list_price per month}\n"
    )
    + "roles: [manager, director]\nrules:\n"
)
GIVEN = "{why: w, on: our terms, when: give.value > 0 USD, then: "
BESIDE = f"  ask: {GIVEN}escalate, to: manager}}\n  wait: {GIVEN}hold}}\n"
SLAM = f"  slam: {GIVEN}walk, door: closed}}\n"
ASKS = "  asks: {why: w, on: our terms, when: give.value > 0 USD, then: escalate, to: manager}\n"
EVEN = "  even: {why: w, on: our terms, when: give.value > get.value, then: trade}\n"


def _they(**terms: str) -> dict[str, object]:
    return {"type": "offer", "by": "them", "terms": terms}


def _we(**terms: str) -> dict[str, object]:
    return {"type": "offer", "by": "us", "actor": "ann", "terms": terms}


def _at(second: int, event: dict[str, object]) -> dict[str, object]:
    return {**event, "at": f"2026-03-02T09:00:0{second}Z"}


def _approval(name: str, role: str, discount: str) -> dict[str, object]:
    return {"type": "approve", "approver": name, "role": role, "terms": {"discount": discount, "term": "12 months"}}


WE_REFUSE: dict[str, object] = {"type": "reject", "by": "us", "actor": "ann"}
THEY_REFUSE: dict[str, object] = {"type": "reject", "by": "them"}
WE_TAKE: dict[str, object] = {"type": "accept", "by": "us", "actor": "ann"}
LONGER = {"term": "24 months"}
DEALS: dict[str, tuple[str, list[dict[str, object]], str]] = {
    "accepting asks, and is held too": (BESIDE, [_they(discount="5%")], "trade"),
    "signing what closes the door": (
        SLAM,
        [_they(discount="5%"), WE_TAKE, {"type": "close", "outcome": "won"}],
        "walk",
    ),
    "they take what we withdrew": (EVEN, [_we(**LONGER), {"type": "withdraw", "by": "us"}, _they(**LONGER)], "proceed"),
    "we say no, and our step goes on": (
        EVEN,
        [_they(discount="9%"), _we(**LONGER), {"type": "reject", "by": "us"}],
        "",
    ),
    "they say no, and it ends": (EVEN, [_they(discount="9%"), _we(**LONGER), {"type": "reject", "by": "them"}], ""),
    "they began below the start": (EVEN, [_they(term="6 months"), _they(**LONGER), _we(discount="1%", **LONGER)], ""),
    "their second offer concedes": (EVEN, [_they(discount="9%"), _they(discount="8%")], "trade"),
    # at a tie, at an edge, and twice
    "they leave out what we raised, and what we lowered": (EVEN, [_we(term="24 months"), _they(discount="2%")], ""),
    "they leave out what we gave": (EVEN, [_they(discount="9%"), _we(discount="2%", **LONGER), _they(**LONGER)], ""),
    "they name the start, and again": (EVEN, [_they(discount="0%"), _they(discount="0%"), _they(term="12 months")], ""),
    "they take back two issues at once": (
        EVEN,
        [_they(discount="5%", **LONGER), _they(discount="7%", term="18 months"), _they(discount="9%")],
        "",
    ),
    "they say no twice, and after a new offer": (
        EVEN,
        [_we(**LONGER), THEY_REFUSE, THEY_REFUSE, _we(term="30 months"), THEY_REFUSE],
        "",
    ),
    "we say no twice, to one offer and to two": (
        EVEN,
        [_they(discount="9%"), WE_REFUSE, WE_REFUSE, _they(discount="9%"), _we(**LONGER), WE_REFUSE],
        "",
    ),
    "we answer what they offered, in a row and flat": (
        EVEN,
        [
            _they(discount="9%"),
            _we(**LONGER),
            _we(**LONGER),
            _we(term="30 months"),
            _they(discount="9%"),
            _we(**LONGER),
        ],
        "",
    ),
    "we give, they give nothing back, and then do": (
        "  loose: {why: w, on: our offer, when: give.value > 9000 USD, then: hold}\n",
        [
            _they(discount="9%"),
            _we(discount="1%"),
            _we(discount="2%"),
            _they(discount="9%"),
            _they(discount="8%"),
            _we(discount="3%"),
            _we(discount="2%"),
            _we(discount="20%"),
            _we(discount="2%", **LONGER),
        ],
        "",
    ),
    "we give by what they accept": (
        "  loose: {why: w, on: our offer, when: give.value > 9000 USD, then: hold}\n",
        [
            _they(discount="9%"),
            _we(discount="2%"),
            {"type": "accept", "by": "them"},
            _they(discount="1%"),
            {"type": "close", "outcome": "won"},
        ],
        "",
    ),
    "what was held is taken, and signed": (
        "  wait: {why: w, on: our terms, when: give.value > 1000 USD, then: hold}\n",
        [
            _they(discount="9%"),
            _we(discount="5%"),
            {"type": "accept", "by": "them"},
            {"type": "close", "outcome": "won"},
        ],
        "hold",
    ),
    "what was agreed is left, taken up again and signed otherwise": (
        EVEN,
        [
            _they(discount="0%", **LONGER),
            WE_TAKE,
            WE_REFUSE,
            _they(discount="0%", **LONGER),
            WE_TAKE,
            _they(term="18 months"),
            {"type": "close", "outcome": "won", "terms": {"term": "36 months"}},
        ],
        "",
    ),
    "what was let through and replaced is signed, once what replaced it has lapsed": (
        EVEN,
        [
            _we(**LONGER),
            {"type": "accept", "by": "them"},
            {**_they(discount="9%"), "until": AT},
            _at(2, {"type": "close", "outcome": "won", "terms": LONGER}),
        ],
        "proceed",
    ),
    "what was agreed is signed as it was, and as it was not": (
        EVEN,
        [_they(**LONGER), WE_TAKE, {"type": "close", "outcome": "won", "terms": {"discount": "1%"}}],
        "refuse",
    ),
    "nothing was agreed, and it closes as lost, or as won": (
        EVEN,
        [_we(**LONGER), {"type": "close", "outcome": "won"}],
        "hold",
    ),
    "they take what was approved, before anything of ours was let through": (
        ASKS,
        [_we(discount="1%"), _approval("dana", "manager", "1%"), {"type": "accept", "by": "them"}, {"type": "tick"}],
        "proceed",
    ),
    "what they took is approved, and it closes as won": (
        ASKS,
        [
            _we(discount="1%"),
            {"type": "accept", "by": "them"},
            _approval("dana", "manager", "1%"),
            {"type": "close", "outcome": "won"},
        ],
        "proceed",
    ),
    "they take a part": (
        EVEN,
        [_we(discount="1%", **LONGER), {"type": "accept", "by": "them", "issues": ["term"]}, _we(discount="1%")],
        "",
    ),
    "they take a part that is not all": (
        EVEN,
        [_we(discount="1%", **LONGER), {"type": "accept", "by": "them", "issues": ["discount"]}, _we(term="18 months")],
        "",
    ),
    "we ask for less than they have come to": (
        EVEN,
        [_they(term="6 months"), _they(term="30 months"), _we(discount="1%", term="18 months")],
        "",
    ),
    "we take a part, and settle it": (
        EVEN,
        [_they(discount="9%", **LONGER), {**WE_TAKE, "issues": ["term"]}, _we(term="30 months"), _we(term="18 months")],
        "",
    ),
    "we offer several, and they take one": (
        EVEN,
        [
            {"type": "offer", "by": "us", "actor": "ann", "packages": [{"term": "24 months"}, {"term": "30 months"}]},
            _they(term="30 months"),
            _they(term="36 months"),
        ],
        "",
    ),
    "they offer several, and we take less": (
        EVEN,
        [
            {"type": "offer", "by": "them", "packages": [{"discount": "5%"}, {"discount": "9%"}]},
            {**WE_TAKE, "package": 1},
            _we(discount="9%"),
        ],
        "",
    ),
    "words nobody declared, on both sides": (
        EVEN,
        [
            _they(bonus="a car"),
            _we(bonus="a car", **LONGER),
            {**_they(**LONGER), "terms": {"bonus": None, **LONGER}},
            _we(bonus="a house"),
            _we(**LONGER),
            WE_TAKE,
        ],
        "",
    ),
    "we take what is worse, as an offer": (EVEN, [_they(discount="2%", **LONGER), _we(discount="3%", **LONGER)], ""),
    "we offer what they said": (EVEN, [_they(discount="2%", **LONGER), _we(discount="2%", **LONGER)], ""),
    "they withdraw, and what they said is taken no more": (
        EVEN,
        [_they(discount="2%"), {"type": "withdraw", "by": "them"}, _we(discount="2%"), _we(discount="3%")],
        "",
    ),
    "at the very instant, and a second later": (
        "  soon: {why: w, on: our offer, unless: not known(SINCE) or SINCE >= 1 second, then: hold}\n",
        [_they(discount="2%"), _we(**LONGER), _at(1, _we(**LONGER))],
        "proceed",
    ),
    "we leave, and they come after it": (
        EVEN + "  leave: {why: w, on: their offer, when: offer.discount > 50%, then: walk, door: open}\n"
        "  late: {why: w, on: tick, when: left.open and known(since.left) and since.left > 0 seconds, then: hold}\n",
        [
            _they(discount="60%"),
            _at(1, {"type": "tick"}),
            _at(2, _they(discount="60%")),
            _at(3, {"type": "tick"}),
            _at(4, _they(discount="40%")),
            _at(5, {"type": "tick"}),
        ],
        "",
    ),
    "the door is closed, and stays so": (
        EVEN + "  slam: {why: w, on: their offer, when: offer.discount > 50%, then: walk, door: closed}\n"
        "  leave: {why: w, on: [tick, our offer], when: theirs.offers > 1, then: walk, door: open}\n"
        "  shut: {why: w, on: our offer, when: left.closed, then: refuse}\n",
        [_they(discount="60%"), _they(discount="40%"), {"type": "tick"}, _we(**LONGER)],
        "walk",
    ),
    "two conclude the same, and a third reads it": (
        (
            "  a-big: {why: w, on: our offer, when: offer.discount >= 3%, then: {conclude: big}}\n"
            "  b-long: {why: w, on: our offer, when: offer.term >= 30 months, then: {conclude: big}}\n"
            "  held: {why: w, on: our offer, when: concluded.big, then: hold}\n"
            "  free: {why: w, on: our offer, unless: concluded.big, then: trade}\n"
        ),
        [_we(discount="3%"), _we(term="30 months"), _we(discount="1%", term="13 months")],
        "trade",
    ),
    "what is not, is known; what nobody knows is neither": (
        (
            "  first: {why: w, on: our offer, unless: known(theirs.last.discount), then: trade}\n"
            "  again: {why: w, on: our offer, unless: not known(KEY) or KEY = 9%, then: hold}\n"
        ),
        [_we(**LONGER), _they(discount="9%"), _we(**LONGER), _they(discount="8%"), _we(**LONGER)],
        "hold",
    ),
    "the least and the most of some": (
        (
            '  least: {why: w, on: our offer, when: "min(offer.discount, 3%) > 2%", then: trade}\n'
            '  most: {why: w, on: our offer, when: "max(offer.discount + 1%, 4%) > 6%", then: hold}\n'
        ),
        [_we(discount="2%"), _we(discount="3%"), _we(discount="5%"), _we(discount="6%")],
        "hold",
    ),
    "an approval covers, is lifted by the role above, and is moot": (
        (
            "  ask: {why: w, on: our terms, when: offer.discount > 3%, then: escalate, to: manager}\n"
            "  two: {why: w, on: our terms, when: offer.discount > 6%, then: escalate, to: TWO}\n"
            "  cap: {why: w, on: our terms, when: offer.discount > 8%, then: refuse, BY}\n"
        ),
        [
            _approval("dana", "director", "9%"),
            _we(discount="5%"),
            _approval("bea", "director", "9%"),
            _we(discount="7%"),
            {
                **_approval("dana", "director", "9%"),
                "id": "w",
                "override": ["cap"],
                "reason": "r",
                "until": "2026-04-01T00:00:00Z",
            },
            _we(discount="9%"),
            _approval("ann", "manager", "5%"),
            _we(discount="4%"),
            _they(discount="4%"),
            WE_TAKE,
            {"type": "close", "outcome": "won"},
        ],
        "proceed",
    ),
}


@pytest.mark.parametrize("deal", DEALS)
def test_formulas_say_of_what_is_rare_what_the_engine_says(deal: str) -> None:
    """Deals that random ones seldom reach: answers, facts, constraints and the deal after each event are the same."""
    rules, moves, answer = DEALS[deal]
    rules = rules.replace("KEY", "theirs.last.discount").replace("BY", "enforcement: overridable, by: director")
    rules = rules.replace("TWO", "{role: director, count: 2}").replace("SINCE", "since.their_offer")
    engine = Engine(policy_of(BARGAINING + rules), Core.PLAIN)
    decoder = Decoder(engine.policy)
    opening = {"type": "open", "facts": {"list_price": "100,000 USD"}}
    events = [{"id": str(n), "deal": "D", "at": AT, **event} for n, event in enumerate([opening, *moves])]
    steps = list(follow(engine, [decoder.decode(canonical(event)).unwrap() for event in events]))
    assert len(steps) == len(events)
    assert steps[-1].decision.verdict == (answer or steps[-1].decision.verdict)
    for step in steps:
        assert_encoded(engine.policy, engine, step)


def test_a_deal_may_lack_a_walk_value_of_its_own_unseen() -> None:
    """Where each deal brings one and the layer above has one too: the deal is held, and formulas know such deals."""
    lower = b"extends: upper.yaml\npolicy: lower\nversion: 1\nissues:\n  discount: {walk: per deal}\n"
    upper = {"upper.yaml": PLAIN.encode()}
    engine = Engine(alone(read(lower, FILE, upper.get).unwrap()), Core.PLAIN)
    opening = {"type": "open", "facts": {"list_price": "100,000 USD"}}
    events = [{"id": str(n), "deal": "D", "at": AT, **event} for n, event in enumerate([opening, _we(**LONGER)])]
    steps = list(follow(engine, [Decoder(engine.policy).decode(canonical(event)).unwrap() for event in events]))
    assert [step.decision.verdict for step in steps] == ["proceed", "hold"]
    for step in steps:
        assert_encoded(engine.policy, engine, step)


@pytest.mark.parametrize("discount", ["5%", "12%", "17%"])
def test_formulas_ask_in_the_highest_role_whether_to_take_their_offer(discount: str) -> None:
    """Under mandates: it is somebody's to take what they ask for, whosever that is."""
    mandates = "mandates:\n  rep: {discount: at most 10%}\n  manager: {discount: at most 15%}\n"
    engine = Engine(policy_of(BASE + mandates), Core.PLAIN)
    facts = {"list_price": "100,000 USD", "segment": "enterprise"}
    moves = [{"type": "open", "facts": facts}, _they(discount=discount), {**WE_TAKE, "role": "manager"}]
    events = [{"id": str(n), "deal": "D", "at": AT, **event} for n, event in enumerate(moves)]
    steps = list(follow(engine, [Decoder(engine.policy).decode(canonical(event)).unwrap() for event in events]))
    for step in steps:
        assert_encoded(engine.policy, engine, step)
    assert len(steps) == len(events)
