"""Names are looked up, kinds compared, and what does not fit is a finding that says what to type instead."""

import pytest
from tests.helpers.findings import BASE, read, shown, with_rule

COMPARE = "compare it: `… > …` or `… = …`"
JOIN = "compare quantities, and join conditions with `and` or `or`"
CONSTANT = "multiply by a constant, or by a fact that the deal states when it opens"


def quoted(when):
    """Return a condition as YAML that no sign in it can break."""
    return "'" + when.replace("'", "''") + "'"


@pytest.mark.parametrize(
    ("when", "code", "under", "message", "hint"),
    [
        ("offer.dicount > 5%", "UNKNOWN_FACT", "offer.dicount",
         "`offer.dicount` is not a fact", "did you mean `offer.discount`?"),
        ("discount > 5%", "UNKNOWN_FACT", "discount", "`discount` is not a fact", "did you mean `offer.discount`?"),
        ("segment = smb", "UNKNOWN_FACT", "segment", "`segment` is not a fact", "did you mean `deal.segment`?"),
        ("concluded.tired", "UNKNOWN_FACT", "concluded.tired",
         "no rule concludes `tired`", "add a rule with `then: {conclude: tired}`"),
        ("floors[deal.segment].walk > 5%", "UNKNOWN_FACT", "floors[deal.segment].walk",
         "there is no table `floors`", "declare it under `tables:`"),
        ("average(give.value) > 5 USD", "UNKNOWN_FACT", "average(give.value)",
         "there is no function `average`", "known here: `abs`, `known`, `max`, `min`"),
        ("offer.discount > 5 USD", "KINDS_DIFFER", "offer.discount > 5 USD",
         "a percentage (`offer.discount`) cannot be compared with money (`5 USD`)",
         "write a share of an amount: `5% of deal.list_price`"),
        ("give.value > 1,000", "KINDS_DIFFER", "give.value > 1,000",
         "money (`give.value`) cannot be compared with a plain number (`1,000`)", "write `1,000 USD`"),
        ("since.opened > 30", "KINDS_DIFFER", "since.opened > 30",
         "a duration (`since.opened`) cannot be compared with a plain number (`30`)", "write `30 days`"),
        ("offer.term > 30 days", "KINDS_DIFFER", "offer.term > 30 days",
         "a number of months (`offer.term`) cannot be compared with a number of days (`30 days`)",
         "write a whole number, a space and `months`"),
        ("offer.discount + offer.term > 5%", "KINDS_DIFFER", "offer.discount + offer.term",
         "a number of months (`offer.term`) cannot be added to a percentage (`offer.discount`)",
         "only what is of one kind can be put together"),
        ("give.value > 5 EUR", "KINDS_DIFFER", "5 EUR",
         "`5 EUR` is not in the policy's currency USD", "write the amount in USD"),
        ("give.value > 5% * get.value", "KINDS_DIFFER", "5% * get.value",
         "a percentage (`5%`) cannot be multiplied by money (`get.value`)", "write `5% of …` for a share"),
        ("deal.segment > smb", "KINDS_DIFFER", "deal.segment > smb",
         "`deal.segment` has no order, so `>` says nothing", "use `=`, `!=` or `in [..]`"),
        ("deal.segment = SMB", "UNKNOWN_SYMBOL", "SMB", "`SMB` is not one of smb, enterprise", "did you mean `smb`?"),
        ("offer.prepay = true", "UNKNOWN_SYMBOL", "true", "`true` is not yes or no", "write `yes`"),
        ("give.value", "NOT_A_CONDITION", "give.value", "`give.value` is an amount in USD, not a condition", COMPARE),
        ("known(deal.growth) > 1", "NOT_A_CONDITION", "known(deal.growth)",
         "`known` is a condition, not a quantity", JOIN),
        ("give.value * get.value > 1 USD", "KINDS_DIFFER", "give.value * get.value",
         "money (`give.value`) cannot be multiplied by money (`get.value`)",
         "multiply by a plain number, as `0.5`"),
        ("offer.discount of give.value > 1 USD", "NOT_LINEAR", "offer.discount of give.value",
         "`offer.discount of give.value` multiplies two facts that both change during a deal", CONSTANT),
        ("give.value / get.value > 2", "NOT_LINEAR", "give.value / get.value",
         "only a plain constant may stand below a division",
         "multiply instead: `give.value > 5% of deal.list_price`"),
        ("give.value / 0 > 2 USD", "NOT_LINEAR", "give.value / 0",
         "this divides by zero", "divide by another number"),
        ("deal.segment = offer.support", "NOT_LINEAR", "offer.support",
         "two facts of kind choice cannot be compared with each other", "compare each with a constant"),
        ("known(5)", "SYNTAX", "known(5)",
         "`known` wants the name of one fact", "write `known(theirs.last.discount)`"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_told_with_a_remedy(when, code, under, message, hint):
    """Code, the very text under the caret, message and hint."""
    assert shown(read(with_rule(quoted(when))).findings) == [(code, under, message, hint)]


@pytest.mark.parametrize(
    "when",
    [
        "offer.discount > 5% and offer.term between 12 months and 24 months",
        "since.opened >= 2 weeks or since.opened > 36 hours",
        "give.value > 5% of deal.list_price - 1,000.50 USD",
        "give.value > offer.discount of deal.list_price",
        "min(give.value, get.value) + abs(balance) > 2 * give.value / 3",
        "deal.segment in [smb, 'enterprise'] and offer.support != gold",
        "offer.prepay and not offer.first or offer.prepay = no",
        "ours.offers in [1, 2] and deal.list_price * 2 > give.value",
        "known(deal.growth) and deal.growth * 10 > ours.offers",
        "not known(theirs.last.discount) or theirs.last.discount < offer.discount",
    ],
)
def test_what_the_language_has_is_accepted(when):
    """Kinds, shares, sets, ranges, guards, and products with what the deal fixes."""
    assert shown(read(with_rule(quoted(when))).findings) == []


def test_every_mistake_of_a_condition_is_told_at_once():
    """Three unknown names and two kinds that differ are five findings, from left to right."""
    when = "(offer.a > 5% or offer.b > 5%) and offer.c = 1 and offer.term > 5% and give.value > 5%"
    found = read(with_rule(quoted(when))).findings
    assert [(f[0], f[1]) for f in shown(found)] == [
        ("UNKNOWN_FACT", "offer.a"),
        ("UNKNOWN_FACT", "offer.b"),
        ("UNKNOWN_FACT", "offer.c"),
        ("KINDS_DIFFER", "offer.term > 5%"),
        ("KINDS_DIFFER", "give.value > 5%"),
    ]


@pytest.mark.parametrize(
    "definitions",
    [
        "a0: offer.discount > 1%\n" + "".join(f"  a{i}: a{i - 1} and a{i - 1}\n" for i in range(1, 60)),
        "a0: give.value\n" + "".join(f"  a{i}: a{i - 1} + a{i - 1}\n" for i in range(1, 60)),
        "a0: offer.discount > 1%\n" + "".join(f"  a{i}: not a{i - 1}\n" for i in range(1, 500)),
        "a0: 999999999\n" + "".join(f"  a{i}: a{i - 1} * a{i - 1}\n" for i in range(1, 60)),
    ],
)
def test_definitions_that_double_each_other_are_one_finding(definitions):
    """Doubling sixty times would make more parts than there are atoms; nothing is written out beyond a bound."""
    found = read(f"{BASE}define:\n  {definitions}").findings
    errors = [f for f in found if f.severity == "error"]
    assert [f.code.name for f in errors] in (["TOO_COMPLEX"], ["OUT_OF_RANGE"])


def test_a_finding_has_no_followers():
    """One misspelt type makes neither its issue nor any rule about it wrong a second time."""
    text = BASE.replace("type: months", "type: month") + (
        "  long: {why: w, on: our offer, when: offer.term > 36 months and term_ok, then: hold}\n"
        "define: {term_ok: room.term > 1 month or theirs.last.term > 1 month}\n"
        "pattern: {more: {first_one: our offer, second_one: our offer, when: second_one.term > first_one.term}}\n"
    )
    assert shown(read(text).findings) == [
        ("BAD_CHOICE", "month", "`month` is no type for issue `term`", "write `months`")
    ]
