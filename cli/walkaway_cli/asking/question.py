"""A question about one more offer of ours in a deal: asked once, answered for the rep or for the other side."""

import contextlib
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from io import TextIOWrapper

import click
import msgspec

from walkaway import InvalidInput, encode
from walkaway.advice import Audience, Briefing
from walkaway.language import Code, Diagnostic, Span
from walkaway_cli import exits
from walkaway_cli.asking.deals import Askable, the_deal
from walkaway_cli.options.texts import is_text
from walkaway_cli.render.diagnostics import show_findings
from walkaway_cli.render.screen import for_customer, screen
from walkaway_cli.render.width import columns_left


class OfferQuestion:
    """A deal in which offers of ours are asked about; nothing of them is kept.

    Args:
        deal: The deal's id; the only one there is, if left out.
        who, at: Who asks and in which role, and when; the instant of the deal's latest event, if left out.
        advice: Seek counteroffers for the rep.
        explains: Tell how it comes about what an offer gives and asks.

    Raises:
        click.UsageError: Where the deal cannot be told.
    """

    def __init__(self, deals: Askable, deal: str | None, who: tuple[str, str], at: str | None, *, advice: bool,
        explains: bool = False,
    ) -> None:  # fmt: skip
        if not all(map(is_text, (*who, at or ""))):
            raise click.UsageError("--actor, --role and --at are UTF-8 text")
        self.deals, (self.actor, self.role), self.at, self.advice = deals, who, at, advice
        self.explains = explains
        self.deal = the_deal(deals.names(), deal, deals.name)
        self.policy = deals.policy(self.deal)

    def outlook(self, terms: Mapping[str, str | None]) -> Briefing | InvalidInput:
        """Return all there is to say to the rep about an offer, or why it cannot be made."""
        try:
            return self.deals.brief(self.deal, terms, self.actor, self.at, advice=self.advice, role=self.role)
        except InvalidInput as problem:
            return problem

    def stepped(self, issue: str, text: str | None, *, up: bool) -> str | None:
        """Return an issue's next value as people write it: from *text*, or from where it stands with us."""
        return self.deals.stepped(self.deal, issue, text, up=up)

    def once(self, terms: Mapping[str, str | None], audience: str, form: str) -> int:
        """Answer one question on stdout, and give the exit."""
        if audience == Audience.CUSTOMER:
            return self.for_customer(terms, form)
        found = self.outlook(terms)
        if isinstance(found, InvalidInput):
            return self.misunderstood(found, terms)
        if form == "json":
            click.echo(encode(found.decision))
        else:
            click.echo(screen(self.policy, found, terms, columns_left(), explains=self.explains))
        return exits.YES if found.decision.is_yes else exits.NO

    def for_customer(self, terms: Mapping[str, str | None], form: str) -> int:
        """Answer with no more than the other side may be told."""
        try:
            found = self.deals.answer(self.deal, terms, self.actor, self.at, self.role)
        except InvalidInput as problem:
            return self.misunderstood(problem, terms)
        click.echo(msgspec.json.encode(found, order="sorted") if form == "json" else for_customer(self.policy, found))
        return exits.YES if found.agreed else exits.NO

    def misunderstood(self, problem: InvalidInput, terms: Mapping[str, str | None]) -> int:
        """Say what is wrong with a question, in the words in which it was asked."""
        show_findings(_as_typed(f, terms, self.at) for f in problem.findings)
        return exits.MISUNDERSTOOD


def _as_typed(finding: Diagnostic, terms: Mapping[str, str | None], at: str | None) -> Diagnostic:
    """Move a finding from the event that was made of a question to the option that it is about."""
    import json  # imported where it is needed: what can be read goes without

    start = finding.span.column - 1
    place = finding.span.text[start : start + finding.span.length]
    issue = next((i for i in terms if place in (json.dumps(i), json.dumps(i, ensure_ascii=False))), None)
    hint, span = finding.hint, Span("the offer", 1, 1)
    if issue is not None:
        typed = f"{issue}={terms[issue]}"
        after = len(issue) + 1 if finding.code is not Code.UNKNOWN_ISSUE and terms[issue] else 0
        span = Span("--offer", 1, after + 1, len(typed) - after if after else len(issue), typed)
        each = re.split(r"[\s,;]+(?=[^\s=,;]+=)", typed)
        if len(each) > 1:
            hint = "each issue has an `--offer` of its own: `" + " ".join(f'--offer "{t}"' for t in each) + "`"
    elif place == '"at"' and at is not None:
        span = Span("--at", 1, 1, len(at), at)
        hint = (
            "give a later instant, or none: then it is that of the deal's latest event"
            if "older" in finding.message
            else hint
        )
    return Diagnostic(finding.code, finding.message, span, hint)


def read_terms(offers: Sequence[str]) -> dict[str, str]:
    """Read the terms of `--offer`.

    Raises:
        click.UsageError: Where one is not ISSUE=VALUE, or names an issue again.
    """
    terms: dict[str, str] = {}
    for offer in offers:
        issue, equals, value = offer.partition("=")
        if not equals or not issue.strip() or issue.strip() in terms or not is_text(offer):
            said = " ".join(offer.split())
            again = f": --offer '{said.replace(' ', '=', 1)}'" if not equals and " " in said and is_text(said) else ""
            raise click.UsageError(f"--offer {offer!r}: write ISSUE=VALUE, each issue once{again}")
        terms[issue.strip()] = value.strip()
    return terms


def typed(words: Sequence[str]) -> Iterator[str]:
    """Return what is typed, line by line; at a terminal after a prompt, with a history and completion of *words*."""
    if isinstance(sys.stdin, TextIOWrapper):  # what is no text is no reason to stop
        sys.stdin.reconfigure(errors="replace")
    is_terminal = sys.stdin.isatty()
    if is_terminal:
        _comfort(words)
    while True:
        try:
            yield input("offer> " if is_terminal else "").strip()
        except (EOFError, KeyboardInterrupt):
            if is_terminal:
                click.echo()
            return


def _comfort(words: Sequence[str]) -> None:
    """Let lines be edited, called back and completed, where Python has what that takes."""
    with contextlib.suppress(ImportError):
        import readline

        readline.set_completer(lambda start, n: [*(w for w in words if w.startswith(start)), None][n])
        readline.set_completer_delims(" =,;")
        readline.parse_and_bind("tab: complete")
