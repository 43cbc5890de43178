"""A policy in another currency: the same rules, its own amounts times a rate, and what cannot be converted."""

import re
from fractions import Fraction

import msgspec
import pytest
from tests.helpers.currencies import POLICY, abroad
from tests.helpers.findings import BASE, read, shown

from walkaway.language.expr.tree import Const, Fact, Scaled, facts_of
from walkaway.policy import in_currency, linted
from walkaway.policy.currencies import needs_rate
from walkaway.policy.exchange import RATE
from walkaway.policy.model import DealFact, Issue, Linear, Package, Pattern, Policy, Rule

SHARES = BASE.replace('{basic: 0 USD, gold: "-4,000 USD"}', "{basic: 0 USD, gold: -4% of deal.list_price}")
TAKES = """\
currency: USD
currencies:
  accepted: [EUR, JPY]
  rates: {file: r.csv, per: EUR, published: 15:30 UTC, max_age: 6 days}"""


def taking(text: str) -> str:
    """Return a policy that takes euros and yen."""
    return text.replace("currency: USD", TAKES)


def test_an_amount_is_multiplied_by_the_rate_and_a_share_is_not() -> None:
    """What is money in it is counted in the deal's currency, and everything stays linear."""
    own = abroad()
    euros = in_currency(own, "EUR")
    rate = Fact(RATE, 10_000, whole=False)
    assert euros.package.walk == Scaled(Fraction(5_000), rate)
    assert euros.package.base == own.package.base
    assert euros.issues["reference"].worth.worths[1] == Scaled(Fraction(3_000), rate)  # type: ignore[union-attr]
    assert euros.issues["discount"].worth == own.issues["discount"].worth
    assert {r.id for r in euros.rules if RATE in facts_of(r.condition)} == {"big-give"}
    assert (euros.money.currency, euros.deal["list_price"].unit.currency) == ("EUR", "EUR")
    assert in_currency(own, "EUR") is euros


def test_a_currency_counts_in_its_own_decimals() -> None:
    """A yen has none and a dinar three: a fact in thousandths is divided by a thousand."""
    for code, scale in (("JPY", 1), ("KWD", 1_000)):
        base = in_currency(abroad(), code).package.base
        assert base == Fact("deal.list_price", scale)


def test_a_price_for_each_unit_of_money_is_the_same_in_every_currency() -> None:
    """One dollar of worth for each dollar of price is one yen for each yen: no rate is asked for."""
    price = '  price: {type: money, start: deal.list_price, worth: "0.01 USD per 0.01 USD", step: "1,000 USD"}\n'
    own = read(taking(SHARES).replace("issues:\n", f"issues:\n{price}")).unwrap()
    yen = in_currency(own, "JPY").issues["price"]
    assert isinstance(yen.worth, Linear)
    assert isinstance(yen.worth.rate, Const)
    assert yen.worth.rate.value / yen.worth.step == 1
    assert (yen.step, needs_rate(own)) == (1_000, False)


def test_a_policy_without_amounts_never_needs_a_rate() -> None:
    """Percentages of what a deal states are the same everywhere; whoever lints is told."""
    assert not needs_rate(read(taking(SHARES)).unwrap())
    assert needs_rate(read(taking(BASE)).unwrap())
    without = SHARES.replace("currency: USD", "currency: USD\ncurrencies: {accepted: [EUR]}")
    assert not read(without).findings


def test_amounts_without_rates_are_an_error() -> None:
    """Nobody could convert them."""
    (found,) = shown(read(BASE.replace("currency: USD", "currency: USD\ncurrencies: {accepted: [EUR]}")).findings)
    assert found[:2] == ("MISSING_KEY", "currencies")


@pytest.mark.parametrize(
    ("old", "new", "caret", "message"),
    [
        ("list_price: money", "list_price: {type: money, least: 1 USD}", "1 USD", "`least` of deal fact `list_price`"),
        (
            "list_price: money", 'list_price: {type: money, default: "900 USD"}', '"900 USD"',
            "`default` of deal fact `list_price`",
        ),
        (
            "issues:\n", 'issues:\n  fee: {type: money, start: 0 USD, worth: "1 USD per 1 USD", most: 500 USD}\n',
            "500 USD", "`most` of issue `fee`",
        ),
        (
            "issues:\n",
            'issues:\n  fee: {type: money, start: 0 USD, worth: "1 USD per 1 USD", values: [0 USD, 9 USD]}\n',
            "[0 USD, 9 USD]", "`values` of issue `fee` are amounts",
        ),
        (
            "issues:\n",
            "issues:\n  fee: {type: money, start: 0 USD, worth: 1% of deal.list_price per 100 USD}\n",
            "1% of deal.list_price per 100 USD", "`worth` of issue `fee` is a share for each amount of money",
        ),
    ],
    ids=["least", "default", "most", "values", "worth"],
)  # fmt: skip
def test_an_amount_that_is_needed_before_there_is_a_rate_is_told(old: str, new: str, caret: str, message: str) -> None:
    """What an event may state is known while it is read, and no deal has opened by then."""
    findings = shown(read(taking(BASE).replace(old, new, 1)).findings)
    (found,) = [f for f in findings if f[0] == "AMOUNT_NOT_CONVERTED"]
    assert found[1].rstrip("}") in (caret, "[")
    assert found[2].startswith(message)
    assert found[3]
    assert not read(BASE.replace(old, new, 1)).errors


