"""Stages that read what a policy declares before its issues: currency and days, signals and roles, the deal's facts.

The last stage of all is here as well: what the policy calls itself, on which nothing else rests.
"""

import re
from fractions import Fraction

from msgspec.structs import replace

from walkaway.language import source
from walkaway.language.codes import Code
from walkaway.language.currencies import CURRENCIES
from walkaway.language.diagnostics import Findings, nearest
from walkaway.language.expr.amounts import amount_of
from walkaway.language.expr.tree import Const
from walkaway.language.source import Scalar
from walkaway.language.values import Kind, Unit, folded, format_value, shorten
from walkaway.policy.model import ASKS, DealFact
from walkaway.policy.parse.bounds import bounds, check_within
from walkaway.policy.parse.draft import Draft
from walkaway.policy.parse.fields import NAME
from walkaway.policy.parse.section import Section, describe, scalars
from walkaway.policy.parse.units import unit_named, unit_of

_AHEAD = 400
"""So many days an event may be ahead of its deal, where the policy does not say."""
_ALL = 1_000_000
"""100% in 1/10,000 percent."""


def read_terms(draft: Draft, findings: Findings) -> Draft:
    """Read `currency` and `effective`."""
    currency = draft.top.choice("currency") or _first_currency(draft.top.node)
    return replace(draft, currency=currency, effective=_effective(draft.top, findings))


def read_words(draft: Draft, _: Findings) -> Draft:
    """Read `signals` and `roles`."""
    signals, roles = (tuple(w.value for w in draft.top.words(key, NAME)) for key in ("signals", "roles"))
    return replace(draft, signals=signals, roles=roles)


def read_deal(draft: Draft, findings: Findings) -> Draft:
    """Read `deal:`, the facts that each deal states when it opens."""
    read = [_deal_fact(n, v, draft.currency, findings) for n, v in draft.top.entries("deal", NAME)]
    return replace(draft, deal={fact.name: fact for fact in read if fact is not None})


def read_conduct(draft: Draft, findings: Findings) -> Draft:
    """Read how terms, people, instants and layers below are taken: `undeclared`, `theirs_base`, `clock`, `allows`."""
    undeclared, base = draft.top.choice("undeclared", "hold"), draft.top.choice("theirs_base", "said")
    people, spoken_as = _people(draft, findings)
    return replace(
        draft,
        undeclared=undeclared,
        theirs_base=base,
        ahead=_ahead(draft.top, findings),
        allows=_allowed(draft, findings),
        asks=_asks(draft.top, findings),
        people=people,
        spoken_as=spoken_as,
    )


def read_label(draft: Draft, findings: Findings) -> Draft:
    """Read what the policy calls itself, the side it is on, and what it asks of its scenarios."""
    version, coverage = _version(draft.top, findings), _coverage(draft.top, findings)
    side = draft.top.choice("side", "seller")
    name, title, owner = (draft.top.text(key) for key in ("policy", "title", "owner"))
    return replace(draft, name=name, title=title, version=version, owner=owner, side=side, coverage=coverage)


def _ahead(top: Section, findings: Findings) -> int:
    """Return how many days an event may be ahead of its deal."""
    mapping = top.mapping("clock")
    if mapping is None:
        return _AHEAD
    section = Section(mapping, "clock", "`clock`", findings, top.keys["clock"].span)
    days = section.value("ahead", Unit(Kind.DAYS))
    if isinstance(days, int) and days < 1:
        findings.add(Code.BAD_VALUE, "`ahead` is a day or more", section.nodes["ahead"].span, "write `400 days`")
    return days if isinstance(days, int) and days > 0 else _AHEAD


def _asks(top: Section, findings: Findings) -> tuple[int, int]:
    """Return how many asks are answered in a round, and to a party."""
    mapping = top.mapping("disclosure")
    if mapping is None:
        return ASKS
    section = Section(mapping, "disclosure", "`disclosure`", findings, top.keys["disclosure"].span)
    scalar = section.scalar("asks")
    if scalar is None:
        return ASKS
    found = re.fullmatch(r"(\d{1,6}) per round, (\d{1,6}) per party", " ".join(scalar.value.split()), re.ASCII)
    if found is None:
        what = f"`{shorten(scalar.value)}` is no number of asks"
        findings.add(Code.BAD_VALUE, what, scalar.span, f"write `asks: {ASKS[0]} per round, {ASKS[1]} per party`")
        return ASKS
    return int(found[1]), int(found[2])


def _allowed(draft: Draft, findings: Findings) -> Const:
    """Return what an issue of a layer below may be worth to us at most."""
    mapping = draft.top.mapping("allows")
    if mapping is None:
        return Const(Fraction(0))
    section = Section(mapping, "allows", "`allows`", findings, draft.top.keys["allows"].span)
    unit = Unit(Kind.MONEY, draft.currency)
    worth = section.value("issue_worth", unit)
    return amount_of(worth if isinstance(worth, int) else 0, unit)


