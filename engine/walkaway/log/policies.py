"""Policies ready to decide for the log: by content hash, each read back from its own files."""

from collections.abc import Callable, Mapping

import msgspec

from walkaway.decide.engine import Core, Engine, Incident
from walkaway.log.seal import Sealer
from walkaway.log.store import Store, policy_files
from walkaway.policy import FILE, Policy, content_hash, read
from walkaway.policy.currencies import accepts, in_currency
from walkaway.policy.exchange import Rates
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
        self.rates: dict[str, Rates] = {}

    def add(self, policy: Policy) -> Pinned:
        """Compile a policy from its own files, so that its decisions name places in these and no folder."""
        found = self.ready.get(policy.key)
        if found is not None:
            return found
        if policy.rates is not None and policy.exchange is not None:
            self.rates[policy.exchange.file] = policy.rates
        if policy.home:
            return self.find(policy.sha256, policy.currency)
        return self.pin(policy.sha256, policy.files)

    def find(self, sha256: str, currency: str = "") -> Pinned:
        """Return a policy.

        Args:
            currency: Of the deal, where that is not the policy's own.

        Raises:
            PolicyLost: Where it is not stored, or cannot be read any more.
        """
        if currency:
            return self.converted(self.find(sha256).policy, currency)
        found = self.ready.get(sha256)
        if found is None:
            found = self.pin(sha256, policy_files(self.store, sha256) if self.store is not None else {})
        return found

    def pin(self, sha256: str, files: Mapping[str, bytes]) -> Pinned:
        """Read a policy from its files and make it ready."""
        policy = restored(sha256, files)
        if policy.exchange is not None:
            policy = msgspec.structs.replace(policy, rates=self.rates.get(policy.exchange.file))
        found = self.ready[sha256] = Pinned(Engine(policy, self.core, self.report))
        return found

    def converted(self, policy: Policy, currency: str) -> Pinned:
        """Return a policy as it stands in deals of another currency.

        Raises:
            PolicyLost: Where it takes none.
        """
        if not accepts(policy, currency):
            raise PolicyLost(f"policy {policy.sha256[:12]} takes no deals in {currency}")
        other = in_currency(policy, currency)
        found = self.ready.get(other.key)
        if found is None:
            found = self.ready[other.key] = Pinned(Engine(other, self.core, self.report))
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
