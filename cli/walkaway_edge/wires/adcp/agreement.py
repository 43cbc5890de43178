"""What is agreed with a buyer about this wire, as data, and the values that its numbers are: exact both ways.

Fields are those of the schemas of AdCP 3.2: `commercial_terms` of a proposal, with one price for all that is bought.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Literal

import msgspec

from walkaway.language.instants import DAY, format_day, instant_of, instant_text
from walkaway.language.values import Kind, NotAValue, Unit, format_value, parse_value
from walkaway_edge.problems import EdgeProblem
from walkaway_edge.wires.numbers import read_number, write_number
from walkaway_edge.wires.outcomes import Misfit, canonical

Terms = Mapping[str, str]
"""Issue → value as an event has it."""
DIMENSIONS: Mapping[str, Kind] = {
    "total_budget": Kind.MONEY,
    "cpm": Kind.MONEY,
    "impressions": Kind.COUNT,
    "start": Kind.DAY,
    "end": Kind.DAY,
}
"""What is negotiated: the budget, the price of a thousand impressions, how many there are, the days on which it begins
and has ended."""


class ProductOption(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A product that may be bought beside the main one, at the same price.

    Attributes:
        issue: The issue, yes or no, that says whether it is.
        impressions: How many of all impressions are its own.
    """

    issue: str
    pricing_option_id: str
    impressions: int = 0


