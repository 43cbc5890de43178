"""A policy that takes deals in several currencies, with the rates of `tests/cases/rates.csv`, and deals under it."""

import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from click.testing import CliRunner

from walkaway import DeadLetter, Decision, Engine, Policy, Stream
from walkaway import policy as policies
from walkaway_cli.commands.rates import command

PUBLISHED = Path(__file__).parents[1] / "cases" / "rates.csv"
POLICY = """\
policy: abroad
version: 1
side: seller
currency: USD
currencies:
  accepted: [EUR, GBP, JPY, KWD, ISK, RUB, TRY, HUF, CHF]
  rates: {file: rates.csv, per: EUR, max_age: 6 days}
  drift: 5%
roles: [manager, director]
deal:
  list_price: {type: money, least: 0.01 USD}
issues:
  discount: {type: percent, start: 0%, worth: -1% of deal.list_price per 1%, least: 0%, most: 100%, walk: 30%}
  reference: {type: yes/no, start: no, worth: "3,000 USD"}
package: {base: deal.list_price, walk: "5,000 USD"}
rules:
  big-give:
    why: What costs a lot is seen by a manager.
    on: our terms
    when: give.value > 10,000 USD
    unless: approved.manager
    then: escalate
    to: manager
"""
DRIFTING = """\
  re-price:
    why: A rate that has run away is pinned anew first.
    on: our terms
    when: fx.drift > 3%
    then: hold
"""


@lru_cache(1)
def rates() -> bytes:
    """Return the file of rates that `walkaway rates` makes of the published one."""
    done = CliRunner().invoke(command, [str(PUBLISHED), "--published", "16:30 Europe/Berlin"], standalone_mode=False)
    assert done.exception is None, done.exception
    return done.stdout.encode()


def published(day: str, currency: str) -> str:
    """Return the digits of a day in the published file."""
    header, *rows = [line.split(",") for line in PUBLISHED.read_text(encoding="utf-8").splitlines()]
    row = next(row for row in rows if row[0] == day)
    return row[header.index(currency)]


def made(*rows: tuple[str, str, str]) -> bytes:
    """Return a file with a rate for each day and currency, published at half past three."""
    lines = [f"{day},{currency},{rate},{day}T15:30:00Z" for day, currency, rate in rows]
    return "\n".join(("day,currency,rate,published", *lines)).encode()


def abroad(text: str = POLICY, file: bytes | None = None) -> Policy:
    """Return the policy, with its rates or others."""
    given = {"rates.csv": rates() if file is None else file}
    return policies.read(text.encode(), "policy.yaml", given.get).unwrap()


Event = Mapping[str, object]


def opened(currency: str, at: str, amount: str, deal: str = "d", **more: object) -> Event:
    """Return an opening in a currency."""
    facts = {"list_price": f"{amount} {currency}"}
    return {"id": "e1", "deal": deal, "at": at, "type": "open", "currency": currency, "facts": facts, **more}


def offer(at: str, discount: str, name: str = "e2", deal: str = "d", **terms: str) -> Event:
    """Return an offer of ours."""
    said = {"discount": discount, **terms}
    return {"id": name, "deal": deal, "at": at, "type": "offer", "by": "us", "actor": "rep", "terms": said}


def decided(policy: Policy, *events: Event) -> list[Decision]:
    """Return the decisions on events, one after the other."""
    stream, found = Stream(Engine(policy)), []
    for number, event in enumerate(events, 1):
        (answer,) = stream.line(json.dumps(event).encode(), "deal", number)
        assert isinstance(answer, Decision), answer.findings if isinstance(answer, DeadLetter) else answer
        found.append(answer)
    return found
