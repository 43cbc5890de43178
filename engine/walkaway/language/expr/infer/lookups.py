"""Look up what a name or a table's cell stands for; one that is unknown, or has no value here, is a finding."""

from walkaway.language.codes import Code
from walkaway.language.diagnostics import closest, nearest
from walkaway.language.expr.grammar import Syntax
from walkaway.language.expr.infer.context import Context
from walkaway.language.expr.tree import Condition, Fact
from walkaway.language.expr.types import FactType, Lookup, Typed
from walkaway.language.spelling import counted
from walkaway.language.values import Unit, shorten


def definition(name: str, context: Context) -> Condition | Typed | None:
    """Return what `define:` says of a name."""
    found = context.scope.defined.get(name)
    if found is not None:
        context.notes.names.add(name)
    return found


def fact_named(syntax: Syntax, context: Context) -> FactType | None:
    """Return the type of the fact that a name stands for."""
    found = context.scope.facts.get(syntax.word)
    if found is not None:
        return found
    if _is_broken(syntax.word, context):
        return None
    group, dot, _ = syntax.word.partition(".")
    if group in context.scope.later and (dot or group == "balance"):
        what = f"`{shorten(syntax.word)}` is known only once the deal runs, and this must be fixed when it opens"
        context.report(Code.NOT_FIXED, what, syntax, "use constants, tables and facts under `deal:`")
    elif group == "concluded":
        names = [n for n in context.scope.facts if n.startswith("concluded.")]
        name = shorten(syntax.word.partition(".")[2])
        hint = nearest(syntax.word, names) or f"add a rule with `then: {{conclude: {name}}}`"
        context.report(Code.UNKNOWN_FACT, f"no rule concludes `{name}`", syntax, hint)
    else:
        hint = (
            _meant(syntax.word, context)
            or _undue(syntax.word, context)
            or nearest(syntax.word, [*context.scope.facts, *context.scope.defined])
        )
        if "-" in syntax.word and not hint:
            hint = "a minus between two names wants spaces around it"
        context.report(
            Code.UNKNOWN_FACT,
            f"`{shorten(syntax.word)}` is not a fact",
            syntax,
            hint or "`walkaway facts` lists them all",
        )
    return None


def lookup(syntax: Syntax, context: Context) -> Typed | None:
    """Return a cell of a table as a number."""
    table_name, _, column = syntax.word.partition(".")
    table = context.scope.tables.get(table_name)
    if table is None:
        if _is_broken(f"tables.{table_name}", context):
            return None
        context.report(
            Code.UNKNOWN_FACT,
            f"there is no table `{shorten(table_name)}`",
            syntax,
            nearest(table_name, context.scope.tables) or "declare it under `tables:`",
        )
        return None
    unit = table.columns.get(column)
    if unit is None:
        context.report(
            Code.UNKNOWN_FACT,
            f"table `{table_name}` has no column `{shorten(column)}`",
            syntax,
            nearest(column, table.columns),
        )
        return None
    if len(syntax.parts) != len(table.keys):
        context.report(
            Code.SYNTAX, f"table `{table_name}` has {counted(len(table.keys), 'key')}, not {len(syntax.parts)}", syntax
        )
        return None
    names = [_key(part, wanted, context) for part, wanted in zip(syntax.parts, table.keys, strict=True)]
    keys = tuple(n for n in names if n is not None)
    if len(keys) != len(names):
        return None
    name = f"{table_name}[{', '.join(keys)}].{column}"
    context.notes.lookups.append(Lookup(name, table_name, keys, column))
    context.notes.multipliers |= set(keys)
    return Typed(Fact(name, unit.scale), unit, frozenset({unit.kind}))


def _is_broken(word: str, context: Context) -> bool:
    """Return whether *word* names something that has a finding of its own."""
    group = word.rpartition(".")[0]
    return not context.scope.broken.isdisjoint((word, f"{group}.*" if group else "*"))


def _meant(word: str, context: Context) -> str:
    """Return the hint for a name that lacks its group, as `discount` for `offer.discount`."""
    if "." in word:
        return ""
    names = [*context.scope.facts, *context.scope.broken]
    for group in ("offer", "deal", "signals"):
        known = {n.removeprefix(f"{group}."): n for n in names if n.startswith(f"{group}.")}
        if found := known.get(word) or known.get(closest(word, known)):
            return f"did you mean `{found}`?"
    return ""


def _undue(word: str, context: Context) -> str:
    """Return the hint for a fact of what they owe, where the issue is not owed."""
    issue = next((word.removeprefix(g) for g in _OWED if word.startswith(g)), "")
    if f"offer.{issue}" in context.scope.facts:
        return f"write `owed: … days after close` at the issue `{issue}`"
    return ""


_OWED = ("owed.open.", "owed.late.", "owed.days_left.")


def _key(syntax: Syntax, wanted: Unit, context: Context) -> str | None:
    """Return the fact that chooses the row by one of the keys of a table."""
    fact = fact_named(syntax, context) if syntax.form == "name" else None
    if syntax.form != "name":
        context.report(Code.SYNTAX, "a table's key is the name of a fact", syntax, "write `floors[deal.segment].walk`")
    elif fact is not None and not fact.fixed:
        why = "may be missing" if syntax.word.startswith("deal.") else "changes during a deal"
        what = f"`{syntax.word}` {why}, so it cannot choose a row"
        context.report(Code.NOT_FIXED, what, syntax, "use a fact under `deal:` that every deal states")
    elif fact is not None and fact.unit != wanted:
        what = f"`{syntax.word}` is {fact.unit}; the table's key is {wanted}"
        context.report(Code.KINDS_DIFFER, what, syntax, "use the fact that the table's key column names")
    elif fact is not None:
        return syntax.word
    return None
