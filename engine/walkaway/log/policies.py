"""Policies ready to decide for the log: by content hash, each read back from its own files."""

from collections.abc import Callable, Mapping

from walkaway.decide.engine import Core, Engine, Incident
from walkaway.log.seal import Sealer
from walkaway.log.store import Store, policy_files
from walkaway.policy import FILE, Policy, content_hash, read
from walkaway.session.follower import Version

Report = Callable[[Incident], None]


class PolicyLost(Exception):
    """A policy that decisions name cannot be had any more; the message says why."""


class Pinned(Version):
    """One policy version with all that works under it, and what it seals."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        self.sealer = Sealer(engine.policy)


class Policies:
    """The policies of a log by their content hash, each compiled once.

    Args:
        store: Where policies are found that were not added.
    """

    def __init__(self, store: Store | None, core: Core, report: Report) -> None:
        self.store, self.core, self.report = store, core, report
        self.ready: dict[str, Pinned] = {}

    def add(self, policy: Policy) -> Pinned:
        """Compile a policy from its own files, so that its decisions name places in these and no folder."""
        return self.ready.get(policy.sha256) or self.pin(policy.sha256, policy.files)

    def find(self, sha256: str) -> Pinned:
        """Return a policy.

        Raises:
            PolicyLost: Where it is not stored, or cannot be read any more.
        """
        found = self.ready.get(sha256)
        if found is None:
            found = self.pin(sha256, policy_files(self.store, sha256) if self.store is not None else {})
        return found

    def pin(self, sha256: str, files: Mapping[str, bytes]) -> Pinned:
        """Read a policy from its files and make it ready."""
        found = self.ready[sha256] = Pinned(Engine(restored(sha256, files), self.core, self.report))
        return found


def files_of(store: Store, sha256: str) -> Mapping[str, bytes]:
    """Return the files of a policy as they were.

    Raises:
        PolicyLost: Where they are missing or changed.
    """
    return _unchanged(sha256, policy_files(store, sha256))


def _unchanged(sha256: str, files: Mapping[str, bytes]) -> Mapping[str, bytes]:
    if FILE not in files:
        raise PolicyLost(f"policy {sha256[:12]} is not in the store")
    found = content_hash(files)
    if found != sha256:
        raise PolicyLost(f"policy {sha256[:12]} is not what it was: its files have hash {found[:12]}")
    return files


def restored(sha256: str, files: Mapping[str, bytes]) -> Policy:
    """Read a policy back from its files.

    Raises:
        PolicyLost: Where files are missing or changed, or this release finds errors in them.
    """
    _unchanged(sha256, files)
    checked = read(files[FILE], FILE, files.get)
    if checked.value is None:
        raise PolicyLost(f"policy {sha256[:12]} cannot be read by this release: {checked.errors[0]}")
    return checked.value
