"""What holds for every policy and every deal: the laws of design.md, sections 1, 4 and 7, on generated cases."""

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from random import Random
from typing import Any

import msgspec
import pytest
import rfc8785
from hypothesis import assume, given, seed
from hypothesis import strategies as st
from tests.helpers.deciding import Step, follow
from tests.helpers.generated import BUILT_IN, Case, decoded, generate
from tests.helpers.processes import PATIENCE_S
from tests.helpers.strategies import SEED, bounded, cases

from walkaway.deal.admission import Unfit
from walkaway.deal.letters import DeadLetter
from walkaway.deal.position import Position
from walkaway.decide.decision import Decision, encode
from walkaway.decide.engine import Core, Engine
from walkaway.events import BARGAINING, Door, Offer, On, Verdict
from walkaway.language.expr.tree import evaluate
from walkaway.language.values import Value
from walkaway.policy import Policy
from walkaway.policy.model import Graded
from walkaway.session.stream import Stream

pytestmark = [pytest.mark.slow, pytest.mark.search]

law = seed(SEED)
"""Every law runs under one seed."""
few = bounded(15, 25)
SEVERE = st.sampled_from([{"then": "refuse"}, {"then": "walk"}, {"then": "walk", "door": "closed"}])


def steps(case: Case, root: dict[str, Any] | None = None) -> Iterator[Step]:
    """Decide a case's deal; nothing where its policy has errors."""
    policy = case.read(root=root)
    if policy is not None:
        yield from follow(Engine(policy, Core.PLAIN), decoded(policy, case.lines()))


def severity(decision: Decision) -> tuple[Verdict, bool]:
    """Return how severe an answer is: the verdict, and whether the door is closed."""
    return decision.verdict, decision.door == Door.CLOSED


def without_places(decision: Decision) -> dict[str, Any]:
    """Return a decision as JSON holds it, less what names the file: lines of rules, and the hash of its bytes."""
    found: dict[str, Any] = json.loads(encode(decision))
    del found["policy"]["sha256"]
    for reason in [*found["reasons"], *found.get("accepting", {}).get("reasons", ())]:
        del reason["source"]
    return found


def answers(case: Case, *, mirrored: bool = False, root: dict[str, Any] | None = None) -> list[Decision | str] | None:
    """Return for each line its decision, or the code of the finding that it gives."""
    policy = case.read(mirrored=mirrored, root=root)
    if policy is None:
        return None
    found: list[Decision | str] = []
    for answer in Stream(Engine(policy)).lines(case.lines(mirrored=mirrored), "deal"):
        assert isinstance(answer, Decision | DeadLetter)
        found.append(answer if isinstance(answer, Decision) else answer.findings[0].code.value)
    return found


# Order


@law
@few
@given(cases(), st.randoms(use_true_random=False))
def test_order_of_rules_changes_nothing(case: Case, rng: Random) -> None:
    """Rules and definitions in another order give the same decisions, but for lines and the file's hash."""
    root = dict(case.root)
    for key in ("define", "rules") if "define" in root else ("rules",):
        root[key] = dict(rng.sample(sorted(root[key].items()), len(root[key])))
    for one, other in zip(steps(case), steps(case, root), strict=True):
        assert without_places(one.decision) == without_places(other.decision)


# Adding


@law
@few
@given(cases(), st.integers(0, 99))
def test_adding_a_rule_never_makes_the_answer_less_severe(case: Case, which: int) -> None:
    """A rule that gives a verdict leaves every answer as it was, or more severe; one that only advises leaves it."""
    rules = case.root["rules"]
    added = sorted(r for r, node in rules.items() if isinstance(node, dict) and isinstance(node.get("then"), str))
    if not added:
        return
    name = added[which % len(added)]
    fewer = case.read(root={**case.root, "rules": {r: n for r, n in rules.items() if r != name}})
    more = case.read()
    if fewer is None or more is None:
        return
    without = Engine(fewer, Core.PLAIN)
    silent = rules[name].get("enforcement") in ("advisory", "shadow")
    # The positions are those of the policy with the rule: a table or a fact that only this rule reads counts in both.
    for step in follow(Engine(more, Core.PLAIN), decoded(more, case.lines())):
        answer, _ = without.decide(step.before, step.event, history=step.history)
        assert severity(step.decision) >= severity(answer)
        if silent:
            assert severity(step.decision) == severity(answer)


@law
@few
@given(cases(), st.sampled_from(["advisory", "shadow"]))
def test_advisory_and_shadow_rules_never_decide(case: Case, enforcement: str) -> None:
    """With every rule of its own made advisory, or shadow, a policy answers as one that has none."""
    rules = case.root["rules"]
    lifted = {
        r: {**{k: v for k, v in n.items() if k != "by"}, "enforcement": enforcement}
        if isinstance(n, dict) and r not in BUILT_IN and isinstance(n.get("then"), str)
        else n
        for r, n in rules.items()
    }
    bare = case.read(root={**case.root, "rules": {r: n for r, n in rules.items() if r in BUILT_IN}})
    if bare is None:
        return
    without = Engine(bare, Core.PLAIN)
    for step in steps(case, {**case.root, "rules": lifted}):
        answer, after = without.decide(step.before, step.event, history=step.history)
        assert severity(step.decision) == severity(answer)
        assert (step.after.left, step.after.moved) == (after.left, after.moved)


