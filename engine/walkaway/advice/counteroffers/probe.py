"""Try packages in one deal, quickly: the facts that the terms change are put together from what each value brings.

It answers what the engine would, for an offer of ours with these terms at this moment; whoever shows a package asks
the engine itself again. A package is one choice for each issue, in the policy's order.
"""

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction

import msgspec

from walkaway.advice.counteroffers.candidates import Candidates
from walkaway.advice.counteroffers.choices import Choice, Package, Ruler
from walkaway.advice.counteroffers.varying import TAKEN, Foreseen, OfferRules, outcome_of
from walkaway.deal.cover import in_force, is_covered, movers_of
from walkaway.deal.ledger import counted, in_both
from walkaway.deal.patterns import join
from walkaway.deal.position import Approval, Move, Position
from walkaway.deal.valuation import Bound, Valuation
from walkaway.decide.authority import Covering
from walkaway.decide.core.program import Fired
from walkaway.decide.verdict import combine
from walkaway.events import Offer, Party, Terms
from walkaway.language.values import Exact, Value


class Ground(msgspec.Struct, frozen=True, eq=False):
    """A whole package, added up: the facts its values bring, and their sums."""

    package: Package
    facts: dict[str, Exact | None]
    loss: int
    gain: int
    losses: int
    gains: int
    run: int
    both: int
    beyond: int
    short: int


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
        self.base = {f: facts.get(f) for f in rules.terms}
        has_more, reads = bool(rules.approved or rules.patterns), frozenset(rules.terms)
        self.tried = 0
        bits = rules.policy.bits
        self.named = frozenset(offer.terms) | {
            i for i, b in bits.items() if (position.ours.stated | position.theirs.stated) & b
        }
        self.exact = int if valuation.scale == 1 else valuation.exact
        self.grounds: dict[Package, Ground] = {}
        self.approvals = in_force(position, offer, movers_of(rules.policy.people, position, offer, Party.US))
        self.settled = rules.run_settled(facts)
        self.run = rules.run_varying
        walk, want = _amount(known["walk.package"]), _amount(known["want.package"])
        self.fixed = valuation.base + position.ours.net, "give.run" in reads, walk, want, has_more
        self.walks, self.wants = _by_issue(valuation.walks), _by_issue(valuation.wants)
        self.selector = next((p for p, i in enumerate(self.issues) if i.name == position.valuation.selector), None)
        self.rulers = tuple(self.ruler(i.name) for i in self.issues)
        self.made: dict[tuple[int, Value], Choice] = {}
        self.outcomes = {} if self.approvals else rules.remembered(self.settled)
        self.cleared, self.said, self.offered = map(self.package, (position.cleared, said, terms))
        self.values = Candidates(
            self.issues, position, known, valuation, self.walks, (self.cleared, self.said, self.offered), theirs,
            self.choice, blind=blind,
        )  # fmt: skip
        conceded = sum([c.both for c in self.cleared])
        if self.selector is not None:
            conceded, _ = in_both(rules.policy, position, position.cleared)
        self.ahead = conceded, max(0, position.ours.net + position.theirs.net - conceded)
        offers = position.theirs
        takes = (offers.packages or (offers.standing,)) if offers.stands and self.other == offers.other else ()
        self.takes = frozenset(map(self.package, takes))

    def package(self, terms: Terms) -> Package:
        """Return whole terms as a package."""
        return tuple([self.choice(place, terms[issue.name]) for place, issue in enumerate(self.issues)])

    def choice(self, place: int, value: Value) -> Choice:
        """Return one value of the issue at *place*."""
        key = (place, value)
        found = self.made.get(key)
        if found is None:
            found = self.made[key] = self.make(place, value)
        return found

    def make(self, place: int, value: Value) -> Choice:
        """Work out what a value brings."""
        ruler = self.rulers[place]
        worth = ruler.worth(ruler.cleared, value)
        run = max(0, -ruler.worth(ruler.run, value))
        both = 0
        if place == self.selector:
            run = self.selected_from(ruler, value)
        if ruler.both is not None:
            base, last = ruler.both
            asked = self.at.change(ruler.name, ruler.start, value)
            both = max(0, min(max(0, asked), last) - max(0, base))
        facts: dict[str, Exact] = {ruler.fact: value} if ruler.fact else {}
        beyond = 0
        if ruler.walk is not None:
            distance = ruler.distance(ruler.walk, value)
            beyond = int(distance < 0)
            if ruler.room:
                facts[ruler.room] = distance
        short = int(ruler.want is not None and ruler.distance(ruler.want, value) < 0)
        covered = 0
        if self.approvals:
            position, name = self.position, ruler.name
            covered = sum(1 << i for i, a in enumerate(self.approvals) if is_covered(position, a.terms, name, value))
        apart = abs(ruler.worth(ruler.wanted, value)) if ruler.wanted is not None else 0
        loss, gain = (-worth, 0) if worth < 0 else (0, worth)
        return Choice(place, value, worth, loss, gain, run, both, beyond, short, covered, apart, facts)

    def selected_from(self, ruler: Ruler, value: Value) -> int:
        """Return what a value of the selector gives over what was cleared when they last moved."""
        run, valuation = self.position.run, self.position.valuation
        assert valuation is not None
        moved = valuation.between(run, {**run, ruler.name: value})
        return max(0, -moved.change(ruler.name, run[ruler.name], value))

    def ruler(self, name: str) -> Ruler:
        """Return what measures the values of an issue."""
        terms, walk, want = self.rules.terms, self.walks.get(name), self.wants.get(name)
        fact, room = f"offer.{name}", walk.fact if walk is not None else ""
        policy, position = self.rules.policy, self.position
        base, last = position.base.get(name), position.theirs.standing.get(name)
        both = None
        if base is not None and last is not None:
            both = tuple(counted(policy, position, name, said, self.at) for said in (base, last))
        return Ruler(
            name,
            self.valuation,
            self.valuation.worths[name],
            position.cleared[name],
            position.run[name],
            position.start[name],
            both,
            self.wanted.get(name),
            walk,
            want,
            fact if fact in terms else "",
            room if room in terms else "",
        )

    def best_case(self) -> Foreseen:
        """Return the outcome of the rules that no terms can change, with every approval that could cover some."""
        rules = [self.rules.settled[i] for i in self.settled]
        return outcome_of(combine(rules, self.covering(self.approvals), self.rules.policy), self.rules.policy.roles)

    def covering(self, approvals: tuple[Approval, ...]) -> Covering | None:
        """Return approvals as what they cover is combined with."""
        return Covering(approvals, self.position.known, self.other) if approvals else None

    def outcome(self, package: Package) -> Foreseen:
        """Return what the engine would answer to a package."""
        return Frame(self, package, ()).outcome()

    def judge(self, fired: Fired, covered: int) -> Foreseen:
        """Return the outcome of the varying rules that fired, with the settled ones, under the approvals that cover."""
        key = (fired, covered)
        found = self.outcomes.get(key)
        if found is None:
            rules = [self.rules.settled[i] for i in self.settled] + [self.rules.varying[i] for i in fired]
            covering = tuple(a for i, a in enumerate(self.approvals) if covered >> i & 1)
            roles = self.rules.policy.roles
            found = self.outcomes[key] = outcome_of(combine(rules, self.covering(covering), self.rules.policy), roles)
        return found

    def ground(self, package: Package) -> Ground:
        """Add a package up, once."""
        found = self.grounds.get(package)
        if found is None:
            facts: dict[str, Exact | None] = dict(self.base)
            for choice in package:
                facts.update(choice.facts)
            losses, gains = [c.loss for c in package if c.loss], [c.gain for c in package if c.gain]
            beyond, short = sum([c.beyond for c in package]), sum([c.short for c in package])
            run, both = sum([c.run for c in package]), sum([c.both for c in package])
            found = Ground(package, facts, sum(losses), sum(gains), len(losses), len(gains), run, both, beyond, short)
            self.grounds[package] = found
        return found

    def more(self, package: Package, gain: int, loss: int, covered: int) -> dict[str, int]:
        """Return the facts that few policies read: of approvals, and of patterns that our offers complete."""
        found = self.approved(covered) if self.rules.approved else {}
        return found | self.matches(package, gain, loss) if self.rules.patterns else found

    def approved(self, covered: int) -> dict[str, int]:
        """Return the facts that say whose approval covers; higher authority counts for lower."""
        roles = self.rules.policy.roles
        most = max((roles.index(a.role) for i, a in enumerate(self.approvals) if covered >> i & 1), default=-1)
        return {fact: int(roles.index(fact.rpartition(".")[2]) <= most) for fact in self.rules.approved}

    def matches(self, package: Package, gain: int, loss: int) -> dict[str, int]:
        """Return the facts that count patterns whose second leg listens to our offers."""
        worth = self.position.ours.net + gain - loss
        terms = {self.issues[c.issue].name: c.value for c in package}
        move = Move(Party.US, terms, worth, gain, loss, 0, 0, 0, 0, self.position.ours.offers == 0)
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


