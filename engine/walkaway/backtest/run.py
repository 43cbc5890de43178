"""Backtest a policy: what it would have decided of deals that are over, beside what another one or the log did."""

import importlib.util
from collections.abc import Iterable, Iterator, Mapping

import msgspec

from walkaway.backtest.exact import answered, decide, lines_of
from walkaway.backtest.sums import SHOWN, BacktestSums, EventVerdict, PastAnswer
from walkaway.backtest.telling import PastTeller, counted
from walkaway.policy.model import Policy

NO_EXTRA = "numpy and polars are not installed: pip install 'walkaway[bulk]'"


Recorded = Mapping[tuple[str, str], PastAnswer]
"""Deal and event → what the log answered."""


class Backtest(msgspec.Struct, frozen=True):
    """What a backtest found.

    Attributes:
        old: The other side's policy; none where the log is the other side, or where there is none.
        compared: Whether there is another side.
        segment: The deal fact by which deals are told apart; empty where there is none.
    """

    sums: BacktestSums
    new: Policy
    old: Policy | None
    compared: bool
    segment: str

    @property
    def sides(self) -> tuple[str, str]:
        """Return what both sides are called; by how their hashes begin too, where two policies are called alike."""
        new, old = self.new, self.old
        if old is None:
            return new.called, "log" if self.compared else ""
        if new.called != old.called or new.sha256 == old.sha256:
            return new.called, old.called
        return f"{new.called} ({new.sha256[:8]})", f"{old.called} ({old.sha256[:8]})"


def backtested(
    blocks: Iterable[bytes],
    new: Policy,
    old: Policy | None = None,
    recorded: Recorded | None = None,
    segment: str = "",
    *,
    columns: bool = True,
    shown: int = SHOWN,
) -> Backtest:
    """Decide the events of many deals under a policy, as if it had always been in force.

    Every deal is decided anew from its opening, whatever it was decided under; each answer is exactly the engine's.

    Args:
        blocks: JSON lines, as many whole ones together as come.
        old: The policy that it is held against.
        recorded: Deal and event → what the log answered, which it is held against where no policy is.
        columns: Whether deals are judged together where they can be; needs the extra `bulk`.
        shown: So many events whose answer changes are named.
    """
    new, old = always(new), None if old is None else always(old)
    recorded = recorded if old is None else None
    if columns and has_columns():
        from walkaway.backtest import bulk

        sums = bulk.backtest(blocks, new, old, recorded, segment, shown)
    else:
        teller = PastTeller(new, segment, shown)
        decide(lines_of(blocks), teller, old, recorded)
        sums = counted(teller, lambda _: NO_EXTRA if columns else "asked for")
    return Backtest(sums, new, old, old is not None or recorded is not None, segment)


def verdicts_of(blocks: Iterable[bytes], policy: Policy) -> Iterator[EventVerdict]:
    """Return what a policy decides of each event, as if it had always been in force, with the rules that fire.

    Deals that are judged in columns come first; every event of a deal is in its order.
    """
    if not has_columns():
        return answered(lines_of(blocks), always(policy))
    from walkaway.backtest.columnar.answering import decided

    return (verdict for answers in decided(blocks, always(policy)) for verdict in answers.each())


def has_columns() -> bool:
    """Return whether deals can be judged in columns: whether the extra `bulk` is installed."""
    return all(importlib.util.find_spec(name) is not None for name in ("numpy", "polars"))


def takes(*policies: Policy) -> bool:
    """Return whether columns take policies."""
    from walkaway.backtest.columnar.understood import refusal

    return all(refusal(policy) is None for policy in policies)


def always(policy: Policy) -> Policy:
    """Return a policy as if it had always been in force, and always would be."""
    return msgspec.structs.replace(policy, effective=(None, None))
