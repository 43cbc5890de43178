"""The options that say which decisions of the log are asked for, and the question that they make."""

import re
from collections.abc import Callable
from typing import Any, TypeVar

import click

from walkaway import Core, Verdict, log
from walkaway.language import instant_of, nearest, shorten
from walkaway.log import LogQuestion, Policies, PolicyLost, Store
from walkaway_cli.options.instants import instant
from walkaway_cli.options.stores import want_deal

_QUARTER = re.compile(r"(\d{4})-?[Qq]([1-4])", re.ASCII)
_FORM = "write YEAR and the quarter, as in 2026Q3; a quarter begins and ends at midnight UTC"
_Command = TypeVar("_Command", bound=Callable[..., object])


def quarter(text: str) -> tuple[int, int]:
    """Return the first and the last instant of a quarter, in microseconds since 1970, UTC.

    Raises:
        BadParameter: Where *text* is none.
    """
    found = _QUARTER.fullmatch(text)
    if found is None or found[1] in ("0000", "9999"):
        raise click.BadParameter(f"{shorten(text)!r} is no quarter; {_FORM}")
    year, number = int(found[1]), int(found[2])
    begins = instant_of(f"{year}-{3 * number - 2:02}-01T00:00:00Z")
    ends = instant_of(f"{year + number // 4}-{3 * number % 12 + 1:02}-01T00:00:00Z")
    assert begins is not None
    assert ends is not None
    return begins, ends - 1


def question_options(command: _Command) -> _Command:
    """Add the options of a question; `question` reads them."""
    options = (
        click.option("--deal", metavar="ID", help="Only decisions of this deal."),
        click.option("--rule", metavar="ID", help="Only decisions in which this rule fired."),
        click.option("--verdict", type=click.Choice([v.value for v in Verdict]), help="Only those with this verdict."),
        click.option("--conceded", is_flag=True, help="Only where our terms give more than they get."),
        click.option("--overridden", is_flag=True, help="Only where a rule was lifted: that of --rule, or any."),
        click.option("--breach", is_flag=True, help="Only what was sent, accepted or closed against its verdict."),
        click.option("--actor", metavar="NAME", help="Only what this person did or approved."),
        click.option("--approved-by", metavar="NAME", help="Only what rests on this person's approval."),
        click.option("--quarter", type=quarter, metavar="2026Q3", help="Only events of this quarter, in UTC."),
        click.option("--since", type=instant, metavar="INSTANT", help="Only events from this instant or day on."),
        click.option("--until", type=instant, metavar="INSTANT", help="Only events up to this instant."),
    )
    for option in reversed(options):
        command = option(command)
    return command


QUESTION = (
    *("deal", "rule", "verdict", "conceded", "overridden", "breach", "actor", "approved_by"),
    *("quarter", "since", "until"),
)
"""The options, as click names them."""


def is_asked(asked: dict[str, Any]) -> bool:
    """Return whether anything is asked for."""
    return any(asked[name] not in (None, False) for name in QUESTION)


def question(store: Store, asked: dict[str, Any]) -> LogQuestion:
    """Return the question that was typed.

    Raises:
        UsageError: Where it names a deal that the log does not have, or two spans of time.
    """
    said = {name: asked[name] for name in QUESTION[:8]}
    if asked["quarter"] is not None and (asked["since"] is not None or asked["until"] is not None):
        raise click.UsageError("--quarter goes without --since and --until")
    since, until = (asked[name] and asked[name][1] for name in ("since", "until"))
    want_deal(store, asked["deal"])
    begins, ends = asked["quarter"] or (since, until)
    return LogQuestion(**said, since=begins, until=ends)


def want_rule(store: Store, rule: str | None) -> None:
    """Make sure that a policy of the log has the rule that was searched for and not found.

    Raises:
        click.UsageError: Where none has.
    """
    if rule is None:
        return
    desk = Policies(store, Core.PLAIN, lambda _: None)
    known: set[str] = set()
    for sha256 in log.policy_names(store):
        try:
            known |= {r.id for r in desk.find(sha256).policy.rules}
        except PolicyLost:  # its rules cannot be told any more
            return
    if rule not in known:
        named, near = f"no policy of the log has a rule `{shorten(rule)}`", nearest(rule, known)
        raise click.UsageError(f"{named}: {near}" if near else named)
