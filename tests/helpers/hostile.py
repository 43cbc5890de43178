"""Hostile inputs: policies, expressions and event lines made from good ones by what breaks readers."""

import json
import re
import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any

from tests.helpers.generated import generate

from walkaway.language.diagnostics import Diagnostic
from walkaway.policy import Policy, read

RULES = Path(__file__).parents[2] / "rules"
KEYS = """policy: keys
version: 1
side: seller
currency: USD
deal: {year: money, rep: text}
issues:
  term: {type: months, values: [12 months, 24 months], start: 12 months}
  discount:
    {type: percent, start: 0%, by: term, walk: {12 months: 20%, 24 months: 15%},
     worth: {12 months: -1% of deal.year per 1%, 24 months: -2% of deal.year per 1%}}
package: {by: term, base: {12 months: deal.year, 24 months: 200% of deal.year}, walk: 80% of package.base}
roles: [manager, cfo]
mandates: {rep: {discount: at most 10%}}
budgets: {goodwill: {sum: give.net, of: [rep, utc_quarter], most: "5,000 USD", then: escalate, to: cfo}}
rules: {}
"""
"""A policy whose worths and limits hang on a selector, with mandates and a budget."""
SECONDS = 10
"""Of processor time, for one input. A good one takes hundredths; a machine shared with others gives no less."""

# fmt: off
YAML_TEXTS = (
    "&a [*a, *a]", "*a", "&a", "<<: *a", "!!python/none", "!!binary", "!", "---\n", "...\n", "%YAML 1.2\n",
    "{", "}", "[", "]", "? ", ": ", "- ", "# ", "|", ">", "|+\n", '"', "'", "\t", "\r", "\r\n", "\n\n", "\n  ", "  ",
    "\ufeff", "\x85", "\u2028", "\x00", "\x07", "\x7f", "\ud800", "\U0010ffff", '"\\ud800"', '"\\x00"',
    '"\\UFFFFFFFF"', "~", "null", "yes", "no", "NaN", ".inf", "1e999999", "9" * 400, "0x1F", "-", "1_000",
    "0.0000000000000000001", "[" * 60, "{a: " * 60, "(" * 100, "not " * 100, "- " * 60, "a: 1\na: 1\n",
    "policy: x\n", "rules:\n", "define: {a: b, b: a}\n",
)
BYTES = (b"\xc3", b"\xff\xfe", b"\xf4\x90\x80\x80", b"\xed\xa0\x80", b"\xe2\x82", b"\x80")
WORDS = (
    "deal.list_price", "offer.discount", "offer.worth", "give.value", "get.value", "room.discount", "walk.package",
    "theirs.last.discount", "batna.worth", "signals.abuse", "since.opened", "concluded.x", "deal.segment",
    "near_walk", "and", "or", "not", "in", "between", "of", "per", "known", "min", "max", "abs", "yes", "no", "smb",
    '"smb"', "floors", "<", "<=", ">", ">=", "=", "==", "!=", "+", "-", "*", "/", "%", "(", ")", "[", "]", ",", ".",
    " ", "  ", "'", '"', "1", "0", "12%", "10,000 USD", "3 months", "30 days", "1.5", "1,00", "1e9", "9" * 81,
    "0." + "0" * 80 + "1", "5 EUR", "\u00a0", "\u2028", "é", "😀", "\x00", "$", "&&", "||", "!", "{", "}", "\\", "#",
    "9" * 4_300, "x" * 4_001, "٣",
)
JSON_TEXTS = (
    "null", "true", "false", "0", "-0", "-1", "1.5", "1e2", "1e999999", "-1E+400", "1e-999999", "NaN", "Infinity",
    "1.", "123456789012345678901234567890", "9007199254740993", "0.00000000000000000000000000001",
    "100000000000.00000000000000000001", "0." + "3" * 5_000, '""', '"\\ud800"', '"\\u0000"', '"\\udc00\\ud800"',
    '"12%"', '"1,000 USD"', '"' + "9" * 500 + '"', '"us"', '"them"', "[]", "{}", '[["a"]]', '{"a":{"a":{"a":1}}}',
    '{"a":1,"a":2}', "[" * 2_000, '{"a":' * 2_000, '"unended', "'x'", "\ufeff", '"2026-13-01T00:00:00Z"',
    '"2026-10-01T24:00:00Z"', '"0001-01-01T00:00:00+23:59"', '"9999-12-31T23:59:59-23:59"',
    '["discount","discount"]', '{"walk":"5%"}', '{"discount":"5%"}', '{"discount":null}', '{"nothing":1}',
    '"' + "x" * 2_000 + '"',
)
# fmt: on


def as_bytes(texts: Sequence[str]) -> tuple[bytes, ...]:
    """Return texts as bytes, lone surrogates as no UTF-8 has them."""
    return tuple(t.encode("utf-8", "surrogatepass") for t in texts)


YAML_PIECES = as_bytes(YAML_TEXTS) + BYTES
JSON_VALUES = as_bytes(JSON_TEXTS)


class TookTooLong(Exception):
    """An input held its reader for more processor time than any input may."""


@contextmanager
def in_time(seconds: float = SECONDS) -> Iterator[None]:
    """Raise `TookTooLong` inside what runs for more than *seconds* of processor time."""

    def stop(_number: int, _frame: object) -> None:
        raise TookTooLong(f"more than {seconds} s")

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def assert_are_findings(findings: Sequence[Diagnostic]) -> None:
    """Check that findings are what a person can use: a place, one line without Python's own words."""
    for finding in findings:
        assert finding.span.line >= 1
        assert finding.span.column >= 1
        assert finding.span.length >= 1
        assert finding.message
        assert len(finding.message) < 1_000
        assert not re.search(r"[\n\r\x00]|Traceback|NoneType|object at 0x", finding.message)
        str(finding).encode()


