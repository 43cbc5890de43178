"""Functions put down as instructions: they give what Python gives of the same syntax tree, or raise what it raises."""

import ast
import gc
import weakref
from fractions import Fraction
from random import Random

import msgspec
import pytest
from tests.helpers.strategies import SEED

from walkaway.language import lowered as lowering
from walkaway.language import native
from walkaway.language.codegen import Function, block
from walkaway.language.lowered import Opcode

compiled = pytest.mark.skipif(native.machine is None, reason="without the native core Python runs every function")
AMOUNTS = (0, 1, -1, 2, 7, -7, 2**31, 2**53, -(2**62), 2**63 - 1, -(2**63), 2**63, 2**70, True, False)
OTHERS = (None, "gold", "", Fraction(7, 2), (1, "x"), {"a": 1, "b": None}, {}, ())
VARIABLES = ("a", "b", "c", "d")
PLAIN = ("m", "n", "0", "1", "-3", "9223372036854775807", "None", "True", "'gold'")
NUMBERS = ("m", "n", "2", "-5")


class Side(msgspec.Struct, frozen=True, gc=False):
    """A record whose fields are read where they lie."""

    net: int
    terms: dict[str, int]
    other: object = None

    @property
    def twice(self) -> int:
        """Return a number that lies in no field."""
        return self.net * 2


def both(text: str, *arguments: str, **named: object):
    """Return a function as Python runs it, and as the native core does."""
    code = Function(*arguments, **named)
    code.keeps = True
    python = code.compiled(block(text))
    natively = code.lowered()
    assert natively is not None
    return python, natively


def outcome(function, *arguments):
    """Return what comes of a call: its type tells a truth value from a number."""
    try:
        found = function(*arguments)
    except Exception as problem:  # noqa: BLE001 - whatever it is
        return type(problem)
    return type(found), found


def expression(random: Random, depth: int) -> str:
    """Return an expression of numbers, truth values and whatever else the variables hold."""
    if depth == 0 or random.random() < 0.2:
        return random.choice([*VARIABLES, *VARIABLES, *PLAIN])

    def inner() -> str:
        return f"({expression(random, depth - 1)})"

    return random.choice(
        [
            lambda: f"{inner()} {random.choice(['+', '-', '//', '%', '&', '|', '+', '-'])} {inner()}",
            lambda: f"{random.choice(NUMBERS)} * ({random.choice(NUMBERS)} - {random.choice(NUMBERS)})",
            lambda: f"{inner()} {random.choice(['<', '<=', '==', '!=', '>', '>=', 'is', 'is not'])} {inner()}",
            lambda: f"{inner()} < {inner()} <= {inner()}",
            lambda: f"{inner()} {random.choice(['and', 'or'])} {inner()} {random.choice(['and', 'or'])} {inner()}",
            lambda: f"{inner()} if {inner()} else {inner()}",
            lambda: f"{random.choice(['not', '-'])} {inner()}",
            lambda: f"{inner()} {random.choice(['in', 'not in'])} {inner()}",
            lambda: f"({inner()}, {inner()})[{random.choice(['0', '1', '2', inner()])}]",
            lambda: f"{{'a': {inner()}, 'b': {inner()}}}.get({random.choice(['a', 'b', repr('a'), repr('z')])})",
            lambda: f"[{inner()}, {inner()}]",
            lambda: f"min({inner()}, {inner()})",
            lambda: f"{inner()}.__class__ is int",
        ]
    )()


@compiled
@pytest.mark.filterwarnings("ignore::SyntaxWarning")
def test_expressions_are_what_python_makes_of_them():
    """Of numbers of any size, fractions, truth values and what is none of them; what Python raises is raised."""
    random, fine = Random(SEED), 0
    for _ in range(250):
        text = (
            f"x = {expression(random, 3)}\nif {expression(random, 2)}:\n    x = (x, {expression(random, 2)})\nreturn x"
        )
        python, natively = both(text, *VARIABLES, "m", "n")
        for _ in range(4):
            given = [random.choice(AMOUNTS if random.random() < 0.8 else OTHERS) for _ in VARIABLES]
            given += [random.choice(AMOUNTS) for _ in "mn"]
            expected = outcome(python, *given)
            assert outcome(natively, *given) == expected, (text, given)
            fine += isinstance(expected, tuple)
    assert fine > 150


STATEMENTS = """
found = []
net = side.net
terms = side.terms
if net > 5 and terms["a"] != 3:
    found.append(1)
elif net:
    found.append(side.twice)
else:
    found.append(None)
    net -= 4
first, second = pair
gain = loss = 0
gain += first
loss += second
kept = {}
kept["sum"] = gain * loss + net
whole = {**terms, **{name: terms[name] + gain for name in terms}}
made = Side(gain, whole, other=tuple(found))
if not found:
    pass
same = gain is None or terms.get("z") is None
return made, kept, same, replace(side, net=gain), made.terms.keys() <= terms.keys(), (1, "x"), whole.items()
"""


