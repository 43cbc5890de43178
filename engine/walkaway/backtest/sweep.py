"""What changes as a parameter of a policy takes one value after the other, or two of them do; the past is read once."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import product

import msgspec

from walkaway.backtest.exact import decide, lines_of
from walkaway.backtest.parameters import MOST, NoParameter, Parameter
from walkaway.backtest.report import total
from walkaway.backtest.run import Backtest, Recorded, always, has_columns, takes
from walkaway.backtest.sums import ChangeTally, SweepStep
from walkaway.backtest.telling import PastTeller
from walkaway.deal.lines import Line
from walkaway.policy.model import Policy


class SweepRow(msgspec.Struct, frozen=True):
    """One value, or pair of values, in smallest units, and how the answers differ then."""

    values: tuple[int, ...]
    tally: ChangeTally


class Sweep(msgspec.Struct, frozen=True):
    """A sweep over one parameter or two, the second varying faster.

    Attributes:
        against: What the answers are held against, in words.
    """

    policy: Policy
    parameters: tuple[Parameter, ...]
    rows: tuple[SweepRow, ...]
    against: str


def swept(
    blocks: Iterable[bytes],
    policy: Policy,
    parameters: Sequence[Parameter],
    old: Policy | None = None,
    recorded: Recorded | None = None,
) -> Sweep:
    """Return how answers change with the values of parameters.

    Args:
        old: The policy that every variant is held against; the policy as it is, if left out and there is no log.
        recorded: As for `backtested`.

    Raises:
        NoParameter: Where there are more values together than a sweep tries.
    """
    values = list(product(*(p.values for p in parameters)))
    if len(values) > MOST:
        raise NoParameter(f"{len(values):,} pairs of values are more than a sweep tries, which is {MOST}")
    policy = always(policy)
    base = policy if old is None else always(old)
    against = "the log" if recorded is not None and old is None else f"`{base.called}`"
    held = recorded if old is None else None
    variants = list(_variants(policy, parameters, values))
    if has_columns() and takes(policy, base):
        from walkaway.backtest.columnar.chunks import chunks
        from walkaway.backtest.columnar.sweeping import swept as in_columns

        tallies = in_columns(
            chunks(blocks), variants, base, held, lambda aside, p: _recount(aside.lines(), p, base, held)
        )
    else:
        every = list(lines_of(blocks))
        tallies = [_recount(every, each[0], base, held) for each in variants]
    rows = tuple(SweepRow(each, tally) for each, tally in zip(values, tallies, strict=True))
    return Sweep(policy, tuple(parameters), rows, against)


def _variants(
    policy: Policy, parameters: Sequence[Parameter], values: Sequence[tuple[int, ...]]
) -> Iterator[tuple[Policy, SweepStep]]:
    """Return the policy with each of the values, and where it differs from the one before in a limit alone, which."""
    before: tuple[int, ...] | None = None
    for each in values:
        varied = policy
        for parameter, value in zip(parameters, each, strict=True):
            varied = parameter.set(varied, value)
        moved = [n for n in range(len(each)) if before is None or before[n] != each[n]]
        alone = moved[0] if before is not None and len(moved) == 1 else None
        if alone is None or before is None:
            yield varied, SweepStep()
        else:
            yield varied, SweepStep(parameters[alone].issue, parameters[alone].is_limit, before[alone], each[alone])
        before = each


def _recount(lines: Iterable[Line], policy: Policy, old: Policy, recorded: Recorded | None) -> ChangeTally:
    """Return how answers differ where deals are decided one by one."""
    teller = PastTeller(policy, "", 0)
    decide(lines, teller, None if recorded is not None else old, recorded)
    sums = teller.finished()
    row = total(Backtest(sums, policy, old, True, ""))
    return ChangeTally(
        sums.events, row.changed, sums.changed_deals, row.milder, sums.new.verdicts, sums.added, sums.saved,
        row.give_stopped, row.get_stopped, row.give_freed, row.get_freed,
    )  # fmt: skip
