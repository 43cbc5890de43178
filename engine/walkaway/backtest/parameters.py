"""The parameters of a policy that a sweep varies: thresholds, and constants of rules; set in the model, not in text."""

import re
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

import msgspec

from walkaway.language.diagnostics import nearest, shorten
from walkaway.language.expr.amounts import amount_of
from walkaway.language.expr.tree import (
    Compare,
    Condition,
    Const,
    Fact,
    Leaf,
    Number,
    Scaled,
    leaves,
    with_leaves,
)
from walkaway.language.values import Kind, NotAValue, Unit, format_value, parse_value
from walkaway.policy.model import THRESHOLDS, Policy, Rule

MOST = 400
"""So many values, or pairs of values, a sweep tries at most."""
_SWEEP = re.compile(r"(?P<name>[^=]+)=(?P<first>.+?)\.\.(?P<last>[^:]+):(?P<step>.+)")
_RULE = re.compile(r"rules\.(?P<rule>[^\[\]]+?)(?:\[(?P<place>\d+)\])?")
_SHARE = Unit(Kind.PERCENT)

VALUES = frozenset({"offer", "ours_last", "theirs_last", "ours_first", "theirs_first", "ours_cleared"})
"""The paths of facts that are values of issues."""


class NoParameter(Exception):
    """What is to be swept is no parameter of the policy, or its values are none."""


class Parameter(msgspec.Struct, frozen=True):
    """A parameter with the values that it takes, in smallest units.

    Attributes:
        name: As it was typed.
        unit: Of the values.
        set: Returns a policy with a value in its place.
        issue: The issue whose threshold it is, or whose values a constant is compared with; empty where it is neither.
        is_limit: Whether it is a threshold.
    """

    name: str
    unit: Unit
    values: tuple[int, ...]
    set: Callable[[Policy, int], Policy]
    issue: str = ""
    is_limit: bool = False

    def told(self, value: int) -> str:
        """Return a value as people write it."""
        return format_value(value, self.unit)


def parameter(policy: Policy, text: str) -> Parameter:
    """Read `NAME=FIRST..LAST:STEP`.

    NAME is a threshold, as `discount.walk` or `package.want`, or a constant of a rule's condition, as `rules.cap`, or
    `rules.cap[2]` where it has several, in the order in which they are written. A constant may be a share of a fact, as
    in `15% of deal.list_price`, and is varied as a percentage; a threshold that is one, where the first value is one.

    Raises:
        NoParameter: Where it says no such thing, with what to type instead.
    """
    found = _SWEEP.fullmatch(text.strip())
    if found is None:
        raise NoParameter(f"`{shorten(text)}` is no sweep; write `discount.walk=10%..25%:1%`")
    name = found["name"].strip()
    is_share = found["first"].strip().endswith("%")
    unit, setter, issue, is_limit = (
        _threshold(policy, name, is_share) or _constant(policy, name) or _unknown(policy, name)
    )
    try:
        first, last, step = (parse_value(found[part].strip(), unit) for part in ("first", "last", "step"))
    except NotAValue as problem:
        raise NoParameter(f"`{shorten(text)}`: {problem}") from problem
    if not isinstance(first, int) or not isinstance(last, int) or not isinstance(step, int) or step <= 0:
        raise NoParameter(f"`{shorten(text)}`: values are quantities, and the step is more than nothing")
    if last < first or (last - first) // step >= MOST:
        raise NoParameter(f"`{shorten(text)}` names no value, or more than {MOST}")
    return Parameter(name, unit, tuple(range(first, last + 1, step)), setter, issue, is_limit)


_Found = tuple[Unit, Callable[[Policy, int], Policy], str, bool]


def _threshold(policy: Policy, name: str, is_share: bool) -> _Found | None:
    owner, _, threshold = name.rpartition(".")
    if threshold not in THRESHOLDS:
        return None
    if owner == "package" and (now := getattr(policy.package, threshold)) is not None:
        unit, made = _share(now, is_share) or _amount(policy.money)
        return unit, lambda p, v: _with_package(p, threshold, made(v)), "", True
    issue = policy.issues.get(owner)
    if issue is None or (now := getattr(issue, threshold)) is None or not issue.unit.is_numeric:
        return None
    share = _share(now, is_share and issue.unit.kind is not Kind.PERCENT)
    unit, made = share or _amount(issue.unit)
    return unit, lambda p, v: _with_issue(p, owner, threshold, made(v)), "" if share else owner, True


