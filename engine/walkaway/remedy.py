"""Remedy: what would keep a fired rule from firing, in words a rep can act on and repeat.

Of a conjunction one part that stops holding is enough ("or"); of a disjunction every part must stop, and so must
every limit passed ("and"). What nobody can change is left out: counts that only grow, facts fixed at the opening.
All that does not depend on a deal is prepared once for each rule and kind of event.
"""

from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from math import ceil, floor

import msgspec

from walkaway.core.program import Facts
from walkaway.events import On
from walkaway.explain import counted_by, limit_texts, number_writer, tester, written
from walkaway.expr.tree import (
    MIRRORED,
    OPPOSITE,
    All,
    Any,
    Compare,
    Condition,
    Fact,
    Is,
    Known,
    Not,
    Number,
    Op,
    evaluate,
    facts_of,
)
from walkaway.expr.types import constant, is_constant
from walkaway.facts import Room
from walkaway.policy.model import Policy
from walkaway.valuation import PACKAGE, Bound
from walkaway.values import Kind, Unit, format_value, formatter

TERMS, RETURN, DEAL, REST = 1, 2, 4, 8
"""What a remedy is about, added up: other terms, what we get for ours, what another deal would state, the rest."""


class Change(msgspec.Struct, frozen=True, gc=False):
    """One thing that must become so: `discount is at most 20% (now 30%)`."""

    clause: str
    about: int


class Either(msgspec.Struct, frozen=True, gc=False):
    """One of these is enough; at least two."""

    parts: tuple["Remedy", ...]
    about: int


class Every(msgspec.Struct, frozen=True, gc=False):
    """All of these are needed; at least two."""

    parts: tuple["Remedy", ...]
    about: int


Remedy = Change | Either | Every
Find = Callable[[Facts, Room | None], Remedy | None]
"""Gives for one decision what would keep a condition, which holds, from holding; none where nothing can."""

_IN_RETURN = ("asked.value", "asked.issues", "get.value", "balance")
"""Facts that grow with what we ask for, or have been given."""
JUDGED = ("offer", "give", "asked", "get", "move", "room")
"""Groups of facts about the event judged: other terms change them at once."""
_SETTLED = ("walk", "want", "wish", "batna")
_ONLY_GROW = ("offers", "concessions", "retracted", "settled", "rejections")
_WORDS = {Op.LT: "below ", Op.LE: "at most ", Op.GT: "above ", Op.GE: "at least ", Op.EQ: "", Op.NE: "other than "}
_NOUNS = {
    "offer.worth": "the offer's worth to us",
    "give.value": "what we give",
    "give.issues": "the number of issues we give on",
    "asked.value": "what we ask for",
    "asked.issues": "the number of issues we ask on",
    "get.value": "what we get",
    "move.value": "what they move by",
    "move.retracted": "the number of issues they take back",
    "room.beyond_walk": "the number of walk values passed",
    "room.short_of_want": "the number of targets missed",
    "balance": "the balance",
    "batna.worth": "the worth of our best alternative",
    "missing.items": "the number of items missing",
    "since.opened": "the time since the deal opened",
}
_GROUPS = {
    "offer": "{}",
    "room": "the room left on {}",
    "walk": "our walk value of {}",
    "want": "our target of {}",
    "wish": "our wish for {}",
    "signals": "the number of signals of {}",
    "deal": "the deal's {}",
    "pattern": "the number of matches of {}",
}
_LEDGER = {
    "offers": "the number of {} offers",
    "concessions": "the number of {} concessions",
    "net": "what {} offers have moved by in all",
    "last_give": "what {} latest offer gave",
    "in_a_row": "the number of {} offers in a row",
    "unreturned": "the number of {} concessions without one in return",
    "flat": "the number of {} latest offers without a concession",
    "retracted": "the number of issues taken back in {} offers",
    "settled": "the number of issues settled by {} acceptance",
    "rejections": "the number of {} rejections",
}


def is_about_terms(fact: str) -> bool:
    """Tell whether other terms change *fact* at once."""
    return fact.partition(".")[0] in JUDGED


def _about(facts: Iterable[str]) -> int:
    found = 0
    for fact in facts:
        found |= TERMS if is_about_terms(fact) else DEAL if fact.startswith("deal.") else REST
        found |= RETURN if fact in _IN_RETURN else 0
    return found