def _people(draft: Draft, findings: Findings) -> tuple[dict[str, str], dict[str, str]]:
    """Return the declared names of people, as names are compared: with the id each stands for, and with the role."""
    found, spoken, roles = dict[str, str](), dict[str, str](), _roles(draft)
    for person, node in draft.top.entries("people", ".+"):
        role, key, items = "", shorten(person.value), node.items if isinstance(node, source.Sequence) else (node,)
        if isinstance(node, source.Mapping):
            section = Section(node, "person", f"`{shorten(person.value)}`", findings, person.span)
            key, names = "names", section.nodes.get("names")
            items = names.items if isinstance(names, source.Sequence) else () if names is None else (names,)
            role = _role(section, roles, findings)
        for item in (person, *items):
            if not isinstance(item, Scalar) or not item.value.strip():
                what = f"`people` wants names of `{shorten(person.value)}`, not {describe(item)}"
                findings.add(Code.WRONG_SHAPE, what, item.span, f"write `{key}: [one name, another]`")
                continue
            name = folded(item.value)
            if found.setdefault(name, person.value) != person.value:
                what = f"`{shorten(item.value)}` is a name of two people"
                findings.add(Code.DUPLICATE_KEY, what, item.span, "keep it with one of the two")
            elif role:
                spoken[name] = role
            if item.value in roles and name != folded(person.value):
                what = f"`{item.value}` is a role, and stands here as a name of `{shorten(person.value)}`"
                findings.warn(
                    Code.BAD_VALUE, what, item.span, f"write `{shorten(person.value)}: {{role: {item.value}}}`"
                )
    return found, spoken


def _roles(draft: Draft) -> tuple[str, ...]:
    """Return what `roles` and `mandates` name, whatever else is wrong with it."""
    roles = draft.top.nodes.get("roles")
    listed = roles.items if isinstance(roles, source.Sequence) else ()
    known = [role.value for role in listed if isinstance(role, Scalar)]
    return (*known, *(name.value for name, _ in draft.top.entries("mandates", ".+")))


def _role(section: Section, roles: tuple[str, ...], findings: Findings) -> str:
    """Return the role in which somebody acts for us; empty, with a finding, where nothing names it."""
    scalar = section.scalar("role")
    if scalar is None or scalar.value in roles:
        return "" if scalar is None else scalar.value
    what = f"`{shorten(scalar.value)}` is no role: neither `roles` nor `mandates` names it"
    hint = nearest(scalar.value, roles, few=len(roles)) or "add it to `mandates`, with what it may offer"
    findings.add(Code.UNKNOWN_ROLE, what, scalar.span, hint)
    return ""


def _first_currency(root: source.Mapping) -> str:
    """Return the first currency that an amount in the file names: what is meant where `currency` does not say."""
    found = (word for scalar in scalars(root) for word in re.findall(r"\d\s*([A-Z]{3})\b", scalar.value))
    return next((word for word in found if word in CURRENCIES), "USD")


def _effective(top: Section, findings: Findings) -> tuple[int | None, int | None]:
    """Return the days between which deals may open."""
    mapping = top.mapping("effective")
    if mapping is None:
        return None, None
    section = Section(mapping, "effective", "`effective`", findings)
    first, last = section.day("from"), section.day("to")
    if first is not None and last is not None and last < first:
        findings.add(Code.BAD_DATE, "`to` is before `from`", section.nodes["to"].span, "swap the two")
    return first, last


def _deal_fact(name: Scalar, node: source.Node, currency: str, findings: Findings) -> DealFact | None:
    """Read one fact under `deal:`: a type alone, or a mapping."""
    title = f"deal fact `{name.value}`"
    if isinstance(node, Scalar):
        unit = unit_named(node, title, currency, findings)
        return DealFact(name.value, unit) if unit is not None else None
    if not isinstance(node, source.Mapping):
        what = f"{title} wants a type, not {describe(node)}"
        findings.add(Code.WRONG_SHAPE, what, node.span, f"write `{name.value}: money`")
        return None
    section = Section(node, "deal", title, findings, name.span)
    unit = unit_of(section, currency)
    optional, personal, meaning = section.flag("optional"), section.flag("personal"), section.text("meaning")
    if unit is None:
        return None
    default, limits = section.value("default", unit), bounds(section, unit)
    check_within(section, "default", default, unit, limits)
    return DealFact(name.value, unit, optional, default, personal, meaning, *limits)


def _version(top: Section, findings: Findings) -> int:
    """Return the version, a whole number above 0."""
    scalar = top.scalar("version")
    if scalar is None:
        return 0
    if re.fullmatch("[1-9][0-9]{0,8}", scalar.value, re.ASCII):
        return int(scalar.value)
    what = f"`{shorten(scalar.value)}` is no version"
    findings.add(Code.BAD_VALUE, what, scalar.span, "write a whole number, 1 or more")
    return 0


def _coverage(top: Section, findings: Findings) -> int | None:
    """Return how much of the policy its scenarios must exercise, in 1/10,000 percent."""
    mapping = top.mapping("require")
    if mapping is None:
        return None
    section = Section(mapping, "require", "`require`", findings, top.keys["require"].span)
    least = section.value("coverage", Unit(Kind.PERCENT))
    if isinstance(least, int) and not 0 <= least <= _ALL:
        what = f"{format_value(least, Unit(Kind.PERCENT))} is no share of a whole"
        findings.add(Code.BAD_VALUE, what, section.nodes["coverage"].span, "write 0% to 100%")
        return None
    return least if isinstance(least, int) else None
