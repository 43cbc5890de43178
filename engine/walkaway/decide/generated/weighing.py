"""Lines of generated functions that weigh terms, issue by issue, as `deal.ledger` and `deal.facts.measure` do."""

import ast
from collections.abc import Callable, Iterator

from walkaway.deal.valuation import PACKAGE, Opener
from walkaway.decide.generated import selecting
from walkaway.decide.generated.issues import Lines, change, counts, of_issues, package, value
from walkaway.language.codegen import assign, block, expression, var
from walkaway.language.values import LIMIT
from walkaway.policy.model import Issue, Policy
from walkaway.policy.order import Order


def rates(policy: Policy) -> Lines:
    """Return the lines that look up what each issue is worth; with a selector, at its value in the terms."""
    found: Lines = []
    if policy.selector:
        found = block(
            "across = valuation.by[CHOSEN]\nworths = across.worths\nheld = across.facts", CHOSEN=value(policy.selector)
        )
    for name in policy.issues:
        found += block("RATE = worths[ISSUE]", RATE=var(f"rate__{name}"), ISSUE=name)
    return found


def against_cleared(policy: Policy, *, counts_back: bool) -> Lines:
    """Return the lines that weigh terms of ours against what was cleared; named as in `deal.position.Move`.

    Args:
        counts_back: Whether it is of interest on how many issues named before they move back.
    """

    def back(issue: Issue) -> Lines:
        return block("if was_named & BIT:\n    back += 1", BIT=policy.bits[issue.name]) if counts_back else []

    return of_issues(
        policy,
        """
        old = cleared[ISSUE]
        if VALUE != old:
            change = FROM_OLD
            if change > 0:
                gain += change
                gains += 1
                BACK
            elif change < 0:
                loss -= change
                losses += 1
        """,
        BACK=back,
    )


def their_terms(policy: Policy) -> Lines:
    """Return the lines that set `terms`: that complete what they name, and weigh it against their last word."""
    chosen, summed = (selecting.chosen(policy), selecting.summed_up(policy)) if policy.selector else ([], [])
    return [*chosen, *rates(policy), *_their_issues(policy), *summed, assign("terms", package(policy))]


def _their_issues(policy: Policy) -> Lines:
    def weighed(issue: Issue) -> Lines:
        """Return the lines that weigh what they say of an issue that they named before."""
        if issue.name == policy.selector:
            return selecting.said(policy)
        new, last = value(issue.name), var("last")
        as_counted = [assign("change", counts(policy, issue, new, "across", over=last))] if policy.is_base_bound else []
        return block(
            """
            last = standing[ISSUE]
            if VALUE != last:
                change = FROM_LAST
                if change < 0:
                    losses += 1
                elif change > 0:
                    gains += 1
                COUNTED
                if change < 0:
                    loss -= change
                else:
                    gain += change
            """,
            ISSUE=issue.name, VALUE=new, FROM_LAST=change(issue, last, new), COUNTED=as_counted,
        )  # fmt: skip

    def left_out(issue: Issue) -> Lines:
        """Return the lines that set the value of an issue that they do not name."""
        if issue.name == policy.selector:
            return []
        return block(
            """
            if stated & BIT:
                VALUE = standing[ISSUE]
            else:
                VALUE = said[ISSUE]
                if VALUE != begun and FROM_BEGUN > 0:
                    VALUE = begun
            """,
            ISSUE=issue.name, BIT=policy.bits[issue.name], VALUE=value(issue.name),
            FROM_BEGUN=change(issue, var("begun"), value(issue.name)),
        )  # fmt: skip

    return of_issues(
        policy,
        """
        begun = start[ISSUE]
        if ISSUE in named:
            VALUE = named[ISSUE]
            stating |= BIT
            if not stated & BIT:
                NAMES
                new += FROM_BEGUN
            else:
                WEIGHED
        else:
            LEFT_OUT
        if VALUE != begun:
            worth += FROM_BEGUN
        """,
        NAMES=lambda issue: [] if issue.is_shadow else block("names = True"), WEIGHED=weighed, LEFT_OUT=left_out,
    )  # fmt: skip


