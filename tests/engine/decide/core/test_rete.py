"""`rete` answers as `plain` does within the C core's limits, and says so where it cannot run."""

import gc
import itertools
import sys
import weakref
from fractions import Fraction
from pathlib import Path

import pytest
from tests.helpers.deciding import naive
from tests.helpers.stages import stage

from walkaway.decide.core import plain, rete
from walkaway.decide.core.layout import Apart
from walkaway.decide.core.program import CoreRule, Stage
from walkaway.language.expr.linear import Presence, SymbolTest, alternatives
from walkaway.language.expr.tree import ALWAYS
from walkaway.language.values import exactly

needs_the_c_core = pytest.mark.skipif(not rete.is_available(), reason="durable-rules is not installed")
HUGE = 2**53


def both(one):
    """Return the function that tells what fires: the same in `rete`, in `plain` and by the bare meaning."""
    c_core, python = rete.load(one), plain.load(one)

    def fired(facts):
        found = c_core(facts)
        assert found == python(facts) == naive(one, facts)
        return found

    return fired


def agreed(one, facts):
    """Return what fires of one stage for some facts."""
    return both(one)(facts)


def ids(one, facts):
    """Return the names of the rules that fire."""
    return [one.rules[i].id for i in agreed(one, facts)]


@needs_the_c_core
def test_rule_with_alternatives_fires_once():
    """Of a disjunction several branches may hold; the rule is reported once."""
    one = stage({"r": "count.a > 1 or count.a > 2 or count.b = 1"})
    assert agreed(one, {"count.a": 3, "count.b": 1}) == (0,)


@needs_the_c_core
def test_rule_whose_alternatives_lie_in_two_rulesets_fires_once():
    """A rule is reported once where its alternatives are spread over rulesets of sixty."""
    one = stage({"r": " or ".join(f"count.a = {i} or count.b = {i}" for i in range(60))})
    assert len(one.rules[0].alternatives) == 120
    assert agreed(one, {"count.a": 3, "count.b": 59}) == (0,)
    assert agreed(one, {"count.a": 60, "count.b": 60}) == ()


@pytest.mark.slow
@needs_the_c_core
def test_more_than_sixty_rules_that_all_fire():
    """Thresholds that all hold at once, more than the C core bears in one ruleset, are split and all reported."""
    one = stage({f"r{i:03d}": f"count.a >= {i}" for i in range(300)})
    runner = rete.load(one)
    for value in (-1, 0, 59, 60, 61, 150, 299, 300):
        assert (
            runner({"count.a": value})
            == plain.run(one, {"count.a": value})
            == tuple(range(max(0, min(300, value + 1))))
        )


@pytest.mark.slow
@needs_the_c_core
def test_more_properties_than_a_fact_may_have():
    """More than two hundred facts in one stage, and two hundred in one condition, are split and compared rightly."""
    names = [f"count.f{i:03d}" for i in range(450)]
    one = stage({f"r{n[-3:]}": f"{n} = 1" for n in names})
    facts = {n: i % 2 for i, n in enumerate(names)}
    assert agreed(one, facts) == tuple(range(1, 450, 2))
    long = stage({"all": " and ".join(f"{n} = 1" for n in names[:190])})
    assert agreed(long, dict.fromkeys(names, 1)) == (0,)
    assert agreed(long, {**dict.fromkeys(names, 1), names[77]: 0}) == ()


@needs_the_c_core
def test_conclusions_run_stratum_by_stratum():
    """A conclusion drawn below is read above; one that nobody drew is no."""
    rules = {
        "a": ("count.x > 1 or count.y > 1", "low"),
        "b": ("not concluded.low", "calm"),
        "c": ("concluded.low and count.x > 2", "high"),
        "d": "concluded.high and concluded.low",
        "e": "concluded.calm",
    }
    one = stage(rules)
    assert [r.stratum for r in one.rules] == [0, 1, 1, 2, 2]
    assert ids(one, {"count.x": 3, "count.y": 0}) == ["a", "c", "d"]
    assert ids(one, {"count.x": 2, "count.y": 0}) == ["a"]
    assert ids(one, {"count.x": 1, "count.y": 1}) == ["b", "e"]


@needs_the_c_core
def test_huge_products_are_compared_rightly():
    """Where a product leaves the range that the C core holds, it is clamped so that every comparison stays true."""
    texts = {
        "gt": "count.a * money.b > 90,071,992,547,409.92 USD",
        "lt": "count.a * money.b < -90,071,992,547,409.92 USD",
        "eq": "count.a * money.b * count.c = 0 USD",
        "ne": "count.a * count.a * count.a * count.c != 1",
        "peak": "max(count.a * count.c, count.c) * count.a >= 9,007,199,254,740,992",
    }
    fired = both(stage(texts))
    some = (0, 1, -1, 7, HUGE, -HUGE, HUGE - 1, 3_037_000_499, -3_037_000_500)
    for a, b, c in itertools.product(some, repeat=3):
        fired({"count.a": a, "money.b": b, "count.c": c})


