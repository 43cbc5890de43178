"""The native core, where it was compiled: whatever it answers is what Python answers; the rest it leaves to that."""

import os
from bisect import bisect_right
from collections.abc import Iterator
from enum import StrEnum
from fractions import Fraction
from pathlib import Path
from random import Random
from time import process_time
from types import ModuleType

import msgspec
import pytest
from tests.helpers.strategies import SEED

from walkaway import Core, Engine, Stream, load
from walkaway.deal import position
from walkaway.deal.decode import Decoder
from walkaway.deal.decode.fast_lane import FastLane
from walkaway.deal.decode.values import Readers
from walkaway.deal.encode import canonical
from walkaway.deal.valuation import Valuation
from walkaway.decide.core.places import Places, native_places, rank_of
from walkaway.decide.generated import telling
from walkaway.language import native
from walkaway.language.expr.linear import Term, Test
from walkaway.language.expr.tree import Op

ROOT = Path(__file__).parents[3]
SHIPPED = ("saas-discounting", "job-offer", "used-car")
compiled = pytest.mark.skipif(native.write_json is None, reason="without the native core Python decides alone")
SORTED = msgspec.json.Encoder(order="sorted", enc_hook=str)
PACKED = msgspec.msgpack.Encoder(enc_hook=str)
WORDS = ("", "discount", "ab", "b", 'a "quoted" \\ one', "ü€𝄞", "\ud800", "\x1f", "x" * 300)
NUMBERS = (0, 1, -1, 31, -32, 127, 128, 255, 256, 65_535, 2**31, -(2**31), 2**53, 2**63 - 1, -(2**63), 2**63, 2**70)


def made_up(random: Random, depth: int = 3) -> object:
    """Return a value of all that JSON has, mostly of what is plain."""
    if not depth or random.random() < 0.3:
        plain = random.choice([random.choice(WORDS[:5]), random.randrange(-300, 300), None, True, False])
        return plain if random.random() < 0.9 else random.choice([*WORDS, *NUMBERS, 1.5])
    count = random.choice([0, 1, 2, 3, 3, 5, 17])
    inner = [made_up(random, depth - 1) for _ in range(count)]
    if random.random() < 0.5:
        return random.choice([list, tuple])(inner)
    return {random.choice(WORDS[:4]) + str(random.randrange(30)): value for value in inner}


def lines(name: str) -> list[bytes]:
    """Return the lines of the deals that ship with a policy."""
    return [
        line
        for file in sorted((ROOT / "rules" / name).glob("*.jsonl"))
        for line in file.read_bytes().splitlines()
        if line
    ]


def test_it_is_there_in_ci():
    """CI has a C compiler, so that the core was compiled there."""
    assert native.write_json is not None or "CI_WORK" not in os.environ


class Held(msgspec.Struct, array_like=True, frozen=True):
    """What holds one value."""

    value: object


def packed(value: object) -> bytes | None:
    """Return a value in MessagePack, as the one field of a record that is packed."""
    return native.packer(Held, ("value",), ())(Held(value))


@compiled
@pytest.mark.parametrize(
    ("write", "other"), [("json", SORTED.encode), ("packed", lambda value: PACKED.encode(Held(value)))]
)
def test_it_writes_what_msgspec_writes(write, other):
    """Every byte, or nothing at all."""
    random, count = Random(SEED), 0
    for _ in range(600):
        value = made_up(random)
        written = native.write_json(value) if write == "json" else packed(value)
        count += written is not None
        assert written is None or written == other(value)
    assert count > 200


class Plain(msgspec.Struct, omit_defaults=True, frozen=True):
    """A record with every kind of field that is left out."""

    name: str
    a: int = 0
    empty: dict[str, int] = {}
    items: tuple[int, ...] = ()
    said: str = ""
    unset: int | msgspec.UnsetType = msgspec.UNSET
    none: int | None = None
    yes: bool = False


