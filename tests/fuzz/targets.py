"""What is fuzzed: each target takes any input, and fails only where walkaway breaks its word."""

import io
import json
from functools import cache

import rfc8785
from tests.helpers.deciding import follow
from tests.helpers.hostile import assert_are_findings, beside, in_time, shipped

from walkaway.deal.decode import Decoder
from walkaway.deal.letters import DeadLetter
from walkaway.decide.decision import Decision, encode
from walkaway.decide.engine import Engine
from walkaway.language.diagnostics import Checked, Diagnostic, Severity
from walkaway.language.expr import infer
from walkaway.language.expr.types import FactType, Inferred, Scope, TableType
from walkaway.language.source import Scalar, Text
from walkaway.language.values import Kind, Unit, example
from walkaway.policy import Policy, formatted, read
from walkaway.policy.catalog import ALWAYS
from walkaway.policy.parse import LoadFile
from walkaway.session.stream import Stream

DEAL = [
    b'{"id":"1","deal":"d","at":"2026-10-05T09:00:00Z","type":"open","facts":%s}',
    b'{"id":"2","deal":"d","at":"2026-10-05T10:00:00Z","type":"offer","by":"us","terms":%s}',
    b'{"id":"3","deal":"d","at":"2026-10-05T11:00:00Z","type":"offer","by":"them","terms":%s}',
    b'{"id":"4","deal":"d","at":"2026-10-06T11:00:00Z","type":"accept","by":"us"}',
    b'{"id":"5","deal":"d","at":"2026-10-07T11:00:00Z","type":"tick"}',
]


def read_policy(data: bytes, tables: LoadFile = beside) -> Policy | None:
    """Read a policy; one without errors must also decide a deal, with both cores at one."""
    with in_time():
        checked = read(data, "policy.yaml", tables)
        assert_is_checked(checked)
        if checked.value is not None:
            decide_something(checked.value)
    return checked.value


def lay_out(data: bytes) -> None:
    """Lay a policy out: there is a layout that stays as it is, or findings say why there is none."""
    with in_time():
        checked = formatted(data, "policy.yaml", beside)
        assert_are_findings(checked.findings)
        assert (checked.value is None) == bool(checked.findings)
        if checked.value is not None:
            assert formatted(checked.value, "policy.yaml", beside).value == checked.value


def decide_something(policy: Policy) -> None:
    """Run a short deal, with whatever facts and terms the policy's own units allow."""
    facts = {d.name: example(d.unit) for d in policy.deal.values()}
    terms = {i.name: example(i.unit) for i in policy.issues.values()}
    said = (facts, terms, terms, None, None)
    lines = [
        line % json.dumps(what).encode() if what is not None else line for line, what in zip(DEAL, said, strict=True)
    ]
    engine, decoder = Engine(policy), Decoder(policy)
    events = [e for line in lines if (e := decoder.decode(line).value) is not None]
    for step in follow(engine, events):
        assert step.decision.cores.agree
        assert_is_canonical(step.decision)


def assert_is_checked(checked: Checked[Policy]) -> None:
    """Check that there is a value or an error, and that findings are usable."""
    assert_are_findings(checked.findings)
    errors = [f for f in checked.findings if f.severity is Severity.ERROR]
    assert (checked.value is None) == bool(errors)


def assert_is_canonical(decision: Decision) -> None:
    """Check a decision's bytes."""
    assert encode(decision) == rfc8785.dumps(json.loads(encode(decision)))


@cache
def _scope() -> Scope:
    policy, _ = shipped()
    more = {f"deal.{n}": FactType(Unit(Kind.NUMBER), fixed=True) for n in ("coverage", "size", "x")}
    facts = {n: FactType(e.unit, e.fixed, e.known != ALWAYS) for n, e in policy.catalog.items()}
    tables = {t.name: TableType(t.key_units, t.columns) for t in policy.tables.values()}
    return Scope(facts | more, "USD", {}, tables)


def parse_expression(text: str) -> None:
    """Parse a text as a condition, a number, either and a worth; then as the condition of a rule that decides."""
    scalar = Scalar(text, Text("policy.yaml", tuple(text.splitlines()) or ("",)), (0, 0), (0, len(text)))
    with in_time():
        for parse in (infer.condition, infer.number, infer.either, infer.worth):
            notes = Inferred.empty()
            found = parse(scalar, _scope(), notes)
            assert_are_findings(notes.findings)
            assert found is not None or notes.findings
    rule = {"why": "w", "on": "our offer", "when": text, "then": "hold"}
    tree = {
        "policy": "p",
        "version": 1,
        "side": "seller",
        "currency": "USD",
        "deal": {"list_price": "money", "coverage": "number", "size": "number", "x": "number"},
        "issues": {"discount": {"type": "percent", "start": "0%", "worth": "-1 USD per 1%"}},
        "signals": ["abuse"],
        "rules": {"r": rule},
    }
    read_policy(json.dumps(tree, ensure_ascii=True).encode())


@cache
def _decoder() -> Decoder:
    return Decoder(shipped()[0])


def decode_line(line: bytes) -> tuple[Diagnostic, ...]:
    """Decode a line; gives its findings, none where it is an event."""
    with in_time():
        checked = _decoder().decode(line, "deal.jsonl", 3)
    assert_are_findings(checked.findings)
    assert (checked.value is None) == bool(checked.findings)
    return checked.findings


def read_stream(data: bytes) -> None:
    """Follow a stream: each line that is not blank has one answer, and a decision's bytes are canonical."""
    policy, _ = shipped()
    with in_time():
        lines = io.BytesIO(data).readlines()
        answers = list(Stream(Engine(policy)).lines(lines, "deal.jsonl"))
    first = [lines[0].removeprefix(b"\xef\xbb\xbf")] if lines else []
    assert len(answers) == sum(bool(line.strip()) for line in (*first, *lines[1:]))
    for answer in answers:
        if isinstance(answer, DeadLetter):
            assert answer.findings
            assert_are_findings(answer.findings)
            assert answer.original in (lines[answer.line - 1], *first)
        else:
            assert isinstance(answer, Decision)
            assert_is_canonical(answer)


TABLED = b"""
policy: p
version: 1
side: seller
currency: USD
deal: {segment: {one of: [smb, enterprise]}, list_price: money, seats: count}
tables: {floors: {file: t.csv, key: segment}, tiers: {file: t.csv, key: [segment, seats], hit: first}}
issues: {discount: {type: percent, start: 0%, worth: -1 USD per 1%, walk: "floors[deal.segment].walk"}}
rules: {r: {why: w, on: our offer, when: "offer.discount > 1%", then: hold}}
"""


def read_table(data: bytes) -> None:
    """Read a policy whose tables hold *data*."""
    read_policy(TABLED, lambda _: data)
    read_policy(TABLED.replace(b", tiers: {file: t.csv, key: [segment, seats], hit: first}", b""), lambda _: data)
