# Over 400 lines: the one list of the facts that a rule may read.
"""Every fact a rule may read: name, unit, when it is known, what it means, and where it is found.

A fact's `path` leads to it in what is judged (`facts.Judged`), so the table is all there is to say about a fact:
deriving, documenting and checking rules read the same lines. Knows no policy, only the shape of one.
"""

from collections.abc import Iterator, Mapping

import msgspec

from walkaway.events import BARGAINING, OUR_TERMS, OURS, OUTCOMES, THEIRS, On, Party
from walkaway.language.values import Kind, Unit

ALWAYS = frozenset(On)
NEVER: frozenset[On] = frozenset()


class IssueShape(msgspec.Struct, frozen=True):
    """What the catalog must know of an issue: its unit, and which thresholds every prepared deal has.

    Attributes:
        across: The thresholds that hang on the selector.
    """

    unit: Unit
    thresholds: frozenset[str]
    across: frozenset[str] = frozenset()


class DealShape(msgspec.Struct, frozen=True):
    """What the catalog must know of a fact under `deal:`."""

    unit: Unit
    optional: bool
    meaning: str = ""


class DerivedShape(msgspec.Struct, frozen=True):
    """What the catalog must know of a fact under `derived:`: its unit, what it is, and whether it may be unknown."""

    unit: Unit
    meaning: str
    optional: bool = False
    whole: bool = True


class Shape(msgspec.Struct, frozen=True):
    """The part of a policy that decides which facts there are."""

    currency: str
    issues: Mapping[str, IssueShape]
    deal: Mapping[str, DealShape]
    signals: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    mandates: tuple[str, ...] = ()
    patterns: tuple[str, ...] = ()
    conclusions: tuple[str, ...] = ()
    package: frozenset[str] = frozenset()
    package_across: frozenset[str] = frozenset()
    selector: str = ""
    derived: Mapping[str, DerivedShape] = {}
    calendar: bool = False
    exchange: bool = False
    budgets: tuple[str, ...] = ()
    owed: tuple[str, ...] = ()
    lines: Mapping[str, DerivedShape] = {}


class FactSpec(msgspec.Struct, frozen=True):
    """One fact.

    Attributes:
        known: The events at which every prepared deal knows it; elsewhere it may be unknown.
        path: Dotted path in `facts.Judged`; `stated`, `offer`, `room`, `last` and the like are mappings, and the
            fact's own name, or its last part, is the key.
        fixed: Said when the deal opens, and never changed.
        whole: Whether it is always a whole number of its smallest unit; what is computed from worths, or is a limit or
            rests on one, may lie between two.
    """

    name: str
    unit: Unit
    known: frozenset[On]
    meaning: str
    path: str
    fixed: bool = False
    whole: bool = True

    def when_known(self) -> str:
        """Say in words when it is known."""
        if self.known == ALWAYS:
            return "always"
        if not self.known:
            return "may be unknown: guard it with `known(…)`"
        names = {
            BARGAINING: "offers and acceptances",
            OURS: "our offers and acceptances",
            OUR_TERMS: "our terms: our offers and acceptances, and their acceptances",
            THEIRS: "their offers and acceptances",
        }
        return "on " + names.get(self.known, ", ".join(sorted(self.known)))


_LIMITS = ("walk.", "want.", "wish.")
_TERMS = ("offer", "ours_last", "theirs_last", "ours_cleared", "ours_first", "theirs_first", "earlier", "party_last")
"""Paths of facts that are values of issues."""
_COUNT, _FLAG, _TIME = Unit(Kind.COUNT), Unit(Kind.YES_NO), Unit(Kind.DURATION)
_TEXT = Unit(Kind.TEXT)
_PARTY = Unit(Kind.CHOICE, choices=(Party.US, Party.THEM))
_OUTCOME = Unit(Kind.CHOICE, choices=OUTCOMES)


def entries(shape: Shape) -> tuple[FactSpec, ...]:
    """Return the catalog of a policy of *shape*, group by group."""
    found = (*_event(shape), *_limits(shape), *_ledger(shape), *_deal(shape), *_calendar(shape), *_exchange(shape))
    found = (*found, *_owed(shape))
    listed = (msgspec.structs.replace(e, whole=False) if _lies_between(e) else e for e in found)
    return (*listed, *_derived(shape), *_lines(shape))


