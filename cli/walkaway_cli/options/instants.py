"""Instants and days on the command line: RFC 3339, or a day, which begins at midnight UTC."""

import click

from walkaway.language import instant_of, read_day, shorten


def instant(text: str) -> tuple[str, int]:
    """Return the instant as RFC 3339, and in microseconds since 1970.

    Raises:
        BadParameter: Where *text* is none.
    """
    whole = f"{text}T00:00:00Z" if len(text) == 10 else text
    found = instant_of(whole)
    if found is not None:
        return whole, found
    hint = "write YYYY-MM-DDThh:mm:ssZ, or a day as YYYY-MM-DD, which begins at midnight UTC"
    raise click.BadParameter(f"{shorten(text)!r} is no instant; {hint}")


def day(_: click.Context, __: click.Parameter, text: str | None) -> int | None:
    """Read the day of an option, in days since 1970; none where it is left out.

    Raises:
        BadParameter: Where *text* is none.
    """
    found = None if text is None else read_day(text)
    if text is not None and found is None:
        raise click.BadParameter(f"{shorten(text)!r} is no day; write YYYY-MM-DD, which is a UTC day")
    return found
