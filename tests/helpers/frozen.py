"""Whole answers to made-up deals, word for word, frozen as data: whatever changes one of them is seen, and is read.

`python -m tests.helpers.frozen` makes them anew, where a change of meaning or of words is meant; what it changes is to
be looked at line by line. Deals stand there with their events, so that nothing rests on how they were made up.
"""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from random import Random
from typing import Any

from tests.helpers.agreeing import engine_of
from tests.helpers.haggling import ACROSS, DERIVED, POLICIES, TEAM, Said, haggled, haggled_in_layers
from tests.helpers.rarely import BRANCH, DESK, rarely, rarely_in_layers, rarely_with_a_party
from tests.helpers.rendered import rendering

from walkaway import Decision, Stream
from walkaway.decide.decision import encode
from walkaway.decide.sentences import sentence_of

FILE = Path(__file__).parents[1] / "engine" / "decide" / "frozen.jsonl"
NAMES = tuple(said["policy"] for said in (*POLICIES, *ACROSS, *DERIVED, TEAM, DESK, BRANCH))
_OF_THE_POLICY = ("cores", "labels", "policy", "position")
_OF_THE_RULE = ("effect", "enforcement", "sentence", "source", "why")


def main() -> None:
    """Write deals and answers anew."""
    told = [*({"policy": name, "sentences": sentences(name)} for name in NAMES)]
    told += [{"policy": name, "told": [*answered(name, events)]} for name, events in deals()]
    lines = (json.dumps(each, ensure_ascii=False, separators=(",", ":")) for each in told)
    FILE.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8", newline="\n")


def deals() -> Iterator[tuple[str, list[Said]]]:
    """Return deals made up from seeds, each with the name of its policy."""
    draw = Random(2026)
    for made, count in ((rarely, 30), (rarely_in_layers, 14), (rarely_with_a_party, 10), (haggled_in_layers, 4)):
        for _ in range(count):
            layers, events = made(draw.getrandbits(32))
            yield layers[-1]["policy"], events
    for policies in (POLICIES, ACROSS, DERIVED):
        for _ in range(6):
            said, events = haggled(draw.getrandbits(32), policies)
            yield said["policy"], events


def sentences(name: str) -> dict[str, str]:
    """Return each rule of a policy in one sentence, by its place."""
    policy = engine_of(name).policy
    return {f"{place} {rule.id}": sentence_of(policy, rule) for place, rule in enumerate(policy.rules)}


def answered(name: str, events: Iterable[Said]) -> Iterator[tuple[Said, Any]]:
    """Return each event with the answer to it: the decision in words, or the findings that make it a dead letter.

    Every decision is held against the one that its evidence renders.
    """
    stream = Stream(engine_of(name), record=rendering)
    for place, event in enumerate(events, 1):
        (answer, *_) = stream.line(json.dumps(event).encode(), "deal.jsonl", place)
        if not isinstance(answer, Decision):
            yield event, [[finding.code.value, finding.message, finding.hint] for finding in answer.findings]  # type: ignore[union-attr]
            continue
        found = json.loads(encode(answer))
        for reasons in (found, found.get("accepting", {"reasons": []})):
            reasons["reasons"] = [_reason(reason) for reason in reasons["reasons"]]
        found["obligations"] = [[each["kind"], each["rule"], each["what"]] for each in found["obligations"]]
        for key in (*_OF_THE_POLICY, "at", "deal", "event", "counteroffers"):
            found.pop(key, None)
        yield event, {key: value for key, value in found.items() if value not in ([], {}, None)}


def _reason(reason: dict[str, Any]) -> dict[str, Any]:
    """Return a reason without what its rule always says."""
    leaves = [[leaf["holds"], leaf["needed"], leaf["seen"]] for leaf in reason["leaves"]]
    said = {key: value for key, value in reason.items() if key not in _OF_THE_RULE and value}
    return {**said, "leaves": leaves}


def kept() -> list[dict[str, Any]]:
    """Return what is frozen."""
    return [json.loads(line) for line in FILE.read_text(encoding="utf-8").splitlines()]


if __name__ == "__main__":
    main()
