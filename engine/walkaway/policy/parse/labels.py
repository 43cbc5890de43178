"""The stage that reads labels: `label:` of issues and deal facts, and `labels:` of words, roles and signals."""

import re

from msgspec.structs import replace

from walkaway.language import source
from walkaway.language.codes import Code
from walkaway.language.diagnostics import Findings, nearest
from walkaway.language.source import Scalar
from walkaway.language.values import shorten
from walkaway.policy.parse.draft import Draft
from walkaway.policy.parse.fields import NAME
from walkaway.policy.parse.section import describe

LONGEST = 60
_LANGUAGE = "[a-z]{2,3}(-[A-Z]{2})?"
_FORM = "write `label: Payment days`, or `label: {en: Payment days, de: Zahlungsziel}`"

Texts = dict[str, tuple[str, Scalar]]
"""Language, none for all → a label, and where it stands."""


def read_labels(draft: Draft, findings: Findings) -> Draft:
    """Read all labels; two that nobody can tell apart are a finding, and one that tells a limit is the lint's."""
    found: dict[str, Texts] = {}
    for section, declared in (("issues", draft.issues), ("deal", draft.deal)):
        for name, node in draft.top.entries(section, NAME):
            label = node.get("label") if isinstance(node, source.Mapping) and name.value in declared else None
            if label is not None:
                found[f"{section}.{name.value}"] = _texts(label, findings)
    words = {str(word) for issue in draft.issues.values() for word in issue.unit.choices}
    words |= {str(word) for fact in draft.deal.values() for word in fact.unit.choices}
    figures = () if draft.lines is None else tuple(draft.lines.figures)
    for name, node in draft.top.entries("labels", ".+"):
        sections = [
            s
            for s, names in (
                ("roles", draft.roles),
                ("signals", draft.signals),
                ("derived", draft.derived),
                ("lines", figures),
                ("words", words),
            )
            if name.value in names
        ]
        if not sections and draft.scope.broken.isdisjoint(
            (f"approved.{name.value}", "approved.*", "deal.*", "offer.*")
        ):
            what = f"`{shorten(name.value)}` is no role, no signal and no word of a choice"
            known = (*draft.roles, *draft.signals, *draft.derived, *figures, *sorted(words))
            hint = nearest(name.value, known)
            if name.value in draft.issues or name.value in draft.deal:
                hint = f"write `label:` below `{name.value}` itself"
            findings.add(Code.UNKNOWN_SYMBOL, what, name.span, hint)
            continue
        texts = _texts(node, findings)
        found |= {f"{section}.{name.value}": texts for section in sections}
    _apart(found, findings)
    labels = {key: {language: text for language, (text, _) in texts.items()} for key, texts in found.items() if texts}
    places = {f"labels.{key}": place.span for key, texts in found.items() for _, place in texts.values()}
    return replace(draft, labels=labels, limit_places={**draft.limit_places, **places})


def _texts(node: source.Node, findings: Findings) -> Texts:
    """Read one label: a text, or one for each language."""
    if isinstance(node, Scalar):
        text = _text(node, findings)
        return {"": (text, node)} if text else {}
    if not isinstance(node, source.Mapping) or not node.entries:
        findings.add(Code.WRONG_SHAPE, f"a label is a text, not {describe(node)}", node.span, _FORM)
        return {}
    found: Texts = {}
    for language, value in node.entries:
        if not re.fullmatch(_LANGUAGE, language.value, re.ASCII):
            what = f"`{shorten(language.value)}` is no language"
            findings.add(Code.BAD_NAME, what, language.span, "write its code, as `en`, `de` or `de-AT`")
        elif not isinstance(value, Scalar):
            findings.add(Code.WRONG_SHAPE, f"a label is a text, not {describe(value)}", value.span, _FORM)
        elif text := _text(value, findings):
            found[language.value] = text, value
    return found


def _text(node: Scalar, findings: Findings) -> str:
    text = " ".join(node.value.split())
    if not text:
        findings.add(Code.WRONG_SHAPE, "a label is empty", node.span, "write what people call it, or remove it")
    elif len(text) > LONGEST or not text.isprintable():
        what = (
            f"a label has {len(text)} characters, more than {LONGEST}" if text.isprintable() else "a label is one line"
        )
        findings.add(Code.BAD_VALUE, what, node.span, "say it in fewer words; `meaning` is for the rest")
    else:
        return text
    return ""


def _apart(found: dict[str, Texts], findings: Findings) -> None:
    """Report two things of one sort that are called alike in one language."""
    known: dict[tuple[str, str, str], str] = {}
    for key, texts in found.items():
        section, _, name = key.partition(".")
        sort = "terms" if section in ("issues", "deal") else section
        for language, (text, place) in texts.items():
            other = known.setdefault((sort, language, text.casefold()), name)
            if other != name:
                what = f"`{shorten(text)}` is what `{shorten(other)}` is called too"
                findings.add(Code.NAME_TAKEN, what, place.span, "call one of the two otherwise")
