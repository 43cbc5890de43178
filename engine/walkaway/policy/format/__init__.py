"""Lay a policy file out anew: indents, spaces, blank lines and long lines; words, quotes, comments and order stay.

Works on the text alone: `reader` takes a file's layout apart, `writer` writes it in the one way.
`walkaway.policy.formatted` proves the result: read again, it says the same.
"""

from walkaway.language.source import Text
from walkaway.policy.format.layout import Comment
from walkaway.policy.format.reader import read_layout
from walkaway.policy.format.writer import INDENT, WIDTH, write_layout

__all__ = ["INDENT", "WIDTH", "comments", "lay_out"]


def lay_out(text: Text) -> str:
    """Return the same file laid out as all policies are; it must have been read without a finding."""
    return write_layout(text, read_layout(text))


def comments(text: Text) -> tuple[Comment, ...]:
    """Return a file's comments, in its order."""
    return read_layout(text).comments
