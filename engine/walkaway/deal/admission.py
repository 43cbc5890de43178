"""Which events cannot have happened in a deal as it stands. Knows no rules."""

from walkaway.deal.cover import covers_value, in_force, name_of
from walkaway.deal.position import Position, Side
from walkaway.deal.unfit import Unfit as Unfit
from walkaway.events import (
    THEM,
    Accept,
    AnyEvent,
    Approve,
    Offer,
    Open,
    Party,
    Reject,
    Update,
)
from walkaway.language.codes import Code
from walkaway.language.values import Value, format_value, shorten
from walkaway.policy.model import Policy


def check(policy: Policy, position: Position | None, event: AnyEvent) -> None:
    """Refuse an event that cannot have happened in this deal now.

    Raises:
        Unfit: WA601 to WA612.
    """
    if isinstance(event, Offer) and position is not None and event.instant >= position.last and not position.outcome:
        return
    if position is None:
        if not isinstance(event, Open):
            raise Unfit(
                Code.NOT_OPENED,
                f"deal `{shorten(event.deal)}` has not been opened",
                "its first event is of type `open`",
                '"deal"',
            )
        return
    if isinstance(event, Open):
        raise Unfit(
            Code.OPENED_TWICE,
            f"deal `{shorten(event.deal)}` is open already",
            "use an event of type `update`",
            '"type"',
        )
    if event.instant < position.last:
        raise Unfit(
            Code.LATE,
            f"this event is older than the latest of deal `{shorten(event.deal)}`",
            "order the events by `at`; `walkaway check --allow-late` says what it would have changed",
            '"at"',
        )
    if position.outcome:
        raise Unfit(Code.DEAL_CLOSED, f"deal `{shorten(event.deal)}` is closed ({position.outcome})", near='"deal"')
    match event:
        case Accept(by=by, issues=issues):
            _acceptable(position.side(by.other), by, issues)
        case Reject(by=by) if position.side(by.other).said_at is None:
            raise Unfit(
                Code.NOTHING_TO_ACCEPT, f"{_they(by.other)} have offered nothing that could be rejected", near='"type"'
            )
        case Update():
            _updatable(policy, position, event)
        case Approve():
            _waivable(policy, event)
        case _:
            pass


def _they(party: Party) -> str:
    return "they" if party is THEM else "we"


def _acceptable(other: Side, by: Party, issues: tuple[str, ...]) -> None:
    if not other.stands:
        raise Unfit(
            Code.NOTHING_TO_ACCEPT, f"{_they(by.other)} have offered nothing that could be accepted", near='"type"'
        )
    unsaid = [i for i in issues if i not in other.first]
    if unsaid:
        raise Unfit(
            Code.NOTHING_TO_ACCEPT,
            f"{_they(by.other)} have offered nothing on `{unsaid[0]}` that could be accepted",
            near=f'"{unsaid[0]}"',
        )


def _updatable(policy: Policy, position: Position, event: Update) -> None:
    if event.policy and event.policy not in (policy.name, policy.called):
        raise Unfit(
            Code.OTHER_POLICY,
            f"the deal would move to policy `{shorten(event.policy)}`, which is not given; it is under"
            f" `{policy.called}`",
            f"write `{policy.name}`, or `{policy.name}@VERSION` of a version that is given (`--policy`, repeated)",
            '"policy"',
        )
    for name, value in event.facts.items():
        old = position.known.get(f"deal.{name}")
        if f"deal.{name}" in policy.fixed and old is not None and old != value:
            what = f"`{name}` was stated when the deal opened, and worths or limits rest on it"
            raise Unfit(Code.FACT_FIXED, what, "open a new deal if it really changed", f'"{name}"')
    for name, limits in event.limits.items():
        _may_move(policy, position, event, name, limits.walk)


def _may_move(policy: Policy, position: Position, event: Update, name: str, walk: Value | None) -> None:
    """Let a walk value only tighten during a deal, unless an approval covers the looser one."""
    old, issue = position.known.get(f"walk.{name}"), policy.issues.get(name)
    if walk is None or old is None or walk == old:
        return
    better = issue.better if issue else 1
    if better and not isinstance(walk, str):
        looser = (walk - old) * better < 0
    else:
        looser = position.valuation is None or position.valuation.change(name, old, walk) < 0
    if not looser or _covered(policy, position, event, name, walk):
        return
    unit = issue.unit if issue else policy.money
    moved = f"from {format_value(old, unit)} to {format_value(walk, unit)}"
    what = f"the walk value of `{name}` may not loosen {moved} during the deal"
    raise Unfit(Code.LIMIT_LOOSENED, what, "record an approval by somebody else that covers it first", f'"{name}"')


def _covered(policy: Policy, position: Position, event: Update, name: str, walk: Value) -> bool:
    """Return whether an approval that names a walk value's issue covers the value."""
    return any(
        name in a.terms and covers_value(position, a, name, walk)
        for a in in_force(position, event, frozenset({name_of(policy.people, event.actor)}))
    )


def _waivable(policy: Policy, event: Approve) -> None:
    for rule_id in event.override:
        rules = [r for r in policy.rules if r.id == rule_id]
        if not rules:
            raise Unfit(Code.WAIVER_REFUSED, f"there is no rule `{shorten(rule_id)}` to lift", near=f'"{rule_id}"')
        if any(r.enforcement != "overridable" for r in rules):
            raise Unfit(
                Code.WAIVER_REFUSED,
                f"rule `{rule_id}` is {rules[0].enforcement} and cannot be lifted",
                near=f'"{rule_id}"',
            )
        if policy.roles.index(event.role) < policy.roles.index(rules[0].by):
            raise Unfit(
                Code.WAIVER_REFUSED,
                f"rule `{rule_id}` is for `{rules[0].by}` to lift, not for `{event.role}`",
                near='"role"',
            )
