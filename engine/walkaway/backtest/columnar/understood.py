"""Which policies the columnar path takes, by an allow-list of all that a policy can say. What is new is not taken.

A field of the policy model that stands in neither table is one nobody has taught the columnar path: where a policy says
anything in it, the policy is decided by the engine, deal by deal. A test names such fields.
"""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from functools import cache
from typing import Any

import msgspec

from walkaway.language.expr.tree import facts_of
from walkaway.policy.exchange import RATE
from walkaway.policy.model import (
    DealFact,
    Effect,
    Graded,
    Issue,
    Leg,
    Linear,
    Package,
    Pattern,
    Policy,
    Row,
    Rule,
    Table,
)


class LeftOut(StrEnum):
    """Why deals are decided by the engine, one by one, and not in columns."""

    LAYERS = "the policy extends others"
    SELECTED = "the policy has worths or limits that hang on an issue (`by:`)"
    CALENDAR = "the policy counts days of its own"
    DERIVED = "the policy multiplies what is negotiated (`derived:`)"
    LINES = "the policy has lines, of which each deal has its own number (`lines:`)"
    BUDGETS = "the policy has budgets over deals"
    OWED = "the policy has issues that are owed after the close"
    LANGUAGE = "the policy says something that is new to columns"
    MANY_ISSUES = "the policy has no issues, or more than 62"
    EVENT_FACT = "a rule reads a fact that is not kept in columns"
    BETWEEN_UNITS = "their word counts from a walk value that may lie between two units"
    LOOSER = "the deal brings a walk value that is looser than the policy's"
    NOT_PLAIN = "an event of the deal has a type, a field or a spelling that is not read in columns"
    REPEATED = "an event of the deal comes twice"
    UNPREPARED = "the deal lacks a fact that the policy asks for"
    NOT_IN_FORCE = "the policy is not in force on the deal's day"
    FAR_AHEAD = "an event is far ahead of its deal"
    TOO_LARGE = "amounts of the deal could leave the range in which columns are exact"


READ: Mapping[type[msgspec.Struct], frozenset[str]] = {
    Policy: frozenset(
        {
            "name",
            "currency",
            "effective",
            "deal",
            "issues",
            "package",
            "signals",
            "roles",
            "patterns",
            "tables",
            "lookups",
            "selector",
        }
        | {"rules", "catalog", "theirs_base", "ahead", "above", "people", "as_of", "calendar"}
        | {"budgets", "derived", "lines"}
    ),
    Issue: frozenset(
        {
            "name",
            "unit",
            "start",
            "worth",
            "better",
            "wish",
            "want",
            "walk",
            "per_deal",
            "cap",
            "is_shadow",
            "values",
            "least",
            "most",
            "by",
            "owed",
        }
    ),
    Package: frozenset({"base", "wish", "want", "walk", "per_deal", "by"}),
    DealFact: frozenset({"name", "unit", "optional", "default", "least", "most"}),
    Rule: frozenset({"id", "on", "condition", "effect", "enforcement", "built_in", "by"}),
    Effect: frozenset({"verdict", "concludes", "door", "to", "count"}),
    Linear: frozenset({"rate", "step"}),
    Graded: frozenset({"worths"}),
    Pattern: frozenset({"name", "first", "second", "condition", "alternatives"}),
    Leg: frozenset({"name", "on", "reads"}),
    Table: frozenset({"name", "keys", "columns", "rows", "key_units", "first_hit", "key_bounds"}),
    Row: frozenset({"keys", "cells", "since"}),
}
"""What the columnar path reads, or sees that it is not said."""

SILENT: Mapping[type[msgspec.Struct], frozenset[str]] = {
    Policy: frozenset(
        {"title", "version", "owner", "side", "sha256", "files", "file", "places", "mentioned", "claims", "quantities"}
        | {"coverage", "allows", "fixed", "needed", "matrix", "labels", "exchange", "rates", "home", "asks"}
    ),
    Issue: frozenset({"personal", "step", "theirs", "as_named"}),
    Package: frozenset(),
    DealFact: frozenset({"personal", "meaning"}),
    Rule: frozenset({"why", "say", "source", "span", "said_at", "concern", "made_of"}),
    Effect: frozenset(),
    Linear: frozenset(),
    Graded: frozenset(),
    Pattern: frozenset(),
    Leg: frozenset(),
    Table: frozenset({"file", "header"}),
    Row: frozenset({"span"}),
}
"""What has no part in which rules fire at events that are read in columns: words, places, worths to the other side."""