def good_policies() -> list[bytes]:
    """Return the policies that ship, one of keys that these have not, and some generated ones."""
    shipped = [p.read_bytes() for p in sorted(RULES.glob("*/policy.yaml"))]
    return [*shipped, KEYS.encode()] + [generate(Random(n), 1).policy() for n in range(6)]


def beside(name: str) -> bytes | None:
    """Return any table a policy asks for."""
    found = sorted(RULES.glob(f"*/{name}")) if re.fullmatch(r"\w+\.csv", name) else []
    return found[0].read_bytes() if found else b"segment,walk\nsmb,10%\n*,20%\n"


def broken_bytes(rng: Random, good: bytes, pieces: Sequence[bytes] = YAML_PIECES) -> bytes:
    """Change *good* in a few places: cut, repeat, swap, flip, put in what breaks readers."""
    data = bytearray(good)
    for _ in range(rng.choice((1, 1, 1, 2, 3, 8))):
        at = rng.randint(0, len(data))
        length = rng.choice((0, 1, 1, 2, 5, 20, 200))
        match rng.randrange(7):
            case 0:
                del data[at : at + length]
            case 1:
                data[at:at] = data[at : at + length] * rng.choice((1, 2, 50))
            case 2:
                data[at : at + length] = rng.choice(pieces)
            case 3:
                data[at:at] = rng.choice(pieces) * rng.choice((1, 1, 1, 3, 300))
            case 4 if data:
                data[at % len(data)] ^= 1 << rng.randrange(8)
            case 5:
                other = rng.randint(0, len(data))
                data[at : at + length], data[other : other + length] = (
                    data[other : other + length],
                    data[at : at + length],
                )
            case _:
                del data[at:]
    if rng.randrange(12) == 0:
        data = data.replace(b"\n", rng.choice((b"\r\n", b"\r", b"\xe2\x80\xa8")))
    return bytes(data) if rng.randrange(12) else b"\xef\xbb\xbf" + bytes(data)


def broken_yaml_tree(rng: Random, node: Any) -> Any:
    """Change a tree as YAML holds it: other shapes, lost and misspelt keys, expressions from nowhere."""
    if rng.randrange(14) == 0:
        return rng.choice(
            (None, [], {}, "", [node], {"a": node}, expression(rng), rng.choice(WORDS), [[node]], 12, -1.5)
        )
    if isinstance(node, dict):
        found = {k: broken_yaml_tree(rng, v) for k, v in node.items() if rng.randrange(40)}
        if rng.randrange(14) == 0:
            found[rng.choice(("when", "x", "", "all", "none", "ann", "10,000", "then", "é", "a" * 300))] = rng.choice(
                WORDS
            )
        return found
    if isinstance(node, list):
        return [broken_yaml_tree(rng, v) for v in node for _ in range(rng.choice((1, 1, 1, 1, 0, 2)))]
    if isinstance(node, str) and rng.randrange(8) == 0:
        return broken_bytes(rng, node.encode(), [w.encode("utf-8", "surrogatepass") for w in WORDS]).decode(
            "utf-8", "ignore"
        )
    return node


def expression(rng: Random) -> str:
    """Return a text made of the words of expressions, and of what is none."""
    words = [rng.choice(WORDS) for _ in range(rng.choice((1, 3, 5, 9, 30)))]
    if rng.randrange(20) == 0:
        words *= rng.choice((10, 100, 1_000))
    return rng.choice(("", " ", " ")).join(words)


def broken_line(rng: Random, good: bytes) -> bytes:
    """Change an event's line: its bytes, or the values of its fields."""
    if rng.randrange(2):
        return broken_bytes(rng, good, JSON_VALUES)
    values = re.findall(rb'(?<=:)\s*(?:"[^"]*"|[^",{}\[\]]+|\{[^{}]*\}|\[[^\[\]]*\])', good)
    found = good
    for _ in range(rng.choice((1, 1, 2))):
        if values:
            found = found.replace(rng.choice(values), rng.choice(JSON_VALUES), 1)
    keys = re.findall(rb'"\w+"(?=\s*:)', found)
    if keys and rng.randrange(3) == 0:
        replacement = rng.choice((rng.choice(keys), b'"x"', b'"\\u0062y"', b'"by"\r ', b'"by" ', b'""', b'"terms"'))
        found = found.replace(rng.choice(keys), replacement, 1)
    return found


def shipped() -> tuple[Policy, list[bytes]]:
    """Return a policy that ships, with its deal's lines and one line for each other sort of event."""
    folder = RULES / "saas-discounting"
    policy = read((folder / "policy.yaml").read_bytes(), "policy.yaml", beside).unwrap()
    lines = (folder / "deal.jsonl").read_bytes().splitlines()
    head = {k: v for k, v in json.loads(lines[0]).items() if k in ("id", "deal", "at")}
    more: list[dict[str, Any]] = [
        {"type": "accept", "by": "them", "issues": ["discount"]},
        {"type": "reject", "by": "us"},
        {"type": "signal", "by": "them", "kind": "abuse", "confirmed": False, "note": "n"},
        {
            "type": "update",
            "facts": {"pipeline_coverage": 1.5},
            "limits": {"discount": {"walk": "5%"}},
            "batna": "70,000 USD",
        },
        {
            "type": "approve",
            "approver": "a",
            "role": "cfo",
            "terms": {"discount": "9%"},
            "until": "2026-12-01T00:00:00Z",
        },
        {"type": "tick", "actor": "b"},
        {"type": "close", "outcome": "won"},
    ]
    return policy, lines + [json.dumps({**head, **event}).encode() for event in more]
