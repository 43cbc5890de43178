"""Lines of generated functions that put evidence together, as `gather` does."""

import ast

from walkaway.decide.generated import issues
from walkaway.decide.told import word_of
from walkaway.events import Heard
from walkaway.language.codegen import Function, block, expression, var
from walkaway.language.values import LIMIT
from walkaway.policy.model import Policy

Lines = list[ast.stmt]


def ledger(*, gives: bool) -> Lines:
    """Return the lines that write the ledger before and after."""
    net = {f"{side.upper()}_NET": _number(f"{side}.net") for side in ("ours", "theirs")}
    return block(
        """
        sums = Sums(OURS_NET, THEIRS_NET)
        changed = None
        now_ours = after.ours
        now_theirs = after.theirs
        if now_ours.net != ours.net or now_theirs.net != theirs.net:
            changed = Sums(AFTER_OURS, AFTER_THEIRS)
        LEDGER
        """,
        AFTER_OURS=_number("now_ours.net"), AFTER_THEIRS=_number("now_theirs.net"),
        LEDGER=block(
            "ledger = Ledger(changed, sums, GET, GIVE)", GET=_number("got"), GIVE=_number("loss")
        )
        if gives
        else block("ledger = Ledger(changed, sums)"),
        **net,
    )  # fmt: skip


def evidence(
    policy: Policy,
    code: Function,
    heard: Heard,
    ran: tuple[str, ...],
    *,
    accepting: str = "",
    facts: str = "",
    has_terms: bool = True,
) -> Lines:
    """Return the lines that put evidence together, and return it with the deal after the event.

    Args:
        accepting, facts: The variables that hold what accepting would be, where it is asked, and the facts, where they
            were told already.
    """
    package = "offer__worth if package_counts else None" if has_terms else "None"
    found = expression(
        """
        Evidence(
            event.at, event.deal, event.id, ledger, ON, SHA256, Digests(after.digest(), before), RAN, verdict, None,
            ACCEPTING, BEYOND, None, door, FACTS, (), unset if others is NOBODY else known_party(policy, others),
            prepared.reasons, ROOM, SHORT, TERMS, why,
        )
        """,
        ACCEPTING=var(accepting) if accepting else ast.Constant(None), BEYOND=var("passed" if has_terms else "nothing"),
        ROOM=var("rooms" if has_terms else "nothing"), SHORT=var("missed" if has_terms else "nothing"),
        TERMS=_within(policy) if has_terms else ast.Constant(None),
        FACTS=expression(facts or f"told(prepared, values, known, {package})"), ON=word_of(heard), SHA256=policy.sha256,
        RAN=code.use(ran, "ran"),
    )  # fmt: skip
    return block("others = position.others\nreturn FOUND, after", FOUND=found)


def in_money(worth: ast.expr) -> ast.expr:
    return expression("WORTH // scale if not (WORTH) % scale else fraction(WORTH, scale)", WORTH=worth)


def _number(worth: str) -> ast.expr:
    """Return the expression for a worth as evidence writes it, in money."""
    return expression(
        "WORTH // scale if not WORTH % scale and -MOST < WORTH < MOST else number_of(EXACT)",
        WORTH=expression(worth), MOST=LIMIT, EXACT=in_money(expression(worth)),
    )  # fmt: skip


def _within(policy: Policy) -> ast.expr:
    """Return the expression for the terms as evidence writes them."""
    tests = [
        expression("-MOST < VALUE < MOST", MOST=LIMIT, VALUE=issues.value(n))
        for n, issue in policy.issues.items()
        if issue.unit.is_numeric
    ]
    whole = ast.Dict(
        [ast.Constant(n) for n in policy.issues],
        [
            expression("VALUE if VALUE.__class__ is str else number_of(VALUE)", VALUE=issues.value(n))
            for n in policy.issues
        ],
    )
    return ast.IfExp(ast.BoolOp(ast.And(), tests), var("terms"), whole) if len(tests) > 1 else whole
