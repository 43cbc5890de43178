"""How a generated function reads each fact: from its own variables where it has them, else as the reference does.

Most facts are read along their path in the catalog, as `deal.facts` reads them. Figures that are asked for often stand
here a second time, over variables that weighing has set; the others call the figure itself. A new fact needs no line.
"""

import ast
import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping

from walkaway.deal.facts import FIGURES, Deriver, computed
from walkaway.deal.line_items import figure_of
from walkaway.language.codegen import Function, expression, var
from walkaway.policy.calendar import HOUR, Calendar
from walkaway.policy.model import Policy

SECOND = 1_000_000
_OF_DAY = "calendar_"
"""How the paths of the calendar's facts begin."""

_OURS = {
    "give": "exact(LOSS)",
    "give_net": "exact(LOSS - GAIN) if LOSS > GAIN else 0",
    "give_run": "exact(LOSS) if POSITION.run is POSITION.cleared else FIGURE",
    "give_issues": "LOSSES",
    "asked": "exact(GAIN)",
    "asked_issues": "GAINS",
    "get": "exact(GOT)",
}
"""Figures of terms of ours."""
_THEIRS = {
    "move": "exact(MOVED)",
    "move_new": "exact(NEW)",
    "move_retracted": "RETRACTED",
    "move_reopened": "FIGURE if POSITION.agreed else 0",
}
"""Figures of what they offer."""
_TERMS = {
    "worth": "PACKAGE",
    "first": "FIRST",
    "by": "BY",
    "beyond_walk": "BEYOND",
    "short_of_want": "SHORT",
}
"""Figures of whatever terms are on the table."""
_ALWAYS = {
    "other_ours": "0",
    "other_theirs": "0",
    "theirs_worth": "exact(base + THEIRS.worth) if THEIRS.stands else None",
    "ours_final": "1 if OURS.final and OURS.stands else 0",
    "theirs_final": "1 if THEIRS.final and THEIRS.stands else 0",
    "party_left_closed": "1 if POSITION.others.left_closed else 0",
    "ours_halted": "1 if POSITION.others.halted else 0",
    "agreed_stands": "0 if POSITION.agreement is None or POSITION.agreement.ended else 1",
    "ours_net": "exact(OURS.net)",
    "theirs_net": "exact(THEIRS.net)",
    "ours_last_give": "exact(OURS.last_give)",
    "theirs_last_give": "exact(THEIRS.last_give)",
    "ours_reopened": "FIGURE if POSITION.agreed else 0",
    "theirs_reopened": "FIGURE if POSITION.agreed else 0",
    "balance": "exact(OURS.net + THEIRS.net)",
    "since_opened": "(now - POSITION.opened) // SECOND",
    "since_left": "None if POSITION.left is None else FIGURE",
    "since_our_offer": "None if OURS.said_at is None else (now - OURS.said_at) // SECOND",
    "since_their_offer": "None if THEIRS.said_at is None else (now - THEIRS.said_at) // SECOND",
    "since_our_concession": "None if OURS.conceded_at is None else (now - OURS.conceded_at) // SECOND",
    "since_their_concession": "None if THEIRS.conceded_at is None else (now - THEIRS.conceded_at) // SECOND",
    "missing_items": "0",
    "left_open": "0 if POSITION.left is None else FIGURE",
    "left_closed": "0 if POSITION.left is None else FIGURE",
}
"""Figures of the deal."""


OF_TERMS = ("offer", "room", "worth")
"""Paths of facts whose variables weighing has set, where there are terms."""


def path_of(policy: Policy, fact: str) -> str:
    """Return where a fact is found: its path in the catalog; a table's cell is stated as deal facts are."""
    return policy.catalog[fact].path if fact in policy.catalog else "stated"