def by_terms(found: Remedy | None) -> Remedy | None:
    """Give the part of a remedy that other terms alone can bring about; none where they cannot."""
    match found:
        case Change(about=about):
            return found if about & TERMS else None
        case Either(parts):
            return _joined(Either, [p for p in map(by_terms, parts) if p is not None])
        case Every(parts):
            kept = [p for p in map(by_terms, parts) if p is not None]
            return _joined(Every, kept) if len(kept) == len(parts) else None
        case None:
            return None


def in_words(found: Remedy) -> str:
    """Write a remedy; where `or` stands within `and`, or the other way round, a comma parts the outer ones.

    >>> a, b, c = (Change(f"{name} is yes", REST) for name in "abc")
    >>> in_words(Every((Either((a, b), REST), c), REST))
    'a is yes or b is yes, and c is yes'
    """
    match found:
        case Change(clause):
            return clause
        case Either(parts) | Every(parts):
            word = "or" if isinstance(found, Either) else "and"
            simple = all(isinstance(p, Change) for p in parts)
            return (f" {word} " if simple else f", {word} ").join(map(_within, parts))


def _within(part: Remedy) -> str:
    """Write a part of another; brackets around what has parts with parts."""
    has_depth = not isinstance(part, Change) and not all(isinstance(p, Change) for p in part.parts)
    return f"({in_words(part)})" if has_depth else in_words(part)


def noun(fact: str) -> str:
    """Name a fact in a sentence.

    >>> noun("room.discount"), noun("ours.last.term"), noun("since.their_offer")
    ('the room left on discount', 'term in our latest offer', 'the time since their last offer')
    """
    if fact in _NOUNS:
        return _NOUNS[fact]
    group, _, rest = fact.partition(".")
    if group in _GROUPS:
        return _GROUPS[group].format("the package" if rest == "package" else rest)
    if group == "since":
        return f"the time since {rest.replace('_', ' last ')}"
    whose = {"ours": "our", "theirs": "their"}.get(group)
    if whose and rest.startswith("last."):
        return f"{rest.removeprefix('last.')} in {whose} latest offer"
    return _LEDGER[rest].format(whose) if whose and rest in _LEDGER else f"`{fact}`"