# Built-in rules


@law
@few
@given(cases(), st.sampled_from(BUILT_IN), SEVERE)
def test_more_severe_built_in_rule_stays(case: Case, name: str, effect: dict[str, str]) -> None:
    """A built-in rule that a policy makes more severe gives that verdict, or a more severe one, wherever it fires."""
    wanted = Verdict(effect["then"])
    root = {**case.root, "rules": {**case.root["rules"], name: effect}}
    for step in steps(case, root):
        if any(r.rule == name and r.source == "built-in" for r in step.decision.reasons):
            assert severity(step.decision) >= (wanted, effect.get("door") == "closed")


@pytest.mark.parametrize("name", BUILT_IN)
@pytest.mark.parametrize("verdict", Verdict)
def test_built_in_rule_is_never_milder(name: str, verdict: Verdict) -> None:
    """A policy that makes a built-in rule milder has a finding; another one has the verdict asked for, or more."""
    case = generate(Random(1), 2)
    node = {"then": verdict.value} | ({"to": "manager"} if verdict is Verdict.ESCALATE else {})
    root = {**case.root, "roles": ["manager"], "rules": {name: node}}
    plain = case.read(root={**root, "rules": {"r": {"why": "A reason.", "on": "tick", "then": "hold"}}})
    assert plain is not None
    least = max(r.effect.severity for r in plain.rules if r.id == name)
    changed = case.read(root=root)
    assert (changed is None) == (verdict.rank < least)
    if changed is not None:
        for on in {r.on for r in plain.rules if r.id == name}:
            assert max(r.effect.severity for r in changed.rules if r.id == name and r.on == on) >= verdict.rank


# Limits


@law
@bounded(20, 50)
@given(cases())
def test_nothing_proceeds_beyond_walk(case: Case) -> None:
    """Terms past a walk value, or at the BATNA, are refused when ours and countered when theirs, at the least."""
    policy = case.read()
    if policy is None:
        return
    for step in follow(Engine(policy), decoded(policy, case.lines())):
        if step.on not in BARGAINING:
            continue
        terms = step.found.move.terms if step.found.move is not None else {}
        verdict = step.decision.verdict
        if not step.prepared:
            assert verdict >= Verdict.HOLD
        elif any(beyond(policy, step.position, i, v) for i, v in terms.items()) or worthless(step):
            assert verdict >= (Verdict.TRADE if step.on is On.THEIR_OFFER else Verdict.REFUSE)


def beyond(policy: Policy, position: Position, name: str, value: Value) -> bool:
    """Return whether a value is worse for us than the walk value, by its worth where words are ordered by theirs."""
    walk, issue = position.known[f"walk.{name}"], policy.issues[name]
    if walk is None:
        return False
    if isinstance(issue.worth, Graded):
        ours, least = (evaluate(issue.worth.worths[v], position.known) for v in (value, walk))
        return ours is not None and least is not None and ours < least
    assert isinstance(value, int | Fraction)
    assert isinstance(walk, int | Fraction)
    return value < walk if issue.better > 0 else value > walk


def worthless(step: Step) -> bool:
    """Return whether the whole is below the package's walk value, or no better than the BATNA."""
    worth, known = step.facts["offer.worth"], step.position.known
    walk, batna = known["walk.package"], known["batna.worth"]
    assert isinstance(worth, int | Fraction)
    return (isinstance(walk, int | Fraction) and worth < walk) or (isinstance(batna, int | Fraction) and worth <= batna)


# The mirror


@law
@bounded(20, 50)
@given(cases())
def test_buyer_is_the_mirror_of_a_seller(case: Case) -> None:
    """With the other side, and every quantity of an issue, its limits and its worth mirrored, the answers are the same.

    The mirror turns each quantity of an issue into its negative, wherever it stands: start, limits, terms, and the
    facts that show them; what a step is worth turns with it. What is counted in worth or room stays.
    """
    other = {"seller": "buyer", "buyer": "seller"}[case.root["side"]]
    ours, theirs = answers(case), answers(case, mirrored=True, root={**case.root, "side": other})
    assert (ours is None) == (theirs is None)
    for one, mirror in zip(ours or (), theirs or (), strict=True):
        if isinstance(one, str) or isinstance(mirror, str):
            assert one == mirror
            continue
        assert severity(one) == severity(mirror)
        assert [(r.rule, r.standing, r.say) for r in one.reasons] == [
            (r.rule, r.standing, r.say) for r in mirror.reasons
        ]
        assert one.room == mirror.room


# Bytes


