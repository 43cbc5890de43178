# Over 400 lines: every way in which two policies part, in one table.
"""Whatever deciding reads of a policy is compared; what is in neither list fails here."""

import time
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.engine.deal.test_across import TEXT as ACROSS
from tests.engine.proof.test_line_items import TEXT as LINED
from tests.helpers.currencies import abroad
from tests.helpers.proving import PLAIN, policy_of

from walkaway.events import BARGAINING, On
from walkaway.language.expr.types import Lookup
from walkaway.policy import model, read
from walkaway.policy.model import Policy
from walkaway.proof import diff
from walkaway.proof.diff import compare, is_void_apart
from walkaway.proof.formulas.common import COMPARED, WITHOUT_MEANING, apart, common_to, judging_by
from walkaway.proof.formulas.facts import Half

RECORDS = {name: getattr(model, name, Lookup) for name in COMPARED}


@pytest.mark.parametrize("name", sorted(COMPARED))
def test_every_field_of_a_policy_is_compared_or_has_no_meaning(name: str) -> None:
    """Each field of each record stands in one of the two lists, and in one only."""
    compared, others = COMPARED[name], WITHOUT_MEANING[name]
    assert set(RECORDS[name].__struct_fields__) == compared | others
    assert not compared & others


def test_every_record_of_a_policy_is_listed() -> None:
    """A record that a policy is made of is none that nobody has looked at; claims and catalogs decide nothing."""
    found = {n for n, t in vars(model).items() if isinstance(t, type) and issubclass(t, msgspec.Struct)}
    assert found - {"Span", "Typed", "Scalar", "Unit", "FactSpec", "Claim", "Const"} == set(COMPARED)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("enforcement: overridable, by: manager", "enforcement: overridable, by: cfo"),
        ("enforcement: overridable, by: manager", "enforcement: mandatory"),
        ("then: hold, enforcement: overridable, by: manager", "then: escalate, to: manager"),
    ],
)
def test_an_approval_lifts_a_rule_under_both_policies_only_where_both_let_the_same_people_lift_it(
    old: str, new: str
) -> None:
    """Another role beside `by`, another enforcement, or an approval asked for: each policy is lifted from by itself."""
    text = PLAIN.replace("roles: [manager]", "roles: [manager, cfo]") + f"  far: {{why: w, on: our offer, {old}}}\n"
    text = text if "then" in old else text.replace("on: our offer, enf", "on: our offer, then: hold, enf")
    same, other = policy_of(text), policy_of(text.replace(old, new))
    assert "far" in common_to(same, same).liftable
    assert "far" not in common_to(same, other).liftable


TERM = policy_of(PLAIN).issues["term"]
OTHER: dict[str, Any] = {
    "worth": TERM.worth, "start": 10_000, "better": 1, "unit": TERM.unit, "cap": 50_000, "is_shadow": True,
    "by": {1: TERM},
}  # fmt: skip
"""Another value for whatever of an issue its worth rests on."""


@pytest.mark.parametrize("field", OTHER)
def test_terms_are_worth_the_same_only_where_all_that_their_worth_rests_on_is_the_same(field: str) -> None:
    """One field of an issue is another one under the second policy, and formulas take nothing of worths for common."""
    policy = policy_of(PLAIN)
    changed = msgspec.structs.replace(policy.issues["discount"], **{field: OTHER[field]})
    other = msgspec.structs.replace(policy, issues={**policy.issues, "discount": changed})
    assert common_to(policy, policy).worths
    assert not common_to(policy, other).worths


# What parts two policies, and what each then has for itself