HELD = f"""
most = {LIMIT} * scale
if gain > most or loss > most or not -most <= worth + base <= most:
    return None
"""
"""Leaves terms that are worth more than can be held to the reference."""


def room(policy: Policy) -> Lines:
    """Return the lines that measure the room of the terms judged: `room__…`, how many limits are passed or missed."""
    found = block("beyond = short = 0")
    for fact, name, better in policy.once(Opener).bounds:
        distance = var(fact.replace(".", "__"))
        issue = policy.issues[name]
        for limit, template in (
            ("walk", "if AT is None:\n    ROOM = None\nelse:\n    ROOM = DISTANCE\n    if PAST:\n        beyond += 1"),
            ("want", "if AT is not None and PAST:\n    short += 1"),
        ):
            at = var(f"{limit}__{name}")
            away = (
                expression("VALUE - AT" if better > 0 else "AT - VALUE", VALUE=value(name), AT=at)
                if better
                else expression("valuation.exact(CHANGE)", CHANGE=change(issue, at, value(name)))
            )
            is_past = past(policy, name, distance if limit == "walk" else away, at)
            found += block("AT = LIMIT", AT=at, LIMIT=limit_at(policy, f"{limit}.{name}"))
            found += block(template, AT=at, ROOM=distance, DISTANCE=away, PAST=is_past)
    return found + block(
        """
        walk__package = WALK
        want__package = WANT
        package_counts = False
        room__package = None
        if walk__package is not None:
            room__package = offer__worth - walk__package
            if room__package < 0:
                beyond += 1
                package_counts = True
        if want__package is not None and offer__worth < want__package:
            short += 1
            package_counts = True
        """,
        WALK=limit_at(policy, "walk.package"),
        WANT=limit_at(policy, "want.package"),
    )


def past(policy: Policy, issue: str, away: ast.expr, at: ast.expr) -> ast.expr:
    """Return the expression for whether terms are past a limit of an issue.

    Args:
        away: How far they are from it.
        at: The limit.
    """
    constants = ([ast.Constant(one) for one in pair] for pair in policy.once(Order).pairs(issue))
    pairs: list[ast.expr] = [ast.Tuple(list(pair), ast.Load()) for pair in constants]
    if not pairs:
        return expression("AWAY < 0", AWAY=away)
    beyond = expression("(AT, VALUE) in ALIKE", AT=at, VALUE=value(issue), ALIKE=ast.Set(pairs))
    return expression("AWAY < 0 or (not AWAY and BEYOND)", AWAY=away, BEYOND=beyond)


def limit_at(policy: Policy, fact: str) -> ast.expr:
    """Return the expression for a limit, that at the value of the selector in the terms where it hangs on that."""
    return expression("known[held[FACT]]" if fact in policy.by_case else "known[FACT]", FACT=fact)


def number(of: ast.expr) -> ast.expr:
    """Return the expression for a value as evidence writes it."""
    return expression("OF if OF.__class__ is int and -LIMIT < OF < LIMIT else number_of(OF)", OF=of, LIMIT=LIMIT)


def rooms(policy: Policy) -> Lines:
    """Return the lines that write the distances to walk values as evidence does, in `rooms`."""
    found = block("rooms = {}")
    for name in limited(policy):
        found += block(
            """
            if ROOM is not None:
                rooms[NAME] = NUMBER
            """,
            ROOM=var(f"room__{name}"), NAME=name, NUMBER=number(var(f"room__{name}")),
        )  # fmt: skip
    return found


