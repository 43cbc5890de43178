"""Which lines are plain: the native core says it of every line as the expression does, and no key comes twice."""

import json
import re
from collections.abc import Iterator
from random import Random
from typing import Any

import msgspec
import pytest
from tests.helpers.findings import read
from tests.helpers.strategies import SEED

from walkaway.language import native

np = pytest.importorskip("numpy", reason="needs the extra `bulk`: pip install -e '.[bulk]'")
pl = pytest.importorskip("polars", reason="needs the extra `bulk`: pip install -e '.[bulk]'")

from walkaway.backtest.columnar import reading  # noqa: E402
from walkaway.backtest.columnar.reading import LineColumns, Symbols  # noqa: E402

pytestmark = [
    pytest.mark.bulk,
    pytest.mark.skipif(native.line_sorter is None, reason="without the native core the expression decides alone"),
]
OFFER = '{"id": "e", "deal": "D", "at": "2026-10-05T15:00:00Z", "type": "offer", "by": "us", "actor": "Ann", "terms": '
LINES = (
    OFFER + '{"discount": "5%", "term": "24 months", "prepay": true}}',
    OFFER + '{"seats": 12, "score": -0.5}}',
    OFFER.replace(", ", ",").replace(": ", ":") + '{"discount":"5%","seats":-12}}',
    '{"type": "open", "id": "e", "deal": "D", "at": "x", "facts": {"list_price": "9 USD", "big": "no"}, "batna": "1"}',
    '{"id": "e", "deal": "D", "at": "x", "type": "open", "facts": {}, "limits": {"term": {"walk": "9", "want": "2%"}}}',
    '{"id": "e", "deal": "D", "at": "x", "type": "accept", "by": "them", "issues": ["discount", "term"]}',
    '{"id": "e", "deal": "D", "at": "x", "type": "signal", "by": "us", "kind": "deadline", "confirmed": false}',
    '{"id": "e", "deal": "D", "at": "x", "type": "close", "outcome": "won"}',
    '{"id": "e", "deal": "D", "at": "x", "type": "accept", "by": "them", "terms": {}}',
    "",
)
POLICY = read("""
policy: plain
version: "1"
side: seller
currency: USD
deal:
  list_price: money
  big: {type: yes/no, default: no}
issues:
  discount: {type: percent, start: 0%, worth: -1% of deal.list_price per 1%}
  term: {type: months, start: 12 months, worth: 1 USD per month}
  prepay: {type: yes/no, start: no, worth: 1 USD}
  seats: {type: count, start: 1, worth: 1 USD per 1}
  score: {type: number, start: 1, worth: 1 USD per 1}
signals: [deadline]
rules:
  many:
    why: It is much.
    on: our offer
    when: offer.seats > 5
    then: hold
""").unwrap()


def lines(random: Random, count: int) -> Iterator[str]:
    """Return lines, half of them with a few places changed."""
    names = re.findall(r'"[a-z_]+"', "".join(LINES))
    parts = [*names, *'{}[]:,"\\ 019-.x\t\x7f', "é", "true", "yes", ", ", ": ", "0.5", "10", "\r", '"walk": "1%"']
    parts += ['"seats": 3, ', '"package": {"walk": "1 USD"}, ', '"limits": {"term": {"walk": "9"}}, ']
    for _ in range(count):
        line = random.choice(LINES)
        for _ in range(random.choice([0, 1, 1, 1, 2, 3])):
            at = random.randrange(len(line) + 1)
            match random.randrange(4):
                case 0:
                    line = line[:at] + random.choice(parts) + line[at:]
                case 1:
                    line = line[:at] + line[at + random.choice([1, 1, 2, 5]) :]
                case 2:
                    spans = [found.span() for found in re.finditer(r'"[^"]*"|[{}:,]', line)] or [(0, 0)]
                    begin, end = random.choice(spans)
                    line = line[:begin] + random.choice(parts) + line[end:]
                case _:
                    pair = random.choice(re.findall(r'"[a-z]+": ?"[^"]*"', line) or [""])
                    begin = random.choice([found.end() for found in re.finditer(", |{", line)] or [0])
                    line = f"{line[:begin]}{pair}, {line[begin:]}"
        yield line


