"""The principles: every rule is needed by a scenario of each statement it cites, and the page of them is current."""

from random import Random

import pytest
from tests.helpers import principles
from tests.helpers.mirror import Opposite, Turned, turn_line
from tests.helpers.principles import BUYERS, NUMBER, PAGE, ROOT, RULES, SECTIONS, SELLERS, STATEMENTS, cited
from tests.helpers.strategies import SEED, size

from walkaway import Decision, Engine, Stream, policy
from walkaway.decide.engine import Core
from walkaway.events import OURS, Verdict
from walkaway.language.expr.linear import Test
from walkaway.language.expr.tree import Op, facts_of
from walkaway.policy.model import Enforcement
from walkaway_cli.scenarios.cases import compare, lines_of, read_cases
from walkaway_cli.scenarios.replay import holds

pytestmark = pytest.mark.slow

needs_statements = pytest.mark.skipif(not STATEMENTS.is_file(), reason="the statements lie beside the checkout")


LAYERS = sorted(p for p in RULES.parent.glob("*principles/*.yaml") if p.name != "cases.yaml")
TRIED = [*SELLERS, *(pytest.param(section, marks=pytest.mark.packs) for section in BUYERS)]
"""Sections whose mutants are tried: the buyer's with the other packs."""


@pytest.mark.parametrize("path", LAYERS, ids=lambda p: f"{p.parent.name}/{p.stem}")
def test_the_policies_have_no_findings(path):
    """Not even a warning, layer by layer."""
    assert policy.load(path).findings == ()


@pytest.mark.parametrize("section", TRIED)
def test_a_statement_has_a_scenario_that_fails_without_its_rule(section):
    """Whether a rule never fires, always fires or decides nothing: some scenario of each statement it cites tells."""
    assert principles.survivors(section, principles.coarse_mutants(section)) == []


MUTANTS = size("WALKAWAY_MUTANTS", 8, 20)
"""How many small changes of each section's rules are tried; `WALKAWAY_MUTANTS=1000` tries all, in half a minute."""


@pytest.mark.search
@pytest.mark.parametrize("section", TRIED)
def test_a_scenario_fails_where_a_rule_is_weakened(section):
    """A milder verdict, a leaf dropped, a number moved by one unit: some scenario of a statement it cites tells."""
    every = principles.fine_mutants(section)
    tried = Random(SEED).sample(every, min(MUTANTS, len(every)))
    assert principles.survivors(section, tried) == []


@pytest.mark.parametrize("sections", [SELLERS, pytest.param(BUYERS, marks=pytest.mark.packs)], ids=["sell", "buy"])
def test_a_scenario_fails_where_a_built_in_rule_is_weakened(sections):
    """Of any section whose statements the built-in rule answers for."""
    assert principles.unnoticed_built_in(sections) == []


@pytest.mark.parametrize("section", SECTIONS)
def test_every_rule_of_the_principles_cites_a_statement(section):
    """A rule that follows no statement does not belong here; and every section has its feature."""
    assert [r.id for r in principles.section_policy(section).rules if not r.built_in and not cited(r)] == []
    assert (ROOT / "features" / f"{section}.feature").is_file()


@pytest.mark.parametrize("sections", [SELLERS, BUYERS], ids=["sell", "buy"])
def test_the_pack_is_one_policy(sections):
    """Laid over each other the sections lose no rule, and no statement that a rule cites."""
    pack = policy.load(ROOT / "rules" / sections[0].partition("/")[0])
    assert pack.findings == ()
    parts = [principles.section_policy(section) for section in sections]
    whole = pack.unwrap().rules
    assert {r.id for r in whole} == {r.id for part in parts for r in part.rules}
    assert {(r.id, n) for r in whole for n in cited(r)} == {(r.id, n) for p in parts for r in p.rules for n in cited(r)}


SET_BY_THE_PACK = {"three-numbers", "every-issue-has-a-limit"}
"""What the pack may answer for every deal: its price has wish, want and walk values, its liability has a walk value."""


@pytest.fixture(scope="module")
def packs():
    """Return the engine of each whole pack, by name."""
    folders = (RULES, RULES.parent / "buying-principles")
    return {folder.name: Engine(policy.load(folder).unwrap(), Core.PLAIN) for folder in folders}


@pytest.mark.parametrize("section", TRIED)
def test_what_fires_in_a_section_fires_in_the_pack(section, packs):
    """No section silences a rule of another or makes an answer milder, while both have let through the same of ours.

    How an offer of theirs is answered rests on what accepting it would be, which more rules may turn from a question
    for somebody above into a no; so there the rules are compared, and not the verdicts.
    """
    for scenario in principles.section_scenarios(section):
        alone, together = principles.answers(scenario), principles.answers(scenario, packs[section.partition("/")[0]])
        for one, other in zip(alone, together, strict=True):
            if isinstance(one, Decision) and isinstance(other, Decision):
                missing = {r.rule for r in one.reasons} - {r.rule for r in other.reasons} - SET_BY_THE_PACK
                assert not missing, scenario.name
                assert other.verdict >= one.verdict or one.accepting
                if (one.verdict is Verdict.PROCEED) is not (other.verdict is Verdict.PROCEED):
                    break  # from here on each is measured from what it has cleared itself