def unheard(policy: Policy) -> tuple[str, ...]:
    """Return the fields in which a policy says something that is new to the columnar path, as `Issue.name`, sorted."""
    return tuple(sorted(set(_unheard(policy))))


def _unheard(part: Any) -> Iterator[str]:
    if isinstance(part, msgspec.Struct):
        sort = type(part)
        if sort not in READ:
            return
        for field in _fields_of(sort):
            name, said = field.name, getattr(part, field.name)
            if name in READ[sort]:
                yield from _unheard(said)
            elif name not in SILENT[sort] and said != _default(field):
                yield f"{sort.__name__}.{name}"
    elif isinstance(part, Mapping):
        for each in part.values():
            yield from _unheard(each)
    elif isinstance(part, tuple):
        for each in part:
            yield from _unheard(each)


@cache
def _fields_of(sort: type[msgspec.Struct]) -> tuple[msgspec.structs.FieldInfo, ...]:
    return msgspec.structs.fields(sort)


def _default(field: msgspec.structs.FieldInfo) -> Any:
    return field.default_factory() if field.default_factory is not msgspec.NODEFAULT else field.default


PATHS = frozenset(
    {"offer", "worth", "first", "by", "give", "give_net", "give_run", "give_issues", "asked", "asked_issues", "get"}
    | {"move", "move_new", "move_retracted", "move_reopened", "other_ours", "other_theirs", "theirs_worth"}
    | {"ours_final", "theirs_final", "party_left_closed", "ours_halted", "since_party_closed", "open_follows"}
    | {"agreed_stands"}
    | {"close_agreed", "close_differs", "outcome", "beyond_walk", "short_of_want", "ours_net", "theirs_net"}
    | {"ours_last_give", "theirs_last_give", "ours_reopened", "theirs_reopened", "balance", "since_opened"}
    | {"since_left"}
    | {"since_our_offer", "since_their_offer", "since_our_concession", "since_their_concession", "missing_items"}
    | {"left_open", "left_closed", "room", "stated", "is_stated", "since_stated", "earlier", "party_last"}
    | {"ours_last", "theirs_last", "ours_first", "theirs_first", "ours_cleared", "signals", "approved", "concluded"}
    | {"patterns"}
    | {"update_loosens", "update_outside"}
    | {f"position.{side}.{count}" for side in ("ours", "theirs") for count in (
        "offers", "concessions", "in_a_row", "unreturned", "flat", "retracted", "rejections", "settled_count")}
    | {"position.uncleared", "position.others.deals", "position.others.open_deals"}
    | {"position.others.won", "position.others.walked"}
)  # fmt: skip
"""The catalog paths of the facts that columns hold."""


def refusal(policy: Policy) -> LeftOut | None:
    """Return why a policy is decided by the engine alone; none where columns take it."""
    if policy.above is not None or any(i.cap is not None or i.is_shadow for i in policy.issues.values()):
        return LeftOut.LAYERS
    if policy.selector:
        return LeftOut.SELECTED
    if policy.calendar is not None:
        return LeftOut.CALENDAR
    if policy.derived:
        return LeftOut.DERIVED
    if policy.lines is not None:
        return LeftOut.LINES
    if policy.budgets:
        return LeftOut.BUDGETS
    if policy.owed:
        return LeftOut.OWED
    if unheard(policy):
        return LeftOut.LANGUAGE
    if not 0 < len(policy.issues) <= 62:
        return LeftOut.MANY_ISSUES
    paths = {policy.catalog[f].path for f in read_by(policy) if f in policy.catalog}
    if not paths <= PATHS or RATE in read_by(policy):
        return LeftOut.EVENT_FACT
    return None


def read_by(policy: Policy) -> frozenset[str]:
    """Return every fact that a rule reads."""
    return frozenset(f for rule in policy.rules for f in facts_of(rule.condition))
