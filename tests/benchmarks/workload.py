"""Policies and deals to measure with: written as YAML and JSON lines, and read as any other policy and event.

A policy of *n* written rules negotiates six issues. A rule compares two or three facts with constants; each constant
is a quantile of what that fact really is in the generated deals, so that about a tenth of the rules fire. One rule in
six has two alternatives. Which facts a rule reads is drawn from the 32 below, those that a seller's policy reads.
"""

import json
import random
from collections.abc import Iterator, Sequence

from walkaway import Engine, Policy
from walkaway.deal.decode import Decoder
from walkaway.decide.compiler import compile_policy
from walkaway.decide.core.program import Stage
from walkaway.events import Offer, On, Party
from walkaway.language.values import format_value
from walkaway.policy import read
from walkaway.session.stream import Stream

_HEAD = """\
policy: benchmark
title: A seller's policy to measure with
version: 1
owner: sales-ops
side: seller
currency: USD
deal:
  list_price: money
  segment: {one of: [smb, mid-market, enterprise]}
  decision_maker_known: {type: yes/no, default: no}
  seats: {type: count, default: 50}
issues:
  discount: {type: percent, start: 0%, worth: -1% of deal.list_price per 1%, wish: 0%, want: 8%, walk: 20%}
  term: {type: months, start: 12 months, worth: 0.125% of deal.list_price per month, wish: 36 months}
  prepay: {type: yes/no, start: no, worth: 2% of deal.list_price}
  reference: {type: yes/no, start: no, worth: "3,000 USD"}
  support: {one of: {basic: 0 USD, gold: "-4,000 USD"}, start: basic}
  payment: {type: days, start: 30 days, worth: -20 USD per 1 day, want: 45 days, walk: 90 days}
package: {base: deal.list_price, walk: 75% of deal.list_price}
signals: [abuse, deception, deal_breaker]
roles: [manager, director, cfo]
rules:
"""
_BASE_RULE = (
    "  base-{0}:\n    why: Reads one fact, so that it is derived.\n    on: our offer\n    when: {0}\n    then: trade\n"
)

READ = (
    *("give.value", "get.value", "asked.value", "give.issues", "asked.issues"),
    *(
        "offer.discount",
        "offer.term",
        "offer.prepay",
        "offer.reference",
        "offer.support",
        "offer.payment",
        "offer.worth",
    ),
    *("room.discount", "room.payment", "room.package", "room.beyond_walk", "room.short_of_want", "balance"),
    *("ours.offers", "ours.concessions", "ours.in_a_row", "ours.unreturned", "ours.net", "ours.last_give"),
    *("theirs.offers", "theirs.concessions", "theirs.flat", "theirs.net", "theirs.retracted"),
    *("since.opened", "deal.list_price", "deal.segment", "deal.seats", "deal.decision_maker_known"),
)
"""The facts rules may read, all known whenever an offer of ours is judged."""

VERDICTS = ("trade", "trade", "trade", "hold", "hold", "escalate\n    to: director", "refuse")


def events(deals: int, each: int, seed: int = 1) -> list[bytes]:
    """Return JSON lines of events: *deals* deals in turn, an opening and *each* - 1 offers of both sides."""
    rng = random.Random(seed)
    return [line for deal in range(deals) for line in deal_lines(rng, f"D-{deal}", each)]


def deal_lines(rng: random.Random, deal: str, count: int) -> Iterator[bytes]:
    """Return the lines of one deal: its opening, and *count* - 1 offers of both sides."""
    facts = {
        "list_price": f"{rng.randrange(20, 400)},000 USD",
        "segment": rng.choice(["smb", "mid-market", "enterprise"]),
        "seats": rng.randrange(5, 500),
        "decision_maker_known": rng.choice(["yes", "no"]),
    }
    yield _line(deal, 0, "open", facts=facts)
    low, high = 0.0, 25.0
    for number in range(1, count):
        ours = rng.random() < 0.5
        if ours:
            low += rng.random() * 40 / count
        else:
            high -= rng.random() * 20 / count
        terms = {
            "discount": f"{round(low if ours else high, 1):g}%",
            "term": f"{rng.choice([12, 24, 36])} months",
            "prepay": rng.choice(["yes", "no"]),
            "reference": rng.choice(["yes", "no"]),
            "support": rng.choice(["basic", "basic", "gold"]),
            "payment": f"{rng.choice([30, 45, 60, 75])} days",
        }
        named = dict(rng.sample(sorted(terms.items()), rng.choice([1, 2, 3, 6])))
        yield _line(deal, number, "offer", by="us" if ours else "them", terms=named)


