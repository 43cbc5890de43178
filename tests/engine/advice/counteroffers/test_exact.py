"""Counteroffers of generated policies and deals against brute force: nothing cheaper of the same kind passes.

The number of offers asked about is that of WALKAWAY_ADVISED.
"""

from collections import Counter
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest
from tests.helpers.deciding import Step, follow
from tests.helpers.enumerated import answer, cheapest, is_small
from tests.helpers.generated import decoded, generate
from tests.helpers.strategies import SEED, size

from walkaway.advice.counteroffers import ADVISED, Seeker
from walkaway.advice.counteroffers.choices import Package
from walkaway.advice.counteroffers.probe import Probe
from walkaway.advice.counteroffers.search import Family, PackageSearch
from walkaway.decide.engine import Core, Engine
from walkaway.events import Offer, Verdict

pytestmark = [pytest.mark.slow, pytest.mark.search]

KINDS = tuple(k for k in Family if k not in (Family.TAKE, Family.STAND, Family.SELECT))
SIZE = size("WALKAWAY_ADVISED", 60, 150)


def cases_of(rng: Random) -> Iterator[tuple[Engine, Probe]]:
    """Return the deals of one generated case at every offer for which counteroffers are sought."""
    case = generate(rng, 25)
    policy = case.read(root=with_approvals(case.root, rng) if rng.randrange(2) else None)
    if policy is None:
        return
    engine = Engine(policy, Core.PLAIN)
    for step in follow(engine, decoded(policy, case.lines())):
        probe = probe_at(engine, step)
        if probe is not None:
            yield engine, probe


def with_approvals(root: dict[str, Any], rng: Random) -> dict[str, Any]:
    """Return a policy in which most rules that stop an offer want an approval instead."""
    roles = root.get("roles") or ["manager", "director"]

    def escalating(rule: Any) -> Any:
        if not isinstance(rule, dict) or rule.get("then") not in ("refuse", "hold", "trade") or not rng.randrange(4):
            return rule
        return rule | {"then": "escalate", "to": rng.choice(roles)}

    return root | {"roles": roles, "rules": {name: escalating(rule) for name, rule in root["rules"].items()}}


def probe_at(engine: Engine, step: Step) -> Probe | None:
    """Return the deal in which a step's counteroffers are tried, if they are sought."""
    seeker, verdict = Seeker(engine), step.found.ruling.verdict
    asked = seeker.asked(step.found) if verdict in ADVISED else None
    return seeker.probe(asked) if asked and isinstance(asked.event, Offer) else None


def deals() -> Iterator[tuple[Engine, Probe]]:
    """Return deals at which counteroffers are sought, without end."""
    rng = Random(SEED)
    while True:
        yield from cases_of(rng)


def test_a_package_is_answered_as_by_the_engine() -> None:
    """Quickly put together or read as an offer of ours, a package has the same verdict and wants the same roles."""
    rng = Random(SEED)
    for (engine, probe), _ in zip(deals(), range(SIZE * 4), strict=False):
        values = [[*probe.values.every(i), probe.offered[i], probe.cleared[i]] for i in range(len(probe.issues))]
        for place, issue in enumerate(probe.issues):
            if issue.better:
                ends = probe.cleared[place], probe.values.best_ask(place, probe.cleared[place])
                values[place] += [
                    *probe.values.between(*ends, 5),
                    *probe.values.between(probe.offered[place], ends[0], 5),
                ]
        for _ in range(5):
            package = tuple(rng.choice(v) for v in values)
            said, quickly = answer(engine, probe, package), probe.outcome(package)
            if is_lesser(probe, package):
                assert said.verdict >= quickly.verdict >= Verdict.HOLD
            elif package not in probe.takes:
                assert quickly == said, f"WALKAWAY_SEED={SEED}"


def is_lesser(probe: Probe, package: Package) -> bool:
    """Return whether a package is heard as an acceptance too, since it is worse for us than what they offer."""
    theirs = probe.position.theirs
    if not theirs.stands or package in probe.takes:
        return False
    return all(a.worth <= b.worth for a, b in zip(package, probe.package(theirs.standing), strict=True)) and (
        sum(c.worth for c in package) < sum(c.worth for c in probe.package(theirs.standing))
    )


def test_nothing_cheaper_of_the_same_kind_passes(capsys: pytest.CaptureFixture[str]) -> None:
    """For every kind, the cheapest found is as cheap as the cheapest there is, and none is missed."""
    seen: Counter[str] = Counter()
    for engine, probe in deals():
        found = PackageSearch(probe, answer(engine, probe, probe.offered), 10**6).find()
        for kind in KINDS:
            if not is_small(probe, kind):
                continue
            costs = [f.cost for f in found if f.kind is kind]
            wanted = cheapest(engine, probe, kind)
            assert min(costs, default=None) == wanted, f"{kind} WALKAWAY_SEED={SEED}"
            seen[kind] += wanted is not None
        seen["offers"] += 1
        seen["proved"] += all(probe.rules.proved.values())
        if seen["offers"] >= SIZE and all(seen[k] for k in KINDS):
            break
    with capsys.disabled():
        print(f"\ncounteroffers as brute force has them: {dict(seen)}, WALKAWAY_SEED={SEED}")
