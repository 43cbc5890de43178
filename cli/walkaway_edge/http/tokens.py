"""Tokens: made once, shown once, kept as hashes in a file of their own; one that is revoked or expired is nobody's."""

import hashlib
import secrets
from pathlib import Path

import msgspec

from walkaway_edge.http.identity import Identity, identity
from walkaway_edge.http.journal import Journal
from walkaway_edge.problems import EdgeProblem

PREFIX = "wa_"
_ID = 8


class Noted(msgspec.Struct, frozen=True, omit_defaults=True):
    """A line of the file: a token, or that one is revoked.

    Attributes:
        id: Names the token; it is no secret.
        sha256: Of the token; empty where this line revokes it.
        until: Seconds since 1970 from which on it counts no more.
    """

    id: str
    sha256: str = ""
    sub: str = ""
    roles: tuple[str, ...] = ()
    deals: tuple[str, ...] = ()
    behalf: tuple[str, ...] = ()
    until: int = 0


class Tokens:
    """The tokens of one server, read anew whenever the file has grown, so that a revocation counts at once.

    Raises:
        EdgeProblem: Where the file cannot be used.
    """

    def __init__(self, path: Path) -> None:
        self.journal = Journal(path, Noted)
        self.seen: list[Noted] | None = None
        self.known: dict[str, tuple[Noted, Identity]] = {}

    def new(self, noted: Noted) -> str:
        """Make a token for somebody and return it, the only time that it is seen.

        Args:
            noted: Who, and until when; id and hash are filled in.

        Raises:
            EdgeProblem: Where a name or a role is none, or the file cannot be written.
        """
        identity(noted.sub, noted.roles, noted.deals, noted.behalf)
        token = PREFIX + secrets.token_urlsafe(32)
        digest = hashlib.sha256(token.encode()).hexdigest()
        self.journal.note(msgspec.structs.replace(noted, id=digest[:_ID], sha256=digest))
        return token

    def revoke(self, of: str) -> None:
        """Let a token count no more.

        Raises:
            EdgeProblem: Where there is none of this id.
        """
        if of not in {noted.id for noted in self.listed()}:
            raise EdgeProblem(f"there is no token `{of[:40]}`", "`walkaway token list` shows them")
        self.journal.note(Noted(of))

    def listed(self) -> list[Noted]:
        """Return the tokens that were not revoked, oldest first."""
        lines = self.journal.all()
        gone = {line.id for line in lines if not line.sha256}
        return [line for line in lines if line.sha256 and line.id not in gone]

    def find(self, token: str, now: int) -> Identity | None:
        """Return whose a token is; nobody's where it is unknown, revoked or expired.

        Args:
            now: Seconds since 1970.
        """
        found = self._now().get(hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest())
        return None if found is None or now >= found[0].until else found[1]

    def counts(self, of: str, now: int) -> bool:
        """Return whether the token with an id still counts.

        Args:
            now: Seconds since 1970.
        """
        return any(noted.id == of and now < noted.until for noted, _ in self._now().values())

    def _now(self) -> dict[str, tuple[Noted, Identity]]:
        lines = self.journal.all()
        if lines is not self.seen:
            self.known = {
                noted.sha256: (noted, identity(noted.sub, noted.roles, noted.deals, noted.behalf, noted.id))
                for noted in self.listed()
            }
            self.seen = lines
        return self.known
