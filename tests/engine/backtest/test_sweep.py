"""A sweep says of each value what a backtest with that value says, though it reads the past once."""

from collections.abc import Sequence

import pytest
from tests.engine.backtest.test_backtest import PAST, POLICY, policy

from walkaway.backtest import NoParameter, SweepRow, backtested, parameter, swept, total
from walkaway.backtest.run import has_columns
from walkaway.language.expr.tree import Compare, leaves
from walkaway.policy import Policy, read

pytestmark = pytest.mark.slow


def said(rows: Sequence[SweepRow]) -> list[tuple[object, ...]]:
    """Return what rows say."""
    return [
        (r.values, t.events, t.changed, t.deals, t.milder, t.added, t.saved, t.give_stopped, t.get_freed)
        for r in rows
        for t in (r.tally,)
    ]


@pytest.mark.bulk
@pytest.mark.skipif(not has_columns(), reason="needs the extra `bulk`: pip install -e '.[bulk]'")
@pytest.mark.parametrize(
    "text",
    [
        "rules.cap=2%..18%:4%", "discount.walk=4%..22%:6%", "discount.want=0%..9%:3%", "rules.much[1]=1%..13%:6%",
        "package.walk=80%..96%:8%", "package.walk=20,000 USD..60,000 USD:20,000 USD",
    ],
)  # fmt: skip
def test_each_value_is_what_a_backtest_with_it_is(text: str) -> None:
    """Changed events, deals and amounts, for a constant of a rule, a walk or a want value, and a share of a fact."""
    now = shares("8%", "84%")
    varied = parameter(now, text)
    rows = swept([PAST], now, [varied]).rows
    for row in rows:
        found = backtested([PAST], varied.set(now, row.values[0]), now, columns=False)
        every, tally = total(found), row.tally
        assert (tally.events, tally.deals) == (found.sums.events, found.sums.changed_deals)
        assert (tally.changed, tally.stricter, tally.milder) == (every.changed, every.stricter, every.milder)
        assert (tally.give_stopped, tally.get_stopped) == (every.give_stopped, every.get_stopped)
        assert (tally.added, tally.saved) == (found.sums.added, found.sums.saved)
        assert {w: n for w, n in tally.verdicts.items() if n} == dict(found.sums.new.verdicts)
    assert len({row.tally.changed for row in rows}) > 1


def shares(much: str, walk: str) -> Policy:
    """Return the policy with a rule and a walk value that are shares of a fact."""
    text = POLICY.replace("CAP", "10%").replace(
        "{base: deal.list_price", f"{{base: deal.list_price, walk: {walk} of deal.list_price"
    )
    rule = "give.value > {much} of deal.list_price and give.issues >= 1"
    more = f"  much: {{why: w, on: our terms, when: {rule.format(much=much)}, then: refuse}}\n"
    return read((text + more).encode(), "policy.yaml", {}).unwrap()


def test_a_share_is_varied_as_a_percentage() -> None:
    """The policy with a value in its place decides as one in which it was written."""
    now, written = shares("8%", "84%"), shares("5%", "90.5%")
    varied = parameter(now, "package.walk=90.5%..91%:1%").set(now, 905_000)
    varied = parameter(now, "rules.much[1]=5%..6%:1%").set(varied, 50_000)
    assert varied.package.walk == written.package.walk
    found = [next(r for r in p.rules if r.id == "much").condition for p in (varied, written)]
    sides = [[leaf.right for leaf in leaves(condition) if isinstance(leaf, Compare)] for condition in found]
    assert sides[0] == sides[1]


@pytest.mark.bulk
@pytest.mark.skipif(not has_columns(), reason="needs the extra `bulk`: pip install -e '.[bulk]'")
def test_two_parameters_make_a_map(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every pair, the second varying faster; the same where deals are decided one by one."""
    now = policy("10%")
    pair = [parameter(now, "rules.cap=6%..10%:4%"), parameter(now, "discount.walk=10%..20%:10%")]
    found = swept([PAST], now, pair, policy("12%"))
    assert [row.values for row in found.rows] == [(60000, 100000), (60000, 200000), (100000, 100000), (100000, 200000)]
    monkeypatch.setattr("walkaway.backtest.sweep.has_columns", lambda: False)
    assert said(swept([PAST], now, pair, policy("12%")).rows) == said(found.rows)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("discount.walk", "`discount.walk` is no sweep; write `discount.walk=10%..25%:1%`"),
        ("discount.wolk=1%..2%:1%", "`discount.wolk` is no parameter of this policy; did you mean `discount.walk`?"),
        ("term.walk=1 month..2 months:1 month", "`term.walk` is no parameter of this policy; known here: `disc"),
        ("rules.gift=1%..2%:1%", "the condition of rule `gift` has no constant"),
        ("rules.cap[2]=1%..2%:1%", "the condition of rule `cap` has 1 constants"),
        ("rules.cap=1..2:1", "`rules.cap=1..2:1`: "),
        ("rules.cap=2%..1%:1%", "`rules.cap=2%..1%:1%` names no value, or more than 400"),
    ],
)
def test_what_cannot_be_swept_says_what_to_type(text: str, problem: str) -> None:
    """A name that is nearly right is recognised, and a value wants its unit."""
    with pytest.raises(NoParameter) as raised:
        parameter(policy("10%"), text)
    assert str(raised.value).startswith(problem)
