"""A policy file becomes a policy, or every mistake in it at once: code, caret, message, and what to type."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.helpers.findings import BASE, caret, read, shown

from walkaway.language.values import Kind
from walkaway.policy.model import Enforcement

COVERAGE = "the least share of rules, leaves and boundaries that its scenarios exercise (`walkaway test --coverage`)"
NAMES = "small letters, digits and `_`, a letter first, 48 characters at most"
ENTRIES = "write `name: …` on lines of their own below it"
EMPTY = "give it a value, or remove the key"
OPTIONAL = "remove `optional` from `deal.growth`, or give it a `default`"
TERM = "term: {type: months, start: 12 months, worth: 0.125% of deal.list_price per month}"
ACCEPTED = "known here: `our acceptance`, `our offer`, `their acceptance`, `their offer`"
VERDICTS = "known here: `escalate`, `hold`, `proceed`, `refuse`, `trade`, `walk`"


def replaced(old: str, new: str) -> str:
    """Return `BASE` with one text in it replaced."""
    assert old in BASE
    return BASE.replace(old, new)


def section(text: str) -> str:
    """Return `BASE` with a section added."""
    return replaced("signals:", f"{text}\nsignals:")


def rule(text: str, name: str = "example") -> str:
    """Return `BASE` with a rule added."""
    return f"{BASE}  {name}: {text}\n"


def test_a_policy_without_mistakes_has_no_findings():
    """The policy that all other tests of this page change by one mistake each."""
    found = read(BASE)
    assert found.findings == ()
    assert found.unwrap().issues["support"].unit.kind is Kind.CHOICE


TOP = [
    ("- a", "WRONG_SHAPE", "-", "a policy is a mapping, not a list", "begin with `policy: its-name`"),
    (replaced("side: seller", "side: sell"), "BAD_CHOICE", "sell", "`sell` is no `side`", "did you mean `seller`?"),
    (replaced("side: seller\n", ""), "MISSING_KEY", "p", "the policy lacks `side`",
     "add `side:` - whether we sell or buy"),
    (replaced("currency: USD", "currency: usd"), "BAD_CHOICE", "usd", "`usd` is no `currency`", "write `USD`"),
    (replaced("version: 1", "version: 1.5"), "BAD_VALUE", "1.5", "`1.5` is no version",
     "write a whole number, 1 or more"),
    (replaced("policy: example", "policy: ''"), "WRONG_SHAPE", "policy", "`policy` is empty", EMPTY),
    (replaced("issues:", "isues:"), "UNKNOWN_KEY", "isues", "the policy has no key `isues`", "did you mean `issues`?"),
    (section("effective: {from: 2026-02-30}"), "BAD_DATE", "2026-02-30", "`2026-02-30` is not a day",
     "write it as `YYYY-MM-DD`"),
    (section("effective: {from: 2026-12-31, to: 2026-01-01}"), "BAD_DATE", "2026-01-01", "`to` is before `from`",
     "swap the two"),
    (replaced("signals: [deception]", "signals: deception"), "WRONG_SHAPE", "signals",
     "`signals` wants a list, not a single value", "write `signals: [one, another]`"),
    (replaced("[manager,", "[manager, manager,"), "DUPLICATE_KEY", "manager", "`manager` stands twice",
     "keep one of the two"),
    (section("require: {coverage: 101%}"), "BAD_VALUE", "101%", "101% is no share of a whole", "write 0% to 100%"),
    (section("require: {}"), "MISSING_KEY", "require", "`require` lacks `coverage`",
     f"add `coverage:` - {COVERAGE}"),
    (section("define: [near]"), "WRONG_SHAPE", "define", "`define` wants a mapping, not a list", ENTRIES),
    (section("define: {balance: offer.prepay}"), "NAME_TAKEN", "balance", "`balance` has a meaning of its own here",
     "choose another name, as `our_balance`"),
    (section("define: {a: b or c, b: a, c: offer.prepay}"), "DEFINE_CYCLE", "a",
     "these definitions need each other: a → b → a", "write one of them out"),
]  # fmt: skip

DECLARED = [
    (replaced("list_price: money", "list_price: cash-money"), "BAD_CHOICE", "cash-money",
     "`cash-money` is no type for deal fact `list_price`", "did you mean `money`?"),
    (replaced("{type: number, optional: yes}", "{type: number, optional: maybe}"), "BAD_CHOICE", "maybe",
     "`maybe` is no `optional`", "known here: `no`, `yes`"),
    (replaced("{type: number, optional: yes}", "{}"), "MISSING_KEY", "growth",
     "deal fact `growth` lacks `type` or `one of`", "add `type: percent`, or what it is"),
    (replaced("{type: number, optional: yes}", "{type: number, default: 5%}"), "BAD_VALUE", "5%",
     "`5%` is not a number", "write a number, without a unit"),
    (replaced(TERM, "Term: 5"), "BAD_NAME", "Term", "`Term` cannot be a name here", NAMES),
    (replaced("prepay:", "worth:"), "NAME_TAKEN", "worth", "`worth` has a meaning of its own here",
     "choose another name, as `our_worth`"),
    (replaced(", worth: 0.125% of deal.list_price per month", ""), "MISSING_KEY", "term", "issue `term` lacks `worth`",
     "add `worth:`, as in `0.1% of deal.list_price per month`"),
    (replaced(" per month", ""), "WORTH_SHAPE", "0.125% of deal.list_price",
     "the worth of issue `term` does not say per what", "add `per 1%`, `per month`, `per 1 USD`, or what one step is"),
    (replaced("per month", "per week"), "WORTH_SHAPE", "week", "`1 week` is not a number of months",
     "write `per month`"),
    (replaced("0.125% of deal.list_price per", "deal.growth * 1 USD per"), "NOT_FIXED", "deal.growth * 1 USD per month",
     "`deal.growth` may be missing, so no worth can rest on it", OPTIONAL),
    (replaced("0.125% of deal.list_price per", "(deal.list_price - 5 USD) per"), "WORTH_SHAPE", "worth",
     "the worth of issue `term` could be positive or negative, so no direction is better for us",
     "give it a worth with one sign"),
    (replaced("12 months", "12"), "KINDS_DIFFER", "12",
     "`start` of issue `term` wants a number of months; `12` is a number", "write `12 months`"),
    (replaced("12 months", "12.5 months"), "BAD_VALUE", "12.5 months",
     "`12.5 months` has more digits than a number of months holds, or is beyond ±2^53",
     "write a whole number of it"),
    (replaced("walk: 20%", "walk: 6%"), "WALK_PAST_WANT", "6%",
     "walk 6% of `discount` is reached before its want 8%", "swap the two, or check the sign of `worth`"),
    (replaced("walk: 20%", "walk: 5 USD"), "KINDS_DIFFER", "5 USD",
     "`walk` of issue `discount` wants a percentage; `5 USD` is an amount in USD", "write a number with `%` behind it"),
    (replaced("walk: 20%", "walk: give.value"), "NOT_FIXED", "give.value",
     "`give.value` is known only once the deal runs, and this must be fixed when it opens",
     "use constants, tables and facts under `deal:`"),
    (replaced("want: 8%", "want: per deal"), "BAD_VALUE", "per deal", "only `walk` can be `per deal`",
     "give it a value, or leave it to each deal by removing `want`"),
    (replaced("walk: 20%", "walk: [20%]"), "WRONG_SHAPE", "walk", "`walk` wants a single value, not a list",
     "write `walk: …` on one line"),
    (replaced("start: basic", "start: silver"), "BAD_VALUE", "silver", "`silver` is not one of basic, gold", ""),
    (replaced("worth: 2% of deal.list_price}", "worth: 2% of deal.list_price per 1}"), "WORTH_SHAPE", "1",
     "a yes/no issue is worth one amount, not an amount per step", "remove `per …`"),
    (replaced("{base: deal.list_price}", "{base: 1 USD, want: 80% of deal.list_price, walk: deal.list_price}"),
     "WALK_PAST_WANT", "deal.list_price",
     "walk deal.list_price of the package is reached before its want 80% of deal.list_price",
     "swap the two, or check the sign of `worth`"),
    (section("pattern: {again: {first: our offer, when: first.discount > 1%}}"), "PATTERN_SHAPE", "again",
     "pattern `again` has 1 leg; it wants two, the earlier event first",
     "write `settled: their acceptance` and `demand: their offer`"),
    (section("pattern: {again: {first: our offer, then: tick, when: first.discount > 1%}}"), "PATTERN_SHAPE", "tick",
     "leg `then` cannot listen to `tick`", ACCEPTED),
]  # fmt: skip

RULES = [
    ("x", "WRONG_SHAPE", "example", "rule `example` wants a mapping, not a single value",
     "write `why:`, `on:`, `when:` and `then:` below it"),
    ("{on: tick, when: yes, then: hold}", "MISSING_KEY", "example", "rule `example` lacks `why`",
     "add `why:` - the principle, for colleagues and auditors"),
    ("{why: ' ', on: tick, when: yes, then: hold}", "WRONG_SHAPE", "why", "`why` is empty", EMPTY),
    ("{why: w, on: tick, thn: hold}", "UNKNOWN_KEY", "thn", "rule `example` has no key `thn`", "did you mean `then`?"),
    ("{why: w, on: our offers, then: hold}", "BAD_CHOICE", "our offers",
     "`our offers` is nothing a rule can listen to", "did you mean `our offer`?"),
    ("{why: w, on: [], then: hold}", "WRONG_SHAPE", "on", "`on` is empty",
     "write `on: our offer`, or what it listens to"),
    ("{why: w, on: {tick: yes}, then: hold}", "WRONG_SHAPE", "{", "`on` wants words, not a mapping",
     "write `on: our offer`, or `on: [our offer, our acceptance]`"),
    ("{why: w, on: tick, when: yes, then: stop}", "BAD_CHOICE", "stop", "`stop` is no `then`", VERDICTS),
    ("{why: w, on: tick, when: yes, then: escalate}", "EFFECT_INCOMPLETE", "example",
     "rule `example` is to `escalate` but names no role", "add `to:` and one of `roles:`"),
    ("{why: w, on: tick, when: yes, then: escalate, to: boss}", "UNKNOWN_ROLE", "boss", "`boss` is not under `roles:`",
     "known here: `director`, `manager`"),
    ("{why: w, on: tick, when: yes, then: hold, door: open}", "EFFECT_INCOMPLETE", "door",
     "`door` goes with `walk`, not with `hold`", "remove it"),
    ("{why: w, on: tick, when: yes, then: hold, enforcement: overridable}", "EFFECT_INCOMPLETE", "example",
     "rule `example` is `overridable` but does not say by whom", "add `by:` and one of `roles:`"),
    ("{why: w, on: tick, when: yes, then: {conclude: x}, enforcement: shadow}", "EFFECT_INCOMPLETE", "enforcement",
     "`enforcement` goes with a verdict; the conclusion `x` is always drawn", "remove it"),
    ("{why: w, on: tick, when: {}, then: hold}", "WRONG_SHAPE", "{", "the condition is empty", "write what must hold"),
    ("{why: w, on: tick, when: {any: []}, then: hold}", "WRONG_SHAPE", "any", "the list of `any` is empty",
     "begin each condition with `- `"),
    ("{why: w, on: tick, when: [offer.prepay], then: hold}", "WRONG_SHAPE", "[",
     "a list of conditions must say how they join", "write `all:`, `any:` or `none:` before the list"),
    ("{why: w, on: tick, when: {either: [offer.prepay]}, then: hold}", "UNKNOWN_KEY", "either",
     "the condition has no key `either`", "known here: `all`, `any`, `none`"),
]  # fmt: skip

BUILT_IN = [
    ("beyond-walk", "{then: hold}", "MILDER_THAN_BUILT_IN", "hold",
     "`hold` is milder than the `refuse` of built-in rule `beyond-walk`",
     "give a more severe verdict, or remove it"),
    ("beyond-walk", "{then: {conclude: past}}", "MILDER_THAN_BUILT_IN", "{",
     "a conclusion is milder than the `refuse` of built-in rule `beyond-walk`",
     "give a more severe verdict, or remove it"),
    ("unprepared", "off", "MILDER_THAN_BUILT_IN", "unprepared",
     "built-in rule `unprepared` cannot be switched off", "give it a more severe `then`"),
    ("left", "{unless: offer.prepay}", "MILDER_THAN_BUILT_IN", "unless",
     "`unless` of built-in rule `left` cannot be changed",
     "only `then`, `to`, `door`, `why`, `say`, `source` and `concern` can"),
    ("unprepared", "{to: manager}", "EFFECT_INCOMPLETE", "to", "`to` stands without `then`", "add `then:` before it"),
    ("left", "{say: Never below 20%.}", "SAY_TELLS_LIMIT", "20%",
     "`20%` is the walk value of `discount`, and `say` tells it to the other side",
     "leave the number out of `say`"),
]  # fmt: skip


QUANTITY = "write a number with `%` behind it"
APART = "write how far apart people's offers are, as in `12 months`, `0.5%` or `1,000 USD`"
OF_WORDS = "`theirs` of issue `support` must give an amount for each of its words, and for no other"
ADVICE = [
    ("discount", "step: 0%", "BAD_VALUE", "0%", "a step of issue `discount` is above zero", APART),
    ("discount", "step: -1%", "BAD_VALUE", "-1%", "a step of issue `discount` is above zero", APART),
    ("discount", "step: 12 months", "BAD_VALUE", "12 months", "`12 months` is not a percentage",
     "write a number with `%` behind it"),
    ("discount", "step: 0.00001%", "BAD_VALUE", "0.00001%", "`0.00001%` has more digits than a percentage holds",
     "write four decimals at most"),
    ("discount", "step: [1%]", "WRONG_SHAPE", "step", "`step` wants a single value, not a list",
     "write `step: …` on one line"),
    ("discount", "step: deal.list_price", "BAD_VALUE", "deal.list_price", "`deal.list_price` is not a quantity",
     QUANTITY),
    ("discount", "step: 2%, step: 3%", "DUPLICATE_KEY", "step", "`step` stands twice, first on line 10",
     "keep one of the two"),
    ("discount", "steps: 2%", "UNKNOWN_KEY", "steps", "issue `discount` has no key `steps`", "did you mean `step`?"),
    ("support", "step: 1", "BAD_VALUE", "step", "issue `support` has no steps: its values are one of basic, gold",
     "remove `step`"),
    ("prepay", "step: 1", "BAD_VALUE", "step", "issue `prepay` has no steps: its values are yes/no",
     "remove `step`"),
    ("discount", "theirs: 900 USD", "WORTH_SHAPE", "900 USD", "the worth of issue `discount` does not say per what",
     "add `per 1%`, `per month`, `per 1 USD`, or what one step is"),
    ("discount", "theirs: 900 USD per 1 month", "WORTH_SHAPE", "1 month", "`1 month` is not a percentage",
     "write `per 1%`"),
    ("discount", "theirs: 5% per 1%", "WORTH_SHAPE", "5% per 1%", "a worth is money, and `5% per 1%` is not",
     "write `5% of deal.list_price per 1%`"),
    ("discount", "theirs: []", "WRONG_SHAPE", "theirs", "`theirs` wants a single value, not a list",
     "write `theirs: …` on one line"),
    ("discount", "theirs: deal.nothing per 1%", "UNKNOWN_FACT", "deal.nothing", "`deal.nothing` is not a fact",
     "did you mean `deal.growth`?"),
    ("discount", "theirs: room.discount per 1%", "NOT_FIXED", "room.discount",
     "`room.discount` is known only once the deal runs, and this must be fixed when it opens",
     "use constants, tables and facts under `deal:`"),
    ("prepay", "theirs: 1 USD per 1", "WORTH_SHAPE", "1", "a yes/no issue is worth one amount, not an amount per step",
     "remove `per …`"),
    ("support", "theirs: 5 USD", "WORTH_SHAPE", "theirs", "the words of issue `support` have no worth",
     'write `theirs: {basic: 0 USD, gold: "-4,000 USD"}`'),
    ("support", "theirs: {basic: 0 USD}", "WORTH_SHAPE", "theirs", OF_WORDS, "the words are basic, gold"),
    ("support", "theirs: {basic: 0 USD, gold: 1 USD, x: 1 USD}", "WORTH_SHAPE", "theirs", OF_WORDS,
     "the words are basic, gold"),
    ("support", "theirs: {basic: 0 USD, gold: 10%}", "WORTH_SHAPE", "10%", "a worth is money, and `10%` is not",
     "write `10% of deal.list_price`"),
]  # fmt: skip
"""Keys that decide nothing and are checked all the same."""


def with_advice(issue: str, text: str) -> str:
    """Return `BASE` with more said about one of its issues."""
    return re.sub(rf"(  {issue}: {{.*)}}", rf"\1, {text}}}", BASE)


@pytest.mark.parametrize(("issue", "text", "code", "under", "message", "hint"), ADVICE)
def test_steps_and_their_worths_are_checked(issue, text, code, under, message, hint):
    """A step is a constant above zero of the issue's own kind; their worth is written like ours."""
    assert shown(read(with_advice(issue, text)).findings) == [(code, under, message, hint)]