def keys_of(line: str) -> tuple[bool, frozenset[str]]:
    """Return whether a key comes twice in an object of a line, and the keys of the outermost one."""
    objects: list[list[str]] = []

    def met(pairs: list[tuple[str, Any]]) -> None:
        objects.append([key for key, _ in pairs])

    json.loads(line, object_pairs_hook=met)
    return any(len(set(keys)) < len(keys) for keys in objects), frozenset(objects[-1])


def is_left(line: str, columns: LineColumns) -> bool:
    """Return whether a line is left to the engine, by the expression and by what its keys are."""
    if re.fullmatch(columns.plain.removesuffix("$"), line) is None or len(line) > 65_536:
        return True
    has_twice, keys = keys_of(line)
    is_offer = json.loads(line).get("type") == "offer"
    return has_twice or (is_offer and not keys <= set(columns.few))


def test_lines_are_sorted_natively_as_by_the_expression() -> None:
    """A line is plain to both or to neither, whatever is changed in it; offers are apart, and nothing in them is."""
    columns = LineColumns(POLICY, Symbols())
    some = list(dict.fromkeys(lines(Random(SEED), 6_000)))
    found, offers, others = columns.sorter("\n".join(some))
    assert [kind == 0 for kind in found] == [is_left(line, columns) for line in some]
    plain = [(kind, line) for kind, line in zip(found, some, strict=True) if kind]
    assert offers == "".join(f"{line}\n" for kind, line in plain if kind == 1).encode()
    assert others == "".join(f"{line}\n" for kind, line in plain if kind == 2).encode()
    assert all((json.loads(line).get("type") == "offer") == (kind == 1) for kind, line in plain)
    assert len(plain) > 100 < len(some) - len(plain)


def test_columns_are_the_same_without_the_native_core(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is read of lines, plain and others, does not hang on who sorts them; nor do lines that are none."""
    texts = list(lines(Random(SEED + 1), 1_500))
    some = pl.Series([None if n % 100 == 7 else line for n, line in enumerate(texts)], dtype=pl.String)
    found = LineColumns(POLICY, Symbols()).events(some)
    with monkeypatch.context() as without:
        without.setattr(reading, "line_sorter", None)
        alone = LineColumns(POLICY, Symbols())
        assert alone.sorter is None
        other = alone.events(some)
    assert told(found[0]) == told(other[0])
    assert np.array_equal(found[1], other[1])
    assert len(found[0].row) > 20


def told(thing: Any) -> Any:
    """Return events in builtin objects, to compare them."""
    if isinstance(thing, msgspec.Struct):
        return {name: told(getattr(thing, name)) for name in thing.__struct_fields__}
    if isinstance(thing, dict):
        return {key: told(value) for key, value in sorted(thing.items())}
    if isinstance(thing, tuple | list):
        return [told(each) for each in thing]
    return thing.tolist() if isinstance(thing, np.ndarray) else thing


def test_a_line_feed_within_a_line_is_left_to_the_expression() -> None:
    """Where places would not be those of lines, nothing is sorted natively."""
    columns = LineColumns(POLICY, Symbols())
    assert columns.sorted_natively(pl.Series([LINES[0], "a\nb"])) is None
    assert columns.sorted_natively(pl.Series([LINES[0], "ab"])) is not None


def test_names_that_are_not_plain_are_left_to_the_expression() -> None:
    """So are more names than the native core has room for."""
    columns = LineColumns(POLICY, Symbols())
    columns.deal = {f"d{n}": columns.money for n in range(65)}
    assert columns.sorter is None
    columns = LineColumns(POLICY, Symbols())
    columns.deal = {"é": columns.money}
    assert columns.sorter is None
