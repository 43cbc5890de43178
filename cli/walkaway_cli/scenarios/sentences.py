"""Sentences: what a line of a feature file may say, as people read it and as a pattern that the line must match.

In a template `{name}` stands for anything, `{name=us|them}` for one of the words, `(is|was)` for either, and `[now ]`
may be left out. Where a template ends in `{terms}` or `{facts}`, a colon and a table do as well.
Knows no policy and no deal.
"""

import re
from collections.abc import Callable
from difflib import SequenceMatcher
from typing import ParamSpec, TypeVar

import msgspec
import pytest_bdd
from pytest_bdd.parsers import StepParser

P = ParamSpec("P")
T = TypeVar("T")

_DECORATORS = {"Given": pytest_bdd.given, "When": pytest_bdd.when, "Then": pytest_bdd.then}
_TOKEN = re.compile(r" \{(?:terms|facts)\}|\{(?P<name>\w+)(?:=(?P<words>[^}]*))?\}|[\[\]()|]|[^\[\](){}| ]+| ")
_GROUPING = {"[": "(?:", "]": ")?", "(": "(?:", ")": ")", "|": "|"}

_FIELDS = {"fact": r"(?:(?:\w+\.)+\w+|balance)", "duration": r"[0-9][0-9,]* [a-z]+"}
"""Fields that are not just any words."""


class Sentence(msgspec.Struct, frozen=True):
    """One sentence.

    Attributes:
        kinds: The keywords it goes with, of `Given`, `When` and `Then`.
        examples: Whole lines without their keyword, with the table or text below them; at least one.
    """

    kinds: tuple[str, ...]
    template: str
    means: str
    examples: tuple[str, ...]

    def shown(self) -> str:
        """Return the template as people read it: `us|them` for a field with words."""
        return re.sub(r"\{\w+=([^}]*)\}", r"\1", self.template)

    def first_lines(self) -> tuple[str, ...]:
        """Return the examples without what stands below them."""
        return tuple(e.partition("\n")[0] for e in self.examples)


class SentencePattern(StepParser):
    """A sentence's pattern, as pytest-bdd asks for it."""

    def __init__(self, template: str) -> None:
        super().__init__(template)
        self.regex = re.compile("".join(map(_piece, _TOKEN.finditer(template))))

    def parse_arguments(self, name: str) -> dict[str, str | None] | None:
        """Return the fields of a line, or none where it does not match."""
        match = self.regex.fullmatch(name)
        return match.groupdict() if match else None

    def is_matching(self, name: str) -> bool:
        """Return whether a line reads like this sentence."""
        return self.regex.fullmatch(name) is not None


def _piece(token: re.Match[str]) -> str:
    """Return the regular expression for one token of a template."""
    text = token[0]
    if text in (" {terms}", " {facts}"):
        return f"(?::| (?P<{text[2:-1]}>[^:].*?))"
    if token["words"]:
        return f"(?P<{token['name']}>{'|'.join(map(re.escape, token['words'].split('|')))})"
    if token["name"]:
        anything = '[^"]*' if token.string[: token.start()].endswith('"') else _FIELDS.get(token["name"], ".+?")
        return f"(?P<{token['name']}>{anything})"
    return _GROUPING.get(text, re.escape(text))


SENTENCES: list[Sentence] = []
"""Every sentence, in the order of the documentation."""


def sentence(kinds: str, template: str, means: str, *examples: str) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Make a function the step of every line that reads like *template*.

    Args:
        kinds: Keywords, as in `Given When`.
        means: What it does, in a sentence or two.
        examples: Lines without their keyword, with the table or text below them.
    """

    def register(function: Callable[P, T]) -> Callable[P, T]:
        new = Sentence(tuple(kinds.split()), template, means, examples)
        SENTENCES.append(new)
        for kind in new.kinds:
            function = _DECORATORS[kind](SentencePattern(template), stacklevel=2)(function)
        return function

    return register


def suggestion(kind: str, line: str) -> str:
    """Return what to write instead of a line that no sentence reads like.

    Args:
        kind: Its keyword: `Given`, `When` or `Then`.
    """
    for candidate in SENTENCES:
        if SentencePattern(candidate.template).is_matching(line):
            return f"this sentence goes with {' and '.join(candidate.kinds)}, not with {kind}"
    nearest = sorted(SENTENCES, key=lambda s: -_likeness(kind, line, s))[:3]
    shown = [f"  {kind if kind in s.kinds else s.kinds[0]} {s.first_lines()[0]}\n      {s.shown()}" for s in nearest]
    return "\n".join(["the nearest are", *shown])


def _likeness(kind: str, line: str, candidate: Sentence) -> float:
    """Compare with the examples, word by word and letter by letter; a sentence for another keyword counts less."""
    texts = (*candidate.first_lines(), candidate.shown())
    words = max(SequenceMatcher(None, line.lower().split(), t.lower().split()).ratio() for t in texts)
    letters = max(SequenceMatcher(None, line.lower(), t.lower()).ratio() for t in texts)
    return words + letters - (0 if kind in candidate.kinds else 0.3)
