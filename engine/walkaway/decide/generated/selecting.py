"""Lines of generated functions for policies in which worths hang on a selector: what its moves are worth.

They say what `Valuation.moved`, and `what_they_say` and `in_both` of `deal.ledger` say for such policies.
"""

import ast

from walkaway.decide.generated.issues import Lines, change, counts, of_issues, value
from walkaway.language.codegen import block, var
from walkaway.policy.model import Issue, Policy


def moves(policy: Policy, old: str) -> Lines:
    """Return the lines that make the selector's worths those of its move from a package; none without a selector.

    Args:
        old: The variable with that package.
    """
    if not policy.selector:
        return []
    return block(
        """
        was = OLD[SELECTOR]
        if was != CHOSEN:
            MOVED
            RATE = {was: 0, CHOSEN: moved}
        """,
        OLD=var(old), SELECTOR=policy.selector, CHOSEN=value(policy.selector), RATE=var(f"rate__{policy.selector}"),
        MOVED=_moved(policy, old),
    )  # fmt: skip


def _moved(policy: Policy, old: str) -> Lines:
    """Return the lines that set `moved`: what it is worth that the selector moves from `was`, as `Valuation.moved`."""
    found = block(
        """
        before_worths = valuation.by[was].worths
        begun_with = valuation.start
        moved = worths[SELECTOR]
        moved = moved[CHOSEN] - moved[was]
        """,
        SELECTOR=policy.selector, CHOSEN=value(policy.selector),
    )  # fmt: skip
    for issue in policy.issues.values():
        if issue.by:
            new, before = (change(issue, var("begun"), var("old"), at) for at in ("", "rate"))
            found += block(
                """
                begun = begun_with[ISSUE]
                old = OLD[ISSUE]
                if old != begun:
                    rate = before_worths[ISSUE]
                    moved += NEW - (BEFORE)
                """,
                ISSUE=issue.name, OLD=var(old), NEW=new, BEFORE=before,
            )  # fmt: skip
    return found


def chosen(policy: Policy) -> Lines:
    """Return the lines that set the selector's value in the whole package of an offer of theirs, as `completed`."""
    return block(
        """
        if SELECTOR in named:
            CHOSEN = named[SELECTOR]
        elif stated & BIT:
            CHOSEN = standing[SELECTOR]
        else:
            CHOSEN = said[SELECTOR]
            if CHOSEN != start[SELECTOR]:
                CHOSEN = completed(policy, position, valuation, named)[SELECTOR]
        """,
        SELECTOR=policy.selector, BIT=policy.bits[policy.selector], CHOSEN=value(policy.selector),
    )  # fmt: skip


def said(policy: Policy) -> Lines:
    """Return the lines that say whether they move the selector, which they named before, for us or against us."""
    return block(
        """
        was = standing[SELECTOR]
        if CHOSEN != was:
            MOVED
            if moved < 0:
                losses += 1
            elif moved > 0:
                gains += 1
            begun = start[SELECTOR]
        """,
        SELECTOR=policy.selector, CHOSEN=value(policy.selector), MOVED=_moved(policy, "standing"),
    )  # fmt: skip


def summed_up(policy: Policy) -> Lines:
    """Return the lines that let what an offer of theirs moves sum up, where it moves the selector, to what their word
    is worth from then on over their first: all of it counts at the new value, as `net_of`.
    """

    def since_first(issue: Issue) -> ast.expr:
        return counts(policy, issue, value(issue.name), "across", over=var("named_first"))

    issues = of_issues(
        policy,
        """
        if ISSUE in first_named:
            named_first = first_named[ISSUE]
            if VALUE != named_first:
                rest += SINCE_FIRST
        """,
        SINCE_FIRST=since_first,
    )
    return block(
        """
        if CHOSEN != standing[SELECTOR]:
            first_named = position.base
            rest = loss - gain - theirs.net
            ISSUES
            if rest > 0:
                gain += rest
            else:
                loss -= rest
        """,
        SELECTOR=policy.selector, CHOSEN=value(policy.selector), ISSUES=issues,
    )  # fmt: skip


def in_both(policy: Policy) -> Lines:
    """Return the lines that set `both_before` and `both_now`, each at its own value of the selector."""

    def part(issue: Issue, into: str, asked: ast.expr, at: str) -> Lines:
        return block(
            """
            asked = ASKED
            if asked > 0:
                high = HIGH
                low = LOW
                if low < 0:
                    low = 0
                if high > asked:
                    high = asked
                if high > low:
                    BOTH += high - low
            """,
            ASKED=change(issue, var("begun"), asked, "rate"), BOTH=var(into),
            HIGH=counts(policy, issue, var("reached"), at, "rate"),
            LOW=counts(policy, issue, var("named_first"), at, "rate"),
        )  # fmt: skip

    issues = of_issues(
        policy,
        """
        if ISSUE in first_named:
            reached = last_said[ISSUE]
            named_first = first_named[ISSUE]
            if reached != named_first:
                begun = start[ISSUE]
                old = cleared[ISSUE]
                if old != begun:
                    rate = before_worths[ISSUE]
                    BEFORE
                if VALUE != begun:
                    rate = worths[ISSUE]
                    NOW
        """,
        BEFORE=lambda issue: part(issue, "both_before", var("old"), "across_before"),
        NOW=lambda issue: part(issue, "both_now", value(issue.name), "across"),
    )
    before = "across_before = valuation.by[cleared[SELECTOR]]\nbefore_worths = across_before.worths"
    return block(before, SELECTOR=policy.selector) + issues
