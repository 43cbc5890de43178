"""A policy as it stands in a deal of another currency: the same rules, its amounts times the rate of that deal.

What is money is counted in the deal's currency, and a constant of the policy's own is multiplied by the fact `fx.rate`,
which is pinned when the deal opens. So everything stays linear, and a percentage of what the deal states is as it was.
"""

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import TypeVar

from msgspec.structs import replace

from walkaway.language.expr.linear import alternatives
from walkaway.language.expr.tree import (
    All,
    Any,
    Compare,
    Condition,
    Const,
    Extreme,
    Fact,
    Is,
    Known,
    Not,
    Number,
    Product,
    Scaled,
    Sum,
    facts_of,
)
from walkaway.language.expr.types import Typed
from walkaway.language.values import Kind, Unit
from walkaway.policy.catalog import FactSpec
from walkaway.policy.exchange import DRIFT, ONE, RATE
from walkaway.policy.model import Derived, Graded, Issue, Linear, Package, Policy, Threshold

_T = TypeVar("_T")


def in_currency(policy: Policy, currency: str) -> Policy:
    """Return a policy as it stands in deals of a currency that it accepts; itself for its own.

    The same one each time, so that what is made of it is made once.
    """
    if currency in ("", policy.currency):
        return policy
    made = policy.once(_made)
    if currency not in made:
        made[currency] = _Conversion(policy, currency).policy()
    return made[currency]


def needs_rate(policy: Policy) -> bool:
    """Return whether a deal in another currency needs a rate: whether anything of the policy reads one."""
    return policy.once(_needs_rate)


def accepts(policy: Policy, currency: str) -> bool:
    """Return whether deals may be in a currency."""
    own = policy.home or policy.currency
    return currency == own or (policy.exchange is not None and currency in policy.exchange.accepted)


def home_of(policy: Policy, own: Mapping[str, Policy]) -> Policy | None:
    """Return the policy of its own currency that another is a conversion of, among those given by content hash."""
    return policy if not policy.home else own.get(policy.sha256)


def reads_drift(policy: Policy) -> bool:
    """Return whether a rule, a pattern or a claim looks at how far the rate has moved."""
    return policy.once(_reads_drift)


def _reads_drift(policy: Policy) -> bool:
    conditions = [rule.condition for rule in policy.rules]
    conditions += [pattern.condition for pattern in policy.patterns]
    conditions += [claim.condition for claim in policy.claims]
    own = any(DRIFT in facts_of(condition) for condition in conditions)
    return own or (policy.above is not None and reads_drift(policy.above))


def _made(_: Policy) -> dict[str, Policy]:
    return {}


def _needs_rate(policy: Policy) -> bool:
    if not policy.home:
        others = [code for code in (policy.exchange.accepted if policy.exchange else ()) if code != policy.currency]
        return any(needs_rate(in_currency(policy, code)) for code in others[:1])
    trees: list[Condition | Number] = [rule.condition for rule in policy.rules]
    trees += [pattern.condition for pattern in policy.patterns]
    trees += [claim.condition for claim in policy.claims]
    trees += [number for number in _numbers(policy) if not isinstance(number, int | str)]
    reads = any(not facts_of(tree).isdisjoint((RATE, DRIFT)) for tree in trees)
    capped = any(issue.cap is not None and issue.cap.value for issue in policy.issues.values())
    return reads or capped or (policy.above is not None and needs_rate(policy.above))


def _numbers(policy: Policy) -> list[Number]:
    """Return the trees of worths and limits."""
    found: list[Threshold] = []
    for package in (policy.package, *policy.package.by.values()):
        found += [package.base, package.wish, package.want, package.walk]
    for issue in (at for each in policy.issues.values() for at in (each, *each.by.values())):
        found += [issue.start, issue.wish, issue.want, issue.walk]
        for worth in (issue.worth, issue.theirs):
            if worth is not None:
                found += [worth.rate] if isinstance(worth, Linear) else list(worth.worths.values())
    return [number for number in found if number is not None and not isinstance(number, int | str)]


