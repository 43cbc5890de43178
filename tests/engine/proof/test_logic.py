"""Terms made by the functions of z3's library: those that its classes make, there as long as they are needed."""

import gc
import subprocess
import sys
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

import pytest
import z3

from walkaway.language.expr.tree import Op
from walkaway.proof.formulas import logic

pytestmark = pytest.mark.solver


@pytest.fixture(autouse=True)
def nothing_lately() -> Iterator[None]:
    """What a test makes is neither there before it nor kept behind it."""
    logic.forget()
    yield
    logic.forget()


N, M, X, Y = z3.Int("n"), z3.Int("m"), z3.Real("x"), z3.Real("y")
P, Q = z3.Bool("p"), z3.Bool("q")
HALF = Fraction(1, 2)

TERMS: list[tuple[str, Callable[..., Any], Any]] = [
    ("and", lambda n, m, x, y, p, q: logic.both(p, q, True), z3.And(P, Q)),
    ("or", lambda n, m, x, y, p, q: logic.either(p, False, q), z3.Or(P, Q)),
    ("not", lambda n, m, x, y, p, q: logic.no(p), z3.Not(P)),
    ("implies", lambda n, m, x, y, p, q: logic.implies(p, q), z3.Or(z3.Not(P), Q)),
    ("same", lambda n, m, x, y, p, q: logic.same(p, q), P == Q),
    ("choose whole", lambda n, m, x, y, p, q: logic.choose(p, n, 3), z3.If(P, N, z3.IntVal(3))),
    ("choose real", lambda n, m, x, y, p, q: logic.choose(p, n, x), z3.If(P, z3.ToReal(N), X)),
    ("choose truth", lambda n, m, x, y, p, q: logic.choose(p, q, True), z3.And(z3.Or(z3.Not(P), Q), True).arg(0)),
    ("whole times whole", lambda n, m, x, y, p, q: logic.times(3, n), z3.IntVal(3) * N),
    ("real times whole", lambda n, m, x, y, p, q: logic.times(3, x), z3.RealVal(3) * X),
    ("whole times half", lambda n, m, x, y, p, q: logic.times(HALF, n), z3.Q(1, 2) * z3.ToReal(N)),
    ("sum", lambda n, m, x, y, p, q: logic.total((n, 2, m)), z3.Sum(N, M, z3.IntVal(2))),
    ("mixed sum", lambda n, m, x, y, p, q: logic.total((n, x, HALF)), z3.Sum(z3.ToReal(N), X, z3.Q(1, 2))),
    ("above", lambda n, m, x, y, p, q: logic.above(n, m), N > M),
    ("known above", lambda n, m, x, y, p, q: logic.above(5, n), z3.IntVal(5) > N),
    ("at least", lambda n, m, x, y, p, q: logic.at_least(x, n), z3.ToReal(N) <= X),
    ("less", lambda n, m, x, y, p, q: logic.compared(Op.LT, x, y), X < Y),
    ("at most", lambda n, m, x, y, p, q: logic.compared(Op.LE, n, 0), z3.IntVal(0) >= N),
    ("equal", lambda n, m, x, y, p, q: logic.equal(x, HALF), z3.Q(1, 2) == X),
    ("unequal", lambda n, m, x, y, p, q: logic.compared(Op.NE, n, m), N != M),
]


@pytest.mark.parametrize(("make", "wanted"), [t[1:] for t in TERMS], ids=[t[0] for t in TERMS])
def test_a_term_is_what_the_classes_of_z3_make(make: Callable[..., Any], wanted: z3.ExprRef) -> None:
    """Of our own names and of z3's alike: nothing tells the two apart, and they are of one sort."""
    own = (*map(logic.free, "nm"), *(logic.free(n, whole=False) for n in "xy"), *map(logic.flag, "pq"))
    for names in (own, (N, M, X, Y, P, Q)):
        found = make(*names)
        solver = z3.Solver()
        solver.add(found != wanted)
        assert solver.check() == z3.unsat
        assert found.sort() == wanted.sort()
        assert z3.is_bool(found) or logic.is_whole(found) is z3.is_int(found)


