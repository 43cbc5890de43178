"""The manual of the sentences, from the sentences themselves: `walkaway test --sentences`, and docs/scenarios.md."""

import textwrap

from walkaway_cli.scenarios import steps
from walkaway_cli.scenarios.sentences import SENTENCES, Sentence

_GROUPS = {
    ("Given",): "What the deal is about: `Given`",
    ("Given", "When"): "What happens: `Given` or `When`",
    ("When",): "What might happen: `When`",
    ("Then",): "What the answer is: `Then`",
}


def manual() -> str:
    """Return every sentence with its meaning and examples, in Markdown."""
    assert steps is not None
    parts = []
    for kinds, title in _GROUPS.items():
        entries = "\n".join(_entry(s) for s in SENTENCES if s.kinds == kinds)
        parts.append(f"### {title}\n\n{entries.rstrip()}")
    return "\n\n".join(parts)


def _entry(sentence: Sentence) -> str:
    short = [f"`{e}`" for e in sentence.examples if "\n" not in e]
    long = [_block(e) for e in sentence.examples if "\n" in e]
    lines = [
        f"- `{sentence.shown()}`",
        *_filled(sentence.means),
        *_filled(f"As in {', '.join(short)}" if short else ""),
    ]
    return "\n".join([*lines, *long])


def _filled(text: str) -> list[str]:
    return textwrap.wrap(text, 118, initial_indent="  ", subsequent_indent="  ", break_on_hyphens=False)


def _block(example: str) -> str:
    return textwrap.indent(f"\n```text\n{example}\n```\n", "  ", lambda line: bool(line.strip()))
