"""The policies that ship, to be taken over: found, put into another currency, named for the folder they go to.

They stand in `rules/` of a checkout, and inside the package where walkaway was installed from a wheel.
"""

import re
from collections.abc import Iterator
from decimal import Decimal
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

from walkaway.language import DECIMALS


class Pack(NamedTuple):
    """A policy to begin with.

    Attributes:
        side: Whose it is, `seller` or `buyer`.
        other: The pack that is the other side of the same table.
    """

    name: str
    side: str
    title: str
    other: str


PACKS = (
    Pack(
        "principles",
        "seller",
        "122 principles of negotiation as rules, to build on",
        "buying-principles",
    ),
    Pack("buying-principles", "buyer", "the same principles as rules for who buys", "principles"),
    Pack("saas-discounting", "seller", "new business: discounts on annual subscriptions", "procurement"),
    Pack(
        "renewals",
        "seller",
        "renewals: the increase, seats, and what it takes to stay flat",
        "vendor-renewals",
    ),
    Pack("vendor-renewals", "buyer", "renewals of what we use: the increase, seats, term", "renewals"),
    Pack("procurement", "buyer", "purchases from one of several suppliers", "saas-discounting"),
    Pack("used-car", "buyer", "one price, with a better car waiting elsewhere", "car-sale"),
    Pack("car-sale", "seller", "one price, with another buyer waiting", "used-car"),
    Pack(
        "job-offer",
        "buyer",
        "an employer's offer: six issues, and what each costs in a year",
        "job-candidate",
    ),
    Pack("job-candidate", "seller", "a candidate's terms: six issues, and what each brings in a year", "job-offer"),
)
"""Every pack, in the order in which they are listed."""

WRITTEN_IN = "USD"
"""The currency that every pack is written in."""

_NAMED = re.compile(r'(?<=the policy ")rules/([a-z-]+)(?:/([^"]+))?(?=")')
_AMOUNT = re.compile(rf"(?<![\w.,])([0-9][0-9,]*(?:\.[0-9]+)?) {WRITTEN_IN}\b")


def pack_called(name: str) -> Pack | None:
    """Return the pack of that name."""
    return next((pack for pack in PACKS if pack.name == name), None)


def files_of(pack: Pack, currency: str = WRITTEN_IN, policy: str = "", folder: str = "") -> dict[str, str]:
    """Return the files of a pack, by name, as they are to be written.

    Args:
        currency: ISO 4217 code. An amount keeps its number of minor units: what lies a unit past a limit still does.
        policy: What the policy is called from now on.
        folder: Where it goes, as it is typed in a shell.
    """
    texts = {path.name: path.read_text(encoding="utf-8") for path in _paths(pack.name)}
    for other in sorted({m[1] for text in texts.values() for m in _NAMED.finditer(text)} - {pack.name}):
        texts[f"{other}.yaml"] = next(p for p in _paths(other) if p.name == "policy.yaml").read_text(encoding="utf-8")
    return {
        name: _renamed(_in_currency(text, currency), pack.name, policy, folder) for name, text in sorted(texts.items())
    }


def _paths(name: str) -> Iterator[Path]:
    """Return the files of a pack; the scenarios of the principles stand beside the features of the checkout."""
    installed = Path(str(files("walkaway_cli"))) / "packs"
    checkout = Path(__file__).parents[2]
    if installed.is_dir():
        yield from (installed / name).iterdir()
    else:
        yield from (checkout / "rules" / name).iterdir()
        yield from (checkout / "features" / name).glob("*.feature")


def _in_currency(text: str, currency: str) -> str:
    """Return a text with every amount in another currency."""
    shift = DECIMALS[WRITTEN_IN] - DECIMALS[currency]

    def amount(match: re.Match[str]) -> str:
        number = Decimal(match[1].replace(",", "")).scaleb(shift)
        return f"{int(number) if number == int(number) else number:,} {currency}"

    scaled = _AMOUNT.sub(amount, text) if shift else text
    return re.sub(rf"\b{WRITTEN_IN}\b", currency, scaled)


def _renamed(text: str, name: str, policy: str, folder: str) -> str:
    """Return a text in which the pack is called, and lies, otherwise."""
    text = _NAMED.sub(lambda m: m[2] or ("." if m[1] == name else f"{m[1]}.yaml"), text)
    if folder:
        text = re.sub(rf"\brules/{name}(?![\w-])", lambda _: folder, text)
    if not policy:
        return text
    named = re.compile(rf"^(policy:|Feature:) {name}\b(?!-)", re.MULTILINE)
    return named.sub(lambda m: f"{m[1]} {policy}", text, count=1)
