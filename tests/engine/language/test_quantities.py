"""Numbers as people write them: one reader for every door, and hints that show the number that stands there."""

import json
import re
from datetime import datetime
from fractions import Fraction
from pathlib import Path

import pytest
from tests.helpers.findings import BASE, read, with_rule

from walkaway import Engine, Stream, policy
from walkaway.deal.decode import Decoder
from walkaway.language import instants, source
from walkaway.language.diagnostics import Findings
from walkaway.language.expr.tree import Compare, leaves
from walkaway.language.expr.types import constant
from walkaway.language.spelling import is_written
from walkaway.language.template import pieces
from walkaway.language.values import Kind, NotAValue, Unit, format_value, parse_value, read_quantity
from walkaway.policy.tables.cells import read_lines

ROOT = Path(__file__).parents[3]
USD, KWD, EUR = (Unit(Kind.MONEY, code) for code in ("USD", "KWD", "EUR"))
PERCENT, COUNT, MONTHS, NUMBER = (Unit(k) for k in (Kind.PERCENT, Kind.COUNT, Kind.MONTHS, Kind.NUMBER))
GROWTH = "growth: {type: number, optional: yes}"
POLICY = BASE.replace(
    GROWTH, f"{GROWTH}\n  size: {{type: count, optional: yes}}\n  fee: {{type: money, optional: yes}}"
)


def problem(text: str, unit: Unit) -> tuple[str, str]:
    """Return what is said of a text that is no value, and the hint."""
    with pytest.raises(NotAValue) as found:
        parse_value(text, unit)
    return str(found.value), found.value.hint


@pytest.mark.parametrize(
    ("text", "unit", "one", "other"),
    [
        ("100.000 USD", USD, "100", "100,000"),
        ("3.000 EUR", EUR, "3", "3,000"),
        ("1.500 USD", USD, "1.5", "1,500"),
        ("-1.000 USD", USD, "1", "1,000"),
        ("1.000", COUNT, "1", "1,000"),
        ("999.999 months", MONTHS, "999.999", "999,999"),
    ],
)
def test_a_point_before_three_digits_may_stand_for_thousands(text: str, unit: Unit, one: str, other: str) -> None:
    """In money and counts it is refused, with both readings."""
    assert problem(text, unit)[0] == f"`{text}` may be {one} or {other}"


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [("0.125%", PERCENT, 1_250), ("1.125%", PERCENT, 11_250), ("100.000 KWD", KWD, 100_000), ("2.125", NUMBER, 21_250)],
)
def test_what_has_three_decimals_is_read(text: str, unit: Unit, value: int) -> None:
    """Percentages, plain numbers and currencies with three decimals are written so."""
    assert parse_value(text, unit) == value


@pytest.mark.parametrize(
    ("text", "unit", "hint"),
    [
        ("3 years", MONTHS, "write `36 months`"),
        ("100,000 usd", USD, "write `100,000 USD`"),
        ("0.125", PERCENT, "write `0.125%` or `12.5%`"),
        ("12.5 percent", PERCENT, "write `12.5%`"),
        ("10", PERCENT, "write `10%`"),
        ("10k EUR", EUR, "write `10,000 EUR`"),
        ("EUR 10000", EUR, "write `10,000 EUR`"),
        ("10000 Euro", EUR, "write `10,000 EUR`"),
        ("12,5%", PERCENT, "write `12.5%`"),
        ("100 000 USD", USD, "write `100,000 USD`"),
        ("100\u202f000 USD", USD, "write `100,000 USD`"),
        ("(100,000 USD)", USD, "write `-100,000 USD`"),
        ("1E+03", COUNT, "write `1,000`"),
        ("-", PERCENT, "write a number with `%` behind it"),
        ("100 EUR", USD, "write a number, a space and `USD`"),
    ],
)
def test_a_hint_shows_the_value_that_stands_there(text: str, unit: Unit, hint: str) -> None:
    """In the form in which it is read; without a value of its own, in words."""
    assert problem(text, unit)[1] == hint
    for shown in re.findall("`([^`]*\\d[^`]*)`", hint):
        assert format_value(parse_value(shown, unit), unit) == shown


def written() -> list[tuple[str, Unit]]:
    """Return every number of the shipped policies, tables and features, with the unit it is of."""
    files = [f for folder in ("rules", "features") for f in (ROOT / folder).rglob("*")]
    files = [f for f in files if f.suffix in (".yaml", ".csv", ".feature")]
    text = "\n".join(f.read_text(encoding="utf-8") for f in files)
    number = r"(?<![\w.,/-])(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?"
    matches = re.findall(rf"{number}(?: USD|%| months?)\b|{number}%", text)
    found = [(m, USD if " USD" in m else PERCENT if "%" in m else MONTHS) for m in matches]
    return sorted(set(found), key=str)