def passed(policy: Policy, prepared: str, to: tuple[str, str]) -> Lines:
    """Return the lines that write which walk values are passed, and which want values missed, where that is counted.

    Args:
        prepared: The variable with what was prepared for the rules that fired.
        to: The variables that take them.
    """
    found: Lines = []
    for which, kept in zip(("beyond", "short"), to, strict=True):
        lines: Lines = block("KEPT = {}", KEPT=var(kept))
        for name in limited(policy):
            limit = "walk" if which == "beyond" else "want"
            room, at = var(f"room__{name}"), var(f"{limit}__{name}")
            is_past = expression("ROOM is not None and ROOM < 0", ROOM=room)
            if which == "beyond" and name != PACKAGE:
                is_past = expression("ROOM is not None and (PAST)", ROOM=room, PAST=past(policy, name, room, at))
            if which == "short" and name == PACKAGE:
                is_past = expression("AT is not None and offer__worth < AT", AT=at)
            elif which == "short":
                issue = policy.issues[name]
                (better,) = (b for _, n, b in policy.once(Opener).bounds if n == name)
                away = (
                    expression("VALUE - AT" if better > 0 else "AT - VALUE", VALUE=value(name), AT=at)
                    if better
                    else change(issue, at, value(name))
                )
                is_past = expression("AT is not None and (PAST)", AT=at, PAST=past(policy, name, away, at))
            lines += block(
                "if PAST:\n    KEPT[NAME] = NUMBER", PAST=is_past, KEPT=var(kept), NAME=name, NUMBER=number(at)
            )  # fmt: skip
        found += block(
            "KEPT = NOTHING\nif PREPARED.WHICH and COUNT:\n    LINES".replace("WHICH", which),
            KEPT=var(kept), NOTHING=var("nothing"), PREPARED=var(prepared), COUNT=var(which), LINES=lines,
        )  # fmt: skip
    return found


def limited(policy: Policy) -> Iterator[str]:
    """Return what may be limited: issues, and the package."""
    yield from (name for _, name, _ in policy.once(Opener).bounds)
    yield PACKAGE


def got(policy: Policy, *, position: str, ours: str, theirs: str, base: ast.expr, last: ast.expr) -> Lines:
    """Return the lines that compute `got`: what terms of ours ask for, and what they are ahead by.

    Args:
        position: The variable with the deal in which terms are judged; *ours* and *theirs* those with both sides.
        base: What they first said; *last* what they last said.
    """
    reach = "counted(policy, position, ISSUE, AT)" if policy.is_base_bound else ""

    def over_start(at: str) -> Callable[[Issue], ast.expr]:
        if reach and at != "old":
            return lambda issue: expression(reach, ISSUE=issue.name, AT=var(at))
        return lambda issue: change(issue, var("begun"), var(at))

    issues = selecting.in_both(policy) if policy.selector else of_issues(
        policy,
        """
        if ISSUE in first_named:
            begun = start[ISSUE]
            old = cleared[ISSUE]
            reached = last_said[ISSUE]
            named_first = first_named[ISSUE]
            if reached != named_first and (old != begun or VALUE != begun):
                high = HIGH
                low = LOW
                if low < 0:
                    low = 0
                if high > low:
                    asked = ASKED
                    if asked > low:
                        both_before += min(high, asked) - low
                    if VALUE != old:
                        asked = FROM_BEGUN
                    if asked > low:
                        both_now += min(high, asked) - low
        """,
        HIGH=over_start("reached"), LOW=over_start("named_first"), ASKED=over_start("old"),
    )  # fmt: skip
    return block(
        """
        ahead = OURS.net + THEIRS.net
        both_before = both_now = 0
        if FIRST:
            start = position.start
            first_named = FIRST
            last_said = LAST
            ISSUES
            ahead -= both_before
        got = gain - (both_now - both_before) + (ahead if ahead > 0 else 0)
        """,
        ISSUES=issues, OURS=var(ours), THEIRS=var(theirs), FIRST=base, LAST=last,
    )  # fmt: skip