def test_steps_and_their_worths_are_read():
    """In the smallest unit; a choice has an amount for each of its words."""
    issues = read(with_advice("discount", "step: 2%, theirs: 900 USD per 1%")).unwrap().issues
    assert issues["discount"].step == 20_000
    assert issues["discount"].theirs is not None
    assert issues["term"].step is issues["term"].theirs is None
    assert read(with_advice("support", "theirs: {basic: 0 USD, gold: 10 USD}")).findings == ()


@pytest.mark.parametrize(
    ("text", "code", "under", "message", "hint"),
    [*TOP, *DECLARED, *((rule(t), *r) for t, *r in RULES), *((rule(t, n), *r) for n, t, *r in BUILT_IN)],
)
def test_a_mistake_is_one_finding(text, code, under, message, hint):
    """Nothing follows from a mistake that has been told: a misspelt section does not make all its names unknown."""
    assert shown(read(text).findings) == [(code, under, message, hint)]


def test_an_amount_that_a_comma_cut_in_two_is_recognised():
    """YAML ends an entry at a comma between brackets; the finding says so, wherever the amount stood."""
    hint = "inside `{…}` a comma begins a new key: put quotes around the whole amount"
    for text in (
        replaced('"-4,000 USD"', "-4,000 USD"),
        replaced("worth: 2% of deal.list_price}", "worth: 3,000 USD}"),
        section("define: {big: give.value > 10,000 USD}"),
        section("define: {long: offer.term > 1,000 months}"),
    ):
        assert [f.hint for f in read(text).findings if f.hint.startswith(hint)]


