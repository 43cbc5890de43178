# Over 400 lines: one parser, with what people write instead of its words.
"""Parse an expression's text into syntax: who binds tighter, and where each part stands. Knows no names.

Precedence climbing, one function for each level; depth and length are bounded, so any text gives syntax or one
finding. Words may hold hyphens (`mid-market`), so a minus between names wants spaces.
"""

import re

import msgspec

from walkaway.language.codes import Code
from walkaway.language.currencies import CURRENCIES
from walkaway.language.values import UNIT_WORDS, Quantity, anywhere, read_quantity, shorten

MAX_LENGTH = 4_000
MAX_DEPTH = 40
MAX_DIGITS = 40

_BLANKS = " \t\r\n\f\v"
_TOKEN = re.compile(
    r"""\s*(?:
      (?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2}(?![0-9A-Za-z]))
    | (?P<number>(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]+)?(?![0-9.,]*[0-9]))
    | (?P<word>[A-Za-z_][A-Za-z0-9_]*(?:-[A-Za-z0-9_]+)*)
    | (?P<text>"[^"\n]*"|'[^'\n]*')
    | (?P<sign><=|>=|!=|==|[-<>=+*/%()\[\],.])
    )""",
    re.VERBOSE | re.ASCII,
)

KEYWORDS = frozenset(["and", "or", "not", "in", "between", "of", "per", "yes", "no"])
_COMPARISONS = {"<": "<", "<=": "<=", ">": ">", ">=": ">=", "=": "=", "==": "=", "!=": "!="}


class Syntax(msgspec.Struct, frozen=True):
    """A part of an expression.

    Attributes:
        form: `quantity day name text yes-no negative sum product of call lookup compare in between not and or`.
        start: Offset of its first character; `end` is behind its last.
        word: The operator, function, table, column, name or text, where the form has one.
    """

    form: str
    start: int
    end: int
    parts: tuple["Syntax", ...] = ()
    word: str = ""
    quantity: Quantity | None = None


class SyntaxFinding(Exception):
    """The text is no expression. Carries what a finding needs.

    Attributes:
        name: The one name that several words are perhaps meant to be, as `list_price`.
    """

    def __init__(
        self, message: str, start: int, length: int = 1, hint: str = "", code: Code = Code.SYNTAX, name: str = ""
    ) -> None:
        super().__init__(message)
        self.message, self.start, self.length, self.hint, self.code = message, start, length, hint, code
        self.name = name


class _Token(msgspec.Struct, frozen=True):
    kind: str
    text: str
    start: int
    end: int


def parse(text: str) -> Syntax:
    """Parse one expression.

    Raises:
        SyntaxFinding: At the first character that cannot be understood.
    """
    parser = _Parser(text)
    found = parser.either()
    parser.finish()
    return found


def parse_worth(text: str) -> tuple[Syntax, Syntax | None]:
    """Parse `EXPRESSION` or `EXPRESSION per STEP`; a step is a quantity or a bare unit word (`per month`)."""
    parser = _Parser(text)
    worth, step = parser.total(), None
    if parser.accept("per"):
        unit = parser.peek()
        if unit.kind == "word" and unit.text in UNIT_WORDS:
            parser.advance()
            step = Syntax("quantity", unit.start, unit.end, quantity=read_quantity(f"1 {unit.text}"))
        else:
            step = parser.signed()
    parser.finish()
    return worth, step


