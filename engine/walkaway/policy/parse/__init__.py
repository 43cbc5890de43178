"""Parse a policy's nodes into a `Policy`: shapes first, then names, kinds and guards; all findings at once.

The policy is laid over the layers above it, then goes through `STAGES`: each takes the draft, reads its sections, adds
its findings, and returns the draft with what it has read. What could not be read is left out, with a finding, and
later stages are silent about its name.
"""

from collections.abc import Callable

from walkaway.language import source
from walkaway.language.codes import Code
from walkaway.language.diagnostics import Findings, Severity
from walkaway.language.instants import DAY
from walkaway.policy.model import Policy
from walkaway.policy.parse.budgets import read_budgets
from walkaway.policy.parse.claims import read_claims
from walkaway.policy.parse.currencies import check_amounts, read_currencies
from walkaway.policy.parse.declarations import read_conduct, read_deal, read_label, read_terms, read_words
from walkaway.policy.parse.definitions import read_definitions
from walkaway.policy.parse.derived import read_derived
from walkaway.policy.parse.draft import Draft
from walkaway.policy.parse.facts import list_facts
from walkaway.policy.parse.issues import name_opening_facts, needed, read_issues, read_package
from walkaway.policy.parse.labels import read_labels
from walkaway.policy.parse.layers import LoadFile, layered
from walkaway.policy.parse.line_items import check_layers, read_lines
from walkaway.policy.parse.mandates import read_mandates
from walkaway.policy.parse.matrix import read_matrix
from walkaway.policy.parse.names import places
from walkaway.policy.parse.patterns import read_patterns
from walkaway.policy.parse.rules import read_rules
from walkaway.policy.parse.section import Section, describe
from walkaway.policy.parse.tables import read_days, read_tables

STAGES: tuple[Callable[[Draft, Findings], Draft], ...] = (
    read_terms,  # every amount is in the policy's currency, and a table's rows have days within its own
    read_currencies,  # rests on the policy's own
    read_words,  # signals and roles rest on nothing
    read_conduct,  # rests on nothing; rules on undeclared terms follow from it
    read_deal,  # rests on the currency
    read_days,  # rests on nothing
    read_tables,  # a deal fact chooses a table's row
    name_opening_facts,  # what a deal states when it opens is all that worths and limits may read
    read_issues,  # a limit may stand in a table
    read_lines,  # the lines of a deal are one more issue, and one more fact that it states
    read_package,  # after the issues, as people read it
    read_derived,  # multiplies values of issues
    list_facts,  # the catalog has facts for each issue, signal, role, pattern and conclusion
    read_patterns,  # reads the facts of two events, and no definitions
    read_definitions,  # reads every fact, and definitions in the order in which they need each other
    read_rules,  # reads facts and definitions
    read_matrix,  # stands for rules: its ids are none of theirs
    read_mandates,  # alike
    read_budgets,  # alike; a rule holds deals to each
    check_amounts,  # of everything that is read by now
    read_claims,  # reads what rules read, and the answer; what it claims listens as rules do
    read_labels,  # what declared names are called
    read_label,  # nothing rests on what the policy calls itself
)
"""In this order, for a stage may name only what earlier ones have declared."""


def parse_policy(root: source.Node, load: LoadFile, findings: Findings) -> Policy | None:
    """Parse the nodes of a policy file, with those of the policies that it extends.

    Args:
        load: Gives the files of tables, and of the policies above.

    Returns:
        The policy, or none where there is an error among *findings*.

    Diagnostics:
        WA2xx, WA3xx, WA4xx.
    """
    if not isinstance(root, source.Mapping):
        what = f"a policy is a mapping, not {describe(root)}"
        findings.add(Code.WRONG_SHAPE, what, root.span, "begin with `policy: its-name`")
        return None
    whole = layered(root, load, findings)
    if whole is None:
        return None
    check_layers(whole.root, root.get("extends") is not None, findings)
    draft = Draft(Section(whole.root, "policy", "the policy", findings), whole.below, load)
    for stage in STAGES:
        draft = stage(draft, findings)
    return None if any(f.severity is Severity.ERROR for f in findings) else _finished(draft)


def _finished(draft: Draft) -> Policy:
    """Return a draft without errors as a policy."""
    assert draft.package is not None
    values = needed(draft)
    unstated = frozenset(n for n in values if not n.startswith("deal."))
    return Policy(
        name=draft.name,
        title=draft.title,
        version=draft.version,
        owner=draft.owner,
        side=draft.side,
        currency=draft.currency,
        effective=draft.effective,
        deal=draft.deal,
        issues=draft.issues,
        package=draft.package,
        signals=draft.signals,
        roles=draft.roles,
        patterns=draft.patterns,
        tables=draft.tables,
        lookups=tuple({n.name: n for n in draft.lookups}.values()),
        rules=draft.rules,
        catalog=draft.catalog,
        fixed=(draft.multipliers | values) - unstated,
        needed=values,
        sha256="",
        places={**draft.limit_places, **places(draft.top)},
        quantities=draft.quantities,
        mentioned=draft.mentioned,
        claims=draft.claims,
        coverage=draft.coverage,
        theirs_base=draft.theirs_base,
        ahead=draft.ahead * DAY,
        calendar=draft.calendar,
        exchange=draft.exchange,
        allows=draft.allows,
        people=draft.people,
        spoken_as=draft.spoken_as,
        asks=draft.asks,
        matrix=draft.matrix,
        labels=draft.labels,
        selector=draft.selector,
        derived=draft.derived,
        budgets=draft.budgets,
        lines=draft.lines,
    )