def test_a_table_whose_rows_are_chosen_by_an_amount_is_told() -> None:
    """Between two smallest units of the policy there would be no row."""
    table = "tables: {caps: {file: caps.csv, key: list_price}}\nissues:\n"
    text = taking(BASE).replace("issues:\n", table).replace("walk: 20%", "walk: 'caps[deal.list_price].cap'")
    rows = b'list_price,cap\n"<= 1,000 USD",10%\n"> 1,000 USD",20%\n'
    (found,) = [f for f in shown(read(text, {"caps.csv": rows}).findings) if f[0] == "AMOUNT_NOT_CONVERTED"]
    assert found[1:3] == (
        "list_price",
        "the key of table `caps` is an amount, and a deal in EUR has no rate where that is read",
    )


def test_a_cell_of_a_table_is_converted() -> None:
    """It stands in the policy's currency, in the file as in what is shown of it."""
    table = "tables: {floors: {file: floors.csv, key: segment}}\nissues:\n"
    text = (
        taking(BASE)
        .replace("issues:\n", table)
        .replace(
            "package: {base: deal.list_price}", "package: {base: deal.list_price, walk: 'floors[deal.segment].walk'}"
        )
    )
    rows = b'segment,walk\nsmb,"5,000 USD"\nenterprise,"9,000 USD"\n'
    own = read(text, {"floors.csv": rows}).unwrap()
    walk = in_currency(own, "JPY").package.walk
    assert facts_of(walk) == {"floors[deal.segment].walk", RATE}  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("said", "caret", "message", "hint"),
    [
        ("accepted: [EURO]", "EURO", "`EURO` is no currency", "EUR"),
        ("accepted: [USD]", "accepted", "`accepted` names no currency beside the policy's own, USD", "remove"),
        ("accepted: [EUR], drift: -1%", "-1%", "`drift` is 0% or more", "remove the sign"),
        (
            'accepted: [EUR], rates: {file: r.csv, per: EUR, max_age: 6 days, published: "16:30 Europe/Berlin"}',
            '"16:30 Europe/Berlin"', "`16:30 Europe/Berlin` is no hour in UTC", "walkaway rates --published",
        ),
        (
            "accepted: [EUR], rates: {file: r.csv, per: EUR, max_age: 0 days}", "0 days",
            "`max_age` is a day or more", "how old",
        ),
        ("accepted: [EUR], rates: {file: r.csv, max_age: 6 days}", "rates", "`rates` lacks `per`", "add `per:`"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_currencies_is_told(said: str, caret: str, message: str, hint: str) -> None:
    """With its place, and what to write instead."""
    text = SHARES.replace("currency: USD", f"currency: USD\ncurrencies: {{{said}}}")
    (found,) = shown(read(text).findings)
    assert found[1:3] == (caret, message)
    assert hint in found[3]


def test_lint_says_that_a_policy_never_needs_a_rate(tmp_path_factory: pytest.TempPathFactory) -> None:
    """And that its file of rates is not there, as long as there is none."""
    folder = tmp_path_factory.mktemp("never")
    (folder / "policy.yaml").write_text(taking(SHARES), encoding="utf-8")
    codes = {f.code.value for f in linted(folder).findings}
    assert {"WA401", "WA717"} <= codes


def test_a_converted_policy_is_the_converted_layers(tmp_path_factory: pytest.TempPathFactory) -> None:
    """The layers above judge a deal in its own currency as well."""
    folder = tmp_path_factory.mktemp("layers")
    (folder / "above.yaml").write_text(POLICY, encoding="utf-8")
    lower = 'policy: below\nversion: 1\nextends: above.yaml\npackage: {walk: "6,000 USD"}\n'
    (folder / "policy.yaml").write_text(lower, encoding="utf-8")
    policy = linted(folder).unwrap()
    euros = in_currency(policy, "EUR")
    assert euros.above is not None
    assert (euros.above.currency, euros.above.package.walk) == (
        "EUR",
        Scaled(Fraction(5_000), Fact(RATE, 10_000, False)),
    )


def test_what_hangs_on_another_issue_is_converted_at_each_of_its_values() -> None:
    """Worths, limits and the base of the whole."""
    text = taking(
        BASE.replace(
            "worth: -1% of deal.list_price per 1%",
            'by: support, worth: {basic: "-9 USD per 1%", gold: "-8 USD per 1%"}',
        )
    )
    euros = in_currency(read(text, {"r.csv": b""}).unwrap(), "EUR")
    rate = Fact(RATE, 10_000, whole=False)
    worths = [at.worth for at in euros.issues["discount"].by.values()]
    assert worths == [Linear(Scaled(Fraction(-amount), rate), 10_000) for amount in (9, 8)]


def test_every_part_of_a_policy_that_may_hold_an_amount_is_converted() -> None:
    """A field that the model gains and that holds numbers, units or conditions is to be converted as well."""
    converted = {
        Policy: {"deal", "issues", "package", "patterns", "rules", "claims", "quantities", "catalog", "above"},
        Issue: {"unit", "start", "worth", "wish", "want", "walk", "theirs", "by"},
        Package: {"base", "wish", "want", "walk", "by"},
        DealFact: {"unit"},
        Rule: {"condition"},
        Pattern: {"condition", "alternatives"},
    }  # fmt: skip
    multiplied = {"allows", "cap"}  # by the rate, where they are used
    holds = (
        r"\b(Const|Compare|Test|Unit|Linear|Graded|Package|Issue|Typed|FactSpec|DealFact|Rule|Pattern|Claim|Policy)\b"
    )
    for record, fields in converted.items():
        kinds = {f.name: str(f.type) for f in msgspec.structs.fields(record)}
        amounts = {name for name, kind in kinds.items() if re.search(holds, kind)} - multiplied
        assert amounts == fields, record