class _Parser:
    """Reads tokens from the left; each method reads one level of precedence."""

    def __init__(self, text: str) -> None:
        if len(text) > MAX_LENGTH:
            what = f"this expression has {len(text):,} characters, more than {MAX_LENGTH:,}"
            raise SyntaxFinding(what, 0, 1, "name parts of it under `define:`", Code.TOO_COMPLEX)
        self.text = text
        self.tokens = _tokens(text)
        self.next = 0
        self.depth = 0

    def peek(self) -> _Token:
        return self.tokens[self.next]

    def advance(self) -> _Token:
        token = self.tokens[self.next]
        self.next += 1
        return token

    def accept(self, *texts: str) -> _Token | None:
        token = self.peek()
        return self.advance() if token.text in texts and token.kind in ("word", "sign") else None

    def expect(self, text: str, where: str) -> _Token:
        found = self.accept(text)
        if found is None:
            raise self.unexpected(f"`{text}` is missing {where}", f"add `{text}`")
        return found

    def unexpected(self, message: str, hint: str = "") -> SyntaxFinding:
        token = self.peek()
        length = max(1, token.end - token.start)
        words = self.words() if token.kind == "word" and _is_plain(token) else ""
        if words and self.before_words() in _BEFORE_WORDS:
            return SyntaxFinding(message, token.start, length, f'put quotes around it: `"{words}"`')
        return SyntaxFinding(message, token.start, length, hint, name=words.replace(" ", "_"))

    def words(self) -> str:
        """Return the plain words on both sides of here, which are perhaps one name; empty where there is one alone."""
        first = last = self.next
        while first and _is_plain(self.tokens[first - 1]):
            first -= 1
        while _is_plain(self.tokens[last]):
            last += 1
        return " ".join(t.text for t in self.tokens[first:last]) if last - first > 1 else ""

    def before_words(self) -> str:
        """Return the token before the plain words that end here."""
        first = self.next
        while first and _is_plain(self.tokens[first - 1]):
            first -= 1
        return self.tokens[first - 1].text if first else ""

    def finish(self) -> None:
        token = self.peek()
        if token.kind != "end":
            raise self.unexpected(f"`{shorten(token.text)}` does not belong here", self.instead(token))

    def instead(self, token: _Token) -> str:
        """Return what to type where an expression ends and its text goes on."""
        before = self.tokens[self.next - 1]
        lower = token.text.lower()
        if token.kind == "word" and lower in KEYWORDS:
            return f"write `{lower}`, in small letters"
        if token.kind == "word" and lower in _SAID:
            return _SAID[lower]
        if self.tokens[0].text.lower() in ("if", "when", "unless"):
            return f"remove `{self.tokens[0].text}`: the key says it already"
        if token.kind == "number":
            ends = [t.end for t in self.tokens[self.next : self.next + 2] if t.kind != "end"]
            shown = next((s for end in reversed(ends) if (s := anywhere(self.text[before.start : end]))), ())
            if shown and (before.kind == "number" or before.text in CURRENCIES):
                return f"write {' or '.join(f'`{s}`' for s in shown)}"
        if token.kind == "word" and _is_plain(token) and _is_plain(before):
            name = self.words().replace(" ", "_")
            return f"write `{name}` if it is one name, or join two conditions with `and` or `or`"
        return "join two conditions with `and` or `or`" if token.kind in ("word", "number") else "remove it"

    def deeper(self) -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise SyntaxFinding(
                "this expression is nested too deeply",
                self.peek().start,
                1,
                "name parts of it under `define:`",
                Code.TOO_COMPLEX,
            )

    def either(self) -> Syntax:
        self.deeper()
        parts = [self.both()]
        while self.accept("or"):
            parts.append(self.both())
        self.depth -= 1
        return _join("or", parts)

    def both(self) -> Syntax:
        parts = [self.negation()]
        while self.accept("and"):
            parts.append(self.negation())
        return _join("and", parts)

    def negation(self) -> Syntax:
        token = self.accept("not")
        if token is None:
            return self.comparison()
        self.deeper()
        part = self.negation()
        self.depth -= 1
        return Syntax("not", token.start, part.end, (part,))

    def comparison(self) -> Syntax:
        left = self.total()
        if token := self.accept(*_COMPARISONS):
            right = self.total()
            if again := self.accept(*_COMPARISONS):
                hint = "write `a < b and b < c`, or `b between a and c`"
                raise SyntaxFinding("comparisons cannot be chained", again.start, len(again.text), hint)
            return Syntax("compare", left.start, right.end, (left, right), _COMPARISONS[token.text])
        start = self.next
        negative = self.accept("not")
        if self.accept("in"):
            found = self.membership(left)
        elif self.accept("between"):
            low = self.total()
            self.expect("and", "between the two bounds")
            high = self.total()
            found = Syntax("between", left.start, high.end, (left, low, high))
        else:
            self.next = start
            return left
        return Syntax("not", found.start, found.end, (found,)) if negative else found

    def membership(self, left: Syntax) -> Syntax:
        self.expect("[", "behind `in`")
        values = [self.total()]
        while self.accept(","):
            values.append(self.total())
        end = self.expect("]", "at the end of the list")
        return Syntax("in", left.start, end.end, (left, *values))

    def total(self) -> Syntax:
        parts = [self.product()]
        while token := self.accept("+", "-"):
            part = self.product()
            parts.append(part if token.text == "+" else Syntax("negative", token.start, part.end, (part,)))
        return _join("sum", parts)

    def product(self) -> Syntax:
        left, depth = self.signed(), self.depth
        while token := self.accept("*", "/"):
            self.deeper()
            right = self.signed()
            left = Syntax("product" if token.text == "*" else "quotient", left.start, right.end, (left, right))
        self.depth = depth
        return left

    def signed(self) -> Syntax:
        token = self.accept("-")
        if token is not None:
            self.deeper()
            part = self.signed()
            self.depth -= 1
            return Syntax("negative", token.start, part.end, (part,))
        part = self.atom()
        if self.accept("of"):
            self.deeper()
            whole = self.signed()
            self.depth -= 1
            return Syntax("of", part.start, whole.end, (part, whole))
        return part

    def atom(self) -> Syntax:
        token = self.advance()
        match token.kind:
            case "number":
                return self.quantity(token)
            case "day":
                return Syntax("day", token.start, token.end, word=token.text)
            case "text":
                return Syntax("text", token.start, token.end, word=token.text[1:-1])
            case "word" if token.text in ("yes", "no"):
                return Syntax("yes-no", token.start, token.end, word=token.text)
            case "word" if token.text not in KEYWORDS:
                return self.named(token)
        if token.text == "(":
            inner = self.either()
            end = self.expect(")", "to close the bracket")
            return msgspec.structs.replace(inner, start=token.start, end=end.end)
        self.next -= 1
        what = f"`{shorten(token.text)}`" if token.kind != "end" else "the end"
        before = self.tokens[self.next - 1].text if self.next else ""
        behind = re.match(r"\.[0-9]+\s?(?:%|[A-Za-z]+)?", self.text[token.start :])
        if behind and (shown := anywhere(behind[0])):
            raise self.unexpected(f"a digit is missing before {what}", f"write {' or '.join(f'`{s}`' for s in shown)}")
        hint = _MISSPELT.get(before + token.text) or _MISSPELT.get(token.text, "write what belongs here")
        raise self.unexpected(f"a fact, a quantity or a bracket is missing before {what}", hint)

    def quantity(self, number: _Token) -> Syntax:
        unit, end = self.peek(), number.end
        word = ""
        if unit.text == "%" or (unit.kind == "word" and (unit.text in UNIT_WORDS or unit.text in CURRENCIES)):
            self.advance()
            word, end = unit.text, unit.end
        elif unit.kind == "word" and unit.text not in KEYWORDS:
            ends = [t.end for t in self.tokens[self.next : self.next + 3] if t.kind != "end"]
            shown = next((s for end in reversed(ends) if (s := anywhere(self.text[number.start : end]))), ())
            hint = f"write {' or '.join(f'`{s}`' for s in shown)}" if shown else _SAID.get(unit.text.lower(), "")
            what = f"`{shorten(unit.text)}` is not a unit"
            hint = hint or "use `%`, `months`, `days`, `hours`, `minutes` or a currency code"
            raise SyntaxFinding(what, unit.start, unit.end - unit.start, hint)
        if number.end - number.start > MAX_DIGITS:
            what = "this number is longer than any quantity"
            length = number.end - number.start
            raise SyntaxFinding(what, number.start, length, "use smaller numbers", Code.OUT_OF_RANGE)
        found = read_quantity(number.text)
        return Syntax("quantity", number.start, end, quantity=msgspec.structs.replace(found, word=word))

    def named(self, first: _Token) -> Syntax:
        if self.accept("("):
            return self.call(first)
        if self.accept("["):
            return self.lookup(first)
        words, end = [first.text], first.end
        while self.peek().text == "." and self.peek().start == end:
            self.advance()
            part = self.advance()
            if part.kind != "word" or part.start != end + 1:
                raise SyntaxFinding("a name is missing behind the dot", end, 1, "write it without spaces")
            words.append(part.text)
            end = part.end
        return Syntax("name", first.start, end, word=".".join(words))

    def call(self, name: _Token) -> Syntax:
        parts = [self.either()]
        while self.accept(","):
            parts.append(self.either())
        end = self.expect(")", "to close the bracket")
        return Syntax("call", name.start, end.end, tuple(parts), name.text)

    def lookup(self, table: _Token) -> Syntax:
        keys = [self.total()]
        while self.accept(","):
            keys.append(self.total())
        self.expect("]", "behind the table's key")
        self.expect(".", "behind the table's key, before the column")
        column = self.advance()
        if column.kind != "word":
            what = "a column's name is missing behind the dot"
            raise SyntaxFinding(what, column.start, 1, "write `floors[deal.segment].walk`")
        return Syntax("lookup", table.start, column.end, tuple(keys), f"{table.text}.{column.text}")


