"""What only linting looks for: rules and worths that read well and mean something else than their author thinks."""

from collections.abc import Mapping

import pytest
from tests.helpers.findings import BASE, caret, read

from walkaway.policy import with_advice

BOUNDED = BASE.replace("per 1%, want", "per 1%, least: 0%, want").replace("per month}", "per month, most: 60 months}")


def advised(text: str, files: Mapping[str, bytes] | None = None) -> list[tuple[str, str, str]]:
    """Return what linting finds beside what reading does: code, text under the caret, severity."""
    checked = read(text, files)
    assert not checked.findings
    return [(f.code.name, caret(f), f.severity.value) for f in with_advice(checked, "policy.yaml").findings]


def with_rule(when: str, on: str = "our terms", then: str = "then: hold") -> str:
    """Return a policy without findings and one more rule."""
    return f'{BOUNDED}  example: {{why: w, on: {on}, when: "{when}", {then}}}\n'


def test_a_policy_that_hears_what_it_should_is_told_nothing() -> None:
    """Rules on what we give hear our terms, worths have an end: nothing is found."""
    assert advised(with_rule("give.value > get.value")) == []


@pytest.mark.parametrize(
    ("on", "code"),
    [
        ("our offer", "DEAF_TO_ACCEPTANCES"),
        ("[our offer, their acceptance]", "DEAF_TO_ACCEPTANCES"),
        ("our acceptance", "DEAF_TO_OFFERS"),
        ("[our offer, our acceptance]", None),
        ("[our acceptance, their acceptance]", None),
        ("our terms", None),
        ("any", None),
    ],
)
def test_a_rule_on_what_we_give_hears_offers_and_acceptances(on: str, code: str | None) -> None:
    """What hears one of the two alone is walked around by the other; what hears both, or every agreement, is not."""
    when = "known(give.value) and give.value > 5 USD" if on == "any" else "give.value > 5 USD"
    assert advised(with_rule(when, on)) == ([] if code is None else [(code, "example", "warning")])


def test_advice_and_conclusions_decide_nothing_and_may_hear_what_they_like() -> None:
    """Only rules that decide are walked around."""
    assert advised(with_rule("give.value > 5 USD", "our offer", "then: hold, enforcement: advisory")) == []


@pytest.mark.parametrize(
    ("when", "found"),
    [
        ("known(ours.last.discount) and offer.discount > ours.last.discount", "COMPARED_WITH_LAST_SAID"),
        ("known(ours.last.discount) and ours.last.discount > 5%", "LIFTED_BY_REPETITION"),
        ("offer.discount > ours.cleared.discount", None),
        ("offer.first and offer.discount > 5%", "LIFTED_BY_REPETITION"),
        ("since.opened < 1 hour", "LIFTED_BY_REPETITION"),
        ("since.opened > 1 hour", None),
        ("ours.uncleared <= 2", "LIFTED_BY_REPETITION"),
        ("ours.uncleared = 1", "LIFTED_BY_REPETITION"),
        ("ours.uncleared >= 2", None),
        ("not (ours.offers > 3)", "LIFTED_BY_REPETITION"),
        ("theirs.offers <= 2", None),
        ("min(ours.offers, theirs.offers) <= 2", "LIFTED_BY_REPETITION"),
    ],
)
def test_what_the_same_offer_said_again_lifts_is_named(when: str, found: str | None) -> None:
    """Time, our last word, the first offer, and an upper bound on a count of ours that only grows."""
    assert [code for code, _, _ in advised(with_rule(when))] == ([] if found is None else [found])


def test_a_rule_on_a_conclusion_that_repetition_lifts_is_named() -> None:
    """Through a conclusion too, and as a note: nothing is to do where that is meant."""
    text = f"{BOUNDED}  early: {{why: w, on: our terms, when: since.opened < 1 hour, then: {{conclude: fresh}}}}\n"
    text += "  example: {why: w, on: our terms, when: concluded.fresh, then: hold}\n"
    assert advised(text) == [("LIFTED_BY_REPETITION", "example", "note")]


