"""What a text means: findings, sources, values, expressions."""

from typing import TYPE_CHECKING

from walkaway.language.later import exported

if TYPE_CHECKING:
    from walkaway.language.codes import Code as Code
    from walkaway.language.currencies import CURRENCIES as CURRENCIES
    from walkaway.language.currencies import DECIMALS as DECIMALS
    from walkaway.language.diagnostics import Diagnostic as Diagnostic
    from walkaway.language.diagnostics import Enough as Enough
    from walkaway.language.diagnostics import Findings as Findings
    from walkaway.language.diagnostics import InvalidInput as InvalidInput
    from walkaway.language.diagnostics import Severity as Severity
    from walkaway.language.diagnostics import Span as Span
    from walkaway.language.diagnostics import by_place as by_place
    from walkaway.language.diagnostics import nearest as nearest
    from walkaway.language.diagnostics import shorten as shorten
    from walkaway.language.expr.tree import facts_of as facts_of
    from walkaway.language.expr.tree import text_of as text_of
    from walkaway.language.instants import EPOCH as EPOCH
    from walkaway.language.instants import datetime_of as datetime_of
    from walkaway.language.instants import format_day as format_day
    from walkaway.language.instants import instant_of as instant_of
    from walkaway.language.instants import instant_text as instant_text
    from walkaway.language.instants import read_day as read_day
    from walkaway.language.source import Mapping as Mapping
    from walkaway.language.source import Node as Node
    from walkaway.language.source import Scalar as Scalar
    from walkaway.language.source import Sequence as Sequence
    from walkaway.language.source import read as read
    from walkaway.language.spelling import counted as counted
    from walkaway.language.values import UNIT_WORDS as UNIT_WORDS
    from walkaway.language.values import Exact as Exact
    from walkaway.language.values import Kind as Kind
    from walkaway.language.values import NotAValue as NotAValue
    from walkaway.language.values import Unit as Unit
    from walkaway.language.values import Value as Value
    from walkaway.language.values import example as example
    from walkaway.language.values import format_value as format_value
    from walkaway.language.values import parse_value as parse_value

__getattr__ = exported(
    __name__,
    {
        "CURRENCIES": "currencies",
        "Code": "codes",
        "DECIMALS": "currencies",
        "Diagnostic": "diagnostics",
        "EPOCH": "instants",
        "format_day": "instants",
        "Enough": "diagnostics",
        "Exact": "values",
        "Findings": "diagnostics",
        "InvalidInput": "diagnostics",
        "Kind": "values",
        "NotAValue": "values",
        "Severity": "diagnostics",
        "Span": "diagnostics",
        "UNIT_WORDS": "values",
        "Unit": "values",
        "Value": "values",
        "by_place": "diagnostics",
        "counted": "spelling",
        "datetime_of": "instants",
        "example": "values",
        "facts_of": "expr.tree",
        "format_value": "values",
        "instant_of": "instants",
        "instant_text": "instants",
        "nearest": "diagnostics",
        "parse_value": "values",
        "read_day": "instants",
        "shorten": "diagnostics",
        "Mapping": "source",
        "Node": "source",
        "Scalar": "source",
        "Sequence": "source",
        "read": "source",
        "text_of": "expr.tree",
    },
)