RICH = """\
policy: rich
version: 1
side: seller
currency: USD
deal:
  list_price: money
  segment: {one of: [small, large]}
  rating: {type: count, optional: yes}
  seats: {type: count, default: 1, least: 0}
issues:
  discount: {type: percent, start: 0%, worth: -1% of deal.list_price per 1%, want: 8%, walk: FLOOR}
  term: {type: months, start: 12 months, worth: 0.125% of deal.list_price per month, want: 12 months, walk: 6 months}
  support: {one of: {basic: 0 USD, gold: "-4,000 USD"}, start: basic, walk: per deal}
package: {base: deal.list_price, walk: 70% of deal.list_price}
tables: {floors: {file: floors.csv, key: segment, hit: first}, caps: {file: caps.csv, key: seats}}
signals: [deception, pressure]
roles: [manager, director]
people: {ann: [Ann, ann b]}
pattern: {same: {one: our offer, two: our offer, when: one.discount = two.discount}}
mandates: {rep: {discount: at most 10%}}
rules:
  even: {why: w, on: our terms, when: give.value > get.value, then: trade}
  lied: {why: w, on: any, when: signals.deception >= 1, then: walk, door: closed}
  deep: {why: w, on: our terms, when: offer.discount > 15%, then: escalate, to: {role: manager, count: 2}}
  held:
    {why: w, on: our terms, when: LONG, then: hold, enforcement: overridable, by: director}
  capped: {why: w, on: our terms, when: "offer.discount > caps[deal.seats].cap", then: refuse}
  twice: {why: w, on: our offer, when: pattern.same >= 1, then: hold}
""".replace("FLOOR", '"floors[deal.segment].walk"').replace("LONG", "offer.term > 48 months and deal.seats > 2")
"""A policy with something of every sort that two policies may have each for itself."""
FILES = {
    "floors.csv": "segment,walk,from\nsmall,20%,\nlarge,30%,\nlarge,25%,2026-11-01\n",
    "caps.csv": "seats,cap\n0..9,20%\n>= 10,30%\n",
}


@lru_cache(64)
def rich(text: str = RICH, was: str = "", now: str = "") -> Policy:
    """Read the policy with one place of it, or of its tables, written otherwise."""
    told = {"policy.yaml": text, **FILES}
    assert not was or any(was in content for content in told.values()), was
    told = {name: content.replace(was, now, 1) if was else content for name, content in told.items()}
    return read(told["policy.yaml"].encode(), "policy.yaml", {n: c.encode() for n, c in told.items()}.get).unwrap()


def marks(old: Policy, new: Policy) -> set[str]:
    """Return what parts two policies for the formulas, field by field; nothing, where each is as it is to itself."""
    same, found = common_to(old, old), common_to(old, new)
    told = {f"apart: {what}" for what in apart(old, new)}
    for field in type(found).__struct_fields__:
        was, now = getattr(same, field), getattr(found, field)
        if isinstance(was, bool):
            told |= {field} if was != now else set()
        else:
            told |= {f"{field}: {n}" for n in now - was} | {f"{field} without {n}" for n in was - now}
    return told


