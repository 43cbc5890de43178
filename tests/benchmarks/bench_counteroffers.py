"""Time the counteroffers of one offer: six issues, thirty rules, both cores, one thread.

    python tests/benchmarks/bench_counteroffers.py [--rounds N]

For each situation: how many counteroffers there are, and the time to find them and to have each confirmed by both
cores, as the quickest, the median and the 99th percentile of N rounds, in milliseconds of processor time. The decision
itself is not counted. On a machine that others use too the quickest round tells most.
"""

import argparse
import statistics
import time
from collections.abc import Callable

import msgspec

from walkaway.advice.counteroffers import Seeker
from walkaway.deal.decode import Decoder
from walkaway.decide.core import rete
from walkaway.decide.engine import Core, Engine
from walkaway.decide.evaluation import Evaluation
from walkaway.events import AnyEvent
from walkaway.policy import Policy, read

TARGET_MS = 2.0

DECLARATIONS = """
policy: thirty-rules
version: 1
side: seller
currency: USD
deal:
  list_price: money
  seats: count
  segment: {one of: [smb, mid-market, enterprise]}
  renewal: {type: yes/no, default: no}
issues:
  discount: {type: percent, start: 0%, worth: -1% of deal.list_price per 1%, wish: 0%, want: 8%, walk: 25%}
  term: {type: months, start: 12 months, worth: 0.125% of deal.list_price per month, wish: 60 months}
  payment: {type: days, start: 30 days, worth: -0.02% of deal.list_price per 1 day, want: 30 days, walk: 90 days}
  prepay: {type: yes/no, start: no, worth: 2% of deal.list_price}
  reference: {type: yes/no, start: no, worth: "3,000 USD"}
  support: {one of: {basic: 0 USD, gold: "-4,000 USD", platinum: "-9,000 USD"}, start: basic}
package: {base: deal.list_price, walk: 75% of deal.list_price}
signals: [abuse, deception]
roles: [manager, director, cfo]
rules:
"""

RULES = (
    ("nothing-for-nothing", "our offer", "give.value > get.value", "trade"),
    ("bad-faith", "any", "signals.deception >= 1", "walk"),
    ("abuse", "any", "signals.abuse >= 2", "walk"),
    ("near-the-floor", "our offer", "room.discount < 3% and give.value > 0 USD", "escalate to director"),
    ("high-discount", "our offer", "offer.discount > 15%", "escalate to manager"),
    ("very-high-discount", "our offer", "offer.discount > 20%", "escalate to cfo"),
    ("big-give", "our offer", "give.value > 10% of deal.list_price", "escalate to director"),
    ("small-deal", "our offer", "deal.list_price < 20,000 USD and offer.discount > 5%", "refuse"),
    ("smb-floor", "our offer", "deal.segment = smb and offer.discount > 12%", "refuse"),
    ("platinum-needs-term", "our offer", "offer.support = platinum and offer.term < 24 months", "refuse"),
    ("gold-needs-seats", "our offer", "offer.support = gold and deal.seats < 10", "escalate to manager"),
    ("long-payment", "our offer", "offer.payment > 60 days and offer.prepay = no", "escalate to manager"),
    ("payment-and-prepay", "our offer", "offer.payment > 45 days and offer.prepay = yes", "refuse"),
    ("silence", "our offer", "ours.in_a_row >= 3 and give.value > 0 USD", "hold"),
    ("unreturned", "our offer", "ours.unreturned >= 3 and give.value > 0 USD", "hold"),
    ("cap", "our offer", "give.value - asked.value - ours.net > 18% of deal.list_price", "refuse"),
    ("many-issues", "our offer", "give.issues >= 4", "refuse"),
    ("shrink", "our offer", "ours.concessions >= 1 and give.value > ours.last_give", "trade"),
    ("two-asks", "our offer", "offer.discount > 10% and asked.issues < 1", "trade"),
    ("renewal", "our offer", "deal.renewal = yes and offer.discount > 10%", "escalate to director"),
    ("package-low", "our offer", "offer.worth < 85% of deal.list_price", "escalate to director"),
    ("package-very-low", "our offer", "offer.worth < 80% of deal.list_price", "escalate to cfo"),
    ("late-give", "our offer", "since.opened > 30 days and give.value > 5% of deal.list_price", "hold"),
    (
        "fast-give",
        "our offer",
        "known(since.our_offer) and since.our_offer < 60 seconds and give.value > 0 USD",
        "hold",
    ),
    ("short-term-discount", "our offer", "offer.term < 12 months and offer.discount > 0%", "refuse"),
    ("anchoring", "our offer", "offer.first and offer.discount > 10%", "trade"),
    ("their-low", "their offer", "offer.discount > 40%", "refuse"),
    ("their-flat", "their offer", "theirs.flat >= 4 and move.value <= 0 USD", "hold"),
    ("their-retract", "their offer", "move.retracted >= 3", "hold"),
    ("accept-short", "our acceptance", "room.short_of_want >= 1", "escalate to manager"),
)