_Made = tuple[Unit, Callable[[int], Number]]
"""The unit of what is varied, and what returns the number with a value in its place."""


def _amount(unit: Unit) -> _Made:
    return unit, lambda value: amount_of(value, unit)


def _share(number: Number, is_share: bool = True) -> _Made | None:
    """Return how a share of a fact is varied; none where a number is no such share."""
    match number:
        case Scaled(_, Fact() as fact) if is_share:
            return _SHARE, lambda value: Scaled(Fraction(value, 100 * _SHARE.scale), fact)
        case _:
            return None


def _with_package(policy: Policy, threshold: str, at: Number) -> Policy:
    package = msgspec.structs.replace(policy.package, **{threshold: at})
    return msgspec.structs.replace(policy, package=package)


def _with_issue(policy: Policy, name: str, threshold: str, at: Number) -> Policy:
    changed = msgspec.structs.replace(policy.issues[name], **{threshold: at})
    return msgspec.structs.replace(policy, issues={**policy.issues, name: changed})


def _constant(policy: Policy, name: str) -> _Found | None:
    said = _RULE.fullmatch(name)
    rule = None if said is None else next((r for r in policy.rules if r.id == said["rule"] and not r.built_in), None)
    if said is None or rule is None:
        return None
    constants = list(_constants(rule.condition))
    if said["place"] is None and len(constants) != 1:
        many = f"has {len(constants)} constants; say which, as `{name}[1]`" if constants else "has no constant"
        raise NoParameter(f"the condition of rule `{rule.id}` {many}")
    place = int(said["place"] or 1) - 1
    if not 0 <= place < len(constants):
        raise NoParameter(f"the condition of rule `{rule.id}` has {len(constants)} constants")
    leaf, own = constants[place]
    unit, made = _share(own) or _amount(leaf.unit)
    of = next((s for s in (leaf.left, leaf.right) if s is not own), None) if isinstance(own, Const) else None
    issue = of.name.rpartition(".")[2] if isinstance(of, Fact) and policy.catalog[of.name].path in VALUES else ""
    return unit, lambda p, v: _with_constant(p, rule, place, made(v)), issue, False


def _constants(condition: Condition) -> Iterator[tuple[Compare, Number]]:
    """Return each constant that stands by itself on a side of a comparison, or is all of its share, left to right."""
    for leaf in leaves(condition):
        if isinstance(leaf, Compare):
            yield from ((leaf, side) for side in (leaf.left, leaf.right) if _is_constant(side))


def _is_constant(number: Number) -> bool:
    return isinstance(number, Const) or _share(number) is not None


def _with_constant(policy: Policy, rule: Rule, place: int, at: Number) -> Policy:
    seen = -1

    def side(number: Number) -> Number:
        nonlocal seen
        if not _is_constant(number):
            return number
        seen += 1
        return at if seen == place else number

    def leaf(part: Leaf) -> Condition:
        if not isinstance(part, Compare):
            return part
        left = side(part.left)
        return msgspec.structs.replace(part, left=left, right=side(part.right))

    def changed(each: Rule) -> Rule:
        nonlocal seen
        if each is not rule and not (each.id == rule.id and each.span == rule.span):
            return each
        seen = -1
        return msgspec.structs.replace(each, condition=with_leaves(each.condition, leaf))

    return msgspec.structs.replace(policy, rules=tuple(map(changed, policy.rules)))


def _unknown(policy: Policy, name: str) -> Any:
    known = [f"{i.name}.{t}" for i in policy.issues.values() for t in THRESHOLDS if getattr(i, t) is not None]
    known += [f"package.{t}" for t in THRESHOLDS if getattr(policy.package, t) is not None]
    known += [f"rules.{r.id}" for r in policy.rules if not r.built_in and any(_constants(r.condition))]
    hint = nearest(name, known) or (f"there are {', '.join(f'`{k}`' for k in known[:8])}" if known else "there is none")
    raise NoParameter(f"`{shorten(name)}` is no parameter of this policy; {hint}")
