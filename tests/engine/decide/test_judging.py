"""What accepting terms would be now, where a deal is closed by them."""

import pytest
from tests.helpers.saas import BASE, saas

FACTS = {"list_price": "100,000 USD", "segment": "enterprise", "decision_maker_known": "yes"}
SEATS = {**BASE["deal"], "seats": {"type": "count", "default": "500", "meaning": "m"}}
FEW = {"why": "w", "on": "our terms", "when": "deal.seats < 10", "then": "refuse"}


@pytest.mark.parametrize(("signs", "verdict", "asked"), [(False, "hold", False), (True, "refuse", True)])
def test_what_was_replaced_is_asked_about_again_only_where_its_terms_are_signed(tell, signs, verdict, asked):
    """They took 24 months; our word of 48, taken back since, had replaced that. Unsigned it is not agreed any more."""
    deal = tell(saas(deal=SEATS, rules={"few": FEW}))
    deal.open(facts=FACTS)
    we = {"type": "offer", "by": "us", "actor": "ana"}
    deal(**we, terms={"term": "24 months"})
    deal(type="accept", by="them")
    deal(**we, terms={"term": "48 months"})
    deal(type="withdraw", by="us", actor="ana")
    assert deal.position.agreement.ended == "replaced"
    deal(type="update", actor="ana", facts={"seats": 5})
    seen = deal(type="close", outcome="won", actor="ana", **({"terms": {"term": "24 months"}} if signs else {}))
    assert (seen.verdict, seen.accepting is not None) == (verdict, asked)
