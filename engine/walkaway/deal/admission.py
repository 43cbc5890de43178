"""Which events cannot have happened in a deal as it stands. Knows no rules."""

from collections.abc import Iterable, Mapping

from walkaway.deal.cover import revoked_by
from walkaway.deal.line_items import DEAL_LINES, keys_of
from walkaway.deal.owed import check_delivery, may_follow
from walkaway.deal.position import Position, Side
from walkaway.deal.unfit import Unfit as Unfit
from walkaway.events import (
    EVERY_DEAL,
    THEM,
    Accept,
    AnyEvent,
    Approve,
    Close,
    Decline,
    Kill,
    Offer,
    Open,
    Party,
    Reject,
    Request,
    Resume,
    Revoke,
    Update,
    Withdraw,
)
from walkaway.language.codes import Code
from walkaway.language.values import Exact, shorten
from walkaway.policy.model import LINES, Enforcement, Policy


def check(policy: Policy, position: Position | None, event: AnyEvent) -> None:
    """Refuse an event that cannot have happened in this deal now.

    What names an offer that its maker has replaced is looked at once that is found in the deal's past.

    Raises:
        Unfit: WA601 to WA612, WA615.
    """
    if event.deal == EVERY_DEAL and not isinstance(event, Kill | Resume):
        raise Unfit(Code.NOT_OPENED, f"`{EVERY_DEAL}` stands for every deal, and none is called so", near='"deal"')
    if policy.lines is not None and (position is not None or isinstance(event, Open)):
        _check_lines(policy, None if position is None else position.known, event)
    if (
        isinstance(event, Offer)
        and position is not None
        and position.valuation is not None
        and event.instant >= position.last
        and not position.outcome
    ):
        return
    if position is None:
        if not isinstance(event, Open | Kill | Resume):
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
    if position.outcome and not may_follow(position, event):
        hint = ""
        if position.owed:
            hint = (
                f"it waits for what they owe alone: an `update` with `delivered` and `proof` of {_and(position.owed)}"
            )
        what = f"deal `{shorten(event.deal)}` is closed ({position.outcome})"
        raise Unfit(Code.DEAL_CLOSED, what, hint, '"deal"')
    match event:
        case Accept(by=by) if event.of in ("", position.side(by.other).said_by):
            acceptable(position.side(by.other), event)
        case Withdraw(by=by) if not position.side(by).stands:
            raise Unfit(Code.NOTHING_TO_ACCEPT, f"{_they(by)} have offered nothing that stands", near='"type"')
        case Revoke():
            if not revoked_by(policy, position, event):
                what = f"`{shorten(event.approver)}` has no such approval in force"
                raise Unfit(Code.NOTHING_TO_ACCEPT, what, near='"approver"')
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


def acceptable(other: Side, event: Accept) -> None:
    """Refuse an acceptance of what the other side has not offered.

    Raises:
        Unfit: WA606.
    """
    who = _they(event.by.other)
    if not other.stands:
        raise Unfit(Code.NOTHING_TO_ACCEPT, f"{who} have offered nothing that could be accepted", near='"type"')
    several = len(other.packages)
    if event.package > several or (several and not event.package):
        what = f"{who} have offered {several} packages" if several else f"{who} have offered one package"
        hint = f'write `"package": 1` to `{several}`' if several else "remove `package`"
        raise Unfit(Code.NOTHING_TO_ACCEPT, what, hint, '"package"' if event.package else '"type"')
    unsaid = [i for i in event.issues if i not in other.first or i not in other.chosen(event.package)]
    if unsaid:
        what = f"{who} have offered nothing on `{unsaid[0]}` that could be accepted"
        raise Unfit(Code.NOTHING_TO_ACCEPT, what, near=f'"{unsaid[0]}"')


def _and(names: Iterable[str]) -> str:
    return " and ".join(f"`{name}`" for name in names)


def _updatable(policy: Policy, position: Position, event: Update) -> None:
    check_delivery(position, event)
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


def _waivable(policy: Policy, event: Approve) -> None:
    for rule_id in event.override:
        rules = [r for r in policy.rules if r.id == rule_id]
        if not rules:
            raise Unfit(Code.WAIVER_REFUSED, f"there is no rule `{shorten(rule_id)}` to lift", near=f'"{rule_id}"')
        if any(r.enforcement is not Enforcement.OVERRIDABLE for r in rules):
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


def _check_lines(policy: Policy, known: Mapping[str, Exact | None] | None, event: AnyEvent) -> None:
    """Refuse terms that name other lines than the deal has.

    Args:
        known: What the deal has stated; none before it is open.

    Raises:
        Unfit: WA615.
    """
    if policy.lines is None or not isinstance(event, Open | Offer | Approve | Request | Decline | Revoke | Close):
        return
    packages = (*event.packages, event.terms) if isinstance(event, Offer) else (event.terms or {},)
    said = {text for package in packages if isinstance(text := package.get(LINES), str)}
    if not said:
        return
    stated = event.facts.get(LINES) if isinstance(event, Open) else (known or {}).get(DEAL_LINES)
    if not isinstance(stated, str):
        what = "these terms name lines, and the deal has not stated which it has"
        raise Unfit(Code.OTHER_LINES, what, f'state them among its `facts`, as `"{LINES}": …`', f'"{LINES}"')
    has = set(keys_of(stated))
    for text in sorted(said):
        names = set(keys_of(text))
        for key in sorted(names - has):
            what = f"the deal has no line `{shorten(key)}`"
            raise Unfit(Code.OTHER_LINES, what, f"its lines are {_listed(has)}", f'"{LINES}"')
        for key in sorted(has - names):
            what = f"line `{shorten(key)}` of the deal is missing in these terms"
            raise Unfit(
                Code.OTHER_LINES, what, "name every line, with its start value where nothing is given", f'"{LINES}"'
            )


def _listed(keys: set[str]) -> str:
    few = sorted(keys)[:5]
    return ", ".join(f"`{shorten(key)}`" for key in few) + (f" and {len(keys) - 5} more" if len(keys) > 5 else "")
