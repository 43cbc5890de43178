"""The stage that reads `derived:`: facts made of the terms on the table, such as what so many seats at a price come to.

Two values that both run freely are multiplied here and nowhere else: the product is computed beside the rules, exactly,
and they read it as one more fact. So their conditions stay sums of facts.

Source:
    docs/issues.md, what two issues come to together.
"""

from msgspec.structs import replace

from walkaway.language import source
from walkaway.language.codes import Code
from walkaway.language.currencies import CURRENCIES
from walkaway.language.diagnostics import Findings
from walkaway.language.expr import infer
from walkaway.language.expr.grammar import Syntax, SyntaxFinding, parse
from walkaway.language.expr.linear import TooComplex, monomials
from walkaway.language.expr.tree import facts_of
from walkaway.language.expr.types import FactType, Inferred, Scope, Typed
from walkaway.language.source import Scalar
from walkaway.language.values import Kind, shorten
from walkaway.policy.model import Derived
from walkaway.policy.parse.draft import Draft, notes_for
from walkaway.policy.parse.fields import NAME
from walkaway.policy.parse.names import broken, is_free
from walkaway.policy.parse.section import Section, describe

_LATER = frozenset(
    ["give", "asked", "get", "move", "room", "walk", "want", "wish", "ours", "theirs", "balance", "since", "signals"]
) | {"approved", "pattern", "batna", "missing", "left", "calendar", "fx", "concluded", "stated", "earlier", "party"}
_LATER |= {"owed", "lines"}
"""Groups of facts that are no values of the terms on the table, and that no deal states when it opens."""


def read_derived(draft: Draft, findings: Findings) -> Draft:
    """Read `derived:`."""
    notes, found = notes_for(findings), dict[str, Derived]()
    entries = draft.top.entries("derived", NAME)
    scope = _scope(draft) if entries else draft.scope
    for name, node in entries:
        if not is_free(name, draft.issues, findings):
            continue
        read = _derived(name, node, scope, notes, findings)
        if read is not None:
            found[name.value] = read
    return replace(draft.noting(notes), derived=found)


def written(top: Section, name: str) -> str:
    """Return what a derived fact is, as its author wrote it, on one line."""
    node = top.nodes.get("derived")
    said = node.get(name) if isinstance(node, source.Mapping) else None
    return " ".join(said.value.split()) if isinstance(said, Scalar) else ""


def _scope(draft: Draft) -> Scope:
    """Return what may be multiplied: values of issues, and what a deal states."""
    facts = {f"offer.{i.name}": FactType(i.unit) for i in draft.issues.values()}
    facts |= {name: fact for name, fact in draft.scope.facts.items() if name.startswith("deal.")}
    unread = draft.scope.broken | broken(draft.top, "issues", draft.issues)
    return Scope(facts, draft.currency, broken=unread, later=_LATER, multiplies=True)


def _derived(name: Scalar, node: source.Node, scope: Scope, notes: Inferred, findings: Findings) -> Derived | None:
    """Read one derived fact."""
    if not isinstance(node, Scalar) or not node.value.strip():
        what = f"derived fact `{name.value}` wants an expression, not {describe(node)}"
        findings.add(Code.WRONG_SHAPE, what, name.span, "write a product, as `offer.seats * offer.price`")
        return None
    if _is_amiss(name, node, scope, findings):
        return None
    typed = infer.number(node, scope, notes)
    return None if typed is None else _made(name, node, typed, scope, findings)


def _is_amiss(name: Scalar, node: Scalar, scope: Scope, findings: Findings) -> bool:
    """Report what a derived fact is not made of: other derived facts, and whatever is no value of the terms."""
    try:
        syntax = parse(node.value)
    except SyntaxFinding:
        return False  # that is reported where it is inferred
    before = len(findings)
    for part in _parts(syntax):
        place = node.at(part.start, part.end - part.start)
        group, _, last = part.word.partition(".")
        if part.quantity is not None and part.quantity.word in CURRENCIES:
            what = f"an amount stands in derived fact `{name.value}`, which is made of issues and deal facts"
            findings.add(Code.DERIVED, what, place, "have the deal state it, or reckon with it in a rule")
        elif part.form == "call" and part.word in ("min", "max", "abs"):
            what = f"`{part.word}` stands in derived fact `{name.value}`, which is a sum of products"
            findings.add(Code.DERIVED, what, place, "derive what it compares, and compare that in a rule")
        elif part.form == "lookup":
            what = f"a table's cell stands in derived fact `{name.value}`, which is made of issues and deal facts"
            findings.add(
                Code.DERIVED, what, place, "have the deal state it, or multiply the cell by an issue in a rule"
            )
        elif part.form == "name" and group == "derived":
            what = f"derived fact `{name.value}` rests on `{shorten(part.word)}`, which is derived itself"
            findings.add(Code.DERIVED, what, place, "write out the issues that it multiplies")
        elif part.form == "name" and part.word not in scope.facts and (group in _LATER or last in _OF_THE_OFFER):
            what = f"derived fact `{name.value}` rests on `{shorten(part.word)}`, which is no issue and no deal fact"
            issue = f"offer.{last.rpartition('.')[2]}"
            hint = f"write `{issue}`" if issue in scope.facts else "multiply issues, and what the deal states"
            findings.add(Code.DERIVED, what, place, hint)
    return len(findings) > before


_OF_THE_OFFER = ("worth", "first", "by", "role")


def _parts(syntax: Syntax) -> list[Syntax]:
    return [syntax, *(p for part in syntax.parts for p in _parts(part))]


def _made(name: Scalar, node: Scalar, typed: Typed, scope: Scope, findings: Findings) -> Derived | None:
    """Return a derived fact; none, with a finding, where it is no product, or an amount stands in it by itself."""
    tree, unit = typed.tree, typed.unit
    try:
        found = monomials(tree)
    except TooComplex:
        findings.add(Code.TOO_COMPLEX, f"derived fact `{name.value}` is too long a sum", node.span, "derive two facts")
        return None
    if not any(f.startswith("offer.") for f in facts_of(tree)):
        what = f"derived fact `{name.value}` reads no issue, so no terms change it"
        findings.add(Code.DERIVED, what, node.span, "multiply an issue, as `offer.seats * deal.list`")
        return None
    if any(not product for product, _ in found):
        what = f"derived fact `{name.value}` has a part that is no product: the number that is added"
        findings.add(Code.DERIVED, what, node.span, "add it where a rule reads the derived fact")
        return None
    if unit.kind is Kind.DAY or typed.kinds == frozenset({Kind.DAYS, Kind.DURATION}):
        what = f"derived fact `{name.value}` is a day, and days are not multiplied"
        findings.add(Code.DERIVED, what, node.span, "compare days in a rule")
        return None
    parts = tuple((tuple(str(atom) for atom in product), factor * unit.scale) for product, factor in found)
    return Derived(name.value, unit, tree, parts)
