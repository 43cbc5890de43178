"""Any bytes into the policy reader, the expression parser and the event decoder give findings, never a traceback.

Here a few hundred of each; for longer, by itself: `python -m tests.fuzz.long --help`.
"""

import json
from random import Random

import pytest
import yaml
from hypothesis import given, seed
from hypothesis import strategies as st
from tests.fuzz.targets import decode_line, lay_out, parse_expression, read_policy, read_stream, read_table
from tests.helpers.generated import generate
from tests.helpers.hostile import (
    YAML_PIECES,
    broken_bytes,
    broken_line,
    broken_yaml_tree,
    expression,
    good_policies,
    shipped,
)
from tests.helpers.strategies import SEED, bounded

from walkaway.language import source

pytestmark = pytest.mark.slow

fuzz = seed(SEED)
rngs = st.randoms(use_true_random=False)
GOOD = good_policies()
_, LINES = shipped()


@pytest.fixture(params=[n for n in ("CSafeLoader", "SafeLoader") if hasattr(yaml, n)])
def parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Read with each parser that yaml may come with: libyaml's where it was built with it, else its own."""
    monkeypatch.setattr(source, "_LOADERS", (request.param,))
    monkeypatch.setattr("walkaway.policy.lately.last_readings", lambda *_: [])


@pytest.mark.usefixtures("parser")
@pytest.mark.search
@fuzz
@bounded(40, 80)
@given(st.sampled_from(GOOD), rngs)
def test_broken_bytes_of_a_policy_are_findings(good: bytes, rng: Random) -> None:
    """A policy cut, repeated, swapped and salted gives a policy or findings."""
    read_policy(broken_bytes(rng, good))


@pytest.mark.usefixtures("parser")
@pytest.mark.search
@fuzz
@bounded(30, 60)
@given(st.sampled_from(GOOD), rngs)
def test_broken_bytes_are_laid_out_or_findings(good: bytes, rng: Random) -> None:
    """What is laid out stays so, whatever it was; with either parser."""
    lay_out(broken_bytes(rng, good))


@pytest.mark.search
@fuzz
@bounded(30, 60)
@given(st.binary(max_size=300))
def test_any_bytes_are_findings(data: bytes) -> None:
    """What is no policy at all gives findings."""
    read_policy(data)
    parse_expression(data.decode("utf-8", "ignore"))
    decode_line(data)
    read_stream(data)
    read_table(data)


@pytest.mark.search
@fuzz
@bounded(50, 100)
@given(rngs)
def test_broken_trees_are_findings(rng: Random) -> None:
    """A policy of the wrong shapes, kinds and names, in good YAML, gives a policy that decides, or findings."""
    case = generate(rng, 6)
    read_policy(case.policy(root=broken_yaml_tree(rng, case.root)), case.beside)


@pytest.mark.search
@fuzz
@bounded(100, 200)
@given(rngs)
def test_any_expression_is_a_tree_or_findings(rng: Random) -> None:
    """Words of the language in any order, and what is none of it, give a condition or findings."""
    parse_expression(expression(rng))


@pytest.mark.search
@fuzz
@bounded(75, 150)
@given(st.sampled_from(LINES), rngs)
def test_broken_lines_are_findings(good: bytes, rng: Random) -> None:
    """An event with other bytes, values and keys gives an event or findings."""
    decode_line(broken_line(rng, good))


@pytest.mark.search
@fuzz
@bounded(20, 40)
@given(st.lists(st.sampled_from(LINES), min_size=1, max_size=20), rngs)
def test_every_line_of_a_stream_is_answered(lines: list[bytes], rng: Random) -> None:
    """Of a stream with broken lines every line that is not blank gives a decision or a dead letter."""
    read_stream(b"\n".join(broken_line(rng, line) if rng.randrange(3) == 0 else line for line in lines))


