"""What a buyer asks of a proposal: typed bounds on its terms, and products that it is to have or not."""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from walkaway import Code
from walkaway.language.values import NotAValue
from walkaway_edge.wires.adcp.agreement import (
    AdCP,
    Terms,
    from_instant,
    from_number,
    to_instant,
    to_number,
    units,
    written,
)
from walkaway_edge.wires.outcomes import Misfit, pointer_of

_Bounds = Mapping[str, tuple[str, str]]
_WIRE: _Bounds = {
    "total_budget/min": ("total_budget", "least"),
    "total_budget/max": ("total_budget", "most"),
    "cpm/max": ("cpm", "most"),
    "impressions/min": ("impressions", "least"),
    "flight/start_no_later_than": ("start", "most"),
    "flight/end_no_earlier_than": ("end", "least"),
}
"""Place in `constraints` → dimension, and which of its bounds it is."""


class TermBounds(msgspec.Struct, frozen=True):
    """What is asked of a proposal.

    Attributes:
        bounds: Place in `constraints` → bound, in the smallest unit of its dimension.
        products: Product → `include` or `omit`.
        is_worded: Whether there is free text beside it, which nobody has read yet.
    """

    bounds: Mapping[str, int] = {}
    products: Mapping[str, str] = {}
    is_worded: bool = False


def read_asked(found: Mapping[str, Any], wire: AdCP, place: str) -> TermBounds:
    """Read what a refinement asks.

    Args:
        place: Where the refinement stands in the request.

    Raises:
        Misfit: With everything that is wrong, or is not negotiated on this wire.
    """
    constraints, products = found.get("constraints", {}), found.get("product_changes", {})
    for name, value in (("constraints", constraints), ("product_changes", products)):
        if name in found and (not isinstance(value, dict) or not value):
            raise Misfit({f"{place}/{name}": "it is an object that is not empty"}, "INVALID_REQUEST")
    for name in ("alternatives", "criteria"):
        if name in found:
            raise Unsupported(f"{place}/{name}", name, wire)
    wrong: dict[str, str] = {}
    bounds: dict[str, int] = {}
    for key, inside in constraints.items():
        where = f"{place}/constraints{pointer_of(key)}"
        if key not in wire.dimensions or key == "product_changes":
            raise Unsupported(where, key, wire)
        if not isinstance(inside, dict):
            wrong[where] = "it is an object"
            continue
        wrong |= _read_bounds(key, inside, wire, where, bounds)
    least, most = (bounds.get(f"total_budget/{side}") for side in ("min", "max"))
    if least is not None and most is not None and least > most:
        wrong[f"{place}/constraints/total_budget/min"] = "the least budget is above the most"
    for product, change in products.items():
        where = f"{place}/product_changes{pointer_of(product)}"
        if not wire.options:
            raise Unsupported(where, "product_changes", wire)
        if product not in wire.options and product != wire.product_id:
            raise Misfit({where: "no such product is sold in this deal"}, "PRODUCT_NOT_FOUND")
        if change not in ("include", "omit"):
            wrong[where] = "a product is to `include` or to `omit`"
    if wrong:
        raise Misfit(wrong, "VALIDATION_ERROR", Code.EVENT_VALUE)
    return TermBounds(bounds, products, "ask" in found)


def _read_bounds(key: str, inside: Mapping[str, Any], wire: AdCP, where: str, into: dict[str, int]) -> dict[str, str]:
    wrong: dict[str, str] = {}
    sides = {place.partition("/")[2]: place for place in _WIRE if place.startswith(f"{key}/")}
    money = key in ("total_budget", "cpm")
    if not sides.keys() & inside.keys():
        wrong[where] = f"it has one of {', '.join(f'`{side}`' for side in sides)}"
    if money and inside.get("currency") != wire.currency:
        wrong[f"{where}/currency"] = f"the currency is {wire.currency} from beginning to end"
    for name, value in inside.items():
        place = f"{where}{pointer_of(name)}"
        if name not in sides:
            if not money or name != "currency":
                wrong[place] = "it is no field of this constraint"
            continue
        dimension, _ = _WIRE[sides[name]]
        try:
            into[sides[name]] = from_instant(value) if key == "flight" else from_number(dimension, value, wire)
            if key in ("cpm", "impressions") and not into[sides[name]]:
                raise NotAValue("it is more than 0")
        except NotAValue as problem:
            wrong[place] = str(problem)
    return wrong


def write_asked(asked: TermBounds, wire: AdCP) -> dict[str, Any]:
    """Write what `read_asked` reads as that, but for free text."""
    found: dict[str, Any] = {}
    for place, bound in asked.bounds.items():
        key, _, side = place.partition("/")
        value = to_instant(bound) if key == "flight" else to_number(_WIRE[place][0], bound, wire)
        money = {"currency": wire.currency} if key in ("total_budget", "cpm") else {}
        found.setdefault(key, {}).update({side: value, **money})
    made: dict[str, Any] = {"constraints": found} if found else {}
    return made | ({"product_changes": dict(asked.products)} if asked.products else {})


def wanted(asked: TermBounds, source: Terms, wire: AdCP, place: str) -> Terms:
    """Return the package that they ask for: what they were offered, moved to the bounds that it does not meet.

    Raises:
        Misfit: Where a bound is on a term that is fixed, or a product is not to be had.
    """
    terms = dict(source)
    fixed: dict[str, str] = {}
    for at, bound in asked.bounds.items():
        dimension, side = _WIRE[at]
        nearest: Callable[[int, int], int] = min if side == "most" else max
        now = units(
            dimension, terms[wire.issues[dimension]] if dimension in wire.issues else wire.fixed[dimension], wire
        )
        if nearest(now, bound) == now:
            continue
        if dimension not in wire.issues:
            fixed[f"{place}/constraints/{at}"] = f"it is {written(dimension, now, wire)} in this deal"
            continue
        terms[wire.issues[dimension]] = written(dimension, bound, wire)
    for product, change in asked.products.items():
        if product in wire.options:
            terms[wire.options[product].issue] = "yes" if change == "include" else "no"
        elif change == "omit":
            fixed[f"{place}/product_changes{pointer_of(product)}"] = "this product is what is sold"
    if fixed:
        raise Misfit(fixed, "constraint_unsatisfiable", Code.EVENT_VALUE)
    return terms


def unmet(asked: TermBounds, terms: Terms, wire: AdCP) -> tuple[list[str], dict[str, str]]:
    """Return what of that a package does not meet: keys of `constraints`, and product changes."""
    keys: list[str] = []
    for at, bound in asked.bounds.items():
        dimension, side = _WIRE[at]
        text = terms[wire.issues[dimension]] if dimension in wire.issues else wire.fixed[dimension]
        has = units(dimension, text, wire)
        if (has > bound) if side == "most" else (has < bound):
            keys.append(at.partition("/")[0])
    products = {
        product: change
        for product, change in asked.products.items()
        if (terms[wire.options[product].issue] if product in wire.options else "yes")
        != ("yes" if change == "include" else "no")
    }
    return list(dict.fromkeys(keys)), products


class Unsupported(Misfit):
    """Something is asked that is not negotiated on this wire."""

    def __init__(self, where: str, dimension: str, wire: AdCP) -> None:
        super().__init__({where: f"`{dimension}` is not negotiated here"}, "UNSUPPORTED_FEATURE", Code.EVENT_FIELD)
        self.details = {"unsupported_dimension": dimension, "supported_dimensions": list(wire.dimensions)}