UNWEIGHED = {
    "standing", "worths", "named", "first", "stated", "settled", "stands", "several", "offers", "net", "said_at",
}  # fmt: skip
"""What of a party's half of the ledger does not rest on worths, or is computed anew from terms."""
LEDGER = {
    "worths",
    *(f"own: {side}.{field}" for side in ("ours", "theirs") for field in (*Half.__struct_fields__, "conceded")
      if field not in UNWEIGHED),
    *(f"own: {name}" for name in ("left.open", "left_at", "offer.gain", "offer.loss", "offer.losses", "offer.new")),
}  # fmt: skip
"""What each policy has for itself where terms are worth something else."""
WALK = {"own: missing", *LEDGER}
"""Beside the limit itself, under `theirs_base: walk`."""
BASED = RICH.replace("side:", "theirs_base: walk\nside:")
SEATED = RICH.replace("0.125% of deal.list_price per month", "10 USD * deal.seats per month")
PARTED: list[tuple[str, str, str, set[str]]] = [
    (RICH, "", "", set()),
    (RICH, "side: seller\n", "side: seller\ntheirs_base: walk\n", LEDGER),
    (RICH, "side: seller", "side: buyer", {"apart: the side of the table"}),
    (RICH, "{ann: [Ann, ann b]}", "{ann: [Ann]}", {"apart: the names of people"}),
    (RICH, "version: 1", "version: 1\nclock: {ahead: 3 days}", {"apart: from when on an event is far ahead"}),
    (RICH, "walk: 6 months", "walk: 6 months, approved: as named", {"apart: what approvals cover"}),
    # deal facts
    (RICH, "{type: count, optional: yes}", "count", {"stated: rating", "own: missing"}),
    (RICH, "default: 1", "default: 2", {"stated: seats", "own: missing", "own: caps[deal.seats].cap"}),
    (RICH, "default: 1, ", "", {"stated: seats", "own: missing", "own: caps[deal.seats].cap"}),
    (RICH, "  rating: {type: count, optional: yes}\n", "", {"deal without rating", "own: missing"}),
    (RICH, "{type: count, optional: yes}", "{type: money, optional: yes}", {"deal without rating", "own: missing"}),
    # limits
    (RICH, "want: 8%", "want: 9%", {"own: want.discount"}),
    (RICH, "want: 8%, ", "", {"own: want.discount"}),
    (RICH, "walk: 6 months", "walk: 7 months", {"own: walk.term", "own: missing"}),
    (BASED, "walk: 6 months", "walk: 7 months", {"own: walk.term", *WALK}),
    (BASED, "want: 12 months", "want: 13 months", {"own: want.term"}),
    (RICH, "walk: per deal", "walk: gold", {"own: walk.support", "own: missing"}),
    (RICH, ", walk: per deal", "", {"own: missing"}),
    (RICH, "walk: 70%", "walk: 71%", {"own: walk.package", "own: missing"}),
    (RICH, "want: 12 months", "want: 12 months + 0 months", set()),
    # worths
    (RICH, "start: 12 months", "start: 13 months", LEDGER),
    (RICH, "0.125%", "0.25%", LEDGER),
    (RICH, "-4,000", "-5,000", LEDGER),
    (RICH, "{base: deal.list_price,", "{base: 2 * deal.list_price,", LEDGER),
    (RICH, "0.125% of deal.list_price", "10 USD * deal.seats", {"needed: deal.seats", *LEDGER}),
    (SEATED, "10 USD * deal.seats", "10 USD", LEDGER),
    (SEATED, "default: 1", "default: 2", {"stated: seats", "own: missing", "own: caps[deal.seats].cap", *LEDGER}),
    (RICH.replace("start: 12 months", "start: 12 months * deal.seats"), "default: 1", "default: 2",
     {"stated: seats", "own: missing", "own: caps[deal.seats].cap", *LEDGER}),
    (RICH.replace('"-4,000 USD"', "10 USD * deal.seats"), "default: 1", "default: 2",
     {"stated: seats", "own: missing", "own: caps[deal.seats].cap", *LEDGER}),
    (RICH.replace("base: deal.list_price", "base: 10 USD * deal.seats"), "default: 1", "default: 2",
     {"stated: seats", "own: missing", "own: caps[deal.seats].cap", *LEDGER}),
    (RICH.replace("want: 12 months", "want: 12 months * deal.seats"), "default: 1", "default: 2",
     {"stated: seats", "own: missing", "own: caps[deal.seats].cap", "own: want.term"}),
    # tables
    (RICH, ", hit: first", "", {"own: floors[deal.segment].walk", "own: walk.discount", "own: missing"}),
    (RICH, "small,20%", "small,21%", {"own: floors[deal.segment].walk", "own: walk.discount", "own: missing"}),
    (RICH, "2026-11-01", "2026-11-02", {"own: floors[deal.segment].walk", "own: walk.discount", "own: missing"}),
    (BASED, "small,20%", "small,21%", {"own: floors[deal.segment].walk", "own: walk.discount", *WALK}),
    (RICH, ">= 10,30%", ">= 10,31%", {"own: caps[deal.seats].cap", "own: missing"}),
    # who may what
    (RICH, "[deception, pressure]", "[deception]", {"signals without pressure"}),
    (RICH, "[manager, director]", "[director, manager]",
     {"roles", "own: offer.role", "own: offer.role.known",
      *(f"liftable without {r}" for r in ("loosened-limit", "reopening", "voiding")),
      *(f"liftable without mandates-{r}-to-manager" for r in ("nobody", "rep"))}),
    (RICH, "rep: {disc", "clerk: {disc",
     {"own: offer.role", "own: offer.role.known", "liftable without mandates-rep-to-manager"}),
    (RICH, "at most 10%", "at most 11%", set()),
    (RICH, "count: 2", "count: 1", {"liftable without deep"}),
    (RICH, "role: manager, count", "role: director, count", {"liftable without deep"}),
    (RICH, "by: director", "by: manager", {"liftable without held"}),
    (RICH, "offer.term > 48 months and deal.seats > 2", "offer.term > 48 months", {"liftable without held"}),
    (RICH, "enforcement: overridable, by: director", "enforcement: advisory", {"liftable without held"}),
    (RICH, "signals.deception >= 1", "signals.deception >= 2", set()),
    # patterns
    *((RICH, was, now, {"own: pattern.same", "own: again.offer.same", "own: again.taking.same"})
      for was, now in (("one.discount = two.discount", "one.discount >= two.discount"),
                       ("two: our offer", "two: their offer"), ("one: our offer", "one: their offer"))),
]  # fmt: skip