CLUMSY = """\
policy: My Discounts
version: v2
side: sell
curency: USD
deal:
  List Price: money
  growth: percentage
issues:
  discount:
    type: percent
    start: 0
    worth: -1% of deal.list_price per 1%
    want: 8%
    walk: 6%
  term: {type: month, start: 12 months, worth: 3000 USD per month}
roles: manager
define:
  near: room.discount < 3 USD
rules:
  r1: {on: our offer, when: discount > 5%, then: trade}
  Rule Two: {why: x, on: our offers, when: offer.discount => 5%, then: escalate}
  r3:
    why: y
    on: signal
    when:
      - signals.abuse > 1
    then: walk
    to: cfo
"""


def test_every_mistake_is_told_at_once_sorted_by_place():
    """Who wrote it mends the file in one go, from top to bottom."""
    found = read(CLUMSY).findings
    assert [(f.span.line, f.code.name, caret(f)) for f in found] == [
        (2, "BAD_VALUE", "v2"),
        (3, "BAD_CHOICE", "sell"),
        (4, "UNKNOWN_KEY", "curency"),
        (6, "BAD_NAME", "List Price"),
        (7, "BAD_CHOICE", "percentage"),
        (11, "KINDS_DIFFER", "0"),
        (15, "BAD_CHOICE", "month"),
        (16, "WRONG_SHAPE", "roles"),
        (20, "MISSING_KEY", "r1"),
        (20, "UNKNOWN_FACT", "discount"),
        (21, "BAD_NAME", "Rule Two"),
        (26, "WRONG_SHAPE", "-"),
        (28, "EFFECT_INCOMPLETE", "to"),
    ]


