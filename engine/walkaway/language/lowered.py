"""Put generated functions down as instructions that the native core runs, with whole numbers of 64 bits in registers.

It is a second way to run the very same syntax tree: what an instruction does not know it does through the object that
Python would have asked, and an expression of no simple kind is asked of Python whole. Knows nothing of their purpose.
"""

import ast
from collections.abc import Callable, Mapping, Sequence
from enum import IntEnum, auto
from typing import Any

from walkaway.language.native import machine


class Opcode(IntEnum):
    """What instructions do, in the order of `machine.h`."""

    MOVE = 0
    ADD = auto()
    SUBTRACT = auto()
    MULTIPLY = auto()
    DIVIDE = auto()
    REMAINDER = auto()
    AND = auto()
    OR = auto()
    NOT = auto()
    COMPARE = auto()
    UNLESS = auto()
    WHEN = auto()
    IF_FALSE = auto()
    IF_TRUE = auto()
    JUMP = auto()
    ATTRIBUTE = auto()
    CLASS = auto()
    ITEM = auto()
    GET = auto()
    SET_ITEM = auto()
    APPEND = auto()
    CALL = auto()
    METHOD = auto()
    TUPLE = auto()
    LIST = auto()
    DICT = auto()
    RETURN = auto()


_COMPUTED: Mapping[type[ast.operator], Opcode] = {
    ast.Add: Opcode.ADD,
    ast.Sub: Opcode.SUBTRACT,
    ast.Mult: Opcode.MULTIPLY,
    ast.FloorDiv: Opcode.DIVIDE,
    ast.Mod: Opcode.REMAINDER,
    ast.BitAnd: Opcode.AND,
    ast.BitOr: Opcode.OR,
}
_COMPARED: tuple[type[ast.cmpop], ...] = (
    *(ast.Lt, ast.LtE, ast.Eq, ast.NotEq, ast.Gt, ast.GtE, ast.Is, ast.IsNot, ast.In, ast.NotIn),
)
"""In the order of `machine.h`."""
_MOST_LISTED = 64


class Unlowered(Exception):
    """A function has a statement that there are no instructions for."""


def lowered(
    function: ast.FunctionDef, space: Mapping[str, Any], alone: Callable[[ast.Lambda], object]
) -> Callable[..., Any] | None:
    """Return what runs a function natively, called with all its arguments by place; none where Python has to.

    Args:
        space: What it may use by a name, builtins included.
        alone: Compiles an expression that Python is to be asked for, as a function of the variables that it reads.
    """
    if machine is None:
        return None
    try:
        return _Lowering(function, space, alone).made(machine)
    except (Unlowered, RecursionError):  # what nests as deep as Python is left to Python
        return None


class _Landing:
    """A place to jump to, once it is known."""

    at = -1


