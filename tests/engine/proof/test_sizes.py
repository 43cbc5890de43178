"""What size must not buy: of an approval matrix, the rule that fires for bigger deals asks for at least as much."""

import pytest
from tests.helpers.proving import PLAIN

from walkaway.policy import FILE, Policy, read
from walkaway.proof.formulas.hyperproperties import stands_for

ROWS = """\
list_price,approver
"< 10,000 USD",manager
"10,000 USD..19,999.99 USD",director
"20,000 USD..29,999.99 USD",manager and director
"30,000 USD..49,999.99 USD",refuse
">= 50,000 USD",nobody
"""


@pytest.fixture(scope="module")
def matrix() -> Policy:
    """Return a policy whose matrix asks for everything that one can ask for."""
    text = PLAIN.replace("roles: [manager]", "roles: [manager, director]\napprovals: {table: who.csv, on: our offer}")
    found = read(text.encode(), FILE, {"who.csv": ROWS.encode()}.get).unwrap()
    assert {r.id for r in found.rules if r.made_of} == {
        "approvals-manager", "approvals-director", "approvals-2-manager", "approvals-refuse",
    }  # fmt: skip
    return found


@pytest.mark.parametrize(
    ("small", "large", "stands"),
    [
        ("manager", "director", True),
        ("director", "manager", False),
        ("manager", "2-manager", True),
        ("2-manager", "manager", False),
        ("2-manager", "director", False),
        ("director", "2-manager", False),
        ("2-manager", "refuse", True),
        ("refuse", "2-manager", False),
    ],
)
def test_a_rule_for_bigger_deals_stands_for_another_where_it_wants_no_less(
    matrix: Policy, small: str, large: str, stands: bool
) -> None:
    """No lower role, no fewer of them, and no milder answer; a refusal is more than any approval."""
    rules = {r.id.removeprefix("approvals-"): r for r in matrix.rules}
    assert stands_for(matrix, rules[large], rules[small]) is stands
    assert stands_for(matrix, rules[small], rules[small])
    assert not stands_for(matrix, rules["even"], rules[small])