class Listed(msgspec.Struct, array_like=True, frozen=True):
    """A record that is written as a list."""

    name: str
    count: int = 5


class Tagged(msgspec.Struct, tag="kind", frozen=True):
    """A record that says its kind."""

    name: str


@compiled
@pytest.mark.parametrize(
    ("value", "is_written"),
    [
        (Plain("x"), True),
        (Plain("x", 1, {"b": 1, "a": 2}, (3,), "s", 4, 5, True), True),
        (Plain("x", 2**63 - 1, {"b": -(2**63)}), True),
        (Plain("x", 2**63), False),
        (Listed("x"), False),
        (Tagged("x"), False),
        ({1: 2}, False),
        (1.5, False),
        (msgspec.Raw(b"1"), False),
    ],
)
def test_a_record_is_written_in_full_or_left_to_msgspec(value, is_written):
    """A field at its default is left out by one as by the other."""
    written = native.write_json(value)
    assert written == (SORTED.encode(value) if is_written else None)


class Crossed(Plain):
    """A record that calls one field by the name of another, where msgspec does not look."""

    a = Plain.name


class Asking:
    """What runs Python as soon as a class is asked for a field."""

    def __init__(self, run):
        self.run = run

    def __get__(self, record, owner):
        self.run()
        return self


@compiled
def test_a_field_is_read_where_msgspec_reads_it():
    """Whatever else its class calls by that name."""
    assert native.write_json(Crossed("x", 7)) is None
    assert canonical(Crossed("x", 7)) == b'{"a":7,"name":"x"}'
    assert native.packer(Crossed, ("name", "a"), ()) is None


@compiled
@pytest.mark.parametrize("value", [0, False, None, "", (), {}, 1, -1, 2**70, -(2**64), "x", (0,), {"a": 0}, 1.0])
def test_what_has_to_be_empty_is_so_or_nothing_is_packed(value):
    """A whole number of any size is told from 0."""
    assert (native.packer(Held, (), ("value",))(Held(value)) is not None) == (not value)


@compiled
def test_what_runs_while_a_class_is_explored_may_write_too():
    """And may empty what is being written."""
    value, inner = {}, []

    def run():
        inner.append((native.write_json({"inner": [1]}), native.write_json(value)))
        value.clear()

    class Odd(msgspec.Struct):
        name: str

    type.__setattr__(Odd, "name", Asking(run))
    value.update(first=1, odd=Odd("x"), last=2)
    assert native.write_json(value) == b"{}"
    assert inner[0] == (b'{"inner":[1]}', None)


@compiled
@pytest.mark.parametrize("count", [32, 33, 200_000])
def test_many_names_are_sorted_in_little_time(count):
    """By their bytes, where one begins as another does too."""
    random = Random(SEED)
    value = {f"{random.randrange(count * 3):x}": place for place in range(count)}
    begun = process_time()
    assert native.write_json(value) == SORTED.encode(value)
    assert process_time() - begun < 5


@compiled
def test_a_text_of_an_enumeration_is_written_as_msgspec_does():
    """Where its value is another, too."""

    class Word(StrEnum):
        """Says one thing and is worth another."""

        def __new__(cls, text, value):
            made = str.__new__(cls, text)
            made._value_ = value
            return made

        ONE = ("said", "worth")

    assert native.write_json([Word.ONE]) == SORTED.encode([Word.ONE])


@compiled
def test_what_it_was_not_made_for_is_left_to_python():
    """Nine factors, more facts than a table has, facts in a list, records of another sort."""
    nine = Term(((("a",) * 9, 1),), whole=True)
    assert native_places([nine], frozenset(), {nine: (5,)}, {}) is None
    assert native.placer(129, (("known", 0),), rank_of) is None
    assert native.placer(1, (("known", 1),), rank_of) is None
    assert native.differing_facts(["a"], (0,), (1,), (), (), {}, None, None, str) is None
    assert native.packer(Random, ("name",), ()) is None


