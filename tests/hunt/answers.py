"""Hunt for a layout that changes a verdict, a counteroffer that is not what it says, and laws that any policy keeps."""

from collections.abc import Iterator
from functools import partial
from random import Random

import msgspec
from tests.helpers.asking import decoded_as
from tests.helpers.scrawled import scrawl
from tests.hunt import policies
from tests.hunt.claims import CHECKS, Seen, severity, words
from tests.hunt.deals import Dealer
from tests.hunt.made import LOWEST, Made
from tests.hunt.playing import counted, engine_of, follow, one_deal, with_deal
from tests.hunt.tally import Contradiction, Tally

from walkaway.advice.counteroffers import Seeker, asked_about
from walkaway.decide.engine import Engine
from walkaway.decide.evaluation import Evaluation
from walkaway.events import THEM, US, Offer, Open, Verdict
from walkaway.language.expr.tree import facts_of
from walkaway.policy import formatted
from walkaway.policy.model import Rule

ALWAYS = ("nothing-beyond-walk", "agreed-is-agreed", "may-accept-means-may-accept", "won-only-when-cleared",
          "nobody-approves-themselves")  # fmt: skip
"""Properties that every policy has, whatever its rules are."""


def hunt_layouts(rng: Random, tally: Tally, deals: int = 60) -> Iterator[Contradiction]:
    """Scrawl a policy, lay it out anew, and compare the answers of the two."""
    made = policies.layered(rng) if rng.randrange(3) == 0 else policies.wild(rng)
    data = scrawl(rng, made.roots[LOWEST], same=True)
    scrawled = msgspec.structs.replace(made, texts={LOWEST: data})
    policy = scrawled.policy()
    if policy is None:
        tally.add("policies that cannot be read")
        return
    laid = formatted(data, LOWEST, made.beside).value
    if laid is None:
        yield Contradiction("fmt", "a policy that can be read cannot be laid out", scrawled, partial(layout))
        return
    tally.add("layouts")
    engines = [engine_of(policy), engine_of(laid_out(scrawled, laid))]
    dealer = Dealer(policy, rng)
    for events in counted(lambda: [s.event for s in one_deal(engines[0], dealer)], tally, deals):
        what = otherwise(engines, events)
        if what:
            yield Contradiction("fmt changes a verdict", what, with_deal(scrawled, policy, events), layout)
            return


def laid_out(made: Made, laid: bytes):
    """Return the policy as it was laid out."""
    found = msgspec.structs.replace(made, texts={**made.texts, LOWEST: laid}).policy()
    assert found is not None
    return found


def layout(made: Made) -> str | None:
    """Return where a case's policy answers otherwise once it is laid out."""
    policy, laid = made.policy(), formatted(made.written(), LOWEST, made.beside).value
    if policy is None:
        return None
    if laid is None:
        return "a policy that can be read cannot be laid out"
    return otherwise([engine_of(policy), engine_of(laid_out(made, laid))], made.told(policy))


def otherwise(engines: list[Engine], events: list) -> str | None:
    """Say where two engines answer otherwise."""
    answers = [[severity(s.found) for s in follow(e, events)] for e in engines]
    return None if answers[0] == answers[1] else f"{answers[0]}, laid out {answers[1]}"


# Any policy


def hunt_laws(rng: Random, tally: Tally, deals: int = 300) -> Iterator[Contradiction]:
    """Try what holds under every policy with many deals."""
    made = policies.layered(rng) if rng.randrange(4) == 0 else policies.wild(rng)
    policy = made.policy()
    if policy is None:
        tally.add("policies that cannot be read")
        return
    tally.add("policies of any kind")
    engine, dealer = engine_of(policy), Dealer(policy, rng)
    for _ in range(deals):
        if tally.is_over():
            return
        for seen in one_deal(engine, dealer):
            for law, check in LAWS.items():
                what = check(seen)
                if what:
                    case = with_deal(made, policy, [*seen.past, seen.event])
                    yield Contradiction(law, what, case, partial(breaks, law=law))
                    return
        tally.add("deals")
        tally.add("events", dealer.count)


def breaks(made: Made, law: str) -> str | None:
    """Return where a case breaks a law."""
    policy = made.policy()
    if policy is None:
        return None
    return next((w for seen in follow(engine_of(policy), made.told(policy)) if (w := LAWS[law](seen))), None)