def _join(form: str, parts: list[Syntax]) -> Syntax:
    return parts[0] if len(parts) == 1 else Syntax(form, parts[0].start, parts[-1].end, tuple(parts))


def _tokens(text: str) -> tuple[_Token, ...]:
    tokens: list[_Token] = []
    position = 0
    while text[position:].strip(_BLANKS):
        match = _TOKEN.match(text, position)
        if match is None:
            start = position + len(text[position:]) - len(text[position:].lstrip(_BLANKS))
            raise SyntaxFinding(*_stray(text, start))
        kind = str(match.lastgroup)
        tokens.append(_Token(kind, match[kind], match.start(kind), match.end(kind)))
        position = match.end()
    end = len(text.rstrip(_BLANKS))
    return (*tokens, _Token("end", "", max(0, end - 1), max(1, end)))


def _stray(text: str, start: int) -> tuple[str, int, int, str]:
    char = text[start]
    if char.isalpha() and not char.isascii():
        return _foreign(text, start)
    if char.isdigit() and char.isascii():
        number = re.match(r"[0-9.,]*[0-9]", text[start:])
        length = len(number[0]) if number else 1
        whole = re.match(r"[0-9.,]*[0-9](?:\s?%|\s?[A-Za-z]+)?", text[start:])
        shown = anywhere(whole[0]) if whole else ()
        return (
            f"`{shorten(text[start : start + length])}` is not a number",
            start,
            length,
            f"write {' or '.join(f'`{s}`' for s in shown)}"
            if shown
            else "commas group by three digits, a point begins the decimals; between two numbers put a space",
        )
    if char in "\"'":
        return "this quote is never closed", start, 1, f"close it with {char}"
    hint = _STRAY.get(char, "")
    if char in "$€£¥":
        amount = re.compile(rf"[0-9][0-9.,]*\s?\{char}|\{char}\s?[0-9][0-9.,]*(?:k|m)?")
        around = next((m for m in amount.finditer(text) if m.start() <= start < m.end()), None)
        shown = anywhere(around[0]) if around else ()
        hint = f"write {' or '.join(f'`{s}`' for s in shown)}" if shown else hint
    return f"`{shorten(char)}` has no meaning here", start, 1, hint