def _lies_between(entry: FactSpec) -> bool:
    """Return whether a fact may lie between two smallest units: a worth, a limit, or the distance to one."""
    if entry.path == "stated":
        return entry.unit.is_numeric and entry.name.startswith((*_LIMITS, "fx."))
    if entry.path in ("room", "fx_drift"):
        return True
    return entry.unit.kind is Kind.MONEY and entry.path not in _TERMS


def _event(shape: Shape) -> Iterator[FactSpec]:
    money = Unit(Kind.MONEY, shape.currency)
    for name, issue in shape.issues.items():
        yield FactSpec(f"offer.{name}", issue.unit, BARGAINING, f"the value of `{name}` in the offer judged", "offer")
    yield FactSpec(
        "offer.worth", money, BARGAINING, "what the offer judged is worth to us in all, package base included", "worth"
    )
    yield FactSpec(
        "offer.first", _FLAG, BARGAINING, "whether it is its party's first; of ours, the first let through", "first"
    )
    yield FactSpec("offer.by", _PARTY, BARGAINING, "who makes it", "by")
    if shape.mandates:
        roles = Unit(Kind.CHOICE, choices=tuple(dict.fromkeys((*shape.mandates, *shape.roles))))
        yield FactSpec("offer.role", roles, NEVER, "in which role we say these terms, where that is known", "role")
    yield FactSpec(
        "give.value", money, OUR_TERMS, "the worth our terms concede against what was cleared, by issue, 0 or more",
        "give",
    )  # fmt: skip
    yield FactSpec(
        "give.net", money, OUR_TERMS, "give.value less asked.value, 0 or more: what they concede in sum", "give_net"
    )
    yield FactSpec(
        "give.run", money, OUR_TERMS,
        "as give.value, against what was cleared when they last offered, rejected, or took what was cleared: the size"
        " of one step",
        "give_run",
    )  # fmt: skip
    yield FactSpec("give.issues", _COUNT, OUR_TERMS, "how many issues they concede on", "give_issues")
    yield FactSpec(
        "asked.value", money, OUR_TERMS, "the worth they ask for beyond what was cleared, 0 or more", "asked"
    )
    yield FactSpec("asked.issues", _COUNT, OUR_TERMS, "how many issues they ask on", "asked_issues")
    yield FactSpec(
        "get.value", money, OUR_TERMS,
        "asked.value, and what they are already ahead by (`balance`, if above 0); what they conceded and we ask for"
        " counts once",
        "get",
    )  # fmt: skip
    yield FactSpec(
        "move.value", money, THEIRS, "the worth by which their offer moves towards us, on issues named before", "move"
    )
    yield FactSpec(
        "move.new", money, THEIRS, "the worth, over the start terms, of what it names for the first time", "move_new"
    )
    yield FactSpec(
        "move.retracted", _COUNT, THEIRS, "how many issues it makes worse for us than their last", "move_retracted"
    )
    yield FactSpec(
        "move.reopened", _COUNT, THEIRS, "how many agreed issues it makes worse for us than agreed", "move_reopened"
    )
    updating, opening = frozenset({On.UPDATE}), frozenset({On.OPEN})
    yield FactSpec(
        "update.loosens", _COUNT, updating, "how many limits it would loosen, not yet allowed", "update_loosens"
    )
    yield FactSpec(
        "update.outside",
        _FLAG,
        updating,
        "whether a limit it tightens leaves our standing offer outside",
        "update_outside",
    )
    yield FactSpec("open.follows", _FLAG, opening, "whether it names the deal that it follows", "open_follows")
    closing = frozenset({On.CLOSE})
    yield FactSpec("close.outcome", _OUTCOME, closing, "how the deal closes", "outcome")
    yield FactSpec("close.agreed", _FLAG, closing, "whether what it closes by is agreed", "close_agreed")
    yield FactSpec(
        "close.differs", _FLAG, closing, "whether the terms as signed are not those agreed last", "close_differs"
    )


def _derived(shape: Shape) -> Iterator[FactSpec]:
    """Return the facts that are computed from the terms on the table, of which a policy says what they are."""
    for name, derived in shape.derived.items():
        known = NEVER if derived.optional else BARGAINING
        yield FactSpec(f"derived.{name}", derived.unit, known, derived.meaning, "derived", whole=derived.whole)


def _lines(shape: Shape) -> Iterator[FactSpec]:
    """Return the facts that are computed from all lines on the table."""
    for name, figure in shape.lines.items():
        known = NEVER if figure.optional else BARGAINING
        yield FactSpec(f"lines.{name}", figure.unit, known, figure.meaning, "lines", whole=figure.whole)


