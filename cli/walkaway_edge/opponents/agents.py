"""The process in which NegMAS bargains: scenarios and our answers come in on stdin, their offers go out on stdout.

It holds nothing of ours but values and what they are worth to the other side. Of the two parties theirs speaks first:
in NegMAS the second never makes its last offer. Whatever leaves the space of outcomes ends the process: NegMAS itself
would let it pass unless told otherwise.
"""

import contextlib
import os
import random
import sys
from collections.abc import Mapping
from typing import Any

import msgspec
import numpy as np
from negmas import LinearAdditiveUtilityFunction, ResponseType, SAOMechanism, make_issue
from negmas import sao as negmas

AGENTS = {
    "boulware": negmas.BoulwareTBNegotiator,
    "conceder": negmas.ConcederTBNegotiator,
    "linear": negmas.LinearTBNegotiator,
    "micro": negmas.MiCRONegotiator,
    "random": negmas.RandomNegotiator,
    "tit-for-tat": negmas.NaiveTitForTatNegotiator,
    "tough": negmas.ToughNegotiator,
}
"""Opponent → its negotiator."""


class Us(negmas.SAONegotiator):
    """Our side of the table: every word of it comes from whoever started this process."""

    def respond(self, state: Any, source: str | None = None, **_: Any) -> ResponseType:
        """Ask what we say to their offer."""
        answer = _asked({"offer": list(state.current_offer)})
        self.said = answer.get("offer")
        return {"accept": ResponseType.ACCEPT_OFFER, "leave": ResponseType.END_NEGOTIATION}.get(
            answer.get("reply", ""), ResponseType.REJECT_OFFER
        )

    def propose(self, state: Any, dest: str | None = None, **_: Any) -> tuple[str, ...] | None:
        """Say the terms that came with the answer."""
        return None if self.said is None else tuple(self.said)


def _asked(message: Mapping[str, Any]) -> dict[str, Any]:
    _OUT.write(msgspec.json.encode(message) + b"\n")
    _OUT.flush()
    line = sys.stdin.buffer.readline()
    if not line:
        raise SystemExit(0)
    return dict(msgspec.json.decode(line))


def bargain(scenario: Mapping[str, Any]) -> str:
    """Let one deal be bargained; say whose acceptance ended it."""
    random.seed(scenario["seed"])
    np.random.seed(scenario["seed"])
    issues = [make_issue(list(values), name) for name, values in scenario["issues"].items()]
    worth = {n: dict(zip(v, scenario["appeal"][n], strict=True)) for n, v in scenario["issues"].items()}
    theirs = LinearAdditiveUtilityFunction(values=worth, issues=issues, reserved_value=scenario["walk"])
    nobody = LinearAdditiveUtilityFunction(values={n: dict.fromkeys(v, 0) for n, v in worth.items()}, issues=issues)
    table = SAOMechanism(issues=issues, n_steps=scenario["rounds"], check_offers=True)
    table.add(AGENTS[scenario["agent"]](name="them", id="them"), ufun=theirs)
    table.add(Us(name="us", id="us"), ufun=nobody)
    state = table.run()
    if state.agreement is None:
        return "no agreement"
    return "they accepted" if state.current_proposer == "us" else "we accepted"


_OUT = os.fdopen(os.dup(1), "wb")


def main() -> None:
    """Bargain one scenario after the other, until there are no more."""
    os.dup2(2, 1)  # whatever a library prints is no answer
    message: dict[str, Any] = _asked({"ready": sorted(AGENTS)})
    while True:
        with contextlib.redirect_stdout(sys.stderr):
            ending = bargain(message)
        message = _asked({"ending": ending})


if __name__ == "__main__":
    main()