@pytest.mark.parametrize(
    ("issue", "found"),
    [
        ("{type: months, start: 12 months, worth: 1% of deal.list_price per month}", ["ENDLESS_WORTH"]),
        ("{type: months, start: 12 months, worth: 1% of deal.list_price per month, most: 24 months}", []),
        ("{type: months, start: 12 months, worth: -1% of deal.list_price per month}", []),
        ("{type: percent, start: 0%, worth: -1% of deal.list_price per 1%, most: 50%}", ["ENDLESS_WORTH"]),
        ("{type: count, start: 1, worth: 100 USD per 1, most: 1}", []),
        ("{type: count, start: 1, worth: 100 USD per 1, most: 9}", ["SOLD_AGAIN"]),
        ('{type: yes/no, start: no, worth: "3,000 USD"}', ["SOLD_AGAIN"]),
        ('{type: yes/no, start: yes, worth: "3,000 USD"}', []),
        ('{one of: {no: 0 USD, some: "2,000 USD"}, start: some}', []),
        ('{one of: {no: 0 USD, some: "2,000 USD"}, start: no}', ["SOLD_AGAIN"]),
    ],
)
def test_a_worth_without_end_and_a_fixed_one_are_found(issue: str, found: list[str]) -> None:
    """Enough of the one pays for anything; the other is paid once for each of several small deals."""
    text = BOUNDED.replace("package:", f"  example: {issue}\npackage:")
    assert advised(text) == [(code, "example", "warning") for code in found]


@pytest.mark.parametrize(
    ("issue", "found"),
    [
        ("{type: yes/no, start: no, worth: 0 USD, walk: no}", ["IDLE_WALK"]),
        ("{type: yes/no, start: no, worth: -1 USD, walk: no}", []),
        ("{type: yes/no, start: no, worth: 0 USD}", []),
        ("{one of: {no: 0 USD, some: 0 USD, all: -5 USD}, start: no, walk: no}", ["IDLE_WALK"]),
        ("{one of: {no: 0 USD, some: 0 USD, all: -5 USD}, start: no, walk: some}", []),
        ("{one of: {no: 0 USD, some: -1 USD, all: -5 USD}, start: no, walk: some}", []),
    ],
)
def test_a_walk_value_beside_a_word_of_the_same_worth_is_found(issue: str, found: list[str]) -> None:
    """Only the order of the words holds that one."""
    text = BOUNDED.replace("package:", f"  example: {issue}\npackage:")
    assert advised(text) == [(code, "example", "warning") for code in found]


def test_who_looks_at_a_partys_other_deals_may_have_fixed_worths() -> None:
    """A rule that reads how many deals there are with the party answers for what is sold again."""
    text = BOUNDED.replace("package:", '  case_study: {type: yes/no, start: no, worth: "3,000 USD"}\npackage:')
    assert [code for code, _, _ in advised(text)] == ["SOLD_AGAIN"]
    assert advised(f"{text}  again: {{why: w, on: our terms, when: party.won >= 1, then: hold}}\n") == []


COMPANY = BOUNDED.replace("policy: example", "policy: company")
MINE = "policy: mine\nversion: 1\n"


@pytest.mark.parametrize(
    ("mine", "what"),
    [
        ("rules: {short-of-want: off}\n", "switches `short-of-want` off"),
        ("roles: [ceo]\n", "its `roles` rank above the other's"),
        ("undeclared: ignore\n", "its `undeclared` holds for both"),
        ('allows: {issue_worth: "5,000 USD"}\n', "its `allows` holds for both"),
    ],
)
def test_which_policy_is_above_is_not_for_one_below_to_say(mine: str, what: str) -> None:
    """Where neither of two says it, the list that names them is warned about; where the company's does, it is wrong."""
    lowest = "policy: lowest\nversion: 1\nextends: [mine.yaml, company.yaml]\n"
    files = {"mine.yaml": (MINE + mine).encode(), "company.yaml": COMPANY.encode()}
    found = [f for f in read(lowest, files).findings if f.code.name == "LAYER_ORDER"]
    assert [(caret(f), f.severity.value) for f in found] == [("company.yaml", "warning")]
    assert what in found[0].message
    files["company.yaml"] = (COMPANY + "uppermost: yes\n").encode()
    errors = [f for f in read(lowest, files).errors if f.code.name == "LAYER_ORDER"]
    assert [(caret(f), f.message) for f in errors] == [("company.yaml", "`company` says that nothing is laid above it")]
    in_order = lowest.replace("[mine.yaml, company.yaml]", "[company.yaml, mine.yaml]")
    assert not [f for f in read(in_order, files).findings if f.code.name == "LAYER_ORDER"]


def test_the_uppermost_policy_extends_none() -> None:
    """A policy that says nothing is above it and extends another is wrong, and so is what is slipped above it."""
    files = {"mine.yaml": MINE.encode(), "company.yaml": (COMPANY + "uppermost: yes\nextends: mine.yaml\n").encode()}
    lowest = "policy: lowest\nversion: 1\nextends: company.yaml\n"
    assert "LAYER_ORDER" in [f.code.name for f in read(lowest, files).errors]
