"""Expressions become syntax with a place for every part, or one finding at the first character that fits nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from walkaway.language.expr.grammar import MAX_DEPTH, MAX_LENGTH, SyntaxFinding, parse, parse_worth


def tree(syntax):
    """Return syntax as nested text: the form, the word or quantity, the parts."""
    if syntax.form == "quantity":
        return " ".join([str(syntax.quantity.amount), syntax.quantity.word]).strip()
    if not syntax.parts:
        return syntax.word
    head = f"{syntax.form} {syntax.word}".strip()
    return f"({head} {' '.join(map(tree, syntax.parts))})"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a or b and not c", "(or a (and b (not c)))"),
        ("(a or b) and c", "(and (or a b) c)"),
        ("not a = 1", "(not (compare = a 1))"),
        ("a.b + 2 * c - d / 4 > -1%", "(compare > (sum a.b (product 2 c) (negative (quotient d 4))) (negative 1 %))"),
        ("5% of a + b >= 10,000.50 USD", "(compare >= (sum (of 5 % a) b) 20001/2 USD)"),
        ("a between 1 and 2 and b", "(and (between a 1 2) b)"),
        ("a not in [x, 'y z', mid-market]", "(not (in a x y z mid-market))"),
        ("known(theirs.last.x)", "(call known theirs.last.x)"),
        ("min(a, max(b, 3 days)) < 1", "(compare < (call min a (call max b 3 days)) 1)"),
        ("t[deal.x, deal.y].walk", "(lookup t.walk deal.x deal.y)"),
        ("a==yes", "(compare = a yes)"),
        ("24months>=a", "(compare >= 24 months a)"),
        ("a - b-c", "(sum a (negative b-c))"),
    ],
)  # fmt: skip
def test_who_binds_tighter(text, expected):
    """`or` binds least, then `and`, `not`, comparisons, sums, products, and `of` most of all."""
    assert tree(parse(text)) == expected


@pytest.mark.parametrize(
    ("text", "worth", "step"),
    [
        ("-1% of deal.list_price per 1%", "(negative (of 1 % deal.list_price))", "1 %"),
        ("0.125% of deal.list_price per month", "(of 1/8 % deal.list_price)", "1 month"),
        ("3,000 USD", "3000 USD", None),
        ("-2 USD per 1,000 USD", "(negative 2 USD)", "1000 USD"),
    ],
)
def test_a_worth_may_say_per_what(text, worth, step):
    """Behind `per` stands a quantity, or a unit alone for one of it."""
    found, per = parse_worth(text)
    assert (tree(found), per and tree(per)) == (worth, step)


def test_every_part_knows_its_place():
    """The text between start and end is the part, brackets around it included."""
    text = " (a.b > 5%)  and known( c )"
    both = parse(text)
    assert [text[p.start : p.end] for p in (both, *both.parts, *both.parts[0].parts)] == [
        "(a.b > 5%)  and known( c )", "(a.b > 5%)", "known( c )", "a.b", "5%",
    ]  # fmt: skip


MISSING = "a fact, a quantity or a bracket is missing before"
NUMBER = "write `5`"


@pytest.mark.parametrize(
    ("text", "under", "message", "hint"),
    [
        ("a >", ">", f"{MISSING} the end", "write what belongs here"),
        ("a => 1", ">", f"{MISSING} `>`", "write `>=`"),
        ("a <> 1", ">", f"{MISSING} `>`", "write `!=`"),
        ("a ≥ 1", "≥", "`≥` has no meaning here", "write `>=`"),
        ("a && b", "&", "`&` has no meaning here", "write `and`"),
        ("a AND b", "AND", "`AND` does not belong here", "write `and`, in small letters"),
        (
            "a > x b",
            "b",
            "`b` does not belong here",
            "write `x_b` if it is one name, or join two conditions with `and` or `or`",
        ),
        ("a)", ")", "`)` does not belong here", "remove it"),
        ("(a", "a", "`)` is missing to close the bracket", "add `)`"),
        ("a in 5", "5", "`[` is missing behind `in`", "add `[`"),
        ("a between 1", "1", "`and` is missing between the two bounds", "add `and`"),
        ("1 < a < 3", "<", "comparisons cannot be chained", "write `a < b and b < c`, or `b between a and c`"),
        ("a > 5,0", "5,0", "`5,0` is not a number", NUMBER),
        ("a > 1.000,00 EUR", "1.000,00", "`1.000,00` is not a number", "write `1,000 EUR`"),
        ("a > .5", ".", "a digit is missing before `.`", "write `0.5`"),
        ("a > $500", "$", "`$` has no meaning here", "write `500 USD`"),
        ("a > 10k", "k", "`k` is not a unit", "write `10,000`"),
        ("a = 'x", "'", "this quote is never closed", "close it with '"),
        ("a = “x”", "“", "`“` has no meaning here", "use straight quotes"),
        ("a >\xa05%", "\xa0", "` ` has no meaning here", "this is a no-break space; type a plain one"),
        ("a. > 1", ".", "a name is missing behind the dot", "write it without spaces"),
        ("t[a]", "]", "`.` is missing behind the table's key, before the column", "add `.`"),
        ("a > " + "9" * 41, "9" * 41, "this number is longer than any quantity", "use smaller numbers"),
        ("(" * 99, "(", "this expression is nested too deeply", "name parts of it under `define:`"),
        ("a" * 4001, "a", "this expression has 4,001 characters, more than 4,000", "name parts of it under `define:`"),
    ],
)
def test_what_cannot_be_understood_says_what_to_type(text, under, message, hint):
    """One finding, at the first character that fits nothing."""
    with pytest.raises(SyntaxFinding) as found:
        parse(text)
    start = found.value.start
    assert text[start : start + found.value.length] == under
    assert (found.value.message, found.value.hint) == (message, hint)


@given(st.text(st.sampled_from("ab.5%,()[]<>=!+-*/ 'andornotinbetweenofper"), max_size=80))
def test_any_text_gives_syntax_or_a_finding_inside_it(text):
    """Whatever is typed, reading it ends with one of the two, and the caret stays in the text."""
    try:
        found = parse(text)
        start, end = found.start, found.end
    except SyntaxFinding as finding:
        start, end = finding.start, finding.start
    assert 0 <= start <= end <= len(text)


def test_bounds_are_generous():
    """A condition of everyday length and depth is far from them."""
    assert parse(" and ".join(["offer.discount > 5%"] * 150)).form == "and"
    assert parse("(" * (MAX_DEPTH - 1) + "a" + ")" * (MAX_DEPTH - 1)).word == "a"
    assert MAX_LENGTH == 4_000