class Remedies:
    """Prepares remedies for the rules that listen to one kind of event."""

    def __init__(self, policy: Policy, on: On) -> None:
        self.policy, self.on = policy, on

    def stop(self, condition: Condition, *, wanted: bool = True) -> Find:
        """Give what finds the remedy of *condition*, or of its opposite with `wanted=False`."""
        match condition:
            case Not(part):
                return self.stop(part, wanted=not wanted)
            case All(parts) | Any(parts):
                return (self.one if isinstance(condition, All) is wanted else self.each)(parts, wanted)
            case Is(fact) if fact.startswith("concluded."):
                name = fact.removeprefix("concluded.")
                rules = [r.condition for r in self.policy.rules if r.effect.concludes == name and self.on in r.on]
                return (self.each if wanted else self.one)(rules, wanted)
            case Compare():
                counted, otherwise = counted_by(condition, wanted=wanted), self.compare(condition, wanted)
                return otherwise if counted is None else self.limits(counted, otherwise)
            case Is():
                return self.symbol(condition, wanted)
            case Known(fact):
                known = Change(f"{noun(fact)} is known", _about([fact]))
                found = None if wanted or self.is_settled(fact) else known
                return lambda facts, room: found

    def one(self, parts: Sequence[Condition], wanted: bool) -> Find:
        """Of parts that hold together one must stop; what another deal would have is named where nothing else helps."""
        finds = [self.stop(p, wanted=wanted) for p in parts]

        def find(facts: Facts, room: Room | None) -> Remedy | None:
            ways = [w for f in finds if (w := f(facts, room)) is not None]
            if len(ways) < 2:
                return ways[0] if ways else None
            here = [w for w in ways if w.about != DEAL]
            return _joined(Either, here or ways)

        return find

    def each(self, parts: Sequence[Condition], wanted: bool) -> Find:
        """Every part that holds must stop, and a part about the same terms must not begin to hold instead.

        Where no part holds, none that terms decide must begin to.
        """
        prepared = [
            (
                tester(p, wanted=wanted),
                _terms(p),
                _needs_worse(p, self.policy, wanted=wanted),
                self.stop(p, wanted=wanted),
            )
            for p in parts
        ]

        def find(facts: Facts, room: Room | None) -> Remedy | None:
            holding = [test(facts) for test, _, _, _ in prepared]
            told = [held or (bool(p[1]) and not any(holding)) for p, held in zip(prepared, holding, strict=True)]
            grown = True
            while grown:  # what must not begin to hold is told as well, and may touch on more
                named = [p for p, is_told in zip(prepared, told, strict=True) if is_told]
                more = [
                    is_told or any(_meet(terms, t) and not (worse and w) for _, t, w, _ in named)
                    for (_, terms, worse, _), is_told in zip(prepared, told, strict=True)
                ]
                grown, told = more != told, more
            ways: list[Remedy] = []
            for (_, _, _, stop), held, is_told in zip(prepared, holding, told, strict=True):
                way = stop(facts, room) if is_told else None
                if way is None and held:
                    return None
                ways += [way] if way is not None else []
            return _joined(Every, ways)

        return find

    def is_settled(self, fact: str) -> bool:
        """Tell whether *fact* stays as it is for the rest of the deal."""
        return fact not in self.policy.catalog or fact in self.policy.fixed or fact.partition(".")[0] in _SETTLED

    def limits(self, counted: str, otherwise: Find) -> Find:
        """Name every limit passed, or not reached, where a count of them decides."""
        policy, passed = self.policy, counted == "room.beyond_walk"

        def change(bound: Bound, facts: Facts) -> Change:
            fact, at, seen = limit_texts(bound, facts, policy)
            what = noun(fact) if bound.issue == PACKAGE else bound.issue
            needed = f"{at} or better" if not bound.better else f"at {'least' if bound.better > 0 else 'most'} {at}"
            return Change(f"{what} is {needed} (now {seen})", TERMS)

        def find(facts: Facts, room: Room | None) -> Remedy | None:
            bounds = () if room is None else room.beyond if passed else room.short
            return _joined(Every, [change(b, facts) for b in bounds]) or otherwise(facts, room)

        return find

    def compare(self, leaf: Compare, wanted: bool) -> Find:
        """Name the side of a comparison that can change, and what it must become."""
        op, left, right = leaf.op if wanted else OPPOSITE[leaf.op], leaf.left, leaf.right
        if is_constant(left) or (_judged(right) and not _judged(left)):
            left, right, op = right, left, MIRRORED[op]
        needed, read = OPPOSITE[op], facts_of(left) | facts_of(right)
        grows = isinstance(left, Fact) and _only_grows(left.name)
        if all(map(self.is_settled, read)) or (grows and needed in (Op.LT, Op.LE)):
            return lambda facts, room: None
        begin = f"{_side(left, leaf.text, last=False)} is "
        seen_of, unit, about = number_writer(left, leaf.unit), leaf.unit, _about(read)
        if not all(map(self.is_settled, facts_of(right))):
            against, middle = number_writer(right, unit), _WORDS[needed] + _side(right, leaf.text, last=True)
            return lambda facts, room: Change(f"{begin}{middle} (now {seen_of(facts)} against {against(facts)})", about)
        fixed = _bound(needed, constant(right), unit) if is_constant(right) else ""

        def find(facts: Facts, room: Room | None) -> Change | None:
            bound = fixed or (_bound(needed, at, unit) if (at := evaluate(right, facts)) is not None else None)
            past = grows and needed is Op.EQ and (evaluate(left, facts) or 0) > (evaluate(right, facts) or 0)
            return None if bound is None or past else Change(f"{begin}{bound} (now {seen_of(facts)})", about)

        return find

    def symbol(self, leaf: Is, wanted: bool) -> Find:
        """Name the word, the yes or the no, that must change."""
        fact, yes = leaf.fact, 1 in leaf.values
        about, (group, _, rest) = _about([fact]), fact.partition(".")
        if self.is_settled(fact) or fact in ("offer.first", "offer.by") or (group == "approved" and wanted is yes):
            return lambda facts, room: None
        if group in ("approved", "left"):
            clause = f"`{rest}` has approved these terms" if group == "approved" else "they have made a new move"
            found = Change(clause, about) if group == "approved" or (rest == "open" and wanted is yes) else None
            return lambda facts, room: found
        write, begin = formatter(leaf.unit), f"{noun(fact)} is "
        if leaf.unit.kind is Kind.YES_NO:
            needed = "no" if yes is wanted else "yes"
        else:
            needed = ("other than " if wanted else "") + " or ".join(format_value(v, leaf.unit) for v in leaf.values)

        def find(facts: Facts, room: Room | None) -> Change | None:
            value = facts.get(fact)
            return Change(f"{begin}{needed} (now {'unknown' if value is None else write(value)})", about)

        return find


