"""Hyperproperties: claims about two answers, to two offers in one deal or to one deal at two sizes."""

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from walkaway.decide.core.program import CONCLUDED
from walkaway.events import OUR_TERMS, Door, Verdict
from walkaway.language.expr.tree import facts_of
from walkaway.policy.model import LINES, Enforcement, Linear, Policy, Rule
from walkaway.proof.formulas import ledger, logic
from walkaway.proof.formulas.any_deal import AnyDeal
from walkaway.proof.formulas.encode import Lifted, Ruled, Sym
from walkaway.proof.formulas.facts import Act, Case, issue_of, of_issues, worths_of
from walkaway.proof.formulas.judging import Judged
from walkaway.proof.formulas.logic import (
    Number,
    Truth,
    above,
    at_least,
    both,
    either,
    equal,
    every,
    implies,
    less,
    no,
    some,
)
from walkaway.proof.formulas.worths import selector_in

Refuting = tuple[Judged, Truth, tuple[Truth, ...]]
"""The first of two events, the truth that both refute a property, and truths of which one must hold where they do."""


# Two offers in one deal


def is_better(policy: Policy, worse: Act, better: Act) -> Truth:
    """Return the truth that an offer is for us as good as another on every issue, or better, and covered as it is.

    On issues approved as named it is the same: what is approved of one value says nothing of a better one. So are the
    lines: better in sum may be worse on one of them.
    """
    found = []
    for name, issue in policy.issues.items():
        one, other = worse.terms[name], better.terms[name]
        of_lines = name == LINES and policy.lines is not None
        if (issue.as_named and policy.roles) or name == policy.selector or of_lines:
            found.append(equal(one, other))
        if isinstance(issue.worth, Linear):
            ahead = logic.times(issue.better, less(other, one))
            found.append(at_least(ahead, 0) if issue.better else equal(one, other))
        elif worse.worths:
            found.append(either(equal(one, other), above(better.worths[name], worse.worths[name])))
        else:
            found.append(equal(one, other))
    return every(found)


def is_milder(one: Ruled, other: Ruled) -> Truth:
    """Return the truth that *other* is a milder answer than *one*."""
    pairs = [*zip(one.reaches, other.reaches, strict=True), (one.closed, other.closed)]
    return some(both(a, no(b)) for a, b in pairs)


def no_longer(one: Judged, other: Judged) -> Truth:
    """Return the truth that *one* proceeds and *other* does not."""
    return both(one.proceeds, no(other.proceeds))


def two_offers(world: AnyDeal, case: Case) -> Refuting:
    """Return, for every deal, terms, and the truth that they proceed and better ones do not."""
    worse, better = world.act(case, "offer"), world.act(case, "better")
    better = msgspec.structs.replace(better, now=worse.now, named=worse.named, other=worse.other, role=worse.role)
    one, other = world.judge(worse), world.judge(better)
    asserted = world.asserted
    _lift_as_much(world, worse, better)
    if world.scales is not None:
        for pattern in worse.again:
            for first, second in ((worse, better), (better, worse)):
                leg = world.terms(f"first.{pattern}")
                more = above(second.again[pattern], first.again[pattern])
                joins = both(world.joins(pattern, leg, second), no(world.joins(pattern, leg, first)))
                asserted.add(implies(more, joins))
    asserted.add(is_better(world.policy, worse, better))
    for formula in _at_one_value(one, other):
        asserted.add(formula)
    for formula in no_worse(one, other):
        asserted.add(formula)
    if one.inner is not None and other.inner is not None:
        for formula in no_worse(one.inner, other.inner, besides=("give_run",)):
            asserted.add(formula)
    for judged in (one, other):
        asserted.add(in_sum(judged))
    return one, no_longer(one, other), _is_stopped(one, other)


def _at_one_value(one: Judged, other: Judged) -> Iterator[Truth]:
    """Return lemmas about the better of two offers with the same value of the selector: issue by issue it is worth no
    less, a quantity at every value of the selector, and gives no more; the selector moves by the same. They spare the
    solver the way through cases.
    """
    worse, better = one.act.worths, other.act.worths
    selector = selector_in(worse)
    if selector is None:
        return
    for key, worth in better.items():
        if issue_of(key) == selector[0]:
            yield equal(worth, worse[key])
        elif isinstance(key, str) or one.facts.policy.issues[key[0]].better:
            yield at_least(worth, worse[key])
    for before, after in ((one, other), (one.inner, other.inner)):
        if before is None or after is None or not before.facts.changes:
            continue
        names = of_issues(before.act.worths)
        for name, a, b in zip(names, before.facts.changes, after.facts.changes, strict=True):
            yield equal(a, b) if name == selector[0] else at_least(b, a)


def _is_stopped(one: Judged, other: Judged) -> tuple[Truth, ...]:
    """Return for each rule, of accepting it too, that it stops what proceeds without it."""
    ruled = [other.heard] if other.inner is None else [other.heard, other.inner.heard]
    return tuple(
        both(one.proceeds, d) for r in ruled for m, d in zip(r.rules, r.decides, strict=True) if m.effect.severity
    )


