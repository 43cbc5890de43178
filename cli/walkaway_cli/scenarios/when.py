"""Sentences about what happens in a deal: each sends an event, or asks about one.

It may have been imported before pytest brings it in, which is why it says PYTEST_DONT_REWRITE.
"""

from walkaway_cli.scenarios.negotiation import Negotiation
from walkaway_cli.scenarios.problems import Misunderstood
from walkaway_cli.scenarios.sentences import sentence
from walkaway_cli.scenarios.wording import Table, listed, named, spelled

_PARTIES = {"we": "us", "they": "them"}


def _not_their_own(who: str, whose: str) -> None:
    if (who == "we") is (whose == "our"):
        raise Misunderstood(
            f"{who} cannot answer an offer of their own" if who == "they" else "we cannot answer our own"
        )


@sentence(
    "Given When",
    "the deal (opens|opened)",
    "Opens the deal. Any other event opens it first, so this sentence is needed only to see the opening itself.",
    "the deal opens",
)
def _(negotiation: Negotiation) -> None:
    negotiation.claimed()
    if negotiation.is_open:
        raise Misunderstood("the deal is open already")
    negotiation.open()


@sentence(
    "Given When",
    "{who=we|they} offer[ed] {terms}",
    "A party makes an offer; an issue left out keeps that party's standing value.",
    "they offer a discount of 30%",
    "we offered discount 5%, term 24 months and prepay yes",
    "we offer:\n  | discount | 5%        |\n  | term     | 24 months |",
)
def _(negotiation: Negotiation, who: str, terms: str | None = None, datatable: Table | None = None) -> None:
    negotiation.happens("offer", by=_PARTIES[who], terms=named(terms, datatable, negotiation.policy.issues, "issue"))


@sentence(
    "When",
    "we consider offering {terms}",
    "Asks about an offer of ours that is not made: nothing of it is remembered.",
    "we consider offering discount 12% and term 24 months",
)
def _(negotiation: Negotiation, terms: str | None = None, datatable: Table | None = None) -> None:
    negotiation.consider(named(terms, datatable, negotiation.policy.issues, "issue"))


@sentence(
    "Given When",
    "{who=we|they} accept[ed] {whose=our|their} {issues}",
    "A party accepts the other's standing offer, or only the issues named.",
    "they accept our offer",
    "we accept their term and prepay",
)
def _(negotiation: Negotiation, who: str, whose: str, issues: str) -> None:
    _not_their_own(who, whose)
    some = {} if issues == "offer" else {"issues": listed(issues)}
    negotiation.happens("accept", by=_PARTIES[who], **some)


@sentence(
    "Given When",
    "{who=we|they} reject[ed] {whose=our|their} offer",
    "A party declines the other's standing offer.",
    "they reject our offer",
)
def _(negotiation: Negotiation, who: str, whose: str) -> None:
    _not_their_own(who, whose)
    negotiation.happens("reject", by=_PARTIES[who])


@sentence(
    "Given When",
    "{kind} by {party=us|them} (is|was) {state=confirmed|reported but not confirmed}",
    "Conduct of a party is observed: a signal. Only a confirmed one counts.",
    "deception by them is confirmed",
    "abuse by them was reported but not confirmed",
)
def _(negotiation: Negotiation, kind: str, party: str, state: str) -> None:
    unconfirmed = {} if state == "confirmed" else {"confirmed": False}
    negotiation.happens("signal", by=party, kind=spelled(kind), **unconfirmed)


@sentence(
    "Given When",
    'the {role} "{approver}" approve(s|d)[ for {duration}] {terms}',
    "Somebody approves terms as bad as these, for ever or for a while.",
    'the director "dana" approves a discount of 18%',
    'the director "dana" approved for 2 days discount 18% and term 24 months',
)
def _(
    negotiation: Negotiation,
    role: str,
    approver: str,
    duration: str | None,
    terms: str | None = None,
    datatable: Table | None = None,
) -> None:
    covered = named(terms, datatable, negotiation.policy.issues, "issue")
    negotiation.happens("approve", approver=approver, role=spelled(role), terms=covered, **negotiation.until(duration))


@sentence(
    "Given When",
    'the {role} "{approver}" lift(s|ed) [rule ]"{rule}" for {duration}, because "{reason}", up to {terms}',
    "Somebody lifts an overridable rule for a while, for terms as bad as these.",
    'the director "dana" lifts "nothing-for-nothing" for 1 day, because "a pilot", up to discount 10%',
)
def _(
    negotiation: Negotiation,
    role: str,
    approver: str,
    rule: str,
    duration: str,
    reason: str,
    terms: str | None = None,
    datatable: Table | None = None,
) -> None:
    covered = named(terms, datatable, negotiation.policy.issues, "issue")
    waiver = {"override": [rule], "reason": reason, **negotiation.until(duration)}
    negotiation.happens("approve", approver=approver, role=spelled(role), terms=covered, **waiver)


@sentence(
    "Given When",
    "{duration} pass[es|ed]",
    "Time passes and a tick says so: rules that listen to `tick` are heard.",
    "3 days pass",
)
def _(negotiation: Negotiation, duration: str) -> None:
    negotiation.wait(duration)
    negotiation.happens("tick")


@sentence(
    "Given When",
    "the deal close(s|d) as {outcome=won|lost|walked}",
    "The deal ends; no event may follow.",
    "the deal closes as won",
)
def _(negotiation: Negotiation, outcome: str) -> None:
    negotiation.happens("close", outcome=outcome)


@sentence(
    "Given When",
    'the deal moves to policy "{name}"',
    "An update moves the deal to the version of its policy that is in force, or to the version named.",
    'the deal moves to policy "saas-discounting"',
)
def _(negotiation: Negotiation, name: str) -> None:
    negotiation.happens("update", policy=name)


@sentence(
    "Given When",
    "the last event comes again",
    "The same line comes once more, with the same id.",
    "the last event comes again",
)
def _(negotiation: Negotiation) -> None:
    if not negotiation.lines:
        raise Misunderstood("no event has come yet")
    negotiation.deliver(negotiation.lines[-1])


@sentence(
    "Given When",
    "this event comes:",
    "A line of JSON comes as it stands in the text below, between two lines of three quotes.",
    'this event comes:\n  """\n  {"id": "e7", "deal": "D-1", "at": "2026-10-05T09:00:00Z", "type": "tick"}\n  """',
)
def _(negotiation: Negotiation, docstring: str | None = None) -> None:
    if docstring is None:
        raise Misunderstood('this sentence wants a line of JSON below it, between two lines of `"""`')
    negotiation.deliver(docstring.encode())
