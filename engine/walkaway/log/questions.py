"""What is asked of a log, and by which bytes entries are left out that cannot fit."""

import msgspec

from walkaway.decide.evidence import FiredRule

TAKES_ALL = b'"sealed":"'
"""What an entry holds whose reasoning is sealed: it may be anything."""


class LogQuestion(msgspec.Struct, frozen=True, kw_only=True):
    """A question; what is left out asks for nothing.

    Attributes:
        rule: A rule that fired.
        actor: Somebody who did it, or approved.
        approved_by: Somebody whose approval the decision rests on.
        conceded: Only where our terms give more than they get.
        overridden: Only where a rule was lifted by a waiver: the one that is named, or any.
        breach: Only what of ours was sent, accepted or closed against its verdict.
        since, until: Instants of events, in microseconds since 1970, UTC; both included.
    """

    deal: str | None = None
    rule: str | None = None
    verdict: str | None = None
    actor: str | None = None
    approved_by: str | None = None
    conceded: bool = False
    overridden: bool = False
    breach: bool = False
    since: int | None = None
    until: int | None = None

    @property
    def parts(self) -> tuple[bytes, ...]:
        """Return what the bytes of an entry that fits hold one of; none where they tell nothing."""
        if self.conceded:
            found: tuple[bytes, ...] = (b'"give":', b'"give.value":"')  # in a ledger; as an amount in words
        elif self.overridden:
            found = (b'"standing":"waived"',)
        elif self.approved_by is not None:
            found = (b'"standing":"waived"', b'"standing":"approved"')
        elif self.rule is not None:
            found = (b'"rule":"' + self.rule.encode("utf-8", "surrogatepass") + b'"',)  # ids need no escape
        else:
            return ()
        return (*found, TAKES_ALL)


class Fired(msgspec.Struct, frozen=True):
    """A rule that fired.

    Attributes:
        people: Who approved or waived it; `sealed` for each whose name is.
        named: As evidence names it; none where the decision was recorded in words.
        depth: How many layers above the policy the evidence that names it stands.
        source: File and line, where it was recorded in words.
    """

    rule: str
    effect: str
    standing: str
    people: tuple[str, ...]
    named: FiredRule | None = None
    depth: int = 0
    source: str = ""