def _limits(shape: Shape) -> Iterator[FactSpec]:
    money = Unit(Kind.MONEY, shape.currency)
    for name, issue in shape.issues.items():
        room = issue.unit.distance if issue.unit.is_numeric else money
        known = BARGAINING if "walk" in issue.thresholds else NEVER
        yield FactSpec(
            f"room.{name}",
            room,
            known,
            f"distance of `{name}` to its walk value in our favour, negative beyond it",
            "room",
        )
    yield FactSpec(
        "room.package",
        money,
        BARGAINING if "walk" in shape.package else NEVER,
        "distance of the whole offer's worth to the package's walk value",
        "room",
    )
    yield FactSpec(
        "room.beyond_walk",
        _COUNT,
        BARGAINING,
        "how many issues, and the package, are beyond their walk value",
        "beyond_walk",
    )
    yield FactSpec(
        "room.short_of_want",
        _COUNT,
        BARGAINING,
        "how many issues, and the package, are short of their want value",
        "short_of_want",
    )
    for threshold, meaning in (
        ("walk", "the walk-away (reservation) value"),
        ("want", "the target"),
        ("wish", "the aspiration"),
    ):
        for name, issue in shape.issues.items():
            across = threshold in issue.across
            yield _limit(shape, f"{threshold}.{name}", issue.unit, f"{meaning} of `{name}`", issue.thresholds, across)
        whole, across = f"{meaning} of the whole package", threshold in shape.package_across
        yield _limit(shape, f"{threshold}.package", money, whole, shape.package, across)


def _limit(shape: Shape, fact: str, unit: Unit, meaning: str, has: frozenset[str], across: bool) -> FactSpec:
    """Return the fact that is a limit; one that hangs on the selector is known where terms are on the table."""
    if across:
        return FactSpec(fact, unit, BARGAINING, f"{meaning}, at the value of `{shape.selector}` on the table", "limit")
    return FactSpec(fact, unit, ALWAYS if fact.partition(".")[0] in has else NEVER, meaning, "stated")


def _ledger(shape: Shape) -> Iterator[FactSpec]:
    money = Unit(Kind.MONEY, shape.currency)
    for side, we, they in (("ours", "we", "they"), ("theirs", "they", "we")):
        cleared = ", of what was let through" if side == "ours" else ""
        yield FactSpec(
            f"{side}.offers",
            _COUNT,
            ALWAYS,
            f"how many offers {we} have made, acceptances included{cleared}",
            f"position.{side}.offers",
        )
        yield FactSpec(
            f"{side}.concessions",
            _COUNT,
            ALWAYS,
            f"how many of these were concessions{cleared}",
            f"position.{side}.concessions",
        )
        yield FactSpec(
            f"{side}.net",
            money,
            ALWAYS,
            "what was cleared is worth this over the start terms"
            if side == "ours"
            else "what their last word is worth over their first, on the issues they have named",
            f"{side}_net",
        )
        yield FactSpec(
            f"{side}.last_give",
            money,
            ALWAYS,
            f"the net size of the latest concession {we} made; 0 before one{cleared}",
            f"{side}_last_give",
        )
        yield FactSpec(
            f"{side}.in_a_row",
            _COUNT,
            ALWAYS,
            f"offers {we} made since {they} last offered, accepted or rejected{cleared}",
            f"position.{side}.in_a_row",
        )
        yield FactSpec(
            f"{side}.unreturned",
            _COUNT,
            ALWAYS,
            f"concessions {we} made since {they} last made one{cleared}",
            f"position.{side}.unreturned",
        )
        yield FactSpec(
            f"{side}.flat",
            _COUNT,
            ALWAYS,
            f"latest offers in a row that were no concession, the first {we} made not counted{cleared}",
            f"position.{side}.flat",
        )
        yield FactSpec(
            f"{side}.retracted",
            _COUNT,
            ALWAYS,
            f"how often {we} took an issue back, settled ones included{cleared}",
            f"position.{side}.retracted",
        )
        yield FactSpec(
            f"{side}.reopened",
            _COUNT,
            ALWAYS,
            f"how many agreed issues the latest offer {we} made turns in {'our' if side == 'ours' else 'their'} favour",
            f"{side}_reopened",
        )
        yield FactSpec(
            f"{side}.settled", _COUNT, ALWAYS, f"how many issues {we} have accepted", f"position.{side}.settled_count"
        )
        yield FactSpec(
            f"{side}.rejections",
            _COUNT,
            ALWAYS,
            f"how many offers {we} have rejected, by saying so or by an offer that does not take them{cleared}",
            f"position.{side}.rejections",
        )
        for name, issue in shape.issues.items():
            yield FactSpec(f"{side}.last.{name}", issue.unit, NEVER, f"`{name}` as {we} last said it", f"{side}_last")
        for name, issue in shape.issues.items():
            yield FactSpec(
                f"{side}.first.{name}", issue.unit, NEVER, f"`{name}` as {we} first said it", f"{side}_first"
            )
    for name, issue in shape.issues.items():
        yield FactSpec(
            f"ours.cleared.{name}", issue.unit, ALWAYS, f"`{name}` as our terms were last let through", "ours_cleared"
        )
    yield FactSpec(
        "ours.uncleared",
        _COUNT,
        ALWAYS,
        "offers and acceptances of ours that were not let through",
        "position.uncleared",
    )
    yield FactSpec(
        "theirs.worth", money, NEVER, "what their standing offer is worth to us, package base included", "theirs_worth"
    )
    yield FactSpec(
        "other.ours", _COUNT, ALWAYS, "terms of ours that nobody declared, in the offer judged too", "other_ours"
    )
    yield FactSpec(
        "other.theirs", _COUNT, ALWAYS, "terms of theirs that nobody declared, in the offer judged too", "other_theirs"
    )
    for side, whose in (("ours", "our"), ("theirs", "their")):
        yield FactSpec(
            f"{side}.final", _FLAG, ALWAYS, f"{whose} standing offer is said to be the last", f"{side}_final"
        )
    yield FactSpec(
        "agreed.stands", _FLAG, ALWAYS, "both sides have agreed to the same terms, and still do", "agreed_stands"
    )
    yield FactSpec(
        "balance", money, ALWAYS, "ours.net + theirs.net: above 0 where they have given more than we", "balance"
    )
    yield FactSpec("since.opened", _TIME, ALWAYS, "whole seconds since the deal opened", "since_opened")
    yield FactSpec(
        "since.left",
        _TIME,
        NEVER,
        "whole seconds since we were to walk, while `left.open` or `left.closed` holds",
        "since_left",
    )
    for side, whose in (("our", "our"), ("their", "their")):
        for what in ("offer", "concession"):
            yield FactSpec(
                f"since.{side}_{what}", _TIME, NEVER, f"whole seconds since {whose} last {what}", f"since_{side}_{what}"
            )