# The buyer's side


@pytest.fixture(scope="module")
def turned(tmp_path_factory):
    """Return the engines of the other side: every policy that a scenario names, turned as a whole."""
    return Turned(tmp_path_factory.mktemp("turned"))


@pytest.mark.parametrize("section", SELLERS)
def test_the_buyers_side_passes_the_mirrored_scenarios(section, turned):
    """The pack turned to `side: buyer`, and every event with it, answers each scenario alike."""
    scenarios = principles.section_scenarios(section)
    assert [s.name for s in scenarios if not holds(s, Opposite(principles.feature_of(s), turned))] == []
    sides = {e.policy.name: e.policy.side for e in turned.ready.values()}
    assert {side for name, side in sides.items() if name.startswith("principles")} == {"buyer"}


@pytest.mark.parametrize(("sells", "buys"), [*zip(SELLERS, BUYERS, strict=True)])
def test_both_sides_say_the_same(sells, buys):
    """Rule by rule the same statements, hearing, verdict and enforcement; and as many scenarios of each statement."""

    def said(section):
        return [
            (cited(rule), rule.on, rule.effect, rule.enforcement)
            for rule in principles.section_policy(section).rules
            if not rule.built_in
        ]

    def told(section):
        return [NUMBER.findall(scenario.name) for scenario in principles.section_scenarios(section)]

    assert said(sells) == said(buys)
    assert told(sells) == told(buys)


@pytest.mark.parametrize("folder", [p.parent for p in sorted(RULES.parent.glob("*/cases.yaml"))], ids=lambda p: p.name)
def test_every_shipped_policy_answers_alike_from_the_other_side(folder, turned):
    """The pack as one policy, and the others: seller or buyer, each case has the same answer when it is turned."""
    engine = turned.get(folder)
    assert engine.policy.side != policy.load(folder).unwrap().side
    for case in read_cases(folder / "cases.yaml"):
        *_, answer = Stream(engine).lines([turn_line(engine.policy, line) for line in lines_of(case)], "case")
        compare(case, answer)


# More options never make us concede more (SP-050)

OPTIONS = {f"deal.{name}" for name in ("options", "live_offers", "priced_places", "qualified_leads", "options_valued")}
UP = (Op.GE, Op.GT)
GATES = {"options-first", "other-places-first", "outcomes-researched"}
"""Until there are enough options nothing may be conceded at all."""


def milder_with_more_options(rule):
    """Return whether a rule that decides on what we concede can cease to fire as there are more options."""
    tests = (t for conjunction in rule.alternatives for t in conjunction if isinstance(t, Test))
    return rule.decides and bool(rule.on & OURS) and any(OPTIONS & t.term.facts and can_cease(t) for t in tests)


def can_cease(test):
    """Return whether a test that reads options can cease to hold as one of them grows."""
    grows = {factor > 0 for atoms, factor in test.term.parts if OPTIONS & set(atoms)}
    return test.op not in (*UP, Op.LE, Op.LT) or grows != {test.op in UP}


@pytest.mark.parametrize("path", LAYERS, ids=lambda p: f"{p.parent.name}/{p.stem}")
def test_more_options_never_make_us_concede_more(path):
    """Whatever the offer, one more can only make a rule begin to fire, but for the gates that want some."""
    rules = policy.load(path).unwrap().rules
    assert {r.id for r in rules if milder_with_more_options(r)} <= GATES


@pytest.mark.parametrize(
    ("when", "milder"),
    [
        ("give.value > 5,000 USD and deal.options >= 4", False),
        ("give.value > 5,000 USD and deal.options < 4", True),
        ("give.value > 8,000 USD + 1,000 USD * deal.options", True),
        ("give.value > 8,000 USD - 1,000 USD * deal.options", False),
        ("deal.options = 3 and give.value > 5,000 USD", True),
        ("give.value > 5,000 USD", False),
    ],
)
def test_a_rule_that_concedes_more_with_options_is_seen(when, milder, tmp_path):
    """4 options: 8%, 1 option: 5% is caught, and 4 options: 5%, 1 option: 8% is not."""
    (tmp_path / "policy.yaml").write_text(
        "policy: p\nversion: 1\nside: seller\ncurrency: USD\ndeal: {options: count}\n"
        "issues: {price: {type: money, start: '100,000 USD', worth: 1 USD per 1 USD}}\n"
        f"rules: {{r: {{why: w, on: our offer, when: '{when}', then: refuse}}}}\n"
    )
    (rule,) = [r for r in policy.load(tmp_path).unwrap().rules if not r.built_in]
    assert milder_with_more_options(rule) is milder


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
    assert used | set(principles.ENGINE) | set(principles.OUTSIDE) <= numbers
    assert not set(principles.OUTSIDE) & (used | set(principles.ENGINE))