@needs_the_c_core
def test_amounts_between_two_cents_are_compared_exactly():
    """What lies between two integers is below the one and above the other, at every comparison (law 8)."""
    texts = {op: f"worth.a {op} 5 USD" for op in ("<", "<=", ">", ">=", "=", "!=")}
    texts |= {
        "share": "2 * worth.a > 10.01 USD",
        "sum": "worth.a - worth.b = 0.005 USD",
        "far": "worth.a * count.n > 0 USD",
    }
    fired = both(stage(texts))
    cents = [Fraction(n, 4) for n in range(1996, 2006)] + [500, 501, -HUGE, HUGE, Fraction(-1, 3)]
    for a, b, n in itertools.product(cents, cents, (1, -HUGE)):
        fired({"worth.a": exactly(Fraction(a)), "worth.b": exactly(Fraction(b)), "count.n": n})


@needs_the_c_core
def test_facts_at_the_ends_of_their_range_and_beyond():
    """Integers at ±2^53, at 64 bits and far beyond compare as they are with constants within ±2^53."""
    rules = stage(
        {
            "ge": f"count.a >= {HUGE}",
            "le": f"count.a <= -{HUGE}",
            "eq": f"count.a = {HUGE}",
            "ne": f"count.a != {HUGE - 1}",
            "twice": "count.a + count.a > 3",
            "apart": "count.a - count.b = 1",
        }
    )
    ends = [e * s + d for e in (HUGE, 2**62, 2**63, 2**64, 10**30) for s in (1, -1) for d in (-1, 0, 1)]
    fired = both(rules)
    for a in (*ends, 0, 1, 2):
        fired({"count.a": a, "count.b": a - 1 if abs(a) <= HUGE else 0})


@needs_the_c_core
@pytest.mark.parametrize("word", ["red", "green", "two words", "purple", "", 'quo"te', "back\\slash", "é中😀", "a\nb"])
def test_symbols_go_as_numbers(word):
    """Words, with whatever characters, are told apart by equality alone; one that no rule names is like no other."""
    rules = {
        "is": "word.w = red",
        "isnt": "word.w != red",
        "some": "word.w in [green, red]",
        "none": 'word.w not in [green, "two words"]',
        "text": 'text.t = "é中😀" or text.t = "back\\slash"',
        "other": 'text.t != "quo\'te"',
    }
    agreed(stage(rules), {"word.w": word, "text.t": word})


@needs_the_c_core
def test_presence_is_a_test_of_its_own():
    """Unknown facts are left out of what the C core sees, and asked for by their presence alone."""
    rules = {
        "known": "known(count.a)",
        "unknown": "not known(count.a)",
        "both": "not known(count.a) and not known(word.w)",
        "guarded": "known(count.a) and count.a < 5",
        "either": "not known(count.a) or count.a != 3",
        "word": "known(word.w) and word.w != red",
        "sum": "known(count.a) and known(count.b) and count.a + count.b >= 0",
        "vanished": "known(count.a) and count.a - count.a = 0",
    }
    fired = both(stage(rules, ["count.a", "count.b", "word.w"]))
    for a, b, w in itertools.product((None, 0, 3, 7), (None, -9, 1), (None, "red", "green")):
        fired({"count.a": a, "count.b": b, "word.w": w})
    fired({})


@needs_the_c_core
def test_rule_without_a_condition_fires_once():
    """A rule that always fires does so for the fact asserted, and not for what the C core keeps to itself."""
    always = Stage((CoreRule("r", ALWAYS, alternatives(ALWAYS)),), frozenset())
    assert agreed(always, {}) == (0,)
    assert agreed(always, {"count.a": 1}) == (0,)


@needs_the_c_core
def test_rule_that_never_fires_and_stage_without_rules():
    """A condition that contradicts itself leaves nothing to run, and so does a stage without rules."""
    assert agreed(stage({"r": "count.a > 1 and count.a < 1"}), {"count.a": 1}) == ()
    assert agreed(Stage((), frozenset()), {"count.a": 1}) == ()


@needs_the_c_core
def test_runner_answers_the_same_again():
    """Nothing of one question is left in the C core when the next is asked."""
    one = stage({"a": "count.a = 1", "b": "count.a = 2 or count.b = 1", "c": "known(count.b)"}, ["count.b"])
    runner = rete.load(one)
    for _ in range(3):
        for facts in ({"count.a": 1}, {"count.a": 2, "count.b": 1}, {"count.a": 3}, {"count.a": 1, "count.b": 0}):
            assert runner(facts) == naive(one, facts)


@pytest.mark.slow
@needs_the_c_core
@pytest.mark.skipif(sys.platform != "linux", reason="the memory held is read from /proc")
def test_memory_does_not_grow_with_loads():
    """Stages loaded and dropped again and again give their memory back: a set costs over 100 KB while it lives."""
    one = stage({f"r{i}": f"count.a >= {i} or word.w = red" for i in range(10)})

    def load_and_drop(times):
        for _ in range(times):
            rete.load(one)({"count.a": 5, "word.w": "red"})
        gc.collect()
        return resident()

    load_and_drop(100)
    before = load_and_drop(100)
    after = load_and_drop(500)
    assert after - before < 10 * 1024 * 1024


