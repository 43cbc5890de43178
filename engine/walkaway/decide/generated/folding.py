"""Lines of generated functions that enter what is said into the deal, as `deal.said` does."""

import ast

from walkaway.language.codegen import block, expression, var
from walkaway.policy.model import Policy

Lines = list[ast.stmt]


def ours(policy: Policy, *, agrees: bool) -> Lines:
    """Return the lines that enter terms of ours, as `deal.said.said` does."""
    return block(
        """
        proceeds = verdict is PROCEED
        first_named = ours.first
        if len(first_named) < COUNT and not named.keys() <= first_named.keys():
            first_named = first_said(policy, first_named, stating, terms)
        settled = ours.settled | SETTLING if taken else ours.settled
        agreed = {**position.agreed, **{issue: terms[issue] for issue in taken}} if taken else position.agreed
        AGREEMENT
        if proceeds:
            given = loss - gain
            conceded = given > 0
            REJECTS
            ours_after = Side(
                terms, ours.other, worth, first_named, ours.stated | stating, True, False, now, event.id, None, final,
                (), ours.offers + 1, ours.concessions + conceded, worth, given if conceded else ours.last_give,
                ours.in_a_row + ROW, ours.unreturned + conceded, 0 if conceded or first else ours.flat + 1,
                ours.retracted + back, ours.rejections + rejects, settled, now if conceded else ours.conceded_at,
            )
            after = replace(
                position, last=now, ours=ours_after,
                theirs=answered(theirs, conceded, rejects) if HEARS_THEM else theirs,
                cleared=terms, cleared_other=ours_after.other, agreement=agreement, agreed=agreed, waiting=(),
                movers=still_moving(position, position.movers, MOVE) if position.movers else (),
            )
        else:
            ours_after = Side(
                terms, ours.other, worth, first_named, ours.stated, True, False, now, event.id, None, final, (),
                ours.offers, ours.concessions, ours.net, ours.last_give, ours.in_a_row, ours.unreturned, ours.flat,
                ours.retracted, ours.rejections, settled, ours.conceded_at,
            )
            mover = Mover(name_of(policy.people, event.actor), terms, ours.other)
            after = replace(
                position, last=now, ours=ours_after, uncleared=position.uncleared + 1, agreement=agreement,
                agreed=agreed, waiting=(), movers=moving(position, mover),
            )
        """,
        COUNT=len(policy.issues), SETTLING=_settling(policy), ROW=0 if agrees else 1, HEARS_THEM=_hears("theirs"),
        MOVE=expression("Move(US, terms, worth, gain, loss, gains, losses, back, stating, first, other=ours.other)"),
        REJECTS=block("rejects = False" if agrees else "rejects = not theirs.rejected"),
        AGREEMENT=block(
            "agreement = Agreement(terms, ours.other, US, event.actor, verdict is PROCEED, event.id)"
            if agrees
            else """
            agreement = position.agreement
            if agreement is not None:
                agreement = replaced(agreement, terms, ours.other, US)
            """
        ),
    )  # fmt: skip


def theirs(policy: Policy) -> Lines:
    """Return the lines that count an offer of theirs, as `deal.said.counted` does."""
    return block(
        """
        conceded = given > 0
        rejects = not ours.rejected and (ours.stands or not are_no_worse(valuation, terms, said))
        first_named = theirs.first
        of_them = position.base
        if FIRST_NAMED:
            of_them = first_said(policy, of_them, stating, terms)
            first_named = first_said(policy, first_named, stating, terms)
        theirs_after = Side(
            terms, theirs.other, worth, first_named, stated | stating, True, False, now, event.id, None, final, (),
            theirs.offers + 1, theirs.concessions + conceded, theirs.net + given,
            given if conceded else theirs.last_give, theirs.in_a_row + 1, theirs.unreturned + conceded,
            0 if conceded else theirs.flat if names else theirs.flat + 1, theirs.retracted + losses,
            theirs.rejections + rejects, theirs.settled | SETTLING if taken else theirs.settled,
            now if conceded else theirs.conceded_at,
        )
        ours_after = answered(ours, conceded, rejects) if HEARS_US else ours
        agreement = position.agreement
        if agreement is not None:
            agreement = replaced(agreement, terms, theirs.other, THEM)
        after = replace(
            position, last=now, ours=ours_after, theirs=theirs_after, base=of_them, before=standing,
            before_stated=stated, run=position.cleared, moved=position.moved or conceded or first,
            agreement=agreement,
            agreed={**position.agreed, **{issue: terms[issue] for issue in taken}} if taken else position.agreed,
            waiting=(),
        )
        """,
        HEARS_US=_hears("ours"), SETTLING=_settling(policy),
        FIRST_NAMED=var("names") if _is_lowest(policy) else expression("stating & ~stated"),
    )  # fmt: skip


def _settling(policy: Policy) -> ast.expr:
    """Return the expression for the issues that a word settles: what it names, but for those of layers below."""
    if _is_lowest(policy):
        return var("stating")
    return expression("(stating & OWN)", OWN=ast.Constant(policy.own_bits))


def _is_lowest(policy: Policy) -> bool:
    """Return whether no layer below adds an issue to the policy's own."""
    return len(policy.own_issues) == len(policy.issues)


def _hears(side: str) -> ast.expr:
    """Return the expression for whether a word changes something of the side that hears it."""
    return expression("SIDE.in_a_row or rejects or (conceded and SIDE.unreturned)", SIDE=var(side))
