"""Parse a policy's nodes into a `Policy`: shapes first, then names, kinds and guards; all findings at once.

The order of the stages matters: a stage may name only what earlier ones have declared. Deal facts stand before
tables, tables before issues, all of these before the catalog, the catalog before definitions, these before rules.
"""

import msgspec

from walkaway.language import source
from walkaway.language.codes import Code
from walkaway.language.diagnostics import Findings
from walkaway.language.expr.types import FactType, Scope, Typed
from walkaway.policy.catalog import entries
from walkaway.policy.model import (
    Policy,
)
from walkaway.policy.parse.claims import Claims
from walkaway.policy.parse.declarations import RESERVED
from walkaway.policy.parse.fields import NAME
from walkaway.policy.parse.issues import OFFER_WORDS
from walkaway.policy.parse.layers import LoadFile, layered
from walkaway.policy.parse.section import describe

_LATER = frozenset(
    ["offer", "give", "asked", "get", "move", "room", "walk", "want", "wish", "ours", "theirs", "balance", "since"]
) | {"signals", "approved", "pattern", "batna", "missing", "left"}
"""Groups of facts that a deal's opening does not fix."""


def parse_policy(root: source.Node, load: LoadFile, findings: Findings) -> Policy | None:
    """Parse the nodes of a policy file, with those of the policies that it extends.

    Args:
        load: Gives the files of tables, and of the policies above.

    Returns:
        The policy, or none where there is an error among *findings*.

    Diagnostics:
        WA2xx, WA3xx, WA4xx.
    """
    if not isinstance(root, source.Mapping):
        findings.add(
            Code.WRONG_SHAPE, f"a policy is a mapping, not {describe(root)}", root.span, "begin with `policy: its-name`"
        )
        return None
    whole = layered(root, load, findings)
    return _Parser(whole, load, findings).policy() if whole else None


class _Parser(Claims):
    """The whole policy, section after section."""

    def policy(self) -> Policy | None:
        """Read every section, in the order the module's docstring gives."""
        top = self.top
        names = {key: tuple(w.value for w in top.words(key, NAME)) for key in ("signals", "roles")}
        for name, node in top.entries("deal", NAME):
            self.deal_fact(name, node)
        for name, node in top.entries("tables", NAME):
            if self.is_free(name, RESERVED):
                self.table(name, node)
        broken = self.broken("deal", self.deal) | self.broken("tables", self.tables)
        self.opening = Scope(self.deal_types(), self.currency, {}, self.table_types(), broken, _LATER)
        for name, node in top.entries("issues", NAME):
            if self.is_free(name, OFFER_WORDS):
                self.issue(name, node)
        package = self.package()
        shape = self.shape(names, package)
        self.catalog = {e.name: e for e in entries(shape)}
        self.roles = names["roles"]
        broken |= self.broken("issues", self.issues) | self.broken("signals", names["signals"])
        broken |= self.broken("roles", self.roles)
        self.scope = Scope(
            {n: FactType(e.unit, e.fixed, not e.known, e.whole) for n, e in self.catalog.items()},
            self.currency,
            {},
            self.table_types(),
            broken,
        )
        patterns = tuple(p for n, v in top.entries("pattern", NAME) if (p := self.pattern(n, v)) is not None)
        defined = self.definitions()
        broken |= self.broken("pattern", shape.patterns) | self.broken("define", defined)
        self.scope = msgspec.structs.replace(self.scope, defined=defined, broken=broken)
        rules = self.rules()
        claims = self.claims()
        version, coverage = self.version(), self.coverage()
        side = top.choice("side", "seller")
        called, title, owner = (top.text(key) for key in ("policy", "title", "owner"))
        if any(f.severity == "error" for f in self.findings):
            return None
        unknown = [n for n in self.needed if not n.startswith("deal.")]
        return Policy(
            name=called,
            title=title,
            version=version,
            owner=owner,
            side=side,
            currency=self.currency,
            effective=self.days,
            deal=self.deal,
            issues=self.issues,
            package=package,
            signals=names["signals"],
            roles=names["roles"],
            patterns=patterns,
            tables=self.tables,
            lookups=tuple({n.name: n for n in self.notes.lookups}.values()),
            rules=rules,
            catalog=self.catalog,
            fixed=frozenset(self.notes.multipliers | self.needed) - frozenset(unknown),
            needed=frozenset(self.needed),
            sha256="",
            places=self.places(),
            quantities={n: d for n, d in defined.items() if isinstance(d, Typed)},
            mentioned=frozenset(self.notes.names),
            claims=claims,
            coverage=coverage,
        )
