"""Truths and numbers that are either known or a solver's: one way to write a formula, two ways to read it.

Every function takes Python's own values and z3's expressions alike. Where all it is given is known, what it gives is
known too: so the formulas that proofs rest on are computed, in tests, for millions of real positions.

Terms are made by the functions of z3's library itself: its classes for Python, which take numbers apart and ask after
each step whether it erred, cost most of a proof's time. A term that was made lately is not made again.
"""

import operator
from collections.abc import Iterable, Sequence
from ctypes import POINTER, PYFUNCTYPE, c_uint, c_void_p, cast
from fractions import Fraction
from functools import lru_cache
from typing import Any, NoReturn, TypeAlias

import z3

from walkaway.language.expr.tree import Op

Truth: TypeAlias = Any
"""A `bool`, or a z3 truth."""
Number: TypeAlias = Any
"""An `int` or `Fraction`, or a z3 whole or real number."""


def is_known(*values: Any) -> bool:
    """Return whether none of *values* is a solver's."""
    return not any(isinstance(v, z3.AstRef) for v in values)


def both(*parts: Truth) -> Truth:
    """Return the truth that every part holds."""
    return every(parts)


def either(*parts: Truth) -> Truth:
    """Return the truth that some part holds."""
    return some(parts)


def every(parts: Iterable[Truth]) -> Truth:
    """Return the truth that every one of *parts* holds; none is needed."""
    open_parts = []
    for part in parts:
        if part is False:
            return False
        if part is not True:
            open_parts.append(part)
    if not open_parts:
        return True
    return open_parts[0] if len(open_parts) == 1 else _made(_Truth, _AND, open_parts)


def some(parts: Iterable[Truth]) -> Truth:
    """Return the truth that one of *parts* holds."""
    open_parts = []
    for part in parts:
        if part is True:
            return True
        if part is not False:
            open_parts.append(part)
    if not open_parts:
        return False
    return open_parts[0] if len(open_parts) == 1 else _made(_Truth, _OR, open_parts)


def no(part: Truth) -> Truth:
    """Return the truth that *part* does not hold."""
    return (not part) if isinstance(part, bool) else _made(_Truth, _NOT, (part,))


def implies(part: Truth, then: Truth) -> Truth:
    """Return the truth that *then* holds where *part* does."""
    return either(no(part), then)


def same(one: Truth, other: Truth) -> Truth:
    """Return the truth that two truths are equal."""
    if isinstance(one, bool):
        return other if one else no(other)
    if isinstance(other, bool):
        return one if other else no(one)
    return _made(_Truth, _EQ, (one, other))


def choose(when: Truth, then: Any, otherwise: Any) -> Any:
    """Return *then* where *when* holds, *otherwise* elsewhere; both numbers, or both truths."""
    if isinstance(when, bool):
        return then if when else otherwise
    if isinstance(then, bool | z3.BoolRef) or isinstance(otherwise, bool):
        return both(implies(when, then), implies(no(when), otherwise))
    if is_known(then, otherwise) and then == otherwise:
        return then
    numbers = _alike((exact(then), exact(otherwise)))
    return _made(_number(numbers), _ITE, (when, *numbers))


def exact(value: Number) -> Number:
    """Return a number as z3 takes it."""
    return value if isinstance(value, z3.AstRef) else _numeral(value)


def times(factor: Fraction | int, value: Number) -> Number:
    """Return a known factor times a number."""
    if not isinstance(value, z3.AstRef):
        return factor * value
    if factor == 1:
        return value
    if Fraction(factor).denominator != 1:
        return _made(_Real, _MUL, (_numeral(factor), _real(value)))
    return _made(_number((value,)), _MUL, (_numeral(factor, whole=is_whole(value)), value))


def total(values: Iterable[Number]) -> Number:
    """Return a sum."""
    known: int | Fraction = 0
    others = []
    for value in values:
        if isinstance(value, z3.AstRef):
            others.append(value)
        else:
            known += value
    if not others:
        return known
    if known:
        others.append(exact(known))
    if len(others) == 1:
        return others[0]
    numbers = _alike(others)
    return _made(_number(numbers), _ADD, numbers)


def less(one: Number, other: Number) -> Number:
    """Return a difference."""
    return total((one, times(-1, other)))


