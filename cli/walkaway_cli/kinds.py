"""Every kind of event that a command writes, in one table: what is typed, and which field of the event it becomes."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import click
import msgspec

from walkaway import Policy, load
from walkaway.events import OUTCOMES, Party
from walkaway.policy import THRESHOLDS


class TypedField(msgspec.Struct, frozen=True, kw_only=True):
    """Something that is typed.

    Attributes:
        key: The event's field that it becomes.
        typed: How it is typed: the option, or the name of an argument.
        help: What it means; empty for arguments, which the command's help explains.
        sort: `text`, `names` (each once, repeated), `number`, `rate`, `yes` or `no` (flags), or one of `PAIRS`.
        among: The words that may stand there; any, where it is empty.
        required: Whether the event is none without it.
        many: Whether an argument stands for all that are left.
    """

    key: str
    typed: str
    help: str = ""
    sort: str = "text"
    among: tuple[str, ...] = ()
    metavar: str = ""
    required: bool = False
    many: bool = False

    @property
    def is_option(self) -> bool:
        """Return whether it is an option, and no argument."""
        return self.typed.startswith("--")

    @property
    def name(self) -> str:
        """Return what click calls it."""
        return f"field_{self.typed.removeprefix('--').replace('-', '_').lower()}"

    @property
    def shown(self) -> str:
        """Return how it is typed, with what stands for its value."""
        what = self.metavar or ("|".join(self.among) if self.among else "TEXT")
        return f"{self.typed} {what}" if self.is_option else self.typed


PAIRS = ("values", "other", "limits", "alternatives", "packages")
"""Ways to type NAME=VALUE: a field of its own for each name, undeclared terms, thresholds, alternatives, packages."""


class EventKind(msgspec.Struct, frozen=True):
    """A kind of event.

    Attributes:
        line: What the command does, in a line.
        about: What its arguments are.
        example: What can be typed behind `walkaway`, before the options that every kind has.
        wants: Of each group one field at least is typed, as the words of its hint say.
    """

    line: str
    about: str
    example: str
    fields: tuple[TypedField, ...] = ()
    wants: tuple[tuple[tuple[str, ...], str], ...] = ()


_BY = TypedField(key="by", typed="--by", among=tuple(p.value for p in Party), required=True, help="Whose it is.")
_UNTIL = TypedField(key="until", typed="--until", metavar="INSTANT", help="The last instant at which it holds.")
_TERMS = TypedField(key="terms", typed="ISSUE=VALUE", sort="values", many=True)
_OTHER = TypedField(
    key="terms",
    typed="--other",
    sort="other",
    metavar="NAME=VALUE",
    help="A term that the policy has no issue for; NAME= takes it back. May be repeated.",
)
_FACTS = TypedField(key="facts", typed="FACT=VALUE", sort="values", many=True)
_STATED = (
    TypedField(
        key="limits",
        typed="--limit",
        sort="limits",
        metavar="ISSUE.walk=VALUE",
        help="A wish, want or walk of this deal, of an issue or of `package`; may be repeated.",
    ),
    TypedField(key="batna", typed="--batna", metavar="AMOUNT", help="What our best alternative is worth."),
    TypedField(
        key="alternatives",
        typed="--alternative",
        sort="alternatives",
        metavar="NAME=WORTH",
        help="What else we could do, as in `rival=70,000 USD; until=2026-12-31T00:00:00Z`; NAME= takes it back.",
    ),
)
_RATE = TypedField(
    key="fx",
    typed="--fx",
    sort="rate",
    metavar="RATE",
    help="The rate it brings, as in `0.8951; day=2026-03-03; source=our bank`.",
)
_OF = TypedField(key="of", typed="--of", metavar="EVENT", help="The event that it is about, by its id.")
_NOTE = TypedField(key="note", typed="--note", help="For colleagues; personal, and no rule reads it.")
_ROLE = TypedField(
    key="role", typed="--role", metavar="ROLE", help="In which role we say it, where there are mandates."
)
_REASON = TypedField(key="reason", typed="--reason", required=True, help="Why.")
_APPROVER = TypedField(key="approver", typed="--approver", metavar="NAME", required=True, help="Who approves, or did.")

_VIA = TypedField(key="via", typed="--via", metavar="NAME", help="Through whom or what it came.")

_KINDS: Mapping[str, EventKind] = {
    "open": EventKind(
        "Open a deal: its facts, its limits, our opening position.",
        "FACT=VALUE is a fact of the deal, as the policy names it under `deal`.",
        'open D-7 "list_price=100,000 USD" segment=enterprise',
        (
            _FACTS,
            TypedField(
                key="terms",
                typed="--term",
                sort="values",
                metavar="ISSUE=VALUE",
                help="A term of our opening position, which is our first offer; may be repeated.",
            ),
            _OTHER,
            *_STATED,
            TypedField(key="party", typed="--party", metavar="NAME", help="The other side, as in each of its deals."),
            TypedField(key="follows", typed="--follows", metavar="DEAL", help="The deal that it renews or reopens."),
            TypedField(
                key="currency",
                typed="--currency",
                metavar="CODE",
                help="In which it is, if not in the policy's.",
            ),
            _RATE,
            _ROLE,
        ),
    ),
    "offer": EventKind(
        "Put terms on the table: an offer of ours, or of theirs.",
        "ISSUE=VALUE is what the offer changes of the same side's standing terms.",
        'offer D-7 discount=8% "term=36 months" --by us',
        (
            _TERMS,
            _BY,
            _OTHER,
            TypedField(
                key="packages",
                typed="--package",
                sort="packages",
                metavar='"ISSUE=VALUE; …"',
                help="One of several packages of which one may be taken; repeated, and in place of terms.",
            ),
            TypedField(key="final", typed="--final", sort="yes", help="It is said to be the last."),
            _UNTIL,
            _NOTE,
            _ROLE,
        ),
        ((("ISSUE=VALUE", "--other", "--package"), "a term, as in discount=12%"),),
    ),
    "accept": EventKind(
        "Take the other side's standing terms.",
        "",
        "accept D-7 --by them",
        (
            _BY,
            TypedField(
                key="issues", typed="--issue", sort="names", metavar="ISSUE", help="Settle this one; may be repeated."
            ),
            _OF,
            TypedField(key="package", typed="--package", sort="number", metavar="N", help="Which of several packages."),
            _ROLE,
        ),
    ),
    "reject": EventKind(
        "Decline the other side's standing offer.",
        "",
        "reject D-7 --by us",
        (_BY,),
    ),
    "withdraw": EventKind(
        "Take back a standing offer, or an acceptance.",
        "",
        "withdraw D-7 --by us",
        (_BY,),
    ),
    "approve": EventKind(
        "Approve terms as bad for us as these, or an event.",
        "ISSUE=VALUE is the worst that is approved; an issue left out is approved at its start value.",
        "approve D-7 discount=15% --approver dana --role director",
        (
            _TERMS,
            _APPROVER,
            TypedField(key="role", typed="--role", metavar="ROLE", required=True, help="By which authority."),
            _OTHER,
            _OF,
            TypedField(
                key="rules",
                typed="--rule",
                sort="names",
                metavar="ID",
                help="A rule that it may meet; all, if left out. May be repeated.",
            ),
            _UNTIL,
            TypedField(
                key="override",
                typed="--override",
                sort="names",
                metavar="ID",
                help="A rule that it lifts, with --reason and --until; may be repeated.",
            ),
            TypedField(key="reason", typed="--reason", help="Why rules are lifted."),
        ),
        ((("ISSUE=VALUE", "--other", "--of"), "terms, as in discount=15%, or --of EVENT"),),
    ),
    "revoke": EventKind(
        "Take an approval back.",
        "ISSUE=VALUE are the terms that were approved, in place of --of.",
        "revoke D-7 --approver dana --of e04",
        (_TERMS, _APPROVER, _OF),
        ((("ISSUE=VALUE", "--of"), "--of EVENT, or the terms that were approved"),),
    ),
    "signal": EventKind(
        "Note conduct at the table: pressure, abuse, a deception.",
        "KIND is one of the policy's `signals`.",
        "signal D-7 abuse --by them",
        (
            TypedField(key="kind", typed="KIND", required=True),
            _BY,
            TypedField(key="confirmed", typed="--unconfirmed", sort="no", help="It is not sure; such is not counted."),
            _NOTE,
        ),
    ),
    "update": EventKind(
        "State what became known, or move the deal to another version.",
        "FACT=VALUE is a fact of the deal; what is not named stays as it was.",
        "update D-7 decision_maker_known=yes",
        (
            _FACTS,
            *_STATED,
            TypedField(
                key="policy",
                typed="--move-to",
                metavar="POLICY@N",
                help="The version of the policy that the deal goes on under.",
            ),
            TypedField(
                key="delivered",
                typed="--delivered",
                sort="names",
                metavar="ISSUE",
                help="An issue that is owed, and of which they have delivered what they promised; may be repeated.",
            ),
            TypedField(key="proof", typed="--proof", help="What shows that they have delivered it."),
            msgspec.structs.replace(
                _RATE,
                metavar="now|RATE",
                help="Convert amounts at the rate that was published last, or at one it brings, as `open` does.",
            ),
        ),
        (
            (
                ("FACT=VALUE", "--limit", "--batna", "--alternative", "--move-to", "--fx", "--delivered", "--proof"),
                "what changes: FACT=VALUE, --limit, --batna, --alternative, --move-to, --fx or --delivered",
            ),
        ),
    ),
    "void": EventKind(
        "Say that an event was a slip.",
        "",
        'void D-7 --of e03 --reason "typed into the wrong deal"',
        (msgspec.structs.replace(_OF, required=True), _REASON),
    ),
    "reopen": EventKind(
        "Wish to deal again where the door is closed.",
        "",
        'reopen D-7 --reason "they have new owners"',
        (_REASON,),
    ),
    "tick": EventKind(
        "Let time pass, so that rules about waiting are heard.",
        "",
        "tick D-7",
    ),
    "close": EventKind(
        "End a deal: won, lost, or walked away from.",
        "OUTCOME is won, lost or walked; ISSUE=VALUE are the terms as signed.",
        "close D-7 won",
        (TypedField(key="outcome", typed="OUTCOME", among=OUTCOMES, required=True), _TERMS, _OTHER),
    ),
}
KINDS: Mapping[str, EventKind] = {
    sort: msgspec.structs.replace(kind, fields=(*kind.fields, _VIA)) for sort, kind in _KINDS.items()
}
"""Type of event → its kind; each is the command of that name. What programs alone record, and what belongs to no deal,
has none.
"""


def parameters(kind: EventKind) -> Sequence[Callable[[Any], Any]]:
    """Return what adds the fields of a kind to a click command, arguments in their order."""
    return [_option(f) if f.is_option else _argument(f) for f in kind.fields]


def _argument(field: TypedField) -> Callable[[Any], Any]:
    kind = click.Choice(field.among) if field.among else None
    return click.argument(
        field.name,
        nargs=-1 if field.many else 1,
        metavar=f"[{field.typed}]..." if field.many else f"{{{field.shown}}}" if kind else field.typed,
        type=kind,
        required=not field.many,
        shell_complete=None if kind else _completing(field),
    )


def _option(field: TypedField) -> Callable[[Any], Any]:
    if field.sort in ("yes", "no"):
        return click.option(field.typed, field.name, is_flag=True, help=field.help)
    sorts = {"number": click.IntRange(1)}
    return click.option(
        field.typed,
        field.name,
        multiple=field.sort == "names" or field.sort in PAIRS,
        type=click.Choice(field.among) if field.among else sorts.get(field.sort),
        metavar=field.metavar or None,
        help=field.help,
        shell_complete=None if field.among else _completing(field),
    )


def _completing(field: TypedField) -> Callable[[click.Context, click.Parameter, str], list[str]]:
    """Return what completes a field from the policy that was typed before it: its issues, facts, roles and rules."""

    def complete(ctx: click.Context, _: click.Parameter, begun: str) -> list[str]:
        paths = ctx.params.get("paths") or ()
        policy = load(paths[0]).value if paths else None
        return [] if policy is None else [word for word in _words(field, policy, begun) if word.startswith(begun)]

    return complete


def _words(field: TypedField, policy: Policy, begun: str) -> Iterable[str]:
    """Return what a field may begin with under a policy; behind NAME= its values, where they are words."""
    units = {name: about.unit for name, about in (policy.issues if field.key == "terms" else policy.deal).items()}
    name, equals, _ = begun.partition("=")
    match field.key, field.sort:
        case "terms" | "facts", "values" if equals and name in units:
            unit = units[name]
            words = ("yes", "no") if unit.kind is unit.kind.YES_NO else unit.choices
            return [f"{name}={word}" for word in words]
        case "terms" | "facts", "values":
            return [f"{each}=" for each in units]
        case "limits", _:
            return [f"{each}.{t}=" for each in (*policy.issues, "package") for t in THRESHOLDS]
        case "issues", _:
            return policy.issues
        case "delivered", _:
            return policy.owed
        case "kind", _:
            return policy.signals
        case "role", _:
            return policy.roles
        case "rules" | "override", _:
            return [rule.id for rule in policy.rules]
        case _:
            return ()