def _deal(shape: Shape) -> Iterator[FactSpec]:
    money = Unit(Kind.MONEY, shape.currency)
    for kind in shape.signals:
        yield FactSpec(
            f"signals.{kind}",
            _COUNT,
            ALWAYS,
            f"confirmed observations of `{kind}`, one being judged included",
            "signals",
        )
    for name, fact in shape.deal.items():
        known = NEVER if fact.optional else ALWAYS
        yield FactSpec(
            f"deal.{name}",
            fact.unit,
            known,
            fact.meaning or f"`{name}`, as the deal states it",
            "stated",
            fixed=not fact.optional,
        )
        yield FactSpec(
            f"stated.{name}", _FLAG, ALWAYS, f"whether `{name}` was stated, by the deal or since", "is_stated"
        )
        yield FactSpec(
            f"since.stated.{name}", _TIME, NEVER, f"whole seconds since `{name}` was last stated", "since_stated"
        )
        yield FactSpec(f"by.stated.{name}", _TEXT, NEVER, f"who stated `{name}` last", "by_stated")
    for name, issue in shape.issues.items():
        yield FactSpec(
            f"earlier.{name}",
            issue.unit,
            NEVER,
            f"`{name}` in the last terms of the deal that this one follows",
            "earlier",
        )
    yield FactSpec("party.deals", _COUNT, ALWAYS, "other deals with this party", "position.others.deals")
    yield FactSpec("party.open_deals", _COUNT, ALWAYS, "how many of these are open", "position.others.open_deals")
    yield FactSpec("party.won", _COUNT, ALWAYS, "how many of these were won", "position.others.won")
    yield FactSpec("party.walked", _COUNT, ALWAYS, "how many of these we left", "position.others.walked")
    yield FactSpec("party.left_closed", _FLAG, ALWAYS, "a door is closed for this party", "party_left_closed")
    for name, issue in shape.issues.items():
        yield FactSpec(
            f"party.last.{name}", issue.unit, NEVER, f"`{name}` in the latest deal closed with this party", "party_last"
        )
    yield FactSpec(
        "since.party_closed", _TIME, NEVER, "whole seconds since a deal with this party closed", "since_party_closed"
    )
    yield FactSpec(
        "theirs.probes",
        _COUNT,
        ALWAYS,
        "asks of agents that were answered with this party; a yes that was not said counts twice",
        "theirs_probes",
    )
    for name in shape.budgets:
        yield FactSpec(
            f"budget.{name}", money, NEVER, f"what the other deals of its key have taken of the budget `{name}`",
            "budget",
        )  # fmt: skip
    yield FactSpec("ours.halted", _FLAG, ALWAYS, "all our offers are stopped, in every deal", "ours_halted")
    yield FactSpec(
        "ours.unsent", _COUNT, ALWAYS, "words that an agent was permitted and that were not said", "ours_unsent"
    )
    yield FactSpec("batna.worth", money, NEVER, "worth of our best alternative to this deal", "stated")
    for role in shape.roles:
        yield FactSpec(
            f"approved.{role}",
            _FLAG,
            ALWAYS,
            f"whether an approval by `{role}`, or above, covers these terms now",
            "approved",
        )
    for name in shape.patterns:
        yield FactSpec(
            f"pattern.{name}",
            _COUNT,
            ALWAYS,
            f"how often the pattern `{name}` has matched, the event judged included",
            "patterns",
        )
    yield FactSpec(
        "missing.items", _COUNT, ALWAYS, "required facts and walk values that the deal still lacks", "missing_items"
    )
    yield FactSpec(
        "left.open", _FLAG, ALWAYS, "we walked, the door is open, and they have not moved since", "left_open"
    )
    yield FactSpec("left.closed", _FLAG, ALWAYS, "we walked and the door is closed", "left_closed")
    for name in shape.conclusions:
        yield FactSpec(f"concluded.{name}", _FLAG, ALWAYS, f"a rule concludes `{name}`", "concluded")