def compared(op: Op, one: Number, other: Number) -> Truth:
    """Return the truth of a comparison of two numbers."""
    if not (isinstance(one, z3.AstRef) or isinstance(other, z3.AstRef)):
        return _KNOWN[op](one, other)
    one, other = exact(one), exact(other)
    if isinstance(other, _NUMERALS) and not isinstance(one, _NUMERALS):
        # As z3's classes have it; what a solver finds in time rests on such things.
        op, one, other = _TURNED[op], other, one
    return _made(_Truth, _COMPARING[op], _alike((one, other)))


_KNOWN = {
    Op.LT: operator.lt, Op.LE: operator.le, Op.GT: operator.gt, Op.GE: operator.ge, Op.EQ: operator.eq,
    Op.NE: operator.ne,
}  # fmt: skip
_NUMERALS = (z3.IntNumRef, z3.RatNumRef)
_TURNED = {Op.LT: Op.GT, Op.LE: Op.GE, Op.GT: Op.LT, Op.GE: Op.LE, Op.EQ: Op.EQ, Op.NE: Op.NE}


def at_least(one: Number, other: Number) -> Truth:
    """Return the truth that the first number is no less than the second."""
    return compared(Op.GE, one, other)


def above(one: Number, other: Number) -> Truth:
    """Return the truth that the first number is greater than the second."""
    return compared(Op.GT, one, other)


def equal(one: Number, other: Number) -> Truth:
    """Return the truth that two numbers are equal."""
    return compared(Op.EQ, one, other)


def largest(values: Sequence[Number], *, smallest: bool = False) -> Number:
    """Return the largest of *values*, or the smallest."""
    found = values[0]
    for value in values[1:]:
        better = at_least(found, value) if smallest else at_least(value, found)
        found = choose(better, value, found)
    return found


def no_less_than_0(value: Number) -> Number:
    """Return *value*, or 0 where it is below."""
    return choose(above(value, 0), value, 0)


def count(truths: Iterable[Truth]) -> Number:
    """Return how many of *truths* hold."""
    return total(choose(t, 1, 0) for t in truths)


def free(name: str, *, whole: bool = True) -> Number:
    """Return the number of a name that the solver is free to choose."""
    return _named(_Whole if whole else _Real, name)


def flag(name: str) -> Truth:
    """Return the truth of a name that the solver is free to choose."""
    return _named(_Truth, name)


def is_whole(value: Number) -> bool:
    """Return whether a number of the solver's is a whole one."""
    kind = type(value)
    if kind is _Whole or kind is _WholeNumeral:
        return True
    if kind is _Real or kind is _RealNumeral:
        return False
    return bool(z3.is_int(value))


def forget() -> None:
    """Forget the terms made lately, at the start of each question: what it makes is as in a process of its own."""
    _lately.clear()
    _numeral.cache_clear()


def assume(solver: z3.Solver, truths: Iterable[Truth]) -> None:
    """Let a solver assume truths."""
    known = solver.solver.value
    for place in _places([truth for truth in truths if truth is not True]):
        _ASSUME(_SOLVERS, known, place)
        if _ERRED(_SOLVERS):
            _raise()


_CONTEXT = z3.main_ctx()
_SOLVERS = c_void_p(_CONTEXT.ref().value)


def _function(name: str, *takes: Any, makes: Any = c_void_p) -> Any:
    """Return a function of z3's library: it takes addresses, and returns one, or `None` where it erred."""
    (known,) = getattr(z3, name).__defaults__
    address: Any = cast(known.f, c_void_p).value
    return PYFUNCTYPE(makes, c_void_p, *takes)(address)


_ERRED = _function("Z3_get_error_code", makes=c_uint)
_ASSUME = _function("Z3_solver_assert", c_void_p, c_void_p, makes=None)
_KEEP, _DROP = (_function(name, c_void_p, makes=None) for name in ("Z3_inc_ref", "Z3_dec_ref"))


class _Operation:
    """What z3's library makes of other terms: of so many, or of any number of them.

    Attributes:
        make: The function of the library.
    """

    def __init__(self, name: str, parts: int | None = None) -> None:
        self.is_of_any = parts is None
        takes = (c_uint, POINTER(c_void_p)) if parts is None else (c_void_p,) * parts
        self.make = _function(f"Z3_mk_{name}", *takes)


_NOT, _AS_REAL = _Operation("not", 1), _Operation("int2real", 1)
_EQ, _LT, _LE, _GT, _GE = (_Operation(name, 2) for name in ("eq", "lt", "le", "gt", "ge"))
_ITE = _Operation("ite", 3)
_AND, _OR, _ADD, _MUL, _DISTINCT = map(_Operation, ("and", "or", "add", "mul", "distinct"))
_COMPARING = {Op.LT: _LT, Op.LE: _LE, Op.GT: _GT, Op.GE: _GE, Op.EQ: _EQ, Op.NE: _DISTINCT}