def _side(tree: Number, text: str, *, last: bool) -> str:
    """Name one side of a comparison: a fact by its noun, anything else as it is written."""
    if isinstance(tree, Fact):
        return noun(tree.name)
    for sign in (" between ", " in ", "<=", ">=", "!=", "==", "<", ">", "="):
        if sign in text:
            first, _, second = text.partition(sign)
            return f"`{(second if last else first).strip()}`"
    return f"`{text}`"


def _bound(needed: Op, at: Fraction, unit: Unit) -> str:
    """Write a bound; one between two units is moved to the side where what it asks for holds."""
    units = at * unit.scale
    if units.denominator == 1 or needed in (Op.EQ, Op.NE):
        return _WORDS[needed] + written(at, unit)
    below = needed in (Op.LT, Op.LE)
    return f"at {'most' if below else 'least'} {format_value(floor(units) if below else ceil(units), unit)}"


def _terms(condition: Condition) -> frozenset[str]:
    """Give the issues whose terms a condition reads; `*` where it reads sums over all of them."""
    read = [f.partition(".") for f in facts_of(condition) if is_about_terms(f)]
    whole = ("worth", "package", "beyond_walk", "short_of_want")
    return frozenset(n if g in ("offer", "room") and n not in whole else "*" for g, _, n in read)


def _meet(a: frozenset[str], b: frozenset[str]) -> bool:
    return bool(a and b and (a & b or "*" in a | b))


def _better(fact: str, policy: Policy) -> int:
    """Tell which way a fact about the terms goes with terms that are better for us: 1 up, -1 down, 0 neither."""
    if fact in ("room.beyond_walk", "room.short_of_want"):
        return -1
    if fact == "offer.worth" or fact.startswith("room."):
        return 1
    issue = policy.issues.get(fact.removeprefix("offer.")) if fact.startswith("offer.") else None
    return issue.better if issue else 0


def _needs_worse(condition: Condition, policy: Policy, *, wanted: bool) -> bool:
    """Tell whether of all terms only worse ones for us can make a condition hold, and better ones end it."""
    match condition:
        case Not(part):
            return _needs_worse(part, policy, wanted=not wanted)
        case All(parts) | Any(parts):
            return all(_needs_worse(p, policy, wanted=wanted) for p in parts)
        case Compare(op, left, right):
            if not _judged(left) and not _judged(right):
                return True
            op = op if wanted else OPPOSITE[op]
            if _judged(right):
                left, right, op = right, left, MIRRORED[op]
            if not isinstance(left, Fact) or _judged(right):
                return False
            worse = {1: (Op.LT, Op.LE), -1: (Op.GT, Op.GE), 0: ()}
            return op in worse[_better(left.name, policy)]
        case Is(fact) | Known(fact):
            return not is_about_terms(fact)


def _judged(tree: Number) -> bool:
    return any(map(is_about_terms, facts_of(tree)))


def _only_grows(fact: str) -> bool:
    group, _, rest = fact.partition(".")
    return (
        group in ("signals", "pattern")
        or fact == "since.opened"
        or (group in ("ours", "theirs") and rest in _ONLY_GROW)
    )


def _joined(form: type[Either] | type[Every], parts: Sequence[Remedy]) -> Remedy | None:
    """Join parts, each once; parts of the same form are taken up into the whole."""
    if len(parts) < 2:
        return parts[0] if parts else None
    flat = tuple(dict.fromkeys(q for p in parts for q in (p.parts if isinstance(p, form) else (p,))))
    about = 0
    for part in flat:
        about |= part.about
    return form(flat, about) if len(flat) > 1 else flat[0]