def _calendar(shape: Shape) -> Iterator[FactSpec]:
    if not shape.calendar:
        return
    days = Unit(Kind.DAYS)
    for name, unit, meaning in (
        ("day", Unit(Kind.DAY), "the day of the calendar on which the event happens"),
        ("weekday", _COUNT, "its day of the week, 1 for Monday to 7 for Sunday"),
        ("hour", _COUNT, "whole hours since that day began, at its midnight or at the cut-off hour before"),
        ("business", _FLAG, "whether business is done on that day"),
        ("fiscal_year", _COUNT, "the fiscal year of that day"),
        ("quarter", _COUNT, "its fiscal quarter, 1 to 4"),
        ("month_of_quarter", _COUNT, "its month of the quarter, 1 to 3"),
        ("days_to_quarter_end", days, "days that are left of the quarter, 0 on its last day"),
        ("business_days_to_quarter_end", _COUNT, "business days that are left of the quarter, that day among them"),
    ):
        yield FactSpec(f"calendar.{name}", unit, ALWAYS, meaning, f"calendar_{name}")


def _owed(shape: Shape) -> Iterator[FactSpec]:
    """Return the facts of what they promised, and have to deliver after the deal was won."""
    if not shape.owed:
        return
    yield FactSpec(
        "owed.open",
        _COUNT,
        ALWAYS,
        "promises of the deal as it was won that are neither delivered nor said to be by the event",
        "owed_open",
    )
    yield FactSpec("owed.late", _COUNT, ALWAYS, "how many of these are overdue on the day of the event", "owed_late")
    for name in shape.owed:
        what = f"`{name}` was promised and is not delivered"
        yield FactSpec(f"owed.open.{name}", _FLAG, ALWAYS, f"whether {what}", "is_owed")
        yield FactSpec(f"owed.late.{name}", _FLAG, ALWAYS, f"whether {what}, and is overdue", "is_late")
        left = f"days until `{name}` is due, 0 on the last one and negative after it, while it is owed"
        yield FactSpec(f"owed.days_left.{name}", Unit(Kind.DAYS), NEVER, left, "owed_days")


def _exchange(shape: Shape) -> Iterator[FactSpec]:
    if not shape.exchange:
        return
    rate = f"how much of the deal's currency one {shape.currency} is, as pinned when the deal opened; 1 in its own"
    yield FactSpec("fx.rate", Unit(Kind.NUMBER), ALWAYS, rate, "stated", fixed=True)
    moved = "how far the rate published last is from the pinned one, either way; 0% in the policy's own currency"
    yield FactSpec("fx.drift", Unit(Kind.PERCENT), ALWAYS, moved, "fx_drift")