class FactReading:
    """How one judging reads the facts of a policy.

    Args:
        code: The function that reads them.
        places: Name in capitals → the variable that it stands for here: `POSITION`, `OURS`, `THEIRS`; of terms `TERMS`,
            `PACKAGE`, `FIRST`, `BY`, `BEYOND`, `SHORT`; of those that are ours `GAIN`, `LOSS`, `GAINS`, `LOSSES`,
            `GOT`; of a move of theirs `MOVED`, `NEW`, `RETRACTED`; `SIGNALS`, `MATCHES`; `JUDGED` gives what figures
            are computed from.
        prefix: Of the variables that hold facts.
    """

    def __init__(self, policy: Policy, code: Function, places: Mapping[str, ast.expr], prefix: str = "") -> None:
        self.policy, self.code, self.places, self.prefix = policy, code, places, prefix
        self.deriver = Deriver(policy, ())
        self.names: dict[str, str] = {}
        self.figures = dict(_ALWAYS)
        for table, needed in ((_OURS, "LOSS"), (_THEIRS, "MOVED"), (_TERMS, "PACKAGE")):
            self.figures |= table if needed in places else dict.fromkeys(table, "None")

    def name(self, fact: str) -> str:
        """Return the variable that holds a fact."""
        found = self.names.get(fact)
        if found is None:
            found = re.sub(r"\W", "_", fact.replace(".", "__"))
            if path_of(self.policy, fact) not in OF_TERMS:
                found = self.prefix + found
            while found in self.names.values():
                found += "_"
            self.names[fact] = found
        return found

    def fact(self, fact: str, uncertain: Iterable[str]) -> ast.expr:
        """Return the expression that reads a fact from the deal and the terms."""
        path = path_of(self.policy, fact)
        match path:
            case "stated":
                return expression("known.get(FACT)" if fact in uncertain else "known[FACT]", FACT=fact)
            case "offer" | "room":
                return ast.Constant(None)  # where terms have it, weighing has set it
            case "concluded":
                return ast.Constant(0)
            case "derived":
                if "TERMS" not in self.places:
                    return ast.Constant(None)
                name = fact.removeprefix("derived.")
                one = self.code.use(self.policy.derived[name], f"what_{name}_is")
                return expression(
                    "COMPUTED(ONE, TERMS, known)",
                    COMPUTED=self.code.use(computed, "computed"), ONE=one, TERMS=self.places["TERMS"],
                )  # fmt: skip
            case "lines":
                if "TERMS" not in self.places:
                    return ast.Constant(None)
                return expression(
                    "FIGURE_OF(policy, NAME, TERMS, known)",
                    FIGURE_OF=self.code.use(figure_of, "figure_of"), NAME=fact.removeprefix("lines."),
                    TERMS=self.places["TERMS"],
                )  # fmt: skip
            case _ if path.startswith(_OF_DAY) and self.policy.calendar is not None:
                return self.of_day(self.policy.calendar, path.removeprefix(_OF_DAY))
            case _ if path in self.figures:
                return self.filled(expression(self.figures[path], **self.parts(path)))
            case _:
                names = {"position": "POSITION", "ours": "OURS", "theirs": "THEIRS", "signals": "SIGNALS"}
                names |= {"matches": "MATCHES", "judged": "JUDGED"}
                parts: dict[str, ast.expr] = {n: self.places[to] for n, to in names.items() if to in self.places}
                parts["others"], parts["covering"] = (
                    expression("P.others", P=self.places["POSITION"]),
                    ast.Tuple([], ast.Load()),
                )
                return _Renamed(parts).visit(self.deriver.read(self.code, fact, path))  # type: ignore[no-any-return]

    def of_day(self, calendar: Calendar, name: str) -> ast.expr:
        """Return the expression that reads a fact of an event's day, which the calendar has."""
        if name == HOUR:
            return expression("READ(NAME, now)", READ=self.code.use(calendar.read, "calendar"), NAME=name)
        return expression(
            "DAYS[AFTER(STARTS, now) - 1]", DAYS=self.code.use(calendar.facts[name], f"days_{name}"),
            AFTER=self.code.use(bisect_right, "bisect_right"), STARTS=self.code.use(calendar.starts, "day_starts"),
        )  # fmt: skip

    def parts(self, path: str) -> dict[str, ast.expr | str | int]:
        """Return what stands in a figure's places."""
        figure = ast.Call(self.code.use(FIGURES[path], path), [self.places["JUDGED"]], [])
        return {**self.places, "FIGURE": figure, "SECOND": SECOND}

    def filled(self, figure: ast.expr) -> ast.expr:
        """Write what a worth is in money in place of `exact`."""
        return _InMoney().visit(figure)  # type: ignore[no-any-return]


class _InMoney(ast.NodeTransformer):
    """Writes a worth of the deal's valuation in minor units of money."""

    def visit_Call(self, node: ast.Call) -> ast.expr:
        self.generic_visit(node)
        if isinstance(node.func, ast.Name) and node.func.id == "exact":
            return expression("WORTH // scale if not WORTH % scale else fraction(WORTH, scale)", WORTH=node.args[0])
        return node


class _Renamed(ast.NodeTransformer):
    def __init__(self, parts: Mapping[str, ast.expr]) -> None:
        self.parts = parts

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self.parts.get(node.id, node)


def in_money(worth: str) -> ast.expr:
    """Return the expression for a variable's worth in minor units of money."""
    return _InMoney().visit(ast.Call(var("exact"), [var(worth)], []))  # type: ignore[no-any-return]
