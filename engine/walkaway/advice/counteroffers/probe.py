"""Try packages in one deal, quickly: the facts that the terms change are put together from what each value brings.

It answers what the engine would, for an offer of ours with these terms at this moment; whoever shows a package asks
the engine itself again. A package is one choice for each issue, in the policy's order.
"""

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from functools import partial
from typing import Any

import msgspec

from walkaway.advice.counteroffers.candidates import Candidates
from walkaway.advice.counteroffers.choices import Choice, Package, Ruler
from walkaway.advice.counteroffers.varying import REFUSED, TAKEN, Foreseen, OfferRules, outcome_of
from walkaway.deal.cover import in_force, is_covered, movers_of
from walkaway.deal.ledger import counted, in_both
from walkaway.deal.line_items import figure_of
from walkaway.deal.patterns import join
from walkaway.deal.position import Approval, Move, Position
from walkaway.deal.valuation import Bound, Valuation
from walkaway.decide.authority import Covering
from walkaway.decide.core.program import Fired
from walkaway.decide.verdict import combine
from walkaway.events import Offer, Party, Terms
from walkaway.language.values import Exact, Value
from walkaway.policy.model import LINES, Policy


class Probe:
    """A deal in which packages are tried.

    Args:
        offer: An offer of ours at the moment asked about. It names what the package asked about changes of our word.
        position, facts: The deal in which it is made, and what rules about our offers read of it there.
        theirs: What the other side has named, of its standing terms. On other issues they are taken to want what
            the offer concedes.
        blind: Look at no limit where values are chosen: for whoever must not learn them.

    Attributes:
        values: The values that are tried.
        cleared, said, offered: Our package as it was last let through, as they last heard it, and the one asked about.
        named: The issues that either side has named, in the offer asked about too.
        takes: The packages that would take what they offer.
        is_far: Whether some package that may be tried is worth more than can be held: it is no offer, and then moving
            in our favour does more than to switch rules off.
        tried: How many packages were tried.
    """

    def __init__(
        self,
        rules: OfferRules,
        position: Position,
        offer: Offer,
        facts: Mapping[str, Exact | None],
        theirs: Terms,
        *,
        blind: bool = False,
    ) -> None:
        assert position.valuation is not None, "no package can be tried before worths are known"
        said, terms = position.ours.standing, {**position.ours.standing, **offer.terms}
        self.at, self.valuation = scales_of(position, terms)
        valuation, known = self.valuation, held_at(position, terms)
        self.rules, self.position, self.offer = rules, position, offer
        self.other = {n: v for n, v in {**position.ours.other, **offer.other}.items() if v is not None}
        self.theirs = theirs
        self.wanted = {**_conceded(position, terms), **theirs}
        self.issues = tuple(rules.policy.issues.values())
        self.base = facts if rules.terms <= facts.keys() else {f: facts.get(f) for f in rules.terms}
        self.tried = 0
        stated = position.ours.stated | position.theirs.stated
        self.named = frozenset(offer.terms) | {i for i, b in rules.policy.bits.items() if stated & b}
        self.approvals = (
            in_force(position, offer, movers_of(rules.policy.people, position, offer, Party.US))
            if position.approvals
            else ()
        )
        self.settled = rules.run_settled(facts)
        self.outcomes: dict[Any, Foreseen] = {} if self.approvals else rules.remembered(self.settled)
        self.walks, self.wants = _by_issue(valuation.walks), _by_issue(valuation.wants)
        self.selector = next((p for p, i in enumerate(self.issues) if i.name == position.valuation.selector), None)
        self.rulers = tuple([self.ruler(i.name) for i in self.issues])
        self.made: tuple[dict[Value, Choice], ...] = tuple([{} for _ in self.issues])
        self.cleared, self.said, self.offered = map(self.package, (position.cleared, said, terms))
        self.values = Candidates(
            rules.policy, position, known, valuation, self.walks, (self.cleared, self.said, self.offered), theirs,
            self.rulers, self.choice, self.made, blind=blind,
        )  # fmt: skip
        conceded = sum([c.both for c in self.cleared])
        if self.selector is not None:
            conceded, _ = in_both(rules.policy, position, position.cleared)
        ahead = conceded + max(0, position.ours.net + position.theirs.net - conceded)
        self.fired_by = rules.runner(scaled=valuation.scale != 1)
        base = valuation.base + position.ours.net
        limits = known["walk.package"], known["want.package"]
        self.same = base, *limits, ahead, valuation.scale, Fraction, partial(_of_lines, rules.policy, position)
        offers = position.theirs
        takes = (offers.packages or (offers.standing,)) if offers.stands and self.other == offers.other else ()
        self.takes = frozenset(map(self.package, takes))
        self.is_far = self._is_far()
        self.is_plain = not (self.approvals or rules.approved or rules.patterns)
        self.is_quick = self.is_plain and not self.is_far and not self.takes

    def _is_far(self) -> bool:
        gain = loss = given = 0
        values = self.values
        for place, offered in enumerate(self.offered):
            tried = [offered, values.best_ask(place, offered), *values.every(place)]
            gain += max([c.worth for c in tried])
            loss += max([c.loss for c in tried])
            given = max(given, offered.loss)
        loss += given  # an issue is conceded instead of another
        return not self._is_held(gain, loss, gain) or not self._is_held(0, 0, -loss)

    def _is_held(self, gain: int, loss: int, worth: int) -> bool:
        most = self.valuation.most
        return gain <= most and loss <= most and -most <= self.same[0] + worth <= most

    def package(self, terms: Terms) -> Package:
        """Return whole terms as a package."""
        making, made = self.choice, self.made
        values = [terms[issue.name] for issue in self.issues]
        return tuple([made[place].get(value) or making(place, value) for place, value in enumerate(values)])

    def choice(self, place: int, value: Value) -> Choice:
        """Return one value of the issue at *place*."""
        found = self.made[place].get(value)
        if found is None:
            ruler, position, covered = self.rulers[place], self.position, 0
            if self.approvals:
                approvals = enumerate(self.approvals)
                covered = sum(1 << i for i, a in approvals if is_covered(position, a.terms, ruler.name, value))
            found = self.made[place][value] = ruler.choice(place, value, covered)
        return found

    def ruler(self, name: str) -> Ruler:
        """Return what measures the values of an issue."""
        policy, position = self.rules.policy, self.position
        base, last = position.base.get(name), position.theirs.standing.get(name)
        both = None
        if base is not None and last is not None:
            both = counted(policy, position, name, base, self.at), counted(policy, position, name, last, self.at)
        return Ruler(
            name,
            self.valuation,
            self.valuation.worths[name],
            position.cleared[name],
            position.run[name],
            position.start[name],
            both,
            self.wanted.get(name),
            self.walks.get(name),
            self.wants.get(name),
            self.moves() if name == self.rules.policy.selector else None,
        )

    def moves(self) -> Mapping[Value, tuple[int, int]]:
        """Return for each value of the selector what it gives over what was cleared when they last moved, and asks."""
        run, start, valuation = self.position.run, self.position.start, self.position.valuation
        assert valuation is not None
        name, found = valuation.selector, {}
        for value in valuation.by:
            moved = valuation.between(run, {**run, name: value}).change(name, run[name], value)
            found[value] = max(0, -moved), self.at.change(name, start[name], value)
        return found

    def best_case(self) -> Foreseen:
        """Return the outcome of the rules that no terms can change, with every approval that could cover some."""
        rules = [self.rules.settled[i] for i in self.settled]
        return outcome_of(combine(rules, self.covering(self.approvals), self.rules.policy), self.rules.policy.roles)

    def covering(self, approvals: tuple[Approval, ...]) -> Covering | None:
        """Return approvals as what they cover is combined with."""
        return Covering(approvals, self.position.known, self.other) if approvals else None

    def outcome(self, package: Sequence[Choice]) -> Foreseen:
        """Return what the engine would answer to a package."""
        self.tried += 1
        if self.is_quick:
            fired = self.fired_by(package, self.base, self.same)
            return self.outcomes.get(fired) or self.judge(fired, fired, 0)
        return self.outcome_slowly(package)

    def outcome_slowly(self, package: Sequence[Choice]) -> Foreseen:
        """Return as `outcome` where more than the rules that fire may answer."""
        for take in self.takes:
            for taken, choice in zip(take, package, strict=True):
                if taken is not choice:
                    break
            else:
                return TAKEN
        if self.is_far:
            worth, loss = sum([c.worth for c in package]), sum([c.loss for c in package])
            if not self._is_held(worth + loss, loss, worth):
                return REFUSED
        if not self.is_plain:
            return self.outcome_under_more(package)
        fired = self.fired_by(package, self.base, self.same)
        return self.outcomes.get(fired) or self.judge(fired, fired, 0)

    def outcome_under_more(self, package: Sequence[Choice]) -> Foreseen:
        """Return as `outcome` where approvals count, or patterns that our offers complete."""
        covered = -1 if self.approvals else 0
        for choice in package:
            covered &= choice.covered
        facts = dict(self.base)
        if self.rules.approved:
            facts |= self.approved(covered)
        if self.rules.patterns:
            facts |= self.matches(package)
        fired = self.fired_by(package, facts, self.same)
        key = (fired, covered) if self.approvals else fired
        return self.outcomes.get(key) or self.judge(key, fired, covered)

    def judge(self, key: object, fired: Fired, covered: int) -> Foreseen:
        """Return the outcome of the varying rules that fired, with the settled ones, under the approvals that cover.

        Args:
            key: Under what it is remembered.
        """
        rules = [self.rules.settled[i] for i in self.settled] + [self.rules.varying[i] for i in fired]
        covering = tuple(a for i, a in enumerate(self.approvals) if covered >> i & 1)
        ruling = combine(rules, self.covering(covering), self.rules.policy)
        found = self.outcomes[key] = outcome_of(ruling, self.rules.policy.roles)
        return found

    def approved(self, covered: int) -> dict[str, int]:
        """Return the facts that say whose approval covers; higher authority counts for lower."""
        roles = self.rules.policy.roles
        most = max((roles.index(a.role) for i, a in enumerate(self.approvals) if covered >> i & 1), default=-1)
        return {fact: int(roles.index(fact.rpartition(".")[2]) <= most) for fact in self.rules.approved}

    def matches(self, package: Sequence[Choice]) -> dict[str, int]:
        """Return the facts that count patterns whose second leg listens to our offers."""
        worth, loss = sum([c.worth for c in package]), sum([c.loss for c in package])
        terms = {self.issues[c.issue].name: c.value for c in package}
        ours = self.position.ours
        move = Move(Party.US, terms, ours.net + worth, worth + loss, loss, 0, 0, 0, 0, ours.offers == 0)
        counts = join(self.rules.policy, self.position, move)[1]
        return {fact: counts[fact.rpartition(".")[2]] for fact in self.rules.patterns}