class AdCP(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is agreed with one buyer about this wire; data, made once.

    Attributes:
        currency: In which all is priced, ISO 4217.
        name: How proposals are called.
        product_id, pricing_option_id, pricing_model: What is sold.
        issues: Dimension → issue; see `DIMENSIONS`.
        draft_seconds, hold_seconds: How long a draft and a committed proposal bind.
        products: The canonical products that answers show.
        fixed: Dimension → value, of those that are no issue. Without both there is no such term.
        options: Product → what else may be bought.
        facts: What is set when a deal opens.
        criteria: Criterion of a request → the values that are sold as asked; any other is refused.
        reasons: The policy's signal as which a reason they give is kept, unconfirmed and sealed; empty to keep none.
    """

    currency: str
    name: str
    product_id: str
    pricing_option_id: str
    pricing_model: Literal["cpm", "vcpm"]
    issues: Mapping[str, str]
    draft_seconds: int
    hold_seconds: int
    products: tuple[Mapping[str, Any], ...]
    fixed: Mapping[str, str] = {}
    options: Mapping[str, ProductOption] = {}
    facts: Mapping[str, Any] = {}
    criteria: Mapping[str, tuple[Any, ...]] = {}
    reasons: str = ""

    @property
    def dimensions(self) -> tuple[str, ...]:
        """Return what is declared as `proposal_refinement.supported_dimensions`."""
        known = ("total_budget", "cpm", "impressions")
        named = [name for name in known if name in self.issues or name in self.fixed]
        return (*named, "flight", *(["product_changes"] if self.options else []))


def read_agreement(data: bytes) -> AdCP:
    """Read an agreement from JSON.

    Raises:
        EdgeProblem: Where it is none, with the first thing that is wrong.
    """
    try:
        found = msgspec.json.decode(data, type=AdCP)
    except (msgspec.DecodeError, UnicodeDecodeError) as problem:
        raise EdgeProblem(f"the agreement cannot be read: {problem}") from problem
    for wrong in _faults(found):
        raise EdgeProblem(f"the agreement does not fit: {wrong}")
    return found


def _faults(wire: AdCP) -> Iterator[str]:
    named = [*wire.issues.values(), *(option.issue for option in wire.options.values())]
    if len(set(named)) < len(named):
        yield "two terms go in as one issue"
    for name in (*wire.issues, *wire.fixed):
        if name not in DIMENSIONS or (name in wire.issues and name in wire.fixed):
            yield f"`{name}` is one of {', '.join(DIMENSIONS)}, and either an issue or fixed"
    for name in ("cpm", "start", "end"):
        if name not in wire.issues and name not in wire.fixed:
            yield f"`{name}` is neither an issue nor fixed"
    if not wire.products:
        yield "`products` shows what is sold: at least one"
    if wire.product_id in wire.options:
        yield f"`{wire.product_id}` is sold, and an option too"
    if min(wire.draft_seconds, wire.hold_seconds) < 1:
        yield "a proposal binds for a second or longer"
    for name, text in wire.fixed.items():
        try:
            units(name, text, wire)
        except NotAValue as problem:
            yield f"`{name}`: {problem}"


def unit_of(name: str, wire: AdCP) -> Unit:
    kind = DIMENSIONS[name]
    return Unit(kind, wire.currency if kind is Kind.MONEY else "")


def units(name: str, text: str, wire: AdCP) -> int:
    """Return a value in the smallest unit of its dimension.

    Raises:
        NotAValue: Where it is none, or lies between two.
    """
    found = parse_value(text, unit_of(name, wire))
    if not isinstance(found, int) or (found < 0 and DIMENSIONS[name] is not Kind.DAY):
        raise NotAValue(f"`{text}` cannot be said exactly on this wire")
    return found


def written(name: str, value: int, wire: AdCP) -> str:
    """Return a value as an event has it."""
    return format_day(value) if DIMENSIONS[name] is Kind.DAY else format_value(value, unit_of(name, wire))


def from_number(name: str, value: Any, wire: AdCP) -> int:
    """Return a number of the wire in the smallest unit of its dimension.

    Raises:
        NotAValue: Where it is none, or lies between two units.
    """
    return read_number(value, unit_of(name, wire))


def to_number(name: str, value: int, wire: AdCP) -> int | float:
    """Return a value as the number of the wire that `from_number` reads as it.

    Raises:
        NotAValue: Where no double is exactly that.
    """
    return write_number(value, unit_of(name, wire))


def from_instant(text: Any) -> int:
    """Return the day that begins at an instant, in days since 1970.

    Raises:
        NotAValue: Where it is no instant, or no day begins then in UTC.
    """
    instant = instant_of(text)
    if instant is None or instant % DAY:
        raise NotAValue("it is no beginning of a day in UTC, as 2026-10-01T00:00:00Z")
    return instant // DAY


def to_instant(day: int) -> str:
    return instant_text(day * DAY)


def commercial(terms: Terms, wire: AdCP, brand: Mapping[str, Any]) -> dict[str, Any]:
    """Write a whole package as `commercial_terms`: what `read_commercial` reads as that.

    Raises:
        NotAValue: Where an issue is missing or not of this wire, or its value cannot be said on it.
    """
    known = {*wire.issues.values(), *(option.issue for option in wire.options.values())}
    if terms.keys() != known:
        names = ", ".join(f"`{name}`" for name in sorted(terms.keys() ^ known))
        raise NotAValue(f"{names}: a package is of the issues of this wire, all of them")
    said = {name: units(name, terms[issue], wire) for name, issue in wire.issues.items()}
    said |= {name: units(name, text, wire) for name, text in wire.fixed.items()}
    if said["start"] >= said["end"]:
        raise NotAValue("the flight ends before it starts")
    flight = {"start_time": to_instant(said["start"]), "end_time": to_instant(said["end"])}
    bought = [
        (product, option.pricing_option_id, option.impressions)
        for product, option in wire.options.items()
        if parse_value(terms[option.issue], Unit(Kind.YES_NO)) == 1
    ]
    main = said.get("impressions", 0) - sum(impressions for _, _, impressions in bought)
    if main < 0:
        raise NotAValue("there are fewer impressions than the options have")
    purchases = []
    for product, priced, impressions in ((wire.product_id, wire.pricing_option_id, main), *bought):
        price: dict[str, Any] = {
            "pricing_option_id": priced,
            "pricing_model": wire.pricing_model,
            "currency": wire.currency,
        }
        price["fixed_price"] = to_number("cpm", said["cpm"], wire)
        purchase: dict[str, Any] = {"product_id": product, "pricing_option_id": priced, "pricing": price, **flight}
        if "impressions" in said:
            purchase["impressions"] = to_number("impressions", impressions, wire)
        purchases.append(purchase)
    found: dict[str, Any] = {"brand": dict(brand), "purchases": purchases, **flight}
    if "total_budget" in said:
        amount = to_number("total_budget", said["total_budget"], wire)
        found["total_budget"] = {"amount": amount, "currency": wire.currency}
    return found


def read_commercial(found: Mapping[str, Any], wire: AdCP, brand: Mapping[str, Any]) -> Terms:
    """Read the package that `commercial_terms` are, to the last field.

    Raises:
        Misfit: Where they are anything else than what `commercial` writes.
    """
    try:
        purchases = found["purchases"]
        bought = {purchase["product_id"] for purchase in purchases}
        said = {
            "cpm": from_number("cpm", purchases[0]["pricing"]["fixed_price"], wire),
            "start": from_instant(found["start_time"]),
            "end": from_instant(found["end_time"]),
        }
        if "total_budget" in wire.issues:
            said["total_budget"] = from_number("total_budget", found["total_budget"]["amount"], wire)
        if "impressions" in wire.issues:
            each = [from_number("impressions", purchase["impressions"], wire) for purchase in purchases]
            said["impressions"] = sum(each)
        terms = {issue: written(name, said[name], wire) for name, issue in wire.issues.items()}
        terms |= {option.issue: "yes" if name in bought else "no" for name, option in wire.options.items()}
        if canonical(commercial(terms, wire, brand)) == canonical(found):
            return terms
        raise NotAValue("they have more terms than are agreed on")
    except (KeyError, TypeError, IndexError, AttributeError, NotAValue) as problem:
        wrong = {"/commercial_terms": f"these are no terms of this wire: {problem}"}
        raise Misfit(wrong, "VALIDATION_ERROR") from problem
