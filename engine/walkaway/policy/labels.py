"""What names are called where people read: issues, deal facts, words, roles and signals by their labels.

A name stays what events, hashes and logs know; another label changes no decision.
"""

from collections.abc import Callable, Mapping

from walkaway.language.values import Exact, Kind, Unit, Value, format_value, formatter

Labels = Mapping[str, str]
"""Section and name, as `issues.discount` or `words.gold` → the label."""


def labelled(labels: Labels, section: str, name: str) -> str:
    """Return what a name is called; the name itself where it has no label."""
    return labels.get(f"{section}.{name}", name)


def writer(labels: Labels, unit: Unit) -> Callable[[Exact], str]:
    """Return what writes values as `formatter` does, words by their labels."""
    write = formatter(unit)
    if unit.kind is not Kind.CHOICE or not labels:
        return write
    return lambda value: labelled(labels, "words", write(value))


def written(labels: Labels, value: Value, unit: Unit) -> str:
    """Write a value as `format_value` does, a word by its label."""
    text = format_value(value, unit)
    return labelled(labels, "words", text) if unit.kind is Kind.CHOICE else text
