"""Which policies columns take: an allow-list, so that nothing they were not taught is judged there."""

import msgspec
import pytest
from tests.helpers.haggling import ACROSS, loaded

from walkaway.backtest.columnar.understood import READ, SILENT, LeftOut, refusal, unheard
from walkaway.policy import Policy, read
from walkaway.policy.model import Rule

pytestmark = pytest.mark.bulk
for extra in ("numpy", "polars"):
    pytest.importorskip(extra, reason="needs the extra `bulk`: pip install -e '.[bulk]'")

POLICY = b"""\
policy: p
version: 1
side: seller
currency: USD
deal: {list_price: money}
issues:
  discount: {type: percent, start: 0%, worth: -1% of deal.list_price per 1%, walk: 20%}
package: {base: deal.list_price}
rules:
  gift: {why: w, on: our offer, when: give.value > get.value, then: trade}
"""


LEFT: dict[type[msgspec.Struct], frozenset[str]] = {Policy: frozenset({"spoken_as"})}
"""The fields that stand in no table on purpose: a policy that says something there is the engine's."""


def policy(text: bytes = POLICY) -> Policy:
    """Return a policy."""
    return read(text, "policy.yaml", {}).unwrap()


@pytest.mark.parametrize("sort", READ, ids=lambda sort: sort.__name__)
def test_every_field_of_the_model_stands_in_a_table(sort: type[msgspec.Struct]) -> None:
    """Whoever gives the model a field says whether columns read it, have no need to, or leave it; till then they do."""
    fields = {field.name for field in msgspec.structs.fields(sort)} - LEFT.get(sort, frozenset())
    assert fields == READ[sort] | SILENT[sort]
    assert not READ[sort] & SILENT[sort]


def test_what_nobody_taught_columns_is_left_to_the_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    """A field in neither table is refused where a policy says something in it, and only there."""
    monkeypatch.setitem(SILENT, Rule, SILENT[Rule] - {"say"})  # type: ignore[arg-type]
    assert refusal(policy()) is None
    said = POLICY.replace(b"then: trade", b"then: trade, say: Not yet.")
    assert unheard(policy(said)) == ("Rule.say",)
    assert refusal(policy(said)) is LeftOut.LANGUAGE


def test_where_people_act_in_roles_the_engine_decides() -> None:
    """Who approves by another role than their own is a dead letter, of which columns know nothing."""
    said = policy(POLICY.replace(b"deal:", b"roles: [rep, head]\npeople: {ana: {role: rep}}\ndeal:"))
    assert unheard(said) == ("Policy.spoken_as",)
    assert refusal(said) is LeftOut.LANGUAGE


def test_a_policy_that_columns_do_not_take_says_why() -> None:
    """In a sentence that a backtest counts its deals under; in layers, with `by:`, and one without issues."""
    now = policy()
    assert refusal(msgspec.structs.replace(now, selector="discount")) is LeftOut.SELECTED
    assert refusal(msgspec.structs.replace(now, above=now)) is LeftOut.LAYERS
    assert refusal(msgspec.structs.replace(now, issues={})) is LeftOut.MANY_ISSUES


def test_a_policy_with_a_selector_is_decided_by_the_engine() -> None:
    """Its deals go one by one, and are counted with that reason."""
    assert [refusal(loaded(said)) for said in ACROSS] == [LeftOut.SELECTED] * len(ACROSS)
