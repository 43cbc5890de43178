"""A deal's opening as formulas: the facts that worths and limits rest on are known, others the solver chooses."""

from collections.abc import Mapping

import msgspec

from walkaway.deal.valuation import OutOfRange, Valuation, open_deal
from walkaway.events import Limits
from walkaway.language.values import Exact, Kind, Unit, Value
from walkaway.policy.model import Bounds, Policy
from walkaway.proof.formulas import logic
from walkaway.proof.formulas.common import Common, Shared
from walkaway.proof.formulas.constraints import in_range, within
from walkaway.proof.formulas.encode import UNKNOWN, Codes, Sym
from walkaway.proof.formulas.history import DealOpening, opening_limits
from walkaway.proof.formulas.logic import Number, Truth, at_least, both, equal
from walkaway.proof.formulas.worths import Asserted


class Begun(msgspec.Struct, frozen=True):
    """A deal that has just opened.

    Attributes:
        known: Every fact that is stated at an opening.
        brought: The limits that the deal brings, as `walk.x`; the solver chooses their values.
        missing: What the deal lacks, in the policy's words.
        valuation: None where worths rest on a fact that the opening leaves out.
        start: Issue → start value; empty where these rest on such a fact.
    """

    known: Mapping[str, Sym]
    brought: frozenset[str]
    missing: tuple[str, ...]
    valuation: Valuation | None
    start: Mapping[str, Value]


class Chosen(msgspec.Struct, frozen=True):
    """What the solver may choose: free numbers and truths, the codes of words, and what is asserted of them."""

    asserted: Asserted
    shared: Shared
    codes: Codes


def begin(policy: Policy, opening: DealOpening, kin: Common | None, chosen: Chosen) -> Begun:
    """Return a deal that opens under a policy.

    Args:
        kin: Of two policies that are compared, what both know.

    Raises:
        OutOfRange: Where a worth cannot be held, or an issue starts at a value that nobody may name.
    """
    stated, walks = _stated(policy, opening, kin), _walks(policy, opening, kin)
    opened = open_deal(policy, stated, walks, None, opening.day)
    if opened.unnamable:
        raise OutOfRange("an issue starts at a value that nobody may name")
    brought = frozenset(f"walk.{n}" for n in walks).union(opening.brings)
    bare = open_deal(policy, stated, {}, None, opening.day)
    facts = _facts(policy, opening, kin, opened.known, chosen) | _limits(policy, brought, bare.known, chosen)
    return Begun(facts, brought, opened.missing, opened.valuation, opened.start or {})


def is_spoken(value: Number, unit: Unit, bounds: Bounds, *, signed: bool = False) -> Truth:
    """Return the truth that people would state a value: within its bounds, and no amount below 0 without a least.

    Args:
        signed: Whether it may lie below 0 all the same; bare numbers may.
    """
    least, most = bounds
    if unit.is_numeric and least is None:
        least = -(2**40) if signed or unit.kind is Kind.NUMBER else 0
    return both(in_range(value, unit), within(value, (least, most)))


def any_of(unit: Unit) -> Value:
    """Return some value of a unit."""
    return unit.choices[0] if unit.kind is Kind.CHOICE else "any" if unit.kind is Kind.TEXT else 1


def _stated(policy: Policy, opening: DealOpening, kin: Common | None) -> dict[str, Value]:
    """Return the value of every stated fact; some value where the solver chooses."""
    given = {n: any_of(f.unit) for n, f in policy.deal.items() if not f.optional and f.default is None}
    given |= opening.facts
    return {n: v for n, v in given.items() if f"deal.{n}" not in opening.without and _may_be_stated(policy, n, kin)}


def _may_be_stated(policy: Policy, fact: str, kin: Common | None) -> bool:
    """Return whether an opening may state a deal fact: of two policies both must know it."""
    return fact in policy.deal and (kin is None or fact in kin.deal)


def _walks(policy: Policy, opening: DealOpening, kin: Common | None) -> dict[str, Limits]:
    """Return the walk values that each deal must bring, with some value."""
    units = {n: i.unit for n, i in policy.issues.items() if i.per_deal or (kin and n in kin.per_deal)}
    if policy.package.per_deal or (kin and "package" in kin.per_deal):
        units["package"] = policy.money
    return {n: Limits(walk=any_of(u)) for n, u in units.items() if f"walk.{n}" not in opening.without}


def _facts(
    policy: Policy, opening: DealOpening, kin: Common | None, computed: Mapping[str, Exact | None], chosen: Chosen
) -> dict[str, Sym]:
    """Return the stated facts: those that are computed as they are, the others as the solver chooses them."""
    found, limits = {}, opening_limits(policy)
    for name, value in computed.items():
        if name in opening.without and name not in limits:
            found[name] = UNKNOWN
        elif name == "batna.worth" or (name.startswith("deal.") and _is_free(policy, name, kin)):
            found[name] = _free(policy, name, kin, chosen)
        else:
            found[name] = UNKNOWN if value is None else Sym(True, chosen.codes.code(value, policy.unit_of(name)))
    return found


def _is_free(policy: Policy, name: str, kin: Common | None) -> bool:
    """Return whether the solver chooses a deal fact: worths and limits do not rest on it."""
    fixed = kin.fixed if kin else policy.fixed
    return name not in fixed and _may_be_stated(policy, name.removeprefix("deal."), kin)


def _free(policy: Policy, name: str, kin: Common | None, chosen: Chosen) -> Sym:
    """Return a fact that the solver chooses, within what people state."""
    stated = name.removeprefix("deal.")
    fact, unit = policy.deal.get(stated), policy.catalog[name].unit
    bounds = (None, None) if fact is None else fact.bounds
    optional = fact is None or fact.may_be_missing
    found = Sym(chosen.shared.flag(f"known.{name}") if optional else True, chosen.shared.number(name))
    if kin is not None and stated in kin.stated and fact is not None:
        says = chosen.shared.flag(f"stated.{name}")
        found = Sym(says, found.value)
        if fact.default is not None:
            default = chosen.codes.code(fact.default, unit)
            found = Sym(True, logic.choose(says, found.value, default))
    chosen.asserted.add(is_spoken(chosen.shared.number(name), unit, bounds, signed=name == "batna.worth"))
    return found


def _limits(
    policy: Policy, brought: frozenset[str], bare: Mapping[str, Exact | None], chosen: Chosen
) -> dict[str, Sym]:
    """Return the limits that the deal brings, as the solver chooses them.

    Args:
        bare: What is known where the deal brings no limits: those of the policy.
    """
    found = {}
    for limit in sorted(brought):
        unit, value = policy.catalog[limit].unit, chosen.shared.number(limit)
        chosen.asserted.add(in_range(value, unit))
        for held in policy.by_case.get(limit, {None: limit}).values():
            own = bare.get(held)
            if own is not None:
                chosen.asserted.add(_is_no_looser(policy, limit, value, chosen.codes.code(own, unit)))
            found[held] = Sym(True, value)
    return found


def _is_no_looser(policy: Policy, fact: str, value: Number, own: Number) -> Truth:
    """Return the truth that a walk value which a deal brings is no looser than the policy's."""
    threshold, _, name = fact.partition(".")
    issue = policy.issues.get(name)
    if threshold != "walk":
        return True
    if issue is not None and not issue.better:
        return equal(value, own)
    return at_least(logic.times(issue.better if issue else 1, logic.less(value, own)), 0)
