"""Drafts of a policy that somebody tries out: kept beside the log for a week, and never in force."""

import time
from collections.abc import Callable, Mapping

import msgspec

from walkaway_edge.http.kept import KeptFile

KEPT_S = 7 * 24 * 3600
MOST = 100


class PolicyDraft(msgspec.Struct, frozen=True):
    """A draft.

    Attributes:
        by: Who wrote it.
        made: When, in seconds since 1970.
        base: The SHA-256 of the policy that it was begun from.
        files: Name → text, its cases among them.
    """

    id: str
    by: str
    made: int
    base: str
    files: Mapping[str, str]


class Drafts:
    """The drafts of one server. It is used inside of one event loop.

    Args:
        seconds: Tells the time, in seconds since 1970.
    """

    def __init__(self, file: KeptFile, seconds: Callable[[], float] = time.time) -> None:
        self.file, self.seconds = file, seconds

    async def add(self, of: str, by: str, base: str, files: Mapping[str, str]) -> None:
        """Keep a draft; those of more than a week ago go, and the oldest where there are too many.

        Raises:
            EdgeProblem: Where it cannot be written.
        """
        now = int(self.seconds())
        await self.file.write("DELETE FROM drafts WHERE made < ?", now - KEPT_S)
        last = "SELECT id FROM drafts ORDER BY made DESC, id LIMIT -1 OFFSET ?"
        await self.file.write(f"DELETE FROM drafts WHERE id IN ({last})", MOST - 1)
        sql = "INSERT INTO drafts (id, by, made, base, files) VALUES (?, ?, ?, ?, ?)"
        await self.file.write(sql, of, by, now, base, msgspec.json.encode(files))

    def find(self, of: str) -> PolicyDraft | None:
        """Return a draft; none where there is none, or its week is over.

        Raises:
            EdgeProblem: Where it cannot be read.
        """
        sql = "SELECT id, by, made, base, files FROM drafts WHERE id = ? AND made >= ?"
        for name, by, made, base, files in self.file.rows(sql, of, int(self.seconds()) - KEPT_S):
            return PolicyDraft(name, by, made, base, msgspec.json.decode(files, type=dict[str, str]))
        return None

    def latest(self, most: int = 20) -> list[PolicyDraft]:
        """Return the latest drafts without their files, the newest first.

        Raises:
            EdgeProblem: Where they cannot be read.
        """
        sql = "SELECT id, by, made, base FROM drafts WHERE made >= ? ORDER BY made DESC, id LIMIT ?"
        found = self.file.rows(sql, int(self.seconds()) - KEPT_S, most)
        return [PolicyDraft(name, by, made, base, {}) for name, by, made, base in found]
