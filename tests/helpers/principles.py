"""The principles: their statements, the rules that cite them, the scenarios that name them, and runs under a mutant.

`python -m tests.helpers.principles` writes docs/principles.md anew.
"""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import msgspec
from pytest_bdd.parser import Scenario

from walkaway import Engine, Policy, policy
from walkaway.engine import Core
from walkaway.mutants import silenced, toothless, unconditional, with_rule
from walkaway.policy.model import Rule
from walkaway_cli.scenarios.problems import Missed, Misunderstood
from walkaway_cli.scenarios.rehearsal import Replaced, tell, written_out

ROOT = Path(__file__).parents[2]
STATEMENTS = ROOT.parent / "shared" / "principles.md"
PAGE = ROOT / "docs" / "principles.md"
RULES = ROOT / "rules" / "principles"
FEATURES = ROOT / "features" / "principles"
SECTIONS = tuple(p.stem for p in sorted(FEATURES.glob("?-*.feature")))
NUMBER = re.compile(r"SP-\d{3}")

ENGINE: dict[str, str] = {
    "SP-002": "a walk value has its issue's type (WA504)",
    "SP-031": "a walk value only tightens (WA607)",
    "SP-037": "`close` as walked is taken at every stage",
    "SP-050": "no rule of these policies lets more be conceded for more options",
    "SP-076": "every issue has a worth, and what is no issue is no event (WA505)",
}
"""What no rule says because the engine itself sees to it: statement → what does."""

OUTSIDE: dict[str, str] = {
    "SP-121": "it is about reports on many closed deals; a policy decides the events of one",
}
"""What is no matter for a policy engine: statement → why."""

OPEN: dict[str, str] = {
    "SP-060": "that agreed terms get worse is a stated fact; it is not yet seen from settled terms",
    "SP-090": "an offer by somebody without a mandate is recognised by a stated fact, not by its `actor`",
    "SP-108": "for how long a walk has been due is a stated fact; no fact of the engine counts it",
    "SP-050": "shown for counts of options in scenarios; for every policy it is a matter for a proof",
}
"""What is not done: statement → why."""


class Statement(msgspec.Struct, frozen=True):
    """One statement of the catalogue."""

    number: str
    text: str
    level: str
    section: str


def statements() -> list[Statement]:
    """Give the catalogue in its order."""
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
    """Give the policy of a section."""
    return policy.load(RULES / f"{section}.yaml").unwrap()


@cache
def section_scenarios(section: str) -> tuple[Scenario, ...]:
    """Give the scenarios of a section, one for each example of an outline, their names written out."""
    return tuple(written_out(FEATURES / f"{section}.feature"))


def cited(rule: Rule) -> tuple[str, ...]:
    """Give the statements that a rule cites."""
    return tuple(NUMBER.findall(rule.source))


def mutants(of: Policy, rule_id: str) -> Iterator[tuple[str, Engine]]:
    """Give engines in which a rule never fires, always fires, or fires and decides nothing, each with a word for it."""
    changes = {"never fires": silenced, "always fires": unconditional, "only advises": toothless}
    for rule in (r for r in of.rules if r.id == rule_id):
        for word, change in changes.items():
            if word != "only advises" or rule.decides:
                yield word, Engine(with_rule(of, change(rule)), Core.PLAIN)


def survivors(section: str) -> list[str]:
    """Give each statement of which no scenario fails although a rule that it needs is changed, with the change."""
    of = section_policy(section)
    cites = {rule.id: cited(rule) for rule in of.rules if rule.source}
    return [
        f"{number}: {rule_id} {what}"
        for rule_id, numbers in cites.items()
        for what, engine in mutants(of, rule_id)
        for number in numbers
        if all(holds(s, engine) for s in section_scenarios(section) if number in s.name)
    ]


_READ: dict[Path, Policy] = {}
"""Policies that were read already."""


def holds(scenario: Scenario, engine: Engine) -> bool:
    """Run a scenario against an engine and tell whether it holds; policies of other names stay as they are."""

    def chosen(policy: Policy, path: Path) -> Engine:
        return engine if policy.name == engine.policy.name else Engine(policy)

    try:
        tell(scenario, Replaced(chosen, _READ))
    except (Missed, Misunderstood):
        return False
    return True


def page() -> str:
    """Give the table of statements, with the rule and the scenarios of each and what became of it."""
    rules: dict[str, list[str]] = {}
    count: dict[str, int] = {}
    for section in SECTIONS:
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
        status = "done" if where and count.get(number) else f"open: {OPEN.get(number, 'not written yet')}"
        if number in OUTSIDE:
            status = f"no matter for a policy engine: {OUTSIDE[number]}"
        elif number in OPEN and status == "done":
            status = f"in part: {OPEN[number]}"
        done += status == "done"
        lines.append(f"| {number} | {each.text} | {each.level} | {where} | {count.get(number, 0)} | {status} |")
    return "\n".join([HEAD.format(done=done, all=len(statements())), *lines, ""])


HEAD = """\
# The principles, and what became of each

{done} of {all} statements are done. The policies stand in `rules/principles`, the scenarios in `features/principles`,
where each names its statements. A statement counts as done where a rule cites it, or the engine itself sees to it, and
scenarios name it. In CI each rule is switched off, made to fire always, and made to decide nothing, and each time a
scenario of each statement that it cites fails.

This page is generated by `python -m tests.helpers.principles`, and a test checks that it is current."""


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