@compiled
def test_lines_of_a_policy_with_many_issues_are_read_by_python():
    """Which looks a name up at once."""
    lane = FastLane(Readers(load(ROOT / "rules" / "job-offer").unwrap()))
    assert lane.reader() != lane.event
    lane.issues = {f"issue_{number}": lane.issues["salary"] for number in range(65)}
    assert lane.reader() == lane.event


@compiled
def test_only_what_was_compiled_of_this_source_is_loaded():
    """One of another state of the files is not asked anything."""
    source = ROOT / "engine" / "native"
    assert native._is_of(native._CORE, source)
    assert not native._is_of(ModuleType("old"), source)
    assert native._is_of(ModuleType("installed"), ROOT / "engine")


@compiled
@pytest.mark.parametrize(
    "number", [sign * (2**bits + by) for bits in (5, 7, 8, 15, 16, 31, 32, 63) for by in (-1, 0, 1) for sign in (1, -1)]
)
def test_every_width_of_a_number_is_packed(number):
    """At each boundary, until 64 bits no longer hold it with its sign."""
    assert packed((Listed("x", number), [number])) is None  # a list is no part of a position
    value = (Listed("x", number), "n" * abs(number % 300))
    held = -(2**63) <= number < 2**63
    assert packed(value) == (PACKED.encode(Held(value)) if held else None)


@compiled
def test_of_two_packages_it_tells_which_is_no_worse():
    """By quantities, of however many digits, and by words, as Python does."""
    random = Random(SEED)
    amounts = (0, 1, -1, 5, 2**53, -(2**53), 2**62, 2**80, -(2**80))
    answers = []
    for _ in range(500):
        worths = {"price": random.choice(amounts), "days": random.choice(amounts), "kind": {"a": 1, "b": 2**70, "c": 2}}
        scales = Valuation(1, worths, 0, (), ())
        one, other = (
            {"price": random.choice(amounts), "days": random.choice(amounts), "kind": random.choice("abc")}
            for _ in range(2)
        )
        expected = all(v == other[i] or scales.change(i, other[i], v) >= 0 for i, v in one.items())
        answers.append(expected)
        assert native.no_worse(worths, one, other) is expected
    assert 20 < sum(answers) < 480
    assert native.no_worse({"price": -1}, {"price": Fraction(1, 3)}, {"price": 1})
    assert not native.no_worse({"price": 1}, {"price": Fraction(1, 3)}, {"price": 1})
    with pytest.raises(KeyError):
        native.no_worse({}, {"price": 1}, {"price": 2})


@compiled
@pytest.mark.parametrize("whole", [True, False])
def test_it_places_facts_as_rete_is_told_them(whole):
    """A term among its constants, exactly, whatever its size; a symbol by its number; what is unknown is not told."""
    random, term = Random(SEED), Term(((("a",), 3), (("b", "c"), -2), ((), 1)), whole)
    amounts = (0, 1, -1, 7, 2**40, -(2**62), 2**70, *(() if whole else (Fraction(1, 3), Fraction(-7, 2))))
    ops = (Op.GE, Op.LE, Op.EQ) if whole else (Op.GE, Op.LE, Op.EQ, Op.LT, Op.GT)
    cuts = Places(Test(term, random.choice(ops), random.randrange(-30, 30)) for _ in range(12)).cuts
    wanted = [term, ("symbol", "s"), ("known", "b")]
    found = native_places(wanted, frozenset({"b", "s"}), {term: cuts}, {"s": {"gold": 1, "iron": 2}})
    assert found is not None
    facts, places = found
    assert facts == ("a", "b", "c", "s")
    for _ in range(400):
        a, c = random.choice(amounts), random.choice(amounts)
        b, s = random.choice([None, *amounts]), random.choice([None, "gold", "iron", "tin"])
        total = None if b is None else 3 * a - 2 * b * c + 1
        place = msgspec.UNSET if total is None else bisect_right(cuts, total if whole else rank_of(total))
        number = msgspec.UNSET if s is None else {"gold": 1, "iron": 2}.get(s, 0)
        assert places((a, b, c, s)) == (place, number, int(b is not None))


