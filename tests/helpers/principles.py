"""The principles: their statements, the rules that cite them, the scenarios that name them, and runs under a mutant.

`python -m tests.helpers.principles` writes docs/principles.md anew.
"""

import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import msgspec
from pytest_bdd.parser import Scenario
from tests.helpers.mutants import Mutant, coarse, fine

from walkaway import DeadLetter, Decision, Engine, Policy, Stream, policy
from walkaway.decide.engine import Core
from walkaway.policy.model import Rule
from walkaway_cli.scenarios.negotiation import Negotiation
from walkaway_cli.scenarios.replay import Replaced, holds, take, written_out

ROOT = Path(__file__).parents[2]
STATEMENTS = ROOT.parent / "shared" / "principles.md"
PAGE = ROOT / "docs" / "principles.md"
RULES = ROOT / "rules" / "principles"
FEATURES = ROOT / "features" / "principles"
SELLERS, BUYERS = (
    tuple(f"{name}/{p.stem}" for p in sorted((ROOT / "rules" / name).glob("?-*.yaml")))
    for name in ("principles", "buying-principles")
)
"""The sections of each side, as paths below `rules` and `features`."""
SECTIONS = (*SELLERS, *BUYERS)
NUMBER = re.compile(r"SP-\d{3}")

ENGINE: dict[str, str] = {
    "SP-002": "a walk value has its issue's type (WA504)",
    "SP-031": "a walk value loosens with the highest role alone (`loosened-limit`)",
    "SP-037": "`close` as walked is taken at every stage",
    "SP-050": "no rule can cease to fire for more options, but for the gates that want some (tests/features)",
    "SP-076": "every issue has a worth, and what nobody declared is held (`unvalued`)",
}
"""What no rule says because the engine itself sees to it: statement → what does."""

OUTSIDE: dict[str, str] = {
    "SP-121": "it is about reports on many closed deals, and a policy decides the events of one. What such a report "
    "needs is kept: a close is `walked` beside `lost`, and `walkaway log show --verdict walk` finds walks and causes",
}
"""What is no matter for a policy engine: statement → why."""


class Statement(msgspec.Struct, frozen=True):
    """One statement of the catalogue."""

    number: str
    text: str
    level: str
    section: str


def statements() -> list[Statement]:
    """Return the catalogue in its order."""
    found, section = [], ""
    for line in STATEMENTS.read_text(encoding="utf-8").splitlines():
        if line.startswith("### "):
            section = line.removeprefix("### ")
        cells = [c.strip() for c in line.strip("| \n").split(" | ")]
        if re.fullmatch(NUMBER, cells[0]) and len(cells) == 10:
            found.append(Statement(cells[0], cells[1], cells[6], section))
    return found


@cache
def section_policy(section: str) -> Policy:
    """Return the policy of a section."""
    return policy.load(ROOT / "rules" / f"{section}.yaml").unwrap()


@cache
def section_scenarios(section: str) -> tuple[Scenario, ...]:
    """Return the scenarios of a section, one for each example of an outline, their names written out."""
    return tuple(written_out(ROOT / "features" / f"{section}.feature"))


def cited(rule: Rule) -> tuple[str, ...]:
    """Return the statements that a rule cites."""
    return tuple(NUMBER.findall(rule.source))


def coarse_mutants(section: str) -> list[tuple[Rule, Mutant]]:
    """Return each rule of a section that cites a statement switched off, made to fire always, and to decide nothing."""
    return [(r, m) for r in section_policy(section).rules if r.source for m in coarse(r)]


def fine_mutants(section: str) -> list[tuple[Rule, Mutant]]:
    """Return each rule of a section's own that cites a statement weakened in every small way."""
    of = section_policy(section)
    return [(r, m) for r in of.rules if r.source and not r.built_in for m in fine(of, r)]


def survivors(section: str, tried: Iterable[tuple[Rule, Mutant]]) -> list[str]:
    """Return the mutants that no scenario notices.

    Each statement that the rule cites must notice it where the whole rule is changed, one of them where a part is.
    """
    found = []
    for rule, mutant in tried:
        numbers = cited(rule)
        for cites in [{n} for n in numbers] if mutant.coarse else [set(numbers)]:
            if not noticed(section, rule, mutant, cites):
                found.append(f"{', '.join(sorted(cites))}: {rule.id}: {mutant.what}")
    return found


def unnoticed_built_in(sections: Iterable[str]) -> list[str]:
    """Return the small changes of built-in rules that no scenario of any of the sections that cites them notices."""
    survived: dict[str, bool] = {}
    for section in sections:
        of = section_policy(section)
        parts = [r for r in of.rules if r.built_in and r.source]
        for rule in parts:
            for mutant in fine(of, rule):
                name = f"{rule.id}, on {', '.join(sorted(rule.on))}: {mutant.what}"
                if survived.get(name, True):
                    survived[name] = not noticed(section, rule, mutant, set(cited(rule)))
    return [name for name, yes in survived.items() if yes]


