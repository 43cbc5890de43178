"""What a text that no reader takes says to people all the same: its number, and the unit that they call otherwise.

Nothing is read this way: it is for hints, which show no value but the user's own. Must not know units or policies.
"""

import re
from fractions import Fraction

from walkaway.language.currencies import CURRENCIES

_SIGNS = {"€": "EUR", "£": "GBP", "$": "USD", "¥": "JPY", "₹": "INR", "₩": "KRW", "₺": "TRY", "₴": "UAH", "zł": "PLN"}
_NAMES = {
    "euro": "EUR", "dollar": "USD", "buck": "USD", "pound": "GBP", "quid": "GBP", "yen": "JPY", "rupee": "INR",
    "zloty": "PLN", "franken": "CHF", "franc": "CHF", "yuan": "CNY", "us$": "USD",
}  # fmt: skip
_TIMES = {
    "k": 1_000,
    "thousand": 1_000,
    "m": 10**6,
    "mio": 10**6,
    "mn": 10**6,
    "million": 10**6,
    "bn": 10**9,
    "billion": 10**9,
}
_UNITS: dict[str, tuple[str, int]] = {
    **dict.fromkeys(("%", "percent", "per cent", "pct", "pc"), ("%", 1)),
    **dict.fromkeys(("year", "yr", "y", "annum"), ("months", 12)),
    **dict.fromkeys(("quarter",), ("months", 3)),
    **dict.fromkeys(("month", "mo", "mth"), ("months", 1)),
    **dict.fromkeys(("week", "wk", "w"), ("weeks", 1)),
    **dict.fromkeys(("day", "d"), ("days", 1)),
    **dict.fromkeys(("hour", "hr", "h"), ("hours", 1)),
    **dict.fromkeys(("minute", "min"), ("minutes", 1)),
    **dict.fromkeys(("second", "sec", "s"), ("seconds", 1)),
}
"""What people call a unit → its word in a policy, and how many of that it is."""
_BLANK = re.compile("[\\s\u00a0\u202f\u2009]+")
_MINUS = str.maketrans({"−": "-", "–": "-", "—": "-"})
_SHAPE = re.compile(
    r"(?P<before>[A-Za-z$€£¥₹₩₺₴]{1,3}\$?)?\s?(?P<sign>[+-]?)\s?(?P<number>\d[\d.,' ]*(?:[eE][+-]?\d{1,2})?|\.\d+)"
    r"\s?(?P<after>.{0,24})"
)


def quantity(text: str) -> tuple[tuple[Fraction, ...], str] | None:
    """Return what a text that no reader takes says to people: its possible numbers, and the unit's word, if any.

    None where it is no number at all.
    """
    clean = _BLANK.sub(" ", text.translate(_MINUS)).strip()
    negative = len(clean) > 2 and clean[0] == "(" and clean[-1] == ")"
    found = _SHAPE.fullmatch(clean[1:-1].strip() if negative else clean) if len(clean) <= 60 else None
    if found is None:
        return None
    word = _word(found["before"] or "", found["after"].strip())
    numbers = _numbers(found["number"].strip())
    if word is None or not numbers:
        return None
    name, times = word
    factor = -times if negative or found["sign"] == "-" else times
    return tuple(n * factor for n in numbers), name


def _word(before: str, after: str) -> tuple[str, int] | None:
    """Return the unit that stands before and behind a number, and what it multiplies the number by."""
    currency = currency_called(before) if before else ""
    times = 1
    head, _, rest = after.partition(" ")
    for scale in sorted(_TIMES, key=len, reverse=True):
        rests = head[len(scale) :]
        if head.lower().startswith(scale) and (not rests or (len(scale) == 1 and currency_called(rests))):
            if scale == "m" and not (currency or currency_called(rests) or currency_called(rest)):
                continue
            times, after = _TIMES[scale], f"{rests} {rest}".strip()
            break
    if before:
        return (currency, times) if currency and (not after or currency_called(after) == currency) else None
    if not after:
        return "", times
    if found := currency_called(after):
        return found, times
    one = after.lower().rstrip(".").removesuffix("s") if len(after) > 1 else after.lower()
    if one not in _UNITS:
        return None
    name, each = _UNITS[one]
    return name, each * times


def currency_called(word: str) -> str:
    """Return the ISO 4217 code of what people call a currency; empty where it is none."""
    word = word.strip()
    if word.upper() in CURRENCIES:
        return word.upper()
    lower = word.lower()
    return _SIGNS.get(word) or _NAMES.get(lower) or _NAMES.get(lower.removesuffix("s"), "")


def _numbers(digits: str) -> tuple[Fraction, ...]:
    """Return the numbers that digits with points, commas and blanks may be: two where a sign has two meanings."""
    body, _, power = digits.lower().partition("e")
    scale = Fraction(10) ** int(power) if power else Fraction(1)
    body = body.strip(" ,.'") if not body.startswith(".") else f"0{body}"
    body = re.sub(r"(?<=\d)[ '](?=\d{3}(?!\d))", "", body)
    if " " in body or "'" in body:
        return ()
    point, comma = body.rfind("."), body.rfind(",")
    if point >= 0 and comma >= 0:
        decimal, thousands = (".", ",") if point > comma else (",", ".")
        whole, _, rest = body.replace(thousands, "").partition(decimal)
        return (Fraction(f"{whole}.{rest}") * scale,) if rest.isdigit() else ()
    for sign in ".,":
        parts = body.split(sign)
        if len(parts) > 2:
            return (Fraction("".join(parts)) * scale,) if all(len(p) == 3 for p in parts[1:]) else ()
        if len(parts) == 2:
            decimal_too = Fraction(f"{parts[0]}.{parts[1]}") * scale
            grouped = len(parts[1]) == 3 and 1 <= len(parts[0]) <= 3 and parts[0][0] != "0"
            if not grouped:
                return (decimal_too,)
            together = Fraction("".join(parts)) * scale
            return (together,) if sign == "," else (decimal_too, together)
    return (Fraction(body) * scale,) if body.isdigit() and body.isascii() else ()
