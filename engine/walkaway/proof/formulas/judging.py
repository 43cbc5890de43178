"""Judge an event as formulas: the rules that hear it, and beside them what accepting it, or agreeing again, would be.

A second implementation of what `decide.engine` does between facts and answer; tests compare both on random deals.
"""

from collections.abc import Callable, Mapping

import msgspec

from walkaway.decide.authority import is_liftable
from walkaway.decide.compiler import Program
from walkaway.events import On, Verdict
from walkaway.policy.model import Policy
from walkaway.proof.formulas import ledger
from walkaway.proof.formulas.encode import (
    UNKNOWN,
    Encoder,
    FactSource,
    Lifted,
    Ruled,
    Sym,
    as_accepting,
    as_made_again,
    rule,
)
from walkaway.proof.formulas.facts import Act, Case, Facts, Moved, State
from walkaway.proof.formulas.logic import Number, Truth


class Judged:
    """An event with its facts and the ruling on it.

    Attributes:
        ruled: The ruling; `heard` by the rules that hear the event alone.
        inner: What accepting an offer of theirs would be, or an agreement made again; none for other events.

    Args:
        requires: What must hold for it to happen then.
    """

    def __init__(
        self,
        act: Act,
        facts: Facts,
        ruled: Ruled,
        reader: Encoder,
        requires: Truth = True,
        heard: Ruled | None = None,
        inner: "Judged | None" = None,
    ) -> None:
        self.act, self.facts, self.ruled, self.reader, self.requires = act, facts, ruled, reader, requires
        self.heard, self.inner = heard or ruled, inner

    @property
    def proceeds(self) -> Truth:
        """Return the truth that the answer is to proceed."""
        return self.ruled.is_verdict(Verdict.PROCEED)


def judge(
    program: Program,
    state: State,
    act: Act,
    make: Callable[[FactSource], Encoder],
    requires: Truth = True,
    again: Mapping[str, Number] | None = None,
) -> Judged:
    """Return the ruling on an event.

    Args:
        state: The deal that is judged in: their acceptance counted, their offer not.
        make: Returns a reader over facts.
        again: How many matches of each pattern accepting their offer would add.
    """
    policy, case = program.policy, act.case
    facts = Facts(policy, state, act)
    facts.products = make(facts).products
    lifted = Lifted() if case.again else act.lifted
    ruled, reader = rule(program.rules[case.heard], facts, make, lifted, state.left_closed)
    inner = None
    final = ruled
    if state.scales is not None and case.is_their_word:
        after = ledger.counted(state, act) if case.heard is On.THEIR_OFFER else state
        taking = msgspec.structs.replace(ledger.taking(after, act), again=again or {}, role=highest(policy))
        inner = judge(program, after, taking, make)
        final = as_accepting(ruled, inner.ruled, lambda r: is_liftable(policy, r))
    elif case.again:
        inner = judge(program, state, once_more(state, act), make)
        final = as_made_again(ruled, inner.ruled)
    return Judged(act, facts, final, reader, requires, ruled, inner)


def highest(policy: Policy) -> Sym:
    """Return the role in which it is asked whether to take their offer, where roles have mandates: the highest."""
    entry = policy.catalog.get("offer.role")
    return UNKNOWN if entry is None else Sym(True, entry.unit.choices.index(policy.roles[-1]))


def once_more(state: State, act: Act) -> Act:
    """Return the acceptance by which what a close is of was agreed, as if it were made now."""
    agreement, is_ours = state.agreement, act.case.again == "ours"
    moved = Moved(
        gain=0, loss=0, losses=0, new=0, names=False, stating=dict.fromkeys(agreement.terms, True), first=False
    )
    return Act(
        case=Case(On.OUR_ACCEPTANCE if is_ours else On.THEIR_ACCEPTANCE, agrees=True),
        terms=agreement.terms,
        worths=agreement.worths,
        moved=None if is_ours else moved,
        stating=dict.fromkeys(agreement.terms, True),
        lifted=act.lifted,
        other=act.other,
        now=act.now,
    )
