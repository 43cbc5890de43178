"""Put Python functions together as syntax trees and compile them; no text is evaluated. Knows nothing of their purpose.

Partial evaluation: what is known before a function runs is written into it, so that at run time nothing is looked up.
"""

import ast
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from textwrap import dedent
from typing import Any

NOTHING = ast.Constant(None)
_BUILTINS = {"dict": dict, "int": int, "len": len, "max": max, "min": min, "str": str, "tuple": tuple}
Part = ast.expr | str | int | Sequence[ast.stmt]
"""What stands in a template's place: an expression, a constant, or statements."""


class Function:
    """A function that is being put together.

    Args:
        arguments: Its parameters' names.
        called: Its own name.
        named: Objects that it may use by a name.

    Attributes:
        written: It as people read it, once it is compiled and `keeps` it.
    """

    keeps = False
    written = ""

    def __init__(self, *arguments: str, called: str = "run", **named: object) -> None:
        self.arguments, self.called, self.named = arguments, called, named
        self.used: dict[int, tuple[str, object]] = {}

    def use(self, thing: object, called: str = "") -> ast.expr:
        """Return the expression for an object that exists already, as a function that is to be called.

        Args:
            called: How it is read; numbered, if left out.
        """
        named, _ = self.used.setdefault(id(thing), (called or f"u{len(self.used)}", thing))
        return var(named)

    def compiled(self, body: Sequence[ast.stmt]) -> Any:
        """Compile it; *body* is not used again."""
        arguments = ast.arguments([], [ast.arg(a) for a in self.arguments], None, [], [], None, [])
        function = ast.FunctionDef(self.called, arguments, list(body), [], None)
        module = ast.Module([_placed(function)], [])
        space: dict[str, object] = {"__builtins__": _BUILTINS, **self.named, **dict(self.used.values())}
        exec(compile(module, "<rules>", "exec"), space)
        if self.keeps:
            self.written = ast.unparse(module)
        return space[self.called]


def _placed(function: ast.stmt) -> ast.stmt:
    """Say of every node where it stands, which is nowhere; `ast.fix_missing_locations` takes three times as long."""
    nodes: list[ast.AST] = [function]
    while nodes:
        inside = nodes.pop().__dict__
        for part in inside.values():
            if isinstance(part, ast.AST):
                nodes.append(part)
            elif part.__class__ is list:
                nodes += [p for p in part if isinstance(p, ast.AST)]
        inside["lineno"], inside["col_offset"] = 1, 0
    return function


def var(name: str) -> ast.expr:
    """Read a variable."""
    return ast.Name(name, ast.Load())


def assign(to: str, value: ast.expr) -> ast.stmt:
    """Set a variable."""
    return ast.Assign([ast.Name(to, ast.Store())], value)


def attribute(of: ast.expr, path: str) -> ast.expr:
    """Read an attribute, or along a dotted path of them."""
    for part in path.split("."):
        of = ast.Attribute(of, part, ast.Load())
    return of


def item(of: ast.expr, key: str | int) -> ast.expr:
    """Read an entry under a constant key."""
    return ast.Subscript(of, ast.Constant(key), ast.Load())


def call(function: ast.expr, *arguments: ast.expr) -> ast.expr:
    """Call a function."""
    return ast.Call(function, list(arguments), [])


def is_known(value: ast.expr) -> ast.expr:
    """Test that a value is not none."""
    return ast.Compare(value, [ast.IsNot()], [NOTHING])


def is_unknown(value: ast.expr) -> ast.expr:
    """Test that a value is none."""
    return ast.Compare(value, [ast.Is()], [NOTHING])


def if_known(value: str, then: ast.expr, otherwise: ast.expr = NOTHING) -> ast.expr:
    """Return *then* where a variable is not none."""
    return ast.IfExp(is_known(var(value)), then, otherwise)


def every(parts: Sequence[ast.expr]) -> ast.expr:
    """Test that all of some expressions hold."""
    return ast.BoolOp(ast.And(), list(parts)) if len(parts) > 1 else parts[0] if parts else ast.Constant(True)


def some(parts: Sequence[ast.expr]) -> ast.expr:
    """Test that one of some expressions holds."""
    return ast.BoolOp(ast.Or(), list(parts)) if len(parts) > 1 else parts[0] if parts else ast.Constant(False)


def block(text: str, **parts: Part) -> list[ast.stmt]:
    """Return the statements of a template, which is text of ours and never of a policy.

    Args:
        parts: Name, in capitals, → what stands in its place; statements stand where the name is a line of its own, and
            a text or a number as the constant that it is.
    """
    return _Filled(parts).statements(_template(text))


def expression(text: str, **parts: Part) -> ast.expr:
    """Return the expression of a template, as `block`."""
    (line,) = block(text, **parts)
    assert isinstance(line, ast.Expr)
    return line.value


@cache
def _template(text: str) -> list[ast.stmt]:
    lines = ast.parse(dedent(text)).body
    for node in (n for line in lines for n in ast.walk(line)):
        for place in node._attributes:
            node.__dict__.pop(place, None)
    return lines


class _Filled:
    """Puts parts into a template's places; all is copied, so that what comes of it may be changed."""

    def __init__(self, parts: Mapping[str, Part]) -> None:
        self.parts = parts

    def statements(self, lines: Sequence[ast.stmt]) -> list[ast.stmt]:
        """Return lines of a template, filled."""
        found: list[ast.stmt] = []
        for line in lines:
            part = self.parts.get(line.value.id) if _is_place(line) else None  # type: ignore[attr-defined]
            if part is None or isinstance(part, ast.expr | str | int):
                found.append(self.node(line))
            else:
                found += map(_copied, part)
        return found

    def node(self, node: ast.AST) -> Any:
        """Return a node of a template, filled."""
        if isinstance(node, ast.Name):
            return self.name(node)
        if isinstance(node, ast.If):
            body, otherwise = self.statements(node.body), self.statements(node.orelse)
            return ast.If(self.node(node.test), body or [ast.Pass()], otherwise)
        return _made_again(node, self.node)

    def name(self, node: ast.Name) -> ast.expr:
        """Return what stands in a name's place, or the name."""
        part = self.parts.get(node.id)
        if part is None:
            return ast.Name(node.id, node.ctx)
        if isinstance(part, str | int):
            return ast.Constant(part)
        assert isinstance(part, ast.expr), node.id
        if isinstance(part, ast.Name):
            return ast.Name(part.id, node.ctx)
        copied: ast.expr = _copied(part)
        return copied


def _copied(node: Any) -> Any:
    """Return a copy of a node and of all below it; `copy.deepcopy` takes five times as long."""
    return _made_again(node, _copied)


def _made_again(node: ast.AST, each: Callable[[ast.AST], ast.AST]) -> ast.AST:
    """Return a node of the same kind, with what *each* gives for the nodes right below it."""
    kind = node.__class__
    if not kind._fields:
        return kind()
    found = kind.__new__(kind)
    inside = found.__dict__
    for name, value in node.__dict__.items():
        if isinstance(value, ast.AST):
            inside[name] = each(value)
        elif value.__class__ is list:
            inside[name] = [each(v) if isinstance(v, ast.AST) else v for v in value]
        else:
            inside[name] = value
    return found


def _is_place(line: ast.stmt) -> bool:
    return isinstance(line, ast.Expr) and isinstance(line.value, ast.Name)
