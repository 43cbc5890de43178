"""Texts as people spell them: the one form of Unicode in which words are compared, and what a name may be made of."""

import unicodedata

_UNSEEN = frozenset("\u00ad\u200c\u200d\u2060")
"""Signs that nobody sees and that names are written with: soft hyphen and joiners."""


def composed(text: str) -> str:
    """Return a text in the form of Unicode in which words are compared (NFC)."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def is_written(text: str) -> bool:
    """Return whether people write a text as a name: printable, with joiners, soft hyphens and spaces of any width."""
    return text.isprintable() or all(map(is_shown, text))


def is_shown(char: str) -> bool:
    """Return whether a character is fit for a name and for a message of one line."""
    return char.isprintable() or char in _UNSEEN or unicodedata.category(char) == "Zs"


def counted(number: int, noun: str) -> str:
    """Return a number of things, as in `1 event`, `3,842 entries`."""
    if number == 1:
        return f"1 {noun}"
    ends = noun[-1:] == "y" and noun[-2:-1] not in "aeiou"
    return f"{number:,} {noun[:-1] + 'ies' if ends else noun + 's'}"
