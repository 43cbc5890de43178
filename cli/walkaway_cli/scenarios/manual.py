"""The manual of the sentences, from the sentences themselves: `walkaway test --sentences`, and docs/scenarios.md."""

from walkaway_cli.scenarios import steps
from walkaway_cli.scenarios.sentences import SENTENCES, Sentence

_GROUPS = {
    ("Given",): "What the deal is about: `Given`",
    ("Given", "When"): "What happens: `Given` or `When`",
    ("When",): "What might happen: `When`",
    ("Then",): "What the answer is: `Then`",
}


def manual() -> str:
    """Give every sentence with its meaning and examples, in Markdown."""
    assert steps is not None
    parts = []
    for kinds, title in _GROUPS.items():
        parts += [f"### {title}", "", *(_entry(s) for s in SENTENCES if s.kinds == kinds), ""]
    return "\n".join(parts).rstrip()


def _entry(sentence: Sentence) -> str:
    examples = ", ".join(f"`{e}`" for e in sentence.examples)
    return f"- **{_escaped(sentence.shown())}**\n  {sentence.means}\n  As in {examples}"


def _escaped(template: str) -> str:
    return template.replace("[", "\\[").replace("_", "\\_")