def test_what_a_rule_says_is_read():
    """Verdict, door, role, enforcement and words come out as they were written."""
    text = rule("{why: Because., on: [tick, signal], then: walk, door: closed, say: Good bye., source: SP-1,"
                " enforcement: overridable, by: director}")  # fmt: skip
    (found,) = (r for r in read(text).unwrap().rules if r.id == "example")
    assert (found.why, found.say, found.source, found.by) == ("Because.", "Good bye.", "SP-1", "director")
    assert (sorted(found.on), found.effect.door) == (["signal", "tick"], "closed")
    assert found.enforcement is Enforcement.OVERRIDABLE
    assert str(found.span) == "policy.yaml:19:3"


def test_a_built_in_rule_can_become_more_severe():
    """Both halves of `beyond-walk` follow; nothing else of them changes."""
    before = [r for r in read(BASE).unwrap().rules if r.id == "beyond-walk"]
    text = rule("{then: walk, why: We leave.}", "beyond-walk")
    after = [r for r in read(text).unwrap().rules if r.id == "beyond-walk"]
    assert [r.effect.verdict.value for r in before] == ["refuse", "trade"]
    assert [(r.effect.verdict.value, r.why) for r in after] == [("walk", "We leave.")] * 2
    assert [(r.on, r.condition) for r in after] == [(r.on, r.condition) for r in before]


