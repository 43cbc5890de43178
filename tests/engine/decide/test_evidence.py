"""Evidence renders the decision it was gathered for, to the byte; and it is small."""

import json
import os
import random
from pathlib import Path

import msgspec
import pytest
import rfc8785
from tests.engine.conftest import RULES, SELLER, Telling
from tests.helpers.generated import decoded, generate
from tests.helpers.rendered import rendering
from tests.helpers.strategies import SEED

from walkaway import Core, Engine, Stream, load
from walkaway.deal.admission import Unfit
from walkaway.decide.core import rete
from walkaway.decide.decision import Decision
from walkaway.decide.evaluation import Evaluation
from walkaway.decide.evidence import Ledger, Sums, pack, unpack
from walkaway.decide.render import NotTold, render

both_cores = pytest.mark.skipif(
    not rete.is_available(), reason="durable-rules is not installed, and every answer says so"
)

GENERATED = int(os.environ.get("WALKAWAY_RENDERED", "6"))
"""Policies with a deal each that are tried, others at each run; the full size is 400."""
BENCHMARKS = RULES.parent / "tests" / "benchmarks"


@pytest.mark.parametrize("deal", sorted(RULES.rglob("*.jsonl")), ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_shipped_deals_are_rendered_again(deal: Path):
    """Each decision of a deal that comes with a policy is what its evidence, read back, renders."""
    policy = load(deal.parent).unwrap()
    stream = Stream(Engine(policy, Core.PLAIN), record=rendering)
    assert all(isinstance(found, Decision) for found in stream.lines(deal.read_bytes().splitlines(), deal.name))


def test_generated_deals_are_rendered_again():
    """So is each decision of generated deals: with tables, layers of limits, packages, approvals, unknown facts."""
    told = 0
    for number in range(GENERATED):
        case = generate(random.Random(f"{SEED} {number}"), 25)
        policy = case.read()
        if policy is None:
            continue
        engine, before, past = Engine(policy, Core.PLAIN), None, []
        record = rendering(engine)
        for event in decoded(policy, case.lines()):
            try:
                found = engine.evaluate(before, event, past.copy)
            except Unfit:
                continue
            record(found, "")
            before, told = found.after, told + 1
            past.append(event)
    assert told > 3 * GENERATED


def evaluations(told: Telling) -> list[Evaluation]:
    """Return the evaluations of what is told from now on."""
    seen: list[Evaluation] = []
    told.record = lambda evaluation, _: seen.append(evaluation) or told.engine.record(evaluation)
    return seen


def test_evidence_is_canonical(told):
    """What is packed is canonical JSON, and reading it and packing it again gives the same bytes."""
    told.us(discount="12%")
    seen = evaluations(told)
    told.them(discount="30%")
    told(type="approve", approver="dana", role="director", terms={"discount": "30%"})
    for evaluation in seen:
        data = pack(told.engine.evidence(evaluation))
        assert rfc8785.dumps(json.loads(data)) == data == pack(unpack(data))


@both_cores
def test_evidence_has_numbers_and_no_sentence(told):
    """Rules stand there by id, terms, facts and limits as numbers in their smallest units, the policy by its hash."""
    told.them(discount="40%")
    seen = evaluations(told)
    told.them(discount="30%")
    evidence = told.engine.evidence(seen[0])
    assert evidence.policy == told.engine.policy.sha256
    assert [(r.rule, r.effect) for r in evidence.reasons] == [("beyond-walk", "trade"), ("short-of-want", "trade")]
    assert evidence.beyond == {"discount": 200_000, "package": 8_000_000}
    assert evidence.terms == {"discount": 300_000, "term": 12, "prepay": 0, "support": "basic"}
    assert evidence.ledger == Ledger(before=Sums(), after=Sums(theirs=1_000_000))
    assert not any(" " in text for text in _texts(json.loads(pack(evidence))) if text not in _WORDS)


def test_another_policy_renders_nothing(told, tell):
    """Evidence is told only by the policy that it names, and by that only what it has."""
    seen = evaluations(told)
    told.us(discount="30%")
    evidence = told.engine.evidence(seen[0])
    with pytest.raises(NotTold, match="decided under policy"):
        render(tell(SELLER.replace("version: 1", "version: 2")).engine.policy, evidence)
    gone = msgspec.structs.replace(evidence.reasons[0], rule="gone")
    with pytest.raises(NotTold, match="no rule `gone` that gives"):
        render(told.engine.policy, msgspec.structs.replace(evidence, reasons=(gone,)))
    with pytest.raises(NotTold):
        render(told.engine.policy, msgspec.structs.replace(evidence, terms={"rebate": 1}))


@both_cores
def test_a_decision_has_at_most_900_bytes(monkeypatch):
    """On the benchmark's policy of 30 rules, at 2.7 reasons and more, evidence has 900 bytes on average."""
    monkeypatch.syspath_prepend(BENCHMARKS)
    from workload import events, policy_text, read_policy

    engine, sizes, reasons = Engine(read_policy(policy_text(30))), [], []

    def recording(engine: Engine):
        def record(evaluation, before):
            data = pack(engine.evidence(evaluation, before))
            sizes.append(len(data))
            reasons.append(len(evaluation.ruling.firings))
            return engine.record(evaluation, before)

        return record

    for _ in Stream(engine, record=recording).lines(events(20, 30), "events"):
        pass
    assert len(sizes) == 600
    assert sum(reasons) / len(reasons) >= 2.7
    assert sum(sizes) / len(sizes) <= 900


_WORDS = frozenset({"their offer", "our acceptance"})


def _texts(value) -> list[str]:
    """Return every text in a JSON value, names included."""
    if isinstance(value, dict):
        return [text for name, inner in value.items() for text in (name, *_texts(inner))]
    if isinstance(value, list):
        return [text for inner in value for text in _texts(inner)]
    return [value] if isinstance(value, str) else []