class _Conversion:
    """Converts one policy; what stands in two places, as a definition that rules use, stays one."""

    def __init__(self, policy: Policy, currency: str) -> None:
        self.home, self.currency = policy, currency
        self.trees: dict[int, Number] = {}
        self.conditions: dict[int, Condition] = {}
        self.kept: list[object] = []
        self.rate = Fact(RATE, ONE, whole=False)
        self.cells = {
            lookup.name
            for lookup in policy.lookups
            if policy.tables[lookup.table].columns[lookup.column].kind is Kind.MONEY
        }

    def policy(self) -> Policy:
        """Return the policy in the other currency."""
        home = self.home
        issues = {name: self.issue(issue) for name, issue in home.issues.items()}
        deal = {
            name: replace(
                fact, unit=self.unit(fact.unit), least=self.bound(fact.least, fact.unit),
                most=self.bound(fact.most, fact.unit),
            )
            for name, fact in home.deal.items()
        }  # fmt: skip
        return replace(
            home,
            currency=self.currency,
            home=home.currency,
            needed=home.needed | self.needed(issues, home.package),
            deal=deal,
            issues=issues,
            package=self.package(home.package),
            patterns=tuple(
                replace(p, condition=(c := self.condition(p.condition)), alternatives=tuple(alternatives(c)))
                for p in home.patterns
            ),
            rules=tuple(replace(rule, condition=self.condition(rule.condition)) for rule in home.rules),
            claims=tuple(replace(claim, condition=self.condition(claim.condition)) for claim in home.claims),
            quantities={name: self.typed(typed) for name, typed in home.quantities.items()},
            derived={name: self.derived(fact) for name, fact in home.derived.items()},
            catalog={name: self.spec(spec) for name, spec in home.catalog.items()},
            above=None if home.above is None else in_currency(home.above, self.currency),
        )

    def needed(self, issues: Mapping[str, Issue], package: Package) -> frozenset[str]:
        """Return the rate, where no offer has a worth without it."""
        valuing = [self.number(at.base) for at in (package, *package.by.values())]
        for issue in (at for each in issues.values() for at in (each, *each.by.values())):
            worth = issue.worth
            valuing += [worth.rate] if isinstance(worth, Linear) else list(worth.worths.values())
            valuing += [] if issue.start is None or isinstance(issue.start, int | str) else [issue.start]
        return frozenset(RATE for tree in valuing if RATE in facts_of(tree))

    def unit(self, unit: Unit) -> Unit:
        """Return a unit in the deal's currency."""
        return Unit(Kind.MONEY, self.currency) if unit.kind is Kind.MONEY else unit

    def bound(self, value: int | None, unit: Unit) -> int | None:
        """Return a bound: nothing, or one smallest unit of either currency."""
        return value

    def spec(self, spec: FactSpec) -> FactSpec:
        return replace(spec, unit=self.unit(spec.unit)) if spec.unit.kind is Kind.MONEY else spec

    def derived(self, fact: Derived) -> Derived:
        """Return a derived fact, which holds no amount of the policy's own: the same products, in other units."""
        return replace(fact, unit=self.unit(fact.unit)).made_of(self.number(fact.tree))

    def typed(self, typed: Typed) -> Typed:
        return replace(typed, tree=self.number(typed.tree), unit=self.unit(typed.unit))

    def issue(self, issue: Issue) -> Issue:
        """Return an issue: its worth and its limits converted, and steps of so many units of the deal's currency."""
        worths = {
            name: None if (worth := getattr(issue, name)) is None else self.worth(worth, issue.unit)
            for name in ("worth", "theirs")
        }
        limits = {name: self.threshold(getattr(issue, name)) for name in ("start", "wish", "want", "walk")}
        step = issue.step
        if step is not None and issue.unit.kind is Kind.MONEY:
            step = max(1, round(Fraction(step, issue.unit.scale) * self.unit(issue.unit).scale))
        by = {value: self.issue(at) for value, at in issue.by.items()}
        return replace(issue, unit=self.unit(issue.unit), step=step, by=by, **worths, **limits)

    def worth(self, worth: Linear | Graded, unit: Unit) -> Linear | Graded:
        """Return a worth; that of an amount for each so many of money is the same in every currency."""
        if isinstance(worth, Graded):
            return Graded({word: self.number(of) for word, of in worth.worths.items()})
        if unit.kind is not Kind.MONEY:
            return Linear(self.number(worth.rate), worth.step)
        assert isinstance(worth.rate, Const), "a policy is refused in which it is anything else"
        step = Fraction(worth.step, unit.scale) * self.unit(unit).scale
        return Linear(Const(worth.rate.value * step.denominator), step.numerator)

    def package(self, package: Package) -> Package:
        limits = {name: self.threshold(getattr(package, name)) for name in ("wish", "want", "walk")}
        by = {value: self.package(at) for value, at in package.by.items()}
        return replace(package, base=self.number(package.base), by=by, **limits)

    def threshold(self, at: Threshold) -> Threshold:
        return at if at is None or isinstance(at, int | str) else self.number(at)

    def once(self, done: dict[int, _T], tree: _T, make: Callable[[], _T]) -> _T:
        """Return what a tree becomes: the same for the same tree."""
        if id(tree) not in done:
            self.kept.append(tree)
            done[id(tree)] = make()
        return done[id(tree)]

    def number(self, tree: Number) -> Number:
        """Return a number in the deal's currency, where it is money."""
        return self.once(self.trees, tree, lambda: self.converted(tree))

    def converted(self, tree: Number) -> Number:
        match tree:
            case Const(value, money):
                return Scaled(value, self.rate) if money and value else tree
            case Fact(name):
                if name in self.cells:
                    return Product(tree, self.rate)
                spec = self.home.catalog.get(name)
                return replace(tree, scale=self.unit(spec.unit).scale) if spec is not None else tree
            case Sum(parts):
                return Sum(tuple(map(self.number, parts)))
            case Extreme(largest, parts):
                return Extreme(largest, tuple(map(self.number, parts)))
            case Scaled(factor, inner):
                return Scaled(factor, self.number(inner))
            case Product(left, right):
                return Product(self.number(left), self.number(right))

    def condition(self, tree: Condition) -> Condition:
        """Return a condition in the deal's currency."""
        return self.once(self.conditions, tree, lambda: self.held(tree))

    def held(self, tree: Condition) -> Condition:
        match tree:
            case Compare():
                return replace(
                    tree, left=self.number(tree.left), right=self.number(tree.right), unit=self.unit(tree.unit)
                )
            case All(parts):
                return All(tuple(map(self.condition, parts)))
            case Any(parts):
                return Any(tuple(map(self.condition, parts)))
            case Not(part):
                return Not(self.condition(part))
            case Is() | Known():
                return tree