def test_one_built_in_rule_can_be_switched_off():
    """Whether an offer short of the target needs a counter is the policy's to say."""
    ids = {r.id for r in read(BASE).unwrap().rules}
    assert {r.id for r in read(rule("off", "short-of-want")).unwrap().rules} == ids - {"short-of-want"}


NODES = st.recursive(
    st.sampled_from(
        ["", "x", "5%", "5 USD", "yes", "per deal", "money", "our offer", "hold", "escalate", "offer.discount > 1%",
         "deal.list_price", "(", "é", "9" * 50, "1e5", ".nan", "off", "{walk.discount}"]
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(["type", "one of", "start", "worth", "walk", "when", "all", "then", "conclude", "on", "é"]),
            inner, max_size=3,
        ),
    ),
    max_leaves=6,
)  # fmt: skip
KEYS = [*re.findall(r"(?m)^ *([a-z_-]+):", BASE), "define", "pattern", "tables", "effective", "extends"]


def flow(node):
    """Write a node in YAML's flow form, every text in double quotes."""
    match node:
        case str():
            return '"' + node.replace('"', "'") + '"'
        case list():
            return f"[{', '.join(map(flow, node))}]"
        case _:
            return "{" + ", ".join(f"{flow(k)}: {flow(v)}" for k, v in node.items()) + "}"


@given(st.lists(st.tuples(st.sampled_from(KEYS), NODES), min_size=1, max_size=3))
@settings(deadline=None)
def test_whatever_stands_under_a_key_no_rule_is_lost(changes):
    """Any shape anywhere gives findings, never a traceback; a policy without errors has all the rules it wrote."""
    lines = BASE.rstrip().split("\n")
    for key, node in changes:
        at = next((i for i, x in enumerate(lines) if x.lstrip().startswith(f"{key}:")), None)
        if at is None:
            lines.insert(0, f"{key}: {flow(node)}")
            continue
        indent = len(lines[at]) - len(lines[at].lstrip())
        end = next(
            (i for i in range(at + 1, len(lines)) if len(lines[i]) - len(lines[i].lstrip()) <= indent), len(lines)
        )
        lines[at:end] = [f"{' ' * indent}{key}: {flow(node)}"]
    found = read("\n".join(lines) + "\n")
    assert (found.value is None) is any(f.severity == "error" for f in found.findings)
    assert all(caret(f).strip() for f in found.findings)
    if found.value is not None and not any(key == "rules" for key, _ in changes):
        assert {r.id for r in found.value.rules if not r.built_in} == {"bad-faith"}