@pytest.mark.search
@fuzz
@bounded(30, 60)
@given(rngs)
def test_broken_tables_are_findings(rng: Random) -> None:
    """A table with other bytes gives a policy or findings."""
    good = b'segment,walk,cost,from\nsmb,10%,"1,000 USD",\nsmb,11%,"2,000 USD",2026-10-20\n*,20%,0 USD,\n'
    read_table(broken_bytes(rng, good, [*YAML_PIECES, b",", b'""', b"*", b"..", b">= ", b"0..9"]))


BOMBS = {
    "aliases": "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\n",
    "merge keys": "a: &a {x: 1}\nb: {<<: *a}\n",
    "deep lists": "a: " + "[" * 100_000,
    "deep mappings": "{a: " * 100_000,
    "deep blocks": "".join(" " * i + "a:\n" for i in range(2_000)),
    "explicit keys": "? " * 50_000 + "a",
    "many keys": "".join(f"k{i}: 1\n" for i in range(51_000)),
    "many duplicates": "a: 1\n" * 200_000,
    "many documents": "---\n" * 100_000,
    "many findings": "rules:\n" + "".join(f"  r{i}: {{when: x{i} > y}}\n" for i in range(3_000)),
    "many rules": "rules:\n"
    + "".join(f"  r{i}: {{why: w, on: tick, when: signals.abuse >= {i}, then: hold}}\n" for i in range(3_000)),
    "huge scalar": "policy: " + "x" * 4_000_000,
    "too large": "a" * 5_000_000,
    "huge number": "version: " + "9" * 100_000,
    "huge placeholders": "rules: {r: {why: w, on: tick, when: yes, then: hold, say: '" + "{x}" * 200_000 + "'}}",
    "tabs": "a:\n\tb: 1\n",
    "null bytes": "a: \x00\n" * 1_000,
    "one long line": "a: '" + "é" * 1_000_000,
    "percent": "%" * 100_000,
    "half a character": 'policy: "\\ud800"\n',
    "no character": 'policy: "\\UFFFFFFFF"\n',
    "tags": "a: !!python/tuple [1, 2]\n",
}
DEFINITIONS = {
    "doubling conditions": lambda i: f"d{i - 1} and d{i - 1}",
    "doubling quantities": lambda i: f"d{i - 1} + d{i - 1}",
    "nested negations": lambda i: f"not d{i - 1}",
    "nested peaks": lambda i: f"abs(max(d{i - 1}, -d{i - 1}))",
    "growing constants": lambda i: f"d{i - 1} * 999999999999999999999999999999999999",
    "growing products": lambda i: f"d{i - 1} * deal.list_price * deal.list_price",
    "growing alternatives": lambda i: f"(d{i - 1} or signals.abuse = {i}) and (d{i - 1} or signals.abuse = -{i})",
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_yaml_bombs_are_findings(bomb: str) -> None:
    """What swells, nests or never ends is read in bounded time, or refused."""
    read_policy(BOMBS[bomb].encode())


ODD = (
    "aliases",
    "merge keys",
    "deep lists",
    "explicit keys",
    "tabs",
    "percent",
    "half a character",
    "no character",
    "tags",
)


@pytest.mark.usefixtures("parser")
@pytest.mark.parametrize("bomb", ODD)
def test_both_parsers_refuse_what_is_odd(bomb: str) -> None:
    """Escapes that stand for no character, and the rest of YAML that policies do without, pass neither parser."""
    assert read_policy(BOMBS[bomb].encode()) is None


@pytest.mark.parametrize("kind", DEFINITIONS)
@pytest.mark.parametrize("depth", [5, 30, 300])
def test_definitions_that_swell_are_bounded(kind: str, depth: int) -> None:
    """Definitions that use each other twice over, to any depth, give a policy that decides, or findings."""
    first = "signals.abuse > 1" if "condition" in kind or "negation" in kind or "alternative" in kind else "balance"
    define = {"d0": first} | {f"d{i}": DEFINITIONS[kind](i) for i in range(1, depth)}
    last = f"d{depth - 1}" if first != "balance" else f"d{depth - 1} > 5 USD"
    if kind == "growing constants":
        define["d0"] = "1 USD"
        last = f"balance > d{depth - 1} / 7"
    tree = {
        "policy": "p",
        "version": 1,
        "side": "seller",
        "currency": "USD",
        "deal": {"list_price": "money", "factor": "number"},
        "issues": {"discount": {"type": "percent", "start": "0%", "worth": "-1 USD per 1%"}},
        "signals": ["abuse"],
        "define": define,
        "rules": {"r": {"why": "w", "on": "our offer", "when": last, "then": "hold"}},
    }
    read_policy(json.dumps(tree).replace("deal.list_price", "deal.factor").encode())


SMALL = """policy: p
version: 1
side: seller
currency: USD
deal: {seats: count}
issues: {discount: {type: percent, start: 0%, worth: -1 USD per 1%, walk: "by_seats[deal.seats].walk"}}
signals: [abuse]
tables: {by_seats: {file: t.csv, key: seats, hit: first}}
rules:
"""


def rules(number: int) -> str:
    """Return rules of which every other one is hidden by one more severe: each of these is a warning."""
    verdicts = ("refuse", "hold")
    return "".join(
        f"  r{i}: {{why: w, on: tick, when: signals.abuse >= {i}, then: {verdicts[i % 2]}}}\n" for i in range(number)
    )


@pytest.mark.parametrize("number", [700, 1_100])
def test_any_number_of_warnings_leaves_the_policy(number: int) -> None:
    """Where there are more warnings than anybody reads, some are left out, and the policy decides as before."""
    table = "seats,walk\n*,10%\n" + "3,5%\n" * number
    policy = read_policy((SMALL + rules(number)).encode(), lambda _: table.encode())
    assert policy is not None
    assert len(policy.rules) > number


@pytest.mark.parametrize("rows", [3_000])
def test_long_tables_are_checked_in_time(rows: int) -> None:
    """Gaps and overlaps are looked for in a table as long as it may be."""
    table = "seats,walk\n" + "".join(f"{i},{i % 30}%\n" for i in range(rows)) + f">= {rows},1%\n"
    assert read_policy((SMALL + rules(2)).encode(), lambda _: table.encode()) is not None
    read_policy((SMALL + rules(2)).encode(), lambda _: table.replace("\n7,", "\n8,").encode())
    read_policy(
        (SMALL.replace("hit: first", "hit: unique") + rules(2)).encode(),
        lambda _: ("seats,walk\n" + "*,1%\n" * rows).encode(),
    )


LONG = {
    "sum": " + ".join(["balance"] * 390) + " > 1 USD",
    "product": " * ".join(["deal.list_price"] + ["2"] * 900) + " > 1 USD",
    "quotient": " / ".join(["balance"] + ["2"] * 900) + " > 1 USD",
    "powers": "*".join(["offer.first"] + ["(deal.coverage + deal.size + deal.x)"] * 90) + " > 1",
    "negations": "-" * 3_000 + "balance > 1 USD",
    "brackets": "(" * 1_990 + "yes" + ")" * 1_990,
    "calls": "max(" * 900 + "balance" + ")" * 900,
    "list": "balance in [" + ", ".join(f"{i} USD" for i in range(400)) + "]",
    "conjunction": " and ".join(["balance > 1 USD"] * 200),
    "disjunction": " or ".join(f"balance = {i} USD" for i in range(200)),
    "choices": " and ".join(f"(balance = {i} USD or balance = {i}.5 USD)" for i in range(60)),
    "digits": "balance > " + "9" * 3_900 + " USD",
    "decimals": "balance > 0." + "9" * 3_900 + " USD",
    "constant": "balance > " + "*".join(["9" * 70] * 50) + " USD / 7",
    "dots": "a" + ".a" * 1_900,
    "quotes": "'" * 3_999,
}


@pytest.mark.parametrize("long", LONG)
def test_long_expressions_are_bounded(long: str) -> None:
    """An expression as long as it may be, or longer, gives a tree that decides, or findings."""
    parse_expression(LONG[long])


HEAD = b'{"id":"e1","deal":"d","at":"2026-10-01T09:00:00Z","type":"offer","by":"us","terms":{"discount":"5%"}'
HOSTILE_LINES = {
    "ten megabytes": HEAD + b',"actor":"' + b"x" * 10_000_000 + b'"}',
    "just under a megabyte": HEAD + b',"actor":"' + b"x" * 1_000_000 + b'"}',
    "deep lists": HEAD + b',"actor":' + b"[" * 500_000 + b"}",
    "deep closed lists": HEAD + b',"actor":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "deep objects": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "many keys": HEAD + b"".join(b',"k%d":1' % i for i in range(60_000)) + b"}",
    "many issues": HEAD[:-1] + b"".join(b',"k%d":1' % i for i in range(60_000)) + b"}}",
    "many duplicates": HEAD + b',"by":"us"' * 60_000 + b"}",
    "huge integer": HEAD + b',"actor":' + b"9" * 900_000 + b"}",
    "huge exponent": HEAD + b',"actor":1e999999999999}',
    "huge fraction": HEAD + b',"actor":0.' + b"1" * 900_000 + b"}",
    "not a number": HEAD + b',"actor":NaN}',
    "lone surrogate": HEAD + b',"actor":"\\ud800"}',
    "lone surrogate in a key": HEAD + b',"\\ud800":1}',
    "truncated text": HEAD + b',"actor":"\xe2\x82"}',
    "null byte": HEAD + b',"actor":"\x00"}',
    "byte order mark": b"\xef\xbb\xbf" + HEAD + b"}",
    "utf-16": (HEAD + b"}").decode().encode("utf-16"),
    "carriage return": HEAD + b"}\r",
    "two events": HEAD + b"}" + HEAD + b"}",
    "trailing comma": HEAD + b",}",
    "single quotes": HEAD.replace(b'"', b"'") + b"}",
}


@pytest.mark.parametrize("name", HOSTILE_LINES)
def test_hostile_lines_are_findings(name: str) -> None:
    """Lines too long, too deep, too many, or no JSON are read in bounded time, alone and in a stream."""
    decode_line(HOSTILE_LINES[name])
    read_stream(HOSTILE_LINES[name] + b"\n" + HOSTILE_LINES[name])


EXTREME = ["1e999999", "-1e999999", "1e-999999", "100000000000.00000000000000000001", "1" * 400, "0." + "3" * 900_000]


@pytest.mark.parametrize("value", EXTREME, ids=lambda v: v[:40])
@pytest.mark.parametrize("field", ["pipeline_coverage", "list_price"])
def test_extreme_numbers_are_findings(value: str, field: str) -> None:
    """A number beyond what its type holds, or with more digits, is a finding at its name, never rounded."""
    line = '{"id":"e1","deal":"d","at":"2026-10-01T09:00:00Z","type":"open","facts":{"' + field + '":' + value + "}}"
    findings = decode_line(line.encode())
    assert findings
    assert all(f.code in ("WA501", "WA504") for f in findings)


@pytest.mark.parametrize("space", ["", " ", "\t", "\r", "\r ", " \r", "\t\r\t", "\r\r "])
@pytest.mark.parametrize("key", ["by", "b\\u0079", "\\u0062\\u0079"])
def test_repeated_key_is_found_however_it_is_written(space: str, key: str) -> None:
    """A key that stands twice is a finding, whatever stands around it and however its letters are escaped."""
    line = HEAD.decode() + f',"{key}"{space}:"them"}}'
    assert [f.code for f in decode_line(line.encode())] == ["WA508"]