def scales_of(position: Position, terms: Terms) -> tuple[Valuation, Valuation]:
    """Return the scales at the value of the selector in some terms, and those of moving there from what was cleared.

    By the latter a value of the selector is worth what it makes of our cleared terms, for it moves before all others.
    """
    valuation, cleared = position.valuation, position.cleared
    assert valuation is not None, "no package can be tried before worths are known"
    at, selector = valuation.at(terms), valuation.selector
    if not selector:
        return at, at
    begun = cleared[selector]
    own = {v: valuation.between(cleared, {**cleared, selector: v}).change(selector, begun, v) for v in valuation.by}
    return at, msgspec.structs.replace(at, worths={**at.worths, selector: own})


def held_at(position: Position, terms: Terms) -> Mapping[str, Any]:
    """Return what is known of a deal, each limit that hangs on the selector as it is at its value in some terms."""
    valuation = position.valuation
    facts = {} if valuation is None else valuation.at(terms).facts
    if not facts:
        return position.known
    return {**position.known, **{fact: position.known.get(held) for fact, held in facts.items()}}


def _conceded(position: Position, terms: Terms) -> Terms:
    cleared = position.cleared
    assert position.valuation is not None
    valuation = position.valuation.between(cleared, terms)
    return {i: v for i, v in terms.items() if valuation.change(i, cleared[i], v) < 0}


def _by_issue(bounds: Iterable[Bound]) -> dict[str, Bound]:
    return {b.issue: b for b in bounds}


def _of_lines(policy: Policy, position: Position, name: str, lines: Value) -> Exact | None:
    """Return a figure of the lines of a package."""
    return figure_of(policy, name, {LINES: lines}, position.known)