@law
@few
@given(cases())
def test_same_input_gives_the_same_bytes(case: Case) -> None:
    """Read and decided a second time, a case gives its decisions byte for byte, event by event and as a stream."""
    once, again = answers(case), answers(case)
    assert once == again
    decisions = [d for d in once or () if isinstance(d, Decision)]
    assert [encode(d) for d in decisions] == [encode(d) for d in again or () if isinstance(d, Decision)]
    policy = case.read()
    if policy is not None:
        one_by_one = [encode(s.decision) for s in follow(Engine(policy), decoded(policy, case.lines()))]
        assert one_by_one == [encode(d) for d in decisions]


ANSWER = """
import sys
from pathlib import Path
from walkaway import Decision, Engine, Stream, encode, load
for folder in sorted(Path(sys.argv[1]).iterdir()):
    policy = load(folder).value
    if policy is not None:
        for answer in Stream(Engine(policy)).lines((folder / "deal.jsonl").read_bytes().splitlines(), "deal"):
            sys.stdout.buffer.write((encode(answer) if isinstance(answer, Decision) else b"-") + b"\\n")
"""


def test_same_input_gives_the_same_bytes_in_another_process(tmp_path: Path) -> None:
    """Fresh processes with other hash seeds give the same bytes, so nothing rests on the order of a set."""
    for number in range(12):
        case = generate(Random(SEED + number))
        folder = tmp_path / f"{number:02d}"
        folder.mkdir()
        (folder / "policy.yaml").write_bytes(case.policy())
        (folder / "deal.jsonl").write_bytes(b"\n".join(case.lines()))
        for name, text in case.tables.items():
            (folder / name).write_text(text)

    def answer(hash_seed: str) -> bytes:
        command = [sys.executable, "-c", ANSWER, str(tmp_path)]
        environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
        return subprocess.run(command, env=environment, capture_output=True, check=True, timeout=PATIENCE_S).stdout

    first = answer("1")
    assert first == answer("2")
    assert first.count(b"\n") > 200


@law
@few
@given(cases(20), st.text(st.characters(codec="utf-8"), min_size=1, max_size=20))
def test_decisions_are_canonical_json(case: Case, text: str) -> None:
    """A decision's bytes are those that an implementation of RFC 8785 gives for the same object, odd texts included."""
    for step in steps(case):
        decision = msgspec.structs.replace(step.decision, advice=text, deal=text + '\x7f\u2028\x00\x1f\b\f"\\/é😀')
        for one in (step.decision, decision):
            assert encode(one) == rfc8785.dumps(json.loads(encode(one)))


@law
@few
@given(cases())
def test_digests_chain_decisions(case: Case) -> None:
    """A decision names the position it was made in by the digest that the one before it left."""
    last = ""
    for step in steps(case):
        digests = step.decision.position
        assert digests.before == last == (step.before.digest() if step.before is not None else "")
        assert digests.after == step.after.digest()
        if step.before is not None:
            # Saying again what is known already changes what the deal brought, and nothing that can be told from it.
            brought = {"facts": {}, "limits": {}}
            before, after = (msgspec.structs.replace(p, **brought) for p in (step.before, step.after))
            assert (digests.after == digests.before) == (after == before)
        last = digests.after


# Cost


def calls_of(engine: Engine, position: Position, event: Offer) -> int:
    """Count the calls, Python's and C's, that one decision makes."""
    count = 0

    def note(_frame: object, kind: str, _argument: object) -> None:
        nonlocal count
        count += kind in ("call", "c_call")

    sys.setprofile(note)
    try:
        engine.decide(position, event, "0")
    finally:
        sys.setprofile(None)
    return count


@law
@bounded(8)
@given(cases(8))
def test_cost_of_a_decision_does_not_depend_on_history(case: Case) -> None:
    """The 1,000th offer of a deal takes as many steps, and leaves a position as large, as the 20th of the same terms.

    Offers come round again and again, so that what a pattern must remember, the values it has seen, stops growing.
    """
    policy = case.read()
    assume(policy is not None)
    assert policy is not None
    engine = Engine(policy, Core.PLAIN)
    events = decoded(policy, case.lines())
    offers = [e for e in events if isinstance(e, Offer)][:4]
    position: Position | None = None
    counts: dict[int, tuple[int, int]] = {}
    fired: list[set[tuple[str, str]]] = []
    for event in events[:1]:
        with contextlib.suppress(Unfit):
            _, position = engine.decide(None, event)
    assume(position is not None and offers and not position.missing)
    assert position is not None
    for number in range(1, 1_001):
        offer = msgspec.structs.replace(offers[number % len(offers)], id=f"n{number}", instant=position.last + 1)
        if number in (20, 980):
            answer, _ = engine.decide(position, offer)
            fired.append({(r.rule, r.standing) for r in answer.reasons})
            counts[number] = calls_of(engine, position, offer), len(msgspec.json.encode(position, enc_hook=str))
        _, position = engine.decide(position, offer)
    assume(fired[0] == fired[1])  # a rule that fires only after a hundred offers has its reason to write then
    (early, small), (late, large) = counts[20], counts[980]
    assert late <= early * 1.1 + 30  # a share of a count is a fraction at one time and whole at another
    assert large <= small * 1.1 + 100