@pytest.mark.parametrize(("text", "was", "now", "wanted"), PARTED)
def test_what_parts_two_policies_is_each_ones_own(text: str, was: str, now: str, wanted: set[str]) -> None:
    """And all else they have in common: of one place that is written otherwise, whichever of the two is the old one."""
    old, new = rich(text), rich(text, was, now)
    assert marks(old, new) == wanted
    one_sided = ("needed", "fixed", "per_deal")
    told, turned = (
        {mark for mark in each if " without " not in mark and not mark.startswith(one_sided)}
        for each in (wanted, marks(new, old))
    )
    assert turned == told


def test_facts_that_one_policy_needs_are_needed_of_both() -> None:
    """So that a deal which lacks one has no worths under either, whichever policy wants it; and so of walk values."""
    seated, plain = rich(SEATED), rich()
    for pair in ((seated, plain), (plain, seated)):
        assert "deal.seats" in common_to(*pair).needed
        assert "deal.seats" in common_to(*pair).fixed
    each, none = rich(), rich(RICH, "walk: per deal", "walk: gold")
    for pair in ((each, none), (none, each)):
        assert "support" in common_to(*pair).per_deal


def _every(record: Any, compared: str) -> Iterator[tuple[str, Any]]:
    """Yield a record with each field that deciding reads as something that is equal to nothing."""
    for field in sorted(COMPARED[compared]):
        yield field, msgspec.structs.replace(record, **{field: object()})


def test_what_hangs_on_another_issue_is_compared_at_each_of_its_values() -> None:
    """A worth, a base and a limit at one value of the selector alone, and which issue that is."""
    old = policy_of(ACROSS)
    (issue,) = (each for each in old.issues.values() if each.by and each.name != old.selector)
    value = next(iter(issue.by))
    one, other = issue.by[value], next(at for at in issue.by.values() if at.worth != issue.by[value].worth)

    def changed(**fields: Any) -> Policy:
        by = {**issue.by, value: msgspec.structs.replace(one, **fields)}
        return msgspec.structs.replace(old, issues={**old.issues, issue.name: msgspec.structs.replace(issue, by=by)})

    assert common_to(old, old).worths
    assert not common_to(old, changed(worth=other.worth)).worths
    at = f"walk.{issue.name}"
    limited = changed(walk=10_000)
    own = common_to(old, limited).own
    assert at in own
    assert [held for held in own if held.startswith(f"{at}@")]
    case = next(iter(old.package.by))
    bases = {**old.package.by, case: msgspec.structs.replace(old.package.by[case], base=model.Const(7))}
    moved = msgspec.structs.replace(old, package=msgspec.structs.replace(old.package, by=bases))
    assert not common_to(old, moved).worths
    assert not common_to(old, msgspec.structs.replace(old, selector="")).worths


def test_every_field_of_a_table_makes_another_one() -> None:
    """Its keys and their units, its columns, its rows and which of them counts: the cells are each policy's own."""
    old = rich()
    table = old.tables["caps"]
    (row, *_), unit = table.rows, table.columns["cap"]
    others: list[Any] = [msgspec.structs.replace(table, **{f: object()}) for f in ("keys", "key_units", "first_hit")]
    others += [
        msgspec.structs.replace(table, rows=(new, *table.rows[1:])) for f, new in _every(row, "Row") if f != "cells"
    ]
    others.append(
        msgspec.structs.replace(table, rows=(msgspec.structs.replace(row, cells={"cap": 7}), *table.rows[1:]))
    )
    for field in ("kind", "currency", "choices"):
        others.append(
            msgspec.structs.replace(table, columns={"cap": msgspec.structs.replace(unit, **{field: object()})})
        )
    for other in others:
        new = msgspec.structs.replace(old, tables={**old.tables, "caps": other})
        assert "caps[deal.seats].cap" in common_to(old, new).own