def test_a_term_made_lately_is_the_same_one() -> None:
    """Until it is forgotten: then it is made again, and z3 has it still."""
    n = logic.free("n")
    first = logic.above(n, 3)
    assert logic.above(n, 3) is first
    assert logic.free("n") is n
    assert logic.at_least(n, 3) is not first
    logic.forget()
    again = logic.above(n, 3)
    assert again is not first
    assert z3.eq(again, first)


def test_a_term_keeps_its_parts() -> None:
    """Whatever stands in the key of a term is part of it, so that no other term has that address meanwhile."""
    i, x, p, q = logic.free("i"), logic.free("x", whole=False), logic.flag("p"), logic.flag("q")
    for parts, term in (
        ((p, q), logic.both(p, q)),
        ((p, p), logic.both(p, p)),
        ((p,), logic.no(p)),
        ((logic.no(p),), logic.no(logic.no(p))),
        ((p, p), logic.same(p, p)),
        ((x, x), logic.equal(x, x)),
        ((x, x), logic.compared(Op.NE, x, x)),
        ((p, x, x), logic.choose(p, x, x)),
        ((i,), logic.total((i, x)).arg(0)),
        ((x, x), logic.total((x, x))),
    ):
        assert [c.get_id() for c in term.children()] == [c.get_id() for c in parts]


def test_what_is_forgotten_gives_back_its_memory() -> None:
    """z3 holds no more after a thousand terms that nobody has any longer than before them."""

    def make(start: int) -> None:
        for n in range(start, start + 1000):
            logic.above(logic.free(f"n{n}"), n)
        logic.forget()
        gc.collect()

    make(0)
    before = z3.Z3_get_estimated_alloc_size()
    make(1000)
    make(2000)
    # The symbols of 2,000 names stay, as they always do; their terms would be ten times as much.
    assert z3.Z3_get_estimated_alloc_size() - before < 2000 * 120


def test_an_address_that_comes_again_is_another_term() -> None:
    """z3 puts a new term where one was that nobody has: what was made of the old one is not taken for it."""
    seen: dict[int, str] = {}
    came_again = 0
    for n in range(200):
        name = logic.free(f"n{n}", whole=n % 2 == 0)
        came_again += name.place in seen
        seen[name.place] = f"n{n}"
        term = logic.total((name, logic.exact(n)))
        assert str(term.arg(0)) == f"n{n}"
        del name, term
        logic.forget()
    assert came_again


def test_only_so_many_terms_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """When there are too many all are forgotten, and those that somebody has stay what they are."""
    monkeypatch.setattr(logic, "MOST_LATELY", 50)
    terms = [logic.above(logic.free(f"n{n}"), n) for n in range(200)]
    assert len(logic._lately) <= 50
    assert [str(t) for t in terms] == [f"{n} < n{n}" for n in range(200)]


def test_what_z3_refuses_is_raised() -> None:
    """A truth is no number, and a number no truth that a solver could assume."""
    with pytest.raises(z3.Z3Exception, match="Sort mismatch"):
        logic.no(logic.free("n"))
    with pytest.raises(z3.Z3Exception):
        logic.assume(z3.Solver(), [logic.flag("p"), logic.free("n")])


def test_a_solver_assumes_every_truth() -> None:
    """Those that are known to hold need not be told to it."""
    solver = z3.Solver()
    n = logic.free("n")
    logic.assume(solver, [True, logic.above(n, 3), z3.Int("n") < 5])
    assert solver.check() == z3.sat
    assert solver.model()[n].as_long() == 4
    logic.assume(solver, iter([logic.compared(Op.NE, n, 4)]))
    assert solver.check() == z3.unsat


def test_a_process_ends_well_with_terms_at_hand() -> None:
    """Whichever goes first, the terms or the context that they are of."""
    code = (
        "from walkaway.proof.formulas import logic\n"
        "kept = [logic.above(logic.free(f'n{n}'), n) for n in range(100)]\n"
        "kept.append(kept)\n"
        "print(len(kept))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "101\n", "")