def _lift_as_much(world: AnyDeal, one: Act, other: Act) -> None:
    """Assert that whatever approvals lift of one event they lift of another."""
    for before, after in (
        (one.lifted.approved, other.lifted.approved),
        (one.lifted.lifts, other.lifted.lifts),
    ):
        for name, covers in before.items():
            world.asserted.add(implies(covers, after[name]))


# The same said again, and in steps


SAYING_AGAIN = (
    "since.", "calendar.", "fx.drift", "ours.last.", "ours.first.", "ours.uncleared", "ours.settled", "ours.reopened",
    "agreed.",
)  # fmt: skip
"""Facts that offers of ours which are not let through may move."""
STEPPING = ("since.", "calendar.", "fx.drift", "ours.last.", "offer.first")
"""Facts that a rule on totals or on the size of a step has no use for."""


def reading(policy: Policy, prefixes: tuple[str, ...]) -> tuple[str, ...]:
    """Return the rules that decide and read such a fact, through conclusions too."""
    found: set[str] = set()
    concluded: set[str] = set()
    grows = True
    while grows:
        reading = {r.id for r in policy.rules if _reads(r, prefixes, concluded)}
        names = {r.effect.concludes for r in policy.rules if r.id in reading and r.effect.concludes}
        grows = reading != found or names != concluded
        found, concluded = reading, names
    return tuple(sorted({r.id for r in policy.rules if r.id in found and r.decides and not r.on.isdisjoint(OUR_TERMS)}))


def _reads(one: Rule, prefixes: tuple[str, ...], concluded: set[str]) -> bool:
    facts = facts_of(one.condition)
    return any(f.startswith(prefixes) or f.removeprefix(CONCLUDED) in concluded for f in facts)


def besides(judged: Judged, aside: Sequence[str]) -> Ruled:
    """Return the ruling by all rules but some."""
    ruled = judged.heard
    if not aside:
        return ruled
    kept = [(r, d) for r, d in zip(ruled.rules, ruled.decides, strict=True) if r.decides and r.id not in aside]
    reaches = tuple(
        some(d for r, d in kept if r.effect.verdict is not None and r.effect.verdict >= v) if v.rank else True
        for v in Verdict
    )
    closing = either(judged.facts.state.left_closed, some(d for r, d in kept if r.effect.door is Door.CLOSED))
    return msgspec.structs.replace(ruled, reaches=reaches, closed=both(reaches[Verdict.WALK.rank], closing))


def again(world: AnyDeal, case: Case, aside: Sequence[str]) -> Refuting:
    """Return, for every deal, an offer of ours that is not let through, and that it is answered more mildly later.

    Between the two lie any number of offers and acceptances of ours that were not let through either.
    """
    act, state, policy = world.act(case), world.state, world.policy
    one = world.judge(act)
    said = ledger.said(policy, state, act, False)
    uncleared, later = world.number("later.uncleared"), world.number("later.now")
    add = world.asserted.add
    add(both(at_least(uncleared, said.uncleared), at_least(later, act.now)))
    terms = world.terms("between")
    ours = ledger.replace(
        said.ours,
        standing=terms,
        worths=worths_of(world.scales, terms),
        settled={i: either(t, world.flag(f"between.settled.{i}")) for i, t in said.ours.settled.items()},
        said_at=Sym(True, world.number("between.said_at")),
    )
    matches = {p: world.number(f"later.{p}") for p in said.matches}
    add(every(at_least(n, said.matches[p]) for p, n in matches.items()))
    after = ledger.replace(
        said,
        ours=ours,
        uncleared=uncleared,
        matches=matches,
        other_ours=world.number("between.other"),
        agreement=ledger.replace(said.agreement, stands=world.flag("between.agreed"), exists=True),
    )
    add(logic.same(after.theirs.said_at.known, True) if case.agrees else True)
    second = msgspec.structs.replace(world.act(case, "again"), terms=act.terms, worths=act.worths, now=later)
    second = msgspec.structs.replace(second, other=act.other, named=act.named, stating=act.stating, role=act.role)
    add(every(at_least(n, act.again[p]) for p, n in second.again.items()))
    _lift_as_much(world, second, act)
    two = world.judge(second, after)
    return one, is_milder(besides(one, aside), besides(two, aside)), _falls_silent(True, one, two, aside)


def steps(world: AnyDeal, case: Case, step: Case, aside: Sequence[str]) -> Refuting:
    """Return, for every deal, an offer of ours, and that it is answered more mildly after another one of ours.

    The step needed no approval: what was approved and cleared may be said again without one.
    """
    act, first = world.act(case), world.act(step, "step")
    one, before = (
        world.judge(act),
        world.judge(msgspec.structs.replace(first, now=act.now, lifted=Lifted(), role=act.role)),
    )
    after = ledger.said(world.policy, world.state, before.act, True)
    second = msgspec.structs.replace(act, again={p: world.number(f"again.after.{p}") for p in act.again})
    add = world.asserted.add
    add(every(at_least(n, act.again[p]) for p, n in second.again.items()))
    two = world.judge(second, after)
    for judged in (one, before, two):
        add(in_sum(judged))
    refutes = both(before.proceeds, is_milder(besides(one, aside), besides(two, aside)))
    return one, refutes, _falls_silent(before.proceeds, one, two, aside)