def _line(deal: str, number: int, sort: str, **rest: object) -> bytes:
    minute = number * 7
    at = f"2026-10-{1 + minute // 1440:02d}T{minute // 60 % 24:02d}:{minute % 60:02d}:00Z"
    return json.dumps({"id": f"{deal}/{number}", "deal": deal, "at": at, "type": sort, **rest}).encode()


def policy_text(rules: int, seed: int = 1) -> str:
    """Return a policy with so many written rules."""
    rng = random.Random(seed)
    seen = _seen()
    return _HEAD + "".join(_rule(rng, f"rule-{i:03d}", seen) for i in range(rules))


def stage_of(policy: Policy) -> Stage:
    """Return written rules about our offers; the built-in ones read facts that a line cannot lack or hold as null."""
    program = compile_policy(policy)
    stage = program.stages[On.OUR_OFFER, True]
    built_in = {r.id for r in program.rules[On.OUR_OFFER] if r.built_in}
    return Stage(tuple(r for r in stage.rules if r.id not in built_in), stage.uncertain)


def facts_of_offers(policy: Policy, lines: Sequence[bytes], wanted: Sequence[str]) -> Iterator[dict[str, int | str]]:
    """Return what is derived of *wanted* at each offer of ours."""
    engine = Engine(policy)
    decoder, stream = Decoder(policy), Stream(engine)
    for line in lines:
        event = decoder.decode(line).value
        assert event is not None
        if isinstance(event, Offer) and event.by is Party.US:
            facts = engine.all_facts(engine.evaluate(stream.deals[event.deal].position, event))
            yield {name: value for name in wanted if (value := facts[name]) is not None}
        list(stream.event(event))


def read_policy(text: str) -> Policy:
    """Read a policy as from a file."""
    return read(text.encode(), "policy.yaml", {}).unwrap()


def _seen() -> dict[str, list[tuple[int | str, str]]]:
    """Return for each fact the values it has in some generated deals, sorted, each with how it is written."""
    always = ["ours.offers >= 0"]
    policy = read_policy(_HEAD + "".join(_BASE_RULE.format(t).replace("base-ours.offers >= 0", "base") for t in always))
    found = list(facts_of_offers(policy, events(30, 30, seed=99), READ))
    return {
        name: sorted((facts[name], format_value(facts[name], policy.catalog[name].unit)) for facts in found)
        for name in READ
    }


def _rule(rng: random.Random, name: str, seen: dict[str, list[tuple[int | str, str]]]) -> str:
    ways = [_way(rng, seen) for _ in range(2 if rng.random() < 1 / 6 else 1)]
    when = (
        f"all: {_listed(ways[0])}"
        if len(ways) == 1
        else f"any: [{', '.join('{all: ' + _listed(w) + '}' for w in ways)}]"
    )
    return (
        f"  {name}:\n    why: Something was found to matter.\n    on: our offer\n    when: {{{when}}}\n"
        f"    then: {rng.choice(VERDICTS)}\n    say: We would have to look at the whole of it.\n"
    )


def _listed(leaves: Sequence[str]) -> str:
    return "[" + ", ".join(f"'{leaf}'" for leaf in leaves) + "]"


def _way(rng: random.Random, seen: dict[str, list[tuple[int | str, str]]]) -> list[str]:
    """Return two or three leaves that hold together for about a tenth of the offers."""
    count = rng.choice([2, 3])
    share = 0.1 ** (1 / count)
    return [_leaf(rng, fact, seen[fact], share + rng.uniform(-0.15, 0.15)) for fact in rng.sample(READ, count)]


def _leaf(rng: random.Random, fact: str, values: Sequence[tuple[int | str, str]], share: float) -> str:
    """Return a comparison that holds for about *share* of the values."""
    distinct = list(dict.fromkeys(written for _, written in values))
    if len(distinct) <= 4:
        return f"{fact} {rng.choice(['=', '=', '!='])} {rng.choice(distinct)}"
    up = rng.random() < 0.5
    at = values[min(len(values) - 1, int(len(values) * ((1 - share) if up else share)))][1]
    return f"{fact} {rng.choice(['>=', '>'] if up else ['<=', '<'])} {at}"
