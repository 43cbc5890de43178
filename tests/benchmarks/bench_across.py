"""From a line to the evidence that a run writes: a policy with `by:` and a calendar beside one without, taking turns.

    python tests/benchmarks/bench_across.py [--rounds 9] [--deals 200]

Both have the same issues and rules but for what `by:` and the calendar add, and get the same lines: offers of both
sides, two in five of which name another term. Told is processor time, and the median of the rounds' ratios.
"""

import argparse
import json
import statistics
import sys
import time
from collections.abc import Sequence
from random import Random
from typing import Any

import yaml
from click.testing import CliRunner

from walkaway.deal.decode import Decoder
from walkaway.deal.encode import canonical
from walkaway.decide.engine import Core, Engine
from walkaway.policy import read
from walkaway_cli.commands.calendar import command

Said = dict[str, Any]
TURN = 5
"""So many deals are decided under one policy before the other has its turn: what disturbs one disturbs both."""
TERMS = ("12 months", "24 months", "36 months")
PLAIN: Said = {
    "policy": "plain", "version": 1, "side": "seller", "currency": "USD",
    "deal": {"year": {"type": "money", "least": "0.01 USD"}},
    "issues": {
        "term": {"type": "months", "values": list(TERMS), "start": TERMS[0], "worth": "0.5% of deal.year per month"},
        "discount": {
            "type": "percent", "start": "0%", "least": "0%", "most": "100%", "worth": "-1% of deal.year per 1%",
            "want": "8%", "walk": "20%",
        },
        "rise": {
            "type": "percent", "start": "3%", "least": "0%", "most": "100%", "worth": "1% of deal.year per 1%",
        },
        "support": {"one of": {"basic": "0 USD", "gold": "-4,000 USD"}, "start": "basic"},
        "prepay": {"type": "yes/no", "start": "no", "worth": "2% of deal.year"},
    },
    "package": {"base": "deal.year", "walk": "80% of deal.year"},
    "roles": ["manager", "director"],
    "rules": {
        "free": {"why": "w", "on": "our terms", "when": "give.value > get.value", "then": "trade"},
        "near": {
            "why": "w", "on": "our terms", "when": "room.discount < 3% and give.value > 0 USD", "then": "escalate",
            "to": "director",
        },
        "want": {
            "why": "w", "on": "our terms", "when": "room.short_of_want >= 1 and give.value > 0 USD",
            "then": "escalate", "to": "manager",
        },
        "wait": {
            "why": "w", "on": ["our offer", "our acceptance"], "when": "ours.in_a_row >= 1 and give.net > 0 USD",
            "then": "hold",
        },
        "step": {"why": "w", "on": "our terms", "when": "give.run > 20,000 USD", "then": "hold"},
        "flat": {
            "why": "w", "on": "their offer", "when": "theirs.flat >= 3 and move.value <= 0 USD", "then": "hold",
        },
    },
}  # fmt: skip


def by_term(*texts: str) -> Said:
    """Return what is said at each term."""
    return dict(zip(TERMS, texts, strict=True))


def across() -> Said:
    """Return the policy with worths and limits that hang on the term, and with a calendar."""
    said: Said = json.loads(json.dumps(PLAIN))
    issues, year = said["issues"], "of deal.year per 1%"
    del issues["term"]["worth"]
    issues["discount"] |= {
        "by": "term", "worth": by_term(f"-1% {year}", f"-2% {year}", f"-3% {year}"),
        "walk": by_term("20%", "18%", "15%"),
    }  # fmt: skip
    issues["rise"] |= {"by": "term", "worth": by_term("0 USD per 1%", f"1% {year}", f"2% {year}")}
    base = by_term("deal.year", "200% of deal.year", "300% of deal.year")
    said["package"] = {"by": "term", "base": base, "walk": "80% of package.base"}
    said["calendar"] = {"file": "calendar.csv"}
    said["rules"]["quarter"] = {
        "why": "w", "on": "our terms", "then": "escalate", "to": "director",
        "when": "calendar.business_days_to_quarter_end <= 3 and offer.discount > 15%",
    }  # fmt: skip
    return said


def calendar() -> bytes:
    """Return a table of days, as `walkaway calendar` makes it."""
    made = ["--zone", "America/New_York", "--fiscal-start", "February", "--named", "end", "--years", "2026..2027"]
    return CliRunner().invoke(command, made, standalone_mode=False).output.encode()


def engine_of(said: Said) -> Engine:
    """Return the engine of a policy that is a dictionary."""
    days = calendar()
    return Engine(read(yaml.safe_dump(said).encode(), "policy.yaml", lambda _: days).unwrap(), Core.PLAIN)


def haggled(count: int, seed: int) -> list[list[bytes]]:
    """Return the lines of deals, ten offers each."""
    random, found = Random(seed), []
    for number in range(count):
        head = {"deal": f"D{number}", "at": "2026-10-05T09:00:00Z"}
        deal = [{"id": f"{number}-0", **head, "type": "open", "facts": {"year": "100,000 USD"}}]
        for turn in range(1, 11):
            named = {
                "term": random.choice(TERMS), "discount": f"{random.randint(0, 20)}%",
                "rise": f"{random.randint(0, 5)}%", "support": random.choice(["basic", "gold"]),
                "prepay": random.choice(["yes", "no"]),
            }  # fmt: skip
            terms = {name: value for name, value in named.items() if random.random() < 0.4} or {"discount": "5%"}
            by: Said = {"by": "us", "actor": "ana"} if turn % 2 else {"by": "them"}
            at = f"2026-10-{5 + turn:02d}T09:00:00Z"
            deal.append({"id": f"{number}-{turn}", **head, "at": at, "type": "offer", "terms": terms, **by})
        found.append([json.dumps(event).encode() for event in deal])
    return found


def seconds(engine: Engine, deals: Sequence[Sequence[bytes]]) -> float:
    """Return the processor time that deals take."""
    decoder, begun = Decoder(engine.policy), time.process_time()
    for deal in deals:
        position = None
        for line in deal:
            event = decoder.decode(line).unwrap()
            evidence, position = engine.answer(position, event, "" if position is None else position.digest())
            canonical(evidence)
    return time.process_time() - begun


def main() -> int:
    """Measure, and tell."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--deals", type=int, default=200)
    asked = parser.parse_args()
    plain, other = engine_of(PLAIN), engine_of(across())
    ratios = []
    for number in range(asked.rounds + 1):
        deals, one, two = haggled(asked.deals, number), 0.0, 0.0
        for first in range(0, len(deals), TURN):
            one += seconds(plain, deals[first : first + TURN])
            two += seconds(other, deals[first : first + TURN])
        if number:  # the first warms both
            ratios.append(two / one)
            print(f"{one:.3f} s  {two:.3f} s  {two / one:.2f}")
    print(f"median of {asked.rounds} rounds: {statistics.median(ratios):.2f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