class _Held(z3.AstRef):  # type: ignore[misc]
    """A term of the one context that there is.

    Attributes:
        place: Its address in z3's library, which keeps it as long as this is here.
    """

    ctx = _CONTEXT

    def __init__(self, place: int) -> None:
        self.place = place
        _KEEP(_SOLVERS, place)

    def __del__(self, _drop: Any = _DROP, _of: Any = _SOLVERS) -> None:
        if self.ctx.ctx is not None:  # else the process ends, and the context was first
            _drop(_of, self.place)

    @property
    def ast(self) -> z3.Ast:
        """Return the term as z3's own functions take it."""
        found = z3.Ast(self.place)
        found.value = self.place
        return found


class _Truth(_Held, z3.BoolRef):  # type: ignore[misc]
    """A truth made here."""


class _Whole(_Held, z3.ArithRef):  # type: ignore[misc]
    """A whole number made here, known to be one: the solver is asked of each part of each sum otherwise."""


class _Real(_Held, z3.ArithRef):  # type: ignore[misc]
    """A real number made here."""


class _WholeNumeral(_Held, z3.IntNumRef):  # type: ignore[misc]
    """A known whole number."""


class _RealNumeral(_Held, z3.RatNumRef):  # type: ignore[misc]
    """A known number among real ones."""


def _number(parts: Sequence[Number]) -> type[_Held]:
    """Return the class of what is made of numbers that are all whole, or all real."""
    return _Whole if is_whole(parts[0]) else _Real


MOST_LATELY = 20_000
"""Terms that are kept so as not to be made again; they are some 10 MB."""
_lately: dict[tuple[Any, ...], _Held] = {}
# By function and parts. INVARIANT: a term keeps its parts, so that no address in a key is another's meanwhile.


def _named(kind: type[_Held], name: str) -> Any:
    """Return what has a name, of a kind."""
    found = _lately.get((kind, name))
    return _kept((kind, name), kind(_FREE[kind](name).ast.value)) if found is None else found


_FREE = {_Truth: z3.Bool, _Whole: z3.Int, _Real: z3.Real}


def _made(kind: type[_Held], operation: _Operation, parts: Sequence[Any]) -> Any:
    """Return the term that an operation makes of its parts: the same, where it was made lately."""
    places = _places(parts)
    key = (operation, *places)
    found = _lately.get(key)
    if found is not None:
        return found
    if operation.is_of_any:
        size = len(places)
        place = operation.make(_SOLVERS, size, (c_void_p * size)(*places))
    else:
        place = operation.make(_SOLVERS, *places)
    if place is None:
        _raise()
    return _kept(key, kind(place))


def _kept(key: tuple[Any, ...], term: _Held) -> _Held:
    """Keep a term for a while, and return it."""
    if len(_lately) >= MOST_LATELY:
        _lately.clear()
    _lately[key] = term
    return term


def _raise() -> NoReturn:
    """Raise what z3's library says of its last function, which erred."""
    raise z3.Z3Exception(z3.Z3_get_error_msg(_CONTEXT.ref(), _ERRED(_SOLVERS)))


def _places(terms: Sequence[Any]) -> list[int]:
    """Return the addresses of terms, those of z3's own classes among them."""
    try:
        return [term.place for term in terms]
    except AttributeError:
        return [term.ast.value for term in terms]


@lru_cache(4096)
def _numeral(value: Number, *, whole: bool = True) -> Number:
    """Return a known number as z3 has it: a whole one among whole numbers, unless it is wanted among real ones."""
    number = Fraction(value)
    if number.denominator != 1:
        return _RealNumeral(z3.Q(number.numerator, number.denominator).ast.value)
    if whole:
        return _WholeNumeral(z3.IntVal(number.numerator).ast.value)
    return _RealNumeral(z3.RealVal(number.numerator).ast.value)


def _alike(numbers: Sequence[Number]) -> Sequence[Number]:
    """Return the solver's numbers as they are where all are whole or none is, else as real ones."""
    whole = [is_whole(n) for n in numbers]
    if all(whole) or not any(whole):
        return numbers
    return [_made(_Real, _AS_REAL, (n,)) if w else n for n, w in zip(numbers, whole, strict=True)]


def _real(value: Number) -> Number:
    return _alike((value, _numeral(0, whole=False)))[0]