def _foreign(text: str, start: int) -> tuple[str, int, int, str]:
    """Say that a word with letters that no name has is a text, and wants quotes."""
    before = re.search(r"[^\W\d_][\w-]*$", text[:start])
    first = before.start() if before else start
    behind = re.match(r"[\w-]*", text[start:])
    word = text[first : start + (behind.end() if behind else 1)]
    return f"`{shorten(word)}` is no name here", first, len(word), f'put quotes around it: `"{shorten(word, 80)}"`'


_BEFORE_WORDS = frozenset({"=", "==", "!=", "[", ","})
"""What stands before a word that may be one of a choice."""
_SAID = {
    "is": "write `=` to compare",
    "are": "write `=` to compare",
    "equals": "write `=`",
    "then": "end the condition here; what follows goes under the key `then:` of its own",
    "else": "write a second rule for what else holds",
    "if": "write a rule of its own for it, with this as its `when:`",
    "over": "write `>`",
    "above": "write `>`",
    "below": "write `<`",
    "under": "write `<`",
    "contains": "write `… in [..]`",
    "greater": "write `>`",
    "less": "write `<`",
    "more": "write `>`",
    "least": "write `>=`",
    "most": "write `<=`",
    "to": "write `between … and …`",
}
"""Words that people put between facts, and what stands for them."""


def _is_plain(token: _Token) -> bool:
    """Return whether a token is a word that may be part of a name of several words."""
    return token.kind == "word" and token.text not in KEYWORDS and token.text.lower() not in _SAID


_MISSPELT = {
    "=>": "write `>=`",
    "=<": "write `<=`",
    "<>": "write `!=`",
    "**": "write the product out",
    ".": "write a digit before the point: `0.…`",
}
_STRAY = {
    "&": "write `and`",
    "|": "write `or`",
    "!": "write `not`, or `!=` to compare",
    "≥": "write `>=`",
    "≤": "write `<=`",
    "≠": "write `!=`",
    "≈": "write `between … and …`",
    "×": "write `*`",
    "÷": "write `/`",
    "–": "write `-`",
    "−": "write `-`",
    "\N{NO-BREAK SPACE}": "this is a no-break space; type a plain one",
    **dict.fromkeys("“”„‘’`", "use straight quotes"),
    **dict.fromkeys("$€£¥", "write the currency's code behind the amount"),
}
"""What to type instead of a character that no expression holds."""


def names_in(syntax: Syntax) -> list[Syntax]:
    """Return the names that an expression reads, left to right."""
    own = [syntax] if syntax.form == "name" else []
    return [*own, *(name for part in syntax.parts for name in names_in(part))]