def test_what_formulas_say_nothing_of_is_told_apart_field_by_field() -> None:
    """Each field of the rates, the calendar, the day asked about, the currency; and what is kept of lines."""
    foreign = abroad()
    for field, exchange in _every(foreign.exchange, "Exchange"):
        other = msgspec.structs.replace(foreign, exchange=exchange)
        assert apart(foreign, other) == ("in which other currencies deals may be, and at which rates",), field
    plain = rich()
    for field, what in (("currency", "the currency"), ("as_of", "the day asked about")):
        assert what in apart(plain, msgspec.structs.replace(plain, **{field: object()}))
    text = (Path(__file__).parents[3] / "features" / "policies" / "quarter" / "policy.yaml").read_bytes()
    files = {
        f.name: f.read_bytes() for f in (Path(__file__).parents[3] / "features" / "policies" / "quarter").iterdir()
    }
    dated = read(text, "policy.yaml", files.get).unwrap()
    for field in ("starts", "facts"):
        calendar = msgspec.structs.replace(dated.calendar, **{field: object()})
        assert apart(dated, msgspec.structs.replace(dated, calendar=calendar)) == ("the calendar",)


def test_of_lines_all_is_told_apart_but_what_they_are_worth_and_come_to() -> None:
    """What is stated and negotiated of a line, and how many there may be; other worths of lines are other worths."""
    old = policy_of(LINED)
    assert old.lines is not None
    fact, issue = old.lines.facts["list"], old.lines.issues["off"]
    others = [msgspec.structs.replace(old.lines, most=7)]
    others += [
        msgspec.structs.replace(old.lines, facts={"list": new})
        for field, new in ((f, msgspec.structs.replace(fact, **{f: object()})) for f in COMPARED["DealFact"])
    ]
    others += [
        msgspec.structs.replace(old.lines, issues={"off": new})
        for f, new in _every(issue, "LineIssue")
        if f not in ("name", "worth")
    ]
    for lines in others:
        new = msgspec.structs.replace(old, lines=lines)
        assert apart(old, new) == ("the lines of a deal",)
        found = common_to(old, new)
        assert "lines" not in found.issues
        assert "lines" not in found.deal
    worth = msgspec.structs.replace(issue, worth=object())
    new = msgspec.structs.replace(old, lines=msgspec.structs.replace(old.lines, issues={"off": worth}))
    assert apart(old, new) == ()
    assert not common_to(old, new).worths
    assert "lines" in common_to(old, new).issues


def test_layers_above_are_the_same_only_where_all_by_which_they_judge_is() -> None:
    """Each field of the policy, each of its rules, and the layers above it in turn."""
    plain = rich()
    for field in COMPARED["Policy"] - {"rules", "above"}:
        assert judging_by(msgspec.structs.replace(plain, **{field: object()})) != judging_by(plain), field
    rule = next(r for r in plain.rules if r.id == "held")
    for field, other in _every(rule, "Rule"):
        if field != "built_in":
            rules = tuple(other if r is rule else r for r in plain.rules)
            assert judging_by(msgspec.structs.replace(plain, rules=rules)) != judging_by(plain), field
    assert judging_by(msgspec.structs.replace(plain, above=plain)) != judging_by(plain)
    low, other = (msgspec.structs.replace(plain, above=above) for above in (plain, rich(RICH, "8%", "9%")))
    assert apart(low, other) == ("the layers above",)
    assert apart(low, low) == ()