def noticed(section: str, rule: Rule, mutant: Mutant, numbers: set[str]) -> bool:
    """Return whether a scenario of one of the statements fails with the mutant in place of its rule.

    The layers above are left out: they hold the rule as it was, and answer no more mildly than it did.
    """
    of = section_policy(section)
    rules = tuple(_instead(r, rule, mutant) for r in of.rules)
    changed = Engine(msgspec.structs.replace(of, rules=rules, above=None), Core.PLAIN)
    engines = Replaced(lambda policy, _: changed if policy.name == of.name else engine_of(policy), _READ)
    told = (s for s in section_scenarios(section) if numbers & set(NUMBER.findall(s.name)))
    return not all(holds(s, Negotiation(feature_of(s), engines)) for s in told)


def _instead(one: Rule, rule: Rule, mutant: Mutant) -> Rule:
    """Return what stands in place of a rule; where the whole rule was changed, every part of a built-in one is."""
    if mutant.coarse and one.id == rule.id:
        return next((m.rule for m in coarse(one) if m.what == mutant.what), one)
    return mutant.rule if one is rule else one


_READ: dict[Path, Policy] = {}
"""Policies that were read already."""
_ENGINES: dict[str, Engine] = {}
"""Content hash → the engine of such a policy."""


def engine_of(policy: Policy) -> Engine:
    """Return the engine of a policy, made once: its code is most of what a scenario costs."""
    found = _ENGINES.get(policy.sha256)
    if found is None:
        found = _ENGINES[policy.sha256] = Engine(policy)
    return found


def feature_of(scenario: Scenario) -> Path:
    """Return the file in which a scenario stands."""
    return Path(scenario.feature.filename)


def answers(scenario: Scenario, engine: Engine | None = None) -> list[Decision | DeadLetter]:
    """Return the answers to all events of a scenario, under its own policy or under another."""
    deal = Negotiation(feature_of(scenario), Replaced(lambda policy, _: engine_of(policy), _READ))
    for step in scenario.steps:
        if step.type != "then":
            take(deal, step)
            deal.unclaimed = False
    stream = Stream(engine or deal.stream.engine)
    return [a for a in stream.lines(deal.lines, "event") if isinstance(a, Decision | DeadLetter)]


def page() -> str:
    """Return the table of statements, with the rule and the scenarios of each and what became of it."""
    rules: dict[str, list[str]] = {}
    count: dict[str, int] = {}
    for section in SELLERS:
        for rule in section_policy(section).rules:
            for number in cited(rule):
                rules.setdefault(number, []).append(f"`{rule.id}`{' (built-in)' if rule.built_in else ''}")
        for scenario in section_scenarios(section):
            for number in NUMBER.findall(scenario.name):
                count[number] = count.get(number, 0) + 1
    lines, done, section = [], 0, ""
    for each in statements():
        number = each.number
        if each.section != section:
            section = each.section
            lines += ["", f"## {section}", "", "| no. | statement | level | rule | scenarios | status |"]
            lines.append("|---|---|---|---|---|---|")
        where = ", ".join(dict.fromkeys(rules.get(number, []))) or ENGINE.get(number, "")
        status = "done" if where and count.get(number) else "open"
        if number in OUTSIDE:
            status = f"no matter for a policy engine: {OUTSIDE[number]}"
        done += status == "done"
        lines.append(f"| {number} | {each.text} | {each.level} | {where} | {count.get(number, 0)} | {status} |")
    return "\n".join([HEAD.format(done=done, all=len(statements())), *lines, ""])


HEAD = """\
# The principles, and what became of each

{done} of {all} statements are done. The policies stand in `rules/principles`, the scenarios in `features/principles`,
where each names its statements. A statement counts as done where a rule cites it, or the engine itself sees to it, and
scenarios name it. In CI each rule is switched off, made to fire always, and made to decide nothing, and each time a
scenario of each statement that it cites fails. Weakened in part, by a milder verdict, by a test left out of its
condition, by a number moved one unit either way, it makes a scenario of one of its statements fail: CI tries some,
`WALKAWAY_MUTANTS=1000` tries all. Turned to `side: buyer` as a whole, the policies pass the same scenarios turned.
The buyer's side as people write it, rule by rule and scenario by scenario, stands in `rules/buying-principles` and
`features/buying-principles`.

This page is generated by `python -m tests.helpers.principles`, and a test checks that it is current."""


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
