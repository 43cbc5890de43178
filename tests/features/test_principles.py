"""The principles: every rule is needed by a scenario of each statement it cites, and the page of them is current."""

import pytest
from tests.helpers import principles
from tests.helpers.principles import FEATURES, PAGE, RULES, SECTIONS, STATEMENTS, cited

from walkaway import policy
from walkaway.events import Verdict
from walkaway.expr.tree import facts_of
from walkaway.policy.model import Enforcement

needs_statements = pytest.mark.skipif(not STATEMENTS.is_file(), reason="the statements lie beside the checkout")


@pytest.mark.parametrize("path", sorted(RULES.glob("*.yaml")), ids=lambda p: p.stem)
def test_the_policies_have_no_findings(path):
    """Not even a warning, layer by layer."""
    assert policy.load(path).findings == ()


@pytest.mark.parametrize("section", SECTIONS)
def test_a_statement_has_a_scenario_that_fails_without_its_rule(section):
    """Whether a rule never fires, always fires or decides nothing: some scenario of each statement it cites tells."""
    assert principles.survivors(section) == []


@pytest.mark.parametrize("section", SECTIONS)
def test_every_rule_of_the_principles_cites_a_statement(section):
    """A rule that follows no statement does not belong here; and every section has its feature."""
    assert [r.id for r in principles.section_policy(section).rules if not r.built_in and not cited(r)] == []
    assert (FEATURES / f"{section}.feature").is_file()


CONDUCT = {f"signals.{kind}" for kind in ("abuse", "bad_faith", "dishonesty", "deal_breaker")}


@pytest.mark.parametrize("section", SECTIONS)
def test_what_conduct_leads_to_depends_on_no_amount(section):
    """A rule that walks because of conduct reads nothing but conduct, so no value of a deal can soften it."""
    for rule in principles.section_policy(section).rules:
        read = facts_of(rule.condition)
        if rule.effect.verdict is Verdict.WALK and CONDUCT & set(read):
            assert set(read) <= CONDUCT
            assert rule.enforcement is Enforcement.MANDATORY


@needs_statements
def test_the_page_of_statements_is_current():
    """Written anew, it says the same."""
    assert PAGE.read_text(encoding="utf-8") == principles.page(), "run `python -m tests.helpers.principles`"


@needs_statements
def test_what_is_cited_or_excused_is_a_statement():
    """No rule, scenario or excuse names a number that the catalogue lacks, and nothing is excused twice."""
    numbers = {s.number for s in principles.statements()}
    used = {n for s in SECTIONS for r in principles.section_policy(s).rules for n in cited(r)}
    used |= {n for s in SECTIONS for c in principles.section_scenarios(s) for n in principles.NUMBER.findall(c.name)}
    assert len(numbers) == 122
    assert used | set(principles.ENGINE) | set(principles.OUTSIDE) | set(principles.OPEN) <= numbers
    assert not set(principles.OUTSIDE) & (set(principles.ENGINE) | set(principles.OPEN))
