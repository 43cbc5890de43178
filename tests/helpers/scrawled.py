"""The same tree as YAML in layouts that nobody would choose: indents, brackets, quotes, comments, breaks at random."""

import json
from collections.abc import Mapping, Sequence
from random import Random
from typing import Any


def scrawl(rng: Random, tree: Any, *, same: bool = False) -> bytes:
    """Write *tree*, of mappings, lists and texts, in one of its many layouts.

    Args:
        same: Whether every text must be read as it is, with no line's end behind it.
    """
    lines = _Scrawl(rng, same=same).block(tree, 0)
    text = "\n".join(["---"] * (rng.randrange(4) == 0) + lines) + rng.choice(["", "\n", "\n\n\n", "\n# the end"])
    if rng.randrange(3) == 0:
        text = text.replace("\n", "\r\n")
    return (b"\xef\xbb\xbf" if rng.randrange(4) == 0 else b"") + text.encode()


class _Scrawl:
    def __init__(self, rng: Random, *, same: bool) -> None:
        self.rng, self.same = rng, same
        self.remarks = 0

    def one_in(self, number: int) -> bool:
        return self.rng.randrange(number) == 0

    def remark(self) -> str:
        """Return a comment that no other equals, or nothing."""
        if not self.one_in(5):
            return ""
        self.remarks += 1
        return self.rng.choice(["#", "# ", "#  ", "#! ", "## "]) + f'remark {self.remarks}: it\'s {{odd}}, # "so" - [it'

    def between(self) -> list[str]:
        """Return lines that say nothing: empty ones, and comments at any indent."""
        found = []
        while self.one_in(4):
            found.append(" " * self.rng.randrange(7) + (self.remark() if self.one_in(2) else ""))
        return found

    def behind(self) -> str:
        remark = self.remark()
        return " " * self.rng.randrange(1, 4) + remark if remark else " " * self.rng.randrange(2)

    def block(self, tree: Any, indent: int) -> list[str]:
        """Return the lines of a collection that is written as a block."""
        found: list[str] = []
        mapping = isinstance(tree, Mapping)
        for key, value in tree.items() if mapping else enumerate(tree):
            found += self.between()
            head = f"{' ' * indent}{self.flow_scalar(key) if mapping else ''}{' ' * self.one_in(5) if mapping else '-'}"
            found += self.entry(f"{head}:" if mapping else head, value, indent, mapping)
        return found

    def entry(self, head: str, value: Any, indent: int, mapping: bool) -> list[str]:
        deeper = indent + self.rng.randrange(1, 5)
        collection = isinstance(value, Mapping | Sequence) and not isinstance(value, str)
        if collection and value and self.rng.randrange(3):
            at = indent if mapping and isinstance(value, list) and self.one_in(2) else deeper
            return [head + self.behind(), *self.block(value, at)]
        if collection:
            return self.spread(f"{head} {self.flow(value)}", deeper)
        return self.scalar(head, value, deeper)

    def spread(self, text: str, indent: int) -> list[str]:
        """Break a line in brackets where a break was marked; comments may stand there."""
        first, *rest = text.split("\x00")
        found = [first]
        for part in rest:
            found[-1] += self.behind()
            found += [*self.between(), " " * indent + part]
        return [*found[:-1], found[-1] + self.behind()]

    def flow(self, value: Any) -> str:
        gap = "\x00" if self.one_in(6) else " " * self.rng.randrange(3)
        match value:
            case Mapping():
                inner = [f"{self.flow_scalar(k)}: {self.flow(v)}" for k, v in value.items()]
                return "{" + gap + f",{gap or ' '}".join(inner) + gap + "}"
            case list() | tuple():
                return "[" + gap + f",{gap or ' '}".join(map(self.flow, value)) + gap + "]"
            case _:
                return self.flow_scalar(value)

    def flow_scalar(self, value: Any) -> str:
        """Return a scalar on one line that may stand anywhere."""
        text = value if isinstance(value, str) else json.dumps(value)
        plain = text[:1].isalnum() and not set(text) & set("[]{},:#\n\"'") and text == " ".join(text.split())
        if not plain or self.one_in(6):
            return (
                json.dumps(text, ensure_ascii=False) if "'" in text or "\n" in text or self.one_in(2) else f"'{text}'"
            )
        return text

    def scalar(self, head: str, value: Any, indent: int) -> list[str]:
        """Return the lines of a scalar, in any style that can hold it."""
        text = value if isinstance(value, str) else json.dumps(value)
        words = text.split(" ")
        broken = [" " * indent + " " * self.rng.randrange(4) + w for w in words]
        safe = all(words) and text.isprintable() and text[:1].isalnum() and not set(text) & set("[]{}:#\"'\\")
        if safe and len(words) > 2 and self.one_in(4):
            return [head + self.behind(), *broken] if self.one_in(3) else [f"{head} {words[0]}", *broken[1:]]
        if safe and self.one_in(8):
            return [f"{head} '{words[0]}", *broken[1:-1], f"{broken[-1]}'"] if len(words) > 1 else [f"{head} '{text}'"]
        if safe and self.one_in(6):
            ending = ["|", ">", "|+"] if not self.same else []
            style = self.rng.choice([*ending, "|-", ">-", f"|{indent - _column(head)}-"])
            return [f"{head} {style}{self.behind()}", " " * indent + text]
        return [f"{head} {self.flow_scalar(text)}{self.behind()}"]


def _column(head: str) -> int:
    return len(head) - len(head.lstrip(" "))
