"""Who asks: a name with its roles and the deals it may see; all of it from the token, and nothing from what is sent."""

import unicodedata
from collections.abc import Sequence
from enum import StrEnum
from fnmatch import fnmatchcase

import msgspec

from walkaway_edge.problems import EdgeProblem


class Role(StrEnum):
    """What somebody may do; docs/serve.md has the table. An approver's role names the policy's, as `approver:cfo`."""

    REP = "rep"
    APPROVER = "approver"
    SALES_OPS = "sales-ops"
    AUDITOR = "auditor"
    FEED = "feed"
    AGENT = "agent"
    CUSTOMER = "customer"
    EXECUTOR = "executor"


TABLE = PEOPLE = frozenset({Role.REP, Role.APPROVER, Role.SALES_OPS, Role.AUDITOR})
READERS = frozenset({Role.SALES_OPS, Role.AUDITOR})
"""Who reads the log and the policies whole, whoever's deals they are about."""
SAYABLE = frozenset({Role.AGENT, Role.CUSTOMER})
"""Who is told nothing but what the other side may hear: our own agent too, whose every word may reach it."""
_ALONE = frozenset({Role.FEED, Role.EXECUTOR}) | SAYABLE
"""Roles that go with no other one."""


def folded(name: str) -> str:
    """Return a name as the one person is called, however it is spelled: NFC, case folded, without outer spaces."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold()).strip()


class Identity(msgspec.Struct, frozen=True):
    """Somebody who was told apart by a token.

    Attributes:
        sub: The name, folded; who acts is recorded under it.
        roles: What they may do.
        authority: Roles of the policy by which they approve; empty where they approve nothing.
        deals: Patterns of the deals they may see, as `D-*`; auditors and sales operations see all.
        behalf: People for whom a feed may speak.
        key: By which limits and logs tell identities apart; no secret.
        until: Seconds since 1970 from which on their token counts no more; 0 where the file of tokens says it.
    """

    sub: str
    roles: frozenset[Role]
    authority: tuple[str, ...] = ()
    deals: tuple[str, ...] = ("*",)
    behalf: tuple[str, ...] = ()
    key: str = ""
    until: float = 0

    @property
    def is_sayable(self) -> bool:
        """Return whether they are told only what the other side may hear."""
        return bool(self.roles & SAYABLE)

    def may(self, roles: frozenset[Role]) -> bool:
        """Return whether one of their roles is among these."""
        return bool(self.roles & roles)

    def covers(self, deal: str) -> bool:
        """Return whether a deal is among those that they were given."""
        return any(fnmatchcase(deal, pattern) for pattern in self.deals)


ANYBODY = Identity("", frozenset(), deals=())
"""Whoever asks for what is there for everybody; it has no role."""


def identity(
    sub: str, roles: Sequence[str], deals: Sequence[str] = (), behalf: Sequence[str] = (), key: str = ""
) -> Identity:
    """Return who somebody is by words.

    Args:
        roles: Each a `Role`, an approver's with the policy's role behind a colon.

    Raises:
        EdgeProblem: Where a name or a role is none.
    """
    name, others = folded(sub), tuple(map(folded, behalf))
    if not all(each and each.isprintable() and len(each) <= 200 for each in (name, *others)):
        raise EdgeProblem("a name is 1 to 200 printable characters")
    found: set[Role] = set()
    authority: list[str] = []
    for word in roles:
        role, colon, of = word.partition(":")
        if role not in set(Role) or bool(colon) != (role == Role.APPROVER) or (colon and not of):
            known = ", ".join(f"approver:{'ROLE'}" if r is Role.APPROVER else r for r in Role)
            raise EdgeProblem(f"`{word[:40]}` is no role", f"known are {known}")
        found.add(Role(role))
        authority += [of] if of else []
    if not found:
        raise EdgeProblem("an identity has a role at least")
    if found & _ALONE and len(found) > 1:
        who = min(found & _ALONE)
        article = "an" if who in (Role.AGENT, Role.EXECUTOR) else "a"
        raise EdgeProblem(f"{article} {who} has no other role", "make a token of its own for the person")
    if found & SAYABLE and not deals:
        raise EdgeProblem(f"{min(found)}s are let into the deals that are named", "add `--deals` with a pattern")
    if behalf and Role.FEED not in found:
        raise EdgeProblem("only a feed speaks for others", "leave `--for` out")
    patterns = tuple(deals) or ("*",)
    return Identity(name, frozenset(found), tuple(authority), patterns, others, key)