def altered(every: list[bytes], count: int) -> Iterator[bytes]:
    """Return lines as they are, and each with one piece dropped, doubled or replaced."""
    random = Random(SEED)
    yield from every
    for _ in range(count):
        line = random.choice(every)
        at = random.randrange(len(line))
        to = min(len(line), at + random.choice([1, 1, 1, 2, 8, 30]))
        other = random.choice(
            [b"", b'"', b" ", b"\\", b"\n", b"{", b"}", b",", b":", b"0", b"9", b"true", line[at:to] * 2, "ü".encode()]
        )
        yield line[:at] + other + line[to:]


@compiled
@pytest.mark.parametrize("name", SHIPPED)
def test_it_reads_no_line_otherwise(name, monkeypatch):
    """Where it reads one, Python reads the same of it, by one lane or the other."""
    policy = load(ROOT / "rules" / name).unwrap()
    with monkeypatch.context() as without:
        without.setattr("walkaway.deal.decode.fast_lane.line_reader", None)
        alone = Decoder(policy).decode
    reader = native.line_reader(FastLane(Readers(policy)).known_of_policy())
    read = 0
    for line in altered(lines(name), 1_500):
        event = reader(line)
        read += event is not None
        assert event is None or event == alone(line).value, line
    assert read > 80


@compiled
@pytest.mark.parametrize(
    ("value", "is_read"),
    [
        *((value, True) for value in ("10", "8", " 10 ", "10\t", "0")),
        *(
            (value, False)
            for value in ("-0", "010", "8.5", "1e1", "9" * 16, "10 0", "- 8", "null", "-", "", "[8]", "8x")
        ),
        *((f"8}}, {more}", False) for more in ('"terms": {"hours": 8', '"x": {"a": 1')),
    ],
)
def test_a_bare_number_is_read_as_python_reads_it(value, is_read, monkeypatch):
    """Or it is left to Python, which says what is wrong with it."""
    policy = load(ROOT / "rules" / "job-offer").unwrap()
    head = '{"id": "1", "deal": "d", "at": "2026-01-01T00:00:00Z", "type": "offer", "by": "us", "terms": '
    reader = native.line_reader(FastLane(Readers(policy)).known_of_policy())
    monkeypatch.setattr("walkaway.deal.decode.fast_lane.line_reader", None)
    for name, given in (("hours", value), ("car", value), ("car", value.replace("8", "true"))):
        line = f'{head}{{"{name}": {given}}}}}'.encode()
        event, alone = reader(line), Decoder(policy).decode(line).value
        assert event is None or event == alone
        assert name != "hours" or (event is not None) is (is_read and alone is not None)
    for line in (f'{head}{{"car": true, "hours": 8}}}}', f'{head}{{"car":false}}}}'):
        assert reader(line.encode()) == Decoder(policy).decode(line.encode()).value is not None


@compiled
@pytest.mark.parametrize("name", SHIPPED)
def test_decisions_are_the_same_bytes_without_it(name, monkeypatch):
    """Facts, digests and evidence of the deals that are shipped."""

    policy = load(ROOT / "rules" / name).unwrap()

    def decided() -> list[bytes]:
        engine = Engine(policy, Core.PLAIN)
        stream = Stream(engine, in_words=False)
        return [canonical(answer) for answer in stream.lines(lines(name), "deal.jsonl")]

    natively = decided()
    monkeypatch.setattr(telling, "differing_facts", None)
    monkeypatch.setattr("walkaway.deal.decode.fast_lane.line_reader", None)
    monkeypatch.setattr("walkaway.deal.encode.write_json", None)
    monkeypatch.setattr(position, "_pack_plain", position._packed_slowly)
    monkeypatch.setattr("walkaway.deal.ledger.no_worse", None)
    assert decided() == natively
