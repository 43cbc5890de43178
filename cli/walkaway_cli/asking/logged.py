"""The deals of a log, asked about one more offer as they stand there; the log is only read."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import click

from walkaway import Answer, Briefing, Core, Policy, Session, log
from walkaway.language import shorten
from walkaway.log import Store, recorded_policy
from walkaway_cli.options.stores import hold, opened
from walkaway_cli.render.diagnostics import show_incident


class OfLog:
    """Askable of a log.

    Args:
        store: Open for as long as questions are asked.
    """

    name = "the log"

    def __init__(self, store: Store, core: Core) -> None:
        self.store, self.core = store, core
        self.sessions: dict[str, Session] = {}
        self.policies: dict[str, Policy] = {}

    def names(self) -> Collection[str]:
        """Return the ids of all deals."""
        return log.deals(self.store)

    def policy(self, deal: str) -> Policy:
        """Return the policy that a deal is under.

        Raises:
            click.UsageError: Where the log has no such deal.
        """
        found = self.policies.get(deal) or recorded_policy(self.store, deal)
        if found is None:
            raise click.UsageError(f"the log has no deal `{shorten(deal)}`")
        return self.policies.setdefault(deal, found)

    def session(self, deal: str) -> Session:
        """Return what answers about a deal."""
        policy = self.policy(deal)
        found = self.sessions.get(policy.sha256)
        if found is None:
            found = Session([policy], self.store, core=self.core, report=show_incident)
            self.sessions[policy.sha256] = found
        return found

    def brief(
        self, deal: str, terms: Mapping[str, str | None], actor: str, at: str | None, *, advice: bool, role: str = ""
    ) -> Briefing:
        """Return all there is to say to a rep about an offer."""
        return self.session(deal).ask(deal, terms, actor=actor, at=at, search=advice, role=role)

    def answer(self, deal: str, terms: Mapping[str, str | None], actor: str, at: str | None, role: str = "") -> Answer:
        """Return what the other side may be told."""
        return self.session(deal).answer(deal, terms, at=at)

    def stepped(self, deal: str, issue: str, text: str | None, *, up: bool) -> str | None:
        """Return an issue's next value."""
        return self.session(deal).stepped(deal, issue, text, up=up)


@contextmanager
def of_log(url: str, core: Core, places: Sequence[Path], keys: Sequence[str]) -> Iterator[OfLog]:
    """Open the log at *url*, hold it against checkpoints, and give its deals.

    Raises:
        StoreProblem: Where it cannot be read, or is not what was recorded or signed.
    """
    with opened(url) as store:
        with store.reading():
            hold(store, places, keys)
        yield OfLog(store, core)