def held_at(position: Position, terms: Terms) -> Mapping[str, Exact | None]:
    """Return what is known of a deal, each limit that hangs on the selector as it is at its value in some terms."""
    valuation = position.valuation
    facts = {} if valuation is None else valuation.at(terms).facts
    return {**position.known, **{fact: position.known.get(held) for fact, held in facts.items()}}


def _conceded(position: Position, terms: Terms) -> Terms:
    cleared = position.cleared
    assert position.valuation is not None
    valuation = position.valuation.between(cleared, terms)
    return {i: v for i, v in terms.items() if valuation.change(i, cleared[i], v) < 0}


def _by_issue(bounds: Iterable[Bound]) -> dict[str, Bound]:
    return {b.issue: b for b in bounds}


def _amount(value: Exact | None) -> int | Fraction | None:
    return None if isinstance(value, str) else value


class Frame:
    """A package in which some issues are left open; `outcome` fills them in and judges it.

    Args:
        left: The places of the issues left open.

    Attributes:
        worth: That of the other issues, more than our cleared package.
    """

    def __init__(self, probe: Probe, package: Package, left: Sequence[int]) -> None:
        ground = probe.ground(package)
        self.probe, self.package, self.facts = probe, package, ground.facts.copy()
        loss, gain, losses, gains = ground.loss, ground.gain, ground.losses, ground.gains
        run, both, beyond, short = ground.run, ground.both, ground.beyond, ground.short
        for place in left:
            choice = package[place]
            loss -= choice.loss
            gain -= choice.gain
            losses -= choice.loss > 0
            gains -= choice.gain > 0
            run -= choice.run
            both -= choice.both
            beyond -= choice.beyond
            short -= choice.short
        self.sums = loss, gain, losses, gains, run, both, beyond, short
        self.worth = gain - loss
        self.covered = 0
        if probe.approvals:
            self.covered = -1
            for choice in package:
                if choice.issue not in left:
                    self.covered &= choice.covered

    def outcome(self, *choices: Choice) -> Foreseen:
        """Return what the engine would answer with *choices* for the issues left open."""
        probe, facts = self.probe, self.facts  # every fact that differs between outcomes is set each time
        loss, gain, losses, gains, run, both, beyond, short = self.sums
        probe.tried += 1
        covered = self.covered
        for choice in choices:
            facts.update(choice.facts)
            if choice.loss:
                loss += choice.loss
                losses += 1
            elif choice.gain:
                gain += choice.gain
                gains += 1
            run += choice.run
            both += choice.both
            if choice.beyond:
                beyond += 1
            if choice.short:
                short += 1
            covered &= choice.covered
        if probe.takes and self.filled(choices) in probe.takes:
            return TAKEN
        before, has_run, walk, want, has_more = probe.fixed
        (conceded, ahead), exact = probe.ahead, probe.exact
        worth = exact(before + gain - loss)
        if walk is not None:
            facts["room.package"] = worth - walk
            beyond += worth < walk
        if want is not None:
            short += worth < want
        facts["offer.worth"] = worth
        facts["give.value"] = exact(loss)
        facts["give.net"] = exact(loss - gain) if loss > gain else 0
        facts["give.issues"] = losses
        facts["asked.value"] = exact(gain)
        facts["asked.issues"] = gains
        facts["get.value"] = exact(gain - both + conceded + ahead)
        if has_run:
            facts["give.run"] = exact(run)
        facts["room.beyond_walk"] = beyond
        facts["room.short_of_want"] = short
        if has_more:
            facts.update(probe.more(self.filled(choices), gain, loss, covered))
        fired = probe.run(facts)
        return probe.outcomes.get((fired, covered)) or probe.judge(fired, covered)

    def filled(self, choices: Iterable[Choice]) -> Package:
        """Return the whole package."""
        instead = {c.issue: c for c in choices}
        return tuple([instead.get(c.issue, c) for c in self.package])