def opening(seen: Seen) -> str | None:
    """Say where our first offer is answered otherwise when it is made as the deal opens (law 7)."""
    found, event, past = seen.found, seen.event, seen.past
    if not isinstance(event, Offer) or event.by is not US or event.packages or len(past) != 1 or event.until:
        return None
    first = past[0]
    assert isinstance(first, Open)
    if event.final or event.other or event.instant != first.instant or event.actor != first.actor:
        return None
    bare = seen.ask(None, first)
    together = seen.ask(None, msgspec.structs.replace(first, terms=event.terms))
    if bare is None or together is None or bare.at.valuation is None:
        return None
    apart = firing(bare) | firing(found)
    changed = differing(seen.engine, bare, together) | differing(seen.engine, found, together)
    said = f"opening with terms is {words(together)}; the bare opening {words(bare)}, the offer {words(found)}"
    odd = [r for i, r in (apart | firing(together)).items() if (i in apart) != (i in firing(together))]
    if any(changed.isdisjoint(facts_of(rule.condition)) for rule in odd):
        return said
    if not odd and severity(together) != max(severity(bare), severity(found)):
        return said
    # A rule on the opening that reads the terms may refuse them as the deal opens, and then they are not cleared.
    alike = severity(bare)[0] is Verdict.PROCEED and severity(together) == severity(found)
    if alike and ledger(together) != ledger(found):
        return f"the ledger after it is {ledger(together)}, after the offer {ledger(found)}"
    return None


def firing(found: Evaluation) -> dict[str, Rule]:
    """Return the rules that fired, by their id."""
    return {found.rules[i].id: found.rules[i] for i in found.fired}


def differing(engine: Engine, one: Evaluation, other: Evaluation) -> set[str]:
    """Return the facts that two events found otherwise."""
    facts, others = engine.all_facts(one), engine.all_facts(other)
    return {n for n in facts.keys() | others.keys() if facts.get(n) != others.get(n)}


def ledger(found: Evaluation) -> tuple[object, ...]:
    """Return what counts of our half of the ledger."""
    after = found.after
    side = after.ours
    return dict(after.cleared), after.uncleared, side.net, side.offers, side.concessions, side.in_a_row, side.unreturned


def packaging(seen: Seen) -> str | None:
    """Say where demands never named before move the ledger (law 6); at another value of the selector all is counted
    anew.
    """
    found, event, before = seen.found, seen.event, seen.found.at  # what had expired by then is gone
    if not isinstance(event, Offer) or event.by is not THEM or event.packages:
        return None
    if before.valuation is None or found.move is None or found.on.__class__ is tuple or event.until:
        return None
    new = set(event.terms) - set(before.base)
    if seen.engine.policy.selector in new:
        return None
    if not event.terms or new != set(event.terms) or found.move.heard.value != "their offer":
        return None
    one, other = before.theirs, found.after.theirs
    if (one.net, one.retracted, one.flat) != (other.net, other.retracted, other.flat):
        return f"naming {sorted(new)} for the first time moved {one.net, one.flat} to {other.net, other.flat}"
    return None


def counteroffers(seen: Seen) -> str | None:
    """Say which counteroffer does not get the verdict that it promises, or is beyond a walk value."""
    if len(seen.past) % 3:
        return None
    found, engine = seen.found, seen.engine
    asked = asked_about(found)
    if asked is None:
        return None
    decision = Seeker(engine).record(found, "0")
    position, offer = asked
    for offered in decision.counteroffers:
        at = position
        if offered.when:
            moved = seen.ask(at, decoded_as(engine.policy, offer, THEM, offered.when, "moved"), seen.event)
            if moved is None or moved.ruling.verdict is Verdict.WALK:
                return f"they cannot move to {dict(offered.when)}"
            at = moved.after
        taken = seen.ask(at, decoded_as(engine.policy, offer, US, offered.terms, "taken"), seen.event)
        if taken is None or taken.ruling.verdict != offered.verdict:
            said = "does not fit" if taken is None else words(taken)
            return f"the counteroffer {dict(offered.terms)} promises {offered.verdict}, and {said}"
        if taken.room is not None and taken.room.beyond:
            return f"the counteroffer {dict(offered.terms)} is beyond a walk value"
    return None


LAWS = {
    **{name: CHECKS[name] for name in ALWAYS},
    "an opening with terms is our first offer": opening,
    "demands named for the first time move nothing": packaging,
    "a counteroffer is what it says": counteroffers,
}