class _Lowering:
    """Puts one function down.

    Registers are numbered from 0, variables before what is held for a moment, constants from -1 downwards until all of
    them are known.
    """

    def __init__(
        self, function: ast.FunctionDef, space: Mapping[str, Any], alone: Callable[[ast.Lambda], object]
    ) -> None:
        self.function, self.space, self.alone = function, space, alone
        self.instructions: list[tuple[Opcode, int, int, int, Sequence[int] | None, int, _Landing | None]] = []
        self.constants: dict[object, int] = {}
        self.kept: list[object] = []
        self.variables: dict[str, int] = {}
        for argument in function.args.args:
            self.variables[argument.arg] = len(self.variables)
        self.arguments = len(self.variables)
        stored = (n for line in function.body for n in ast.walk(line) if isinstance(n, ast.Name))
        for node in stored:
            if isinstance(node.ctx, ast.Store) and node.id not in self.variables:
                self.variables[node.id] = len(self.variables)
        self.next = self.most = len(self.variables)

    def made(self, machine: Callable[..., Any]) -> Callable[..., Any] | None:
        """Return the function."""
        self.statements(self.function.body)
        self.emit(Opcode.RETURN, b=self.constant(None))
        count, attributes, lists = len(self.kept), 0, list[int]()
        found = []

        def register(number: int) -> int:
            return -1 - number if number < 0 else number + count

        for place, (op, a, b, c, listed, how, label) in enumerate(self.instructions):
            more = 0
            if listed is not None:
                more = len(lists)
                names, *each = listed
                lists += [len(each), -1 if names == 0 else register(names), *map(register, each)]
            elif label is not None:
                more = label.at - place - 1
            elif op is Opcode.ATTRIBUTE:
                more, attributes = attributes, attributes + 1
            found.append((int(op), how, register(a), register(b), register(c), more))
        return machine(  # type: ignore[no-any-return]
            tuple(found), tuple(lists), tuple(self.kept), self.arguments, self.most + count, attributes
        )

    # Instructions and registers

    def emit(
        self,
        op: Opcode,
        a: int = 0,
        b: int = 0,
        c: int = 0,
        *,
        listed: Sequence[int] | None = None,
        how: int = 0,
        label: _Landing | None = None,
    ) -> int:
        """Put an instruction down; return the register that it writes."""
        self.instructions.append((op, a, b, c, listed, how, label))
        return a

    def put(self, label: _Landing) -> None:
        """Let a label stand for the next instruction."""
        label.at = len(self.instructions)

    def held(self, into: int | None) -> int:
        """Return a register to write to: *into*, or one that is free until the statement ends."""
        if into is not None:
            return into
        self.next += 1
        self.most = max(self.most, self.next)
        return self.next - 1

    def constant(self, value: object) -> int:
        """Return the register of a constant."""
        key = (type(value), value) if isinstance(value, str | int | None) else id(value)
        found = self.constants.get(key)
        if found is None:
            self.kept.append(value)
            found = self.constants[key] = -len(self.kept)
        return found

    # Statements

    def statements(self, lines: Sequence[ast.stmt]) -> None:
        for line in lines:
            self.next = len(self.variables)
            self.statement(line)

    def statement(self, line: ast.stmt) -> None:
        match line:
            case ast.Assign([ast.Name(name)], value):
                self.move(self.variables[name], value)
            case ast.Assign(targets, value) if all(isinstance(t, ast.Name) for t in targets):
                found = self.value(value)
                for target in targets:
                    assert isinstance(target, ast.Name)
                    self.emit(Opcode.MOVE, self.variables[target.id], found)
            case ast.Assign([ast.Tuple(names)], value) if all(isinstance(n, ast.Name) for n in names):
                found = self.value(value)
                for place, each in enumerate(names):
                    assert isinstance(each, ast.Name)
                    self.emit(Opcode.ITEM, self.variables[each.id], found, self.constant(place))
            case ast.Assign([ast.Subscript(of, key)], value):
                self.emit(Opcode.SET_ITEM, self.value(of), self.value(key), self.value(value))
            case ast.AugAssign(ast.Name(changed), operator, value) if type(operator) in _COMPUTED:
                at = self.variables[changed]
                self.emit(_COMPUTED[type(operator)], at, at, self.value(value))
            case ast.If(test, body, otherwise):
                self.choice(test, lambda: self.statements(body), lambda: self.statements(otherwise), bool(otherwise))
            case ast.Expr(ast.Call(ast.Attribute(of, "append"), [value], [])):
                self.emit(Opcode.APPEND, b=self.value(of), c=self.value(value))
            case ast.Expr(value):
                self.value(value)
            case ast.Return(value):
                self.emit(Opcode.RETURN, b=self.constant(None) if value is None else self.value(value))
            case ast.Pass():
                pass
            case _:
                raise Unlowered(ast.unparse(line))

    def move(self, to: int, value: ast.expr) -> None:
        """Set a variable; what is put together step by step is so elsewhere, as it may read the variable."""
        into = None if isinstance(value, ast.BoolOp | ast.IfExp) and to in self.read(value) else to
        found = self.value(value, into)
        if found != to:
            self.emit(Opcode.MOVE, to, found)

    def read(self, value: ast.expr) -> set[int]:
        """Return the variables that an expression reads."""
        return {self.variables[n.id] for n in ast.walk(value) if isinstance(n, ast.Name) and n.id in self.variables}

    # Jumps

    def choice(
        self, test: ast.expr, then: Callable[[], object], otherwise: Callable[[], object], is_either: bool
    ) -> None:
        no, end = _Landing(), _Landing()
        self.jump(test, no, when=False)
        then()
        if is_either:
            self.emit(Opcode.JUMP, label=end)
        self.put(no)
        if is_either:
            otherwise()
        self.put(end)

    def jump(self, test: ast.expr, to: _Landing, *, when: bool) -> None:
        """Jump where a test holds, or where it does not."""
        match test:
            case ast.UnaryOp(ast.Not(), inner):
                self.jump(inner, to, when=not when)
            case ast.BoolOp(ast.And() | ast.Or() as both, parts):
                if isinstance(both, ast.And) is when:
                    past = _Landing()
                    for part in parts[:-1]:
                        self.jump(part, past, when=not when)
                    self.jump(parts[-1], to, when=when)
                    self.put(past)
                else:
                    for part in parts:
                        self.jump(part, to, when=when)
            case ast.Compare(left, [how], [right]):
                op = Opcode.WHEN if when else Opcode.UNLESS
                self.emit(op, b=self.value(left), c=self.value(right), how=_COMPARED.index(type(how)), label=to)
            case ast.Compare(left, hows, rights):
                past = _Landing()
                before = self.value(left)
                for place, (how, right) in enumerate(zip(hows, rights, strict=True)):
                    at, is_last = self.value(right), place == len(hows) - 1
                    ends = when and is_last
                    op, label = (Opcode.WHEN, to) if ends else (Opcode.UNLESS, past if when else to)
                    self.emit(op, b=before, c=at, how=_COMPARED.index(type(how)), label=label)
                    before = at
                self.put(past)
            case ast.Constant(value):
                if bool(value) is when:
                    self.emit(Opcode.JUMP, label=to)
            case _:
                self.emit(Opcode.IF_TRUE if when else Opcode.IF_FALSE, b=self.value(test), label=to)

    # Expressions

    def value(self, node: ast.expr, into: int | None = None) -> int:
        """Put an expression down; return the register that holds it."""
        match node:
            case ast.Constant(value):
                return self.constant(value)
            case ast.UnaryOp(ast.USub(), ast.Constant(int() as value)):
                return self.constant(-value)
            case ast.UnaryOp(ast.USub(), inner):
                return self.emit(Opcode.SUBTRACT, self.held(into), self.constant(0), self.value(inner))
            case ast.UnaryOp(ast.Not(), inner):
                return self.emit(Opcode.NOT, self.held(into), self.value(inner))
            case ast.Name(name):
                return self.variables[name] if name in self.variables else self.constant(self.named(name))
            case ast.Attribute(of, "__class__"):
                return self.emit(Opcode.CLASS, self.held(into), self.value(of))
            case ast.Attribute(of, name):
                return self.emit(Opcode.ATTRIBUTE, self.held(into), self.value(of), self.constant(name))
            case ast.Subscript(of, key) if not isinstance(key, ast.Slice):
                return self.emit(Opcode.ITEM, self.held(into), self.value(of), self.value(key))
            case ast.BinOp(left, operator, right) if type(operator) in _COMPUTED:
                return self.emit(_COMPUTED[type(operator)], self.held(into), self.value(left), self.value(right))
            case ast.Compare(left, [how], [right]):
                at = _COMPARED.index(type(how))
                return self.emit(Opcode.COMPARE, self.held(into), self.value(left), self.value(right), how=at)
            case ast.IfExp(test, then, otherwise):
                to = self.held(into)
                self.choice(test, lambda: self.moved(to, then), lambda: self.moved(to, otherwise), True)
                return to
            case ast.BoolOp(both, parts):
                to, end = self.held(into), _Landing()
                for part in parts[:-1]:
                    self.moved(to, part)
                    self.emit(Opcode.IF_FALSE if isinstance(both, ast.And) else Opcode.IF_TRUE, b=to, label=end)
                self.moved(to, parts[-1])
                self.put(end)
                return to
            case ast.Tuple(parts) | ast.List(parts) if not any(isinstance(p, ast.Starred) for p in parts):
                if isinstance(node, ast.Tuple) and all(isinstance(p, ast.Constant) for p in parts):
                    return self.constant(ast.literal_eval(node))
                op = Opcode.TUPLE if isinstance(node, ast.Tuple) else Opcode.LIST
                return self.emit(op, self.held(into), listed=self.listed(parts))
            case ast.Dict(keys, values) if all(keys):
                pairs = [each for pair in zip(keys, values, strict=True) for each in pair]
                return self.emit(Opcode.DICT, self.held(into), listed=self.listed(pairs))
            case ast.Call(function, arguments, keywords) if not any(isinstance(a, ast.Starred) for a in arguments):
                if all(keyword.arg for keyword in keywords):
                    return self.call(function, arguments, keywords, into)
        return self.asked(node, into)

    def moved(self, to: int, node: ast.expr) -> None:
        """Put an expression down in a register."""
        found = self.value(node, to)
        if found != to:
            self.emit(Opcode.MOVE, to, found)

    def listed(self, parts: Sequence[ast.expr | None], names: int = 0) -> list[int]:
        """Return the registers of expressions, with that of the last ones' names before them."""
        if len(parts) > _MOST_LISTED:
            raise Unlowered("a longer list than instructions have")
        return [names, *(self.value(part) for part in parts if part is not None)]

    def call(
        self, function: ast.expr, arguments: Sequence[ast.expr], keywords: Sequence[ast.keyword], into: int | None
    ) -> int:
        """Put a call down."""
        if isinstance(function, ast.Attribute) and not keywords:
            of = self.value(function.value)
            if function.attr == "get" and len(arguments) == 1:
                return self.emit(Opcode.GET, self.held(into), of, self.value(arguments[0]))
            listed = self.listed(arguments)
            return self.emit(Opcode.METHOD, self.held(into), of, self.constant(function.attr), listed=listed)
        called = self.value(function)
        names = tuple(keyword.arg for keyword in keywords)
        listed = self.listed([*arguments, *(k.value for k in keywords)], self.constant(names) if names else 0)
        return self.emit(Opcode.CALL, self.held(into), called, listed=listed)

    def named(self, name: str) -> object:
        """Return what a function uses by a name."""
        if name in self.space:
            return self.space[name]
        builtins: Mapping[str, object] = self.space["__builtins__"]
        if name not in builtins:
            raise Unlowered(name)
        return builtins[name]

    def asked(self, node: ast.expr, into: int | None) -> int:
        """Put an expression of any kind down as a call of a function of the variables that it reads."""
        if any(isinstance(inner, ast.NamedExpr | ast.Yield | ast.Await) for inner in ast.walk(node)):
            raise Unlowered(ast.unparse(node))
        inner_names = {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
        read = {n.id for n in ast.walk(node) if isinstance(n, ast.Name)} - inner_names
        names = sorted(name for name in read if name in self.variables)
        if len(names) > _MOST_LISTED:
            raise Unlowered(ast.unparse(node))
        arguments = ast.arguments([], [ast.arg(name) for name in names], None, [], [], None, [])
        function = self.alone(ast.Lambda(arguments, node))
        listed = [0, *(self.variables[name] for name in names)]
        return self.emit(Opcode.CALL, self.held(into), self.constant(function), listed=listed)