SITUATIONS: dict[str, tuple[str, ...]] = {
    "ours, nothing in return": ("o:discount=5%",),
    "ours, two issues given": ("o:discount=9%;support=gold",),
    "ours, three issues given": ("o:discount=9%;support=gold;payment=60 days",),
    "ours, needs the cfo": ("o:discount=22%;term=60 months;prepay=yes;reference=yes",),
    "ours, beyond walk": ("o:discount=30%;term=60 months;prepay=yes;reference=yes",),
    "theirs, one issue": ("t:discount=30%",),
    "theirs, against ours": ("o:discount=3%;term=36 months", "t:discount=18%;term=24 months;prepay=yes"),
    "theirs, four issues": ("t:discount=20%;payment=90 days;support=platinum;term=6 months",),
}


def policy_text() -> str:
    """Write the policy."""
    text = DECLARATIONS
    for name, on, when, then in RULES:
        verdict, _, role = then.partition(" to ")
        text += f"  {name}:\n    why: A reason.\n    on: {on}\n    when: {when}\n    then: {verdict}\n"
        text += f"    to: {role}\n" if role else ""
    return text


def load() -> Policy:
    """Read the policy through the real reader."""
    return read(policy_text().encode(), "policy.yaml", lambda _: None).unwrap()


def event(decoder: Decoder, number: int, text: str) -> AnyEvent:
    """Return one event of a situation: whose offer, and its terms."""
    by, _, terms = text.partition(":")
    fields: dict[str, object] = {"id": f"e{number}", "deal": "d", "at": f"2026-10-05T1{number}:00:00Z"}
    if by == "open":
        fields |= {"type": "open", "facts": {"list_price": "100,000 USD", "segment": "enterprise", "seats": 50}}
    else:
        given = dict(t.split("=") for t in terms.split(";"))
        fields |= {"type": "offer", "by": "us" if by == "o" else "them", "terms": given}
    return decoder.decode(msgspec.json.encode(fields)).unwrap()


def situation(engine: Engine, texts: tuple[str, ...]) -> Evaluation:
    """Follow a situation up to its last offer, and return the evaluation of that."""
    decoder = Decoder(engine.policy)
    found: Evaluation | None = None
    for number, text in enumerate(("open", *texts)):
        found = engine.evaluate(None if found is None else found.after, event(decoder, number, text))
    assert found is not None
    return found


def milliseconds(run: Callable[[], object], rounds: int) -> list[float]:
    """Time *run*, sorted."""
    found = []
    for _ in range(rounds):
        start = time.process_time()
        run()
        found.append((time.process_time() - start) * 1_000)
    return sorted(found)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=200)
    rounds = parser.parse_args().rounds
    policy = load()
    assert len(RULES) == 30
    assert len(policy.issues) == 6
    engine = Engine(policy, Core.BOTH)
    seeker = Seeker(engine)
    print(f"cores: {'plain and rete' if rete.is_available() else 'plain alone'}; {rounds} rounds; milliseconds")
    print(f"proved: {', '.join(n for n, p in seeker.rules.proved.items() if p) or 'none'}")
    print(f"{'situation':28} {'verdict':9} {'found':>5} {'best':>7} {'p50':>7} {'p99':>7}")
    slowest = 0.0
    for name, texts in SITUATIONS.items():
        found = situation(engine, texts)
        verdict, shown = found.ruling.verdict, seeker.counteroffers(found)
        times = milliseconds(lambda: seeker.counteroffers(found), rounds)  # noqa: B023
        median, late = statistics.median(times), times[min(len(times) - 1, int(len(times) * 0.99))]
        slowest = max(slowest, median)
        print(f"{name:28} {verdict.value:9} {len(shown):5} {times[0]:7.2f} {median:7.2f} {late:7.2f}")
    print(f"slowest median {slowest:.2f} ms, target {TARGET_MS} ms: {'met' if slowest <= TARGET_MS else 'NOT met'}")


if __name__ == "__main__":
    main()
