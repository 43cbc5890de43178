"""What a policy would have decided of deals that are over, and what of it would be another. Knows no screen."""

from typing import TYPE_CHECKING

from walkaway.language.later import exported

if TYPE_CHECKING:
    from walkaway.backtest.parameters import NoParameter as NoParameter
    from walkaway.backtest.parameters import Parameter as Parameter
    from walkaway.backtest.parameters import parameter as parameter
    from walkaway.backtest.past import WHOLE as WHOLE
    from walkaway.backtest.past import event_line as event_line
    from walkaway.backtest.report import NO_CAUSE as NO_CAUSE
    from walkaway.backtest.report import ChangeRow as ChangeRow
    from walkaway.backtest.report import Estimate as Estimate
    from walkaway.backtest.report import RoleRow as RoleRow
    from walkaway.backtest.report import RuleRow as RuleRow
    from walkaway.backtest.report import changes as changes
    from walkaway.backtest.report import pairs as pairs
    from walkaway.backtest.report import reasons as reasons
    from walkaway.backtest.report import roles as roles
    from walkaway.backtest.report import rules as rules
    from walkaway.backtest.report import total as total
    from walkaway.backtest.report import verdicts as verdicts
    from walkaway.backtest.run import Backtest as Backtest
    from walkaway.backtest.run import backtested as backtested
    from walkaway.backtest.run import has_columns as has_columns
    from walkaway.backtest.run import verdicts_of as verdicts_of
    from walkaway.backtest.sums import SHOWN as SHOWN
    from walkaway.backtest.sums import BacktestSums as BacktestSums
    from walkaway.backtest.sums import ChangedEvent as ChangedEvent
    from walkaway.backtest.sums import EventVerdict as EventVerdict
    from walkaway.backtest.sums import PastAnswer as PastAnswer
    from walkaway.backtest.sums import segment_fact as segment_fact
    from walkaway.backtest.sweep import Sweep as Sweep
    from walkaway.backtest.sweep import SweepRow as SweepRow
    from walkaway.backtest.sweep import swept as swept

__getattr__ = exported(
    __name__,
    {
        "NoParameter": "parameters",
        "Parameter": "parameters",
        "PastAnswer": "sums",
        "SHOWN": "sums",
        "WHOLE": "past",
        "Sweep": "sweep",
        "SweepRow": "sweep",
        "Backtest": "run",
        "BacktestSums": "sums",
        "ChangeRow": "report",
        "ChangedEvent": "sums",
        "EventVerdict": "sums",
        "NO_CAUSE": "report",
        "RoleRow": "report",
        "RuleRow": "report",
        "Estimate": "report",
        "backtested": "run",
        "changes": "report",
        "event_line": "past",
        "has_columns": "run",
        "pairs": "report",
        "reasons": "report",
        "parameter": "parameters",
        "roles": "report",
        "rules": "report",
        "segment_fact": "sums",
        "swept": "sweep",
        "total": "report",
        "verdicts": "report",
        "verdicts_of": "run",
    },
)
