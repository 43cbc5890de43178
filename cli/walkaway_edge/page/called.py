"""What a page calls issues, facts, words and roles: their labels, in the language that its reader asks for."""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar

import msgspec
from markupsafe import Markup, escape

from walkaway import Policy
from walkaway_edge.page.forms import FACT, TERM
from walkaway_edge.page.screens import Screen

_labels: ContextVar[Mapping[str, str]] = ContextVar("labels")
_SECTIONS = {TERM: "issues", FACT: "deal"}
"""How names of fields begin → whose labels they have."""


def calling(screen: Screen, policy: Policy) -> Screen:
    """Return a page that shows names of a policy."""
    return msgspec.structs.replace(screen, policy=policy) if policy.labels else screen


@contextmanager
def naming(screen: Screen, accepted: str) -> Iterator[None]:
    """Render a page with its policy's labels.

    Args:
        accepted: What the request says of languages, as `de-AT,de;q=0.9,en;q=0.5`.
    """
    policy = screen.policy
    token = _labels.set({} if policy is None else policy.labels_in(language_of(policy, accepted)))
    try:
        yield
    finally:
        _labels.reset(token)


def language_of(policy: Policy, accepted: str) -> str:
    """Return the language that is accepted most of all those in which the policy has labels; English for none.

    Source:
        RFC 9110, section 12.5.4; a weight that cannot be read counts as none.
    """
    spoken = {language for texts in policy.labels.values() for language in texts if language}
    wanted: list[tuple[float, str]] = []
    for part in accepted.split(",")[:20]:
        tag, _, weight = part.strip().partition(";q=")
        if re.fullmatch("(0(\\.[0-9]{0,3})?|1(\\.0{0,3})?)", weight or "1", re.ASCII):
            wanted.append((-float(weight or "1"), tag))
    for _, tag in sorted(wanted, key=lambda each: each[0]):
        for language in (tag, tag.partition("-")[0]):
            if language in spoken:
                return language
    return "en"


def _called(issue: str) -> str:
    return _labels.get({}).get(f"issues.{issue}") or issue.replace("_", " ")


def _word(value: object) -> str:
    return _labels.get({}).get(f"words.{value}", str(value))


def _role(role: str) -> str:
    return _labels.get({}).get(f"roles.{role}", role)


def _field(name: str, label: str) -> str:
    prefix = next((p for p in _SECTIONS if name.startswith(p)), "")
    return _labels.get({}).get(f"{_SECTIONS.get(prefix, '')}.{name.removeprefix(prefix)}", label)


def _ticked(text: str) -> Markup:
    """Set what stands in backticks as code."""
    parts = text.split("`")
    if len(parts) % 2 == 0:
        return escape(text)
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if number % 2 else escape(part) for number, part in enumerate(parts)
    )


FILTERS: Mapping[str, Callable[..., str]] = {
    "called": _called, "word": _word, "role": _role, "field": _field, "ticked": _ticked,
}  # fmt: skip
"""Filters of the templates."""
