"""A made-up case: policies as the trees that are written, their tables, and one deal as JSON lines."""

import json
from collections.abc import Mapping
from typing import Any

import msgspec
import yaml
from tests.helpers.generated.case import Case, _written

from walkaway.deal.decode import Decoder
from walkaway.events import AnyEvent
from walkaway.policy import Policy, read

Root = dict[str, Any]
LOWEST, UPPER, OTHER = "policy.yaml", "upper.yaml", "other.yaml"
"""The policy itself, the one it extends, and the one it is compared with."""


class Made(msgspec.Struct, frozen=True):
    """Policies, with their tables, and a deal.

    Attributes:
        roots: File → the policy as it is written.
        texts: File → bytes that are read in place of its tree.
        events: One deal, a JSON line each; none where none is told yet.
    """

    roots: Mapping[str, Root]
    tables: Mapping[str, str] = {}
    texts: Mapping[str, bytes] = {}
    events: tuple[bytes, ...] = ()

    def written(self, name: str = LOWEST) -> bytes:
        """Return a policy's YAML text."""
        return self.texts[name] if name in self.texts else yaml_of(self.roots[name])

    def beside(self, name: str) -> bytes | None:
        """Return the bytes of a file that a policy names."""
        if name in self.tables:
            return self.tables[name].encode()
        return self.written(name) if name in self.roots or name in self.texts else None

    def policy(self, name: str = LOWEST) -> Policy | None:
        """Return a policy as the real reader has it; none where it finds an error."""
        return read(self.written(name), name, self.beside).value

    def is_clean(self, name: str = LOWEST) -> bool:
        """Return whether lint says nothing of a policy."""
        return not read(self.written(name), name, self.beside).findings

    def told(self, policy: Policy) -> list[AnyEvent]:
        """Return the events that can be read under a policy."""
        decoder = Decoder(policy)
        return [e for line in self.events if (e := decoder.decode(line).value) is not None]

    def with_root(self, root: Root, name: str = LOWEST) -> "Made":
        """Return the case with another policy in a file."""
        return msgspec.structs.replace(self, roots={**self.roots, name: root})

    def shown(self) -> str:
        """Return the whole case as it can be pasted into files."""
        files = {**{n: self.written(n).decode() for n in self.roots}, **self.tables}
        parts = [f"--- {name}\n{text}" for name, text in files.items()]
        return "\n".join([*parts, "--- deal.jsonl", *(line.decode() for line in self.events)])


def yaml_of(root: Root) -> bytes:
    """Write a tree, marks of the mirror taken out."""
    return yaml.safe_dump(_written(root, False), sort_keys=False, allow_unicode=True, width=100).encode()


def made_of(case: Case) -> Made:
    """Return a generated case without its marks."""
    return Made({LOWEST: json.loads(json.dumps(_written(case.root, False)))}, case.tables)