def in_sum(judged: Judged) -> Truth:
    """Return that what terms ask for less what they give is what all issues change by: so by algebra, and said outright
    it spares the solver the way through each issue's sign.
    """
    facts = judged.facts
    return equal(less(facts.gain, facts.loss), logic.total(facts.changes)) if facts.changes else True


def _falls_silent(where: Truth, one: Judged, other: Judged, aside: Sequence[str]) -> tuple[Truth, ...]:
    """Return for each rule that it decides for one event and not for the other: a milder answer needs one such."""
    pairs = zip(one.heard.rules, one.heard.decides, other.heard.decides, strict=True)
    found = (both(where, a, no(b)) for r, a, b in pairs if r.decides and r.effect.severity and r.id not in aside)
    return tuple(part for part in found if part is not False)


GROWS = {
    "give": -1,
    "give_net": -1,
    "give_run": -1,
    "give_issues": -1,
    "asked": 1,
    "asked_issues": 1,
    "worth": 1,
    "move": 1,
    "move_retracted": -1,
    "move_reopened": -1,
    "beyond_walk": -1,
    "short_of_want": -1,
    "room": 1,
}
"""Path in the catalog → whether its facts grow or fall as an offer gets better for us."""


def no_worse(one: Judged, other: Judged, besides: Sequence[str] = ()) -> Iterator[Truth]:
    """Return lemmas about the better of two offers, which spare the solver the way through sums.

    What is given over what is got is the lesser of V(C) and -T, less V(O), and V falls on no better terms
    (docs/calculus.md). Where an offer of theirs is counted first, T rises with it, and V(C) falls.

    Args:
        besides: Paths of facts of which nothing is said: one of two offers of theirs may begin a run anew, and a better
            one that takes our word need not.
    """
    if one.facts.changes:
        for a, b in ((other.facts.gain, one.facts.gain), (one.facts.loss, other.facts.loss)):
            yield at_least(a, b)
    policy = one.facts.policy
    read = {f for r in one.heard.rules for f in facts_of(r.condition)}
    for name in sorted(read):
        path = policy.catalog[name].path if name in policy.catalog else ""
        way = None if path in besides else GROWS.get(path)
        before, after = one.facts.get(name), other.facts.get(name)
        if way is not None and before.known is not False:
            yield implies(before.known, at_least(logic.times(way, after.value), logic.times(way, before.value)))
    if {"give.value", "get.value"} <= read:
        paid = [(j.facts.get("give.value"), j.facts.get("get.value")) for j in (one, other)]
        (given, got), (less_given, more_got) = paid
        known = every([given.known, got.known, less_given.known, more_got.known])
        yield implies(known, at_least(less(given.value, got.value), less(less_given.value, more_got.value)))


def same_role(one: Sym, other: Sym) -> Truth:
    """Return the truth that two things are said in one role, or both in none that is known."""
    return both(logic.same(one.known, other.known), implies(one.known, equal(one.value, other.value)))


# One deal at two sizes


class Grown:
    """Facts of a deal in which every amount of money is larger in one proportion, the rest as before."""

    def __init__(self, judged: Judged, amounts: Mapping[str, Number]) -> None:
        self.judged, self.amounts = judged, amounts

    def get(self, name: str) -> Sym:
        fact = self.judged.reader.facts.get(name)
        return Sym(fact.known, self.amounts[name]) if name in self.amounts else fact


def softened(policy: Policy, one: Judged, other: Judged) -> Truth:
    """Return the truth that a mandatory rule fires for *one* and not for *other*, nor another of its matrix."""
    rules, fires = one.heard.rules, other.heard.fires
    pairs = zip(rules, one.heard.fires, strict=True)
    return some(
        both(a, no(some(b for b, beside in zip(fires, rules, strict=True) if stands_for(policy, beside, rule))))
        for rule, a in pairs
        if is_mandatory(rule.enforcement) and rule.effect.severity
    )


def stands_for(policy: Policy, beside: Rule, rule: Rule) -> bool:
    """Return whether a rule is another one, or one of the same matrix that wants no less."""
    if beside is rule or not rule.made_of or beside.made_of != rule.made_of:
        return beside is rule
    wanted, more = (
        (r.effect.severity, policy.ranks.get(r.effect.to, 0), r.effect.count if r.effect.to else 0)
        for r in (rule, beside)
    )
    return all(a <= b for a, b in zip(wanted, more, strict=True)) or more[0] > wanted[0]


def is_mandatory(enforcement: Enforcement) -> bool:
    """Return whether a rule with it always decides."""
    return enforcement is Enforcement.MANDATORY