def resident():
    """Return the bytes of memory this process holds."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * 4_096


@needs_the_c_core
def test_ruleset_is_closed_when_its_runner_goes(monkeypatch):
    """A runner that nobody holds any longer gives its ruleset back to the C core."""
    closed = []
    close = rete._close
    monkeypatch.setattr(rete, "_close", lambda engine, handle: (closed.append(handle), close(engine, handle)))
    runner = rete.load(stage({"r": "count.a = 1"}))
    gone = weakref.ref(runner)
    del runner
    gc.collect()
    assert gone() is None
    assert len(closed) == 1


def test_without_the_c_extension_nothing_loads(monkeypatch):
    """Where durable-rules is not installed the core says so, and is not half there."""
    monkeypatch.setattr(rete, "_engine", None)
    assert not rete.is_available()
    with pytest.raises(rete.CoreFailed, match="durable-rules is not installed"):
        rete.load(stage({"r": "count.a = 1"}))


class Broken:
    """The C extension with one call that goes wrong."""

    def __init__(self, engine, call, answer):
        self.engine, self.call, self.answer = engine, call, answer
        self.armed = False

    def __getattr__(self, name):
        return self.broken if self.armed and name == self.call else getattr(self.engine, name)

    def broken(self, *_):
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@needs_the_c_core
@pytest.mark.parametrize(
    ("call", "answer"),
    [
        ("assert_fact", Exception("Could not assert fact, error code: 303")),
        ("assert_fact", (2, 0)),
        ("assert_fact", (0, 12_345)),
        ("assert_fact", MemoryError()),
        ("start_action_for_state", Exception("Could not start action, error code: 301")),
        ("complete_and_start_action", Exception("Could not complete action, error code: 307")),
        ("retract_fact", Exception("Could not retract fact, error code: 308")),
        ("start_action_for_state", ("{}", '{"no such rule": {}}', 0)),
    ],
)
def test_whatever_the_c_core_does_wrong_is_one_failure(monkeypatch, call, answer):
    """An error code, a session of its own or a rule that nobody loaded ends in `CoreFailed`, never in an answer."""
    broken = Broken(rete._engine, call, answer)
    monkeypatch.setattr(rete, "_engine", broken)
    runner = rete.load(stage({"r": "count.a = 1"}))
    broken.armed = True
    with pytest.raises(rete.CoreFailed):
        runner({"count.a": 1})


@needs_the_c_core
def test_ruleset_that_the_c_core_refuses_is_a_failure(monkeypatch):
    """A refusal at loading is `CoreFailed` too."""
    broken = Broken(rete._engine, "create_ruleset", Exception("Could not create ruleset, error code: 106"))
    broken.armed = True
    monkeypatch.setattr(rete, "_engine", broken)
    with pytest.raises(rete.CoreFailed, match="106"):
        rete.load(stage({"r": "count.a = 1"}))


def test_names_with_one_hash_are_refused():
    """The C core tells names apart by a 32-bit hash: two with the same one are never loaded together."""
    with pytest.raises(rete.CoreFailed, match="hash"):
        rete._check_hashes(["price_ambp70", "price_dahsba"])


def test_tests_sort_and_compare_by_value():
    """Tests that read the same share a property; equal tests are one."""
    assert Presence("a.b", True) == Presence("a.b", True) != Presence("a.b", False)
    assert len({SymbolTest("a.b", True, "x"), SymbolTest("a.b", True, "x")}) == 1


@needs_the_c_core
def test_the_c_core_is_asked_once_about_facts_that_no_test_tells_apart():
    """Numbers go as their place among the constants they are compared with: all that lie between two are one fact."""
    one = stage(
        {
            "low": "count.a <= 2", "high": "count.a >= 9", "same": "count.b = 4", "other": "count.c != 4",
            "many": "count.d in [1, 3, 5]", "up": "worth.e > 3 USD", "down": "worth.e < 2 USD", "at": "worth.e = 5 USD",
        }
    )  # fmt: skip
    fired = both(one)
    amounts = (199, 200, Fraction(401, 2), 250, 300, Fraction(601, 2), 499, 500, Fraction(1001, 2))
    rulesets = rete.load(one)
    for a, b, c, d, e in itertools.product((1, 2, 3, 8, 9, 10), (3, 4, 5), (3, 4), range(7), amounts):
        facts = {"count.a": a, "count.b": b, "count.c": c, "count.d": d, "worth.e": e}
        assert fired(facts) == rulesets(facts)
    ((rules,),) = rulesets.strata
    assert len(rules.known) == 3 * 3 * 2 * 7 * 5


@needs_the_c_core
def test_facts_may_come_one_by_one():
    """Facts that come apart fire what they fire by their names."""
    one = stage({"r": "count.a > count.b", "s": "worth.c >= 3 USD"})
    facts = {"count.a": 3, "count.b": 2, "worth.c": Fraction(901, 3)}
    apart = rete.load(one, Apart(facts))
    assert apart(*(facts[name] for name in sorted(facts))) == rete.load(one)(facts) == (0, 1)
