"""Functions put together as syntax trees."""

import ast

import pytest

from walkaway.language.codegen import (
    Function,
    assign,
    attribute,
    call,
    every,
    if_known,
    is_known,
    is_unknown,
    item,
    some,
    var,
)


def give(value: ast.expr, **given: object) -> object:
    """Return what an expression over some variables comes to."""
    return Function(*given).compiled([ast.Return(value)])(*given.values())


def test_an_object_is_used_under_one_name():
    """What exists already is put into a function, once, however often it is mentioned."""
    code = Function("a")
    total = code.compiled([assign("b", call(code.use(divmod), var("a"), ast.Constant(7))), ast.Return(var("b"))])
    assert total(30) == (4, 2)
    assert ast.dump(code.use(divmod)) == ast.dump(code.use(divmod)) != ast.dump(code.use(abs))


def test_no_builtin_is_within_reach_but_the_few_that_are_needed():
    """Code that was put together cannot import, open or evaluate anything."""
    with pytest.raises(NameError):
        give(call(var("open"), ast.Constant("/dev/null")))


def test_values_that_may_be_none():
    """Known, unknown, and the one in place of the other."""
    assert [give(is_known(var("a")), a=a) for a in (0, None)] == [True, False]
    assert [give(is_unknown(var("a")), a=a) for a in (0, None)] == [False, True]
    assert [give(if_known("a", var("a"), ast.Constant("none")), a=a) for a in (0, None)] == [0, "none"]


def test_all_and_some_of_none_one_and_two():
    """Nothing at all holds as a conjunction, and not as a disjunction."""
    yes, no = ast.Constant(True), ast.Constant(False)
    assert [give(every(parts)) for parts in ([], [no], [yes, no])] == [True, False, False]
    assert [give(some(parts)) for parts in ([], [yes], [no, yes])] == [False, True, True]


def test_entries_and_dotted_paths():
    """An entry of a mapping, and an attribute of an attribute."""
    assert give(item(var("a"), "x.y"), a={"x.y": 3}) == 3
    assert give(attribute(var("a"), "real.imag"), a=5) == 0