@compiled
@pytest.mark.parametrize("net", [0, 3, 9, 2**70])
def test_statements_are_run_as_python_runs_them(net):
    """Fields, properties, methods, calls by name, entries set, and what is asked of Python whole."""
    python, natively = both(STATEMENTS, "side", "pair", Side=Side, replace=msgspec.structs.replace)
    side = Side(net, {"a": 1, "b": 2})
    assert natively(side, (4, 5)) == python(side, (4, 5))
    assert outcome(natively, side, (4,)) == outcome(python, side, (4,)) or outcome(natively, side, (4,)) is IndexError
    assert outcome(natively, Side(9, {}), (4, 5)) is KeyError
    assert outcome(natively, None, (4, 5)) is AttributeError
    assert outcome(natively, side) is TypeError


@compiled
def test_a_field_is_read_of_whatever_class_a_record_is():
    """One after the other, at the same place."""

    class Slotted:
        __slots__ = ("net",)

    class Plain:
        pass

    python, natively = both("return of.net", "of")
    slotted, plain = Slotted(), Plain()
    slotted.net = plain.net = 2**80
    for of in (Side(1, {}), slotted, Side(2, {}), plain, Slotted(), Plain(), 5, Side(3, {})):
        assert outcome(natively, of) == outcome(python, of)


@compiled
def test_a_variable_is_read_once_it_is_set():
    """As Python does, which raises otherwise."""
    python, natively = both("if a:\n    x = 1\nreturn x", "a")
    assert outcome(natively, 1) == outcome(python, 1)
    assert outcome(natively, 0) is outcome(python, 0) is UnboundLocalError


@compiled
def test_what_there_are_no_instructions_for_is_left_to_python():
    """A loop, an unknown name, more in a list than instructions have, also where Python is asked for a part."""
    many = [f"v{number}" for number in range(65)]
    asked = "\n".join([*(f"{name} = a" for name in many), f"return {{**a, 'all': ({', '.join(many)})}}"])
    for text in ("for x in a:\n    pass", "return unknown", f"return f({', '.join(['a'] * 65)})", "del a", asked):
        code = Function("a", f=max)
        code.keeps = True
        code.compiled(block(text))
        assert code.lowered() is None
    assert Function("a").lowered() is None


@compiled
def test_a_function_lets_go_of_all_that_it_held():
    """Of its arguments at once, of its constants with itself."""

    class Thing:
        pass

    constant, argument = Thing(), Thing()
    _, natively = both("x = (thing, given)\nif given is None:\n    y = x\nreturn y", "given", thing=constant)
    assert outcome(natively, argument) is UnboundLocalError
    gone = weakref.ref(argument), weakref.ref(constant)
    del argument, constant
    gc.collect()
    assert gone[0]() is None
    assert gone[1]() is not None
    del natively, _
    gc.collect()
    assert gone[1]() is None


@compiled
def test_instructions_that_cannot_be_run_are_refused(monkeypatch):
    """Whatever is changed of a program: it is refused, or it does something else and comes to its end."""
    programs = []
    monkeypatch.setattr(lowering, "machine", lambda *program: programs.append(program))
    code = Function("side", "pair", Side=Side, replace=msgspec.structs.replace)
    code.keeps = True
    code.compiled(block(STATEMENTS))
    code.lowered()
    ((instructions, lists, *rest),) = programs
    random, refused, side = Random(SEED), 0, Side(9, {"a": 1, "b": 2})
    for _ in range(1_500):
        one, numbers = [list(each) for each in instructions], list(lists)
        for _ in range(random.choice([1, 1, 3])):
            if random.random() < 0.3:
                numbers[random.randrange(len(numbers))] = random.choice([-1, 0, 1, 5, 300, 2**31, random.randrange(60)])
            else:
                at = random.choice(one)
                at[random.randrange(6)] = random.choice([-1, 0, 1, 2, 26, 27, 255, 70_000, 2**40, random.randrange(60)])
        try:
            changed = native.machine(tuple(map(tuple, one)), tuple(numbers), *rest)
        except (ValueError, OverflowError):
            refused += 1
        else:
            outcome(changed, side, (4, 5))
    assert 300 < refused < 1_500
    assert native.machine(instructions, lists, rest[0], rest[1], 5_000, rest[3]) is None
    for wrong in ((), ((int(Opcode.JUMP), 0, 0, 0, 0, 0),), instructions[:-2], (1,)):
        with pytest.raises(ValueError, match="cannot be run"):
            native.machine(wrong, lists, *rest)


def test_operations_are_numbered_as_the_native_core_numbers_them():
    """By the header that it is compiled from."""
    header = (native.Path(native.__file__).parents[2] / "native" / "machine.h").read_text()
    for numbered in (Opcode, lowering._COMPARED):
        names = [one.name if isinstance(one, Opcode) else one for one in numbered]
        assert len(names) in (27, 10)
    listed = header[header.index("MOVE,") : header.index("OPS,")]
    assert [name.strip() for name in listed.replace("\n", " ").split(",") if name.strip()] == [op.name for op in Opcode]


def test_a_tree_is_put_down_once():
    """It is not kept any longer than it is needed."""
    code = Function("a")
    code.keeps = True
    code.compiled([ast.Return(ast.Name("a", ast.Load()))])
    assert (code.lowered() is None) is (native.machine is None)
    assert code.lowered() is None