@pytest.mark.slow
def test_every_number_of_the_shipped_rules_and_features_is_read_alike_at_every_door() -> None:
    """Policy, table, event and reader give one value for each."""
    numbers = written()
    assert len(numbers) > 60
    doors = {USD: ("fee", "money"), PERCENT: ("share", "percent"), MONTHS: ("span", "months")}
    for text, unit in numbers:
        name, kind = doors[unit]
        if unit is PERCENT and len(text.partition(".")[2].rstrip("%")) > 4:  # a feature shows that it is refused
            assert "more digits" in problem(text, unit)[0]
            continue
        value = parse_value(text, unit)
        mine = BASE.replace(GROWTH, f'{name}: {{type: {kind}, default: "{text}"}}')
        known = read(mine).unwrap()
        assert known.deal[name].default == value
        compared = read(with_rule(f"deal.{name} > {text}").replace(GROWTH, f"{name}: {kind}")).unwrap()
        (leaf,) = leaves(compared.rules[1].condition)
        assert isinstance(leaf, Compare)
        assert constant(leaf.right) * unit.scale == value
        line = {"id": "e", "deal": "D", "at": "2026-10-01T09:00:00Z", "type": "open", "facts": {name: text}}
        event = Decoder(known).decode(json.dumps(line).encode()).unwrap()
        assert event.facts[name] == value  # type: ignore[union-attr]
        (_, row) = read_lines(f'a,b\n"{text}",x\n'.encode(), "t.csv", Findings()) or ()
        assert parse_value(row.cells[0], unit) == value
        assert read_quantity(text).amount * unit.scale == Fraction(value)  # type: ignore[arg-type]


@pytest.mark.parametrize("facts", [{"fee": "1.000 USD"}, {"size": "1.000"}])
def test_an_event_is_refused_where_a_policy_is(facts: dict[str, object]) -> None:
    """The same text is no value in an event either."""
    known = read(POLICY).unwrap()
    line = {"id": "e", "deal": "D", "at": "2026-10-01T09:00:00Z", "type": "open", "facts": facts}
    (finding,) = Decoder(known).decode(json.dumps(line).encode()).findings
    assert "may be 1 or 1,000" in finding.message


def test_a_json_number_with_three_decimals_is_no_count() -> None:
    """A point in a JSON number is the same point."""
    line = b'{"id": "e", "deal": "D", "at": "2026-10-01T09:00:00Z", "type": "open", "facts": {"size": 1.000}}'
    (finding,) = Decoder(read(POLICY).unwrap()).decode(line).findings
    assert finding.message == "`size`: `1.000` may be 1 or 1,000"


# Instants


@pytest.mark.parametrize("digits", ["1234567", "123456789", "123456"])
def test_an_instant_may_have_more_digits_than_a_microsecond(digits: str) -> None:
    """What C# and Go write is read; what is finer is dropped, downwards."""
    assert instants.instant_of(f"2026-10-01T09:00:00.{digits}Z") == instants.instant_of("2026-10-01T09:00:00.123456Z")


def test_order_is_kept_below_a_microsecond() -> None:
    """Of two instants the later is never read as the earlier."""
    texts = [f"2026-10-01T09:00:{s:02}.{n:09}Z" for s in (0, 1) for n in range(0, 10**9, 99_999_937)]
    read_as = [instants.instant_of(text) for text in texts]
    assert None not in read_as
    assert read_as == sorted(read_as)  # type: ignore[type-var]


class Python314(datetime):
    """A date that reads `24:00:00` as the next day's midnight, as Python 3.14 does."""

    @classmethod
    def fromisoformat(cls, text: str) -> "Python314":
        whole = re.sub(r"(?<=[T ])24(?=:00:00)", "00", text)
        found = datetime.fromisoformat(whole)
        return found.replace(day=found.day + 1) if whole != text else found  # type: ignore[return-value]


@pytest.mark.parametrize("text", ["2026-10-01T24:00:00Z", "2026-10-01t24:00:00z", "2026-10-01 24:00:00+00:00"])
def test_hours_are_00_to_23_whatever_python_reads(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """Neither an event nor a scenario has an hour 24, and the day after such a line is what it was."""
    monkeypatch.setattr(instants, "datetime", Python314)
    assert instants.instant_of(text) is None
    with pytest.raises(ValueError, match="00 to 23"):
        instants.datetime_of(text)
    decoder = Decoder(read(BASE).unwrap())
    line = {"id": "e", "deal": "D", "type": "tick"}
    assert decoder.decode(json.dumps({**line, "at": text}).encode()).value is None
    after = decoder.decode(json.dumps({**line, "at": "2026-10-01T09:00:00Z"}).encode()).unwrap()
    assert after.instant == instants.instant_of("2026-10-01T09:00:00Z")


def test_only_one_module_reads_instants() -> None:
    """No other asks a library what an instant is, but the second reader of the log."""
    readers = [p for p in (ROOT / "engine").rglob("*.py") if "fromisoformat" in p.read_text(encoding="utf-8")]
    readers += [p for p in (ROOT / "cli").rglob("*.py") if "fromisoformat" in p.read_text(encoding="utf-8")]
    assert {p.name for p in readers if "verify" not in p.as_posix()} == {"instants.py"}


# CloudEvents and names

CLOUD = {
    "specversion": "1.0",
    "id": "e",
    "source": "/x",
    "type": "walkaway.tick",
    "subject": "D",
    "time": "2026-10-01T09:00:00Z",
}


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"time": None}, "the CloudEvent lacks `time`"),
        ({"subject": None}, "the CloudEvent lacks `subject`"),
        ({"data_base64": "e30="}, "`data_base64` is not read, so nobody knows what this CloudEvent says"),
    ],
)
def test_what_a_cloud_event_lacks_is_told_in_its_own_words(more: dict[str, object], message: str) -> None:
    """`time` is what it calls the instant; content in base64 is not read."""
    event = {k: v for k, v in {**CLOUD, **more}.items() if v is not None}
    assert [f.message for f in Decoder(read(BASE).unwrap()).decode(json.dumps(event).encode()).findings] == [message]


