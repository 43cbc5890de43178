"""The stage that reads `budgets:`: what deals may give away together, and a rule for each that holds them to it.

Of each deal counts what its terms give on the start terms, as they were let through last, and of a deal that was won
what was agreed; a deal that was lost, or that we walked from, counts for nothing. So the rule compares what the others
have taken, and what these terms would give, with the most. Terms that give no more than what was let through take
nothing that was not taken before.
"""

from fractions import Fraction

from msgspec.structs import replace

from walkaway.events import OUR_TERMS
from walkaway.language import source
from walkaway.language.codes import Code
from walkaway.language.diagnostics import Findings, closest
from walkaway.language.expr.amounts import amount_of
from walkaway.language.expr.tree import All, Compare, Condition, Const, Fact, Known, Number, Op, Scaled, Sum
from walkaway.language.source import Scalar
from walkaway.language.values import Kind, Unit, format_value, shorten
from walkaway.policy.model import BUDGET_KEYS, BUDGETS, OF_CALENDAR, OF_UTC, DealsBudget, Enforcement, Rule
from walkaway.policy.parse.draft import Draft
from walkaway.policy.parse.fields import NAME
from walkaway.policy.parse.rule import check_role, concern, effect, say_place
from walkaway.policy.parse.section import Section, describe

_WHY = "All deals together may give away so much, and not more."
_FORM = "write `sum: give.net`, `most:` with an amount, and `then:` below it"


def read_budgets(draft: Draft, findings: Findings) -> Draft:
    """Read `budgets:`."""
    if draft.top.mapping(BUDGETS) is None:
        return draft
    place, before = draft.top.keys[BUDGETS].span, len(findings)
    read = [_budget(name, node, draft, findings) for name, node in draft.top.entries(BUDGETS, NAME)]
    whole = [each for each in read if each is not None]
    if len(findings) > before or draft.package is None or len(whole) < len(read):
        return draft
    taken, made, found = {rule.id for rule in draft.rules}, list[Rule](), dict[str, DealsBudget]()
    for budget, common in whole:
        rule_id = f"{BUDGETS}-{budget.name}"
        if rule_id in taken:
            what = f"the budgets make a rule `{rule_id}`, and there is one under `rules:`"
            findings.add(Code.NAME_TAKEN, what, place, "call the other one otherwise")
        found[budget.name] = budget
        made.append(replace(common, id=rule_id, condition=_over(budget, draft, draft.package.base)))
    return replace(draft, rules=(*draft.rules, *made), budgets=found)


def _budget(name: Scalar, node: source.Node, draft: Draft, findings: Findings) -> tuple[DealsBudget, Rule] | None:
    title = f"budget `{name.value}`"
    if not isinstance(node, source.Mapping):
        findings.add(Code.WRONG_SHAPE, f"{title} wants a mapping, not {describe(node)}", name.span, _FORM)
        return None
    section = Section(node, "budget", title, findings, name.span)
    section.choice("sum")
    of = tuple(word.value for word in section.words("of", ".+") if _tells_apart(word, draft, findings))
    most = section.value("most", Unit(Kind.MONEY, draft.currency))
    if isinstance(most, int) and most < 0:
        findings.add(
            Code.BAD_VALUE, f"{title} is below nothing", section.nodes["most"].span, "write an amount from 0 on"
        )
    section.scalar("then")
    does = effect(section, draft) if isinstance(section.nodes.get("then"), Scalar) else None
    enforcement, by = Enforcement(section.choice("enforcement", "mandatory")), section.text("by")
    if "by" in section.nodes or enforcement is Enforcement.OVERRIDABLE:
        check_role(section, "by", by, "overridable", enforcement is Enforcement.OVERRIDABLE, draft)
    why, say, principle, about = *(section.text(key) for key in ("why", "say", "source")), concern(section)
    if does is None or not isinstance(most, int):
        return None
    rule = Rule(
        BUDGETS, why or _WHY, OUR_TERMS, All(()), does, say, principle, enforcement, by, name.span,
        say_place(section, name), concern=about, made_of=BUDGETS,
    )  # fmt: skip
    return DealsBudget(name.value, of, most, name.span), rule


def _tells_apart(word: Scalar, draft: Draft, findings: Findings) -> bool:
    """Check what is to tell sums apart: a word of its own, or a deal fact that is a word and names nobody."""
    name, fact = word.value, draft.deal.get(word.value)
    if name in BUDGET_KEYS:
        if fact is not None:
            what = f"`{name}` is a word of budgets and a deal fact"
            findings.add(Code.NAME_TAKEN, what, word.span, f"call the deal fact otherwise, as `our_{name}`")
        elif name in OF_CALENDAR and "calendar" not in draft.top.nodes:
            utc = next(u for u, same in OF_UTC.items() if same == name)
            what = f"`{name}` is one of the calendar, and the policy has no `calendar`"
            findings.add(Code.UNKNOWN_SYMBOL, what, word.span, f"add `calendar:`, or write `{utc}`")
        return True
    if fact is None:
        unread = {n.value for n, _ in draft.top.entries("deal", ".+")}
        if name not in unread:
            what = f"`{shorten(name)}` is no deal fact, and no word of budgets"
            meant = closest(name, (*BUDGET_KEYS, *draft.deal))
            hint = f"did you mean `{meant}`?" if meant else f"declare `{shorten(name)}: text` under `deal:`"
            findings.add(Code.UNKNOWN_SYMBOL, what, word.span, hint)
        return False
    if fact.personal:
        what = f"`{name}` is personal: what it is stands sealed in a log, and tells no sums apart there"
        findings.add(Code.BAD_VALUE, what, word.span, "state an id that names nobody, in a fact that is not personal")
    elif fact.unit.is_numeric:
        what = f"`{name}` is a number, and sums are told apart by words"
        findings.add(Code.KINDS_DIFFER, what, word.span, "declare a fact with `one of:`, or a `text`")
    return True


def _over(budget: DealsBudget, draft: Draft, base: Number) -> Condition:
    """Return the condition that terms give more than is left of a budget."""
    place, money = budget.span, Unit(Kind.MONEY, draft.currency)
    most, taken = format_value(budget.most, money), f"budget.{budget.name}"

    def fact(name: str) -> Fact:
        spec = draft.catalog[name]
        return Fact(name, spec.unit.scale, spec.whole)

    worth = fact("offer.worth")
    return All(
        (
            Known(taken, f"known({taken})", place),
            Compare(Op.GT, fact("give.net"), Const(Fraction(0)), f"give.net > 0 {draft.currency}", place, money),
            Compare(Op.LT, worth, base, "offer.worth < package.base", place, money),
            Compare(
                Op.GT, Sum((fact(taken), base, Scaled(Fraction(-1), worth))), amount_of(budget.most, money),
                f"{taken} + package.base - offer.worth > {most}", place, money,
            ),
        )
    )  # fmt: skip
