"""What lines and tables name."""

import pytest

from walkaway_cli.scenarios.problems import Misunderstood
from walkaway_cli.scenarios.wording import in_line, in_table, limits_of, listed, merged, named

ISSUES = ("discount", "term", "list_price", "price", "support")


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("discount 5%", {"discount": "5%"}),
        ("a discount of 5%", {"discount": "5%"}),
        ("discount 5%, term 24 months and support gold", {"discount": "5%", "term": "24 months", "support": "gold"}),
        ("the discount is 5%, and a term of 24 months", {"discount": "5%", "term": "24 months"}),
        ("price 1,000,000 USD and term 6 months", {"price": "1,000,000 USD", "term": "6 months"}),
        ("list price 100 USD and price 90 USD", {"list_price": "100 USD", "price": "90 USD"}),
        ("list_price 100 USD", {"list_price": "100 USD"}),
        ("support very good", {"support": "very good"}),
    ],
)
def test_a_line_names_terms_as_people_say_them(line, expected):
    """Articles, `of`, commas and `and` are read over; a comma within a number is not."""
    assert in_line(line, ISSUES, "issue") == expected


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("trem 24 months", "`trem 24 months` does not begin with an issue and its value. did you mean `term`?"),
        ("discount 5% and trem 24 months", "`trem` is no issue of this policy. did you mean `term`?"),
        ("discount 5%, discount 6%", "`discount` stands twice in this line"),
        (
            "discount",
            (
                "`discount` does not begin with an issue and its value. known here: `discount`, `list_price`, `price`,"
                " `support`, `term`"
            ),
        ),
    ],
)
def test_a_line_that_names_something_else_is_misunderstood(line, message):
    """The nearest name is suggested."""
    with pytest.raises(Misunderstood) as problem:
        in_line(line, ISSUES, "issue")
    assert str(problem.value) == message


def test_a_table_may_have_a_heading():
    """`issue | value` at the top names the columns, and no issue."""
    rows = [["discount", "5%"], ["list price", "100 USD"]]
    expected = {"discount": "5%", "list_price": "100 USD"}
    assert in_table(rows) == in_table([["issue", "value"], *rows]) == expected


@pytest.mark.parametrize(
    "table", [[], [["issue", "value"]], [["discount"]], [["a", "b", "c"]], [["a", "1"], ["a", "2"]]]
)
def test_a_table_that_is_no_list_of_values_is_misunderstood(table):
    """Two columns, at least one row, and each name once."""
    with pytest.raises(Misunderstood):
        in_table(table)


@pytest.mark.parametrize(("line", "table"), [(None, None), ("discount 5%", [["term", "6 months"]])])
def test_values_stand_in_one_place(line, table):
    """A table below a line with values would be overlooked."""
    with pytest.raises(Misunderstood, match="not in both"):
        named(line, table, ISSUES, "issue")


def test_names_are_listed_with_commas_and_and():
    """As in `we accept their discount, the term and list price`."""
    assert listed("discount, the term and list price") == ["discount", "term", "list_price"]


def test_limits_stand_in_a_table_with_a_heading():
    """An empty cell says nothing."""
    table = [["issue", "want", "walk"], ["discount", "8%", "20%"], ["package", "", "80 USD"]]
    assert limits_of(table) == {"discount": {"want": "8%", "walk": "20%"}, "package": {"walk": "80 USD"}}


@pytest.mark.parametrize(
    "table", [None, [], [["issue", "walk"]], [["discount", "20%"]], [["issue", "price"], ["a", "1"]]]
)
def test_other_tables_of_limits_are_misunderstood(table):
    """Without a heading nobody knows which limit is meant."""
    with pytest.raises(Misunderstood):
        limits_of(table)


def test_later_limits_stand_over_earlier_ones():
    """Threshold by threshold."""
    assert merged({"a": {"walk": "1", "want": "2"}}, {"a": {"walk": "3"}, "b": {"wish": "4"}}) == {
        "a": {"walk": "3", "want": "2"},
        "b": {"wish": "4"},
    }
