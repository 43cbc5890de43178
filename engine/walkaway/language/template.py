"""Words with facts in them: `{fact}` stands for a value, `{{` and `}}` for the brackets themselves."""

import re
from collections.abc import Iterator

import msgspec

_PIECE = re.compile(r"\{\{|\}\}|\{([^{}]*)\}")


class FactPlace(msgspec.Struct, frozen=True):
    """A place in a text where a fact's value is shown: from where, and how many characters."""

    fact: str
    start: int
    length: int


def places(text: str) -> Iterator[FactPlace]:
    """Return where a text shows facts, in its order."""
    for found in _PIECE.finditer(text):
        if found[1] is not None:
            yield FactPlace(found[1].strip(), found.start(), len(found[0]))


def pieces(text: str) -> tuple[str, tuple[tuple[str, str], ...]]:
    """Return a text's words up to its first fact, and each fact with the words that follow it."""
    words, last = [""], 0
    facts = []
    for found in _PIECE.finditer(text):
        words[-1] += text[last : found.start()]
        last = found.end()
        if found[1] is None:
            words[-1] += found[0][0]
        else:
            facts.append(found[1].strip())
            words.append("")
    words[-1] += text[last:]
    return words[0], tuple(zip(facts, words[1:], strict=True))
