"""Texts on the command line: what is no UTF-8 comes as half characters, which no event and no answer can hold."""


def is_text(typed: str) -> bool:
    """Return whether what was typed is UTF-8."""
    return not any("\ud800" <= character <= "\udfff" for character in typed)
