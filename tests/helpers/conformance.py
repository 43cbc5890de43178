"""The conformance kit under tests/conformance: deals, and what they are answered, as data for a second implementation.

`python -m tests.helpers.conformance` makes it anew, from the cases of the packs, the features of the calculus and
tests/conformance/laws.yaml; docs/conformance.md has the format.
"""

import json
import re
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from walkaway import DeadLetter, Decision, Engine, Stream, load
from walkaway.decide import Evaluation
from walkaway_cli.scenarios.negotiation import Engines
from walkaway_cli.scenarios.replay import told_in

ROOT = Path(__file__).parents[2]
KIT = ROOT / "tests" / "conformance"
POLICIES = KIT / "policies"
DEALS = KIT / "deals"

LEDGER = (
    "give.value", "give.net", "give.run", "asked.value", "get.value", "move.value", "move.new", "ours.net",
    "theirs.net", "balance", "offer.worth",
)  # fmt: skip
"""The facts of the ledger that an answer shows."""

FEATURES = (
    "acceptance",
    "across",
    "approvals",
    "currencies",
    "dated-limits",
    "ledger",
    "lines",
    "owed",
    "patterns",
    "time",
    "unprepared",
    "verdicts",
)
"""Features, beside those of the calculus, whose scenarios are deals of the kit."""

PRINCIPLES = ("principles", "buying-principles")
"""The packs that lie in many policies, which the kit leaves out."""

Told = dict[str, Any]


def main() -> None:
    """Write policies, deals and answers anew."""
    for folder in (POLICIES, DEALS):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
    for source in sorted([*ROOT.glob("rules/*/"), *ROOT.glob("features/policies/*/")]):
        if source.name not in PRINCIPLES:
            into = POLICIES / source.name
            into.mkdir()
            for file in sorted(p for p in source.iterdir() if p.suffix in (".yaml", ".csv") and p.name != "cases.yaml"):
                (into / file.name).write_bytes(file.read_bytes())
    for name, deals in (("packs", of_packs()), ("features", of_features()), ("laws", of_laws())):
        lines = [json.dumps(deal | {"answers": answers(deal)}, ensure_ascii=False) for deal in deals]
        (DEALS / f"{name}.jsonl").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8", newline="\n")


def of_packs() -> Iterator[Told]:
    """Return the cases of every pack that stands in one policy."""
    for file in sorted(ROOT.glob("rules/*/cases.yaml")):
        if file.parent.name not in PRINCIPLES:
            yield from _told([file])


def of_features() -> Iterator[Told]:
    """Return the scenarios of the calculus, and of what the language says, each as a deal or several."""
    chosen = [*sorted((ROOT / "features" / "calculus").glob("*.feature"))]
    yield from _told([*chosen, *(ROOT / "features" / f"{name}.feature" for name in FEATURES)])


def _told(files: Iterable[Path]) -> Iterator[Told]:
    placed: Counter[str] = Counter()
    for scenario in told_in(files):
        source = re.sub(r"^(?:rules|features)/|/cases|\.feature|\.yaml|:[0-9]+$", "", scenario.place)
        placed[source] += 1
        engines = _Asked()
        events = [json.loads(line) for line in scenario.tell(engines)]
        (policy,) = engines.asked
        if events and policy not in PRINCIPLES:
            yield {"id": f"{source} {placed[source]}", "note": scenario.name, "policy": policy, "events": events}


class _Asked(Engines):
    """Engines that remember of which policies they are."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: set[str] = set()

    def get(self, path: Path) -> Engine:
        """Return the engine of a policy, and note its name."""
        self.asked.add((path if path.is_dir() else path.parent).name)
        return super().get(path)


def of_laws() -> Iterator[Told]:
    """Return the deals of laws.yaml, with ids and instants."""
    begin = datetime(2026, 11, 2, 9, tzinfo=UTC)
    for place, deal in enumerate(yaml.safe_load((KIT / "laws.yaml").read_text(encoding="utf-8"))["laws"], 1):
        now, events = begin, []
        for number, event in enumerate(deal["events"]):
            now += timedelta(hours=0 if number == 0 or event.get("after") == "0 hours" else 1)
            said = {key: value for key, value in event.items() if key != "after"}
            events.append({"id": f"e{number}", "deal": "law", "at": now.isoformat(), **said})
        yield {"id": f"law {deal['law']} {place}", **{k: deal[k] for k in ("law", "note", "policy")}, "events": events}


@cache
def engine(policy: str) -> Engine:
    """Return the engine of a policy of the kit."""
    return Engine(load(POLICIES / policy).unwrap())


def answers(deal: Told) -> list[Told]:
    """Return what walkaway answers to each event of a deal."""
    own, found = engine(deal["policy"]), []

    def recorder(of: Engine) -> Any:
        def record(evaluation: Evaluation, before: str) -> Decision:
            found.append(evaluation)
            return of.record(evaluation, before)

        return record

    told = []
    stream = Stream(own, record=recorder)
    for place, event in enumerate(deal["events"], 1):
        found.clear()
        (answer, *_) = stream.line(json.dumps(event).encode(), "deal.jsonl", place)
        told.append(_answer(own, event, answer, found))
    return told


def _answer(own: Engine, event: Told, answer: object, found: list[Evaluation]) -> Told:
    if isinstance(answer, DeadLetter):
        return {"event": event.get("id"), "dead": sorted({finding.code.value for finding in answer.findings})}
    assert isinstance(answer, Decision)
    facts = own.all_facts(found[0])
    return {
        "event": event.get("id"),
        "on": answer.on,
        "verdict": answer.verdict.value,
        **({"door": answer.door.value} if answer.door else {}),
        **({"accepting": answer.accepting.verdict.value} if answer.accepting else {}),
        "fired": sorted({reason.rule for reason in answer.reasons}),
        "reasons": [
            {"rule": r.rule, "effect": r.effect, "standing": r.standing.value, **({"by": r.by} if r.by else {})}
            for r in answer.reasons
        ],
        "ledger": {name: _number(facts[name]) for name in LEDGER if facts.get(name) is not None},
    }


def _number(value: object) -> str:
    """Return an exact number as text."""
    return str(Fraction(value)) if isinstance(value, int | Fraction) else str(value)


def kept() -> list[Told]:
    """Return the deals of the kit as they are frozen."""
    files = sorted(DEALS.glob("*.jsonl"))
    return [json.loads(line) for file in files for line in file.read_text(encoding="utf-8").splitlines()]


if __name__ == "__main__":
    main()