@pytest.mark.parametrize(
    ("was", "now", "unknown"),
    [
        ("", "", set()),
        ("at most 10%", "at most 11%", set()),
        ("0.125%", "0.25%", {*BARGAINING, On.UPDATE, On.VOID}),
        ("want: 8%", "want: 9%", {On.UPDATE, On.VOID}),
        ("walk: 6 months", "walk: 7 months", {On.UPDATE, On.VOID}),
        ("{type: count, optional: yes}", "count", {On.UPDATE, On.VOID}),
        ("small,20%", "small,21%", {On.UPDATE, On.VOID}),
        (">= 10,30%", ">= 10,31%", {On.VOID}),
        ("one.discount = two", "one.discount >= two", {On.VOID}),
        ("offer.term > 48 months and deal.seats > 2", "offer.term > 48 months", {On.VOID}),
        ("offer.term > 48 months and", "theirs.offers > 4 and", {On.VOID}),
        ("side: seller", "side: buyer", set(On)),
        ("[manager, director]", "[director, manager]", set(On)),
        ("{ann: [Ann, ann b]}", "{ann: [Ann]}", set(On)),
    ],
)  # fmt: skip
def test_what_is_not_in_common_is_not_proved_the_same(
    was: str, now: str, unknown: set[On], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even if no question found a difference, and whichever policy is the old one."""
    monkeypatch.setattr(diff, "CASES", ())
    old, new = rich(), rich(RICH, was, now)
    for pair in ((old, new), (new, old)):
        found = compare(*pair, time.process_time, 60.0)
        assert set(found.unknown) == unknown
        assert found.is_same is not bool(unknown)


@pytest.mark.parametrize(
    ("was", "now", "unknown"),
    [
        ("want: 8%", "want: 9%", set()),
        ("0.125%", "0.25%", {*BARGAINING, On.VOID}),
        ("{type: count, optional: yes}", "count", {On.UPDATE, On.VOID}),
        (">= 10,30%", ">= 10,31%", set()),
        ("offer.term > 48 months and deal.seats > 2", "offer.term > 48 months", {On.VOID}),
        ("{ann: [Ann, ann b]}", "{ann: [Ann]}", set(On)),
    ],
)
def test_a_layer_below_judges_by_limits_of_its_own(
    was: str, now: str, unknown: set[On], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What loosens, or leaves an offer outside, is answered by the layer above as it was; the rest is not decided."""
    monkeypatch.setattr(diff, "CASES", ())
    mandatory = RICH.replace(", enforcement: overridable, by: director", "")
    found = compare(rich(mandatory), rich(mandatory, was, now), time.process_time, 60.0, milder=True)
    assert set(found.unknown) == unknown


def test_what_a_void_leaves_alone_parts_policies_that_read_other_facts() -> None:
    """Read by a rule, or behind what a rule reads; a layer below may read more than the layer above, and never less."""
    more = RICH, rich(RICH, "offer.term > 48 months and", "offer.term > 48 months and theirs.offers > 1 and")
    near = "  near: {why: w, on: our terms, when: walk.term > 3 months, then: hold}\n"
    rated = RICH.replace("{type: count, optional: yes}", "count").replace("0.125% of deal.list_price", "10 USD") + near
    behind = rated, rich(rated.replace("10 USD per", "10 USD * deal.rating per"))  # worths may move a walk value
    for text, other in (more, behind):
        old = rich(text)
        common = common_to(old, other)
        assert is_void_apart(old, other, common, milder=False)
        assert is_void_apart(other, old, common, milder=False)
        assert not is_void_apart(old, other, common, milder=True)
        assert is_void_apart(other, old, common, milder=True)
        assert not is_void_apart(old, old, common_to(old, old), milder=False)


BEYOND, DAYS = "values of `{}` beyond the bounds of one of them", "days on which the old policy alone is in force"
BOUNDS = RICH.replace("least: 0}", "least: 0, most: 100}")


@pytest.mark.parametrize(
    ("text", "was", "now", "told"),
    [
        (BOUNDS, "most: 100", "most: 99", BEYOND.format("seats")),
        (RICH, "type: months,", "type: months, most: 60 months,", BEYOND.format("term")),
        (RICH, "type: months,", "type: months, values: [6 months, 12 months, 24 months],", BEYOND.format("term")),
        (RICH, "version: 1", "version: 1\neffective: {from: 2026-01-01}", DAYS),
        (RICH, "version: 1", "version: 1\neffective: {to: 2026-01-01}", DAYS),
        (RICH, "[deception, pressure]", "[deception]", "signal `pressure` of the old policy"),
        (RICH, "  rating: {type: count, optional: yes}\n", "", "deal fact `rating` of the old policy"),
        (RICH, "0.125% of deal.list_price", "10 USD * deal.seats", "deals that lack a fact on which worths rest"),
    ],
)  # fmt: skip
def test_what_one_policy_alone_can_be_told_is_named(
    text: str, was: str, now: str, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Values, days, facts and signals of one alone are not compared, and of which of the two they are is said."""
    monkeypatch.setattr(diff, "CASES", ())
    old, new = rich(text), rich(text, was, now)
    assert told in compare(old, new, time.process_time, 60.0).apart
    turned = told.replace(" old ", " new ")
    assert turned in compare(new, old, time.process_time, 60.0).apart
    assert told not in compare(old, old, time.process_time, 60.0).apart


def test_deals_in_other_currencies_are_not_compared_and_that_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where one of the two policies alone needs a rate, too."""
    monkeypatch.setattr(diff, "CASES", ())
    foreign = abroad()
    own = msgspec.structs.replace(foreign, exchange=None)
    for pair in ((foreign, foreign), (foreign, own), (own, foreign)):
        assert "deals in other currencies than USD" in compare(*pair, time.process_time, 60.0).apart
    assert "deals in other currencies than USD" not in compare(own, own, time.process_time, 60.0).apart
