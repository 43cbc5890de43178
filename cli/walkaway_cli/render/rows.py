"""Rows of CSV for spreadsheets: what one would take for a formula gets an apostrophe in front."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

from walkaway import Briefing, Decision
from walkaway_cli.render.decision import terms_text

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def cell(value: Any) -> Any:
    """Return a value as a cell that no spreadsheet computes with."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def row(values: Iterable[Any]) -> str:
    """Return a line of CSV, without its break."""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="").writerow(values)
    return text.getvalue()


DECISION = ("deal", "event", "at", "on", "verdict", "door", "rules", "advice")
"""The columns of a decision."""


def decision_row(decision: Decision) -> str:
    """Return a decision as a line."""
    rules = " ".join(r.rule for r in decision.reasons)
    head = (decision.deal, decision.event, decision.at, decision.on, decision.verdict.value, decision.door or "")
    return row(map(cell, (*head, rules, decision.advice)))


VERDICT = ("verdict", "door", "deciding", "rules", "approvals", "advice")
"""The columns of an answer to an offer; with counteroffers, `instead` behind them."""


def verdict_cells(briefing: Briefing, *, advice: bool) -> Sequence[str]:
    """Return what is said of an offer, a cell for each column."""
    decision = briefing.decision
    deciding = " ".join(r.rule for r in decision.reasons if r.standing == "decides")
    rules = " ".join(r.rule for r in decision.reasons)
    approvals = " ".join(needed.role for needed in briefing.approvals.needed)
    instead = [terms_text(offer.terms, (), {}) for offer in decision.counteroffers[:1] if not offer.when] or [""]
    cells = (decision.verdict.value, decision.door or "", deciding, rules, approvals, decision.advice)
    return [cell(text) for text in (*cells, *(instead if advice else ()))]
