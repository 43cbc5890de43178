"""The deals that questions are about: those in a file, or those in a log. Nothing of a question is kept."""

from collections.abc import Collection, Mapping
from itertools import chain
from pathlib import Path
from typing import Protocol

import click

from walkaway import Answer, Briefing, DeadLetter, InvalidInput, Policy, Stream
from walkaway.advice import Seeker, answer, brief
from walkaway.language import counted, format_value, parse_value
from walkaway.session import Version
from walkaway_cli.render.diagnostics import printable, show_findings
from walkaway_edge.files.names import shown_name
from walkaway_edge.open import read_events


class Askable(Protocol):
    """Askable that can be asked about one more offer of ours.

    Attributes:
        name: What holds them, in a few words.
    """

    name: str

    def names(self) -> Collection[str]:
        """Return the ids of all deals."""
        ...

    def policy(self, deal: str) -> Policy:
        """Return the policy that a deal is under."""
        ...

    def brief(
        self, deal: str, terms: Mapping[str, str | None], actor: str, at: str | None, *, advice: bool, role: str = ""
    ) -> Briefing:
        """Return all there is to say to a rep about an offer.

        Args:
            at: RFC 3339; the instant of the deal's latest event, if left out.
            advice: Seek counteroffers.

        Raises:
            InvalidInput: Where it cannot be made.
        """
        ...

    def answer(self, deal: str, terms: Mapping[str, str | None], actor: str, at: str | None, role: str = "") -> Answer:
        """Return what the other side may be told, as `brief` does."""
        ...

    def stepped(self, deal: str, issue: str, text: str | None, *, up: bool) -> str | None:
        """Return an issue's next value as people write it: from *text*, or from where it stands with us."""
        ...


class OfStream:
    """Askable that are followed in memory."""

    def __init__(self, stream: Stream, name: str) -> None:
        self.stream, self.name = stream, name
        self.seekers: dict[str, Seeker] = {}

    def names(self) -> Collection[str]:
        """Return the ids of all deals."""
        return self.stream.deals

    def policy(self, deal: str) -> Policy:
        """Return the policy that a deal is under."""
        return self.stream.version(deal).policy

    def seeker(self, version: Version) -> Seeker:
        """Return what seeks counteroffers under a version."""
        key = version.policy.key
        return self.seekers.get(key) or self.seekers.setdefault(key, Seeker(version.engine))

    def brief(
        self, deal: str, terms: Mapping[str, str | None], actor: str, at: str | None, *, advice: bool, role: str = ""
    ) -> Briefing:
        """Return all there is to say to a rep about an offer."""
        offer = self.stream.offer(deal, terms, actor, at, role)
        if isinstance(offer, DeadLetter):
            raise InvalidInput(offer.findings)
        followed = self.stream.deals[deal]
        return brief(self.seeker(followed.version), offer, followed.digest, counteroffers=advice)

    def answer(self, deal: str, terms: Mapping[str, str | None], actor: str, at: str | None, role: str = "") -> Answer:
        """Return what the other side may be told."""
        offer = self.stream.offer(deal, terms, actor, at, role)
        if isinstance(offer, DeadLetter):
            raise InvalidInput(offer.findings)
        return answer(self.seeker(self.stream.version(deal)), offer)

    def stepped(self, deal: str, issue: str, text: str | None, *, up: bool) -> str | None:
        """Return an issue's next value."""
        about, position = self.policy(deal).issues.get(issue), self.stream.deals[deal].position
        if about is None or position.valuation is None:
            return None
        value = position.ours.standing[issue] if text is None else parse_value(text, about.unit)
        stepped = self.seeker(self.stream.version(deal)).stepped(position, issue, value, up=up)
        return None if stepped is None else format_value(stepped, about.unit)


def of_file(stream: Stream, file: Path) -> OfStream:
    """Return the deals of a file.

    Raises:
        click.UsageError: Where an event cannot be decided.
    """
    dead = 0
    for each in stream.each(chain.from_iterable(read_events(file))):
        if isinstance(each, DeadLetter):
            show_findings(each.findings)
            dead += 1
    if dead:
        raise click.UsageError(f"{shown_name(file)} holds {counted(dead, 'event')} that cannot be decided")
    return OfStream(stream, shown_name(file))


def the_deal(deals: Collection[str], wanted: str | None, name: str) -> str:
    """Return the deal that a question is about: the one named, or the only one.

    Args:
        name: What holds the deals.

    Raises:
        click.UsageError: Where there is no such deal, or several and none named.
    """
    if not deals:
        raise click.UsageError(f"{name} holds no deal")
    if wanted is None and len(deals) > 1:
        raise click.UsageError(f"{name} holds {counted(len(deals), 'deal')}: name one with --deal-id")
    deal = wanted if wanted is not None else next(iter(deals))
    if deal not in deals:
        raise click.UsageError(f"{name} holds no deal `{printable(deal)}`")
    return deal