def test_data_that_is_null_is_no_data() -> None:
    """A tick says nothing more."""
    assert Decoder(read(BASE).unwrap()).decode(json.dumps({**CLOUD, "data": None}).encode()).unwrap().id == "e"


@pytest.mark.parametrize("name", ["نی\u200cما", "ශ්\u200dරී", "A\u00a0B", "co\u00adop", "Żółć"])
def test_a_name_is_as_people_write_it(name: str) -> None:
    """With joiners, no-break spaces and soft hyphens."""
    assert is_written(name)
    line = {
        "id": name,
        "deal": name,
        "at": "2026-10-01T09:00:00Z",
        "type": "open",
        "facts": {"list_price": "1 USD", "segment": "smb"},
    }
    (answer,) = Stream(Engine(read(BASE).unwrap())).lines([json.dumps(line).encode()], "x")
    assert answer.deal == name  # type: ignore[union-attr]


@pytest.mark.parametrize("name", ["a\nb", "a\u202eb", "a\x00b", "a\x7fb"])
def test_what_turns_or_breaks_a_line_is_no_name(name: str) -> None:
    """Nor is what cannot be seen on paper."""
    assert not is_written(name)


def test_an_id_that_is_a_number_wants_quotes() -> None:
    """And keeps its digits."""
    line = b'{"id": 17, "deal": "D", "at": "2026-10-01T09:00:00Z", "type": "tick"}'
    (finding,) = Decoder(read(BASE).unwrap()).decode(line).findings
    assert finding.hint == 'put quotes around it: `"17"`'


def test_words_are_compared_in_one_form_of_unicode() -> None:
    """A choice written with a combining accent is the same choice."""
    known = read(BASE.replace("[smb, enterprise]", "[Zu\u0308rich, other]")).unwrap()
    assert known.deal["segment"].unit.choices == ("Zürich", "other")
    assert parse_value("Zu\u0308rich", known.deal["segment"].unit) == "Zürich"


@pytest.mark.parametrize("sign", ["\u2028", "\u2029", "\x85"])
def test_lines_end_where_editors_end_them(sign: str) -> None:
    """A sign that ends a line for YAML alone moves no caret."""
    text = BASE.replace("side: seller", f"# a{sign}b\nside: seler")
    (finding,) = read(text).findings
    assert finding.span.line == text.split("\n").index("side: seler") + 1


def test_a_form_feed_is_refused_in_its_own_line() -> None:
    """It cannot stand in a policy; the line is the editor's."""
    (finding,) = source.read(b"a: 1\n# x\x0c\nb: 2\n", "p").findings
    assert (finding.span.line, "U+000C" in finding.message) == (2, True)


@pytest.mark.parametrize(
    ("say", "shown"),
    [
        ("no", ("no", ())),
        ("{{a}} {b}c", ("{a} ", (("b", "c"),))),
        ("{{{b}}}", ("{", (("b", "}"),))),
        ("{b}{c}", ("", (("b", ""), ("c", "")))),
    ],
)
def test_a_bracket_that_means_itself_stands_twice(say: str, shown: object) -> None:
    """One alone begins or ends a fact."""
    assert pieces(say) == shown


# Bounds


@pytest.mark.parametrize(("size", "told"), [("-1", "below its least, 0"), ("10,001", "above its most, 10,000")])
def test_a_fact_beyond_its_bounds_is_a_finding(size: str, told: str) -> None:
    """Whoever states it learns which bound it passes."""
    known = policy.read(
        POLICY.replace("size: {type: count,", 'size: {type: count, least: 0, most: "10,000",').encode(), "p", {}.get
    ).unwrap()
    line = {"id": "e", "deal": "D", "at": "2026-10-01T09:00:00Z", "type": "open", "facts": {"size": size}}
    (finding,) = Decoder(known).decode(json.dumps(line).encode()).findings
    assert finding.message == f'`size`: `"{size}"` is {told}'


def test_a_term_beyond_its_bounds_is_a_finding() -> None:
    """As a fact is."""
    known = read(BASE.replace("want: 8%,", "want: 8%, least: 0%, most: 100%,")).unwrap()
    line = {
        "id": "e",
        "deal": "D",
        "at": "2026-10-01T09:00:00Z",
        "type": "offer",
        "by": "us",
        "terms": {"discount": "101%"},
    }
    (finding,) = Decoder(known).decode(json.dumps(line).encode()).findings
    assert finding.message == '`discount`: `"101%"` is above its most, 100%'
